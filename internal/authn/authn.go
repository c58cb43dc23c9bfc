package authn

import (
	"context"
	"errors"
	"net/http"
	"time"

	"sallyport/internal/api"
	"sallyport/internal/iam"
	"sallyport/internal/ident"
	"sallyport/internal/journal"
	"sallyport/internal/operation"
	"sallyport/internal/state"
	"sallyport/internal/sts"
	"sallyport/policy"
	"sallyport/sigv4"
)

// The errors AWS gives for credentials that are not good, whatever the reason
// (https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html).
var (
	errInvalidToken = api.Errorf("InvalidClientTokenId", http.StatusForbidden, true,
		"The security token included in the request is invalid.")
	errExpiredToken = api.Errorf("ExpiredToken", http.StatusForbidden, true,
		"The security token included in the request is expired")
)

// State is what an Authenticator asks of the server's state.
type State interface {
	// View returns the committed state of a stream.
	View(id state.StreamID) (*state.View, bool)
	// Secret opens a sealed secret of a stream.
	Secret(ctx context.Context, id state.StreamID, secretID string) ([]byte, error)
}

// An Authenticator verifies signatures. It is safe for concurrent use.
type Authenticator struct {
	state  State
	tokens *sts.Tokens
	keys   *sigv4.KeyCache
	// nobody is the secret that signatures of unknown keys are checked
	// against, so that refusing them takes as long.
	nobody string
}

// New returns an authenticator. nobody is a random secret that no key has.
func New(s State, tokens *sts.Tokens, keys *sigv4.KeyCache, nobody string) *Authenticator {
	return &Authenticator{state: s, tokens: tokens, keys: keys, nobody: nobody}
}

// Authenticate verifies the signature that p was parsed from and returns who
// made it. account is the account the access key id belongs to, known or not
// to exist, for the audit trail of failures; empty when it can't be told.
func (a *Authenticator) Authenticate(ctx context.Context, p *sigv4.Parsed, bodySHA256 string, now time.Time, rules sigv4.Rules) (caller *operation.Caller, account string, err error) {
	account = a.account(p.AccessKeyID)
	if err := p.Check(now, rules); err != nil {
		return nil, account, err
	}
	if p.SessionToken != "" {
		caller, err = a.temporary(p, bodySHA256, now, rules)
	} else {
		caller, err = a.longTerm(ctx, p, account, bodySHA256, now, rules)
	}
	return caller, account, err
}

// account finds the account of an access key: the directory knows those that
// an operator chose, all others say it themselves.
func (a *Authenticator) account(keyID string) string {
	if directory, ok := a.state.View(state.Directory); ok {
		if owner, ok := iam.DirectoryKeys.Get(directory, keyID); ok {
			return owner.Account
		}
	}
	account, _ := ident.AccessKeyAccount(keyID)
	if _, ok := a.state.View(state.AccountStream(account)); !ok {
		return ""
	}
	return account
}

func (a *Authenticator) longTerm(ctx context.Context, p *sigv4.Parsed, account, bodySHA256 string, now time.Time, rules sigv4.Rules) (*operation.Caller, error) {
	view, ok := a.state.View(state.AccountStream(account))
	if !ok {
		return nil, a.refuse(p, bodySHA256, now, rules)
	}
	key, ok := iam.AccessKeys.Get(view, p.AccessKeyID)
	if !ok || !key.Active {
		return nil, a.refuse(p, bodySHA256, now, rules)
	}
	err := a.keys.Verify(p, bodySHA256, func() (sigv4.Secret, error) {
		secret, err := a.state.Secret(ctx, state.AccountStream(account), iam.AccessKeySecret(key.ID))
		if errors.Is(err, journal.ErrNotFound) {
			return "", errInvalidToken // deleted since the view was taken
		}
		return sigv4.Secret(secret), err
	}, now, rules)
	if err != nil {
		return nil, err
	}
	return longTermCaller(view, account, key)
}

// longTermCaller is the principal an access key acts as.
func longTermCaller(view *state.View, account string, key *iam.AccessKey) (*operation.Caller, error) {
	if key.User == "" {
		c := iam.RootCaller(account)
		c.AccessKeyID = key.ID
		return c, nil
	}
	user, ok := iam.Users.Get(view, key.User)
	if !ok {
		return nil, errInvalidToken
	}
	c := iam.UserCaller(account, user)
	c.AccessKeyID = key.ID
	return c, nil
}

// refuse does the work of a verification and returns InvalidClientTokenId.
func (a *Authenticator) refuse(p *sigv4.Parsed, bodySHA256 string, now time.Time, rules sigv4.Rules) error {
	key := sigv4.DeriveKey(a.nobody, p.Scope.Date, p.Scope.Region, p.Scope.Service)
	if err := p.Verify(bodySHA256, &key, now, rules); err == nil {
		return api.InternalFailure(errors.New("authn: a signature with the key of nobody"))
	}
	return errInvalidToken
}

// temporary authenticates with a session token. The token proves that the
// session was issued here; the live state says whether it is still good.
func (a *Authenticator) temporary(p *sigv4.Parsed, bodySHA256 string, now time.Time, rules sigv4.Rules) (*operation.Caller, error) {
	token, err := a.tokens.Open(p.AccessKeyID, string(p.SessionToken))
	if err != nil {
		return nil, a.refuse(p, bodySHA256, now, rules)
	}
	key := sigv4.DeriveKey(token.Secret, p.Scope.Date, p.Scope.Region, p.Scope.Service)
	if err := p.Verify(bodySHA256, &key, now, rules); err != nil {
		return nil, err
	}
	if !now.Before(token.Expires) {
		return nil, errExpiredToken
	}
	view, ok := a.state.View(state.AccountStream(token.Account))
	if !ok {
		return nil, errInvalidToken
	}
	return SessionCaller(view, token)
}

// SessionCaller is the principal that temporary credentials act as, if its
// role or user still exists. The view is of the token's account.
func SessionCaller(view *state.View, t *sts.Token) (*operation.Caller, error) {
	var c *operation.Caller
	switch t.Kind {
	case policy.Root:
		c = iam.RootCaller(t.Account)
	case policy.User:
		user, ok := iam.Users.Get(view, t.EntityID)
		if !ok {
			return nil, errInvalidToken
		}
		c = iam.UserCaller(t.Account, user)
	case policy.FederatedUser:
		var user *iam.User // none of the root user's
		if t.EntityID != "" {
			var ok bool
			if user, ok = iam.Users.Get(view, t.EntityID); !ok {
				return nil, errInvalidToken
			}
		}
		c = iam.FederatedCaller(t.Account, user, t.Name)
		c.Tags = iam.CaseInsensitiveTags.Merge(c.Tags, t.Tags)
	case policy.RoleSession:
		role, ok := iam.Roles.Get(view, t.EntityID)
		if !ok {
			return nil, errInvalidToken
		}
		c = iam.RoleCaller(t.Account, role, t.Name)
		c.Tags = iam.CaseInsensitiveTags.Merge(role.Tags, t.Tags)
	default:
		return nil, errInvalidToken
	}
	c.AccessKeyID = t.AccessKeyID
	c.Session = t.Session()
	return c, nil
}

// StillGood asks again, of the state a change is decided on, whether the
// caller's credentials are what they were when the request was authenticated.
// r is of the caller's account, session of the one that has its console session
// when it has one.
func StillGood(r, session state.Reader, c *operation.Caller) error {
	if c.Assertion != nil {
		if !iam.ProviderExists(r, c.Assertion.Provider) {
			return errInvalidToken
		}
		return nil
	}
	if c.Console != nil && !iam.ConsoleSessions.Has(session, c.Console.Key) {
		return errExpiredToken
	}
	if c.Session == nil {
		key, ok := iam.AccessKeys.Get(r, c.AccessKeyID)
		if !ok || !key.Active || key.User != c.EntityID {
			return errInvalidToken
		}
	}
	ok := true
	switch c.Principal.Kind {
	case policy.User, policy.FederatedUser:
		_, ok = iam.Users.Get(r, c.EntityID)
		ok = ok || c.Principal.Kind == policy.FederatedUser && c.EntityID == "" // the root user's
	case policy.RoleSession:
		_, ok = iam.Roles.Get(r, c.EntityID)
	}
	if !ok {
		return errInvalidToken
	}
	return nil
}
