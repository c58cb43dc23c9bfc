package seal

import (
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
)

// KeySize is the length of a master key in bytes.
const KeySize = 32

// maxKeyFile bounds a key file: 64 hex digits or 44 base64 ones, and white space.
const maxKeyFile = 1024

// Key is a master key. Printing or logging one in any way shows its id only. The
// zero Key is not usable.
type Key struct {
	secret *[KeySize]byte // behind a pointer, so that no reflection-based printer shows it
	id     [keyIDSize]byte
}

// NewKey makes a key of exactly [KeySize] bytes, which it copies.
func NewKey(secret []byte) (Key, error) {
	if len(secret) != KeySize {
		return Key{}, fmt.Errorf("key of %d bytes, want %d: %w", len(secret), KeySize, ErrInvalid)
	}
	k := Key{secret: (*[KeySize]byte)(append([]byte(nil), secret...))}
	// The id is derived like the message keys, so it tells nothing about them.
	id, err := hkdf.Key(sha256.New, secret, nil, "sallyport seal key id", keyIDSize)
	if err != nil {
		return Key{}, fmt.Errorf("seal: deriving a key id: %w", err)
	}
	copy(k.id[:], id)
	return k, nil
}

// GenerateKey returns a new random key.
func GenerateKey() Key {
	var secret [KeySize]byte
	rand.Read(secret[:])
	k, err := NewKey(secret[:])
	if err != nil {
		panic(err) // the length is right, and HKDF-SHA256 gives 8 bytes
	}
	return k
}

// ID returns the key's public identifier, 16 hex digits.
func (k Key) ID() string { return hex.EncodeToString(k.id[:]) }

// String returns a form that is safe to show.
func (k Key) String() string { return "seal.Key(" + k.ID() + ")" }

// GoString keeps %#v from showing the key.
func (k Key) GoString() string { return k.String() }

// Format keeps every other verb from showing the key.
func (k Key) Format(f fmt.State, _ rune) { io.WriteString(f, k.String()) }

// LogValue implements [slog.LogValuer].
func (k Key) LogValue() slog.Value { return slog.StringValue(k.String()) }

// MarshalText keeps encoders from writing the key.
func (k Key) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// FromEnv parses the value of SALLYPORT_SEAL_KEY: 32 bytes as standard or
// URL-safe base64, padded or not, or as 64 hex digits.
func FromEnv(value string) (Key, error) {
	secret, err := parseKey(value)
	if err != nil {
		return Key{}, err
	}
	return NewKey(secret)
}

// FromFile reads a key in one of FromEnv's forms from a regular file which
// nobody but its owner may read or write.
func FromFile(path string) (Key, error) {
	f, err := os.Open(path)
	if err != nil {
		return Key{}, fmt.Errorf("seal key file: %w", err)
	}
	defer f.Close()
	// Checked on the open file: a path could be swapped in between.
	info, err := f.Stat()
	if err != nil {
		return Key{}, fmt.Errorf("seal key file: %w", err)
	}
	if !info.Mode().IsRegular() {
		return Key{}, fmt.Errorf("seal key file %s is not a regular file: %w", path, ErrInvalid)
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 {
		return Key{}, fmt.Errorf("seal key file %s has mode %04o and is open to others, want 0600: %w", path, mode, ErrInvalid)
	}
	text, err := io.ReadAll(io.LimitReader(f, maxKeyFile+1))
	if err != nil {
		return Key{}, fmt.Errorf("seal key file: %w", err)
	}
	if len(text) > maxKeyFile {
		return Key{}, fmt.Errorf("seal key file %s is longer than a key: %w", path, ErrInvalid)
	}
	key, err := FromEnv(string(text))
	if err != nil {
		return Key{}, fmt.Errorf("seal key file %s: %w", path, err)
	}
	return key, nil
}

// FromFileOrCreate reads the key at path or, when there is no file, creates one
// with mode 0600 and syncs it and its folder before it returns: nothing is ever
// sealed with a key that a power cut could take away. An empty or torn file is
// an error, never replaced. Two processes creating it end up with one key.
func FromFileOrCreate(path string) (Key, error) {
	key, err := FromFile(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return key, err
	}
	// The key appears under its name only when it is complete and on disk: it is
	// written aside and linked, and a link fails if the name was taken meanwhile.
	aside, err := createAside(path, GenerateKey())
	if err != nil {
		return Key{}, err
	}
	defer os.Remove(aside)
	if err := os.Link(aside, path); err != nil && !errors.Is(err, fs.ErrExist) {
		return Key{}, fmt.Errorf("seal key file: %w", err)
	}
	if err := syncFolder(filepath.Dir(path)); err != nil {
		return Key{}, fmt.Errorf("seal key file: %w", err)
	}
	return FromFile(path)
}

// createAside writes a key to a new synced file beside path and returns its name.
func createAside(path string, key Key) (name string, err error) {
	name = path + "." + rand.Text()[:12]
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return "", fmt.Errorf("seal key file: %w", err)
	}
	defer func() {
		if err != nil {
			os.Remove(name)
			err = fmt.Errorf("seal key file: %w", err)
		}
	}()
	if _, err = f.WriteString(base64.StdEncoding.EncodeToString(key.secret[:]) + "\n"); err == nil {
		err = f.Sync()
	}
	if closed := f.Close(); err == nil {
		err = closed
	}
	return name, err
}

func syncFolder(path string) error {
	folder, err := os.Open(path)
	if err != nil {
		return err
	}
	defer folder.Close()
	return folder.Sync()
}

// parseKey tells the forms apart by length: base64 of 32 bytes has 43 or 44
// digits, hex has 64. Its error never quotes the value.
func parseKey(value string) ([]byte, error) {
	value = strings.TrimSpace(value)
	switch len(value) {
	case 2 * KeySize:
		if secret, err := hex.DecodeString(value); err == nil {
			return secret, nil
		}
	case 43, 44:
		digits := strings.NewReplacer("-", "+", "_", "/").Replace(strings.TrimSuffix(value, "="))
		if secret, err := base64.RawStdEncoding.Strict().DecodeString(digits); err == nil && len(secret) == KeySize {
			return secret, nil
		}
	}
	return nil, fmt.Errorf("seal key is not %d bytes of base64 or hex: %w", KeySize, ErrInvalid)
}
