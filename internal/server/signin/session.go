package signin

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json"

	"sallyport/internal/api"
	"sallyport/internal/audit"
	"sallyport/internal/iam"
	"sallyport/internal/server/signin/page"
	"sallyport/internal/session"
	"sallyport/internal/state"
	"sallyport/policy"
)

// bar is the header of a page of a session.
func (x *exchange) bar(s *session.Session) *page.Bar {
	token, err := x.token(s.Key)
	if err != nil {
		return nil
	}
	b := &page.Bar{Name: nameOf(s), Account: s.Account, Token: token}
	if r := s.Row.Switched; r != nil {
		b.Role = &page.Role{Name: r.RoleName, Account: r.Account, Color: r.Color, Until: r.Expires, Over: s.Caller == nil}
		if r.Display != "" {
			b.Role.Name = r.Display
		}
	}
	return b
}

// nameOf is how people call who signed in.
func nameOf(s *session.Session) string {
	switch {
	case s.Own.UserName != "":
		return s.Own.UserName
	case s.Row.Temporary != nil: // "role/session", or the federated user's name
		_, name, _ := strings.Cut(s.Own.Principal.ARN, "/")
		return name
	default:
		return "Root user"
	}
}

// sessionView is what somebody who is signed in sees of their session.
type sessionView struct {
	AccountID, Alias, AccountName string
	Principal, ActingAs           string
	Root, Federated, MFA, NoMFA   bool
	Since, Until                  time.Time
	Idle                          int // minutes
	Sessions                      []shownSession
	Remembered                    []remembered
}

// A shownSession is one of one's own.
type shownSession struct {
	Key, From, Browser string
	Since              time.Time
	MFA, Current       bool
}

// shownSessions is how many of one's sessions the page lists.
const shownSessions = 20

// showConsole shows a page of the console to somebody who may call it.
func (x *exchange) showConsole() error {
	s, err := x.signedIn()
	switch {
	case err != nil:
		return x.toSignIn()
	case s.Caller == nil: // the role that they act as is over
		return x.redirect(sessionPath)
	}
	return x.serveConsole()
}

func (x *exchange) serveConsole() error {
	x.Console.ServeHTTP(x.w, x.http)
	return nil
}

// A toldSession is what the console's script is told of the browser's session, to
// mark its pages with.
type toldSession struct {
	SignedIn   string     `json:"signedIn"` // the ARN of who signed in
	Role       *toldRole  `json:"role,omitempty"`
	Remembered []toldRole `json:"remembered"`
}

// A toldRole is one that the browser switched to. Until is in seconds since 1970.
type toldRole struct {
	Account     string `json:"account"`
	RoleName    string `json:"roleName"`
	DisplayName string `json:"displayName,omitempty"`
	Color       string `json:"color,omitempty"`
	Until       int64  `json:"until,omitzero"`
}

func (x *exchange) tellSession(s *session.Session) error {
	told := toldSession{SignedIn: s.Own.Principal.ARN, Remembered: []toldRole{}}
	if r := s.Row.Switched; r != nil {
		told.Role = &toldRole{r.Account, r.RoleName, r.Display, r.Color, r.Expires.Unix()}
	}
	for _, r := range x.remembered() {
		told.Remembered = append(told.Remembered, toldRole{r.Account, r.RoleName, r.Display, r.Color, 0})
	}
	body, err := json.Marshal(told)
	if err != nil {
		return api.InternalFailure(err)
	}
	x.w.Header().Set("Content-Type", "application/json")
	x.w.Write(body) //nolint:errcheck // the client is gone
	return nil
}

func (x *exchange) showSession() error {
	s, err := x.signedIn()
	if err != nil {
		return x.toSignIn()
	}
	if x.http.Header.Get(session.Header) != "" {
		return x.tellSession(s)
	}
	view, ok := x.account(s.Account)
	if !ok {
		return x.toSignIn()
	}
	body := sessionView{
		AccountID: s.Account, Principal: s.Own.Principal.ARN, Root: s.Own.Principal.Kind == policy.Root, Federated: s.Federated(),
		MFA: s.Own.MFAPresent(), Since: s.Row.Created, Until: s.Row.Expires, Idle: int(session.Idle / time.Minute),
		Remembered: x.remembered(),
	}
	body.NoMFA = !body.MFA && !body.Federated
	if s.Caller != nil && s.Row.Switched != nil {
		body.ActingAs = s.Caller.Principal.ARN
	}
	if account, ok := iam.Accounts.Get(view, iam.AccountKey); ok {
		body.Alias, body.AccountName = account.Alias, account.Name
	}
	iam.ConsoleSessions.AscendPrefix(view, iam.ConsoleSessionOwner(s.Key)+"/", func(key string, row *iam.ConsoleSession) bool {
		if x.now.Before(row.Expires) && mine(s, row) {
			body.Sessions = append(body.Sessions, shownSession{
				Key: key, From: row.SourceIP, Browser: row.UserAgent, Since: row.Created, MFA: !row.MFAAt.IsZero(), Current: key == s.Key,
			})
		}
		return len(body.Sessions) < shownSessions
	})
	slices.SortFunc(body.Sessions, func(a, b shownSession) int { return b.Since.Compare(a.Since) })
	b := x.bar(s)
	return x.show(http.StatusOK, "session", page.Content{Title: "Session", Token: b.Token, Bar: b, Wide: true, Body: body})
}

// mine says whether a session of the same owner is the person's: of those who came
// by temporary credentials, each name is somebody else's.
func mine(s *session.Session, row *iam.ConsoleSession) bool {
	own, other := s.Row.Temporary, row.Temporary
	return own == nil && other == nil || own != nil && other != nil && own.FederatedUser == other.FederatedUser && own.Name == other.Name
}

// toSignIn sends somebody to sign in and then back.
func (x *exchange) toSignIn() error {
	return x.redirect("/signin?" + url.Values{"next": {x.http.URL.RequestURI()}}.Encode())
}

// signOut ends the session. What is left of it in the browser opens nothing.
func (x *exchange) signOut() error {
	s, err := x.ownForm()
	if err != nil {
		return err
	}
	return x.leave(s)
}

func (x *exchange) leave(s *session.Session) error {
	if err := x.end(s, s.Key, "Logout"); err != nil {
		return err
	}
	x.w.Header().Del("Set-Cookie")
	http.SetCookie(x.w, x.Sessions.NoCookie())
	return x.show(http.StatusOK, "message", page.Content{Title: "You are signed out", Body: "The session has ended on this server. You can close this page."})
}

// endSession ends another session of the same person.
func (x *exchange) endSession() error {
	s, err := x.ownForm()
	if err != nil {
		return err
	}
	key := x.form.Get("session")
	view, ok := x.account(s.Account)
	row, there := (*iam.ConsoleSession)(nil), false
	if ok && iam.ConsoleSessionOwner(key) == iam.ConsoleSessionOwner(s.Key) {
		row, there = iam.ConsoleSessions.Get(view, key)
	}
	if !there || !mine(s, row) {
		return x.redirect(sessionPath) // ended already
	}
	if key == s.Key {
		return x.leave(s)
	}
	if err := x.end(s, key, "EndConsoleSession"); err != nil {
		return err
	}
	return x.redirect(sessionPath)
}

// end deletes a session with a record of its own.
func (x *exchange) end(s *session.Session, key, name string) error {
	return x.update(s.Account, s.Own.Principal.ARN, "signin:"+name, func(tx *state.Tx) error {
		if !iam.ConsoleSessions.Has(tx, s.Key) {
			return nil // ended meanwhile, and so is the right to end others
		}
		iam.ConsoleSessions.Delete(tx, key)
		e := x.event(name, s.Account, s.Own, done(name, audit.Member{Name: "SessionId", Value: key}))
		x.recordIn(tx, e)
		return nil
	})
}
