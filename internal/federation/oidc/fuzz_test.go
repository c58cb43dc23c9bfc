package oidc_test

import (
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"

	"sallyport/internal/federation/oidc"
	"sallyport/internal/federation/oidc/oidctest"
)

// FuzzToken: only what the issuer has signed passes, and nothing stops the program.
func FuzzToken(f *testing.F) {
	x := newFixture(f)
	x.Keys = append(x.Keys, oidctest.NewKey(f, "ec", jose.ES256), oidctest.NewKey(f, "ed", jose.EdDSA))
	signed := make(map[string]bool)
	add := func(token string) {
		signed[strings.Join(strings.Split(token, ".")[:2], ".")] = true
		f.Add(token)
	}
	for _, k := range x.Keys {
		add(k.Sign(f, x.good(), nil))
		add(k.Sign(f, x.good().With("aud", []string{"other", client}, "azp", client, "amr", "pwd"), map[jose.HeaderKey]any{"jku": "https://example.com"}))
	}
	f.Add(`{"alg":"none"}`)
	f.Add("..")
	f.Fuzz(func(t *testing.T, token string) {
		parsed, err := oidc.Parse(token)
		if err != nil {
			return
		}
		if !strings.HasPrefix(parsed.Issuer, "https://") {
			t.Errorf("%q is an issuer", parsed.Issuer)
		}
		verified, err := x.verify(token)
		if err != nil {
			return
		}
		if !signed[strings.Join(strings.Split(token, ".")[:2], ".")] {
			t.Errorf("nobody signed %q", token)
		}
		if verified.Subject == "" || verified.Audience != client {
			t.Errorf("%q is of %q for %q", token, verified.Subject, verified.Audience)
		}
	})
}
