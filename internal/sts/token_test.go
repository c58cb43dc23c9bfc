package sts

import (
	"encoding/base64"
	"errors"
	"reflect"
	"testing"
	"time"

	"sallyport/internal/operation"
	"sallyport/internal/seal"
	"sallyport/policy"
)

func tokens(t testing.TB) *Tokens {
	t.Helper()
	sealer, err := seal.New(seal.GenerateKey())
	if err != nil {
		t.Fatal(err)
	}
	return NewTokens(sealer)
}

func example() *Token {
	issued := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	return &Token{
		AccessKeyID: "ASIAIOSFODNN7EXAMPLE", Secret: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
		Account: "111122223333", Kind: policy.RoleSession, EntityID: "AROAEXAMPLEEXAMPLEEXA", Name: "session",
		Issued: issued, Expires: issued.Add(time.Hour), Policies: []string{"{}"}, PolicyARNs: []string{"arn:aws:iam::aws:policy/ReadOnlyAccess"},
		Tags: []operation.Tag{{Key: "team", Value: "red"}}, Transitive: []string{"team"}, SourceIdentity: "alice",
		MFAAt: issued, Chained: true,
	}
}

func TestTokenRoundTrip(t *testing.T) {
	ts, want := tokens(t), example()
	sealed, err := ts.Seal(want, 0)
	if err != nil {
		t.Fatal(err)
	}
	got, err := ts.Open(want.AccessKeyID, sealed)
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v\nwant %+v", got, err, want)
	}
}

// TestAttackForgedToken: a token is good for its own key id on its own server,
// and not with a byte changed.
func TestAttackForgedToken(t *testing.T) {
	ts, token := tokens(t), example()
	sealed, err := ts.Seal(token, 0)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := base64.StdEncoding.DecodeString(sealed)
	if err != nil {
		t.Fatal(err)
	}
	forged := map[string]string{"empty": "", "not base64": "!", "mark alone": base64.StdEncoding.EncodeToString([]byte(tokenMark)),
		"without mark": base64.StdEncoding.EncodeToString(raw[len(tokenMark):]), "too long": string(make([]byte, MaxTokenBytes+1))}
	for i := range raw {
		changed := append([]byte(nil), raw...)
		changed[i] ^= 1
		forged["byte "+string(rune('a'+i%26))+base64.StdEncoding.EncodeToString([]byte{byte(i >> 8), byte(i)})] = base64.StdEncoding.EncodeToString(changed)
	}
	for name, token := range forged {
		if _, err := ts.Open("ASIAIOSFODNN7EXAMPLE", token); !errors.Is(err, ErrToken) {
			t.Errorf("%s: %v, want ErrToken", name, err)
		}
	}
	if _, err := ts.Open("ASIAIOSFODNN7EXAMPL2", sealed); !errors.Is(err, ErrToken) {
		t.Errorf("with another key id: %v, want ErrToken", err)
	}
	if _, err := tokens(t).Open(token.AccessKeyID, sealed); !errors.Is(err, ErrToken) {
		t.Errorf("on another server: %v, want ErrToken", err)
	}
}

func FuzzOpen(f *testing.F) {
	ts, token := tokens(f), example()
	sealed, err := ts.Seal(token, 0)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(token.AccessKeyID, sealed)
	f.Add("", "IQoJb3JpZ2luX2Vj")
	f.Fuzz(func(t *testing.T, id, text string) {
		if got, err := ts.Open(id, text); err == nil && (id != token.AccessKeyID || text != sealed || got.Secret != token.Secret) {
			t.Errorf("a token that was not issued was opened: %q", text)
		}
	})
}
