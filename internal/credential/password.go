package credential

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"

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

var hashes atomic.Uint64

// Hashes is how many password hashes this process has calculated.
func Hashes() uint64 { return hashes.Load() }

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
	h := hashed{memory: memoryKiB, time: passes, threads: lanes, salt: salt, length: hashBytes}
	return h.phc(h.derive(password)), nil
}

// NobodysHash is a hash that no password is known to have, of the same cost as
// HashPassword's: to do the same work for who has none.
func NobodysHash() string {
	random := make([]byte, saltBytes+hashBytes)
	rand.Read(random) //nolint:errcheck // crypto/rand.Read never fails
	h := hashed{memory: memoryKiB, time: passes, threads: lanes, salt: random[:saltBytes], length: hashBytes}
	return h.phc(random[saltBytes:])
}

// HashPasswordAlike is HashPassword with the salt and the cost of an earlier hash:
// equal passwords have equal hashes, so that one calculation compares a password
// with any number of earlier ones. It is for the passwords of one user, whose
// hashes are sealed together.
func HashPasswordAlike(phc, password string) (string, error) {
	if len(password) > maxPassword {
		return "", ErrTooLong
	}
	h, err := parseHash(phc)
	if err != nil {
		return "", err
	}
	return h.phc(h.derive(password)), nil
}

// SameHash reports whether two hashes are equal, in the same time wherever they
// differ.
func SameHash(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

// VerifyPassword reports whether the password is the one that was hashed. The
// comparison takes the same time wherever they differ.
func VerifyPassword(phc, password string) (bool, error) {
	if len(password) > maxPassword {
		return false, nil
	}
	h, err := parseHash(phc)
	if err != nil {
		return false, err
	}
	return subtle.ConstantTimeCompare(h.derive(password), h.sum) == 1, nil
}

// hashed is a PHC string taken apart.
type hashed struct {
	memory, time, threads, length uint32
	salt, sum                     []byte
}

func parseHash(phc string) (h hashed, err error) {
	parts := strings.Split(phc, "$")
	if len(parts) != 6 || parts[1] != "argon2id" {
		return h, errHash
	}
	var version uint32
	if _, err := fmt.Sscanf(parts[2], "v=%d", &version); err != nil || version != argon2.Version {
		return h, errHash
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &h.memory, &h.time, &h.threads); err != nil {
		return h, errHash
	}
	if h.memory == 0 || h.memory > 1<<20 || h.time == 0 || h.time > 16 || h.threads == 0 || h.threads > 16 {
		return h, errHash
	}
	var err1, err2 error
	h.salt, err1 = base64.RawStdEncoding.DecodeString(parts[4])
	h.sum, err2 = base64.RawStdEncoding.DecodeString(parts[5])
	if h.length = uint32(len(h.sum)); err1 != nil || err2 != nil || h.length < 16 || h.length > 64 {
		return h, errHash
	}
	return h, nil
}

func (h *hashed) derive(password string) []byte {
	return derive(password, h.salt, h.memory, h.time, uint8(h.threads), h.length)
}

func (h *hashed) phc(sum []byte) string {
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, h.memory, h.time, h.threads,
		base64.RawStdEncoding.EncodeToString(h.salt), base64.RawStdEncoding.EncodeToString(sum))
}

func derive(password string, salt []byte, memory, time uint32, threads uint8, n uint32) []byte {
	hashes.Add(1)
	atOnce <- struct{}{}
	defer func() { <-atOnce }()
	return argon2.IDKey([]byte(password), salt, time, memory, threads, n)
}
