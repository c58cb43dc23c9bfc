package ident

import (
	"encoding/base32"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strconv"
)

// Prefixes of unique ids, from "Unique identifiers" in the IAM User Guide.
const (
	PrefixUser               = "AIDA"
	PrefixGroup              = "AGPA"
	PrefixRole               = "AROA"
	PrefixPolicy             = "ANPA"
	PrefixInstanceProfile    = "AIPA"
	PrefixServerCertificate  = "ASCA"
	PrefixPublicKey          = "APKA"
	PrefixServiceCredential  = "ACCA"
	PrefixAccessKey          = "AKIA"
	PrefixTemporaryAccessKey = "ASIA"
)

// Prefixes of the ids of SAML providers (row iam-213) and of their private keys.
const (
	PrefixSAMLProvider = "SAMLSP"
	PrefixSAMLKey      = "SAMLPK"
)

// PrefixMFADevice begins the unique ids of MFA devices; none of AWS's begins so.
const PrefixMFADevice = "MFAD"

const (
	base32Digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
	base64Digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

	uniqueDigits    = 17 // after the prefix: 21 in all
	accessKeyDigits = 16 // after the prefix: 20 in all
	secretDigits    = 40
	seedDigits      = 64 // 320 bits
	accountDigits   = 12
	maxAccount      = 999_999_999_999
)

// UserID returns a user's unique id, AIDA and 17 base32 digits.
func (s *Source) UserID() string { return s.unique(PrefixUser) }

// GroupID returns a group's unique id.
func (s *Source) GroupID() string { return s.unique(PrefixGroup) }

// RoleID returns a role's unique id.
func (s *Source) RoleID() string { return s.unique(PrefixRole) }

// PolicyID returns a managed policy's unique id.
func (s *Source) PolicyID() string { return s.unique(PrefixPolicy) }

// InstanceProfileID returns an instance profile's unique id.
func (s *Source) InstanceProfileID() string { return s.unique(PrefixInstanceProfile) }

// ServerCertificateID returns a server certificate's unique id.
func (s *Source) ServerCertificateID() string { return s.unique(PrefixServerCertificate) }

// ServiceCredentialID returns a service-specific credential's unique id.
func (s *Source) ServiceCredentialID() string { return s.unique(PrefixServiceCredential) }

// SAMLProviderID returns a SAML provider's unique id, of 22 characters: no id of
// the IAM API's privateKeyIdType is shorter.
func (s *Source) SAMLProviderID() string {
	return PrefixSAMLProvider + s.digits(base32Digits, 16)
}

// SAMLKeyID returns the id of a SAML provider's private key, otherwise like
// SAMLProviderID.
func (s *Source) SAMLKeyID() string { return PrefixSAMLKey + s.digits(base32Digits, 16) }

// PublicKeyID returns an SSH public key's id, 20 characters as AWS's are.
func (s *Source) PublicKeyID() string {
	return PrefixPublicKey + s.digits(base32Digits, accessKeyDigits)
}

// SigningCertificateID returns a signing certificate's id, 32 base32 digits
// without a prefix.
func (s *Source) SigningCertificateID() string { return s.digits(base32Digits, 32) }

func (s *Source) unique(prefix string) string { return prefix + s.digits(base32Digits, uniqueDigits) }

// AccessKeyID returns a long-term access key id that encodes its account. It
// panics if account is not 12 digits: accounts are checked where they enter.
func (s *Source) AccessKeyID(account string) string { return s.accessKey(PrefixAccessKey, account) }

// TemporaryAccessKeyID returns the access key id of temporary credentials,
// otherwise like AccessKeyID.
func (s *Source) TemporaryAccessKeyID(account string) string {
	return s.accessKey(PrefixTemporaryAccessKey, account)
}

var keyEncoding = base32.StdEncoding.WithPadding(base32.NoPadding)

// An access key id's 16 digits are 80 bits: a 1, the account in 40 bits, and 39
// random ones. The leading 1 (a digit from Q on) marks ids that encode their
// account; ids from before AWS did so start with lower digits.
func (s *Source) accessKey(prefix, account string) string {
	number, err := strconv.ParseUint(account, 10, 64)
	if err != nil || len(account) != accountDigits {
		panic(fmt.Sprintf("ident: account id %q is not 12 digits", account))
	}
	var bits [10]byte
	s.read(bits[5:])
	head := binary.BigEndian.Uint64(bits[:8])
	head &= 1<<23 - 1 // the random part: 7 bits here, 32 in the bytes after
	head |= 1<<63 | number<<23
	binary.BigEndian.PutUint64(bits[:8], head)
	return prefix + keyEncoding.EncodeToString(bits[:])
}

// AccessKeyAccount returns the 12-digit account that an AKIA or ASIA access key
// id encodes: the first six bytes after the prefix, masked with 0x7fffffffff80
// and shifted right by 7. It is not ok for other ids and for those of the older
// kind, which encode no account; such a key has to be looked up.
func AccessKeyAccount(id string) (account string, ok bool) {
	if len(id) != len(PrefixAccessKey)+accessKeyDigits {
		return "", false
	}
	if prefix := id[:4]; prefix != PrefixAccessKey && prefix != PrefixTemporaryAccessKey {
		return "", false
	}
	var bits [10]byte
	for i := range accessKeyDigits {
		// The decoder skips line breaks; an id with one in it is not an id.
		if c := id[4+i]; (c < 'A' || c > 'Z') && (c < '2' || c > '7') {
			return "", false
		}
	}
	if n, err := keyEncoding.Decode(bits[:], []byte(id[4:])); err != nil || n != len(bits) {
		return "", false
	}
	head := binary.BigEndian.Uint64(bits[:8]) >> 16
	number := head & 0x7fffffffff80 >> 7
	if head>>47 != 1 || number > maxAccount {
		return "", false
	}
	return fmt.Sprintf("%012d", number), true
}

// SecretAccessKey returns 40 characters of the base64 alphabet, 240 random bits.
func (s *Source) SecretAccessKey() string { return s.digits(base64Digits, secretDigits) }

// ServicePassword returns the password of a service-specific credential: 32
// random bytes in base64, as AWS's are.
func (s *Source) ServicePassword() string {
	var raw [32]byte
	s.read(raw[:])
	defer clear(raw[:])
	return base64.StdEncoding.EncodeToString(raw[:])
}

// MFADeviceID returns the unique id of an MFA device, of which AWS shows none.
func (s *Source) MFADeviceID() string { return s.unique(PrefixMFADevice) }

// MFASeed returns the seed of a virtual MFA device: base32, as long as AWS's.
func (s *Source) MFASeed() string { return s.digits(base32Digits, seedDigits) }

// SecurityKeyID returns what ends the name of a security key, as long as AWS's.
func (s *Source) SecurityKeyID() string { return s.digits(base32Digits, 26) }

// AccountID returns a 12-digit account id that does not start with 0.
func (s *Source) AccountID() string {
	return s.digits("123456789", 1) + s.digits("0123456789", accountDigits-1)
}

// RequestID returns the id of a request, a UUID.
func (s *Source) RequestID() string { return s.UUID() }

// UUID returns a random UUID (RFC 9562, version 4) in lower case.
func (s *Source) UUID() string {
	var id [16]byte
	s.read(id[:])
	id[6] = id[6]&0x0f | 0x40
	id[8] = id[8]&0x3f | 0x80
	var text [36]byte
	hex.Encode(text[0:], id[0:4])
	hex.Encode(text[9:], id[4:6])
	hex.Encode(text[14:], id[6:8])
	hex.Encode(text[19:], id[8:10])
	hex.Encode(text[24:], id[10:16])
	text[8], text[13], text[18], text[23] = '-', '-', '-', '-'
	return string(text[:])
}

// Token returns n random bytes as unpadded URL-safe base64.
func (s *Source) Token(n int) string {
	raw := make([]byte, n)
	s.read(raw)
	return base64.RawURLEncoding.EncodeToString(raw)
}
