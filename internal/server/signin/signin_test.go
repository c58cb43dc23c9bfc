package signin_test

import (
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"sallyport/internal/app"
	"sallyport/internal/iam"
	"sallyport/internal/state"
	"sallyport/test/inprocess"
)

type p = inprocess.P

const (
	account  = inprocess.Account
	iamARN   = "arn:aws:iam::" + account + ":"
	password = "Correct-Horse-1"
	email    = "root@example.com"
)

func start(t *testing.T) *inprocess.Server {
	t.Helper()
	return inprocess.New(t, func(c *app.Config) { c.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")} })
}

// alice makes a user with a password.
func alice(s *inprocess.Server) {
	s.Helper()
	s.Root.Do("iam:CreateUser", p{"UserName": "alice"})
	s.Root.Do("iam:CreateLoginProfile", p{"UserName": "alice", "Password": password})
}

// at holds a page to a path, a status and texts.
func at(t *testing.T, page *inprocess.Page, path string, status int, texts ...string) {
	t.Helper()
	if page.Path != path || page.Status != status {
		t.Fatalf("got %s %d, want %s %d\n%s", page.Path, page.Status, path, status, page.Body)
	}
	for _, text := range texts {
		if !strings.Contains(page.Body, text) {
			t.Errorf("%s does not say %q:\n%s", path, text, page.Body)
		}
	}
}

// inside holds a page to be the console's, and the page of the session to texts.
func inside(t *testing.T, b *inprocess.Browser, page *inprocess.Page, texts ...string) {
	t.Helper()
	at(t, page, "/console/", 200, `<div id="root">`)
	at(t, b.Session(), "/signin/session", 200, texts...)
}

const wrong = "Your authentication information is incorrect. Please try again."

func TestSignInUser(t *testing.T) {
	s := start(t)
	alice(s)
	s.Root.Do("iam:CreateAccountAlias", p{"AccountAlias": "anycompany"})
	for _, name := range []string{account, "1111-2222-3333", "anycompany", " AnyCompany "} {
		b := s.Browser()
		at(t, b.Get("/console/"), "/signin", 200, "Sign in")
		inside(t, b, b.Post("/signin", p{"account": name, "username": "Alice", "password": password}),
			iamARN+"user/alice", "anycompany", "No second factor", "this one")
	}
	if used := s.Root.Do("iam:GetUser", p{"UserName": "alice"}).Text("PasswordLastUsed"); used != "2026-01-02T03:04:05Z" {
		t.Errorf("PasswordLastUsed is %q", used)
	}
	b := s.Browser()
	at(t, b.SignIn("alice", password+"x"), "/signin", 403, wrong)
	at(t, b.Post("/signin", p{"account": account, "username": "alice", "password": password, "next": "/signin/switchrole?account=1"}), "/signin/switchrole", 200)
	at(t, b.Get("/signin"), "/console/", 200)
	at(t, b.Post("/signin/signout", nil), "/signin/signout", 200, "You are signed out")
	at(t, b.Get("/console/"), "/signin", 200)
}

func TestSignInRoot(t *testing.T) {
	s := start(t)
	b := s.Browser()
	inside(t, b, b.SignInRoot("ROOT@example.com", inprocess.RootPassword), iamARN+"root", "Protect the root user")
	if used := s.Root.Do("iam:GetUser", nil).Text("PasswordLastUsed"); used == "" {
		t.Error("the root user's PasswordLastUsed is not shown")
	}
	if b.Get("/signin/switchrole"); !strings.Contains(b.Page.Body, "The root user can't assume roles") {
		t.Error("root is offered roles")
	}
	reply := b.Call("iam:ListUsers", nil)
	reply.Want(200, "")
	record := s.RecordOf(reply, account)
	if record.UserIdentity["type"] != "Root" || !strings.Contains(record.Raw, `"sessionCredentialFromConsole":"true"`) ||
		!strings.Contains(record.Raw, `"mfaAuthenticated":"false"`) || !strings.Contains(record.Raw, `"accessKeyId":"ASIA`) {
		t.Errorf("the record of a call of the console is %s", record.Raw)
	}
	at(t, s.Browser().SignInRoot("nobody@example.com", inprocess.RootPassword), "/signin/root", 403, wrong)
}

func TestSignInMFA(t *testing.T) {
	s := start(t)
	alice(s)
	s.Root.Do("iam:AttachUserPolicy", p{"UserName": "alice", "PolicyArn": "arn:aws:iam::aws:policy/AdministratorAccess"})
	s.Root.Do("iam:PutUserPolicy", p{"UserName": "alice", "PolicyName": "mfa", "PolicyDocument": `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"iam:ListUsers","Resource":"*","Condition":{"BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}}},{"Effect":"Deny","Action":"iam:ListGroups","Resource":"*","Condition":{"NumericGreaterThan":{"aws:MultiFactorAuthAge":"600"}}}]}`})
	without := s.Browser()
	without.SignIn("alice", password)
	without.Call("iam:ListUsers", nil).Want(403, "AccessDenied")
	phone := s.Admin.Device("alice")
	tablet := s.Admin.NewDevice("tablet")
	s.Admin.Do("iam:EnableMFADevice", tablet.Enabling("alice"))
	s.Advance(time.Minute)
	b := s.Browser()
	at(t, b.SignIn("alice", "not the password"), "/signin", 403, wrong)
	at(t, b.SignIn("alice", password), "/signin/mfa", 200, "MFA code")
	at(t, b.Post("/signin/mfa", p{"code": "000000"}), "/signin/mfa", 403, "The code is incorrect")
	code := tablet.Code(0)
	inside(t, b, b.Post("/signin/mfa", p{"code": code[:3] + " " + code[3:]}), "proved")
	b.Call("iam:ListUsers", nil).Want(200, "")
	b.Call("iam:ListGroups", nil).Want(200, "")
	s.Advance(11 * time.Minute)
	b.Call("iam:ListGroups", nil).Want(403, "AccessDenied")
	// Any of the devices, and each code once.
	c := s.Browser()
	c.SignIn("alice", password)
	at(t, c.Post("/signin/mfa", p{"code": phone.Code(0)}), "/console/", 200)
	// Taking a device away ends the sessions.
	s.Root.Do("iam:DeactivateMFADevice", p{"UserName": "alice", "SerialNumber": phone.Serial})
	at(t, c.Get("/console/"), "/signin", 200)
}

func TestForcedPasswordChange(t *testing.T) {
	s := start(t)
	alice(s)
	s.Root.Do("iam:UpdateLoginProfile", p{"UserName": "alice", "PasswordResetRequired": "true"})
	b := s.Browser()
	at(t, b.SignIn("alice", password), "/signin/password", 200, "Choose a new password")
	change := p{"old": password, "new": "Another-Horse-2", "confirm": "Another-Horse-2"}
	at(t, b.Post("/signin/password", change), "/signin/password", 403, "is not authorized to perform: iam:ChangePassword")
	s.Root.Do("iam:AttachUserPolicy", p{"UserName": "alice", "PolicyArn": "arn:aws:iam::aws:policy/IAMUserChangePassword"})
	for problem, with := range map[string]p{
		"not the same":                    {"old": password, "new": "Another-Horse-2", "confirm": "Another-Horse-3"},
		"The old password is not correct": {"old": "wrong", "new": "Another-Horse-2", "confirm": "Another-Horse-2"},
		"Password should have a minimum":  {"old": password, "new": "short", "confirm": "short"},
	} {
		at(t, b.Post("/signin/password", with), "/signin/password", 403, problem)
	}
	at(t, b.Clone().Get("/console/"), "/signin", 200)
	b.Get("/signin/password")
	inside(t, b, b.Post("/signin/password", change), "user/alice")
	at(t, s.Browser().SignIn("alice", password), "/signin", 403, wrong)

	// An expired password is changed at sign-in; with HardExpiry it is not.
	s.Root.Do("iam:UpdateAccountPasswordPolicy", p{"MaxPasswordAge": "1", "MinimumPasswordLength": "8"})
	s.Advance(25 * time.Hour)
	b = s.Browser()
	at(t, b.SignIn("alice", "Another-Horse-2"), "/signin/password", 200)
	s.Root.Do("iam:UpdateAccountPasswordPolicy", p{"MaxPasswordAge": "1", "MinimumPasswordLength": "8", "HardExpiry": "true"})
	at(t, b.Post("/signin/password", p{"old": "Another-Horse-2", "new": "Third-Horse-3", "confirm": "Third-Horse-3"}), "/console/", 200)
	s.Advance(25 * time.Hour)
	at(t, s.Browser().SignIn("alice", "Third-Horse-3"), "/signin", 403, "Your password has expired")
	s.Root.Do("iam:UpdateLoginProfile", p{"UserName": "alice", "Password": "Fourth-Horse-4"})
	at(t, s.Browser().SignIn("alice", "Fourth-Horse-4"), "/console/", 200)
}

// TestChangeOwnPassword: users and root, signed in, change theirs.
func TestChangeOwnPassword(t *testing.T) {
	s := start(t)
	b, other := s.Browser(), s.Browser()
	b.SignInRoot(email, inprocess.RootPassword)
	other.SignInRoot(email, inprocess.RootPassword)
	old := b.Clone()
	b.Get("/signin/password")
	at(t, b.Post("/signin/password", p{"old": "wrong", "new": "New-Root-pass-2", "confirm": "New-Root-pass-2"}), "/signin/password", 403, "The old password is not correct.")
	inside(t, b, b.Post("/signin/password", p{"old": inprocess.RootPassword, "new": "New-Root-pass-2", "confirm": "New-Root-pass-2"}), "root")
	at(t, other.Get("/console/"), "/signin", 200)
	at(t, old.Get("/console/"), "/signin", 200) // the id before the change
	at(t, s.Browser().SignInRoot(email, inprocess.RootPassword), "/signin/root", 403, wrong)
	at(t, s.Browser().SignInRoot(email, "New-Root-pass-2"), "/console/", 200)
	names := map[string]int{}
	for _, r := range s.SignIns(6) {
		names[r.EventName+" "+r.ErrorMessage]++
	}
	if names["PasswordUpdated "] != 1 || names["PasswordUpdated Failed to update the password"] != 1 || names["ConsoleLogin Failed authentication"] != 1 {
		t.Errorf("records: %v", names)
	}
}

// TestRootsWeakPasswords: passwords that are refused are no guesses at the one in
// force.
func TestRootsWeakPasswords(t *testing.T) {
	s := start(t)
	b := s.Browser()
	b.SignInRoot(email, inprocess.RootPassword)
	b.Get("/signin/password")
	for range 7 {
		at(t, b.Post("/signin/password", p{"old": inprocess.RootPassword, "new": "short", "confirm": "short"}), "/signin/password", 403, "Password should")
	}
	for range 5 {
		at(t, b.Post("/signin/password", p{"old": "guess", "new": "Another-Horse-2", "confirm": "Another-Horse-2"}), "/signin/password", 403, "The old password is not correct.")
	}
	at(t, b.Post("/signin/password", p{"old": inprocess.RootPassword, "new": "Another-Horse-2", "confirm": "Another-Horse-2"}), "/signin/password", 403, "too many attempts")
	s.Advance(6 * time.Minute)
	at(t, b.Post("/signin/password", p{"old": inprocess.RootPassword, "new": "Another-Horse-2", "confirm": "Another-Horse-2"}), "/console/", 200)
}

func TestSessionEnds(t *testing.T) {
	s := start(t)
	alice(s)
	b := s.Browser()
	b.SignIn("alice", password)
	for range 20 { // in use, it goes on
		s.Advance(20 * time.Minute)
		at(t, b.Get("/console/"), "/console/", 200)
	}
	before := s.Dump()
	b.Get("/console/")
	if s.Dump() != before {
		t.Error("using a session wrote something")
	}
	idle := b.Clone()
	s.Advance(31 * time.Minute)
	at(t, idle.Get("/console/"), "/signin", 200)
	b.SignIn("alice", password)
	for range 38 {
		s.Advance(19 * time.Minute)
		b.Get("/console/")
	}
	at(t, b.Page, "/signin", 200) // after twelve hours it is over, in use or not
	// The next sign-in clears away what has expired.
	b.SignIn("alice", password)
	if n := strings.Count(s.Dump(), `"consoleSessions"`); n != 1 {
		t.Errorf("%d sessions are kept", n)
	}
}

// TestSecureCookies: with https the cookies are the host's alone.
func TestSecureCookies(t *testing.T) {
	s := inprocess.New(t, func(c *app.Config) { c.PublicURL = "https://login.example.com" })
	b := s.Browser()
	page := b.Get("/signin")
	cookie := page.Header.Get("Set-Cookie")
	for _, want := range []string{"__Host-sallyport-signin=", "; Path=/", "; HttpOnly", "; Secure", "; SameSite=Lax"} {
		if !strings.Contains(cookie, want) {
			t.Errorf("the cookie %s lacks %s", cookie, want)
		}
	}
	if strings.Contains(cookie, "Domain") || page.Header.Get("Strict-Transport-Security") == "" {
		t.Errorf("cookie %s, headers %v", cookie, page.Header)
	}
	if status := b.Send(b.Request(http.MethodPut, "/signin", nil)).Status; status != 405 {
		t.Errorf("PUT is answered %d", status)
	}
}

// TestSecurityKeyAlone: a second factor that can't be proved here is no reason to do
// without.
func TestSecurityKeyAlone(t *testing.T) {
	s := start(t)
	alice(s)
	_, err := s.App.State().Update(t.Context(), state.AccountStream(account), state.Command{
		Operation: "test",
		Run: func(tx *state.Tx) error {
			u, err := iam.FindUser(tx, "alice")
			if err != nil {
				return err
			}
			iam.MFADevices.Put(tx, "key", &iam.MFADevice{ID: "key", Kind: iam.MFASecurityKey, Path: "/user/alice/", Name: "key", Owner: u.ID, Created: tx.Now(), Enabled: tx.Now()})
			return nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	b := s.Browser()
	at(t, b.SignIn("alice", password), "/signin/mfa", 200, "this server has no public name")
	at(t, b.Post("/signin/mfa", p{"code": "123456"}), "/signin/mfa", 403)
	at(t, b.Get("/console/"), "/signin", 200)
}

// TestEndOtherSessions: people end their own sessions, and nobody else's.
func TestEndOtherSessions(t *testing.T) {
	s := start(t)
	alice(s)
	s.Root.Do("iam:CreateUser", p{"UserName": "bob"})
	s.Root.Do("iam:CreateLoginProfile", p{"UserName": "bob", "Password": password})
	a, again, bob := s.Browser(), s.Browser(), s.Browser()
	a.SignIn("alice", password)
	again.SignIn("alice", password)
	bob.SignIn("bob", password)
	ids := func(user string) []string {
		return s.Root.Do("sallyport:ListConsoleSessions", p{"PrincipalArn": iamARN + "user/" + user}).Texts("SessionId")
	}
	if len(ids("alice")) != 2 {
		t.Fatalf("alice has the sessions %v", ids("alice"))
	}
	// One's own can be ended, another's not.
	a.Session()
	for _, id := range append(ids("bob"), "x", "") {
		a.Post("/signin/sessions", p{"session": id})
	}
	at(t, bob.Get("/console/"), "/console/", 200)
	a.Session()
	for _, id := range ids("alice") {
		if strings.Contains(a.Page.Body, `name="session" value="`+id+`"`) {
			a.Post("/signin/sessions", p{"session": id})
		}
	}
	at(t, again.Get("/console/"), "/signin", 200)
	at(t, a.Get("/console/"), "/console/", 200)
}
