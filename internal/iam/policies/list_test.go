package policies_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"sallyport/catalog/managed"
	"sallyport/internal/api/iamapi"
	"sallyport/internal/iam"
	"sallyport/internal/iam/iamtest"
	"sallyport/internal/iam/policies"
	"sallyport/internal/operation"
	"sallyport/internal/state"
)

// listAll follows the markers and returns the ARNs.
func listAll(f *iamtest.Fixture, in iamapi.ListPoliciesRequest) []string {
	f.Helper()
	var arns []string
	for {
		out := iamtest.Do[iamapi.ListPoliciesResponse](f, f.Root(), "ListPolicies", &in)
		for _, p := range out.Policies {
			if p.Tags != nil || p.Description != nil {
				f.Errorf("ListPolicies shows the tags or description of %s", *p.Arn)
			}
			arns = append(arns, *p.Arn)
		}
		if in.MaxItems != nil && len(out.Policies) > int(*in.MaxItems) {
			f.Fatalf("a page of %d", len(out.Policies))
		}
		if !*out.IsTruncated {
			if out.Marker != nil {
				f.Errorf("the last page has a marker")
			}
			return arns
		}
		in.Marker = out.Marker
	}
}

// Every AWS managed policy and the customer's own are listed once, in one
// order, whatever the size of the pages.
func TestListPolicies(t *testing.T) {
	f := fixture(t)
	names := []string{"AAAfirst", "administratoraccess", "AdministratorAccess-2", "Billing+x", "m", "M.2", "zzz-last"}
	for _, name := range names {
		create(f, &iamapi.CreatePolicyRequest{PolicyName: new(name), Description: new("d"), Tags: []iamapi.Tag{{Key: new("k"), Value: new("v")}}})
	}
	want := managed.Len() + len(names)
	whole := listAll(f, iamapi.ListPoliciesRequest{MaxItems: new(int64(1000))})
	f.WantChecks(operation.Check{Action: "iam:ListPolicies", Resource: f.ARN("policy/"), Name: "policy path /"})
	iamtest.WantEqual(t, "policies", want, len(whole))
	seen := map[string]bool{}
	for i, arn := range whole {
		seen[arn] = true
		if i > 0 && sortKey(whole[i-1]) >= sortKey(arn) {
			t.Fatalf("%s comes before %s", whole[i-1], arn)
		}
	}
	iamtest.WantEqual(t, "different policies", want, len(seen))
	for _, size := range []int64{1, 7, 100, 333} {
		if size == 1 && testing.Short() {
			continue
		}
		if got := listAll(f, iamapi.ListPoliciesRequest{MaxItems: new(size), Scope: new("All")}); !slices.Equal(got, whole) {
			t.Errorf("pages of %d list %d policies, in another order or not the same", size, len(got))
		}
	}
	iamtest.WantEqual(t, "AWS", managed.Len(), len(listAll(f, iamapi.ListPoliciesRequest{Scope: new("AWS")})))
	local := listAll(f, iamapi.ListPoliciesRequest{Scope: new("Local"), MaxItems: new(int64(2))})
	var wantLocal []string
	for _, name := range names {
		wantLocal = append(wantLocal, f.ARN("policy/"+name))
	}
	iamtest.WantEqual(t, "Local", wantLocal, local)
}

// sortKey is the place of a policy in the list, AWS's before the customer's of
// the same name.
func sortKey(arn string) string {
	_, _, name, _ := iam.SplitPolicyARN(arn)
	owner := "1"
	if strings.Contains(arn, "::aws:") {
		owner = "0"
	}
	return strings.ToLower(name) + "\x00" + owner
}

func TestListPoliciesFilters(t *testing.T) {
	f := fixture(t)
	for _, path := range []string{"/", "/a/", "/a/b/", "/ab/"} {
		create(f, &iamapi.CreatePolicyRequest{PolicyName: new("p" + strings.ReplaceAll(path, "/", "_")), Path: new(path)})
	}
	iamtest.WantEqual(t, "PathPrefix", []string{f.ARN("policy/a/p_a_"), f.ARN("policy/a/b/p_a_b_")},
		listAll(f, iamapi.ListPoliciesRequest{Scope: new("Local"), PathPrefix: new("/a/"), MaxItems: new(int64(1))}))
	f.WantChecks(operation.Check{Action: "iam:ListPolicies", Resource: f.ARN("policy/a/"), Name: "policy path /a/"})
	for _, arn := range listAll(f, iamapi.ListPoliciesRequest{PathPrefix: new("/job-function/")}) {
		if !strings.HasPrefix(arn, "arn:aws:iam::aws:policy/job-function/") {
			t.Errorf("%s is not under /job-function/", arn)
		}
	}

	mine, boundary := f.ARN("policy/p_"), f.ARN("policy/a/p_a_")
	u := f.AddUser("alice")
	addRole(f, "/", "r", boundary)
	f.Change(func(tx *state.Tx) error {
		for _, arn := range []string{mine, administrator} {
			iam.Attachments.Put(tx, iam.AttachmentKey(u.ID, arn), &iam.Attachment{Entity: u.ID, Policy: arn})
		}
		return nil
	})
	for _, tt := range []struct {
		in   iamapi.ListPoliciesRequest
		want []string
	}{
		{iamapi.ListPoliciesRequest{OnlyAttached: new(true)}, []string{administrator, mine}},
		{iamapi.ListPoliciesRequest{OnlyAttached: new(true), Scope: new("AWS")}, []string{administrator}},
		{iamapi.ListPoliciesRequest{OnlyAttached: new(true), Scope: new("Local")}, []string{mine}},
		{iamapi.ListPoliciesRequest{PolicyUsageFilter: new("PermissionsPolicy")}, []string{administrator, mine}},
		{iamapi.ListPoliciesRequest{PolicyUsageFilter: new("PermissionsBoundary")}, []string{boundary}},
		{iamapi.ListPoliciesRequest{PolicyUsageFilter: new("PermissionsBoundary"), OnlyAttached: new(true)}, []string{boundary}},
		{iamapi.ListPoliciesRequest{PolicyUsageFilter: new("PermissionsBoundary"), Scope: new("AWS")}, nil},
	} {
		iamtest.WantEqual(t, fmt.Sprintf("%+v", tt.in), tt.want, listAll(f, tt.in))
	}
	iamtest.WantEqual(t, "attachments", int64(1), *get(f, mine).AttachmentCount)
	iamtest.WantEqual(t, "boundary uses", int64(1), *get(f, boundary).PermissionsBoundaryUsageCount)
	iamtest.WantEqual(t, "attachments of a boundary", int64(0), *get(f, boundary).AttachmentCount)
}

// A marker is a place in the list: it works when what it points at is gone.
func TestListPoliciesWhileDeleting(t *testing.T) {
	f := fixture(t)
	for _, name := range []string{"a", "b", "c"} {
		create(f, &iamapi.CreatePolicyRequest{PolicyName: new(name)})
	}
	out := iamtest.Do[iamapi.ListPoliciesResponse](f, f.Root(), "ListPolicies", &iamapi.ListPoliciesRequest{Scope: new("Local"), MaxItems: new(int64(1))})
	iamtest.Do[iamapi.DeletePolicyResponse](f, f.Root(), "DeletePolicy", &iamapi.DeletePolicyRequest{PolicyArn: new(f.ARN("policy/b"))})
	iamtest.WantEqual(t, "rest", []string{f.ARN("policy/c")}, listAll(f, iamapi.ListPoliciesRequest{Scope: new("Local"), Marker: out.Marker}))
	f.Fails(f.Root(), "ListPolicies", &iamapi.ListPoliciesRequest{Marker: new("***")}, "ValidationError", "Invalid Marker.")
}

func BenchmarkListPolicies(b *testing.B) {
	f := iamtest.New(b, policies.Operations)
	in := &iamapi.ListPoliciesRequest{}
	for b.Loop() {
		if _, err := f.Call(f.Root(), "ListPolicies", in); err != nil {
			b.Fatal(err)
		}
	}
}
