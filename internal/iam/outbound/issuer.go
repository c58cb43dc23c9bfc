package outbound

import (
	"context"
	"crypto/subtle"
	"fmt"
	"strings"

	"sallyport/internal/federation/issuer"
	"sallyport/internal/iam"
	"sallyport/internal/state"
)

// Path begins the paths of all issuers: it is followed by an account and the UUID
// of its issuer.
const Path = "/outbound/"

// New returns the issuers under the server's public URL.
func New(env *iam.Env, secrets Secrets, publicURL string) *Service {
	return &Service{env: env, secrets: secrets, url: strings.TrimRight(publicURL, "/")}
}

func (s *Service) urlOf(account string, f *iam.OutboundFederation) string {
	return s.url + Path + account + "/" + f.Issuer
}

// Issuer is the URL of the account's issuer; ok is false while outbound federation
// is disabled. r is of the account.
func (s *Service) Issuer(r state.Reader, account string) (url string, ok bool) {
	f, ok := enabled(r)
	if !ok {
		return "", false
	}
	return s.urlOf(account, f), true
}

// Own reports whether a URL is that of an issuer of this server, which may be none
// any more.
func (s *Service) Own(issuer string) bool {
	return s.url != "" && strings.HasPrefix(issuer, s.url+Path)
}

// Sign makes a token of claims with the key that the account's issuer has for an
// algorithm. r is of the account.
func (s *Service) Sign(ctx context.Context, r state.Reader, account, algorithm string, claims []byte) (string, error) {
	f, ok := enabled(r)
	if !ok {
		return "", fmt.Errorf("iam/outbound: account %s issues no tokens", account)
	}
	for _, key := range f.Keys {
		if key.Algorithm != algorithm {
			continue
		}
		private, err := s.secrets.Secret(ctx, state.AccountStream(account), iam.IssuerKeySecret(key.ID))
		if err != nil {
			return "", err
		}
		defer clear(private)
		return issuer.Sign(key, private, claims)
	}
	return "", fmt.Errorf("iam/outbound: account %s has no key for %q", account, algorithm)
}

// Document is the public document at a path, of an issuer whose tokens may still
// hold. Of every other there is none, whether it ever was or not.
func (s *Service) Document(path string) (document []byte, ok bool) {
	rest, ok := strings.CutPrefix(path, Path)
	account, rest, found := strings.Cut(rest, "/")
	if !ok || !found {
		return nil, false
	}
	view, ok := s.env.Accounts(account)
	if !ok {
		return nil, false
	}
	f, ok := iam.OutboundFederations.Get(view, iam.AccountKey)
	if !ok || !f.Alive(s.env.Now()) {
		return nil, false
	}
	at := min(len(f.Issuer), len(rest))
	if subtle.ConstantTimeCompare([]byte(rest[:at]), []byte(f.Issuer)) != 1 {
		return nil, false
	}
	var err error
	switch rest[at:] {
	case issuer.DiscoveryPath:
		document, err = issuer.Discovery(s.urlOf(account, f))
	case issuer.KeySetPath:
		document, err = issuer.KeySet(f.Keys)
	default:
		return nil, false
	}
	return document, err == nil
}
