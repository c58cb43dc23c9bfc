package authorize

import (
	"net/http"
	"testing"
	"time"

	"sallyport/test/inprocess"
)

// TestAttack21ExternalID: a role for a third party opens only with its own
// external id ("The confused deputy problem",
// https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html).
func TestAttack21ExternalID(t *testing.T) {
	s := inprocess.New(t)
	vendorID, vendorAdmin := account(s, "vendor@example.com")
	vendor := user(vendorAdmin, vendorAdmin, s, "vendor", allow("sts:AssumeRole", "*"))
	ours := role(s, "ours", trusting(vendorID, `"StringEquals":{"sts:ExternalId":"AnyCompany-42"}`), allow(listsUsers, "*"))
	theirs := role(s, "theirs", trusting(vendorID, `"StringEquals":{"sts:ExternalId":"Example-77"}`), allow(listsUsers, "*"))
	call := func(roleARN string, pairs ...string) *inprocess.Reply {
		before := s.Dump()
		reply := vendor.Call("sts:AssumeRole", with(p{"RoleArn": roleARN, "RoleSessionName": "s1"}, pairs...))
		if s.Dump() != before {
			t.Errorf("assuming with %v changed the state", pairs)
		}
		return reply
	}
	call(ours).Want(http.StatusForbidden, "AccessDenied")
	for id, code := range map[string]string{
		"AnyCompany-43": "AccessDenied", "anycompany-42": "AccessDenied", "AnyCompany-421": "AccessDenied", "AnyCompany-4": "AccessDenied",
		"": "ValidationError", "x": "ValidationError", "*": "ValidationError", "AnyCompany-42 ": "ValidationError", "AnyCompany-4?": "ValidationError",
	} {
		status := http.StatusForbidden
		if code == "ValidationError" {
			status = http.StatusBadRequest
		}
		t.Run("id "+id, func(t *testing.T) {
			if reply := call(ours, "ExternalId", id); reply.Status != status || reply.Code != code {
				t.Errorf("got %d %s %s, want %d %s", reply.Status, reply.Code, reply.Message, status, code)
			}
		})
	}
	// One customer's id does not open another's role.
	call(ours, "ExternalId", "Example-77").Want(http.StatusForbidden, "AccessDenied")
	call(theirs, "ExternalId", "AnyCompany-42").Want(http.StatusForbidden, "AccessDenied")
	call(ours, "ExternalId", "AnyCompany-42").Want(http.StatusOK, "")
	call(theirs, "ExternalId", "Example-77").Want(http.StatusOK, "")
}

// TestAttack21ServicePrincipal: a role for a service opens to no user, whatever
// the request says it is made for.
func TestAttack21ServicePrincipal(t *testing.T) {
	s := inprocess.New(t)
	service := role(s, "service", policyOf(`{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}`))
	source := role(s, "source", trusting("*", `"StringEquals":{"aws:SourceAccount":"`+inprocess.Account+`"}`))
	arn := role(s, "arn", trusting("*", `"ArnLike":{"aws:SourceArn":"arn:aws:sns:*:`+inprocess.Account+`:*"}`))
	called := role(s, "called", trusting("*", `"Bool":{"aws:PrincipalIsAWSService":"true"}`))
	via := role(s, "via", trusting("*", `"Bool":{"aws:ViaAWSService":"true"}`))
	for _, roleARN := range []string{service, source, arn, called, via} {
		in := p{"RoleArn": roleARN, "RoleSessionName": "s1"}
		s.Admin.Denied("sts:AssumeRole", in, "sts:AssumeRole")
		r, body := s.Request("sts:AssumeRole", in)
		for name, value := range map[string]string{
			"X-Amz-Source-Arn": "arn:aws:sns:us-east-1:" + inprocess.Account + ":topic", "X-Amz-Source-Account": inprocess.Account,
			"Aws-SourceAccount": inprocess.Account, "X-Amz-Via-Aws-Service": "true", "User-Agent": "ec2.amazonaws.com",
		} {
			r.Header.Set(name, value)
		}
		s.Admin.Sign(r, body, "sts")
		s.Refused(r, http.StatusForbidden, "AccessDenied")
	}
}

// TestAttack21ChainingIsCapped: a session made with a role's session lasts an
// hour at most, however long both roles allow
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles.html#iam-term-role-chaining).
func TestAttack21ChainingIsCapped(t *testing.T) {
	s := inprocess.New(t)
	first := role(s, "first", trust, allow("*", "*"))
	second := role(s, "second", trust, allow("*", "*"))
	long := assume(s, s.Admin, first, "s1", "DurationSeconds", "43200")
	in := p{"RoleArn": second, "RoleSessionName": "s2"}
	long.Refused("sts:AssumeRole", with(in, "DurationSeconds", "3601"), http.StatusBadRequest, "ValidationError")
	long.Refused("sts:AssumeRole", with(in, "DurationSeconds", "43200"), http.StatusBadRequest, "ValidationError")
	chained := assume(s, long, second, "s2", "DurationSeconds", "3600")
	again := assume(s, chained, first, "s3")
	s.Advance(time.Hour - time.Second)
	chained.Do(listsUsers, nil)
	again.Do(listsUsers, nil)
	s.Advance(time.Second)
	for _, c := range []*inprocess.Client{chained, again} {
		c.Refused(listsUsers, nil, http.StatusForbidden, "ExpiredToken")
		c.Refused("sts:AssumeRole", in, http.StatusForbidden, "ExpiredToken")
	}
	long.Do(listsUsers, nil) // its own twelve hours are not over
	s.Advance(11 * time.Hour)
	long.Refused(listsUsers, nil, http.StatusForbidden, "ExpiredToken")
}

// TestAttack21TransitiveTags: tags that a session passes on can be neither
// dropped, overridden nor added to by the sessions made with it
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html#id_session-tags_role-chaining).
func TestAttack21TransitiveTags(t *testing.T) {
	s := inprocess.New(t)
	red, prod := `"StringEquals":{"aws:PrincipalTag/team":"red"}`, `"StringEquals":{"aws:PrincipalTag/stage":"prod"}`
	rights := []string{allow(listsUsers, "*", red), allow("iam:ListRoles", "*", prod), allow("sts:*", "*")}
	first, second := role(s, "first", trust, rights...), role(s, "second", trusting(inprocess.Account), rights...)
	s.Root.Do("iam:UpdateAssumeRolePolicy", p{"RoleName": "first", "PolicyDocument": trusting(inprocess.Account)})
	s.Root.Do("iam:TagRole", p{"RoleName": "second", "Tags.member.1.Key": "Team", "Tags.member.1.Value": "blue"})

	session := assume(s, s.Admin, first, "s1", "Tags.member.1.Key", "team", "Tags.member.1.Value", "red",
		"Tags.member.2.Key", "stage", "Tags.member.2.Value", "prod", "TransitiveTagKeys.member.1", "team")
	session.Do(listsUsers, nil)
	session.Do("iam:ListRoles", nil)
	for _, key := range []string{"team", "TEAM"} {
		session.Refused("sts:AssumeRole", p{"RoleArn": second, "RoleSessionName": "s2", "Tags.member.1.Key": key, "Tags.member.1.Value": "blue"},
			http.StatusBadRequest, "InvalidParameterValue")
	}
	chained := assume(s, session, second, "s2")
	chained.Do(listsUsers, nil)
	chained.Denied("iam:ListRoles", nil, "iam:ListRoles")
	again := assume(s, chained, first, "s3")
	again.Do(listsUsers, nil)
	again.Refused("sts:AssumeRole", p{"RoleArn": second, "RoleSessionName": "s4", "Tags.member.1.Key": "team", "Tags.member.1.Value": "blue"},
		http.StatusBadRequest, "InvalidParameterValue")

	// Passing tags on needs sts:TagSession as much as passing them.
	s.Root.Do("iam:UpdateAssumeRolePolicy", p{"RoleName": "second", "PolicyDocument": trust})
	session.Denied("sts:AssumeRole", p{"RoleArn": second, "RoleSessionName": "s5"}, "sts:TagSession")
}

// TestAttack21SourceIdentity: a source identity is set once, needs permission on
// both sides, and stays through every session made with it
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_control-access_monitor.html).
func TestAttack21SourceIdentity(t *testing.T) {
	s := inprocess.New(t)
	known := `"StringEquals":{"sts:SourceIdentity":"alice"}`
	first, second := role(s, "first", trusting(inprocess.Account, known), allow("sts:* iam:ListUsers", "*")), role(s, "second", trusting(inprocess.Account), allow(listsUsers, "*", `"StringEquals":{"aws:SourceIdentity":"alice"}`))
	in := p{"RoleArn": first, "RoleSessionName": "s1"}
	only := member(s, "only", allow("sts:AssumeRole", "*"))
	only.Denied("sts:AssumeRole", with(in, "SourceIdentity", "alice"), "sts:SetSourceIdentity")
	s.Admin.Denied("sts:AssumeRole", in, "sts:AssumeRole")
	s.Admin.Denied("sts:AssumeRole", with(in, "SourceIdentity", "bob"), "sts:AssumeRole")
	session := assume(s, s.Admin, first, "s1", "SourceIdentity", "alice")

	in = p{"RoleArn": second, "RoleSessionName": "s2"}
	session.Refused("sts:AssumeRole", with(in, "SourceIdentity", "bob"), http.StatusBadRequest, "ValidationError")
	session.Refused("sts:AssumeRole", with(in, "SourceIdentity", "ALICE"), http.StatusBadRequest, "ValidationError")
	assume(s, s.Admin, second, "s2").Denied(listsUsers, nil, listsUsers)
	chained := assume(s, session, second, "s2")
	record := s.RecordOf(chained.Do(listsUsers, nil), inprocess.Account)
	context, _ := record.UserIdentity["sessionContext"].(map[string]any)
	if context["sourceIdentity"] != "alice" {
		t.Errorf("the source identity is not on record: %s", record.Raw)
	}
	s.Root.Do("iam:UpdateAssumeRolePolicy", p{"RoleName": "second", "PolicyDocument": trust})
	session.Denied("sts:AssumeRole", in, "sts:SetSourceIdentity")
}
