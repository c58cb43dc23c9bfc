package credential

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"
)

// The cost of a hash: 19 MiB and two passes, as OWASP recommends at least for
// Argon2id with one lane.
const (
	memoryKiB = 19 * 1024
	passes    = 2
	lanes     = 1
	saltBytes = 16
	hashBytes = 32
)

// maxPassword is the longest password, in bytes; IAM's limit is 128
// characters, of up to four bytes.
const maxPassword = 512

// atOnce bounds how many hashes are calculated at a time, and so their memory.
var atOnce = make(chan struct{}, 4)

// ErrTooLong says that a password exceeds any that could have been set.
var ErrTooLong = errors.New("credential: the password is too long")

// errHash says that a stored hash can't be read; it never shows it.
var errHash = errors.New("credential: not a password hash")

// HashPassword returns the PHC string of a password.
func HashPassword(password string) (string, error) {
	if len(password) > maxPassword {
		return "", ErrTooLong
	}
	salt := make([]byte, saltBytes)
	rand.Read(salt) //nolint:errcheck // crypto/rand.Read never fails
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, memoryKiB, passes, lanes,
		base64.RawStdEncoding.EncodeToString(salt),
		base64.RawStdEncoding.EncodeToString(derive(password, salt, memoryKiB, passes, lanes, hashBytes))), nil
}

// VerifyPassword reports whether the password is the one that was hashed. The
// comparison takes the same time wherever they differ.
func VerifyPassword(phc, password string) (bool, error) {
	if len(password) > maxPassword {
		return false, nil
	}
	parts := strings.Split(phc, "$")
	if len(parts) != 6 || parts[1] != "argon2id" {
		return false, errHash
	}
	var version, memory, time, threads uint32
	if _, err := fmt.Sscanf(parts[2], "v=%d", &version); err != nil || version != argon2.Version {
		return false, errHash
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &memory, &time, &threads); err != nil {
		return false, errHash
	}
	if memory == 0 || memory > 1<<20 || time == 0 || time > 16 || threads == 0 || threads > 16 {
		return false, errHash
	}
	salt, err1 := base64.RawStdEncoding.DecodeString(parts[4])
	want, err2 := base64.RawStdEncoding.DecodeString(parts[5])
	if err1 != nil || err2 != nil || len(want) < 16 || len(want) > 64 {
		return false, errHash
	}
	got := derive(password, salt, memory, time, uint8(threads), uint32(len(want)))
	return subtle.ConstantTimeCompare(got, want) == 1, nil
}

func derive(password string, salt []byte, memory, time uint32, threads uint8, n uint32) []byte {
	atOnce <- struct{}{}
	defer func() { <-atOnce }()
	return argon2.IDKey([]byte(password), salt, time, memory, threads, n)
}
