package signin_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"sallyport/test/inprocess"
)

// TestAttack25FloodOfSignIns: what strangers are refused is on record until it is too
// much. Whoever has the password, and a second factor, signs in from the same network.
func TestAttack25FloodOfSignIns(t *testing.T) {
	s := start(t)
	alice(s)
	device := s.Admin.Device("alice")
	s.Advance(time.Minute) // the codes that enabled it are used
	strangers := s.Browser()
	strangers.Get("/signin")
	r := func() int {
		body := url.Values{"Action": {"getSigninToken"}, "Session": {"{}"}}
		return strangers.Send(strangers.Request("POST", "/federation", body)).Status
	}
	status := 400
	for n := 0; status == 400; n++ {
		if n == 60_000 {
			t.Fatal("refused requests are recorded without end")
		}
		status = r()
	}
	if status != 429 {
		t.Errorf("a flood is answered %d", status)
	}
	b := s.Browser()
	if page := b.SignIn("alice", "wrong"); page.Status != 429 || !strings.Contains(page.Body, "Too many requests") {
		t.Errorf("a wrong password meanwhile: %d", page.Status)
	}
	b = s.Browser()
	at(t, b.SignIn("alice", password), "/signin/mfa", 200)
	at(t, b.Post("/signin/mfa", inprocess.P{"code": device.Code(0)}), "/console/", 200)
}
