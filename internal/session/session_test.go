package session_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"sallyport/internal/seal"
	"sallyport/internal/session"
	"sallyport/internal/state"
	"sallyport/test/inprocess"
)

type p = inprocess.P

const iamARN = "arn:aws:iam::" + inprocess.Account + ":"

// TestConsoleSessions: one's own by default, others' by ARN, in pages, and revoked
// once.
func TestConsoleSessions(t *testing.T) {
	s := inprocess.New(t)
	for range 3 {
		if page := s.Browser().SignIn("admin", inprocess.AdminPassword); page.Path != "/console/" {
			t.Fatalf("signing in leads to %s", page.Path)
		}
		s.Advance(time.Minute)
	}
	b := s.Browser()
	b.SignInRoot("root@example.com", inprocess.RootPassword)
	own := b.Call("sallyport:ListConsoleSessions", nil)
	own.Want(200, "")
	if got := own.Texts("PrincipalArn"); len(got) != 1 || got[0] != iamARN+"root" || !strings.Contains(own.Body, `"Current":true`) {
		t.Errorf("root's sessions: %s", own.Body)
	}
	if strings.Contains(own.Body, b.Cookies["sallyport-session"]) {
		t.Error("the list shows a cookie")
	}
	if got := s.Admin.Do("sallyport:ListConsoleSessions", nil).Texts("SessionId"); len(got) != 3 {
		t.Errorf("admin's sessions: %v", got)
	}
	var all []string
	next := p{"PrincipalArn": iamARN + "user/admin", "MaxResults": "2"}
	for range 2 {
		page := s.Root.Do("sallyport:ListConsoleSessions", next)
		all = append(all, page.Texts("SessionId")...)
		next["NextToken"] = page.Text("NextToken")
	}
	if len(all) != 3 || all[0] == all[2] || next["NextToken"] != "" {
		t.Errorf("pages of %v, then %q", all, next["NextToken"])
	}
	s.Root.Refused("sallyport:ListConsoleSessions", p{"PrincipalArn": iamARN + "user/admin", "NextToken": "x"}, 400, "ValidationException")
	for _, arn := range []string{iamARN + "user/nobody", iamARN + "role/nobody", "arn:aws:iam::444455556666:root"} {
		s.Root.Refused("sallyport:ListConsoleSessions", p{"PrincipalArn": arn}, 400, "NoSuchEntityException")
	}
	s.Admin.Do("sallyport:RevokeConsoleSession", p{"SessionId": all[0]})
	s.Root.Refused("sallyport:RevokeConsoleSession", p{"SessionId": all[0]}, 400, "NoSuchEntityException")
	s.Root.Refused("sallyport:RevokeConsoleSession", p{"SessionId": "../" + all[1]}, 400, "ValidationException")
	s.Advance(13 * time.Hour)
	if got := s.Admin.Do("sallyport:ListConsoleSessions", nil).Texts("SessionId"); len(got) != 0 {
		t.Errorf("expired sessions are listed: %v", got)
	}
	s.Root.Refused("sallyport:RevokeConsoleSession", p{"SessionId": all[1]}, 400, "NoSuchEntityException")
	// Who is listed in the history of a user.
	if got := s.Root.Do("sallyport:GetEntityHistory", p{"Entity": iamARN + "user/admin"}).Texts("EventName"); len(got) < 5 || got[0] != "sallyport:RevokeConsoleSession" || got[1] != "signin:ConsoleLogin" {
		t.Errorf("admin's history: %v", got)
	}
}

// FuzzCookie: what was not sealed here for this opens nothing.
func FuzzCookie(f *testing.F) {
	sealer, err := seal.New(seal.GenerateKey())
	if err != nil {
		f.Fatal(err)
	}
	cookies := session.NewCookies(sealer, false)
	sessions := session.New(cookies, func(string) (*state.View, bool) { return nil, false })
	good, err := cookies.Seal("console.session", "", map[string]string{"account": "111122223333"})
	if err != nil {
		f.Fatal(err)
	}
	for _, seed := range []string{"", "AAAA", good, good[:len(good)-1], strings.Repeat("A", 5000)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		r := &http.Request{Header: http.Header{"Cookie": {"sallyport-session=" + value}}}
		if s, err := sessions.Open(r, time.Now()); err == nil {
			t.Errorf("%q is the session %v", value, s)
		}
		var v map[string]any
		if value != good && cookies.Open("console.session", "", value, 1024, &v) {
			t.Errorf("%q opens as %v", value, v)
		}
		if cookies.Open("console.form", "", value, 1024, &v) {
			t.Errorf("%q opens for another purpose", value)
		}
	})
}
