package oidc_test

import (
	"crypto"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-json-experiment/json"

	"sallyport/internal/federation/oidc"
	"sallyport/internal/federation/oidc/oidctest"
)

// part encodes one part of a token.
func part(t testing.TB, v any) string {
	t.Helper()
	raw, ok := v.([]byte)
	if !ok {
		var err error
		if raw, err = json.Marshal(v); err != nil {
			t.Fatal(err)
		}
	}
	return base64.RawURLEncoding.EncodeToString(raw)
}

// TestAttack19AlgNone: a token that nobody signed.
func TestAttack19AlgNone(t *testing.T) {
	f := newFixture(t)
	f.passes(f.Sign(f.good()))
	signature := part(t, []byte("x"))
	for _, alg := range []any{"none", "None", "NONE", "nOnE", "", " RS256", "rs256", "HS256", "HS384", "HS512", "A128KW", "ML-DSA-44", "ES256K"} {
		token := part(t, map[string]any{"alg": alg, "kid": "first"}) + "." + part(t, f.good()) + "."
		f.refused(token+signature, oidc.Invalid, badAlg)
		f.refused(token, oidc.Invalid, notJWT)
	}
	for _, header := range []any{map[string]any{"kid": "first"}, map[string]any{"alg": nil}, map[string]any{"alg": 7}, map[string]any{"alg": []string{"RS256"}}, "RS256",
		[]byte(`{"alg":"none","alg":"RS256","kid":"first"}`), []byte(`{"alg":"RS256","alg":"none","kid":"first"}`)} {
		f.refused(part(t, header)+"."+part(t, f.good())+"."+signature, oidc.Invalid, notJWT)
	}
}

// TestAttack19KeyConfusion: the public key as a shared secret, and one kind of key
// for the algorithm of another.
func TestAttack19KeyConfusion(t *testing.T) {
	f := newFixture(t)
	f.passes(f.Sign(f.good()))
	der, err := x509.MarshalPKIXPublicKey(f.Keys[0].Private.Public())
	if err != nil {
		t.Fatal(err)
	}
	jwk, err := json.Marshal(f.Keys[0].JWK)
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range [][]byte{der, pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}), jwk, {}} {
		for _, alg := range []string{"HS256", "RS256"} {
			signed := part(t, map[string]any{"alg": alg, "kid": "first"}) + "." + part(t, f.good())
			mac := hmac.New(sha256.New, secret)
			mac.Write([]byte(signed))
			message := badAlg
			if alg == "RS256" {
				message = badSign
			}
			f.refused(signed+"."+part(t, mac.Sum(nil)), oidc.Invalid, message)
		}
	}
	// A shared secret in the key set is none of its keys.
	f = newFixture(t)
	secret := f.Keys[0]
	f.Keys = append(f.Keys, &oidctest.Key{ID: "oct", JWK: map[string]any{"kty": "oct", "kid": "oct", "k": part(t, []byte("secret")), "alg": "HS256"}})
	signed := part(t, map[string]any{"alg": "RS256", "kid": "oct"}) + "." + part(t, f.good())
	mac := hmac.New(sha256.New, []byte("secret"))
	mac.Write([]byte(signed))
	f.refused(signed+"."+part(t, mac.Sum(nil)), oidc.Invalid, noKey)
	f.passes(secret.Sign(t, f.good(), nil))
	// A key of another kind than the algorithm's, under its id.
	ec := oidctest.NewKey(t, "first", jose.ES256)
	f.refused(ec.Sign(t, f.good(), nil), oidc.Invalid, noKey)
}

// TestAttack19KeyInjection: a token that brings its own key, or says where it is.
// Nobody goes there, and the issuer's key of that id counts.
func TestAttack19KeyInjection(t *testing.T) {
	f := newFixture(t)
	asked := 0
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked++ }))
	defer elsewhere.Close()
	own := oidctest.NewKey(t, "first", jose.RS256)
	certificate, _ := oidctest.Certificate(t, oidctest.Leaf(start, oidctest.Host), nil, nil)
	for name, value := range map[jose.HeaderKey]any{
		"jwk": own.JWK, "jku": elsewhere.URL + "/keys", "x5u": elsewhere.URL + "/x5u",
		"x5c": []string{base64.StdEncoding.EncodeToString(certificate.Raw)}, "x5t": oidctest.Thumbprint(certificate), "kid": "first",
	} {
		f.refused(own.Sign(t, f.good(), map[jose.HeaderKey]any{name: value}), oidc.Invalid, badSign)
		if name != "kid" {
			// They don't harm either: issuers send some of them.
			f.passes(f.Keys[0].Sign(t, f.good(), map[jose.HeaderKey]any{name: value}))
		}
	}
	for _, id := range []string{"../../../../dev/null", "first' OR '1'='1", "first\x00", "FIRST", "https://" + elsewhere.Listener.Addr().String(), strings.Repeat("x", 5000)} {
		named := *own
		named.ID = id
		f.refused(named.Sign(t, f.good(), nil), oidc.Invalid, noKey)
	}
	for _, name := range []string{"kid"} {
		f.refused(part(t, map[string]any{"alg": "RS256", name: 7})+"."+part(t, f.good())+".eA", oidc.Invalid, notJWT)
	}
	if asked != 0 {
		t.Errorf("%d requests went where the token said", asked)
	}
	for _, extra := range []map[jose.HeaderKey]any{{"crit": []string{"exp"}, "exp": 1}, {"crit": []string{"b64"}, "b64": true}, {"crit": []string{}}, {"b64": true}} {
		header := map[string]any{"alg": "RS256", "kid": "first"}
		for name, value := range extra {
			header[string(name)] = value
		}
		f.refused(part(t, header)+"."+part(t, f.good())+".eA", oidc.Invalid, critical)
	}
}

// TestAttack19TamperedToken: a signature is for what was signed.
func TestAttack19TamperedToken(t *testing.T) {
	f := newFixture(t)
	good, other := strings.Split(f.Sign(f.good()), "."), strings.Split(f.Sign(f.good().With("sub", "somebody else")), ".")
	f.refused(good[0]+"."+other[1]+"."+good[2], oidc.Invalid, badSign)
	f.refused(good[0]+"."+good[1]+"."+other[2], oidc.Invalid, badSign)
	f.refused(part(t, map[string]any{"alg": "RS256", "kid": "first", "x": 1})+"."+good[1]+"."+good[2], oidc.Invalid, badSign)
	stranger := oidctest.NewKey(t, "first", jose.RS256)
	f.refused(stranger.Sign(t, f.good(), nil), oidc.Invalid, badSign)
}

// TestAttack19WrongIssuerOrAudience: tokens for others.
func TestAttack19WrongIssuerOrAudience(t *testing.T) {
	f := newFixture(t)
	for _, issuer := range []any{"http://" + oidctest.Host, oidctest.Host, "", "https://", "https://user@" + oidctest.Host, f.URL + "?x", f.URL + "#x", "https://" + strings.Repeat("x", 3000)} {
		f.refused(f.Sign(f.good().With("iss", issuer)), oidc.Invalid, mustBeURL)
	}
	// Another issuer than the provider's; URLs are compared as they are.
	for _, issuer := range []any{f.URL + "/", f.URL + "/x", f.URL + ":443", "https://ISSUER.example.com", "https://issuer.example.com.example.org", "https://other.example.com"} {
		f.refused(f.Sign(f.good().With("iss", issuer)), oidc.Invalid, mustBeURL)
	}
	for _, aud := range []any{"other", []string{"other", "another"}, client + " ", strings.ToUpper(client), client + "," + client, "*"} {
		f.refused(f.Sign(f.good().With("aud", aud)), oidc.Invalid, audience)
	}
	for _, aud := range []any{7, map[string]any{}, []any{client, 7}, true} {
		f.refused(f.Sign(f.good().With("aud", aud)), oidc.Invalid, badClaim+"aud")
	}
	// An authorized party is the audience, whatever "aud" says.
	f.refused(f.Sign(f.good().With("azp", "other")), oidc.Invalid, audience)
	f.refused(f.Sign(f.good().With("azp", "")), oidc.Invalid, audience)
	f.refused(f.Sign(f.good().With("azp", []string{client})), oidc.Invalid, badClaim+"azp")
	token := f.passes(f.Sign(f.good().With("azp", client, "aud", []string{"other", "another"})))
	if token.Audience != client || token.AuthorizedParty != client || len(token.Audiences) != 2 {
		t.Errorf("the token is for %s, of %v", token.Audience, token.Audiences)
	}
	if token = f.passes(f.Sign(f.good().With("aud", []string{"other", client}))); token.Audience != client {
		t.Errorf("the token is for %s", token.Audience)
	}
	f.provider.ClientIDs = nil
	f.refused(f.Sign(f.good()), oidc.Invalid, audience)
}

// TestAttack19Expired: an expired token is refused before anybody is asked.
func TestAttack19Expired(t *testing.T) {
	f := newFixture(t)
	token := f.Sign(f.good())
	f.now = f.now.Add(time.Hour)
	f.refused(token, oidc.Expired, "Token expired: current date/time 1767326645 must be before the expiration date/time 1767326645")
	f.asks(0)
}

// TestAttack19KeyRotation: a new key is found, at a bounded rate; one that is
// withdrawn stops to count.
func TestAttack19KeyRotation(t *testing.T) {
	f := newFixture(t)
	old := f.Keys[0]
	f.passes(f.Sign(f.good()))
	f.asks(2)
	next := oidctest.NewKey(t, "next", jose.ES256)
	f.Keys = []*oidctest.Key{next, old}
	// Not at once: a stranger could make it up.
	f.refused(f.Sign(f.good()), oidc.Invalid, noKey)
	f.asks(0)
	f.now = f.now.Add(oidc.AskEvery)
	together(20, func() { f.passes(f.Sign(f.good())) })
	f.asks(2)
	f.passes(old.Sign(t, f.good(), nil))
	f.asks(0)
	f.Keys = []*oidctest.Key{next}
	f.now = f.now.Add(oidc.FreshFor - time.Second)
	f.passes(old.Sign(t, f.good(), nil))
	f.now = f.now.Add(time.Second)
	f.refused(old.Sign(t, f.good(), nil), oidc.Invalid, noKey)
	f.passes(f.Sign(f.good()))
	f.asks(2)
	// However many tokens name keys that are not there, the issuer is asked once in
	// a while.
	made := oidctest.NewKey(t, "made up", jose.ES256)
	for range 10 {
		f.now = f.now.Add(oidc.AskEvery / 2)
		f.refused(made.Sign(t, f.good(), nil), oidc.Invalid, noKey)
	}
	f.asks(10)
}

// TestAttack19IssuerOutage: known keys serve for a while, then nothing does; what
// is not known is not guessed.
func TestAttack19IssuerOutage(t *testing.T) {
	f := newFixture(t)
	f.Stop()
	f.refused(f.Sign(f.good()), oidc.Invalid, noKey)
	// Asked again at once, it is not asked again.
	f.refused(f.Sign(f.good()), oidc.Unreachable, tryAgain)
	f.now = f.now.Add(oidc.AskEvery)
	f.Start()
	f.passes(f.Sign(f.good()))
	came := f.now
	f.Stop()
	for _, after := range []time.Duration{oidc.FreshFor, time.Hour, oidc.KeptFor - time.Second} {
		f.now = came.Add(after)
		f.passes(f.Sign(f.good()))
		f.refused(oidctest.NewKey(t, "new", jose.RS256).Sign(t, f.good(), nil), oidc.Invalid, noKey)
	}
	f.now = came.Add(oidc.KeptFor + time.Minute)
	f.refused(f.Sign(f.good()), oidc.Invalid, noKey)
	f.Start()
	f.now = f.now.Add(oidc.AskEvery)
	f.passes(f.Sign(f.good()))
}

// TestAttack19HostileDocuments: an issuer's answers are believed only as far as
// they may be.
func TestAttack19HostileDocuments(t *testing.T) {
	answer := func(status int, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(status)
			w.Write([]byte(body)) //nolint:errcheck // the client may have gone
		}
	}
	ran := 0
	for name, spoil := range map[string]func(f *fixture){
		"another issuer":   func(f *fixture) { f.Discovery["issuer"] = "https://other.example.com" },
		"its own, longer":  func(f *fixture) { f.Discovery["issuer"] = f.URL + "/" },
		"no issuer":        func(f *fixture) { delete(f.Discovery, "issuer") },
		"no keys":          func(f *fixture) { delete(f.Discovery, "jwks_uri") },
		"keys over HTTP":   func(f *fixture) { f.Discovery["jwks_uri"] = "http://" + f.At + "/keys" },
		"keys in a file":   func(f *fixture) { f.Discovery["jwks_uri"] = "file:///etc/passwd" },
		"keys with user":   func(f *fixture) { f.Discovery["jwks_uri"] = "https://a:b@" + oidctest.Host + "/keys" },
		"an empty key set": func(f *fixture) { f.Keys = f.Keys[:0:0] },
		"an error":         func(f *fixture) { f.Answer(answer(500, "{}")) },
		"no content":       func(f *fixture) { f.Answer(answer(200, "")) },
		"a page":           func(f *fixture) { f.Answer(answer(200, "<html>")) },
		"a long document":  func(f *fixture) { f.Answer(answer(200, `{"x":"`+strings.Repeat("x", 1<<20)+`"}`)) },
		"a deep document":  func(f *fixture) { f.Answer(answer(200, strings.Repeat(`{"x":`, 20000))) },
		"a name twice":     func(f *fixture) { f.Answer(answer(200, `{"issuer":"x","issuer":"`+f.URL+`"}`)) },
		"long headers": func(f *fixture) {
			f.Answer(func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("X", strings.Repeat("x", 1<<17)) })
		},
		"a redirect": func(f *fixture) { f.Answer(http.RedirectHandler(f.URL+"/elsewhere", http.StatusFound).ServeHTTP) },
		"a broken off body": func(f *fixture) {
			f.Answer(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Length", "9")
				w.Write([]byte("{"))
			})
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			token := f.Sign(f.good())
			spoil(f)
			f.refused(token, oidc.Invalid, noKey)
			if got := f.Asked.Load(); got > 2 {
				t.Errorf("the issuer got %d requests", got)
			}
		})
		ran++
	}
	if ran < 15 {
		t.Errorf("%d answers were tried", ran)
	}
}

// TestAttack19SlowIssuer: whoever calls waits no longer than it takes AWS to give
// up, and not at all once gone.
func TestAttack19SlowIssuer(t *testing.T) {
	f := newFixture(t)
	release := make(chan struct{})
	defer close(release)
	f.Answer(func(http.ResponseWriter, *http.Request) { <-release })
	began := time.Now()
	together(10, func() { f.refused(f.Sign(f.good()), oidc.Invalid, noKey) })
	if took := time.Since(began); took > 9*time.Second {
		t.Errorf("the callers waited %s", took)
	}
	f.asks(1)
}

// TestAttack19Redirects: no answer leads anywhere else, not even on the issuer.
func TestAttack19Redirects(t *testing.T) {
	for _, status := range []int{301, 302, 303, 307, 308} {
		f := newFixture(t)
		reached := false
		elsewhere := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached = true }))
		for _, to := range []string{elsewhere.URL, "http://169.254.169.254/latest/meta-data/", f.URL + "/keys", "/keys"} {
			f.Answer(func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Location", to)
				w.WriteHeader(status)
			})
			f.now = f.now.Add(oidc.AskEvery)
			f.Asked.Store(0)
			f.refused(f.Sign(f.good()), oidc.Invalid, noKey)
			f.asks(1)
		}
		elsewhere.Close()
		if reached {
			t.Error("a redirect was followed")
		}
	}
}

// TestAttack19Thumbprints: a thumbprint stands for the root of a chain, not for a
// certificate that is merely sent along.
func TestAttack19Thumbprints(t *testing.T) {
	f := newFixture(t)
	// No system or operator trusts the issuer's authority from here on.
	f.verifier = verifier(t, oidc.Options{PrivateIssuers: []string{f.PrivateIssuer()}})
	f.refused(f.Sign(f.good()), oidc.Invalid, noKey)
	again := func(prints ...string) string {
		f.now, f.provider.Thumbprints = f.now.Add(oidc.AskEvery), prints
		return f.Sign(f.good())
	}
	f.refused(again(strings.Repeat("0", 40)), oidc.Invalid, thumbs)
	f.passes(again(strings.Repeat("0", 40), f.Thumbprint))
	// Keys that came by one provider's thumbprints are not another's.
	f.refused(again(strings.Repeat("1", 40)), oidc.Invalid, thumbs)

	file, err := pemOf(f.CAFile)
	if err != nil {
		t.Fatal(err)
	}
	authority, err := x509.ParseCertificate(file)
	if err != nil {
		t.Fatal(err)
	}
	for name, present := range map[string]func() (crypto.Signer, []*x509.Certificate){
		"a copy of the authority sent along": func() (crypto.Signer, []*x509.Certificate) {
			leaf, key := oidctest.Certificate(t, oidctest.Leaf(start, oidctest.Host), nil, nil)
			return key, []*x509.Certificate{leaf, authority}
		},
		"signed by another of that name": func() (crypto.Signer, []*x509.Certificate) {
			ca, caKey := oidctest.Certificate(t, oidctest.Authority(start), nil, nil)
			leaf, key := oidctest.Certificate(t, oidctest.Leaf(start, oidctest.Host), ca, caKey)
			return key, []*x509.Certificate{leaf, ca, authority}
		},
	} {
		t.Run(name, func(t *testing.T) {
			key, chain := present()
			f.Present(key, chain...)
			f.refused(again(f.Thumbprint, strings.Repeat("2", 40)), oidc.Invalid, noKey)
		})
	}
	// One's own authority counts within its limits: the host and the dates.
	ca, caKey := oidctest.Certificate(t, oidctest.Authority(start), nil, nil)
	own := oidctest.Thumbprint(ca)
	old := oidctest.Leaf(start.AddDate(-2, 0, 0), oidctest.Host)
	for name, c := range map[string]struct {
		leaf *x509.Certificate
		good bool
	}{
		"good": {oidctest.Leaf(start, oidctest.Host), true}, "another host": {oidctest.Leaf(start, "other.example.com"), false}, "expired": {old, false},
	} {
		leaf, key := oidctest.Certificate(t, c.leaf, ca, caKey)
		f.Present(key, leaf, ca)
		token := again(own)
		if c.good {
			f.passes(token)
			f.now = f.now.Add(oidc.KeptFor)
			continue
		}
		f.now = f.now.Add(oidc.KeptFor)
		t.Run(name, func(t *testing.T) { f.refused(again(own), oidc.Invalid, noKey) })
	}
	// A certificate that signed itself has its own thumbprint.
	self, key := oidctest.Certificate(t, oidctest.Leaf(start, oidctest.Host), nil, nil)
	f.Present(key, self)
	f.passes(again(oidctest.Thumbprint(self)))
}
