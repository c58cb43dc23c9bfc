package iam

import (
	"strings"
	"time"

	"sallyport/internal/api/iamapi"
	"sallyport/internal/operation"
	"sallyport/internal/state"
)

// An OIDCProvider is an OpenID Connect identity provider whose tokens the
// account's roles may trust. Its key in the table is its URL.
type OIDCProvider struct {
	// URL is the issuer without "https://", as the ARN and condition keys have
	// it.
	URL       string    `json:"url"`
	Created   time.Time `json:"created"`
	ClientIDs []string  `json:"clientIds,omitempty"` // audiences, in the order they came
	// Thumbprints are SHA-1 hashes of certificates, 40 lower-case hexadecimal
	// digits each.
	Thumbprints []string        `json:"thumbprints,omitempty"`
	Tags        []operation.Tag `json:"tags,omitempty"`
}

// A SAMLProvider is a SAML 2.0 identity provider. Its key is its ID.
type SAMLProvider struct {
	ID      string    `json:"id"` // the SAMLProviderUUID
	Name    string    `json:"name"`
	Created time.Time `json:"created"`
	// Updated is when the metadata were given last.
	Updated time.Time `json:"updated"`
	// ValidUntil is when the provider expires, as it is shown. Metadata may say
	// otherwise.
	ValidUntil *time.Time `json:"validUntil,omitempty"`
	// Metadata is the provider's metadata document as submitted.
	Metadata string `json:"metadata"`
	// EncryptionMode says whether assertions must be encrypted: "Required" or
	// "Allowed"; empty, until it is asked for, is as "Allowed".
	EncryptionMode string           `json:"encryptionMode"`
	PrivateKeys    []SAMLPrivateKey `json:"privateKeys,omitempty"`
	Tags           []operation.Tag  `json:"tags,omitempty"`
}

// A SAMLPrivateKey decrypts a provider's assertions. The key itself is sealed
// apart under SAMLKeySecret(provider id, id).
type SAMLPrivateKey struct {
	ID      string    `json:"id"`
	Created time.Time `json:"created"`
}

// The kinds of identity providers, as the resource part of an ARN begins.
const (
	OIDCProviderKind = "oidc-provider"
	SAMLProviderKind = "saml-provider"
)

// IssuerScheme begins the URL of every issuer of ID tokens (OpenID Connect
// Discovery 1.0, section 3).
const IssuerScheme = "https://"

// OIDCProviderARN names an OpenID Connect provider of an account.
func OIDCProviderARN(account string, p *OIDCProvider) string {
	return EntityARN(account, OIDCProviderKind, "/", p.URL)
}

// SAMLProviderARN names a SAML provider of an account.
func SAMLProviderARN(account string, p *SAMLProvider) string {
	return EntityARN(account, SAMLProviderKind, "/", p.Name)
}

// SAMLKeySecret is the id under which a private key of a SAML provider is
// sealed, in PEM.
func SAMLKeySecret(providerID, keyID string) string { return "saml-key/" + providerID + "/" + keyID }

// FindOIDCProvider returns the provider with that ARN, or whose issuer has that
// URL, with or without "https://", in the reader's account; or AWS's
// NoSuchEntity (row iam-203).
func FindOIDCProvider(r state.Reader, arnOrURL string) (*OIDCProvider, error) {
	url, isARN := providerName(r, OIDCProviderKind, arnOrURL)
	if !isARN {
		url = strings.TrimPrefix(arnOrURL, IssuerScheme)
	}
	if p, ok := OIDCProviders.Get(r, url); ok {
		return p, nil
	}
	return nil, iamapi.NoSuchEntityException("OpenIDConnect Provider not found for arn %s", arnOrURL)
}

// FindSAMLProvider returns the provider with that name, or with that ARN, in the
// reader's account; or AWS's NoSuchEntity (row iam-214).
func FindSAMLProvider(r state.Reader, arnOrName string) (*SAMLProvider, error) {
	name, isARN := providerName(r, SAMLProviderKind, arnOrName)
	if !isARN {
		name = arnOrName
	}
	if _, p, ok := SAMLProvidersByName.First(r, FoldName(name)); ok && (!isARN || p.Name == name) {
		return p, nil
	}
	return nil, iamapi.NoSuchEntityException("Manifest not found for arn %s", arnOrName)
}

// providerName is what an ARN of the reader's account calls an identity provider
// of the kind.
func providerName(r state.Reader, kind, arn string) (string, bool) {
	account, ok := Accounts.Get(r, AccountKey)
	if !ok {
		return "", false
	}
	return strings.CutPrefix(arn, EntityARN(account.ID, kind, "/", ""))
}

// ProviderExists reports whether the reader's account has an identity provider
// with that ARN.
func ProviderExists(r state.Reader, arn string) bool {
	if url, ok := providerName(r, OIDCProviderKind, arn); ok {
		return OIDCProviders.Has(r, url)
	}
	_, err := FindSAMLProvider(r, arn)
	return err == nil
}
