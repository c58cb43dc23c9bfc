package attacks

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"sallyport/test/inprocess"
)

// TestAttack22SessionsEnd: signing out, another password, a device or login profile
// taken away, and a user deleted end sessions on the spot, on pages and for calls.
func TestAttack22SessionsEnd(t *testing.T) {
	for name, end := range map[string]func(*inprocess.Server, *inprocess.Browser){
		"sign-out": func(_ *inprocess.Server, b *inprocess.Browser) { b.Post("/signin/signout", nil) },
		"another password": func(s *inprocess.Server, _ *inprocess.Browser) {
			s.Root.Do("iam:UpdateLoginProfile", p{"UserName": "kate", "Password": "Another-Horse-2"})
		},
		"her own change": func(s *inprocess.Server, _ *inprocess.Browser) {
			s.Client(s.Root.Do("iam:CreateAccessKey", p{"UserName": "kate"}).Credentials()).Do("iam:ChangePassword", p{"OldPassword": alicePassword, "NewPassword": "Another-Horse-2"})
		},
		"no login profile": func(s *inprocess.Server, _ *inprocess.Browser) {
			s.Root.Do("iam:DeleteLoginProfile", p{"UserName": "kate"})
		},
		"the user deleted and made again": func(s *inprocess.Server, _ *inprocess.Browser) {
			s.Root.Do("iam:DeleteLoginProfile", p{"UserName": "kate"})
			s.Root.Do("iam:DetachUserPolicy", p{"UserName": "kate", "PolicyArn": "arn:aws:iam::aws:policy/AdministratorAccess"})
			s.Root.Do("iam:DeleteUser", p{"UserName": "kate"})
			s.Root.Do("iam:CreateUser", p{"UserName": "kate"})
			s.Root.Do("iam:CreateLoginProfile", p{"UserName": "kate", "Password": alicePassword})
		},
		"revoked": func(s *inprocess.Server, _ *inprocess.Browser) {
			for _, id := range s.Root.Do("sallyport:ListConsoleSessions", p{"PrincipalArn": iamARN + "user/kate"}).Texts("SessionId") {
				s.Root.Do("sallyport:RevokeConsoleSession", p{"SessionId": id})
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := signing(t)
			s.Root.Do("iam:AttachUserPolicy", p{"UserName": "kate", "PolicyArn": "arn:aws:iam::aws:policy/AdministratorAccess"})
			b := s.Browser()
			b.SignIn("kate", alicePassword)
			b.Call("iam:ListUsers", nil).Want(200, "")
			thief := b.Clone()
			end(s, b)
			if inside(thief.Get("/console/")) {
				t.Error("a page is shown")
			}
			r, _ := s.Request("iam:CreateUser", p{"UserName": "mallory"})
			s.Refused(b.Clone().Console(r), 403, "ExpiredToken")
			if strings.Contains(s.Dump(), `"consoleSessions"`) {
				t.Error("the session is kept")
			}
		})
	}
}

// TestAttack22OpenRedirects: signing in leads nowhere else.
func TestAttack22OpenRedirects(t *testing.T) {
	s := signing(t)
	for _, next := range []string{
		"https://example.com/", "//example.com/console/", "/\\example.com", "\\\\example.com", "/console/\\..\\..", "javascript:alert(1)",
		"/console/../signin/signout", "http:/console/", "https:console", "/%2f/example.com", "///example.com/console/", "/signin/signout",
		"/console/\r\nSet-Cookie:x=y", "@example.com/console/", ".example.com/console/", "/console", "//console/@example.com", strings.Repeat("/console/", 500),
		s.URL + ".example.com/console/", s.URL + "@example.com/console/", "data:text/html,x", "/\t/example.com",
		// Browsers take these for the other page (https://url.spec.whatwg.org/#double-dot-path-segment),
		// which takes a request of this site for the person's own wish.
		"/console/%2e%2e/federation?Action=login&SigninToken=x", "/console/%2E./federation?Action=logout", "/console/x/.%2e/%2e%2e/signin/exitrole", s.URL + "/console/%2e%2E/federation?Action=logout",
	} {
		b := s.Browser()
		b.Get("/signin?" + url.Values{"next": {next}}.Encode())
		r := b.Request(http.MethodPost, "/signin", url.Values{"token": {b.Token()}, "account": {account}, "username": {"kate"}, "password": {alicePassword}, "next": {next}})
		r.Header.Set("Sec-Fetch-Site", "same-origin")
		if page := b.Send(r); page.Status != 303 || page.Location != "/console/" {
			t.Errorf("%q leads to %d %q", next, page.Status, page.Location)
		}
	}
}

// TestAttack22ConsoleHeaders: the console's pages run their own scripts alone, are in
// no frame, and nothing but what is the same for everybody is kept.
func TestAttack22ConsoleHeaders(t *testing.T) {
	s := signing(t)
	b := s.Browser()
	b.SignIn("kate", alicePassword)
	script := regexp.MustCompile(`src="(/console/assets/[^"]+)"`).FindStringSubmatch(b.Page.Body)[1]
	for path, caching := range map[string]string{
		"/console/": "no-store", "/console/users/x": "no-store", "/console/assets/none.js": "no-store", script: "public, max-age=31536000, immutable",
	} {
		page := b.Get(path)
		for name, want := range map[string]string{
			"Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; worker-src 'self'; font-src 'self' data:; img-src 'self' data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
			"Cache-Control":           caching, "X-Frame-Options": "DENY", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer",
		} {
			if got := page.Header.Get(name); got != want {
				t.Errorf("%s: %s is %q", path, name, got)
			}
		}
		if strings.Contains(page.Header.Get("Content-Type"), "html") && (strings.Contains(page.Body, "<script>") || strings.Contains(page.Body, " style=")) {
			t.Errorf("%s has a script or style in it", path)
		}
	}
	if page := s.Browser().Send(s.Browser().Request(http.MethodGet, "/console/users?a=b", nil)); page.Status != 303 || page.Location != "/signin?next=%2Fconsole%2Fusers%3Fa%3Db" {
		t.Errorf("who is not signed in is answered %d %s", page.Status, page.Location)
	}
}

// TestAttack22Headers: every page, refusals included, is in no frame, runs nothing
// and is kept nowhere.
func TestAttack22Headers(t *testing.T) {
	s := signing(t)
	b := s.Browser()
	b.SignIn("kate", alicePassword)
	for _, c := range []struct {
		b    *inprocess.Browser
		path string
	}{{s.Browser(), "/signin"}, {s.Browser(), "/signin/root"}, {b, "/signin/session"}, {b, "/signin/switchrole"}, {b, "/signin/password"}, {b, "/signin/devices"}, {s.Browser(), "/signin/none"}, {s.Browser(), "/federation"}, {s.Browser(), "/console/none"}} {
		page := c.b.Get(c.path)
		csp := page.Header.Get("Content-Security-Policy")
		for _, want := range []string{"default-src 'none'", "frame-ancestors 'none'", "form-action 'self'", "base-uri 'none'", "style-src 'self'"} {
			if !strings.Contains(csp, want) {
				t.Errorf("%s: the policy %q lacks %s", c.path, csp, want)
			}
		}
		if strings.Contains(csp, "unsafe") || strings.Contains(csp, "script-src") {
			t.Errorf("%s: the policy is %q", c.path, csp)
		}
		for name, want := range map[string]string{"Cache-Control": "no-store", "X-Frame-Options": "DENY", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin"} {
			if got := page.Header.Get(name); got != want {
				t.Errorf("%s: %s is %q", c.path, name, got)
			}
		}
		for _, bad := range []string{"<script", " onclick", " style=", "javascript:"} {
			if strings.Contains(page.Body, bad) {
				t.Errorf("%s has %s", c.path, bad)
			}
		}
	}
	// What people typed is shown as text.
	page := s.Browser().Get("/signin?account=" + url.QueryEscape(`"><script>alert(1)</script>`))
	r := s.Browser().Request(http.MethodGet, "/signin?account="+url.QueryEscape(`"><script>`), nil)
	response, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	raw := new(strings.Builder)
	if _, err := io.Copy(raw, response.Body); err != nil || strings.Contains(raw.String(), "<script>") || page.Status != 200 {
		t.Errorf("%v: %s", err, raw)
	}
}

// TestAttack23ConsoleSession: no call that begins after a session was revoked
// succeeds, under load, and no key is made by one.
func TestAttack23ConsoleSession(t *testing.T) {
	s := signing(t)
	s.Root.Do("iam:AttachUserPolicy", p{"UserName": "kate", "PolicyArn": "arn:aws:iam::aws:policy/AdministratorAccess"})
	b := s.Browser()
	b.SignIn("kate", alicePassword)
	id := s.Root.Do("sallyport:ListConsoleSessions", p{"PrincipalArn": iamARN + "user/kate"}).Text("SessionId")
	var revoked atomic.Bool
	var succeeded, late atomic.Int32
	var wg sync.WaitGroup
	stop := make(chan struct{})
	for w := range 8 {
		wg.Go(func() {
			for n := 0; ; n++ {
				select {
				case <-stop:
					return
				default:
				}
				name, in := "iam:CreateUser", p{"UserName": fmt.Sprintf("made-%d-%d", w, n)}
				if w%2 == 0 {
					name, in = "iam:ListUsers", nil
				}
				r, _ := s.Request(name, in)
				r = b.Console(r)
				after := revoked.Load()
				reply, err := s.TrySend(r)
				if err == nil && reply.Status == 200 {
					succeeded.Add(1)
					if after {
						late.Add(1)
					}
				}
			}
		})
	}
	for succeeded.Load() < 50 {
		time.Sleep(time.Millisecond)
	}
	s.Root.Do("sallyport:RevokeConsoleSession", p{"SessionId": id})
	revoked.Store(true)
	users := len(s.Root.Do("iam:ListUsers", p{"MaxItems": "1000"}).Texts("UserName"))
	time.Sleep(200 * time.Millisecond)
	close(stop)
	wg.Wait()
	if late.Load() > 0 {
		t.Errorf("%d calls succeeded after the revocation", late.Load())
	}
	if now := len(s.Root.Do("iam:ListUsers", p{"MaxItems": "1000"}).Texts("UserName")); now != users {
		t.Errorf("%d users were made after the revocation", now-users)
	}
}

// TestAttack25SignInSecrets: what people prove themselves with, and what proves
// their sessions, is nowhere but in their browsers.
func TestAttack25SignInSecrets(t *testing.T) {
	s := signing(t)
	phone := s.Root.Device("kate")
	s.Advance(time.Minute)
	secrets := map[string]string{
		"the password": alicePassword, "a wrong password": "Wrong-Horse-99", "a password as a name": "Typed-Too-Early-7",
		"the seed": phone.Seed, "the code": phone.Code(0), "a wrong code": "845123", "a new password": "Another-Horse-2",
	}
	b := s.Browser()
	keep := func(name string) {
		for cookie, value := range b.Cookies {
			secrets[name+"'s cookie "+cookie] = value
		}
		if token := b.Token(); token != "" {
			secrets[name+"'s form"] = token
		}
	}
	b.SignIn("Typed-Too-Early-7", "Wrong-Horse-99")
	b.Get("/signin/root")
	b.Post("/signin/root", p{"email": "Typed-Too-Early-7", "password": "Wrong-Horse-99"})
	keep("the first page")
	b.SignIn("kate", "Wrong-Horse-99")
	b.SignIn("kate", alicePassword)
	keep("the second step")
	b.Post("/signin/mfa", p{"code": "845123"})
	b.Post("/signin/mfa", p{"code": phone.Code(0)})
	keep("the session")
	b.Get("/signin/password")
	b.Post("/signin/password", p{"old": alicePassword, "new": "Another-Horse-2", "confirm": "Another-Horse-2"})
	deploy := role(s, "deploy", trusting(iamARN+"user/admin", ""), "")
	c := s.Admin.Do("sts:AssumeRole", p{"RoleArn": deploy, "RoleSessionName": "bob"}).Credentials()
	session := `{"sessionId":"` + c.AccessKeyID + `","sessionKey":"` + string(c.SecretAccessKey) + `","sessionToken":"` + string(c.SessionToken) + `"}`
	token := b.Send(b.Request(http.MethodGet, "/federation?"+url.Values{"Action": {"getSigninToken"}, "Session": {session}}.Encode(), nil)).Body
	token = strings.TrimSuffix(strings.TrimPrefix(token, `{"SigninToken":"`), `"}`)
	b.Get("/federation?" + url.Values{"Action": {"login"}, "SigninToken": {token}}.Encode())
	secrets["the sign-in token"], secrets["the federated secret"], secrets["the federated token"] = token, string(c.SecretAccessKey), string(c.SessionToken)
	keep("the federated session")
	if !inside(b.Page) || len(secrets) < 14 {
		t.Fatalf("%s %d, %d secrets", b.Page.Path, b.Page.Status, len(secrets))
	}
	for place, text := range map[string]string{
		"the logs": s.Logs.String(), "metrics": metrics(t, s), "audit blocks": blocks(t, s), "journal entries": entries(t, s), "the state": s.Dump(),
	} {
		for name, secret := range secrets {
			if len(secret) < 6 || strings.Contains(text, secret) {
				t.Errorf("%s hold %s", place, name)
			}
		}
	}
}
