package providers

import (
	"slices"
	"strings"

	"sallyport/internal/api/iamapi"
	"sallyport/internal/federation/saml"
	"sallyport/internal/iam"
	"sallyport/internal/state"
)

// maxPrivateKeys is no quota: it can't be raised.
const maxPrivateKeys = 2

// addKey seals a further private key of a provider that is a copy. It must be one
// that decrypts assertions; it may be there already, as on AWS.
func (s *providers) addKey(tx *state.Tx, p *iam.SAMLProvider, text string) error {
	text = strings.TrimSpace(text)
	_, err := saml.ParsePrivateKey([]byte(text))
	// The parser passes over what comes before a key.
	if err != nil || strings.LastIndex(text, "-----BEGIN ") != 0 {
		return iamapi.InvalidInputException("Invalid Private Key.").WithCause(err)
	}
	if len(p.PrivateKeys) >= maxPrivateKeys {
		return iamapi.LimitExceededException("Private key limit of %d is reached.", maxPrivateKeys)
	}
	added := iam.SAMLPrivateKey{ID: s.env.Ident.SAMLKeyID(), Created: iam.Moment(tx.Now())}
	tx.PutSecret(iam.SAMLKeySecret(p.ID, added.ID), []byte(text))
	p.PrivateKeys = append(slices.Clone(p.PrivateKeys), added)
	return nil
}

// removeKey removes a private key from a provider that is a copy. The last one
// stays while assertions must be encrypted.
func removeKey(tx *state.Tx, p *iam.SAMLProvider, id string) error {
	i := slices.IndexFunc(p.PrivateKeys, func(k iam.SAMLPrivateKey) bool { return k.ID == id })
	if i < 0 || len(p.PrivateKeys) == 1 && p.EncryptionMode == iamapi.AssertionEncryptionModeTypeRequired {
		return iamapi.InvalidInputException("Failed to remove private key.")
	}
	tx.DeleteSecret(iam.SAMLKeySecret(p.ID, id))
	p.PrivateKeys = slices.Delete(slices.Clone(p.PrivateKeys), i, i+1)
	return nil
}
