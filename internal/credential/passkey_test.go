package credential_test

import (
	"encoding/base64"
	"errors"
	"strings"
	"testing"

	"github.com/descope/virtualwebauthn"

	"sallyport/internal/credential"
)

const challenge = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"

var here = virtualwebauthn.RelyingParty{ID: "localhost", Name: "Sallyport", Origin: "http://localhost:7420"}

func party(t testing.TB) *credential.RelyingParty {
	t.Helper()
	p, err := credential.NewRelyingParty("http://localhost:7420")
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func person() credential.PasskeyUser {
	return credential.PasskeyUser{Handle: []byte("0123456789abcdef0123456789abcdef"), Name: "alice"}
}

// newKey is a credential whose key is written as COSE wants it: the library leaves
// zeros at the beginning of a coordinate out (RFC 9053, section 7.1.1).
func newKey() virtualwebauthn.Credential {
	for {
		c := virtualwebauthn.NewCredential(virtualwebauthn.KeyTypeEC2)
		key := string(c.Key.AttestationData())
		if strings.Contains(key, "\x21\x58\x20") && strings.Contains(key, "\x22\x58\x20") {
			return c
		}
	}
}

// created is an authenticator's answer to the options of a person.
func created(t testing.TB, p *credential.RelyingParty, rp virtualwebauthn.RelyingParty, auth virtualwebauthn.Authenticator, key virtualwebauthn.Credential) string {
	t.Helper()
	options, err := p.CreationOptions(person(), challenge)
	if err != nil {
		t.Fatal(err)
	}
	asked, err := virtualwebauthn.ParseAttestationOptions(string(options))
	if err != nil {
		t.Fatal(err)
	}
	if asked.UserID != string(person().Handle) || asked.RelyingPartyID != "localhost" || base64.RawURLEncoding.EncodeToString(asked.Challenge) != challenge {
		t.Errorf("asked for %+v", asked)
	}
	return virtualwebauthn.CreateAttestationResponse(rp, auth, key, *asked)
}

// got is an authenticator's answer to the options of a person who has the key.
func got(t testing.TB, p *credential.RelyingParty, rp virtualwebauthn.RelyingParty, auth virtualwebauthn.Authenticator, key virtualwebauthn.Credential) (credential.PasskeyUser, string) {
	t.Helper()
	u := person()
	kept, err := p.Register(u, challenge, []byte(created(t, p, here, virtualwebauthn.NewAuthenticator(), key)))
	if err != nil {
		t.Fatal(err)
	}
	u.Passkeys = []credential.Passkey{*kept}
	options, err := p.RequestOptions(u, challenge)
	if err != nil {
		t.Fatal(err)
	}
	asked, err := virtualwebauthn.ParseAssertionOptions(string(options))
	if err != nil || !key.IsAllowedForAssertion(*asked) {
		t.Fatalf("asked for %s, %v", options, err)
	}
	return u, virtualwebauthn.CreateAssertionResponse(rp, auth, key, *asked)
}

func TestPasskey(t *testing.T) {
	for name, key := range map[string]virtualwebauthn.Credential{"ES256": newKey(), "RS256": virtualwebauthn.NewCredential(virtualwebauthn.KeyTypeRSA)} {
		t.Run(name, func(t *testing.T) {
			p, auth := party(t), virtualwebauthn.NewAuthenticator()
			key.Counter = 7
			u, answer := got(t, p, here, auth, key)
			if k := u.Passkeys[0]; k.SignCount != 7 || string(k.ID) != string(key.ID) || k.Format != "packed" || k.Flags&1 == 0 {
				t.Errorf("registered as %+v", k)
			}
			id, count, err := p.Prove(u, challenge, []byte(answer))
			if err != nil || count != 7 || string(id) != string(key.ID) {
				t.Errorf("proved as %x, %d, %v", id, count, err)
			}
			options, err := p.CreationOptions(u, challenge)
			if err != nil || !strings.Contains(string(options), `"excludeCredentials":[{"type":"public-key"`) || !strings.Contains(string(options), `"userVerification":"preferred"`) {
				t.Errorf("a second one is asked for with %s, %v", options, err)
			}
		})
	}
}

// TestAttackPasskeyAnswers: an answer counts for what was asked of whom, and
// nothing else.
func TestAttackPasskeyAnswers(t *testing.T) {
	p, auth, key := party(t), virtualwebauthn.NewAuthenticator(), newKey()
	absent := virtualwebauthn.NewAuthenticatorWithOptions(virtualwebauthn.AuthenticatorOptions{UserNotPresent: true})
	synced := virtualwebauthn.NewAuthenticatorWithOptions(virtualwebauthn.AuthenticatorOptions{BackupEligible: true})
	stranger := virtualwebauthn.NewAuthenticatorWithOptions(virtualwebauthn.AuthenticatorOptions{UserHandle: []byte("mallory")})
	u, good := got(t, p, here, auth, key)
	other := newKey()
	impostor := other
	impostor.ID = key.ID
	elsewhere := func(id, origin string) virtualwebauthn.RelyingParty {
		return virtualwebauthn.RelyingParty{ID: id, Origin: origin}
	}
	answer := func(rp virtualwebauthn.RelyingParty, auth virtualwebauthn.Authenticator, key virtualwebauthn.Credential) string {
		asked, _ := virtualwebauthn.ParseAssertionOptions(`{"challenge":"` + challenge + `"}`)
		return virtualwebauthn.CreateAssertionResponse(rp, auth, key, *asked)
	}
	for name, wrong := range map[string]string{
		"another origin":         answer(elsewhere("localhost", "http://localhost:7421"), auth, key),
		"another scheme":         answer(elsewhere("localhost", "https://localhost:7420"), auth, key),
		"a name below":           answer(elsewhere("localhost", "http://mallory.localhost:7420"), auth, key),
		"another rpId":           answer(elsewhere("example.com", here.Origin), auth, key),
		"nobody present":         answer(here, absent, key),
		"another credential":     answer(here, auth, other),
		"another key":            answer(here, auth, impostor),
		"another user's handle":  answer(here, stranger, key),
		"another kind of key":    answer(here, synced, key),
		"an answer to creation":  created(t, p, here, auth, key),
		"a signature cut":        strings.Replace(good, `"signature":"ME`, `"signature":"MF`, 1),
		"nothing":                "",
		"no object":              "null",
		"something without end":  `{"id":"` + strings.Repeat("A", credential.MaxPasskeyAnswer) + `"}`,
		"another answer's bytes": strings.Replace(good, `"authenticatorData":"`, `"authenticatorData":"AA`, 1),
	} {
		if id, _, err := p.Prove(u, challenge, []byte(wrong)); !errors.Is(err, credential.ErrPasskey) || id != nil {
			t.Errorf("%s: %x, %v", name, id, err)
		}
	}
	if _, _, err := p.Prove(u, "HwECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8", []byte(good)); !errors.Is(err, credential.ErrPasskey) {
		t.Errorf("another challenge: %v", err)
	}
	if _, _, err := p.Prove(person(), challenge, []byte(good)); !errors.Is(err, credential.ErrPasskey) {
		t.Errorf("without passkeys: %v", err)
	}
	for name, wrong := range map[string]string{
		"another origin":       created(t, p, elsewhere("localhost", "http://localhost"), auth, key),
		"another rpId":         created(t, p, elsewhere("example.com", here.Origin), auth, key),
		"nobody present":       created(t, p, here, absent, key),
		"an answer to a login": good,
		"nothing":              "",
	} {
		if k, err := p.Register(person(), challenge, []byte(wrong)); !errors.Is(err, credential.ErrPasskey) || k != nil {
			t.Errorf("registered with %s: %+v, %v", name, k, err)
		}
	}
}

func TestCheckSignCount(t *testing.T) {
	for _, c := range []struct {
		last, count uint32
		want        bool
	}{{0, 0, true}, {0, 1, true}, {1, 2, true}, {1, 9, true}, {1, 1, false}, {2, 1, false}, {1, 0, false}, {1<<32 - 1, 0, false}} {
		if err := credential.CheckSignCount(c.last, c.count); (err == nil) != c.want || err != nil && !errors.Is(err, credential.ErrSignCount) {
			t.Errorf("%d after %d: %v", c.count, c.last, err)
		}
	}
}

func TestRelyingParty(t *testing.T) {
	for url, want := range map[string]bool{
		"http://localhost:7420": true, "https://sallyport.example.com": true, "https://example.com:8443": true, "http://a.localhost": true,
		"http://127.0.0.1:7420": false, "https://192.0.2.1": false, "https://[2001:db8::1]:443": false,
		"http://sallyport.example.com": false, "": false, "https://": false, "://": false,
	} {
		if _, err := credential.NewRelyingParty(url); (err == nil) != want {
			t.Errorf("%q: %v", url, err)
		}
	}
}

// No answer, however odd, registers or proves anything that was not signed.
func FuzzPasskeyAnswer(f *testing.F) {
	p, auth, key := party(f), virtualwebauthn.NewAuthenticator(), newKey()
	u, good := got(f, p, here, auth, key)
	f.Add([]byte(good))
	f.Add([]byte(created(f, p, here, auth, key)))
	f.Add([]byte(`{"id":"AA","rawId":"AA","type":"public-key","response":{"attestationObject":"o2NmbXRkbm9uZWdhdHRTdG10oGhhdXRoRGF0YUA"}}`))
	u.Passkeys[0].PublicKey[len(u.Passkeys[0].PublicKey)-1] ^= 1 // nobody has this key
	f.Fuzz(func(t *testing.T, answer []byte) {
		if _, _, err := p.Prove(u, challenge, answer); err == nil {
			t.Error("proved without the key")
		}
		if k, err := p.Register(person(), challenge, answer); err == nil && (len(k.ID) == 0 || len(k.PublicKey) == 0) {
			t.Errorf("registered %+v", k)
		}
	})
}
