package app

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// A Profile is admin's credentials and where to use them, as first start
// leaves them in a file that only the operator can read.
type Profile struct {
	AccessKeyID, Secret, EndpointURL string
}

// profileFile is in the format of the AWS CLI's credentials file.
func profileFile(data string) string { return filepath.Join(data, "admin.credentials") }

// The settings of the file, as the AWS CLI and SDKs name them.
const (
	profileHeader   = "[sallyport]"
	settingKey      = "aws_access_key_id"
	settingSecret   = "aws_secret_access_key"
	settingEndpoint = "endpoint_url"
)

// Write puts the profile into the data folder, readable by its owner alone.
func (p Profile) Write(data string) error {
	text := fmt.Sprintf("%s\n%s = %s\n%s = %s\n%s = %s\n", profileHeader,
		settingKey, p.AccessKeyID, settingSecret, p.Secret, settingEndpoint, p.EndpointURL)
	if err := writePrivate(profileFile(data), []byte(text)); err != nil {
		return fmt.Errorf("admin's profile: %w", err)
	}
	return nil
}

// ReadProfile reads admin's profile from the data folder.
func ReadProfile(data string) (Profile, error) {
	var p Profile
	text, err := os.ReadFile(profileFile(data))
	if err != nil {
		return p, fmt.Errorf("admin's profile: %w", err)
	}
	lines := bufio.NewScanner(bytes.NewReader(text))
	for lines.Scan() {
		name, value, ok := strings.Cut(lines.Text(), "=")
		if !ok {
			continue
		}
		value = strings.TrimSpace(value)
		switch strings.TrimSpace(name) {
		case settingKey:
			p.AccessKeyID = value
		case settingSecret:
			p.Secret = value
		case settingEndpoint:
			p.EndpointURL = value
		}
	}
	if p.AccessKeyID == "" || p.Secret == "" {
		return p, fmt.Errorf("admin's profile: %s holds no credentials", profileFile(data))
	}
	return p, lines.Err()
}

// UpdateEndpoint makes the profile in the data folder, if there is one, name
// the URL the server is reached at now.
func UpdateEndpoint(data, url string) error {
	p, err := ReadProfile(data)
	if err != nil || p.EndpointURL == url {
		return nil
	}
	p.EndpointURL = url
	return p.Write(data)
}

// writePrivate replaces a file at once, with mode 0600, and syncs it.
func writePrivate(path string, data []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".new-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) //nolint:errcheck // gone once renamed
	if _, err := f.Write(data); err != nil {
		f.Close() //nolint:errcheck // the write's error counts
		return err
	}
	if err := f.Sync(); err != nil {
		f.Close() //nolint:errcheck // the sync's error counts
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(path))
}

// syncFolder puts the names of a folder's files on disk.
func syncFolder(path string) error {
	dir, err := os.Open(path)
	if err != nil {
		return err
	}
	defer dir.Close() //nolint:errcheck // opened for reading
	return dir.Sync()
}
