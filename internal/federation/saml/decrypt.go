package saml

import (
	"crypto"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rsa"
	_ "crypto/sha1" // OAEP's default hash, where collisions don't matter
	"errors"

	"github.com/beevik/etree"
)

const (
	nsEncryption   = "http://www.w3.org/2001/04/xmlenc#"
	nsEncryption11 = "http://www.w3.org/2009/xmlenc11#"
	nsMGF          = nsEncryption11
	typeElement    = "http://www.w3.org/2001/04/xmlenc#Element"
)

// bulk is an algorithm that encrypts content.
type bulk struct {
	key int // length in bytes
	gcm bool
}

// bulks are AWS's (IAM API Reference, CreateSAMLProvider: AES-GCM or AES-CBC),
// by the names of XML Encryption 1.1, section 5.2.
var bulks = map[string]bulk{
	nsEncryption + "aes128-cbc":   {16, false},
	nsEncryption + "aes192-cbc":   {24, false},
	nsEncryption + "aes256-cbc":   {32, false},
	nsEncryption11 + "aes128-gcm": {16, true},
	nsEncryption11 + "aes192-gcm": {24, true},
	nsEncryption11 + "aes256-gcm": {32, true},
}

// OAEP's hashes and mask generation functions (XML Encryption 1.1, section 5.5.2).
// SHA-1 is the default of both, and what most providers use: OAEP does not need
// its hash to be without collisions.
var (
	oaepHashes = map[string]crypto.Hash{
		nsSignature + "sha1":                            crypto.SHA1,
		nsEncryption + "sha256":                         crypto.SHA256,
		"http://www.w3.org/2001/04/xmldsig-more#sha384": crypto.SHA384,
		nsEncryption + "sha512":                         crypto.SHA512,
	}
	oaepMasks = map[string]crypto.Hash{
		nsMGF + "mgf1sha1":   crypto.SHA1,
		nsMGF + "mgf1sha256": crypto.SHA256,
		nsMGF + "mgf1sha384": crypto.SHA384,
		nsMGF + "mgf1sha512": crypto.SHA512,
	}
)

// errDecrypt is the one answer to everything that goes wrong between an encrypted
// assertion and its content, so that nobody learns of the content by asking.
var errDecrypt = errors.New("the assertion can't be decrypted")

// decrypt returns the content of an EncryptedAssertion: one EncryptedData, whose
// key is one EncryptedKey inside its KeyInfo or beside it (SAML Core 2.0, section
// 2.2.4), by RSA-OAEP. RSAES-PKCS1-v1_5 is refused: it makes an oracle of whoever
// decrypts it.
func decrypt(encrypted *etree.Element, keys []*rsa.PrivateKey) ([]byte, error) {
	data, err := one(encrypted, nsEncryption, "EncryptedData")
	if err != nil {
		return nil, err
	}
	if kind, ok := attribute(data, "Type"); ok && kind != typeElement {
		return nil, errors.New("the EncryptedData is of no element")
	}
	algorithm, _, err := encryptionMethod(data)
	if err != nil {
		return nil, err
	}
	b, ok := bulks[algorithm]
	if !ok {
		return nil, errors.New("the algorithm of an encryption is not taken")
	}
	wrapped, err := encryptedKey(encrypted, data)
	if err != nil {
		return nil, err
	}
	options, err := oaep(wrapped)
	if err != nil {
		return nil, err
	}
	wrappedKey, err := cipherValue(wrapped)
	if err != nil {
		return nil, err
	}
	content, err := cipherValue(data)
	if err != nil {
		return nil, err
	}
	for _, private := range keys {
		key, err := private.Decrypt(nil, wrappedKey, options)
		if err == nil && len(key) == b.key {
			return b.decrypt(key, content)
		}
	}
	return nil, errDecrypt
}

// encryptionMethod returns the algorithm of an encryption and its element.
func encryptionMethod(el *etree.Element) (string, *etree.Element, error) {
	m, err := one(el, nsEncryption, "EncryptionMethod")
	if err != nil {
		return "", nil, err
	}
	name, _ := attribute(m, "Algorithm")
	return name, m, nil
}

// encryptedKey finds the only key that the content is encrypted with.
func encryptedKey(encrypted, data *etree.Element) (*etree.Element, error) {
	found := all(encrypted, nsEncryption, "EncryptedKey")
	info, err := optional(data, nsSignature, "KeyInfo")
	if err != nil {
		return nil, err
	}
	if info != nil {
		found = append(found, all(info, nsEncryption, "EncryptedKey")...)
	}
	if len(found) != 1 {
		return nil, errors.New("there is not one EncryptedKey")
	}
	return found[0], nil
}

func oaep(wrapped *etree.Element) (*rsa.OAEPOptions, error) {
	algorithm, m, err := encryptionMethod(wrapped)
	if err != nil {
		return nil, err
	}
	options := &rsa.OAEPOptions{Hash: crypto.SHA1, MGFHash: crypto.SHA1}
	masked := algorithm == nsEncryption11+"rsa-oaep"
	if !masked && algorithm != nsEncryption+"rsa-oaep-mgf1p" {
		return nil, errors.New("the algorithm of a key's encryption is not taken")
	}
	for child := range m.ChildElementsSeq() {
		name, _ := attribute(child, "Algorithm")
		ok := false
		switch {
		case is(child, nsSignature, "DigestMethod"):
			options.Hash, ok = oaepHashes[name]
		case is(child, nsEncryption11, "MGF") && masked:
			options.MGFHash, ok = oaepMasks[name]
		case is(child, nsEncryption, "OAEPparams"):
			options.Label, err = binary(child)
			ok = err == nil
		}
		if !ok {
			return nil, errors.New("a parameter of RSA-OAEP is not taken")
		}
	}
	return options, nil
}

func cipherValue(el *etree.Element) ([]byte, error) {
	data, err := one(el, nsEncryption, "CipherData")
	if err != nil {
		return nil, err
	}
	value, err := one(data, nsEncryption, "CipherValue")
	if err != nil {
		return nil, err
	}
	return binary(value)
}

func (b bulk) decrypt(key, content []byte) ([]byte, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, errDecrypt
	}
	if b.gcm {
		return openGCM(block, content)
	}
	if len(content) < 2*aes.BlockSize || len(content)%aes.BlockSize != 0 {
		return nil, errDecrypt
	}
	plain := make([]byte, len(content)-aes.BlockSize)
	cipher.NewCBCDecrypter(block, content[:aes.BlockSize]).CryptBlocks(plain, content[aes.BlockSize:])
	// The last byte is the length of the padding, whose other bytes may be any.
	pad := int(plain[len(plain)-1])
	if pad == 0 || pad > aes.BlockSize {
		return nil, errDecrypt
	}
	return plain[:len(plain)-pad], nil
}

// openGCM decrypts content that begins with its nonce and ends with its tag.
func openGCM(block cipher.Block, content []byte) ([]byte, error) {
	gcm, err := cipher.NewGCM(block)
	if err != nil || len(content) < gcm.NonceSize() {
		return nil, errDecrypt
	}
	plain, err := gcm.Open(nil, content[:gcm.NonceSize()], content[gcm.NonceSize():], nil)
	if err != nil {
		return nil, errDecrypt
	}
	return plain, nil
}
