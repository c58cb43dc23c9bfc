package issuer

import (
	"crypto/x509"
	"fmt"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-json-experiment/json"
)

// Where an issuer's documents are, under its URL.
const (
	DiscoveryPath = "/.well-known/openid-configuration"
	KeySetPath    = "/.well-known/jwks.json"
)

// ClaimsOfAWS is the claim that all claims of AWS's own are in.
const ClaimsOfAWS = "https://sts.amazonaws.com/"

// Discovery is the discovery document of the issuer with that URL. Its members are
// those of AWS's issuers.
func Discovery(url string) ([]byte, error) {
	return json.Marshal(struct {
		Issuer     string   `json:"issuer"`
		KeySet     string   `json:"jwks_uri"`
		Responses  []string `json:"response_types_supported"`
		Subjects   []string `json:"subject_types_supported"`
		Algorithms []string `json:"id_token_signing_alg_values_supported"`
		Claims     []string `json:"claims_supported"`
	}{
		Issuer: url, KeySet: url + KeySetPath, Responses: []string{"id_token"}, Subjects: []string{"public"},
		Algorithms: Algorithms, Claims: []string{"sub", "iss", "aud", "exp", "iat", "jti", ClaimsOfAWS},
	})
}

// KeySet is the JWK set of public keys.
func KeySet(keys []PublicKey) ([]byte, error) {
	var set jose.JSONWebKeySet
	for _, k := range keys {
		public, err := x509.ParsePKIXPublicKey(k.DER)
		if err != nil {
			return nil, fmt.Errorf("issuer: key %s: %w", k.ID, err)
		}
		set.Keys = append(set.Keys, jose.JSONWebKey{Key: public, KeyID: k.ID, Algorithm: k.Algorithm, Use: "sig"})
	}
	return json.Marshal(set)
}
