package seal

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
)

// Sizes of the sealed format, in bytes.
const (
	formatVersion = 1
	keyIDSize     = 8
	saltSize      = 16
	nonceSize     = 12
	tagSize       = 16
	headerSize    = 1 + keyIDSize + saltSize + nonceSize

	// Overhead is how much longer a sealed value is than its plaintext.
	Overhead = headerSize + tagSize
	// MaxPlaintext bounds what is sealed and opened.
	MaxPlaintext = 16 << 20
	// MaxPurpose bounds a purpose's name.
	MaxPurpose = 128
)

// Errors of Seal, Open and New. None carries key material or plaintext.
var (
	// ErrOpen: the value was not sealed for this purpose and context, or was altered.
	ErrOpen = errors.New("seal: cannot open sealed value")
	// ErrUnknownKey: the value names a key the sealer does not have.
	ErrUnknownKey = errors.New("seal: sealed with an unknown key")
	// ErrInvalid: the arguments break a limit of this package.
	ErrInvalid = errors.New("seal: invalid argument")
)

// Sealer seals and opens values. It is immutable and safe for concurrent use.
type Sealer struct {
	first Key
	last  Key
	byID  map[[keyIDSize]byte]Key
}

// New returns a sealer that seals with the first key and opens with any. It
// fails without keys, with a zero key, or with the same key twice.
func New(keys ...Key) (*Sealer, error) {
	if len(keys) == 0 {
		return nil, fmt.Errorf("no key: %w", ErrInvalid)
	}
	s := &Sealer{first: keys[0], last: keys[len(keys)-1], byID: make(map[[keyIDSize]byte]Key, len(keys))}
	for _, k := range keys {
		if k.secret == nil {
			return nil, fmt.Errorf("zero key: %w", ErrInvalid)
		}
		if _, twice := s.byID[k.id]; twice {
			return nil, fmt.Errorf("key %s given twice: %w", k, ErrInvalid)
		}
		s.byID[k.id] = k
	}
	return s, nil
}

// Seal encrypts plaintext for one purpose ("secret-access-key",
// "session-token", …) and one context: aad is not stored and must be given again
// to Open, so it is where the value's place (stream, id) is bound.
func (s *Sealer) Seal(purpose string, aad, plaintext []byte) ([]byte, error) {
	if err := checkPurpose(purpose); err != nil {
		return nil, err
	}
	if len(plaintext) > MaxPlaintext {
		return nil, fmt.Errorf("plaintext of %d bytes: %w", len(plaintext), ErrInvalid)
	}
	sealed := make([]byte, headerSize, Overhead+len(plaintext))
	sealed[0] = formatVersion
	copy(sealed[1:], s.first.id[:])
	// crypto/rand.Read never fails: the runtime ends the program instead.
	rand.Read(sealed[1+keyIDSize:])
	aead, err := s.first.messageCipher(purpose, sealed[1+keyIDSize:][:saltSize])
	if err != nil {
		return nil, err
	}
	nonce := sealed[headerSize-nonceSize : headerSize]
	return aead.Seal(sealed, nonce, plaintext, additionalData(sealed[:headerSize], purpose, aad)), nil
}

// Open decrypts what Seal returned for the same purpose and aad. Sealed is
// hostile: any failure is [ErrOpen] or [ErrUnknownKey], without saying more.
func (s *Sealer) Open(purpose string, aad, sealed []byte) ([]byte, error) {
	if err := checkPurpose(purpose); err != nil {
		return nil, err
	}
	if len(sealed) < Overhead || len(sealed) > Overhead+MaxPlaintext || sealed[0] != formatVersion {
		return nil, ErrOpen
	}
	key, ok := s.byID[[keyIDSize]byte(sealed[1:])]
	if !ok {
		return nil, ErrUnknownKey
	}
	aead, err := key.messageCipher(purpose, sealed[1+keyIDSize:][:saltSize])
	if err != nil {
		return nil, err
	}
	nonce := sealed[headerSize-nonceSize : headerSize]
	plaintext, err := aead.Open(nil, nonce, sealed[headerSize:], additionalData(sealed[:headerSize], purpose, aad))
	if err != nil {
		return nil, ErrOpen
	}
	return plaintext, nil
}

// SealedBy reports whether sealed names the key that seals now; one that does
// not is due to be sealed again after a rotation.
func (s *Sealer) SealedBy(sealed []byte) bool {
	return len(sealed) >= Overhead && sealed[0] == formatVersion && [keyIDSize]byte(sealed[1:]) == s.first.id
}

// Digest stands for data without telling it to who has no key: the same for the
// same purpose and data, 32 bytes (HKDF-SHA256, RFC 5869, with both in its info).
// It is by the last key, so that one which is put in front changes none; taking the
// last one away changes all.
func (s *Sealer) Digest(purpose string, data []byte) ([]byte, error) {
	if err := checkPurpose(purpose); err != nil {
		return nil, err
	}
	info := additionalData([]byte("sallyport digest "), purpose, data)
	sum, err := hkdf.Key(sha256.New, s.last.secret[:], nil, string(info), sha256.Size)
	if err != nil {
		return nil, fmt.Errorf("seal: deriving a digest: %w", err)
	}
	return sum, nil
}

func (k Key) messageCipher(purpose string, salt []byte) (cipher.AEAD, error) {
	key, err := hkdf.Key(sha256.New, k.secret[:], salt, "sallyport seal v1 "+purpose, len(k.secret))
	if err != nil {
		return nil, fmt.Errorf("seal: deriving a key: %w", err)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	return cipher.NewGCM(block)
}

// additionalData binds header, purpose and context; the purpose's length keeps
// the boundary between the last two unambiguous.
func additionalData(header []byte, purpose string, aad []byte) []byte {
	data := make([]byte, 0, len(header)+4+len(purpose)+len(aad))
	data = append(data, header...)
	data = binary.BigEndian.AppendUint32(data, uint32(len(purpose)))
	data = append(data, purpose...)
	return append(data, aad...)
}

func checkPurpose(purpose string) error {
	if purpose == "" || len(purpose) > MaxPurpose {
		return fmt.Errorf("purpose of %d bytes: %w", len(purpose), ErrInvalid)
	}
	return nil
}
