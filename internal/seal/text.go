package seal

import "encoding/base64"

// Seals seals and opens bytes, as a [Sealer] does.
type Seals interface {
	Seal(purpose string, aad, plaintext []byte) ([]byte, error)
	Open(purpose string, aad, sealed []byte) ([]byte, error)
}

// Text seals plaintext as text that clients can carry in a cookie, form or
// parameter: base64url without padding (RFC 4648, section 5).
func Text(s Seals, purpose string, aad, plaintext []byte) (string, error) {
	sealed, err := s.Seal(purpose, aad, plaintext)
	if err != nil {
		return "", err
	}
	return base64.RawURLEncoding.EncodeToString(sealed), nil
}

// OpenText opens what [Text] returned for the same purpose and additional data. The
// text is hostile: one of more than longest bytes is not decoded, and whatever is
// wrong with it is the same false.
func OpenText(s Seals, purpose string, aad []byte, text string, longest int) ([]byte, bool) {
	if text == "" || len(text) > longest {
		return nil, false
	}
	sealed, err := base64.RawURLEncoding.Strict().DecodeString(text)
	// The decoder skips line breaks; Text writes none.
	if err != nil || base64.RawURLEncoding.EncodedLen(len(sealed)) != len(text) {
		return nil, false
	}
	plain, err := s.Open(purpose, aad, sealed)
	return plain, err == nil
}
