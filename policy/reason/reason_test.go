package reason_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"sallyport/catalog"
	"sallyport/policy"
	"sallyport/policy/condition"
	"sallyport/policy/reason"
)

func document(statements string) string {
	return `{"Version":"2012-10-17","Statement":[` + statements + `]}`
}

func parse(t testing.TB, text string) *policy.Document {
	t.Helper()
	d, err := policy.Parse([]byte(text))
	if err != nil {
		t.Fatalf("%.200s: %v", text, err)
	}
	return d
}

func service(t testing.TB, prefix string) *catalog.Service {
	t.Helper()
	s, ok := catalog.AWS().Service(prefix)
	if !ok {
		t.Fatalf("no service %s", prefix)
	}
	return s
}

// reached are those of s3, sqs and iam that are within reach.
func reached(t testing.TB, documents ...*policy.Document) string {
	t.Helper()
	r := reason.NewReach(documents...)
	var found []string
	for _, prefix := range []string{"s3", "sqs", "iam"} {
		ok, err := r.Service(service(t, prefix))
		if err != nil {
			t.Fatal(err)
		}
		if ok {
			found = append(found, prefix)
		}
		if ok && !r.Names(prefix) {
			t.Errorf("%s is reached, but not named", prefix)
		}
	}
	return strings.Join(found, " ")
}

func granted(t testing.TB, d *policy.Document) string {
	t.Helper()
	var found []string
	for _, prefix := range []string{"s3", "sqs", "iam"} {
		ok, err := reason.NewGranting().Grants(d, service(t, prefix))
		if err != nil {
			t.Fatal(err)
		}
		if ok {
			found = append(found, prefix)
		}
	}
	return strings.Join(found, " ")
}

const (
	getObject = `{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}`
	inA       = `{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::a/*"}`
	nobody    = `"Condition":{"StringEquals":{"aws:username":"nobody"}}`
)

// TestReachAndGrants holds both to what AWS answered for these policies, in a
// service last accessed report and in ListPoliciesGrantingServiceAccess; "own"
// cases are without such an answer.
func TestReachAndGrants(t *testing.T) {
	for name, c := range map[string]struct{ statements, reach, grants string }{
		"allow":                            {getObject, "s3", "s3"},
		"deny alone":                       {`{"Effect":"Deny","Action":"s3:*","Resource":"*"}`, "", ""},
		"allow and deny":                   {getObject + `,{"Effect":"Deny","Action":"s3:*","Resource":"*"}`, "", ""},
		"allow with a condition":           {`{"Effect":"Allow","Action":"s3:GetObject","Resource":"*",` + nobody + `}`, "s3", "s3"},
		"and a deny":                       {`{"Effect":"Allow","Action":"s3:GetObject","Resource":"*",` + nobody + `},{"Effect":"Deny","Action":"s3:*","Resource":"*"}`, "", ""},
		"deny with a condition":            {getObject + `,{"Effect":"Deny","Action":"s3:*","Resource":"*",` + nobody + `}`, "s3", "s3"},
		"resource of another service":      {`{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:iam::111122223333:user/nobody"}`, "", ""},
		"resource of another type":         {`{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::a"}`, "", "s3"},
		"unknown action":                   {`{"Effect":"Allow","Action":"s3:NoSuchAction","Resource":"*"}`, "", "s3"},
		"unknown service":                  {`{"Effect":"Allow","Action":"nosuchservice:Read","Resource":"*"}`, "", ""},
		"wildcard":                         {`{"Effect":"Allow","Action":"s3:Get*","Resource":"*"}`, "s3", "s3"},
		"upper case":                       {`{"Effect":"Allow","Action":"S3:GETOBJECT","Resource":"*"}`, "s3", "s3"},
		"NotAction":                        {`{"Effect":"Allow","NotAction":"s3:*","Resource":"*"}`, "sqs iam", "sqs iam"},
		"NotResource":                      {`{"Effect":"Allow","Action":"s3:GetObject","NotResource":"*"}`, "", ""},
		"PassRole":                         {`{"Effect":"Allow","Action":"iam:PassRole","Resource":"*"}`, "iam", "iam"},
		"deny of another resource":         {inA + `,{"Effect":"Deny","Action":"s3:*","Resource":"arn:aws:s3:::b/*"}`, "s3", "s3"},
		"deny of the same resource":        {inA + `,{"Effect":"Deny","Action":"s3:*","Resource":"arn:aws:s3:::a/*"}`, "", "s3"},
		"deny of the same action":          {inA + `,{"Effect":"Deny","Action":"s3:GetObject","Resource":"arn:aws:s3:::a/*"}`, "", "s3"},
		"deny of a part":                   {`{"Effect":"Allow","Action":"s3:*","Resource":"*"},{"Effect":"Deny","Action":"s3:*","Resource":"arn:aws:s3:::a/*"}`, "s3", "s3"},
		"deny of all ARNs":                 {inA + `,{"Effect":"Deny","Action":"s3:*","Resource":"arn:aws:s3:::*"}`, "", "s3"},
		"allow here and elsewhere":         {inA + `,{"Effect":"Allow","Action":"s3:GetObject","NotResource":"arn:aws:s3:::a/*"}`, "s3", "s3"},
		"deny elsewhere":                   {inA + `,{"Effect":"Deny","Action":"s3:GetObject","NotResource":"arn:aws:s3:::a/*"}`, "s3", "s3"},
		"deny all but another":             {inA + `,{"Effect":"Deny","Action":"s3:GetObject","NotResource":"arn:aws:s3:::b/*"}`, "", "s3"},
		"own: everything":                  {`{"Effect":"Allow","Action":"*","Resource":"*"}`, "s3 sqs iam", "s3 sqs iam"},
		"own: everything but":              {`{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Deny","NotAction":"sqs:*","Resource":"*"}`, "sqs", "sqs"},
		"own: a variable allows":           {`{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::${aws:username}/*"}`, "s3", "s3"},
		"own: a variable denies":           {inA + `,{"Effect":"Deny","Action":"s3:*","Resource":"arn:aws:s3:::${aws:username}/*"}`, "s3", "s3"},
		"own: only where there is no type": {`{"Effect":"Allow","Action":"iam:GetAccountSummary","Resource":"arn:aws:iam::111122223333:user/alice"}`, "", "iam"},
	} {
		t.Run(name, func(t *testing.T) {
			d := parse(t, document(c.statements))
			if got := reached(t, d); got != c.reach {
				t.Errorf("reach %q, want %q", got, c.reach)
			}
			if got := granted(t, d); got != c.grants {
				t.Errorf("grants %q, want %q", got, c.grants)
			}
		})
	}
	if got := reached(t, parse(t, document(getObject)), parse(t, document(`{"Effect":"Deny","Action":"s3:*","Resource":"*"}`))); got != "" {
		t.Errorf("a denial of another policy leaves %q", got)
	}
	if got := reached(t); got != "" {
		t.Errorf("no policy reaches %q", got)
	}
}

// TestAttackHugePolicies: the work on policies that are made to be slow is bounded,
// and such an answer is none.
func TestAttackHugePolicies(t *testing.T) {
	var patterns []string
	for n := range 700 {
		patterns = append(patterns, fmt.Sprintf(`"arn:?ws:zz%d%s"`, n, strings.Repeat("a*b*", 60)))
	}
	d := parse(t, document(`{"Effect":"Allow","Action":"*","Resource":[`+strings.Join(patterns, ",")+`]}`))
	r := reason.NewReach(d)
	var err error
	for _, prefix := range catalog.AWS().Prefixes() {
		if _, err = r.Service(service(t, prefix)); err != nil {
			break
		}
	}
	if !errors.Is(err, reason.ErrTooMuch) {
		t.Errorf("huge policies: %v", err)
	}
}

// TestAttackHugePoliciesManyServices: the bound is for all services together that one
// question names.
func TestAttackHugePoliciesManyServices(t *testing.T) {
	var patterns []string
	for n := range 200 {
		patterns = append(patterns, fmt.Sprintf(`arn:?ws:zz%d%s`, n, strings.Repeat("a*b*", 60)))
	}
	d := parse(t, document(`{"Effect":"Allow","Action":["*"],"Resource":["`+strings.Join(patterns, `","`)+`"]}`))
	g := reason.NewGranting()
	var err error
	for range 20_000 {
		if _, err = g.Grants(d, service(t, "s3")); err != nil {
			break
		}
	}
	if !errors.Is(err, reason.ErrTooMuch) {
		t.Errorf("huge policies: %v", err)
	}
}

// FuzzReach: what the engine allows on a resource that the catalogue knows is
// within reach and granted, whatever the policy.
func FuzzReach(f *testing.F) {
	for _, statements := range []string{getObject, inA, inA + `,{"Effect":"Deny","Action":"s3:Put*","Resource":"arn:aws:s3:::?/*"}`,
		`{"Effect":"Allow","NotAction":["iam:*","s?:Get*"],"NotResource":["arn:aws:*:b*","arn:aws:s3:::${aws:username}/*"]}`,
	} {
		f.Add(document(statements), "s3:GetObject", "arn:aws:s3:::a/b")
		f.Add(document(statements), "sqs:SendMessage", "arn:aws:sqs:us-east-1:111122223333:queue")
		f.Add(document(statements), "iam:ListUsers", "*")
	}
	f.Fuzz(func(t *testing.T, text, action, resource string) {
		d, err := policy.Parse([]byte(text))
		if err != nil {
			return
		}
		p, err := policy.Compile(d, policy.Ref{})
		if err != nil {
			return
		}
		s, a, ok := catalog.AWS().Action(action)
		if !ok || resource != "*" && (!strings.HasPrefix(resource, "arn:aws:") || catalog.AWS().Applies(action, resource) != catalog.Applicable) {
			return
		}
		for _, r := range a.Resources {
			if resource == "*" && r.Required {
				return
			}
		}
		m := policy.NewSet(p).Eval(&policy.Request{Action: action, Resource: resource, Context: condition.Map{"aws:username": condition.One("alice")}})
		if m.Effect != policy.Allow {
			return
		}
		if ok, err := reason.NewReach(d).Action(s, a); !ok && err == nil {
			t.Errorf("%s allows %s on %s, which is out of reach", text, action, resource)
		}
		if ok, err := reason.NewGranting().Grants(d, s); !ok && err == nil {
			t.Errorf("%s allows %s on %s, which it does not grant", text, action, resource)
		}
	})
}
