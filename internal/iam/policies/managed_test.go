package policies_test

import (
	"strings"
	"testing"
	"time"

	"sallyport/catalog/managed"
	"sallyport/internal/api/iamapi"
	"sallyport/internal/iam"
	"sallyport/internal/iam/iamtest"
	"sallyport/internal/operation"
	"sallyport/internal/state"
)

// Row iam-088: what CreatePolicy answers without options.
func TestCreatePolicy(t *testing.T) {
	f := fixture(t)
	got := create(f, &iamapi.CreatePolicyRequest{PolicyName: new("p")})
	f.WantChecks(operation.Check{Action: "iam:CreatePolicy", Resource: f.ARN("policy/p"), Name: "policy p"})
	if !strings.HasPrefix(*got.PolicyId, "ANPA") || len(*got.PolicyId) != 21 {
		t.Errorf("PolicyId = %s", *got.PolicyId)
	}
	iamtest.WantEqual(t, "policy", &iamapi.Policy{
		PolicyName: new("p"), PolicyId: got.PolicyId, Arn: new(f.ARN("policy/p")), Path: new("/"),
		DefaultVersionId: new("v1"), AttachmentCount: new(int64(0)), PermissionsBoundaryUsageCount: new(int64(0)),
		IsAttachable: new(true), CreateDate: got.CreateDate, UpdateDate: got.CreateDate,
	}, got)
	if got.CreateDate.Before(iamtest.Start) || !got.CreateDate.Equal(got.CreateDate.Truncate(time.Millisecond)) {
		t.Errorf("CreateDate = %v", got.CreateDate)
	}
	// Row iam-090: GetPolicy has an empty list of tags and no description.
	want := *got
	want.Tags = []iamapi.Tag{}
	iamtest.WantEqual(t, "GetPolicy", &want, get(f, *got.Arn))
	f.WantChecks(operation.Check{Action: "iam:GetPolicy", Resource: *got.Arn, Name: "policy " + *got.Arn})
}

func TestCreatePolicyWithOptions(t *testing.T) {
	f := fixture(t)
	tags := []iamapi.Tag{{Key: new("team"), Value: new("red")}}
	got := create(f, &iamapi.CreatePolicyRequest{
		PolicyName: new("p"), Path: new("/a/b/"), Description: new("reads"), Tags: tags,
	})
	arn := f.ARN("policy/a/b/p")
	asked := []operation.Tag{{Key: "team", Value: "red"}}
	f.WantChecks(
		operation.Check{Action: "iam:CreatePolicy", Resource: arn, Name: "policy p", RequestTags: asked},
		operation.Check{Action: "iam:TagPolicy", Resource: arn, Name: "policy p", RequestTags: asked},
	)
	if got.Description != nil {
		t.Errorf("CreatePolicy answers with the description %q", *got.Description)
	}
	iamtest.WantEqual(t, "tags", tags, got.Tags)
	described := get(f, arn)
	f.WantChecks(operation.Check{Action: "iam:GetPolicy", Resource: arn, Name: "policy " + arn, ResourceTags: asked})
	iamtest.WantEqual(t, "description", new("reads"), described.Description)
	iamtest.WantEqual(t, "path", new("/a/b/"), described.Path)
	iamtest.WantEqual(t, "tags", tags, described.Tags)
}

func TestCreatePolicyRefusals(t *testing.T) {
	f := fixture(t)
	create(f, &iamapi.CreatePolicyRequest{PolicyName: new("p")})
	in := func(name, document string) *iamapi.CreatePolicyRequest {
		return &iamapi.CreatePolicyRequest{PolicyName: new(name), PolicyDocument: new(document)}
	}
	// Row iam-104; names are unique whatever their case and path.
	f.Fails(f.Root(), "CreatePolicy", in("p", readOne), "EntityAlreadyExists", "A policy called p already exists. Duplicate names are not allowed.")
	other := in("P", readOne)
	other.Path = new("/elsewhere/")
	f.Fails(f.Root(), "CreatePolicy", other, "EntityAlreadyExists", "A policy called P already exists. Duplicate names are not allowed.")

	f.Fails(f.Root(), "CreatePolicy", in("q", "{"), "MalformedPolicyDocument", "Syntax errors in policy.")
	dup := in("q", readOne)
	dup.Tags = []iamapi.Tag{{Key: new("a"), Value: new("1")}, {Key: new("a"), Value: new("2")}}
	f.Fails(f.Root(), "CreatePolicy", dup, "InvalidInput", "Duplicate tag keys found.")

	// The size quota does not count white space.
	padded := strings.Replace(readOne, "b/*", "b/"+strings.Repeat("x", 6144-len(readOne)+1), 1)
	create(f, &iamapi.CreatePolicyRequest{PolicyName: new("full"), PolicyDocument: new("\n " + padded + "\t")})
	f.Fails(f.Root(), "CreatePolicy", in("q", strings.Replace(padded, "xx", "xxx", 1)), "LimitExceeded", "Cannot exceed quota for PolicySize: 6144")

	f.Env.Limits[iam.PoliciesPerAccount] = 2
	f.Fails(f.Root(), "CreatePolicy", in("q", readOne), "LimitExceeded", "Cannot exceed quota for PoliciesPerAccount: 2")
}

func TestGetPolicyOfAWS(t *testing.T) {
	f := fixture(t)
	u := f.AddUser("alice")
	f.Change(func(tx *state.Tx) error {
		iam.Attachments.Put(tx, iam.AttachmentKey(u.ID, administrator), &iam.Attachment{Entity: u.ID, Policy: administrator})
		return nil
	})
	p, _ := managed.Lookup(administrator)
	iamtest.WantEqual(t, "policy", &iamapi.Policy{
		PolicyName: new("AdministratorAccess"), PolicyId: new(p.ID), Arn: new(administrator), Path: new("/"),
		DefaultVersionId: new(p.DefaultVersionID), AttachmentCount: new(int64(1)), PermissionsBoundaryUsageCount: new(int64(0)),
		IsAttachable: new(true), CreateDate: new(p.CreateDate), UpdateDate: new(p.UpdateDate), Tags: []iamapi.Tag{},
	}, get(f, administrator))
}

func TestMissingPolicy(t *testing.T) {
	f := fixture(t)
	arn := create(f, &iamapi.CreatePolicyRequest{PolicyName: new("P")}).Arn
	iamtest.Do[iamapi.DeletePolicyResponse](f, f.Root(), "DeletePolicy", &iamapi.DeletePolicyRequest{PolicyArn: arn})
	// Row iam-097: the policy was there a moment ago.
	f.Fails(f.Root(), "GetPolicy", &iamapi.GetPolicyRequest{PolicyArn: arn}, "NoSuchEntity", "Policy "+*arn+" does not exist or is not attachable.")
	// Row iam-095.
	missing := f.ARN("policy/non-existent-policy")
	f.Fails(f.Root(), "DeletePolicy", &iamapi.DeletePolicyRequest{PolicyArn: new(missing)}, "NoSuchEntity", "Policy "+missing+" was not found.")

	// ARNs tell upper from lower case, and paths.
	create(f, &iamapi.CreatePolicyRequest{PolicyName: new("q"), Path: new("/x/")})
	for _, near := range []string{"policy/x/Q", "policy/q", "policy/y/q"} {
		f.Fails(f.Root(), "DeletePolicy", &iamapi.DeletePolicyRequest{PolicyArn: new(f.ARN(near))}, "NoSuchEntity", "Policy "+f.ARN(near)+" was not found.")
	}
	for _, bad := range []string{"arn:aws:s3:::a-bucket-of-mine", f.ARN("role/some-role-name"), "arn:aws:iam::12:policy/some-name", "arn:aws:iam::other:policy/name"} {
		f.Fails(f.Root(), "GetPolicy", &iamapi.GetPolicyRequest{PolicyArn: new(bad)}, "InvalidInput", "ARN "+bad+" is not valid.")
		f.Fails(f.Root(), "DeletePolicy", &iamapi.DeletePolicyRequest{PolicyArn: new(bad)}, "InvalidInput", "ARN "+bad+" is not valid.")
	}
	// Another account's policies might as well not exist.
	f.ChangeIn(iamtest.OtherAccount, func(tx *state.Tx) error {
		iam.Policies.Put(tx, "ANPAOTHER", &iam.Policy{ID: "ANPAOTHER", Name: "theirs", Path: "/", Default: 1, Latest: 1})
		return nil
	})
	theirs := "arn:aws:iam::" + iamtest.OtherAccount + ":policy/theirs"
	f.Fails(f.Root(), "GetPolicy", &iamapi.GetPolicyRequest{PolicyArn: new(theirs)}, "NoSuchEntity", "Policy "+theirs+" does not exist or is not attachable.")
	f.Fails(f.Root(), "DeletePolicy", &iamapi.DeletePolicyRequest{PolicyArn: new(theirs)}, "NoSuchEntity", "Policy "+theirs+" was not found.")
}

func TestDeletePolicyConflicts(t *testing.T) {
	f := fixture(t)
	arn := create(f, &iamapi.CreatePolicyRequest{PolicyName: new("p")}).Arn
	in := &iamapi.DeletePolicyRequest{PolicyArn: arn}
	iamtest.Do[iamapi.CreatePolicyVersionResponse](f, f.Root(), "CreatePolicyVersion",
		&iamapi.CreatePolicyVersionRequest{PolicyArn: arn, PolicyDocument: new(listOne)})
	f.AddUser("alice")
	iamtest.Do[iamapi.AttachUserPolicyResponse](f, f.Root(), "AttachUserPolicy", &iamapi.AttachUserPolicyRequest{UserName: new("alice"), PolicyArn: arn})
	role := addRole(f, "/", "r", *arn)

	const attached = "Cannot delete a policy attached to entities." // row iam-113
	f.Fails(f.Root(), "DeletePolicy", in, "DeleteConflict", attached)
	f.WantChecks(operation.Check{Action: "iam:DeletePolicy", Resource: *arn, Name: "policy " + *arn})
	iamtest.Do[iamapi.DetachUserPolicyResponse](f, f.Root(), "DetachUserPolicy", &iamapi.DetachUserPolicyRequest{UserName: new("alice"), PolicyArn: arn})
	f.Fails(f.Root(), "DeletePolicy", in, "DeleteConflict", attached) // still a boundary
	f.Change(func(tx *state.Tx) error { iam.Roles.Delete(tx, role.ID); return nil })
	// Row iam-112.
	f.Fails(f.Root(), "DeletePolicy", in, "DeleteConflict", "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. The default version is deleted with the policy.")
	iamtest.Do[iamapi.DeletePolicyVersionResponse](f, f.Root(), "DeletePolicyVersion", &iamapi.DeletePolicyVersionRequest{PolicyArn: arn, VersionId: new("v2")})
	iamtest.Do[iamapi.DeletePolicyResponse](f, f.Root(), "DeletePolicy", in)
	iamtest.WantEqual(t, "rows left", 0, iam.Policies.Len(f.View())+iam.PolicyVersions.Len(f.View()))
}

// AWS managed policies can be read by every account and changed by none.
func TestAWSPoliciesAreReadOnly(t *testing.T) {
	f := fixture(t)
	const denied = "Policy is outside your own account."
	for _, arn := range []string{administrator, "arn:aws:iam::aws:policy/NoSuchPolicyAtAll"} {
		f.Fails(f.Root(), "DeletePolicy", &iamapi.DeletePolicyRequest{PolicyArn: new(arn)}, "AccessDenied", denied)
		f.Fails(f.Root(), "CreatePolicyVersion", &iamapi.CreatePolicyVersionRequest{PolicyArn: new(arn), PolicyDocument: new(readOne)}, "AccessDenied", denied)
		f.Fails(f.Root(), "DeletePolicyVersion", &iamapi.DeletePolicyVersionRequest{PolicyArn: new(arn), VersionId: new("v1")}, "AccessDenied", denied)
		f.Fails(f.Root(), "SetDefaultPolicyVersion", &iamapi.SetDefaultPolicyVersionRequest{PolicyArn: new(arn), VersionId: new("v1")}, "AccessDenied", denied)
	}
	const noTags = "Tags not supported for policies in this domain"
	f.Fails(f.Root(), "TagPolicy", &iamapi.TagPolicyRequest{PolicyArn: new(administrator), Tags: []iamapi.Tag{{Key: new("a"), Value: new("b")}}}, "InvalidInput", noTags)
	f.Fails(f.Root(), "UntagPolicy", &iamapi.UntagPolicyRequest{PolicyArn: new(administrator), TagKeys: []string{"a"}}, "InvalidInput", noTags)
	f.Fails(f.Root(), "ListPolicyTags", &iamapi.ListPolicyTagsRequest{PolicyArn: new(administrator)}, "InvalidInput", noTags)
}
