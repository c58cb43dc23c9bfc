package session

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"time"

	"sallyport/internal/authn"
	"sallyport/internal/iam"
	"sallyport/internal/operation"
	"sallyport/internal/state"
	"sallyport/internal/sts"
	"sallyport/policy"
)

// cookieName is the session's cookie.
const cookieName = "session"

// ErrNone says that a request comes with no session that is good.
var ErrNone = errors.New("session: not signed in")

// Sessions opens the sessions of a server.
type Sessions struct {
	*Cookies
	accounts func(account string) (*state.View, bool)
}

// New returns the sessions of the accounts, which accounts gives as committed.
func New(cookies *Cookies, accounts func(account string) (*state.View, bool)) *Sessions {
	return &Sessions{Cookies: cookies, accounts: accounts}
}

// A Session is one that was opened, as it is now.
type Session struct {
	Account, Key string // where its row is
	Row          *iam.ConsoleSession
	// Own is who signed in. Caller is whom the session acts as: Own, or the role
	// that was switched to; nil when that role, or its session, is over.
	Own, Caller *operation.Caller

	ticket ticket
}

// Key is the key of the row of a session.
func Key(owner, id string) string {
	sum := sha256.Sum256([]byte(id))
	return iam.ConsoleSessionKey(owner, hex.EncodeToString(sum[:]))
}

// Open finds the session that a request comes with. Whether this node may answer
// is for the caller to have asked before.
func (s *Sessions) Open(r *http.Request, now time.Time) (*Session, error) {
	var t ticket
	if !s.Cookies.Open(cookiePurpose, "", s.Value(r, cookieName), maxCookie, &t) || !now.Before(t.Until) {
		return nil, ErrNone
	}
	view, ok := s.accounts(t.Account)
	if !ok {
		return nil, ErrNone
	}
	found := &Session{Account: t.Account, Key: Key(t.Owner, t.ID), ticket: t}
	if found.Row, ok = iam.ConsoleSessions.Get(view, found.Key); !ok || !now.Before(found.Row.Expires) {
		return nil, ErrNone
	}
	if found.Own, ok = own(view, found); !ok {
		return nil, ErrNone
	}
	found.Caller = found.Own
	if found.Row.Switched != nil {
		found.Caller = s.switched(found, now)
	}
	return found, nil
}

// own is the principal that signed in, if it still is one that may.
func own(view *state.View, s *Session) (*operation.Caller, bool) {
	owner := iam.ConsoleSessionOwner(s.Key)
	if s.Row.Temporary != nil {
		c, err := TemporaryCaller(view, s.Row.Temporary)
		if err != nil || s.Row.Temporary.Owner() != owner {
			return nil, false
		}
		return marked(c, s), true
	}
	if !iam.LoginProfiles.Has(view, owner) {
		return nil, false
	}
	c := iam.RootCaller(s.Account)
	if owner != iam.RootLogin {
		user, ok := iam.Users.Get(view, owner)
		if !ok {
			return nil, false
		}
		c = iam.UserCaller(s.Account, user)
	}
	c.AccessKeyID = s.Row.AccessKeyID
	c.Session = &operation.Session{Issued: s.Row.Created, Expires: s.Row.Expires, MFAAt: s.Row.MFAAt, MFADevice: s.Row.MFADevice}
	return marked(c, s), true
}

func (s *Sessions) switched(of *Session, now time.Time) *operation.Caller {
	role := &of.Row.Switched.TemporarySession
	view, ok := s.accounts(role.Account)
	if !ok || !now.Before(role.Expires) {
		return nil
	}
	c, err := TemporaryCaller(view, role)
	if err != nil {
		return nil
	}
	return marked(c, of)
}

func marked(c *operation.Caller, s *Session) *operation.Caller {
	c.Console = &operation.Console{Account: s.Account, Key: s.Key}
	return c
}

// TemporaryCaller is whom temporary credentials act as, if their role or user still
// exists. The view is of that one's account.
func TemporaryCaller(view *state.View, t *iam.TemporarySession) (*operation.Caller, error) {
	kind := policy.RoleSession
	if t.FederatedUser {
		kind = policy.FederatedUser
	}
	return authn.SessionCaller(view, &sts.Token{
		AccessKeyID: t.AccessKeyID, Account: t.Account, Kind: kind, EntityID: t.EntityID, Name: t.Name,
		Issued: t.Issued, Expires: t.Expires, Policies: t.Policies, PolicyARNs: t.PolicyARNs,
		Tags: t.Tags, Transitive: t.Transitive, SourceIdentity: t.SourceIdentity, Chained: t.Chained, Federation: t.Federation,
	})
}

// Federated reports whether the session came by temporary credentials.
func (s *Session) Federated() bool { return s.Row.Temporary != nil }

// Temporary is what a session token of a role or a federated user says that a row
// keeps.
func Temporary(t *sts.Token) iam.TemporarySession {
	return iam.TemporarySession{
		FederatedUser: t.Kind == policy.FederatedUser,
		Account:       t.Account, AccessKeyID: t.AccessKeyID, EntityID: t.EntityID, Name: t.Name,
		Issued: t.Issued, Expires: t.Expires, Policies: t.Policies, PolicyARNs: t.PolicyARNs,
		Tags: t.Tags, Transitive: t.Transitive, SourceIdentity: t.SourceIdentity, Chained: t.Chained, Federation: t.Federation,
	}
}

// Cookie is the cookie of a session that was just made or is to go on.
func (s *Sessions) Cookie(account, owner, id string, now time.Time) (*http.Cookie, error) {
	value, err := s.Seal(cookiePurpose, "", ticket{Account: account, Owner: owner, ID: id, Until: now.Add(Idle).UTC()})
	if err != nil {
		return nil, err
	}
	return s.Named(cookieName, value, 0), nil
}

// NoCookie has the browser forget the session.
func (s *Sessions) NoCookie() *http.Cookie { return s.Named(cookieName, "", 0) }

// Renewed is the cookie to go on with; nil while the one that came is young
// enough.
func (s *Sessions) Renewed(of *Session, now time.Time) (*http.Cookie, error) {
	if of.ticket.Until.Sub(now) > Idle-renewAfter {
		return nil, nil
	}
	return s.Cookie(of.ticket.Account, of.ticket.Owner, of.ticket.ID, now)
}
