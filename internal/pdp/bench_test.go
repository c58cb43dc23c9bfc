package pdp_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"sallyport/internal/api/iamapi"
	"sallyport/internal/iam"
	"sallyport/internal/journal/memory"
	"sallyport/internal/operation"
	"sallyport/internal/pdp"
	"sallyport/internal/state"
)

const benchAccount = "111122223333"

// benchView is a committed account with one user, who has ten inline policies
// of five statements: five wildcard actions and three wildcard ARNs each, half
// of them with two conditions.
func benchView(b testing.TB) (*state.Store, *operation.Caller) {
	s, err := state.Open(context.Background(), state.Config{
		Store: memory.New(), Now: time.Now,
		Schema: state.NewSchema(append(iam.Tables(), iam.DirectoryTables()...)...),
	})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := s.Close(); err != nil {
			b.Error(err)
		}
	})
	user := &iam.User{
		ID: "AIDACKCEVSQ6C2EXAMPLE", Name: "alice", Path: "/",
		Tags: []operation.Tag{{Key: "team", Value: "blue"}},
	}
	_, err = s.Update(context.Background(), state.AccountStream(benchAccount), state.Command{Run: func(tx *state.Tx) error {
		iam.Users.Put(tx, user.ID, user)
		for i, service := range []string{"iam", "s3", "ec2", "dynamodb", "sqs", "sns", "lambda", "kms", "logs", "rds"} {
			p := &iam.InlinePolicy{Name: service, Document: benchDocument(i, service)}
			iam.InlinePolicies.Put(tx, iam.InlineKey(user.ID, p.Name), p)
		}
		return nil
	}})
	if err != nil {
		b.Fatal(err)
	}
	caller := iam.UserCaller(benchAccount, user)
	caller.AccessKeyID = "AKIAIOSFODNN7EXAMPLE"
	return s, caller
}

func benchDocument(n int, service string) string {
	var statements []string
	for j := range 5 {
		var actions, resources []string
		for _, verb := range []string{"Get", "List", "Put", "Delete", "Describe"} {
			actions = append(actions, fmt.Sprintf(`"%s:%s%c*"`, service, verb, 'Q'+j))
		}
		for k := range 3 {
			resources = append(resources, fmt.Sprintf(`"arn:aws:%s::%s:user/team-%d-%d-%d/*"`, service, benchAccount, n, j, k))
		}
		condition := ""
		if j%2 == 0 {
			condition = `,"Condition":{"StringEquals":{"aws:PrincipalTag/team":"blue"},"IpAddress":{"aws:SourceIp":["10.0.0.0/8","192.0.2.0/24"]}}`
		}
		statements = append(statements, fmt.Sprintf(`{"Effect":"Allow","Action":[%s],"Resource":[%s]%s}`,
			strings.Join(actions, ","), strings.Join(resources, ","), condition))
	}
	return `{"Version":"2012-10-17","Statement":[` + strings.Join(statements, ",") + `]}`
}

// aCheck is a call by the caller with what it asks for.
func aCheck(caller *operation.Caller) (*operation.Call, *operation.Check) {
	call := &operation.Call{
		Op: iamapi.OpGetUser, Caller: caller, Now: time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC),
		Region: "us-east-1", SourceIP: "192.0.2.44",
	}
	return call, &operation.Check{Action: "iam:GetUser", Resource: "arn:aws:iam::" + benchAccount + ":user/team-0-4-2/bob"}
}

// BenchmarkDecideCommitted is a whole decision on the committed state, as calls
// that change nothing are decided: policies gathered, context filled, decided.
func BenchmarkDecideCommitted(b *testing.B) {
	s, caller := benchView(b)
	p := pdp.New(pdp.Options{})
	call, check := aCheck(caller)
	b.ReportAllocs()
	for b.Loop() {
		view, _ := s.View(state.AccountStream(benchAccount))
		if d, err := p.Decide(call, view, check); err != nil || !d.Allowed() {
			b.Fatal(d, err)
		}
	}
}

// TestDecideAllocations: a decision of the server allocates the context of its
// request and nothing else.
func TestDecideAllocations(t *testing.T) {
	s, caller := benchView(t)
	p := pdp.New(pdp.Options{})
	call, check := aCheck(caller)
	view, _ := s.View(state.AccountStream(benchAccount))
	allocations := testing.AllocsPerRun(100, func() {
		if d, err := p.Decide(call, view, check); err != nil || !d.Allowed() {
			t.Fatal(d, err)
		}
	})
	if allocations > 1 {
		t.Errorf("a decision allocates %v times", allocations)
	}
}
