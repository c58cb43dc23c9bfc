package oidc_test

import (
	"context"
	"encoding/pem"
	"errors"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"sallyport/internal/federation/oidc"
	"sallyport/internal/federation/oidc/oidctest"
)

const client = "client-1"

// start is the time of every test.
var start = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// fixture is a verifier with an issuer it can reach.
type fixture struct {
	*oidctest.Issuer
	verifier *oidc.Verifier
	provider oidc.Provider
	now      time.Time
}

func newFixture(t testing.TB) *fixture {
	t.Helper()
	i := oidctest.New(t, start)
	return &fixture{
		Issuer: i, now: start, provider: oidc.Provider{Issuer: i.URL, ClientIDs: []string{client}},
		verifier: verifier(t, oidc.Options{PrivateIssuers: []string{i.PrivateIssuer()}, CAFile: i.CAFile}),
	}
}

func verifier(t testing.TB, o oidc.Options) *oidc.Verifier {
	t.Helper()
	v, err := oidc.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func mayAsk() bool { return true }

// good are claims that pass.
func (f *fixture) good() oidctest.Claims { return f.Claims(client, f.now) }

func (f *fixture) verify(token string) (*oidc.Token, error) {
	parsed, err := oidc.Parse(token)
	if err != nil {
		return nil, err
	}
	return f.verifier.Verify(context.Background(), f.provider, parsed, f.now, mayAsk)
}

// passes verifies a token that must be good.
func (f *fixture) passes(token string) *oidc.Token {
	f.Helper()
	verified, err := f.verify(token)
	if err != nil {
		f.Fatalf("refused: %v", err)
	}
	return verified
}

// refused verifies a token that must not be, with these words.
func (f *fixture) refused(token string, kind oidc.Kind, message string) {
	f.Helper()
	verified, err := f.verify(token)
	said, ok := errors.AsType[*oidc.Error](err)
	switch {
	case err == nil:
		f.Errorf("a token of %s passes", verified.Subject)
	case !ok:
		f.Errorf("%v is no *oidc.Error", err)
	case said.Kind != kind || said.Message != message:
		f.Errorf("refused by %d %q (%v), want %d %q", said.Kind, said.Message, said.Cause, kind, message)
	case verified != nil:
		f.Error("a token that is refused is returned")
	case token != "" && strings.Contains(err.Error(), token):
		f.Error("the error holds the token")
	}
}

// asks checks how often the issuer was asked since the last time, by requests.
func (f *fixture) asks(want int64) {
	f.Helper()
	if got := f.Asked.Swap(0); got != want {
		f.Errorf("the issuer got %d requests, want %d", got, want)
	}
}

// together calls fn from so many goroutines at once.
func together(n int, fn func()) {
	var wait sync.WaitGroup
	begin := make(chan struct{})
	for range n {
		wait.Go(func() {
			<-begin
			fn()
		})
	}
	close(begin)
	wait.Wait()
}

const (
	notJWT    = "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)"
	noKey     = "Couldn't retrieve verification key from your identity provider,  please reference AssumeRoleWithWebIdentity documentation for requirements"
	badAlg    = "The signature algorithm of the token is not supported."
	badSign   = "The token's signature is not valid."
	badClaim  = "The token has an invalid claim: "
	noClaim   = "Missing a required claim: "
	audience  = "Incorrect token audience"
	notYet    = "The token is not valid yet."
	critical  = "The token has critical header parameters that are not supported."
	mustBeURL = "Issuer must be a valid URL"
	thumbs    = "OpenIDConnect provider's HTTPS certificate doesn't match configured thumbprint"
	tryAgain  = "The identity provider could not be reached. Try again later."
)

// pemOf reads the first block of a file.
func pemOf(file string) ([]byte, error) {
	raw, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(raw)
	if block == nil {
		return nil, errors.New("no PEM")
	}
	return block.Bytes, nil
}
