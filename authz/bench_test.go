package authz_test

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"sallyport/authz"
	"sallyport/catalog/managed"
	"sallyport/policy"
	"sallyport/policy/condition"
)

func compile(t testing.TB, kind policy.RefKind, name, src string) *policy.Policy {
	t.Helper()
	doc, err := policy.Parse([]byte(src))
	if err != nil {
		t.Fatalf("%v in %s", err, src)
	}
	p, err := policy.Compile(doc, policy.Ref{Kind: kind, Name: name, ARN: "arn:aws:iam::" + home + ":policy/" + name})
	if err != nil {
		t.Fatalf("%v in %s", err, src)
	}
	return p
}

var benchServices = []string{"s3", "ec2", "dynamodb", "sqs", "sns", "lambda", "kms", "iam", "logs", "rds"}

// benchPolicies is a user with ten policies of five statements: five wildcard
// actions and three wildcard ARNs each, half with StringEquals and IpAddress.
func benchPolicies(t testing.TB) *policy.Set {
	verbs := []string{"Get", "List", "Put", "Delete", "Describe"}
	var policies []*policy.Policy
	for i, service := range benchServices {
		var statements []string
		for j := range 5 {
			var actions, resources []string
			for k := range 5 {
				actions = append(actions, fmt.Sprintf(`"%s:%s%c*"`, service, verbs[k], 'A'+j))
			}
			for k := range 3 {
				resources = append(resources, fmt.Sprintf(`"arn:aws:%s:*:%s:team-%d-%d-%d/*"`, service, home, i, j, k))
			}
			cond := ""
			if j%2 == 0 {
				cond = `,"Condition":{"StringEquals":{"aws:PrincipalTag/team":"blue"},"IpAddress":{"aws:SourceIp":["10.0.0.0/8","192.0.2.0/24"]}}`
			}
			statements = append(statements, fmt.Sprintf(`{"Effect":"Allow","Action":[%s],"Resource":[%s]%s}`,
				strings.Join(actions, ","), strings.Join(resources, ","), cond))
		}
		policies = append(policies, compile(t, policy.RefManaged, service,
			`{"Version":"2012-10-17","Statement":[`+strings.Join(statements, ",")+`]}`))
	}
	return policy.NewSet(policies...)
}

func benchRequest() *authz.Request {
	return &authz.Request{
		ResourceAccount: home,
		Request: policy.Request{
			Principal: user("alice"),
			Action:    "s3:GetEncryptionConfiguration",
			Resource:  "arn:aws:s3::" + home + ":team-0-4-2/data/2026/11/object.json",
			Context: condition.Map{
				"aws:principaltag/team": condition.One("blue"),
				"aws:sourceip":          condition.One("192.0.2.44"),
				"aws:username":          condition.One("alice"),
			},
		},
	}
}

func BenchmarkDecide10x5(b *testing.B) {
	p := &authz.Policies{Identity: benchPolicies(b)}
	r := benchRequest()
	if !authz.Decide(r, p).Allowed() {
		b.Fatal("not allowed")
	}
	b.ReportAllocs()
	for b.Loop() {
		authz.Decide(r, p)
	}
}

// BenchmarkDecideLayers asks every layer.
func BenchmarkDecideLayers(b *testing.B) {
	set := benchPolicies(b)
	resource := policy.NewSet(compile(b, policy.RefResource, "r", `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"false"}}}]}`))
	full := policy.NewSet(compile(b, policy.RefSCP, "FullAWSAccess", allowAll))
	p := &authz.Policies{Identity: set, Boundary: set, Session: set, Resource: resource,
		SCPs: []*policy.Set{full, full, full}, RCPs: []*policy.Set{full}}
	r := benchRequest()
	if !authz.Decide(r, p).Allowed() {
		b.Fatal("not allowed")
	}
	b.ReportAllocs()
	for b.Loop() {
		authz.Decide(r, p)
	}
}

// flatSet has one statement that matches benchRequest, and others that don't:
// of other services, of other actions of the service, and of other resources.
func flatSet(t testing.TB, others int) *policy.Set {
	var statements []string
	for i := range others {
		var s string
		switch i % 4 {
		case 0:
			s = fmt.Sprintf(`{"Effect":"Allow","Action":"svc%d:*","Resource":"*"}`, i)
		case 1:
			s = fmt.Sprintf(`{"Effect":"Deny","Action":"s3:Put%d*","Resource":"*"}`, i)
		case 2:
			s = fmt.Sprintf(`{"Effect":"Allow","Action":"s3:Get*","Resource":"arn:aws:s3:::bucket-%d/*"}`, i)
		case 3:
			s = fmt.Sprintf(`{"Effect":"Deny","Action":"s3:*","Resource":"arn:aws:s3:::bucket-%d"}`, i)
		}
		statements = append(statements, s)
	}
	statements = append(statements, `{"Effect":"Allow","Action":"s3:GetEncryption*","Resource":"arn:aws:s3:*:*:team-0-4-2/*"}`)
	var policies []*policy.Policy
	for len(statements) > 0 {
		n := min(len(statements), 100)
		policies = append(policies, compile(t, policy.RefManaged, "flat", `{"Version":"2012-10-17","Statement":[`+strings.Join(statements[:n], ",")+`]}`))
		statements = statements[n:]
	}
	return policy.NewSet(policies...)
}

// BenchmarkFlat grows the number of statements that don't match a thousandfold.
func BenchmarkFlat(b *testing.B) {
	for _, n := range []int{10, 100, 1000, 10000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			p := &authz.Policies{Identity: flatSet(b, n)}
			r := benchRequest()
			if !authz.Decide(r, p).Allowed() {
				b.Fatal("not allowed")
			}
			b.ReportAllocs()
			for b.Loop() {
				authz.Decide(r, p)
			}
		})
	}
}

func TestDecideAllocatesNothing(t *testing.T) {
	set := benchPolicies(t)
	full := policy.NewSet(compile(t, policy.RefSCP, "FullAWSAccess", allowAll))
	variables := policy.NewSet(compile(t, policy.RefManaged, "variables", `{"Version":"2012-10-17","Statement":[
		{"Effect":"Allow","Action":"s3:Get*","Resource":"arn:aws:s3:::home/${aws:username}/*",
		 "Condition":{"StringLike":{"aws:username":["${aws:username}","x*"]},"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:user/${aws:username}"},
		 "DateGreaterThan":{"aws:CurrentTime":"2026-01-01T00:00:00Z"},"NumericLessThan":{"s3:max-keys":"10"},"BinaryEquals":{"x:b":"YWJj"}}},
		{"Effect":"Allow","NotAction":"iam:*","NotResource":"arn:aws:s3:::other/${aws:username}"}]}`))
	resource := policy.NewSet(compile(t, policy.RefResource, "r", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":["444455556666","arn:aws:iam::111122223333:user/alice"]},"Action":"s3:*","Resource":"*"}]}`))
	for name, p := range map[string]*authz.Policies{
		"identity":  {Identity: set},
		"layers":    {Identity: set, Boundary: set, Session: set, Resource: resource, SCPs: []*policy.Set{full, full}, RCPs: []*policy.Set{full}},
		"variables": {Identity: variables},
		"flat":      {Identity: flatSet(t, 1000)},
		"none":      {},
	} {
		r := benchRequest()
		r.Context.(condition.Map)["aws:principalarn"] = condition.One("arn:aws:iam::111122223333:user/alice")
		r.Context.(condition.Map)["aws:currenttime"] = condition.One("2026-11-23T09:00:00Z")
		r.Context.(condition.Map)["s3:max-keys"] = condition.One("9")
		r.Context.(condition.Map)["x:b"] = condition.One("YWJj")
		for _, resource := range []string{r.Resource, "arn:aws:s3:::home/alice/x"} {
			r.Resource = resource
			if n := testing.AllocsPerRun(100, func() { authz.Decide(r, p) }); n != 0 {
				t.Errorf("%s: %v allocations on %s", name, n, resource)
			}
		}
	}
}

// TestFlat holds the promise that statements which don't match cost nothing: a
// linear search would take a thousand times as long. The bound is wide because
// other processes run beside the test; BenchmarkFlat gives the figure.
func TestFlat(t *testing.T) {
	cost := func(others int) time.Duration {
		p, r := &authz.Policies{Identity: flatSet(t, others)}, benchRequest()
		best := time.Duration(math.MaxInt64)
		for range 20 {
			start := time.Now()
			for range 500 {
				authz.Decide(r, p)
			}
			best = min(best, time.Since(start))
		}
		return best
	}
	if few, many := cost(10), cost(10_000); many > 5*few {
		t.Errorf("10 statements take %v, 10,000 take %v", few, many)
	}
}

// BenchmarkCompileManaged parses, compiles and indexes AWS's managed policies, each
// by itself.
func BenchmarkCompileManaged(b *testing.B) {
	var documents [][]byte
	for p := range managed.All() {
		documents = append(documents, p.Document())
	}
	b.ReportMetric(float64(len(documents)), "policies")
	for b.Loop() {
		for _, text := range documents {
			policy.NewSet(compile(b, policy.RefManaged, "managed", string(text)))
		}
	}
}

// BenchmarkStars matches patterns that make careless matchers take exponential
// time against longer and longer texts: the time grows with the text.
func BenchmarkStars(b *testing.B) {
	p := &authz.Policies{Identity: policy.NewSet(compile(b, policy.RefManaged, "stars",
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::*a*a*a*a*a*aa*a*a*c*"}]}`))}
	for _, n := range []int{10, 100, 1000, 10000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			r := benchRequest()
			r.Resource = "arn:aws:s3:::"+strings.Repeat("a", n)
			for b.Loop() {
				if authz.Decide(r, p).Allowed() {
					b.Fatal("allowed")
				}
			}
		})
	}
}
