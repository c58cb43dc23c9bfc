package pdp

import (
	"fmt"
	"strings"
	"testing"

	"sallyport/authz"
	"sallyport/internal/api"
	"sallyport/policy"
	"sallyport/policy/condition"
)

func compiled(t *testing.T, ref policy.Ref, statements ...string) *policy.Set {
	t.Helper()
	doc, err := policy.Parse([]byte(`{"Version":"2012-10-17","Statement":[` + strings.Join(statements, ",") + `]}`))
	if err != nil {
		t.Fatal(err)
	}
	p, err := policy.Compile(doc, ref)
	if err != nil {
		t.Fatal(err)
	}
	return policy.NewSet(p)
}

// explanationBy explains an application's reading of an object.
func explanationBy(p *authz.Policies) authz.Explanation {
	return authz.Explain(&authz.Request{ResourceAccount: "111122223333", Request: policy.Request{
		Principal: policy.Principal{Kind: policy.RoleSession, Account: "111122223333", ARN: "arn:aws:sts::111122223333:assumed-role/app/s", RoleARN: "arn:aws:iam::111122223333:role/app"},
		Action:    "s3:GetObject", Resource: "arn:aws:s3:::amzn-s3-demo-bucket/key", Context: condition.Map{},
	}}, p)
}

const everything = `{"Effect":"Allow","Action":"*","Resource":"*"}`

// TestExplanationLayers: an organization's layers, which no principal of Evaluate
// has yet, are told of like the others.
func TestExplanationLayers(t *testing.T) {
	x := explanationBy(&authz.Policies{
		Identity: compiled(t, policy.Ref{Name: "own", Kind: policy.RefInline}, everything),
		Session:  compiled(t, policy.Ref{Kind: policy.RefSession}, `{"Sid":"Puts","Effect":"Allow","Action":"s3:Put*","Resource":"*"}`),
		SCPs: []*policy.Set{
			compiled(t, policy.Ref{Name: "full", Kind: policy.RefSCP}, everything),
			compiled(t, policy.Ref{Name: "guard", Kind: policy.RefSCP}, everything, `{"Sid":"NoReading","Effect":"Deny","Action":"s3:Get*","Resource":"*"}`),
		},
	})
	out := explanationOf(&x, []string{"arn:aws:iam::111122223333:role/app"})
	var got []string
	for _, l := range out.Layers {
		line := *l.Layer + " " + *l.Effect
		if l.Level != nil {
			line += " at " + string(rune('0'+*l.Level))
		}
		for _, p := range l.Policies {
			line += ", " + api.Value(p.AttachedTo) + api.Value(p.PolicyName)
			for _, s := range p.Statements {
				line += " " + *s.Effect + api.Value(s.StatementId)
			}
		}
		got = append(got, line)
	}
	want := []string{
		"serviceControlPolicy allow at 1, full Allow", "serviceControlPolicy deny at 2, guard Allow DenyNoReading",
		"identityPolicy allow, arn:aws:iam::111122223333:role/appown Allow", "sessionPolicy none, ",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if len(out.Missing) != 2 || *out.Missing[0].Remove.StatementId != "NoReading" || *out.Missing[0].Level != 2 || *out.Missing[1].Layer != "sessionPolicy" || !strings.Contains(*out.Missing[1].Add, "s3:GetObject") {
		t.Errorf("missing %+v", out.Missing)
	}
}

// TestExplanationLimit: however many statements match, an explanation has an end,
// and says that it was reached.
func TestExplanationLimit(t *testing.T) {
	full := func(statements int) *authz.Policies {
		all := make([]string, statements)
		for i := range all {
			all[i] = everything
		}
		return &authz.Policies{Identity: compiled(t, policy.Ref{Name: "own", Kind: policy.RefInline}, all...)}
	}
	for _, c := range []struct {
		statements, kept int
		truncated        bool
	}{{maxExplained - 1, maxExplained - 1, false}, {maxExplained, maxExplained - 1, true}, {3 * maxExplained, maxExplained - 1, true}} {
		x := explanationBy(full(c.statements))
		out := explanationOf(&x, nil)
		if kept := len(out.Layers[0].Policies[0].Statements); kept != c.kept || *out.Truncated != c.truncated {
			t.Errorf("of %d statements, %d are kept, truncated %t", c.statements, kept, *out.Truncated)
		}
	}
	conditions := make([]string, 2*maxExplained)
	for i := range conditions {
		conditions[i] = fmt.Sprintf(`"x:k%d":"true"`, i)
	}
	near := `{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"Bool":{` + strings.Join(conditions, ",") + `}}}`
	x := explanationBy(&authz.Policies{Identity: compiled(t, policy.Ref{Name: "own", Kind: policy.RefInline}, near)})
	out := explanationOf(&x, nil)
	if failures := out.Layers[0].Policies[0].Statements[0].Failures; len(failures) >= maxExplained || len(failures) < maxExplained/2 || !*out.Truncated || len(out.Missing) != 1 {
		t.Errorf("%d failures, truncated %t, missing %d", len(failures), *out.Truncated, len(out.Missing))
	}
}
