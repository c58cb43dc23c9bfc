package certificates

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"strings"
	"time"

	"sallyport/internal/api"
	"sallyport/internal/api/iamapi"
)

const (
	// maxChain is how many certificates a chain may have. Real ones have one
	// to three.
	maxChain = 10
	// RSA keys of certificates, in bits. The largest bounds what checking a
	// certificate may cost.
	minRSABits = 1024
	maxRSABits = 8192
	// maxKeyBytes is more than an RSA key of maxRSABits takes, in PKCS #8.
	maxKeyBytes = 5 << 10
)

const pemBegin = "-----BEGIN "

// pemBlocks reads text that is nothing but PEM blocks, at least one and at
// most so many, with white space around them. The standard decoder passes over
// everything else and over broken blocks, so that what it saw would not be all
// that is stored.
func pemBlocks(text string, most int) ([]*pem.Block, bool) {
	var blocks []*pem.Block
	rest := strings.TrimSpace(text)
	if strings.Count(rest, pemBegin) > most {
		return nil, false
	}
	for rest != "" {
		block, after := pem.Decode([]byte(rest))
		if block == nil || !strings.HasPrefix(rest, pemBegin) {
			return nil, false
		}
		taken := rest[:len(rest)-len(after)]
		if strings.Count(taken, pemBegin) != 1 {
			return nil, false
		}
		blocks = append(blocks, block)
		rest = strings.TrimSpace(string(after))
	}
	return blocks, len(blocks) > 0
}

// trimmed is PEM as it is stored, without the line feed at its end (row
// iam-192).
func trimmed(text string) string { return strings.TrimSpace(text) }

func malformed(format string, args ...any) *api.Error {
	return iamapi.MalformedCertificateException(format, args...)
}

// parseCertificate reads one certificate in PEM.
func parseCertificate(text string) (*x509.Certificate, error) {
	if blocks, ok := pemBlocks(text, 1); ok {
		if certs := certificatesIn(blocks); certs != nil {
			return certs[0], nil
		}
	}
	return nil, malformed("Unable to parse certificate. Please ensure the certificate is in PEM format.")
}

// certificatesIn are the certificates in PEM blocks; nil when one is none.
func certificatesIn(blocks []*pem.Block) []*x509.Certificate {
	var certs []*x509.Certificate
	for _, b := range blocks {
		if b.Type != "CERTIFICATE" || len(b.Headers) > 0 {
			return nil
		}
		cert, err := x509.ParseCertificate(b.Bytes)
		if err != nil {
			return nil
		}
		certs = append(certs, cert)
	}
	return certs
}

// checkValidity refuses a certificate outside of its time, which AWS has as
// malformed
// (https://docs.aws.amazon.com/IAM/latest/APIReference/API_UploadServerCertificate.html).
func checkValidity(cert *x509.Certificate, now time.Time) error {
	switch {
	case now.Before(cert.NotBefore):
		return malformed("Certificate is not yet valid. The 'Not Before' date restriction on the certificate has not passed.")
	case now.After(cert.NotAfter):
		return malformed("Certificate is no longer valid. The 'Not After' date restriction on the certificate has passed.")
	}
	return nil
}

// usableKey reports whether a public key is of a kind and size that
// certificates are taken with.
func usableKey(public crypto.PublicKey) bool {
	switch k := public.(type) {
	case *rsa.PublicKey:
		bits := k.N.BitLen()
		return bits >= minRSABits && bits <= maxRSABits
	case *ecdsa.PublicKey:
		return k.Curve.Params().BitSize >= 256
	}
	return false
}

// checkSigning says whether requests could be signed with a certificate's key.
func checkSigning(cert *x509.Certificate, now time.Time) error {
	if err := checkValidity(cert, now); err != nil {
		return err
	}
	switch {
	case !usableKey(cert.PublicKey):
		return iamapi.InvalidCertificateException("The certificate's key must be an RSA key of %d to %d bits or an elliptic curve key.", minRSABits, maxRSABits)
	case cert.KeyUsage != 0 && cert.KeyUsage&x509.KeyUsageDigitalSignature == 0:
		return iamapi.InvalidCertificateException("The certificate's key usage does not include digital signatures.")
	}
	return nil
}

// checkChain holds a chain to begin with the certificate that signed the first
// one, each followed by the one that signed it (row iam-198).
func checkChain(cert *x509.Certificate, text string) error {
	const wrong = "Unable to validate certificate chain. The certificate chain must start with the immediate signing certificate, followed by any intermediaries in order."
	blocks, ok := pemBlocks(text, maxChain)
	chain := certificatesIn(blocks)
	if !ok || chain == nil {
		return malformed(wrong)
	}
	signed := cert
	for i, signer := range chain {
		if !usableKey(signer.PublicKey) || signed.CheckSignatureFrom(signer) != nil {
			return malformed(wrong+" The index within the chain of the invalid certificate is: %d", i-1)
		}
		signed = signer
	}
	return nil
}

// checkKey holds a private key in PEM to be the certificate's. The errors show
// nothing of the key.
func checkKey(cert *x509.Certificate, text string) error {
	key, ok := parseKey(text)
	if !ok {
		return malformed("Invalid Private Key.")
	}
	public, ok := key.Public().(interface{ Equal(crypto.PublicKey) bool })
	if !ok || !public.Equal(cert.PublicKey) {
		return iamapi.KeyPairMismatchException("The public key certificate and the private key do not match.")
	}
	return nil
}

// parseKey reads an unencrypted private key in PKCS #1, SEC 1 or PKCS #8.
func parseKey(text string) (crypto.Signer, bool) {
	blocks, ok := pemBlocks(text, 2)
	if ok && len(blocks) == 2 && blocks[0].Type == "EC PARAMETERS" {
		blocks = blocks[1:] // openssl writes the curve's name before the key
	}
	if !ok || len(blocks) != 1 || len(blocks[0].Headers) > 0 || len(blocks[0].Bytes) > maxKeyBytes {
		return nil, false
	}
	var key any
	var err error
	switch der := blocks[0].Bytes; blocks[0].Type {
	case "RSA PRIVATE KEY":
		key, err = x509.ParsePKCS1PrivateKey(der)
	case "EC PRIVATE KEY":
		key, err = x509.ParseECPrivateKey(der)
	case "PRIVATE KEY":
		key, err = x509.ParsePKCS8PrivateKey(der)
	default:
		return nil, false
	}
	signer, ok := key.(crypto.Signer)
	return signer, ok && err == nil
}
