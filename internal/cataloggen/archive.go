package cataloggen

import (
	"archive/tar"
	"bufio"
	"bytes"
	"compress/gzip"
	"crypto/sha512"
	"encoding/base64"
	"fmt"
	"io"
	"strings"
)

// What an npm package may come to, decompressed, in bytes.
const (
	maxFileBytes    = 8 << 20
	maxArchiveBytes = 128 << 20
)

// A Pin is a version of the npm package, and what its archive's hash is.
type Pin struct {
	Package   string // name@version
	Integrity string // "sha512-" and the hash in base 64, as npm publishes it
}

// ReadPin reads models/SOURCES.catalog.
func ReadPin(sources []byte) (Pin, error) {
	for lines := bufio.NewScanner(bytes.NewReader(sources)); lines.Scan(); {
		if words := strings.Fields(lines.Text()); len(words) == 3 && words[0] == "package" {
			return Pin{Package: words[1], Integrity: words[2]}, nil
		}
	}
	return Pin{}, fmt.Errorf("cataloggen: no line begins with %q", "package")
}

// Open checks an archive made by "npm pack" against its hash and returns the
// files in it by name, without the folder "package" that all of them are in.
func Open(archive []byte, pin Pin) (map[string][]byte, error) {
	sum := sha512.Sum512(archive)
	if got := "sha512-" + base64.StdEncoding.EncodeToString(sum[:]); got != pin.Integrity {
		return nil, fmt.Errorf("cataloggen: the archive's hash is %s; %s has %s", got, pin.Package, pin.Integrity)
	}
	plain, err := gzip.NewReader(bytes.NewReader(archive))
	if err != nil {
		return nil, fmt.Errorf("cataloggen: %w", err)
	}
	files := make(map[string][]byte)
	for r := tar.NewReader(io.LimitReader(plain, maxArchiveBytes)); ; {
		h, err := r.Next()
		if err == io.EOF {
			return files, nil
		}
		if err != nil {
			return nil, fmt.Errorf("cataloggen: %w", err)
		}
		if h.Size > maxFileBytes {
			return nil, fmt.Errorf("cataloggen: %s has %d bytes; the limit is %d", h.Name, h.Size, maxFileBytes)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			return nil, fmt.Errorf("cataloggen: %s: %w", h.Name, err)
		}
		files[strings.TrimPrefix(h.Name, "package/")] = text
	}
}
