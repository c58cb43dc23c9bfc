package oidc

import (
	"crypto/rsa"
	"errors"
	"fmt"
	"slices"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Bounds of keys. Shorter RSA keys are too weak (RFC 7518, section 3.3), longer
// ones cost too much to calculate with.
const (
	minRSABits = 2048
	maxRSABits = 8192
	// maxKeys is how many keys of one type a set may have
	// (https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc.html).
	maxKeys = 100
)

// A key verifies signatures of an issuer.
type key struct {
	id     string
	alg    string // the only one it is for; "" for all that it can be for
	public any
}

// keySet is an issuer's keys.
type keySet []key

// parseKeys reads a JWK set (RFC 7517). Keys that are not for signatures, of
// unknown types or out of bounds are left out, as its section 5 asks for.
func parseKeys(document []byte) (keySet, error) {
	var set struct {
		Keys []jsontext.Value `json:"keys"`
	}
	if err := json.Unmarshal(document, &set); err != nil {
		return nil, errors.New("the key set is no JWK set")
	}
	counts := make(map[string]int)
	var keys keySet
	for _, raw := range set.Keys {
		var about struct {
			Type       string   `json:"kty"`
			Use        string   `json:"use"`
			Operations []string `json:"key_ops"`
		}
		if json.Unmarshal(raw, &about) != nil {
			continue
		}
		if counts[about.Type]++; counts[about.Type] > maxKeys {
			return nil, fmt.Errorf("the key set has more than %d keys of a type", maxKeys)
		}
		if about.Use != "" && about.Use != "sig" || about.Operations != nil && !slices.Contains(about.Operations, "verify") {
			continue
		}
		if k, ok := parseKey(raw); ok {
			keys = append(keys, k)
		}
	}
	if len(keys) == 0 {
		return nil, errors.New("the key set has no key for signatures")
	}
	return keys, nil
}

func parseKey(raw []byte) (key, bool) {
	var jwk jose.JSONWebKey
	if jwk.UnmarshalJSON(raw) != nil || !jwk.Valid() || !jwk.IsPublic() {
		return key{}, false
	}
	if k, ok := jwk.Key.(*rsa.PublicKey); ok {
		if bits := k.N.BitLen(); bits < minRSABits || bits > maxRSABits || k.E < 3 || k.E%2 == 0 {
			return key{}, false
		}
	}
	return key{id: jwk.KeyID, alg: jwk.Algorithm, public: jwk.Key}, true
}

// fitting are the keys that a token may be signed with: those it names, or without
// a name the only one there is for its algorithm (OpenID Connect Core 1.0, section
// 10.1).
func (s keySet) fitting(h header) keySet {
	var fit keySet
	for _, k := range s {
		if (h.keyID == "" || k.id == h.keyID) && (k.alg == "" || k.alg == string(h.alg)) && algorithms[h.alg](k.public) {
			fit = append(fit, k)
		}
	}
	if h.keyID == "" && len(fit) > 1 {
		return nil
	}
	return fit
}

// verified returns the payload of a token that one of the keys has signed.
func (s keySet) verified(t *Parsed) ([]byte, error) {
	jws, err := jose.ParseSignedCompact(t.raw, []jose.SignatureAlgorithm{t.header.alg})
	if err != nil {
		return nil, err
	}
	err = errors.New("no key fits")
	for _, k := range s {
		payload, failed := jws.Verify(k.public)
		if failed == nil {
			return payload, nil
		}
		err = failed
	}
	return nil, err
}
