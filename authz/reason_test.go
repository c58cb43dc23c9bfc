package authz_test

import (
	"fmt"
	"testing"

	"sallyport/authz"
	"sallyport/policy"
)

func TestReason(t *testing.T) {
	const why = " allows the s3:GetObject action"
	tests := []struct {
		name string
		situation
		want, withARN string
	}{
		{"allowed", situation{who: alice, identity: "allow"}, "", ""},
		{"iam-240", situation{who: alice}, "because no identity-based policy" + why, ""},
		{"iam-241", situation{who: alice, scps: []string{"deny"}}, "with an explicit deny in a service control policy", ": arn:aws:iam::111122223333:policy/scp"},
		{"iam-242", situation{who: alice, identity: "deny"}, "with an explicit deny in an identity-based policy", ": arn:aws:iam::111122223333:policy/identity"},
		{"iam-244", situation{who: alice, boundary: "deny"}, "with an explicit deny in a permissions boundary", ": arn:aws:iam::111122223333:policy/boundary"},
		{"iam-246", situation{who: alice, scps: []string{"silent"}}, "because no service control policy" + why, ""},
		{"iam-251", situation{who: alice, rcps: []string{"deny"}}, "with an explicit deny in a resource control policy", ": arn:aws:iam::111122223333:policy/rcp"},
		{"boundary", situation{who: alice, identity: "allow", boundary: "silent"}, "because no permissions boundary" + why, ""},
		{"session", situation{who: session("app", "run"), identity: "allow", session: "silent"}, "because no session policy" + why, ""},
		{"session deny", situation{who: session("app", "run"), session: "deny"}, "with an explicit deny in a session policy", ""},
		{"resource", situation{who: alice, account: other, identity: "allow"}, "because no resource-based policy" + why, ""},
		{"resource deny", situation{who: alice, resource: "deny"}, "with an explicit deny in a resource-based policy", ""},
		{"resource control", situation{who: alice, rcps: []string{"silent"}}, "because no resource control policy" + why, ""},
		{"list deny", situation{who: alice, acl: "deny"}, "with an explicit deny in an access control list", ""},
	}
	for _, tt := range tests {
		d := tt.decide(t)
		if got := d.Reason(action); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
		if got := d.Reason(action, authz.WithPolicyARN); got != tt.want+tt.withARN {
			t.Errorf("%s with ARN: %q, want %q", tt.name, got, tt.want+tt.withARN)
		}
	}
	if got := (authz.Decision{}).Reason(action); got != "" {
		t.Errorf("no layer: %q", got)
	}
	if got := (authz.Decision{Layer: 99}).Reason(action); got != "" {
		t.Errorf("unknown layer: %q", got)
	}
}

func TestDenialMessage(t *testing.T) {
	for _, tt := range []struct{ resource, reason, want string }{
		{"arn:r", "because", "User: arn:p is not authorized to perform: s:A on resource: arn:r because"},
		{"arn:r", "", "User: arn:p is not authorized to perform: s:A on resource: arn:r"},
		{"", "because", "User: arn:p is not authorized to perform: s:A because"},
	} {
		if got := authz.DenialMessage("arn:p", "s:A", tt.resource, tt.reason); got != tt.want {
			t.Errorf("%q, want %q", got, tt.want)
		}
	}
}

func TestInlinePolicyHasNoARN(t *testing.T) {
	p := &authz.Policies{Identity: policy.NewSet(compile(t, policy.RefInline, "inline", `{"Statement":{"Effect":"Deny","Action":"*","Resource":"*"}}`))}
	d := authz.Decide(&authz.Request{Request: policy.Request{Principal: user("alice"), Action: action, Resource: object}}, p)
	if got, want := d.Reason(action, authz.WithPolicyARN), "with an explicit deny in an identity-based policy"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestStrings(t *testing.T) {
	got := fmt.Sprint(authz.ImplicitDeny, authz.Allow, authz.ExplicitDeny, authz.LayerNone, authz.LayerSCP, authz.LayerRoot, authz.Layer(99))
	if want := "implicitDeny allowed explicitDeny none scp root unknown"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
