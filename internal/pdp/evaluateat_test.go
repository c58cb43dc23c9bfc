package pdp_test

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"sallyport/internal/api/sallyportapi"
	"sallyport/internal/iam"
	"sallyport/internal/operation"
	"sallyport/internal/pdp"
	"sallyport/internal/state"
	"sallyport/test/inprocess"
)

const evaluateAt = "sallyport:EvaluateAt"

func epoch(t time.Time) string { return strconv.FormatFloat(float64(t.UnixMilli())/1000, 'f', 3, 64) }

// TestEvaluateAt: the account as it was at a revision or a time decides, its
// deleted principals among it.
func TestEvaluateAt(t *testing.T) {
	s := inprocess.New(t)
	s.Advance(400 * time.Microsecond) // which no reply shows
	var times []time.Time             // of revision 2 and on
	for _, step := range []struct {
		call string
		in   p
	}{
		{"iam:CreateUser", p{"UserName": "bob"}},
		{"iam:PutUserPolicy", p{"UserName": "bob", "PolicyName": "own", "PolicyDocument": document(`{"Sid":"Read","Effect":"Allow","Action":"s3:GetObject","Resource":"*"}`)}},
		{"iam:PutUserPolicy", p{"UserName": "bob", "PolicyName": "own", "PolicyDocument": document(`{"Sid":"Never","Effect":"Deny","Action":"s3:*","Resource":"*"}`)}},
		{"iam:DeleteUserPolicy", p{"UserName": "bob", "PolicyName": "own"}},
		{"iam:DeleteUser", p{"UserName": "bob"}},
	} {
		s.Advance(time.Minute)
		times = append(times, s.Now())
		s.Admin.Do(step.call, step.in)
	}
	const who = "arn:aws:iam::" + account + ":user/bob"
	for i, want := range []struct{ decision, sid string }{{"implicitDeny", ""}, {"allow", "Read"}, {"explicitDeny", "Never"}, {"implicitDeny", ""}} {
		revision := i + 2
		for _, point := range []p{
			{"Revision": fmt.Sprint(revision)}, {"Time": epoch(times[i])}, {"Time": epoch(times[i].Add(59 * time.Second))},
		} {
			point["PrincipalArn"], point["Action"] = who, "s3:GetObject"
			r := s.Admin.Do(evaluateAt, point)
			if r.Text("Decision") != want.decision || r.Text("StatementId") != want.sid {
				t.Errorf("%v: %s", point, r.Body)
			}
			if at := fmt.Sprintf(`"Revision":%d,"Time":%d`, revision, times[i].Unix()); !strings.Contains(r.Body, at) {
				t.Errorf("%v: %s does not say %s", point, r.Body, at)
			}
		}
	}
	for _, in := range []p{{"Revision": "6"}, {"Revision": "1"}, {"Time": epoch(times[4])}, {"Time": epoch(times[0].Add(-time.Second))}} {
		in["PrincipalArn"], in["Action"] = who, "s3:GetObject"
		s.Admin.Refused(evaluateAt, in, 400, "NoSuchEntityException").WantMessage("The principal " + who + " cannot be found.")
	}
}

// TestEvaluateAtInput: exactly one point of time that the account had.
func TestEvaluateAtInput(t *testing.T) {
	s := inprocess.New(t)
	const who = "arn:aws:iam::" + account + ":user/admin"
	for _, c := range []struct {
		in      p
		message string
	}{
		{p{}, "Exactly one of Revision and Time must be given."},
		{p{"Revision": "1", "Time": epoch(s.Now())}, "Exactly one of Revision and Time must be given."},
		{p{"Revision": "2"}, "The account has no revision 2."},
		{p{"Time": epoch(s.Now().Add(time.Second))}, "Time is in the future."},
		{p{"Time": epoch(s.Now().Add(-time.Second))}, "The account did not exist at that time."},
	} {
		c.in["PrincipalArn"], c.in["Action"] = who, "s3:GetObject"
		s.Admin.Refused(evaluateAt, c.in, 400, "ValidationException").WantMessage(c.message)
	}
	s.Admin.Refused(evaluateAt, p{"PrincipalArn": who, "Action": "s3:GetObject", "Revision": "0"}, 400, "ValidationException")
	s.Admin.Refused(evaluateAt, p{"PrincipalArn": who, "Action": "s3:GetObject", "Revision": "1", "ResourcePolicy": "{"}, 400, "MalformedPolicyDocumentException")
}

// TestEvaluatedContext: what nobody sent is absent unless given: neither
// transport nor address; and the time is the one asked about.
func TestEvaluatedContext(t *testing.T) {
	s := inprocess.New(t)
	alice(s, document(
		`{"Sid":"Absent","Effect":"Allow","Action":"s3:GetObject","Resource":"*","Condition":{"Null":{"aws:SecureTransport":"true","aws:SourceIp":"true","aws:UserAgent":"true","aws:RequestedRegion":"true"}}}`,
		`{"Sid":"Plain","Effect":"Allow","Action":"s3:GetObject","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"false"}}}`,
		`{"Sid":"Secure","Effect":"Allow","Action":"s3:GetObject","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"true"}}}`,
		`{"Sid":"Early","Effect":"Allow","Action":"s3:PutObject","Resource":"*","Condition":{"DateLessThan":{"aws:CurrentTime":"2026-01-02T03:04:10Z"}}}`))
	const who = "arn:aws:iam::" + account + ":user/alice"
	at := s.Now()
	s.Advance(time.Hour)
	ask := func(call, action, context string, more ...string) string {
		in := p{"PrincipalArn": who, "Action": action}
		if context != "" {
			in["Context"] = context
		}
		for i := 0; i < len(more); i += 2 {
			in[more[i]] = more[i+1]
		}
		return s.Admin.Do(call, in).Text("StatementId")
	}
	for _, c := range []struct{ context, want string }{
		{"", "Absent"},
		{`[{"Key":"aws:SecureTransport","Values":["false"]}]`, "Plain"},
		{`[{"Key":"AWS:securetransport","Values":["true"]}]`, "Secure"},
	} {
		if got := ask("sallyport:Evaluate", "s3:GetObject", c.context); got != c.want {
			t.Errorf("Evaluate with %s: statement %q, want %q", c.context, got, c.want)
		}
		if got := ask(evaluateAt, "s3:GetObject", c.context, "Revision", "3"); got != c.want {
			t.Errorf("EvaluateAt with %s: statement %q, want %q", c.context, got, c.want)
		}
	}
	late := `[{"Key":"aws:CurrentTime","Values":["2030-01-01T00:00:00Z"]}]`
	for _, c := range []struct {
		call, context string
		more          []string
		want          string
	}{
		{"sallyport:Evaluate", "", nil, ""},
		{evaluateAt, "", []string{"Revision", "3"}, "Early"},
		{evaluateAt, "", []string{"Time", epoch(at.Add(4 * time.Second))}, "Early"},
		{evaluateAt, "", []string{"Time", epoch(at.Add(6 * time.Second))}, ""},
		{evaluateAt, late, []string{"Revision", "3"}, ""},
	} {
		if got := ask(c.call, "s3:PutObject", c.context, c.more...); got != c.want {
			t.Errorf("%s %v with %s: statement %q, want %q", c.call, c.more, c.context, got, c.want)
		}
	}
}

// slowHistory keeps past views from being built until it is let.
type slowHistory struct {
	pdp.History
	begun, let chan struct{}
}

func (h slowHistory) ViewAt(ctx context.Context, id state.StreamID, at state.Revision) (*state.View, error) {
	h.begun <- struct{}{}
	<-h.let
	return h.History.ViewAt(ctx, id, at)
}

// TestEvaluateAtIsBounded: few past views are in memory at once; who waits for
// one stops waiting with its client.
func TestEvaluateAtIsBounded(t *testing.T) {
	s := inprocess.New(t)
	slow := slowHistory{s.App.State(), make(chan struct{}, 10), make(chan struct{})}
	var def operation.Definition
	for _, d := range pdp.New(pdp.Options{History: slow}).Operations() {
		if d.Op == sallyportapi.OpEvaluateAt {
			def = d
		}
	}
	ask := func(ctx context.Context) error {
		c := &operation.Call{Context: ctx, Op: def.Op, Caller: iam.RootCaller(account), Now: s.Now()}
		_, err := def.Read(c, s.View(account), &sallyportapi.EvaluateAtRequest{
			PrincipalArn: new(iam.RootARN(account)), Action: new("s3:GetObject"), Revision: new(int64(1)),
		})
		return err
	}
	done := make(chan error)
	for range 5 {
		go func() { done <- ask(t.Context()) }()
	}
	<-slow.begun
	<-slow.begun
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := ask(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("a client that is gone: %v", err)
	}
	if len(slow.begun) > 0 {
		t.Error("a third past view is being built")
	}
	close(slow.let)
	for range 5 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}
