package server_test

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"sallyport/test/inprocess"
)

// TestAttack25FloodOfStrangers: callers whom nobody knows can't fill the disk with
// records of what they were refused. What becomes too much is refused without a record,
// and tells nothing; whoever is known is answered and recorded from the same address.
func TestAttack25FloodOfStrangers(t *testing.T) {
	s := inprocess.New(t)
	form := url.Values{
		"Version": {"2011-06-15"}, "Action": {"AssumeRoleWithWebIdentity"}, "WebIdentityToken": {"a.b.c"}, "RoleSessionName": {"session"},
		"RoleArn": {"arn:aws:iam::" + inprocess.Account + ":role/any"}, "Policy": {strings.Repeat("語", 2048)},
	}.Encode()
	// Not by the test's own client, which holds every call to a record.
	send := func() string {
		r, err := http.Post(s.URL, "application/x-www-form-urlencoded", strings.NewReader(form))
		if err != nil {
			t.Fatal(err)
		}
		defer r.Body.Close()
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Fatal(err)
		}
		return string(body)
	}
	recorded := 0
	for ; !strings.Contains(send(), "<Code>Throttling</Code>"); recorded++ {
		if recorded == 20_000 {
			t.Fatal("a flood of refused calls is recorded without end")
		}
	}
	if recorded < 1000 {
		t.Errorf("only %d calls were recorded", recorded)
	}
	for range 100 {
		if reply := send(); !strings.Contains(reply, "<Message>Rate exceeded</Message>") {
			t.Fatalf("a stranger is told %s", reply)
		}
	}
	s.Admin.Do("iam:ListUsers", nil)
	s.Admin.Refused("iam:GetUser", inprocess.P{"UserName": "nobody"}, 404, "NoSuchEntity")

	of := 0
	for _, r := range s.Trail() {
		if r.EventName == "AssumeRoleWithWebIdentity" {
			of++
		}
	}
	if of != recorded {
		t.Errorf("%d records of %d calls", of, recorded)
	}
	s.Advance(time.Minute)
	if reply := send(); strings.Contains(reply, "Throttling") {
		t.Errorf("a minute later: %s", reply)
	}
}
