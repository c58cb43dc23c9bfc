package sigv4

import (
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
	"io"
	"log/slog"
)

// Algorithm is the only signing algorithm this package verifies.
const Algorithm = "AWS4-HMAC-SHA256"

const (
	masked     = "****"
	terminator = "aws4_request"
)

// SigningKey is a secret access key bound to a date, Region and service. It
// can sign any request of that scope, and is masked wherever it is printed.
type SigningKey [sha256.Size]byte

// DeriveKey computes the signing key of a scope; date is YYYYMMDD (IAM User
// Guide, "Derive a signing key for SigV4").
func DeriveKey(secret, date, region, service string) SigningKey {
	k := hmacSHA256([]byte("AWS4"+secret), date)
	k = hmacSHA256(k[:], region)
	k = hmacSHA256(k[:], service)
	return SigningKey(hmacSHA256(k[:], terminator))
}

func hmacSHA256(key []byte, message string) (sum [sha256.Size]byte) {
	h := hmac.New(sha256.New, key)
	io.WriteString(h, message)
	h.Sum(sum[:0])
	return sum
}

// Format masks the key whatever the verb.
func (SigningKey) Format(f fmt.State, _ rune) { io.WriteString(f, masked) }

// LogValue masks the key in structured logs.
func (SigningKey) LogValue() slog.Value { return slog.StringValue(masked) }

// MarshalText masks the key in JSON and the like.
func (SigningKey) MarshalText() ([]byte, error) { return []byte(masked), nil }

// Secret is text that must not be printed: a secret access key or a session
// token. Convert it to string where its value is needed.
type Secret string

// Format masks the secret whatever the verb.
func (Secret) Format(f fmt.State, _ rune) { io.WriteString(f, masked) }

// LogValue masks the secret in structured logs.
func (Secret) LogValue() slog.Value { return slog.StringValue(masked) }

// MarshalText masks the secret in JSON and the like.
func (Secret) MarshalText() ([]byte, error) { return []byte(masked), nil }

// Scope is the credential scope of a signature.
type Scope struct {
	Date    string // YYYYMMDD
	Region  string
	Service string
}

// String is the scope as it stands in the string to sign.
func (s Scope) String() string {
	return s.Date + "/" + s.Region + "/" + s.Service + "/" + terminator
}
