package authz_test

import (
	"fmt"
	"strings"
	"testing"

	"sallyport/authz"
	"sallyport/policy"
	"sallyport/policy/condition"
)

// explain explains alice's reading of an object.
func explain(t *testing.T, p *authz.Policies) authz.Explanation {
	t.Helper()
	return authz.Explain(&authz.Request{
		ResourceAccount: home,
		Request: policy.Request{Principal: alice, Action: action, Resource: object, Context: condition.Map{
			"aws:username": condition.One("alice"), "aws:tagkeys": condition.Many("a", "b"),
		}},
	}, p)
}

func identityPolicies(t *testing.T, statements ...string) *authz.Policies {
	t.Helper()
	return &authz.Policies{Identity: policy.NewSet(compile(t, policy.RefManaged, "p", `{"Version":"2012-10-17","Statement":[`+strings.Join(statements, ",")+`]}`))}
}

// TestExplainFailures: each element and each condition is named with the values
// that were compared.
func TestExplainFailures(t *testing.T) {
	tests := []struct{ name, statement, want string }{
		{"action", `{"Effect":"Allow","Action":["s3:Put*","sqs:*"],"Resource":"*"}`, "Action [s3:Put* sqs:*] [s3:GetObject]"},
		{"not action", `{"Effect":"Allow","NotAction":"s3:*","Resource":"*"}`, "NotAction [s3:*] [s3:GetObject]"},
		{"resource", `{"Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::b/${aws:username}/*"}`, "Resource [arn:aws:s3:::b/alice/*] [arn:aws:s3:::b/k]"},
		{"variable", `{"Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::b/${aws:userid}"}`, "Resource [arn:aws:s3:::b/${aws:userid}] [arn:aws:s3:::b/k] unresolved"},
		{"leading variable", `{"Effect":"Allow","Action":"*","Resource":"arn:aws:${aws:username}:::b/k"}`, "Resource [arn:aws:alice:::b/k] [arn:aws:s3:::b/k] unresolved"},
		{"not resource", `{"Effect":"Allow","Action":"*","NotResource":"arn:aws:s3:::b/*"}`, "NotResource [arn:aws:s3:::b/*] [arn:aws:s3:::b/k]"},
		{"conditions", `{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringEquals":{"aws:userName":["bob","${aws:PrincipalTag/x, 'none'}"]},"Null":{"aws:username":"false"},"ForAllValues:StringLike":{"aws:TagKeys":"a"}}}`,
			"Condition StringEquals aws:userName [bob none] [alice]; Condition ForAllValues:StringLike aws:TagKeys [a] [a b]"},
		{"absent", `{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"Bool":{"aws:MultiFactorAuthPresent":true}}}`, "Condition Bool aws:MultiFactorAuthPresent [true] [] absent"},
		{"all", `{"Effect":"Allow","Action":"x:*","Resource":"arn:aws:s3:::c","Condition":{"Bool":{"x:y":true}}}`, "Action [x:*] [s3:GetObject]; Resource [arn:aws:s3:::c] [arn:aws:s3:::b/k]; Condition Bool x:y [true] [] absent"},
		{"matched", `{"Effect":"Allow","Action":"*","Resource":"*"}`, ""},
	}
	for _, tt := range tests {
		x := explain(t, identityPolicies(t, tt.statement))
		if got := failures(&x.Layers[0].Outcomes[0]); got != tt.want {
			t.Errorf("%s:\n got %s\nwant %s", tt.name, got, tt.want)
		}
	}
}

func failures(o *policy.Outcome) string {
	var all []string
	for _, f := range o.Failures {
		text := strings.Join(strings.Fields(fmt.Sprint(f.Element, " ", f.Operator, " ", f.Key, " ", f.Policy, " ", f.Request)), " ")
		if f.Unresolved {
			text += " unresolved"
		}
		if f.Absent {
			text += " absent"
		}
		if f.Position.Line == 0 {
			text += " nowhere"
		}
		all = append(all, text)
	}
	return strings.Join(all, "; ")
}

// TestExplainPrincipals: how the resource's policy named the principal, or why
// it didn't.
func TestExplainPrincipals(t *testing.T) {
	statement := `{"Version":"2012-10-17","Statement":{"Effect":%q,%q:%s,"Action":"s3:*","Resource":"*"}}`
	tests := []struct{ effect, element, value, named, failures string }{
		{"Allow", "Principal", `"*"`, "wildcard", ""},
		{"Allow", "Principal", `{"AWS":"` + home + `"}`, "account", ""},
		{"Allow", "Principal", `{"AWS":"` + aliceARN + `"}`, "principal", ""},
		{"Allow", "Principal", `{"AWS":"` + roleARN + `","Service":"ec2.amazonaws.com"}`, "", "Principal [" + roleARN + " ec2.amazonaws.com] [" + aliceARN + "]"},
		{"Deny", "NotPrincipal", `{"AWS":["` + home + `","` + aliceARN + `"]}`, "", "NotPrincipal [" + home + " " + aliceARN + "] [" + aliceARN + "]"},
		{"Deny", "NotPrincipal", `{"AWS":"` + aliceARN + `"}`, "", ""},
	}
	for _, tt := range tests {
		src := fmt.Sprintf(statement, tt.effect, tt.element, tt.value)
		x := explain(t, &authz.Policies{Resource: policy.NewSet(compile(t, policy.RefResource, "r", src))})
		if x.Layers[0].Layer != authz.LayerResource || x.Layers[1].Layer != authz.LayerIdentity {
			t.Fatalf("layers %+v", x.Layers)
		}
		o := &x.Layers[0].Outcomes[0]
		if got := failures(o); got != tt.failures || o.Named.String() != tt.named {
			t.Errorf("%s: named %q, failures %q", src, o.Named, got)
		}
	}
}

// TestExplainMissing: what would have to change, in the order of the layers.
func TestExplainMissing(t *testing.T) {
	tests := []struct {
		name string
		situation
		want string
	}{
		{"allowed", situation{who: alice, identity: "allow"}, ""},
		{"nothing", situation{who: alice}, "identity add"},
		{"boundary too", situation{who: alice, boundary: "silent"}, "identity add, boundary add"},
		{"boundary only", situation{who: alice, identity: "allow", boundary: "silent"}, "boundary add"},
		{"denied twice", situation{who: alice, identity: "deny", boundary: "deny"}, "identity deny, boundary deny"},
		{"denied and not allowed", situation{who: alice, boundary: "deny"}, "boundary deny, identity add"},
		{"organization", situation{who: alice, scps: []string{"allow", "silent", "deny"}, rcps: []string{"silent"}}, "scp 1 add, scp 2 deny, rcp add, identity add"},
		{"across", situation{who: alice, account: other}, "identity add, resource add"},
		{"across, not offered", situation{who: alice, account: other, identity: "allow", resource: "silent"}, "resource add"},
		{"service", situation{who: service}, "resource add"},
		{"resource decides", situation{who: alice, identity: "allow", decides: true}, "resource add"},
		{"session", situation{who: app, identity: "allow", session: "silent"}, "session add"},
		{"federated user without policies", situation{who: kiosk, identity: "allow"}, "session add"},
		{"role named, session silent", situation{who: app, session: "silent", resource: roleARN}, "session add"},
	}
	for _, tt := range tests {
		x := tt.explain(t)
		var got []string
		for _, m := range x.Missing {
			text := m.Layer.String()
			if m.Level > 0 {
				text += fmt.Sprint(" ", m.Level)
			}
			if m.Deny != nil {
				text += " deny"
			}
			if m.Add != nil {
				text += " add"
			}
			got = append(got, text)
		}
		if got := strings.Join(got, ", "); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
}

// TestExplainNearMiss: where only conditions fail, they are what is missing.
func TestExplainNearMiss(t *testing.T) {
	x := explain(t, identityPolicies(t,
		`{"Effect":"Allow","Action":"s3:*","Resource":"*","Condition":{"Bool":{"x:a":true,"x:b":true}}}`,
		`{"Effect":"Allow","Action":"s3:*","Resource":"*","Condition":{"Bool":{"x:a":true},"Null":{"x:a":"true"}}}`,
		`{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::c","Condition":{"Bool":{"x:a":true}}}`))
	if len(x.Missing) != 1 || x.Missing[0].Near == nil || x.Missing[0].Near.Statement != 1 {
		t.Fatalf("%+v", x.Missing)
	}
	if got, want := failures(x.Missing[0].Near), "Condition Bool x:a [true] [] absent"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	add := x.Missing[0].Add
	if add.Action.Items[0].Text != action || add.Resource.Items[0].Text != object {
		t.Errorf("%+v", add)
	}
}

// TestExplainBounds: a small policy and a long context don't make a large
// explanation.
func TestExplainBounds(t *testing.T) {
	long := strings.Repeat("é", 50_000)
	context := condition.Map{"x:k": condition.Many(append(make([]string, 100), long)...), "x:l": condition.One(long)}
	statement := `{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"ForAnyValue:StringEquals":{"x:k":"z"},"StringEquals":{"x:l":["a${x:l}","b${x:l}"]}}}`
	p := identityPolicies(t, strings.Repeat(statement+",", 1500)+statement)
	x := authz.Explain(&authz.Request{Request: policy.Request{Principal: alice, Action: action, Resource: object, Context: context}}, p)
	total := 0
	for _, o := range x.Layers[0].Outcomes {
		for _, f := range o.Failures {
			if len(f.Policy)+len(f.Request) == 0 && f.Omitted == 0 {
				t.Fatalf("values are gone without a trace: %+v", f)
			}
			for _, v := range append(f.Policy, f.Request...) {
				total += len(v)
			}
		}
	}
	if total == 0 || total > 2<<20 {
		t.Errorf("%d bytes of values", total)
	}
	if f := x.Layers[0].Outcomes[0].Failures[0]; len(f.Request) != 16 || f.Omitted != 85 {
		t.Errorf("%d values, %d omitted", len(f.Request), f.Omitted)
	}
}

// TestExplainExempt: no organization policy is asked about a service-linked role.
func TestExplainExempt(t *testing.T) {
	x := situation{who: linked, identity: "allow", scps: []string{"deny"}}.explain(t)
	if !x.Exempt || !x.Decision.Allowed() || len(x.Layers) != 1 {
		t.Errorf("%+v", x)
	}
}
