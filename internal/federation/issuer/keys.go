package issuer

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"

	"github.com/go-jose/go-jose/v4"
)

// The algorithms of tokens (RFC 7518): what GetWebIdentityToken takes.
const (
	RS256 = string(jose.RS256)
	ES384 = string(jose.ES384)
)

// Algorithms lists them. An issuer has a key for each.
var Algorithms = []string{RS256, ES384}

// rsaBits is the size of RSA keys, as AWS's have it.
const rsaBits = 2048

// A PublicKey verifies an issuer's tokens.
type PublicKey struct {
	ID        string `json:"id"` // its JWK thumbprint (RFC 7638)
	Algorithm string `json:"alg"`
	DER       []byte `json:"der"` // SubjectPublicKeyInfo (RFC 5280)
}

// A Key is a public key with its private key.
type Key struct {
	PublicKey
	Private []byte // PKCS #8 (RFC 5958), in DER
}

// NewKeys makes an issuer's keys, in the order of Algorithms. It takes a while.
func NewKeys() ([]Key, error) {
	r, err := rsa.GenerateKey(rand.Reader, rsaBits)
	if err != nil {
		return nil, err
	}
	e, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		return nil, err
	}
	var keys []Key
	for i, private := range []crypto.Signer{r, e} {
		key, err := newKey(Algorithms[i], private)
		if err != nil {
			return nil, err
		}
		keys = append(keys, key)
	}
	return keys, nil
}

func newKey(algorithm string, private crypto.Signer) (key Key, err error) {
	key.Algorithm = algorithm
	if key.Private, err = x509.MarshalPKCS8PrivateKey(private); err != nil {
		return key, err
	}
	if key.DER, err = x509.MarshalPKIXPublicKey(private.Public()); err != nil {
		return key, err
	}
	thumbprint, err := (&jose.JSONWebKey{Key: private.Public()}).Thumbprint(crypto.SHA256)
	if err != nil {
		return key, err
	}
	key.ID = base64.RawURLEncoding.EncodeToString(thumbprint)
	return key, nil
}

// errWrongKey says that a private key is not the public key's.
var errWrongKey = errors.New("issuer: the private key is another's")

// Sign makes a JWT of claims, which are JSON, in its compact form (RFC 7519).
func Sign(key PublicKey, private, claims []byte) (string, error) {
	parsed, err := x509.ParsePKCS8PrivateKey(private)
	if err != nil {
		return "", fmt.Errorf("issuer: %w", err)
	}
	signs, ok := parsed.(crypto.Signer)
	if !ok {
		return "", errWrongKey
	}
	if own, err := newKey(key.Algorithm, signs); err != nil || own.ID != key.ID {
		return "", errors.Join(errWrongKey, err)
	}
	signer, err := jose.NewSigner(jose.SigningKey{
		Algorithm: jose.SignatureAlgorithm(key.Algorithm), Key: jose.JSONWebKey{Key: parsed, KeyID: key.ID},
	}, (&jose.SignerOptions{}).WithType("JWT"))
	if err != nil {
		return "", fmt.Errorf("issuer: %w", err)
	}
	signed, err := signer.Sign(claims)
	if err != nil {
		return "", fmt.Errorf("issuer: %w", err)
	}
	return signed.CompactSerialize()
}
