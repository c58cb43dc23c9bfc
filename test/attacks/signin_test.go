package attacks

import (
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"sallyport/internal/app"
	"sallyport/internal/credential"
	"sallyport/test/inprocess"
)

const (
	alicePassword = "Correct-Horse-1"
	wrongText     = "Your authentication information is incorrect. Please try again."
)

// signing is a server with a user who has a password, behind a proxy on loopback.
func signing(t *testing.T) *inprocess.Server {
	t.Helper()
	s := inprocess.New(t, func(c *app.Config) { c.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")} })
	s.Root.Do("iam:CreateUser", p{"UserName": "kate"})
	s.Root.Do("iam:CreateLoginProfile", p{"UserName": "kate", "Password": alicePassword})
	return s
}

func inside(page *inprocess.Page) bool { return page.Path == "/console/" && page.Status == 200 }

// TestAttack22SignInLimits: wrong passwords for one user are bounded, however the
// names are written, and the right one does not help when they are used up.
func TestAttack22SignInLimits(t *testing.T) {
	s := signing(t)
	s.Root.Do("iam:CreateAccountAlias", p{"AccountAlias": "anycompany"})
	b := s.Browser()
	b.Get("/signin")
	var limited int
	for i, as := range []p{
		{"account": account, "username": "kate"}, {"account": "anycompany", "username": "KATE"},
		{"account": "1111-2222-3333", "username": "\u212aate"}, // the Kelvin sign, in lower case a k
		{"account": " ANYCOMPANY", "username": " kAtE "}, {"account": account, "username": "Kate"},
		{"account": account, "username": "katE"}, {"account": "anycompany", "username": "kate"},
	} {
		as["password"] = fmt.Sprintf("guess %d", i)
		if page := b.Post("/signin", as); page.Status == 429 {
			limited++
			if page.Header.Get("Retry-After") == "" || !strings.Contains(page.Body, "Too many attempts") {
				t.Errorf("attempt %d is told %v %s", i, page.Header, page.Body)
			}
		} else if page.Status != 403 {
			t.Errorf("attempt %d got %d", i, page.Status)
		}
	}
	if limited != 2 {
		t.Errorf("%d of 7 attempts were refused, want 2", limited)
	}
	hashes := credential.Hashes()
	if page := b.SignIn("kate", alicePassword); page.Status != 429 || credential.Hashes() != hashes {
		t.Errorf("the right password got %d with %d hashes", page.Status, credential.Hashes()-hashes)
	}
	// From elsewhere she signs in all the same, until the guesses come from everywhere.
	other := s.Browser()
	other.Address = "198.51.100.1"
	if !inside(other.SignIn("kate", alicePassword)) {
		t.Errorf("from another address: %d", other.Page.Status)
	}
	limited = 0
	for i := range 20 {
		other = s.Browser()
		other.Address = fmt.Sprintf("198.51.100.%d", 10+i)
		if other.SignIn("kate", "guess").Status == 429 {
			limited++
		}
	}
	if limited != 5 {
		t.Errorf("%d of 20 attempts from 20 addresses were refused, want 5", limited)
	}
	s.Advance(5 * time.Minute)
	if !inside(b.SignIn("kate", alicePassword)) {
		t.Errorf("after five minutes: %d", b.Page.Status)
	}
}

// TestAttack22AddressLimit: one address can't try one password with every name, nor
// can one network of IPv6; signing in oneself doesn't help.
func TestAttack22AddressLimit(t *testing.T) {
	for name, address := range map[string]func(int) string{
		"IPv4":      func(int) string { return "198.51.100.1" },
		"IPv6":      func(i int) string { return fmt.Sprintf("2001:db8:1:2::%x", i+1) },
		"many IPv6": func(i int) string { return fmt.Sprintf("2001:db8:1:2:%x::", i+1) },
	} {
		t.Run(name, func(t *testing.T) {
			s := signing(t)
			b := s.Browser()
			tried := 0
			for i := range 36 {
				b.Address = address(i)
				if i%9 == 8 {
					if b.SignIn("kate", alicePassword); inside(b.Page) {
						b.Post("/signin/signout", nil)
					}
					continue
				}
				if b.SignIn(fmt.Sprintf("user-%d", i), "Password-1").Status == 403 {
					tried++
				}
			}
			if tried != 30 {
				t.Errorf("%d wrong passwords were looked at", tried)
			}
		})
	}
}

// TestAttack22ParallelGuesses: at the same time no more are looked at.
func TestAttack22ParallelGuesses(t *testing.T) {
	s := signing(t)
	b := s.Browser()
	b.Get("/signin")
	form := url.Values{"token": {b.Token()}, "account": {account}, "username": {"kate"}, "password": {"guess"}}
	var looked atomic.Int32
	var wg sync.WaitGroup
	before := credential.Hashes()
	for range 40 {
		c := b.Clone()
		wg.Go(func() {
			r := c.Request(http.MethodPost, "/signin", form)
			r.Header.Set("Sec-Fetch-Site", "same-origin")
			if page, err := c.TrySend(r); err != nil || page.Status == 403 {
				looked.Add(1)
			}
		})
	}
	wg.Wait()
	if n := looked.Load(); n != 5 || credential.Hashes()-before != 5 {
		t.Errorf("%d guesses were answered, %d hashes made; want 5", n, credential.Hashes()-before)
	}
}

// TestAttack22Enumeration: whatever is wrong, the answer and the work are the same.
func TestAttack22Enumeration(t *testing.T) {
	s := signing(t)
	s.Root.Do("iam:CreateUser", p{"UserName": "without-password"})
	s.Root.Do("iam:CreateUser", p{"UserName": "with-mfa"})
	s.Root.Do("iam:CreateLoginProfile", p{"UserName": "with-mfa", "Password": alicePassword, "PasswordResetRequired": "true"})
	s.Root.Device("with-mfa")
	s.Root.Device("kate")
	first := ""
	for name, as := range map[string]p{
		"no such account":    {"account": "999999999999", "username": "user"},
		"no such alias":      {"account": "nobody", "username": "user"},
		"no such user":       {"account": account, "username": "user"},
		"no password":        {"account": account, "username": "without-password"},
		"wrong password":     {"account": account, "username": "kate"},
		"second factor due":  {"account": account, "username": "with-mfa"},
		"no name a user has": {"account": "../" + account, "username": "<a>"},
		"root, no such":      {"email": "nobody@example.com"},
		"root, wrong":        {"email": "root@example.com"},
	} {
		b := s.Browser()
		path := "/signin"
		if as["email"] != "" {
			path = "/signin/root"
		}
		b.Get(path)
		as["password"] = "not the password"
		before := credential.Hashes()
		page := b.Post(path, as)
		if n := credential.Hashes() - before; n != 1 {
			t.Errorf("%s: %d hashes", name, n)
		}
		text := page.Body
		for _, typed := range as { // what is shown again, and the form's own
			text = strings.ReplaceAll(text, `"`+typed+`"`, `""`)
		}
		text = fmt.Sprint(page.Status, strings.ReplaceAll(text, b.Token(), ""), len(page.Header))
		if !strings.Contains(text, wrongText) {
			t.Errorf("%s: %s", name, text)
		}
		if path == "/signin" {
			if first == "" {
				first = text
			}
			if text != first {
				t.Errorf("%s is told apart:\n%s\n%s", name, text, first)
			}
		}
	}
}

// TestAttack22AliasOfAnother: no account has another's id for an alias, however it is
// written, so that an id at sign-in and in switching roles is that account's.
func TestAttack22AliasOfAnother(t *testing.T) {
	s := signing(t)
	victim, _ := accountOf(s)
	dashes := victim[:4] + "-" + victim[4:8] + "-" + victim[8:]
	for _, alias := range []string{victim, dashes} {
		before := s.Dump()
		s.Root.Refused("sallyport:CreateAccount", p{"Email": "mallory@example.com", "Name": "AnyCompany", "Alias": alias}, 400, "ValidationException")
		s.Root.Refused("iam:CreateAccountAlias", p{"AccountAlias": alias}, 400, "ValidationError")
		if s.Dump() != before {
			t.Errorf("%s changed the state", alias)
		}
	}
	s.Root.Do("iam:AttachUserPolicy", p{"UserName": "kate", "PolicyArn": "arn:aws:iam::aws:policy/AdministratorAccess"})
	role(s, "deploy", trusting(iamARN+"user/kate", ""), "")
	b := s.Browser()
	b.SignIn("kate", alicePassword)
	b.Get("/signin/switchrole")
	if page := b.Post("/signin/switchrole", p{"account": account[:4] + "-" + account[4:8] + "-" + account[8:], "roleName": "deploy"}); !inside(page) {
		t.Errorf("an id as AWS shows it: %s %d", page.Path, page.Status)
	}
}

// TestAttack22MFASkipped: no order of requests leads to a session without the
// second factor, nor past a password change that is due.
func TestAttack22MFASkipped(t *testing.T) {
	s := signing(t)
	s.Root.Do("iam:AttachUserPolicy", p{"UserName": "kate", "PolicyArn": "arn:aws:iam::aws:policy/IAMUserChangePassword"})
	phone := s.Root.Device("kate")
	s.Advance(time.Minute)
	change := p{"old": alicePassword, "new": "Another-Horse-2", "confirm": "Another-Horse-2"}
	b := s.Browser()
	b.SignIn("kate", alicePassword)
	challenge := b.Clone()
	for _, path := range []string{"/console/", "/signin/password", "/signin/switchrole", "/console/?x=1"} {
		if page := b.Clone().Get(path); inside(page) || page.Path != "/signin" {
			t.Errorf("%s leads to %s", path, page.Path)
		}
	}
	if page := challenge.Post("/signin/password", change); page.Status != 403 {
		t.Errorf("changing the password instead: %d", page.Status)
	}
	challenge.Call("iam:ListUsers", nil).Want(403, "ExpiredToken")
	// The cookie of one step under the name of another.
	swapped := b.Clone()
	swapped.Cookies["sallyport-session"] = b.Cookies["sallyport-signin"]
	if inside(swapped.Get("/console/")) {
		t.Error("the cookie of a step is one of a session")
	}
	// A step is good for five minutes, and its form for its own browser.
	stranger := s.Browser()
	stranger.Get("/signin")
	stranger.Page = b.Page
	if page := stranger.Post("/signin/mfa", p{"code": phone.Code(0)}); page.Status != 403 || inside(page) {
		t.Errorf("a stranger's code: %d", page.Status)
	}
	late := b.Clone()
	s.Advance(6 * time.Minute)
	if page := late.Post("/signin/mfa", p{"code": phone.Code(0)}); page.Status != 403 {
		t.Errorf("after six minutes: %d", page.Status)
	}
	// Between the steps the password is set anew, or a device added.
	b = s.Browser()
	b.SignIn("kate", alicePassword)
	s.Root.Do("iam:UpdateLoginProfile", p{"UserName": "kate", "Password": "Third-Horse-3"})
	if page := b.Post("/signin/mfa", p{"code": phone.Code(0)}); inside(page) {
		t.Error("a password that is no longer the one still counts")
	}
	s.Advance(time.Minute)
	s.Root.Do("iam:UpdateLoginProfile", p{"UserName": "kate", "PasswordResetRequired": "true"})
	b.SignIn("kate", "Third-Horse-3")
	if page := b.Post("/signin/mfa", p{"code": phone.Code(0)}); page.Path != "/signin/password" {
		t.Fatalf("a change is due, and the code leads to %s", page.Path)
	}
	if page := b.Clone().Get("/console/"); inside(page) {
		t.Error("past the change that is due")
	}
}

// TestAttack22CodeTwice: a code that was taken at sign-in is taken nowhere again.
func TestAttack22CodeTwice(t *testing.T) {
	s := signing(t)
	client := s.Client(s.Root.Do("iam:CreateAccessKey", p{"UserName": "kate"}).Credentials())
	phone := s.Root.Device("kate")
	s.Advance(time.Minute)
	b, c := s.Browser(), s.Browser()
	b.SignIn("kate", alicePassword)
	c.SignIn("kate", alicePassword)
	if !inside(b.Post("/signin/mfa", p{"code": phone.Code(0)})) {
		t.Fatal("the code was not taken")
	}
	for _, periods := range []int64{0, -1} {
		if inside(c.Post("/signin/mfa", p{"code": phone.Code(periods)})) {
			t.Errorf("a code of %d periods ago was taken again", -periods)
		}
	}
	client.Call("sts:GetSessionToken", phone.Proof(0)).Want(403, "AccessDenied")
	// Wrong codes are bounded whatever the number of sign-ins.
	looked := 0
	for range 12 {
		d := s.Browser()
		d.SignIn("kate", alicePassword)
		if d.Post("/signin/mfa", p{"code": "000000"}).Status == 403 {
			looked++
		}
	}
	if looked > 10 {
		t.Errorf("%d wrong codes were looked at in an hour", looked)
	}
}

// TestAttack22Fixation: a session never has an id that was known before.
func TestAttack22Fixation(t *testing.T) {
	s := signing(t)
	b := s.Browser()
	b.SignIn("kate", alicePassword)
	mallory := b.Clone() // whose session it is
	victim := s.Browser()
	victim.Cookies["sallyport-session"] = mallory.Cookies["sallyport-session"]
	mallory.Post("/signin/signout", nil)
	victim.SignIn("admin", inprocess.AdminPassword)
	if !inside(victim.Page) || victim.Cookies["sallyport-session"] == b.Cookies["sallyport-session"] {
		t.Fatal("signing in kept the id")
	}
	if inside(b.Get("/console/")) {
		t.Error("the old id is signed in")
	}
	// A challenge that was planted gives its planter nothing.
	planted := s.Browser()
	planted.Get("/signin")
	victim = planted.Clone()
	victim.SignIn("kate", alicePassword)
	if inside(planted.Get("/console/")) {
		t.Error("who planted the challenge is signed in")
	}
	for _, cookie := range []string{"", "x", strings.Repeat("A", 2000), b.Cookies["sallyport-session"] + "A"} {
		c := s.Browser()
		c.Cookies["sallyport-session"] = cookie
		if inside(c.Get("/console/")) {
			t.Errorf("the cookie %.20q is a session", cookie)
		}
	}
}

// TestAttack22CrossSite: no other site can have a browser do anything, signing in
// as somebody else included.
func TestAttack22CrossSite(t *testing.T) {
	s := signing(t)
	b := s.Browser()
	b.SignIn("kate", alicePassword)
	mallory := s.Browser()
	mallory.SignIn("admin", inprocess.AdminPassword)
	foreign := func(from *inprocess.Browser, path, token, site, origin string, fields p) *inprocess.Page {
		form := url.Values{"token": {token}}
		for k, v := range fields {
			form.Set(k, v)
		}
		r := from.Request(http.MethodPost, path, form)
		r.Header.Del("Sec-Fetch-Site")
		if site != "" {
			r.Header.Set("Sec-Fetch-Site", site)
		}
		if origin != "" {
			r.Header.Set("Origin", origin)
		}
		return from.Clone().Send(r)
	}
	before := s.Dump()
	for _, path := range []string{"/signin/signout", "/signin/switchrole", "/signin/exitrole", "/signin/sessions", "/signin/password", "/signin", "/signin/mfa", "/signin/passkey", "/signin/devices", "/signin/devices/passkey", "/signin/devices/remove"} {
		fields := p{"account": account, "username": "admin", "password": inprocess.AdminPassword, "roleName": "x", "code": "000000", "old": alicePassword, "new": "Another-Horse-2", "confirm": "Another-Horse-2"}
		for name, page := range map[string]*inprocess.Page{
			"another site with the token": foreign(b, path, b.Token(), "cross-site", "https://example.com", fields),
			"a neighbour":                 foreign(b, path, b.Token(), "same-site", "", fields),
			"an old browser":              foreign(b, path, b.Token(), "", "https://example.com", fields),
			"a null origin":               foreign(b, path, b.Token(), "", "null", fields),
			"no token":                    foreign(b, path, "", "same-origin", "", fields),
			"another's token":             foreign(b, path, mallory.Token(), "same-origin", "", fields),
		} {
			if page.Status != 403 {
				t.Errorf("%s from %s: %d, leads to %s", path, name, page.Status, page.Location)
			}
		}
		if page := b.Clone().Send(b.Request(http.MethodGet, path+"?"+url.Values{"token": {b.Token()}}.Encode(), nil)); page.Status == 200 && path != "/signin/switchrole" && path != "/signin/password" && path != "/signin/devices" {
			t.Errorf("GET %s: %d", path, page.Status)
		}
	}
	if s.Dump() != before {
		t.Error("something was done")
	}
	// Calls of the console are held to more: a header that no form has.
	for name, change := range map[string]func(*http.Request){
		"no header": func(r *http.Request) { r.Header.Del("X-Sallyport-Csrf") },
		"another site": func(r *http.Request) {
			r.Header.Set("Sec-Fetch-Site", "cross-site")
			r.Header.Set("Origin", "https://example.com")
		},
		"another origin":  func(r *http.Request) { r.Header.Del("Sec-Fetch-Site"); r.Header.Set("Origin", "https://example.com") },
		"a signature too": func(r *http.Request) { r.Header.Set("X-Amz-Security-Token", "x") },
		"a query":         func(r *http.Request) { r.URL.RawQuery = "X-Amz-Signature=x" },
		"two cookies": func(r *http.Request) {
			r.AddCookie(&http.Cookie{Name: "sallyport-session", Value: mallory.Cookies["sallyport-session"]})
		},
	} {
		r, _ := s.Request("iam:ListUsers", nil)
		mallory.Console(r)
		change(r)
		if reply := s.Send(r); reply.Status == 200 {
			t.Errorf("%s: %d", name, reply.Status)
		}
	}
	mallory.Call("iam:ListUsers", nil).Want(200, "")
	// Elsewhere a cookie is nothing.
	r, _ := s.Request("iam:ListUsers", nil)
	path := r.URL.Path
	mallory.Console(r)
	r.URL.Path = path
	s.Refused(r, 403, "MissingAuthenticationToken")
}

// TestAttack22FederationLink: who follows a stranger's sign-in link is asked before
// being signed in as the stranger.
func TestAttack22FederationLink(t *testing.T) {
	s := signing(t)
	deploy := role(s, "deploy", trusting(iamARN+"user/admin", ""), "")
	c := s.Admin.Do("sts:AssumeRole", p{"RoleArn": deploy, "RoleSessionName": "mallory"}).Credentials()
	asks := s.Browser()
	ask := asks.Request(http.MethodPost, "/federation", url.Values{"Action": {"getSigninToken"},
		"Session": {`{"sessionId":"` + c.AccessKeyID + `","sessionKey":"` + string(c.SecretAccessKey) + `","sessionToken":"` + string(c.SessionToken) + `"}`}})
	token := strings.TrimSuffix(strings.TrimPrefix(asks.Send(ask).Body, `{"SigninToken":"`), `"}`)
	link := "/federation?" + url.Values{"Action": {"login"}, "SigninToken": {token}}.Encode()
	b := s.Browser()
	b.SignIn("kate", alicePassword)
	for _, site := range []string{"cross-site", "same-site", ""} {
		r := b.Request(http.MethodGet, link, nil)
		r.Header.Set("Sec-Fetch-Site", site)
		if page := b.Go(r); page.Path != "/federation" || !strings.Contains(page.Body, "You are about to be signed in") {
			t.Fatalf("from %q: %s %d", site, page.Path, page.Status)
		}
		if !strings.Contains(b.Clone().Session().Body, "user/kate") {
			t.Fatal("signed in as somebody else")
		}
	}
	r := b.Request(http.MethodPost, "/federation", url.Values{"Action": {"login"}, "SigninToken": {token}, "token": {b.Token()}})
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	r.Header.Set("Origin", "https://example.com")
	if page := b.Clone().Go(r); page.Path != "/federation" {
		t.Errorf("another site sent the form: %s", page.Path)
	}
	if page := b.Post("/federation", p{"Action": "login", "SigninToken": token}); !inside(page) || !strings.Contains(b.Session().Body, "assumed-role/deploy/mallory") {
		t.Errorf("confirmed: %s %d", page.Path, page.Status)
	}
	out := b.Request(http.MethodGet, "/federation?Action=logout", nil)
	out.Header.Set("Sec-Fetch-Site", "cross-site")
	if page := b.Go(out); !strings.Contains(page.Body, "You are about to be signed out") {
		t.Errorf("signed out by another site: %d", page.Status)
	}
}
