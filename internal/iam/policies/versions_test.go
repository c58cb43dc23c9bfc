package policies_test

import (
	"testing"

	"sallyport/catalog/managed"
	"sallyport/internal/api/iamapi"
	"sallyport/internal/iam"
	"sallyport/internal/iam/iamtest"
	"sallyport/internal/operation"
	"sallyport/internal/protocol/awsquery"
)

func addVersion(f *iamtest.Fixture, arn *string, asDefault *bool) *iamapi.PolicyVersion {
	f.Helper()
	return iamtest.Do[iamapi.CreatePolicyVersionResponse](f, f.Root(), "CreatePolicyVersion",
		&iamapi.CreatePolicyVersionRequest{PolicyArn: arn, PolicyDocument: new(listOne), SetAsDefault: asDefault}).PolicyVersion
}

func versionIDs(f *iamtest.Fixture, arn *string) []string {
	f.Helper()
	var ids []string
	for _, v := range iamtest.Do[iamapi.ListPolicyVersionsResponse](f, f.Root(), "ListPolicyVersions",
		&iamapi.ListPolicyVersionsRequest{PolicyArn: arn}).Versions {
		if v.Document != nil {
			f.Errorf("ListPolicyVersions shows the document of %s", *v.VersionId)
		}
		id := *v.VersionId
		if *v.IsDefaultVersion {
			id += "*"
		}
		ids = append(ids, id)
	}
	return ids
}

func TestVersions(t *testing.T) {
	f := fixture(t)
	first := create(f, &iamapi.CreatePolicyRequest{PolicyName: new("p")})
	arn := first.Arn

	v2 := addVersion(f, arn, nil)
	f.WantChecks(operation.Check{Action: "iam:CreatePolicyVersion", Resource: *arn, Name: "policy " + *arn})
	iamtest.WantEqual(t, "v2", &iamapi.PolicyVersion{VersionId: new("v2"), IsDefaultVersion: new(false), CreateDate: v2.CreateDate}, v2)
	v3 := addVersion(f, arn, new(true))
	iamtest.WantEqual(t, "v3 is the default", true, *v3.IsDefaultVersion)
	iamtest.WantEqual(t, "newest first", []string{"v3*", "v2", "v1"}, versionIDs(f, arn))
	f.WantChecks(operation.Check{Action: "iam:ListPolicyVersions", Resource: *arn, Name: "policy " + *arn})
	described := get(f, *arn)
	iamtest.WantEqual(t, "default", new("v3"), described.DefaultVersionId)
	iamtest.WantEqual(t, "created", first.CreateDate, described.CreateDate)
	iamtest.WantEqual(t, "updated with the newest version", v3.CreateDate, described.UpdateDate)
	if doc, _ := iam.PolicyDocument(f.View(), iamtest.Account, *arn); doc != listOne {
		t.Errorf("document in force = %s", doc)
	}

	iamtest.Do[iamapi.SetDefaultPolicyVersionResponse](f, f.Root(), "SetDefaultPolicyVersion",
		&iamapi.SetDefaultPolicyVersionRequest{PolicyArn: arn, VersionId: new("v1")})
	f.WantChecks(operation.Check{Action: "iam:SetDefaultPolicyVersion", Resource: *arn, Name: "policy " + *arn})
	if doc, _ := iam.PolicyDocument(f.View(), iamtest.Account, *arn); doc != readOne {
		t.Errorf("document in force = %s", doc)
	}
	// Row iam-114.
	f.Fails(f.Root(), "DeletePolicyVersion", &iamapi.DeletePolicyVersionRequest{PolicyArn: arn, VersionId: new("v1")},
		"DeleteConflict", "Cannot delete the default version of a policy.")
	iamtest.Do[iamapi.DeletePolicyVersionResponse](f, f.Root(), "DeletePolicyVersion",
		&iamapi.DeletePolicyVersionRequest{PolicyArn: arn, VersionId: new("v3")})
	f.WantChecks(operation.Check{Action: "iam:DeletePolicyVersion", Resource: *arn, Name: "policy " + *arn})
	// A number is never given twice.
	iamtest.WantEqual(t, "next version", "v4", *addVersion(f, arn, nil).VersionId)
	iamtest.WantEqual(t, "versions", []string{"v4", "v2", "v1*"}, versionIDs(f, arn))
}

func TestGetPolicyVersion(t *testing.T) {
	f := fixture(t)
	arn := create(f, &iamapi.CreatePolicyRequest{PolicyName: new("p"), PolicyDocument: new("\n" + listOne)}).Arn
	got := iamtest.Do[iamapi.GetPolicyVersionResponse](f, f.Root(), "GetPolicyVersion",
		&iamapi.GetPolicyVersionRequest{PolicyArn: arn, VersionId: new("v1")}).PolicyVersion
	f.WantChecks(operation.Check{Action: "iam:GetPolicyVersion", Resource: *arn, Name: "policy " + *arn})
	iamtest.WantEqual(t, "version", &iamapi.PolicyVersion{
		Document: new(awsquery.EncodeDocument("\n" + listOne)), VersionId: new("v1"), IsDefaultVersion: new(true), CreateDate: got.CreateDate,
	}, got)

	aws, _ := managed.Lookup(administrator)
	got = iamtest.Do[iamapi.GetPolicyVersionResponse](f, f.Root(), "GetPolicyVersion",
		&iamapi.GetPolicyVersionRequest{PolicyArn: new(administrator), VersionId: new(aws.DefaultVersionID)}).PolicyVersion
	iamtest.WantEqual(t, "AWS's document", awsquery.EncodeDocument(string(aws.Document())), *got.Document)
	iamtest.WantEqual(t, "AWS's versions", []string{aws.DefaultVersionID + "*"}, versionIDs(f, new(administrator)))
}

func TestVersionRefusals(t *testing.T) {
	f := fixture(t)
	arn := create(f, &iamapi.CreatePolicyRequest{PolicyName: new("p")}).Arn
	missing := f.ARN("policy/missing")
	for _, name := range []string{"v2", "v9999999999999999999", "v1.2"} {
		want := "Policy " + *arn + " version " + name + " does not exist or is not attachable."
		f.Fails(f.Root(), "GetPolicyVersion", &iamapi.GetPolicyVersionRequest{PolicyArn: arn, VersionId: new(name)}, "NoSuchEntity", want)
		f.Fails(f.Root(), "DeletePolicyVersion", &iamapi.DeletePolicyVersionRequest{PolicyArn: arn, VersionId: new(name)}, "NoSuchEntity", want)
		f.Fails(f.Root(), "SetDefaultPolicyVersion", &iamapi.SetDefaultPolicyVersionRequest{PolicyArn: arn, VersionId: new(name)}, "NoSuchEntity", want)
	}
	f.Fails(f.Root(), "GetPolicyVersion", &iamapi.GetPolicyVersionRequest{PolicyArn: new(administrator), VersionId: new("v999")},
		"NoSuchEntity", "Policy "+administrator+" version v999 does not exist or is not attachable.")
	noPolicy := "Policy " + missing + " was not found."
	f.Fails(f.Root(), "GetPolicyVersion", &iamapi.GetPolicyVersionRequest{PolicyArn: new(missing), VersionId: new("v1")}, "NoSuchEntity", noPolicy)
	f.Fails(f.Root(), "ListPolicyVersions", &iamapi.ListPolicyVersionsRequest{PolicyArn: new(missing)}, "NoSuchEntity", noPolicy)
	// The policy is looked up before the document is judged.
	f.Fails(f.Root(), "CreatePolicyVersion", &iamapi.CreatePolicyVersionRequest{PolicyArn: new(missing), PolicyDocument: new("{")}, "NoSuchEntity", noPolicy)
	f.Fails(f.Root(), "CreatePolicyVersion", &iamapi.CreatePolicyVersionRequest{PolicyArn: arn, PolicyDocument: new("{")}, "MalformedPolicyDocument", "Syntax errors in policy.")
	// Row iam-115.
	f.Fails(f.Root(), "SetDefaultPolicyVersion", &iamapi.SetDefaultPolicyVersionRequest{PolicyArn: arn, VersionId: new("wrong_version_id")}, "ValidationError",
		`1 validation error detected: Value at 'versionId' failed to satisfy constraint: Member must satisfy regular expression pattern: v[1-9][0-9]*(\.[A-Za-z0-9-]*)?`)
	// Row iam-111.
	for range 4 {
		addVersion(f, arn, nil)
	}
	f.Fails(f.Root(), "CreatePolicyVersion", &iamapi.CreatePolicyVersionRequest{PolicyArn: arn, PolicyDocument: new(readOne)}, "LimitExceeded",
		"A managed policy can have up to 5 versions. Before you create a new version, you must delete an existing version.")
}

// Versions page from the newest to the oldest, also where numbers grow a digit.
func TestVersionPages(t *testing.T) {
	f := fixture(t)
	f.Env.Limits[iam.VersionsPerPolicy] = 12
	arn := create(f, &iamapi.CreatePolicyRequest{PolicyName: new("p")}).Arn
	for range 11 {
		addVersion(f, arn, nil)
	}
	var got []string
	in := &iamapi.ListPolicyVersionsRequest{PolicyArn: arn, MaxItems: new(int64(5))}
	for {
		out := iamtest.Do[iamapi.ListPolicyVersionsResponse](f, f.Root(), "ListPolicyVersions", in)
		for _, v := range out.Versions {
			got = append(got, *v.VersionId)
		}
		if !*out.IsTruncated {
			break
		}
		in.Marker = out.Marker
	}
	iamtest.WantEqual(t, "versions", []string{"v12", "v11", "v10", "v9", "v8", "v7", "v6", "v5", "v4", "v3", "v2", "v1"}, got)
}
