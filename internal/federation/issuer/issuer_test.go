package issuer_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/big"
	"strings"
	"testing"

	"sallyport/internal/federation/issuer"
)

// verifies checks a token with the standard library alone.
func verifies(t *testing.T, key issuer.PublicKey, token string) (header, claims map[string]any) {
	t.Helper()
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		t.Fatalf("the token has %d parts", len(parts))
	}
	raw := make([][]byte, 3)
	for i, part := range parts {
		var err error
		if raw[i], err = base64.RawURLEncoding.Strict().DecodeString(part); err != nil {
			t.Fatal(err)
		}
	}
	if err := json.Unmarshal(raw[0], &header); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw[1], &claims); err != nil {
		t.Fatal(err)
	}
	public, err := x509.ParsePKIXPublicKey(key.DER)
	if err != nil {
		t.Fatal(err)
	}
	signed := []byte(parts[0] + "." + parts[1])
	good := false
	switch k := public.(type) {
	case *rsa.PublicKey:
		digest := sha256.Sum256(signed)
		good = rsa.VerifyPKCS1v15(k, crypto.SHA256, digest[:], raw[2]) == nil
	case *ecdsa.PublicKey:
		digest := sha512.Sum384(signed)
		r, s := new(big.Int).SetBytes(raw[2][:48]), new(big.Int).SetBytes(raw[2][48:])
		good = len(raw[2]) == 96 && ecdsa.Verify(k, digest[:], r, s)
	}
	if !good {
		t.Errorf("the %s signature is wrong", key.Algorithm)
	}
	return header, claims
}

// TestSign: a token of each key verifies, names its key and says nothing else in
// its header.
func TestSign(t *testing.T) {
	keys, err := issuer.NewKeys()
	if err != nil {
		t.Fatal(err)
	}
	if len(keys) != len(issuer.Algorithms) {
		t.Fatalf("%d keys", len(keys))
	}
	for i, key := range keys {
		token, err := issuer.Sign(key.PublicKey, key.Private, []byte(`{"sub":"alice"}`))
		if err != nil {
			t.Fatal(err)
		}
		header, claims := verifies(t, key.PublicKey, token)
		want := map[string]any{"alg": issuer.Algorithms[i], "kid": key.ID, "typ": "JWT"}
		if fmt.Sprint(header) != fmt.Sprint(want) || claims["sub"] != "alice" {
			t.Errorf("header %v, claims %v", header, claims)
		}
	}
	// A private key signs for no other public key, nor with another algorithm.
	if _, err := issuer.Sign(keys[0].PublicKey, keys[1].Private, []byte("{}")); err == nil {
		t.Error("signed with another key")
	}
	mixed := keys[0].PublicKey
	mixed.Algorithm = issuer.ES384
	if _, err := issuer.Sign(mixed, keys[0].Private, []byte("{}")); err == nil {
		t.Error("signed with another algorithm")
	}
	for _, alg := range []string{"none", "HS256", ""} {
		mixed.Algorithm = alg
		if _, err := issuer.Sign(mixed, keys[0].Private, []byte("{}")); err == nil {
			t.Errorf("signed with %q", alg)
		}
	}
}

// TestKeySet: keys are published without their private parts, under the thumbprint
// that RFC 7638 gives them.
func TestKeySet(t *testing.T) {
	keys, err := issuer.NewKeys()
	if err != nil {
		t.Fatal(err)
	}
	text, err := issuer.KeySet([]issuer.PublicKey{keys[0].PublicKey, keys[1].PublicKey})
	if err != nil {
		t.Fatal(err)
	}
	var set struct{ Keys []map[string]string }
	if err := json.Unmarshal(text, &set); err != nil {
		t.Fatal(err)
	}
	canonical := []string{`{"e":"%[1]s","kty":"RSA","n":"%[2]s"}`, `{"crv":"P-384","kty":"EC","x":"%[3]s","y":"%[4]s"}`}
	members := []string{"alg e kid kty n use", "alg crv kid kty use x y"}
	for i, k := range set.Keys {
		sum := sha256.Sum256([]byte(strings.NewReplacer("%[1]s", k["e"], "%[2]s", k["n"], "%[3]s", k["x"], "%[4]s", k["y"]).Replace(canonical[i])))
		if kid := base64.RawURLEncoding.EncodeToString(sum[:]); k["kid"] != kid || keys[i].ID != kid {
			t.Errorf("kid %s of key %s, want %s", k["kid"], keys[i].ID, kid)
		}
		for name := range k {
			if !strings.Contains(" "+members[i]+" ", " "+name+" ") {
				t.Errorf("member %s of a %s key is published", name, k["kty"])
			}
		}
		if len(k) != len(strings.Fields(members[i])) || k["alg"] != issuer.Algorithms[i] || k["use"] != "sig" {
			t.Errorf("key %v", k)
		}
	}
	if len(set.Keys) != 2 {
		t.Errorf("%d keys", len(set.Keys))
	}
	if _, err := issuer.KeySet([]issuer.PublicKey{{DER: []byte("no key")}}); err == nil {
		t.Error("what is no key was published")
	}
}

// TestDiscovery: the members of AWS's own document, as recorded.
func TestDiscovery(t *testing.T) {
	text, err := issuer.Discovery("https://example.com/issuer")
	if err != nil {
		t.Fatal(err)
	}
	want := `{"issuer":"https://example.com/issuer","jwks_uri":"https://example.com/issuer/.well-known/jwks.json",` +
		`"response_types_supported":["id_token"],"subject_types_supported":["public"],` +
		`"id_token_signing_alg_values_supported":["RS256","ES384"],` +
		`"claims_supported":["sub","iss","aud","exp","iat","jti","https://sts.amazonaws.com/"]}`
	if string(text) != want {
		t.Errorf("got %s\nwant %s", text, want)
	}
}
