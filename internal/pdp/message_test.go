package pdp

import (
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"

	"sallyport/authz"
	"sallyport/internal/api"
	"sallyport/internal/operation"
	"sallyport/policy"
	"sallyport/policy/condition"
)

// TestMessageIsBounded: whatever size is asked for, a message is JSON of the
// form, and the longest parts go first.
func TestMessageIsBounded(t *testing.T) {
	parsed, err := policy.Parse([]byte(`{"Version":"2012-10-17","Statement":{"Sid":"No","Effect":"Deny","Action":"*","Resource":"arn:aws:s3:::` + strings.Repeat("x", 500) + `","Condition":{"StringEquals":{"aws:username":["` + strings.Repeat("n", 300) + `"]}}}}`))
	if err != nil {
		t.Fatal(err)
	}
	denies, err := policy.Compile(parsed, policy.Ref{})
	if err != nil {
		t.Fatal(err)
	}
	d := &Denial{
		said: api.AccessDenied(nil, "no"),
		call: &operation.Call{Now: time.Unix(0, 0), UserAgent: strings.Repeat("a\xff", 100), Caller: &operation.Caller{
			Principal: policy.Principal{Kind: policy.User, Account: "111122223333", ARN: "arn:aws:iam::111122223333:user/alice", ID: "AIDAEXAMPLE"}, EntityID: "AIDAEXAMPLE",
		}},
		check:    &operation.Check{Action: "x:Do", Resource: "arn:aws:x:::thing", Keys: condition.Map{"x:many": condition.Many("1", "2", strings.Repeat("m", 400))}},
		decision: authz.Decision{Effect: authz.ExplicitDeny, Layer: authz.LayerIdentity, Policy: denies},
	}
	whole, err := d.Message(1 << 20)
	if err != nil {
		t.Fatal(err)
	}
	for size := len(whole); size >= 0; size -= 7 {
		text, err := d.Message(size)
		var m message
		if err == nil {
			err = json.Unmarshal(text, &m, json.RejectUnknownMembers(true))
		}
		if err != nil || !m.ExplicitDeny || m.Context.Action != "x:Do" || len(text) > size && size >= 512 {
			t.Fatalf("%d bytes for %d: %v in %s", len(text), size, err, text)
		}
		if strings.Contains(string(text), strings.Repeat("x", 500)) && !strings.Contains(string(text), `"aws:PrincipalType"`) {
			t.Errorf("a short part is gone before the longest: %s", text)
		}
	}
}
