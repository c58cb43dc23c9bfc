package signin

import (
	"crypto/subtle"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/go-json-experiment/json"

	"sallyport/internal/api"
	"sallyport/internal/audit"
	"sallyport/internal/authn"
	"sallyport/internal/iam"
	"sallyport/internal/operation"
	"sallyport/internal/server/signin/page"
	"sallyport/internal/session"
	"sallyport/internal/state"
	"sallyport/policy"
)

// The federation endpoint gives who has temporary credentials a console session
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_enable-console-custom-url.html).

const (
	signinTokenPurpose = "console.signin-token"
	maxSigninToken     = 32 << 10
)

func (x *exchange) isFederation() bool {
	path := x.http.URL.EscapedPath()
	return path == "/federation" || path == "/signin/federation"
}

// federate takes a request's parameters from its query or, since credentials are
// better not in one, from its body.
func (x *exchange) federate() error {
	in := x.http.URL.Query()
	if x.form != nil {
		in = x.form
		if in.Get("Action") == "" {
			in.Set("Action", x.http.URL.Query().Get("Action"))
		}
	}
	switch in.Get("Action") {
	case "getSigninToken":
		return x.giveSigninToken(in)
	case "login":
		return x.loginWithToken(in)
	case "logout":
		return x.logoutByLink()
	}
	return &refusal{status: http.StatusBadRequest, title: "Request refused", text: "The Action must be getSigninToken, login or logout."}
}

// errNoToken is the one answer to credentials that get no sign-in token.
var errNoToken = errors.New("signin: no sign-in token for these credentials")

// giveSigninToken answers programs, in JSON.
func (x *exchange) giveSigninToken(in url.Values) error {
	token, caller, account, err := x.signinToken(in)
	e := x.event("GetSigninToken", account, caller, done("GetSigninToken",
		audit.Member{Name: "MobileVersion", Value: "No"}, audit.Member{Name: "MFAUsed", Value: "No"}))
	if err != nil {
		if !errors.Is(err, errNoToken) {
			return err
		}
		e.SignIn.Response[0].Value, e.ErrorMessage = failure, "The credentials get no sign-in token"
		if err := x.appendUnknown(e); err != nil {
			return err
		}
		http.Error(x.w, "Bad Request: no sign-in token can be given for this Session and SessionDuration.", http.StatusBadRequest)
		return nil
	}
	// Like the reply of every call that hands out a credential, this one waits for
	// its record to be on disk.
	if err := x.Audit.AppendWait(x.http.Context(), account, e.Append(nil)); err != nil {
		return api.ServiceUnavailable(err).WithHint("the audit log can't be written")
	}
	body, err := json.Marshal(map[string]string{"SigninToken": token})
	if err != nil {
		return api.InternalFailure(err)
	}
	x.w.Header().Set("Content-Type", "application/json")
	x.w.Write(body) //nolint:errcheck // the client is gone
	return nil
}

// signinToken checks credentials as a signature by them would be, and returns whose
// they are as far as that is known.
func (x *exchange) signinToken(in url.Values) (token string, caller *operation.Caller, account string, err error) {
	var credentials struct {
		ID    string `json:"sessionId"`
		Key   string `json:"sessionKey"`
		Token string `json:"sessionToken"`
	}
	if err := json.Unmarshal([]byte(in.Get("Session")), &credentials); err != nil {
		return "", nil, "", errNoToken
	}
	t, err := x.Tokens.Open(credentials.ID, credentials.Token)
	if err != nil || subtle.ConstantTimeCompare([]byte(t.Secret), []byte(credentials.Key)) != 1 {
		return "", nil, "", errNoToken
	}
	view, ok := x.account(t.Account)
	if !ok {
		return "", nil, "", errNoToken
	}
	// The credentials of GetSessionToken are a user's own; a user signs in.
	kinds := []policy.PrincipalKind{policy.RoleSession, policy.FederatedUser}
	if caller, err = authn.SessionCaller(view, t); err != nil || !slices.Contains(kinds, t.Kind) || !x.now.Before(t.Expires) {
		return "", caller, t.Account, errNoToken
	}
	given := session.NewSigninToken(x.Ident.Token(16), t, in.Get("SessionDuration"), in.Get("DurationSeconds"), x.now)
	if given == nil {
		return "", caller, t.Account, errNoToken
	}
	token, err = x.Sessions.Seal(signinTokenPurpose, "", given)
	return token, caller, t.Account, err
}

// errUsed is the one answer to sign-in tokens that are not good.
var errUsed = &refusal{status: http.StatusForbidden, title: "The link is not good any more",
	text: "A sign-in link opens one session, within fifteen minutes. Ask for a new one where you got it."}

// confirmView asks whether somebody wants what a link does.
type confirmView struct {
	Text   string
	Button string
	Hidden map[string]string
}

// loginWithToken begins the session of a sign-in token. When another site sent the
// browser here, the person is asked first: who follows a stranger's link must not
// be signed in as the stranger without seeing it.
func (x *exchange) loginWithToken(in url.Values) error {
	var t session.SigninToken
	if !x.Sessions.Cookies.Open(signinTokenPurpose, "", in.Get("SigninToken"), maxSigninToken, &t) || !x.now.Before(t.Until) {
		return errUsed
	}
	view, ok := x.account(t.Session.Account)
	if !ok {
		return errUsed
	}
	if !t.Session.Stands(view) || !x.now.Before(t.Session.Expires) {
		return errUsed
	}
	if !x.confirmed() {
		who := " as the federated user " + t.Session.Name + "."
		if role, ok := iam.Roles.Get(view, t.Session.EntityID); ok {
			who = " with the role " + role.Name + " as " + t.Session.Name + "."
		}
		return x.confirm(confirmView{
			Text:   "You are about to be signed in to account " + t.Session.Account + who,
			Button: "Sign in",
			Hidden: map[string]string{"Action": "login", "SigninToken": in.Get("SigninToken"), "Destination": x.ownPath(in.Get("Destination"))},
		})
	}
	first, err := x.Facts.Once(x.http.Context(), "console/signin-token/"+t.ID, t.Until.Add(time.Minute))
	if err != nil {
		return err
	}
	if !first {
		return errUsed
	}
	return x.beginFederated(&t, in.Get("Destination"))
}

// confirmed says whether a request is the person's own: not sent by another site,
// or sent by the page that asks. Browsers say which site sent them
// (https://www.w3.org/TR/fetch-metadata/).
func (x *exchange) confirmed() bool {
	if x.form != nil {
		c := x.challenge(stepStart)
		return c != nil && x.checkToken(c.Nonce) == nil && x.Origin.Check(x.http) == nil
	}
	site := x.http.Header.Get("Sec-Fetch-Site")
	return site == "none" || site == "same-origin"
}

func (x *exchange) confirm(v confirmView) error {
	c, err := x.start()
	if err != nil {
		return err
	}
	token, err := x.token(c.Nonce)
	if err != nil {
		return err
	}
	return x.show(http.StatusOK, "confirm", page.Content{Title: v.Button, Token: token, Body: v})
}

func (x *exchange) beginFederated(t *session.SigninToken, destination string) error {
	made := t.Begun(x.now)
	// What the credentials do, and what the session does, is told apart in records.
	made.AccessKeyID = x.Ident.TemporaryAccessKeyID(made.Account)
	err := x.beginTemporary(&made, destination)
	if errors.Is(err, errStart) {
		return errUsed
	}
	return err
}

// beginTemporary makes the session of temporary credentials, until they end. Only a
// federated user's may be longer than all others of the console. more is what its
// record tells beside what all do.
func (x *exchange) beginTemporary(made *iam.TemporarySession, destination string, more ...audit.Member) error {
	if longest := x.now.Add(session.Longest); made.Expires.After(longest) && !made.FederatedUser {
		made.Expires = longest
	}
	made.Expires = iam.Moment(made.Expires)
	view, ok := x.account(made.Account)
	if !ok {
		return errStart
	}
	caller, err := session.TemporaryCaller(view, made)
	if err != nil {
		return errStart
	}
	caller.Session = &operation.Session{Issued: made.Issued, Expires: made.Expires, SourceIdentity: made.SourceIdentity, Federation: made.Federation}
	owner, id := made.Owner(), x.Ident.Token(32)
	row := &iam.ConsoleSession{
		Created: iam.Moment(x.now), Expires: made.Expires, AccessKeyID: made.AccessKeyID,
		SourceIP: x.Server.SourceIP(x.http), UserAgent: x.userAgent(), Temporary: made,
	}
	err = x.update(made.Account, caller.Principal.ARN, "signin:ConsoleLogin", func(tx *state.Tx) error {
		if !made.Stands(tx) {
			return errStart
		}
		iam.ForgetConsoleSessions(tx)
		iam.AddConsoleSession(tx, session.Key(owner, id), row)
		e := x.loginEvent(somebody{account: made.Account, owner: owner, caller: caller}, destination, "", nil)
		e.SignIn.Additional = append(e.SignIn.Additional, more...)
		x.recordIn(tx, e)
		return nil
	})
	if err != nil {
		return err
	}
	cookie, err := x.Sessions.Cookie(made.Account, owner, id, x.now)
	if err != nil {
		return err
	}
	http.SetCookie(x.w, cookie)
	return x.redirect(x.ownPath(destination))
}

// logoutByLink signs out who followed a link of their own, and asks who was sent.
func (x *exchange) logoutByLink() error {
	s, err := x.signedIn()
	if err != nil {
		return x.redirect("/signin")
	}
	if !x.confirmed() {
		return x.confirm(confirmView{Text: "You are about to be signed out.", Button: "Sign out", Hidden: map[string]string{"Action": "logout"}})
	}
	return x.leave(s)
}
