package oidc_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"sallyport/internal/federation/oidc"
	"sallyport/internal/federation/oidc/oidctest"
)

func TestVerify(t *testing.T) {
	f := newFixture(t)
	token := f.passes(f.Sign(f.good().With("amr", []string{"pwd", "mfa"}, "team", "red")))
	if token.Issuer != f.URL || token.Subject != "subject-1" || token.Audience != client || token.AuthorizedParty != "" ||
		!slices.Equal(token.Audiences, []string{client}) || !slices.Equal(token.AMR, []string{"pwd", "mfa"}) ||
		!token.IssuedAt.Equal(start) || !token.Expiry.Equal(start.Add(time.Hour)) || string(token.Claims["team"]) != `"red"` {
		t.Errorf("the token is %+v", token)
	}
}

func TestAlgorithms(t *testing.T) {
	f := newFixture(t)
	ran := 0
	for _, alg := range []jose.SignatureAlgorithm{jose.RS256, jose.RS384, jose.RS512, jose.PS256, jose.PS384, jose.PS512,
		jose.ES256, jose.ES384, jose.ES512, jose.EdDSA} {
		ran++
		f.Keys = append(f.Keys, oidctest.NewKey(t, string(alg), alg))
	}
	for _, k := range f.Keys[1:] {
		f.passes(k.Sign(t, f.good(), nil))
		// The algorithm that a key says it is for is the only one.
		k.JWK["alg"] = "RS256"
		g := *f
		g.verifier = verifier(t, oidc.Options{PrivateIssuers: []string{f.PrivateIssuer()}, CAFile: f.CAFile})
		if k.Alg == jose.RS256 {
			g.passes(k.Sign(t, f.good(), nil))
		} else {
			g.refused(k.Sign(t, f.good(), nil), oidc.Invalid, noKey)
		}
	}
	if ran != 10 {
		t.Errorf("%d algorithms were tried", ran)
	}
}

func TestTimes(t *testing.T) {
	f := newFixture(t)
	at := func(d time.Duration) int64 { return f.now.Add(d).Unix() }
	f.passes(f.Sign(f.good().With("exp", at(time.Second))))
	f.passes(f.Sign(f.good().With("iat", at(-24*time.Hour), "nbf", at(5*time.Minute))))
	f.passes(f.Sign(f.good().With("iat", at(5*time.Minute))))
	f.refused(f.Sign(f.good().With("exp", at(0))), oidc.Expired,
		fmt.Sprintf("Token expired: current date/time %d must be before the expiration date/time %d", at(0), at(0)))
	f.refused(f.Sign(f.good().With("iat", at(-24*time.Hour-time.Second))), oidc.Expired, "Token must be redeemed within 24 hours of issuance")
	f.refused(f.Sign(f.good().With("iat", at(5*time.Minute+time.Second))), oidc.Invalid, notYet)
	f.refused(f.Sign(f.good().With("nbf", at(5*time.Minute+time.Second))), oidc.Invalid, notYet)
	for _, name := range []string{"exp", "iat", "nbf"} {
		for _, value := range []any{"1767323045", 1767323045.5, []int{1}, true} {
			f.refused(f.Sign(f.good().With(name, value)), oidc.Invalid, badClaim+name)
		}
	}
}

func TestRequiredClaims(t *testing.T) {
	f := newFixture(t)
	for _, name := range []string{"iss", "sub", "aud", "exp", "iat"} {
		f.refused(f.Sign(f.good().With(name, nil)), oidc.Invalid, noClaim+name)
	}
	f.refused(f.Keys[0].SignBytes(t, []byte(`{"iss":null,"sub":"x"}`), nil), oidc.Invalid, noClaim+"iss")
	f.refused(f.Sign(f.good().With("sub", "")), oidc.Invalid, noClaim+"sub")
	f.refused(f.Sign(f.good().With("sub", strings.Repeat("x", 256))), oidc.Invalid, badClaim+"sub")
	f.refused(f.Sign(f.good().With("sub", 7)), oidc.Invalid, badClaim+"sub")
	f.refused(f.Sign(f.good().With("amr", 7)), oidc.Invalid, badClaim+"amr")
	f.refused(f.Sign(f.good().With("amr", []string{strings.Repeat("x", 2000)})), oidc.Invalid, badClaim+"amr")
	f.refused(f.Sign(f.good().With("aud", []string{})), oidc.Invalid, noClaim+"aud")
}

// TestForm: what is no JWS in compact form, or can be read in two ways.
func TestForm(t *testing.T) {
	f := newFixture(t)
	good := f.Sign(f.good())
	f.passes(good)
	parts := strings.Split(good, ".")
	key := f.Keys[0]
	for name, token := range map[string]string{
		"empty": "", "one part": parts[0], "two parts": parts[0] + "." + parts[1], "four parts": good + ".x", "a JWE": good + ".x.y",
		"padding": parts[0] + "=." + parts[1] + "." + parts[2], "a line break": good + "\n", "another break": parts[0] + "\r\n." + parts[1] + "." + parts[2],
		"no signature": parts[0] + "." + parts[1] + ".", "JSON form": `{"protected":"` + parts[0] + `","payload":"` + parts[1] + `","signature":"` + parts[2] + `"}`,
		"too long":           f.Sign(f.good().With("filler", strings.Repeat("x", 16000))),
		"a list":             key.SignBytes(t, []byte(`[]`), nil),
		"null":               key.SignBytes(t, []byte(`null`), nil),
		"two subjects":       key.SignBytes(t, []byte(`{"iss":"`+f.URL+`","sub":"a","sub":"b"}`), nil),
		"two names within":   key.SignBytes(t, []byte(`{"iss":"`+f.URL+`","x":{"a":1,"a":2}}`), nil),
		"more than one":      key.SignBytes(t, []byte(`{"iss":"`+f.URL+`"} {}`), nil),
		"bytes out of UTF-8": key.SignBytes(t, []byte("{\"iss\":\""+f.URL+"\",\"sub\":\"\xff\"}"), nil),
		"deep":               key.SignBytes(t, []byte(strings.Repeat("[", 9000)), nil),
	} {
		if _, err := oidc.Parse(token); err == nil {
			t.Errorf("%s can be parsed", name)
		}
		f.refused(token, oidc.Invalid, notJWT)
	}
	// The last character of a part has bits that mean nothing, and must be zero.
	last := good[len(good)-1]
	for _, c := range "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_" {
		if byte(c) == last {
			continue
		}
		if _, err := f.verify(good[:len(good)-1] + string(c)); err == nil {
			t.Errorf("the signature has another spelling, with %c", c)
		}
	}
}

// TestTokenWithoutKeyID: it is for the only key of its algorithm.
func TestTokenWithoutKeyID(t *testing.T) {
	f := newFixture(t)
	ec := oidctest.NewKey(t, "second", jose.ES256)
	f.Keys = append(f.Keys, ec)
	unnamed := func(k *oidctest.Key) string {
		nameless := *k
		nameless.ID = ""
		return nameless.Sign(t, f.good(), nil)
	}
	f.passes(unnamed(f.Keys[0]))
	f.passes(unnamed(ec))
	f.Keys = append(f.Keys, oidctest.NewKey(t, "third", jose.ES256))
	f.now = f.now.Add(oidc.FreshFor)
	f.refused(unnamed(ec), oidc.Invalid, noKey)
}

// TestKeysOutOfBounds: keys of a set that are not used, and sets that are not.
func TestKeysOutOfBounds(t *testing.T) {
	f := newFixture(t)
	with := func(name string, value any) *oidctest.Key {
		k := oidctest.NewKey(t, "k-"+name, jose.RS256)
		k.JWK[name] = value
		return k
	}
	weak := oidctest.WeakKey(t, "weak")
	f.Keys = append(f.Keys, weak, with("use", "enc"), with("key_ops", []string{"encrypt"}), with("kty", "unknown"), with("e", "AQ"), with("use", 7))
	f.passes(f.Sign(f.good()))
	refused := 0
	for _, k := range f.Keys[1:] {
		f.refused(k.Sign(t, f.good(), nil), oidc.Invalid, noKey)
		refused++
	}
	if refused != 6 {
		t.Errorf("%d keys were tried", refused)
	}
	f = newFixture(t)
	for n := range 101 {
		k := *f.Keys[0]
		k.ID, k.JWK = fmt.Sprint("key-", n), oidctest.Claims(k.JWK).With("kid", fmt.Sprint("key-", n))
		f.Keys = append(f.Keys, &k)
	}
	f.refused(f.Sign(f.good()), oidc.Invalid, noKey)
}

// TestNotAllowedToAsk: what is known serves, what is not is not asked for.
func TestNotAllowedToAsk(t *testing.T) {
	f := newFixture(t)
	verify := func(token string) error {
		parsed, err := oidc.Parse(token)
		if err != nil {
			t.Fatal(err)
		}
		_, err = f.verifier.Verify(context.Background(), f.provider, parsed, f.now, func() bool { return false })
		return err
	}
	if err := verify(f.Sign(f.good())); !errors.Is(err, oidc.ErrNotAsked) {
		t.Errorf("without keys: %v", err)
	}
	f.asks(0)
	f.passes(f.Sign(f.good()))
	f.asks(2)
	if err := verify(f.Sign(f.good())); err != nil {
		t.Errorf("with keys: %v", err)
	}
	f.now = f.now.Add(oidc.FreshFor)
	if err := verify(f.Sign(f.good())); err != nil {
		t.Errorf("with keys that are no longer fresh: %v", err)
	}
	f.now = f.now.Add(oidc.KeptFor)
	if err := verify(f.Sign(f.good())); !errors.Is(err, oidc.ErrNotAsked) {
		t.Errorf("with keys that are too old: %v", err)
	}
	f.asks(0)
}

func TestPrivateIssuersAreChecked(t *testing.T) {
	for _, entry := range []string{"", "=127.0.0.1:1", "a/b", "host:443", "host=", "host=localhost:1", "host=127.0.0.1", "host=127.0.0.1:0",
		"host=169.254.169.254:443", "host=224.0.0.1:443", "host=0.0.0.0:443", "host=[fe80::1]:443", "host=[::ffff:169.254.169.254]:443"} {
		if _, err := oidc.New(oidc.Options{PrivateIssuers: []string{entry}}); err == nil {
			t.Errorf("%q is taken", entry)
		}
	}
	if _, err := oidc.New(oidc.Options{CAFile: "testdata/none.pem"}); err == nil {
		t.Error("a file that is not there is taken")
	}
}
