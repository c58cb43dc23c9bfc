package attacks

import (
	"strings"
	"testing"
	"time"

	"sallyport/test/inprocess"
)

// apps is where an authenticator app is set up.
const apps = "/signin/devices/app"

// TestAttack22AppOfAnother: nobody but who began enables, sees or ends the set-up of
// an authenticator app.
func TestAttack22AppOfAnother(t *testing.T) {
	s := signing(t)
	s.Root.Do("iam:AttachUserPolicy", p{"UserName": "kate", "PolicyArn": "arn:aws:iam::aws:policy/IAMFullAccess"})
	s.Root.Do("iam:CreateUser", p{"UserName": "mallory"})
	s.Root.Do("iam:CreateLoginProfile", p{"UserName": "mallory", "Password": alicePassword})
	s.Root.Do("iam:AttachUserPolicy", p{"UserName": "mallory", "PolicyArn": "arn:aws:iam::aws:policy/IAMFullAccess"})
	b := s.Browser()
	b.SignIn("kate", alicePassword)
	thief := b.Clone() // who has the session's cookie from before
	b.Get("/signin/devices")
	b.Post(apps, p{"name": "phone"})
	phone := b.App()
	before := s.Dump()
	held := func(name string, page *inprocess.Page, status int) {
		t.Helper()
		if page.Status != status || strings.Contains(page.Body, phone.Seed[:4]+" "+phone.Seed[4:8]) {
			t.Errorf("%s: %s %d\n%s", name, page.Path, page.Status, page.Body)
		}
		if s.Dump() != before {
			t.Fatalf("%s changed the state", name)
		}
	}
	held("a thief of the session looks", thief.Get(apps), 200)
	held("and enables it", thief.Post(apps+"/enable", phone.Codes()), 403)

	m := s.Browser()
	m.SignIn("mallory", alicePassword)
	before = s.Dump()
	m.Cookies["sallyport-device"] = b.Cookies["sallyport-device"]
	held("another user looks", m.Get(apps), 200)
	held("enables it", m.Post(apps+"/enable", phone.Codes()), 403)
	held("cancels it", m.Post(apps+"/cancel", nil), 200)

	// Without the page's token, with that of another session, and from another site.
	page := *b.Page
	page.Body = ""
	without := b.Clone()
	without.Page = &page
	held("no token", without.Post(apps+"/enable", phone.Codes()), 403)
	held("no token to begin", without.Post(apps, p{"name": "tablet"}), 403)
	held("no token to cancel", without.Post(apps+"/cancel", nil), 403)
	m.Get("/signin/devices")
	without.Page = m.Page
	held("another's token", without.Post(apps+"/enable", phone.Codes()), 403)
	for _, path := range []string{apps, apps + "/enable", apps + "/cancel"} {
		r := b.Form(path, phone.Codes())
		r.Header.Set("Sec-Fetch-Site", "cross-site")
		r.Header.Set("Origin", "https://example.com")
		foreign := b.Clone()
		held("another site", foreign.Go(r), 403)
	}
	held("nobody", s.Browser().Get(apps), 200)

	// Right, and right again.
	again := b.Clone()
	if page := b.Post(apps+"/enable", phone.Codes()); page.Path != "/signin/devices" {
		t.Fatalf("enabling leads to %s: %s", page.Path, page.Body)
	}
	before = s.Dump()
	held("a second time", again.Post(apps+"/enable", phone.Codes()), 403)
	held("the thief's session after that", thief.Get("/signin/devices"), 200)
	if thief.Page.Path != "/signin" {
		t.Errorf("a copy of the session goes on at %s", thief.Page.Path)
	}
	codes := phone.Codes()
	c := s.Browser()
	c.SignIn("kate", alicePassword)
	for _, code := range codes {
		if page := c.Post("/signin/mfa", p{"code": code}); page.Status != 403 {
			t.Errorf("a code that enabled it signs in: %d", page.Status)
		}
	}
}

// TestAttack25AppSecrets: the seed is on the page alone.
func TestAttack25AppSecrets(t *testing.T) {
	s := signing(t)
	b := s.Browser()
	b.SignInRoot("root@example.com", inprocess.RootPassword)
	b.Get("/signin/devices")
	b.Post(apps, p{"name": "phone"})
	phone := b.App()
	fact, err := s.Journal.Get(t.Context(), "mfa/setup/account/"+account+"/root", s.Now())
	if err != nil {
		t.Fatal(err)
	}
	cookie := b.Cookies["sallyport-device"]
	b.Post(apps+"/enable", p{"code1": "123456", "code2": "234567"})
	codes := phone.Codes()
	b.Post(apps+"/enable", codes)
	if _, err := s.Journal.Get(t.Context(), "mfa/setup/account/"+account+"/root", s.Now()); err == nil {
		t.Error("it is remembered when it is enabled")
	}
	s.Advance(time.Second)
	for place, text := range map[string]string{
		"the logs": s.Logs.String(), "metrics": metrics(t, s), "audit blocks": blocks(t, s), "journal entries": entries(t, s),
		"the state": s.Dump(), "the store": string(fact),
	} {
		for name, secret := range map[string]string{"the seed": phone.Seed, "a code": codes["code1"], "a wrong code": "234567", "the cookie": cookie} {
			if len(secret) < 6 || strings.Contains(text, secret) {
				t.Errorf("%s hold %s", place, name)
			}
		}
	}
}
