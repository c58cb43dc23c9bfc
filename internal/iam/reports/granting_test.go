package reports_test

import (
	"fmt"
	"testing"

	"sallyport/internal/api/iamapi"
	"sallyport/internal/iam"
	"sallyport/internal/iam/iamtest"
	"sallyport/internal/iam/reports"
	"sallyport/internal/state"
)

func grants(f *iamtest.Fixture, arn string, namespaces ...string) *iamapi.ListPoliciesGrantingServiceAccessResponse {
	f.Helper()
	return iamtest.Do[iamapi.ListPoliciesGrantingServiceAccessResponse](f, f.Root(), "ListPoliciesGrantingServiceAccess",
		&iamapi.ListPoliciesGrantingServiceAccessRequest{Arn: &arn, ServiceNamespaces: namespaces})
}

// TestPoliciesGrantingServiceAccess: the policies that AWS lists for the same user,
// group and role; services in the order of the request, each once.
func TestPoliciesGrantingServiceAccess(t *testing.T) {
	f := iamtest.New(t, reports.Operations)
	g := newGraph(f)
	shared := iamapi.PolicyGrantingServiceAccess{PolicyName: new("shared"), PolicyType: new("MANAGED"), PolicyArn: &g.shared}
	inline := func(name, kind, owner string) iamapi.PolicyGrantingServiceAccess {
		return iamapi.PolicyGrantingServiceAccess{PolicyName: &name, PolicyType: new("INLINE"), EntityType: &kind, EntityName: &owner}
	}
	direct, lambda := inline("z-direct", "USER", "target"), inline("a-group", "GROUP", "zgroup")
	type list = []iamapi.PolicyGrantingServiceAccess
	namespaces := []string{"sqs", "s3", "iam", "lambda", "ec2", "dynamodb", "s3"}
	for arn, want := range map[string][]list{
		f.ARN("user/target"):  {{shared}, {shared, direct}, {direct, inline("z-group", "GROUP", "agroup")}, {lambda}, {direct}, {}},
		f.ARN("group/zgroup"): {{shared}, {shared}, {}, {lambda}, {}, {}},
		f.ARN("role/app"):     {{shared}, {shared}, {inline("role-inline", "ROLE", "app")}, {}, {}, {}},
	} {
		out := grants(f, arn, namespaces...)
		if *out.IsTruncated || len(out.PoliciesGrantingServiceAccess) != len(want) {
			t.Fatalf("%s: %d services", arn, len(out.PoliciesGrantingServiceAccess))
		}
		for i, entry := range out.PoliciesGrantingServiceAccess {
			iamtest.WantEqual(t, arn+" "+namespaces[i], iamapi.ListPoliciesGrantingServiceAccessEntry{ServiceNamespace: &namespaces[i], Policies: want[i]}, entry)
		}
	}
	if out := grants(f, f.ARN("role/app"), "sallyport"); len(out.PoliciesGrantingServiceAccess[0].Policies) != 1 {
		t.Error("Sallyport's own API is granted by no policy")
	}
}

// TestPoliciesGrantingServiceAccessPages: a page ends after a thousand policies.
func TestPoliciesGrantingServiceAccessPages(t *testing.T) {
	f := iamtest.New(t, reports.Operations)
	alice := f.AddUser("alice")
	f.Change(func(tx *state.Tx) error {
		for n := range 400 {
			p := &iam.InlinePolicy{Name: fmt.Sprint("p", n), Document: `{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}`}
			iam.InlinePolicies.Put(tx, iam.InlineKey(alice.ID, p.Name), p)
		}
		return nil
	})
	in := &iamapi.ListPoliciesGrantingServiceAccessRequest{Arn: new(f.ARN("user/alice")), ServiceNamespaces: []string{"s3", "iam", "sqs", "sns"}}
	first := iamtest.Do[iamapi.ListPoliciesGrantingServiceAccessResponse](f, f.Root(), "ListPoliciesGrantingServiceAccess", in)
	if len(first.PoliciesGrantingServiceAccess) != 3 || !*first.IsTruncated {
		t.Fatalf("the first page has %d services", len(first.PoliciesGrantingServiceAccess))
	}
	in.Marker = first.Marker
	second := iamtest.Do[iamapi.ListPoliciesGrantingServiceAccessResponse](f, f.Root(), "ListPoliciesGrantingServiceAccess", in)
	if len(second.PoliciesGrantingServiceAccess) != 1 || *second.PoliciesGrantingServiceAccess[0].ServiceNamespace != "sns" || *second.IsTruncated || second.Marker != nil {
		t.Errorf("the second page has %d services", len(second.PoliciesGrantingServiceAccess))
	}
	in.Marker = new("invalid")
	f.Fails(f.Root(), "ListPoliciesGrantingServiceAccess", in, "ValidationError", "Invalid Marker.")
}
