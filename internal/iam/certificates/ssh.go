package certificates

import (
	"bytes"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"strings"

	"golang.org/x/crypto/ssh"

	"sallyport/internal/api/iamapi"
)

// The sizes of SSH keys in bits: AWS's smallest, and the largest that is worth
// reading.
const (
	minSSHBits = 2048
	maxSSHBits = 16384
)

// parseSSH reads a public key as UploadSSHPublicKey takes it, either
// "ssh-rsa", base64 and perhaps a comment on one line, or PEM, and returns it
// as "ssh-rsa" and base64, and which of the two encodings it was in
// (https://docs.aws.amazon.com/IAM/latest/APIReference/API_UploadSSHPublicKey.html).
func parseSSH(body string) (key, encoding string, err error) {
	body = strings.TrimSpace(body)
	switch {
	case strings.HasPrefix(body, "-----BEGIN "):
		key, err = parseSSHPEM(body)
		return key, iamapi.EncodingTypePEM, err
	case strings.HasPrefix(body, ssh.KeyAlgoRSA+" "):
		key, err = parseSSHLine(body)
		return key, iamapi.EncodingTypeSSH, err
	}
	return "", "", iamapi.UnrecognizedPublicKeyEncodingException("The public key must be encoded in ssh-rsa format or PEM format.")
}

func parseSSHLine(line string) (string, error) {
	fields := strings.Fields(line)
	if strings.ContainsAny(line, "\r\n") || len(fields) < 2 {
		return "", invalidKey()
	}
	blob, err := base64.StdEncoding.Strict().DecodeString(fields[1])
	if err != nil {
		return "", invalidKey()
	}
	return checkedSSH(blob)
}

// parseSSHPEM reads one block with a public key, of PKIX (RFC 5280) or PKCS #1.
func parseSSHPEM(text string) (string, error) {
	blocks, ok := pemBlocks(text, 1)
	if !ok || len(blocks[0].Headers) > 0 {
		return "", invalidKey()
	}
	var parsed any
	var err error
	switch blocks[0].Type {
	case "PUBLIC KEY":
		parsed, err = x509.ParsePKIXPublicKey(blocks[0].Bytes)
	case "RSA PUBLIC KEY":
		parsed, err = x509.ParsePKCS1PublicKey(blocks[0].Bytes)
	default:
		return "", iamapi.UnrecognizedPublicKeyEncodingException("A PEM block %q is no public key.", blocks[0].Type)
	}
	public, isRSA := parsed.(*rsa.PublicKey)
	if err != nil || !isRSA {
		return "", invalidKey()
	}
	converted, err := ssh.NewPublicKey(public)
	if err != nil {
		return "", invalidKey()
	}
	return checkedSSH(converted.Marshal())
}

// checkedSSH takes the wire form of a key (RFC 4253, section 6.6) when it is a
// sound RSA key in its only spelling.
func checkedSSH(blob []byte) (string, error) {
	parsed, err := ssh.ParsePublicKey(blob)
	if err != nil || parsed.Type() != ssh.KeyAlgoRSA || !bytes.Equal(parsed.Marshal(), blob) {
		return "", invalidKey()
	}
	modulus := rsaOf(parsed).N
	if modulus.Sign() <= 0 || modulus.Bit(0) == 0 {
		return "", invalidKey()
	}
	if bits := modulus.BitLen(); bits < minSSHBits || bits > maxSSHBits {
		return "", iamapi.InvalidPublicKeyException("The public key must be an RSA key of at least %d bits and at most %d.", minSSHBits, maxSSHBits)
	}
	return ssh.KeyAlgoRSA + " " + base64.StdEncoding.EncodeToString(blob), nil
}

func invalidKey() error {
	return iamapi.InvalidPublicKeyException("The public key is malformed or is no RSA key.")
}

func rsaOf(key ssh.PublicKey) *rsa.PublicKey {
	return key.(ssh.CryptoPublicKey).CryptoPublicKey().(*rsa.PublicKey)
}

// stored reads back a key that checkedSSH made.
func stored(key string) (ssh.PublicKey, error) {
	blob, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(key, ssh.KeyAlgoRSA+" "))
	if err != nil {
		return nil, err
	}
	return ssh.ParsePublicKey(blob)
}

// encoded is a stored key in one of the two encodings.
func encoded(key, encoding string) (string, error) {
	if encoding == iamapi.EncodingTypeSSH {
		return key, nil
	}
	parsed, err := stored(key)
	if err != nil {
		return "", err
	}
	der, err := x509.MarshalPKIXPublicKey(rsaOf(parsed))
	if err != nil {
		return "", err
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})), nil
}

// fingerprint is the MD5 of a stored key in pairs of hexadecimal digits, as AWS
// shows it; it names the key and protects nothing.
func fingerprint(key string) (string, error) {
	parsed, err := stored(key)
	if err != nil {
		return "", err
	}
	return ssh.FingerprintLegacyMD5(parsed), nil
}
