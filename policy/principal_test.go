package policy_test

import (
	"fmt"
	"testing"

	"sallyport/policy"
)

const (
	home  = "111122223333"
	other = "444455556666"
)

var (
	alice = policy.Principal{Kind: policy.User, Account: home, ARN: "arn:aws:iam::" + home + ":user/team/alice", ID: "AIDAEXAMPLEALICE0001"}
	bob   = policy.Principal{Kind: policy.User, Account: home, ARN: "arn:aws:iam::" + home + ":user/bob", ID: "AIDAEXAMPLEBOB000001"}
	carol = policy.Principal{Kind: policy.User, Account: other, ARN: "arn:aws:iam::" + other + ":user/carol", ID: "AIDAEXAMPLECAROL0001"}
	admin = policy.Principal{Kind: policy.RoleSession, Account: home,
		ARN: "arn:aws:sts::" + home + ":assumed-role/admin/deploy", RoleARN: "arn:aws:iam::" + home + ":role/ops/admin", ID: "AROAEXAMPLEADMIN0001:deploy"}
	fed = policy.Principal{Kind: policy.FederatedUser, Account: home,
		ARN: "arn:aws:sts::" + home + ":federated-user/kiosk", UserARN: alice.ARN, ID: home + ":kiosk"}
	root   = policy.Principal{Kind: policy.Root, Account: home, ARN: "arn:aws:iam::" + home + ":root", ID: home}
	ec2    = policy.Principal{Kind: policy.Service, Service: "ec2.amazonaws.com"}
	google = policy.Principal{Kind: policy.Federated, Federated: "accounts.google.com"}
	nobody = policy.Principal{}
)

var callers = map[string]policy.Principal{
	"alice": alice, "bob": bob, "carol": carol, "admin": admin, "fed": fed, "root": root, "ec2": ec2, "google": google, "nobody": nobody,
}

// resourceSet is a resource's policy with one statement and a principal element.
func resourceSet(t testing.TB, effect, principal string) *policy.Set {
	return policy.NewSet(compile(t, statement(fmt.Sprintf(`{"Effect":%q,%s"Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"}`, effect, principal))))
}

func TestPrincipalNaming(t *testing.T) {
	type named = map[string]policy.PrincipalMatch
	everyone := named{}
	for name := range callers {
		everyone[name] = policy.NamedWildcard
	}
	account := named{"alice": policy.NamedAccount, "bob": policy.NamedAccount, "admin": policy.NamedAccount, "fed": policy.NamedAccount, "root": policy.NamedPrincipal}
	tests := []struct {
		principal string
		want      named
	}{
		{`"*"`, everyone},
		{`{"AWS":"*"}`, everyone},
		{`{"AWS":"` + home + `"}`, account},
		{`{"AWS":"arn:aws:iam::` + home + `:root"}`, account},
		{`{"AWS":"` + alice.ARN + `"}`, named{"alice": policy.NamedPrincipal, "fed": policy.NamedRole}},
		{`{"AWS":["` + alice.ARN + `","` + home + `"]}`, named{"alice": policy.NamedPrincipal, "fed": policy.NamedRole, "bob": policy.NamedAccount, "admin": policy.NamedAccount, "root": policy.NamedPrincipal}},
		{`{"AWS":"` + alice.ID + `"}`, named{"alice": policy.NamedPrincipal}},
		{`{"AWS":"arn:aws:iam::` + home + `:user/alice"}`, nil}, // the path is part of the ARN
		{`{"AWS":"` + admin.RoleARN + `"}`, named{"admin": policy.NamedRole}},
		{`{"AWS":"AROAEXAMPLEADMIN0001"}`, named{"admin": policy.NamedRole}},
		{`{"AWS":"` + admin.ARN + `"}`, named{"admin": policy.NamedPrincipal}},
		{`{"AWS":"AROAEXAMPLEADMIN0001:deploy"}`, named{"admin": policy.NamedPrincipal}},
		{`{"AWS":"AROAEXAMPLEADMIN0001:other"}`, nil},
		{`{"AWS":"arn:aws:sts::` + home + `:assumed-role/admin/other"}`, nil},
		{`{"AWS":"` + fed.ARN + `"}`, named{"fed": policy.NamedPrincipal}},
		{`{"AWS":["*","` + admin.ARN + `"]}`, func() named {
			n := named{}
			for name := range callers {
				n[name] = policy.NamedWildcard
			}
			n["admin"] = policy.NamedPrincipal
			return n
		}()},
		{`{"Service":"ec2.amazonaws.com"}`, named{"ec2": policy.NamedService}},
		{`{"Service":"sqs.amazonaws.com"}`, nil},
		{`{"Federated":"accounts.google.com"}`, named{"google": policy.NamedFederated}},
		{`{"Federated":"Accounts.Google.com"}`, nil},
		{`{"CanonicalUser":"` + alice.ID + `"}`, nil},
		{`{"AWS":"` + other + `"}`, named{"carol": policy.NamedAccount}},
		// Text of one type never names a principal of another.
		{`{"Service":"` + home + `"}`, nil},
		{`{"Federated":"ec2.amazonaws.com"}`, nil},
	}
	for _, tt := range tests {
		allow := resourceSet(t, "Allow", `"Principal":`+tt.principal+`,`)
		deny := resourceSet(t, "Deny", `"Principal":`+tt.principal+`,`)
		for name, who := range callers {
			r := &policy.Request{Principal: who, Action: "s3:GetObject", Resource: "arn:aws:s3:::b/k"}
			m, want := allow.EvalResource(r), policy.NoMatch
			if tt.want[name] != policy.NotNamed {
				want = policy.Allow
			}
			if m.Effect != want || m.Named != tt.want[name] {
				t.Errorf("%s on %s: %v, named %d, want %v, %d", name, tt.principal, m.Effect, m.Named, want, tt.want[name])
			}
			if denied := deny.EvalResource(r).Effect == policy.Deny; denied != (want == policy.Allow) {
				t.Errorf("%s on Deny %s: %v", name, tt.principal, denied)
			}
			// Eval asks for the principal too, as of a resource control policy.
			if m := allow.Eval(r); m.Effect != want || m.Named != policy.NotNamed {
				t.Errorf("Eval of %s on %s: %+v", name, tt.principal, m)
			}
		}
	}
}

func TestNotPrincipal(t *testing.T) {
	tests := []struct {
		principal string
		exempt    map[string]bool
	}{
		{`{"AWS":"*"}`, map[string]bool{"alice": true, "bob": true, "carol": true, "admin": true, "fed": true, "root": true, "ec2": true, "google": true, "nobody": true}},
		// The user alone is not enough: its account must be listed too.
		{`{"AWS":"` + alice.ARN + `"}`, nil},
		{`{"AWS":["` + alice.ARN + `","` + home + `"]}`, map[string]bool{"alice": true, "root": true}},
		{`{"AWS":["` + alice.ID + `","` + home + `"]}`, map[string]bool{"alice": true, "root": true}},
		{`{"AWS":"` + home + `"}`, map[string]bool{"root": true}},
		{`{"AWS":["` + admin.RoleARN + `","` + home + `"]}`, map[string]bool{"root": true}},
		{`{"AWS":["` + admin.ARN + `","` + admin.RoleARN + `","` + home + `"]}`, map[string]bool{"admin": true, "root": true}},
		{`{"AWS":["` + fed.ARN + `","` + alice.ARN + `","` + home + `"]}`, map[string]bool{"fed": true, "alice": true, "root": true}},
		{`{"Service":"ec2.amazonaws.com"}`, map[string]bool{"ec2": true}},
	}
	for _, tt := range tests {
		set := resourceSet(t, "Deny", `"NotPrincipal":`+tt.principal+`,`)
		for name, who := range callers {
			m := set.EvalResource(&policy.Request{Principal: who, Action: "s3:GetObject", Resource: "arn:aws:s3:::b/k"})
			if exempt := m.Effect != policy.Deny; exempt != tt.exempt[name] {
				t.Errorf("NotPrincipal %s: %s exempt %v", tt.principal, name, exempt)
			}
		}
	}
}

// TestResourceWithoutPrincipal: such a statement grants nothing and denies
// everyone.
func TestResourceWithoutPrincipal(t *testing.T) {
	r := &policy.Request{Principal: alice, Action: "s3:GetObject", Resource: "arn:aws:s3:::b/k"}
	if m := resourceSet(t, "Allow", "").EvalResource(r); m.Effect != policy.NoMatch {
		t.Errorf("Allow: %v", m.Effect)
	}
	if m := resourceSet(t, "Deny", "").EvalResource(r); m.Effect != policy.Deny {
		t.Errorf("Deny: %v", m.Effect)
	}
}

// TestStrongestNaming: of several allowing statements, the one that names the
// caller most directly counts, wherever it stands.
func TestStrongestNaming(t *testing.T) {
	allow := func(principal string) string {
		return `{"Effect":"Allow","Principal":{"AWS":"` + principal + `"},"Action":"s3:*","Resource":"*"}`
	}
	set := policy.NewSet(compile(t, statement(`[`+allow(home)+`,`+allow(admin.RoleARN)+`,`+allow(admin.ARN)+`,`+allow(admin.ARN)+`,`+allow("*")+`]`)))
	for name, want := range map[string]policy.Match{
		"admin": {Statement: 2, Named: policy.NamedPrincipal},
		"bob":   {Statement: 4, Named: policy.NamedWildcard},
		"root":  {Statement: 0, Named: policy.NamedPrincipal},
	} {
		m := set.EvalResource(&policy.Request{Principal: callers[name], Action: "s3:GetObject", Resource: "arn:aws:s3:::b/k"})
		if m.Effect != policy.Allow || m.Statement != want.Statement || m.Named != want.Named {
			t.Errorf("%s: %+v", name, m)
		}
	}
}

func TestValidPrincipal(t *testing.T) {
	for _, tt := range []struct {
		kind, text string
		want       bool
	}{
		{"AWS", home, true}, {"AWS", "*", true}, {"AWS", alice.ARN, true}, {"AWS", admin.ARN, true}, {"AWS", admin.ID, true},
		{"AWS", "11112222333", false}, {"AWS", "arn:aws:iam::" + home + ":role/", false}, {"AWS", "arn:aws:s3:::b", false},
		{"AWS", "AIDAshort", false}, {"AWS", "AROAlowercaseexample", false}, {"AWS", "arn:aws:iam:us-east-1:" + home + ":user/x", false},
		{"Service", "ec2.amazonaws.com", true}, {"Service", "*", false}, {"Federated", "accounts.google.com", true},
		{"CanonicalUser", "79a59d", true}, {"Group", "x", false}, {"AWS", "", false},
	} {
		if got := policy.ValidPrincipal(tt.kind, tt.text); got != tt.want {
			t.Errorf("ValidPrincipal(%q, %q) = %v", tt.kind, tt.text, got)
		}
	}
}
