package reports_test

import (
	"strings"
	"testing"

	"sallyport/internal/api/iamapi"
	"sallyport/internal/iam/iamtest"
	"sallyport/internal/iam/reports"
	"sallyport/internal/operation"
)

// TestServiceLastAccessedRefusals holds to AWS's words for what can't be reported
// on.
func TestServiceLastAccessedRefusals(t *testing.T) {
	f := iamtest.New(t, reports.Operations)
	newGraph(f)
	root := f.Root()
	otherUser := "arn:aws:iam::" + iamtest.OtherAccount + ":user/target"
	denied := "User: " + root.Principal.ARN + " is not authorized to perform the operation on "
	for _, c := range []struct{ arn, code, generate, list string }{
		{f.ARN("user/missing"), "NoSuchEntity", "ARN " + f.ARN("user/missing") + " does not exist.", "same"},
		{f.ARN("group/missing"), "NoSuchEntity", "ARN " + f.ARN("group/missing") + " does not exist.", "same"},
		{f.ARN("role/missing"), "NoSuchEntity", "ARN " + f.ARN("role/missing") + " does not exist.", "same"},
		{f.ARN("policy/missing"), "NoSuchEntity", "ARN " + f.ARN("policy/missing") + " does not exist.", ""},
		{f.ARN("policy/shared"), "InvalidInput", "", "Invalid Entity Arn: " + f.ARN("policy/shared") + " is not supported."},
		{otherUser, "AccessDenied", denied + otherUser, "same"},
		{otherUser + "-missing", "AccessDenied", denied + otherUser + "-missing", "same"},
		{"arn:aws:iam::aws:user/target", "AccessDenied", denied + "arn:aws:iam::aws:user/target", "same"},
		{f.ARN("root"), "InvalidInput", "Invalid Entity Arn: " + f.ARN("root") + " is not supported.", "Could not extract entity from ARN : " + f.ARN("root")},
		{f.ARN("mfa/device"), "InvalidInput", "Invalid Entity Arn: " + f.ARN("mfa/device") + " is not supported.", "same"},
		{"arn:aws:s3::" + iamtest.Account + ":user/target", "ValidationError", "Invalid service in ARN", "same"},
		{"arn:aws-cn:iam::" + iamtest.Account + ":user/target", "ValidationError", "Invalid ARN partition", "same"},
		{"arn:aws:iam:us-east-1:" + iamtest.Account + ":user/target", "ValidationError", "Invalid region in ARN", "same"},
		{"this is no ARN at all", "ValidationError", "Invalid ARN: this is no ARN at all", "same"},
	} {
		if c.list == "same" {
			c.list = c.generate
		}
		if c.generate != "" {
			f.Fails(root, "GenerateServiceLastAccessedDetails", &iamapi.GenerateServiceLastAccessedDetailsRequest{Arn: &c.arn}, c.code, c.generate)
		}
		if c.list != "" {
			f.Fails(root, "ListPoliciesGrantingServiceAccess", &iamapi.ListPoliciesGrantingServiceAccessRequest{Arn: &c.arn, ServiceNamespaces: []string{"s3"}}, c.code, c.list)
		}
	}
	id := finished(f, f.ARN("user/target"), "")
	for _, namespace := range []string{"nosuchservice", "S3"} {
		f.Fails(root, "GetServiceLastAccessedDetailsWithEntities", &iamapi.GetServiceLastAccessedDetailsWithEntitiesRequest{JobId: &id, ServiceNamespace: &namespace},
			"InvalidInput", "Service namepace "+namespace+" is either invalid or unsupported.")
	}
	f.Fails(root, "ListPoliciesGrantingServiceAccess", &iamapi.ListPoliciesGrantingServiceAccessRequest{Arn: new(f.ARN("user/target")), ServiceNamespaces: []string{"S3", "s3", "IAM"}},
		"InvalidInput", "Invalid service namespace: [S3, IAM]")
}

// TestServiceLastAccessedChecks: what is asked about is the ARN that the entity has.
func TestServiceLastAccessedChecks(t *testing.T) {
	f := iamtest.New(t, reports.Operations)
	g := newGraph(f)
	for arn, want := range map[string]operation.Check{
		f.ARN("user/other/target"):              {Resource: f.ARN("user/target"), Name: "user target"},
		f.ARN("group/zgroup"):                   {Resource: f.ARN("group/zgroup"), Name: "group zgroup"},
		f.ARN("role/app"):                       {Resource: f.ARN("role/service/app"), Name: "role app"},
		g.shared:                                {Resource: g.shared, Name: "policy " + g.shared},
		"arn:aws:iam::aws:policy/SecurityAudit": {Resource: "arn:aws:iam::aws:policy/SecurityAudit", Name: "policy arn:aws:iam::aws:policy/SecurityAudit"},
	} {
		want.Action = "iam:GenerateServiceLastAccessedDetails"
		begin(f, f.Root(), arn, "")
		f.WantChecks(want)
		if strings.HasPrefix(want.Name, "policy") {
			continue
		}
		want.Action = "iam:ListPoliciesGrantingServiceAccess"
		grants(f, arn, "s3")
		f.WantChecks(want)
	}
}

// FuzzReportedARN: an ARN is refused, or names an entity of the caller's account
// by exactly one check on it, whatever it is.
func FuzzReportedARN(f *testing.F) {
	for _, arn := range []string{
		"arn:aws:iam::" + iamtest.Account + ":user/a/target", "arn:aws:iam::" + iamtest.OtherAccount + ":role/app", "arn:aws:iam::aws:policy/SecurityAudit",
		"arn:aws:iam::" + iamtest.Account + ":root", "arn:aws:iam::" + iamtest.Account + ":user/", "arn:aws:iam:::user/target",
	} {
		f.Add(arn)
	}
	fixture := iamtest.New(f, reports.Operations)
	newGraph(fixture)
	f.Fuzz(func(t *testing.T, arn string) {
		fixture.TB = t
		in := &iamapi.ListPoliciesGrantingServiceAccessRequest{Arn: &arn, ServiceNamespaces: []string{"s3"}}
		if _, err := fixture.Call(fixture.Root(), "ListPoliciesGrantingServiceAccess", in); err != nil {
			return
		}
		if len(fixture.Checks) != 1 || fixture.Checks[0].Account != "" {
			t.Errorf("%q: %+v", arn, fixture.Checks)
		}
		if r := fixture.Checks[0].Resource; !strings.HasPrefix(r, "arn:aws:iam::"+iamtest.Account+":") {
			t.Errorf("%q is about %s", arn, r)
		}
	})
}
