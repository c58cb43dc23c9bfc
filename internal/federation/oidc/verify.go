package oidc

import (
	"bytes"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"time"
)

// Options configure a Verifier.
type Options struct {
	// PrivateIssuers are hosts that need not be on the public internet: "HOST", or
	// "HOST=ADDRESS:PORT" for one whose name need not resolve and that is reached
	// there.
	PrivateIssuers []string
	// CAFile holds certificates, in PEM, that are trusted beside the system's.
	CAFile string
	Logger *slog.Logger // nil discards
}

// A Provider is an issuer as an account has registered it.
type Provider struct {
	Issuer string // its URL
	// ClientIDs are the audiences that its tokens may have.
	ClientIDs []string
	// Thumbprints are SHA-1 hashes of certificates, 40 lower-case hexadecimal
	// digits each.
	Thumbprints []string
}

// A Verifier verifies tokens. It is safe for concurrent use.
type Verifier struct{ keys *cache }

// New returns a verifier that knows no keys yet.
func New(o Options) (*Verifier, error) {
	roots, err := x509.SystemCertPool()
	if err != nil {
		return nil, fmt.Errorf("the system's certificates: %w", err)
	}
	if o.CAFile != "" {
		file, err := os.ReadFile(o.CAFile)
		if err != nil {
			return nil, err
		}
		if !roots.AppendCertsFromPEM(file) {
			return nil, fmt.Errorf("%s holds no certificate in PEM", o.CAFile)
		}
	}
	private, err := parsePrivate(o.PrivateIssuers)
	if err != nil {
		return nil, err
	}
	logger := o.Logger
	if logger == nil {
		logger = slog.New(slog.DiscardHandler)
	}
	f := &fetcher{roots: roots, private: private}
	return &Verifier{keys: newCache(f.fetch, logger)}, nil
}

// Verify checks a token of the provider. mayAsk is called when the issuer has to
// be asked for its keys, and says whether that is allowed; if it isn't and no keys
// are known, the error is ErrNotAsked. Other errors are of type *Error.
func (v *Verifier) Verify(ctx context.Context, p Provider, t *Parsed, now time.Time, mayAsk func() bool) (*Token, error) {
	if t.Issuer != p.Issuer {
		return nil, invalid(msgIssuer, errors.New("the token is another issuer's"))
	}
	token, err := t.token(p.ClientIDs, now)
	if err != nil {
		return nil, err
	}
	keys, err := v.keys.fitting(ctx, p, t.header, now, mayAsk)
	if err != nil {
		return nil, err
	}
	payload, err := keys.verified(t)
	if err != nil {
		return nil, invalid(msgSignature, err)
	}
	if !bytes.Equal(payload, t.payload) {
		return nil, invalid(msgSignature, errors.New("what was signed is not what was read"))
	}
	return token, nil
}

// trust names what the issuer's keys depend on beside the issuer: keys that came
// by one provider's thumbprints are no other's.
func (p *Provider) trust() string {
	key := p.Issuer
	for _, print := range slices.Sorted(slices.Values(p.Thumbprints)) {
		key += " " + print
	}
	return key
}
