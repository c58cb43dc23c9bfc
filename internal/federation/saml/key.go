package saml

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"

	"github.com/beevik/etree"
)

// Sizes of RSA keys, in bits. Longer ones cost more than they are worth.
const (
	minRSA = 2048
	maxRSA = 8192
)

// ErrPrivateKey says that a private key can't be used; it never shows it.
var ErrPrivateKey = errors.New("saml: not one RSA private key of 2048 to 8192 bits in PEM, without a passphrase")

// ParsePrivateKey reads a key that assertions are decrypted with: one RSA key of
// 2048 to 8192 bits in PEM, of PKCS #8 or PKCS #1, without a passphrase. The only
// error is ErrPrivateKey.
func ParsePrivateKey(document []byte) (*rsa.PrivateKey, error) {
	block, rest := pem.Decode(document)
	if block == nil || len(bytes.TrimSpace(rest)) > 0 || len(block.Headers) > 0 {
		return nil, ErrPrivateKey
	}
	var key any
	var err error
	switch block.Type {
	case "PRIVATE KEY":
		key, err = x509.ParsePKCS8PrivateKey(block.Bytes)
	case "RSA PRIVATE KEY":
		key, err = x509.ParsePKCS1PrivateKey(block.Bytes)
	}
	private, ok := key.(*rsa.PrivateKey)
	if err != nil || !ok || checkKey(&private.PublicKey) != nil || private.Validate() != nil {
		return nil, ErrPrivateKey
	}
	return private, nil
}

// checkKey refuses keys that nothing should be signed with or encrypted to.
func checkKey(key crypto.PublicKey) error {
	switch k := key.(type) {
	case *rsa.PublicKey:
		if bits := k.N.BitLen(); bits < minRSA || bits > maxRSA {
			return fmt.Errorf("an RSA key has %d bits, not %d to %d", bits, minRSA, maxRSA)
		}
		return nil
	case *ecdsa.PublicKey:
		switch k.Curve {
		case elliptic.P256(), elliptic.P384(), elliptic.P521():
			return nil
		}
	}
	return errors.New("a key is neither RSA nor of the curves P-256, P-384 and P-521")
}

// signingCertificates reads the certificates of a role's KeyDescriptors that are
// for signing, or for anything (SAML Metadata 2.0, section 2.4.1.1).
func signingCertificates(role *etree.Element) ([]*x509.Certificate, error) {
	var found []*x509.Certificate
	for _, descriptor := range all(role, nsMetadata, "KeyDescriptor") {
		switch use, ok := attribute(descriptor, "use"); {
		case use == "encryption":
			continue
		case ok && use != "signing":
			return nil, errors.New("the use of a KeyDescriptor is neither signing nor encryption")
		}
		certificates, err := certificatesOf(descriptor)
		if err != nil {
			return nil, err
		}
		for _, c := range certificates {
			if len(found) == 0 || !contains(found, c) {
				found = append(found, c)
			}
		}
		if len(found) > maxSigners {
			return nil, fmt.Errorf("there are more than %d signing certificates", maxSigners)
		}
	}
	if len(found) == 0 {
		return nil, errors.New("there is no signing certificate")
	}
	return found, nil
}

func contains(certificates []*x509.Certificate, c *x509.Certificate) bool {
	for _, other := range certificates {
		if other.Equal(c) {
			return true
		}
	}
	return false
}

// certificatesOf reads a KeyDescriptor. It describes one key: were the others of a
// chain taken too, whoever holds a certificate authority's key could sign
// responses.
func certificatesOf(descriptor *etree.Element) ([]*x509.Certificate, error) {
	info, err := one(descriptor, nsSignature, "KeyInfo")
	if err != nil {
		return nil, err
	}
	var found []*x509.Certificate
	for _, data := range all(info, nsSignature, "X509Data") {
		for _, el := range all(data, nsSignature, "X509Certificate") {
			c, err := parseCertificate(el)
			if err != nil {
				return nil, err
			}
			if len(found) > 0 && !bytes.Equal(found[0].RawSubjectPublicKeyInfo, c.RawSubjectPublicKeyInfo) {
				return nil, errors.New("a KeyDescriptor has certificates of several keys")
			}
			found = append(found, c)
		}
	}
	return found, nil
}

func parseCertificate(el *etree.Element) (*x509.Certificate, error) {
	der, err := binary(el)
	if err != nil {
		return nil, err
	}
	c, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, errors.New("an X509Certificate is malformed")
	}
	return c, checkKey(c.PublicKey)
}
