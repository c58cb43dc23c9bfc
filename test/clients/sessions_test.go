package clients

import (
	"strings"

	"sallyport/test/clients/harness"
)

// Session tags, source identity and role chaining
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html,
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_control-access_monitor.html).

// opening is a trust policy for the account's principals with these actions of
// STS.
func opening(actions ...any) string {
	return document(P{"Effect": "Allow", "Principal": P{"AWS": "{{account}}"}, "Action": List(actions)})
}

// tag is one of a request's tags.
func tag(key, value string) P { return P{"Key": key, "Value": value} }

// chained is a role that the account's principals may assume and that may
// assume others, and does what the statements allow besides.
func chained(role, trustPolicy string, statements ...P) []harness.Step {
	statements = append(statements, allow(List{"sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"}, "*"))
	return []harness.Step{createRole(role, trustPolicy), putRolePolicy(role, "own", document(statements...))}
}

// ifEquals allows an action where a condition key has a value.
func ifEquals(action, key, value string) P {
	s := allow(action, "*")
	s["Condition"] = P{"StringEquals": P{key: value}}
	return s
}

// lacks is AssumeRole's denial for want of another action than its own.
func lacks(caller, action, role string) harness.Want {
	return harness.Want{Code: "AccessDenied", Status: 403,
		Message: "User: " + caller + " is not authorized to perform: " + action + " on resource: " + roleARN(role)}
}

const (
	tagConflict = "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the calling session."
	openToAll   = "sts:*"
)

func invalid(message string) harness.Want {
	return harness.Want{Code: "InvalidParameterValue", Status: 400, Message: message}
}

func steps(groups ...[]harness.Step) []harness.Step {
	var all []harness.Step
	for _, g := range groups {
		all = append(all, g...)
	}
	return all
}

var sessionCases = []harness.Case{
	{Name: "session tags decide", Steps: steps(
		chained("Worker", opening(openToAll),
			ifEquals("iam:ListUsers", "aws:PrincipalTag/team", "red"),
			ifEquals("iam:ListGroups", "aws:PrincipalTag/cost", "42"),
			ifEquals("iam:ListRoles", "aws:PrincipalTag/Team", "blue")),
		[]harness.Step{
			admin("TagRole", P{"RoleName": "Worker", "Tags": List{tag("Team", "blue"), tag("cost", "42")}}, harness.Want{}),
			assume("admin", "Worker", "plain", nil, harness.Want{Absent: []string{"PackedPolicySize", "SourceIdentity"}}),
			noted("the role's own tags", by("plain", "ListRoles", nil, harness.Want{})),
			by("plain", "ListUsers", nil, denied(sessionARN("Worker", "plain"), "iam:ListUsers", "arn:aws:iam::{{account}}:user/", noIdentityPolicy)),
			assume("admin", "Worker", "tagged", P{"Tags": List{tag("team", "red")}}, harness.Want{Fields: P{"PackedPolicySize": 1}}),
			noted("a session tag in place of the role's, whatever its case", by("tagged", "ListUsers", nil, harness.Want{})),
			by("tagged", "ListRoles", nil, denied(sessionARN("Worker", "tagged"), "iam:ListRoles", "arn:aws:iam::{{account}}:role/", noIdentityPolicy)),
			noted("beside the role's others", by("tagged", "ListGroups", nil, harness.Want{})),
			noted("values keep their case", assume("admin", "Worker", "upper", P{"Tags": List{tag("team", "Red")}}, harness.Want{})),
			by("upper", "ListUsers", nil, harness.Want{Code: "AccessDenied", Status: 403}),
			assume("admin", "Worker", "twice", P{"Tags": List{tag("team", "red"), tag("TEAM", "red")}},
				invalid("Duplicate tag keys found. Please note that Tag keys are case insensitive.")),
			assume("admin", "Worker", "other", P{"Tags": List{tag("team", "red")}, "TransitiveTagKeys": List{"cost"}},
				invalid("The specified transitive tag key must be included in the requested tags.")),
		})},

	{Name: "transitive tags go on through a chain", Steps: steps(
		chained("First", opening(openToAll)),
		chained("Second", opening(openToAll)),
		chained("Third", opening(openToAll),
			ifEquals("iam:ListUsers", "aws:PrincipalTag/team", "red"), ifEquals("iam:ListGroups", "aws:PrincipalTag/stage", "test"),
			ifEquals("iam:ListRoles", "aws:PrincipalTag/added", "yes")),
		[]harness.Step{
			assume("admin", "First", "first", P{"Tags": List{tag("team", "red"), tag("stage", "test")}, "TransitiveTagKeys": List{"TEAM"}}, harness.Want{}),
			noted("not to be replaced", assume("first", "Second", "none", P{"Tags": List{tag("team", "blue")}}, invalid(tagConflict))),
			noted("not with the same value, not in another case", assume("first", "Second", "none", P{"Tags": List{tag("Team", "red")}}, invalid(tagConflict))),
			assume("first", "Second", "second", P{"Tags": List{tag("added", "yes")}}, harness.Want{Fields: P{"PackedPolicySize": 1}}),
			noted("nor in the next session", assume("second", "Third", "none", P{"Tags": List{tag("team", "blue")}}, invalid(tagConflict))),
			assume("second", "Third", "third", nil, harness.Want{Fields: P{"PackedPolicySize": 1}}),
			noted("the transitive one is there", by("third", "ListUsers", nil, harness.Want{})),
			noted("what was not transitive isn't", by("third", "ListGroups", nil, harness.Want{Code: "AccessDenied", Status: 403})),
			by("third", "ListRoles", nil, harness.Want{Code: "AccessDenied", Status: 403}),
		})},

	{Name: "tags and source identity need permissions of their own", Steps: steps(
		chained("First", opening(openToAll)),
		chained("Plain", opening("sts:AssumeRole")),
		chained("Tagging", opening("sts:AssumeRole", "sts:TagSession")),
		[]harness.Step{
			assume("admin", "Plain", "plain", nil, harness.Want{}),
			assume("admin", "Plain", "none", P{"Tags": List{tag("team", "red")}}, lacks(userARN("admin"), "sts:TagSession", "Plain")),
			assume("admin", "Plain", "none", P{"SourceIdentity": "alice"}, lacks(userARN("admin"), "sts:SetSourceIdentity", "Plain")),
			assume("admin", "Tagging", "tagging", P{"Tags": List{tag("team", "red")}}, harness.Want{}),
			assume("admin", "Tagging", "none", P{"SourceIdentity": "alice"}, lacks(userARN("admin"), "sts:SetSourceIdentity", "Tagging")),
			assume("admin", "First", "first", P{"Tags": List{tag("team", "red")}, "TransitiveTagKeys": List{"team"}}, harness.Want{}),
			noted("what is passed on counts as passed", assume("first", "Plain", "none", nil, lacks(sessionARN("First", "first"), "sts:TagSession", "Plain"))),
			assume("first", "Tagging", "tagged", nil, harness.Want{}),
			assume("admin", "First", "known", P{"SourceIdentity": "alice"}, harness.Want{}),
			assume("known", "Plain", "none", nil, lacks(sessionARN("First", "known"), "sts:SetSourceIdentity", "Plain")),
		})},

	{Name: "a source identity stays", Steps: steps(
		chained("First", document(
			P{"Effect": "Allow", "Principal": P{"AWS": "{{account}}"}, "Action": "sts:AssumeRole"},
			P{"Effect": "Allow", "Principal": P{"AWS": "{{account}}"}, "Action": "sts:SetSourceIdentity", "Condition": P{"StringLike": P{"sts:SourceIdentity": "a*"}}})),
		chained("Second", opening(openToAll), ifEquals("iam:ListUsers", "aws:SourceIdentity", "alice")),
		[]harness.Step{
			assume("admin", "First", "none", P{"SourceIdentity": "bob"}, lacks(userARN("admin"), "sts:SetSourceIdentity", "First")),
			assume("admin", "First", "first", P{"SourceIdentity": "alice"}, harness.Want{Fields: P{"SourceIdentity": "alice"}}),
			assume("first", "Second", "none", P{"SourceIdentity": "admin"}, harness.Want{Code: "ValidationError", Status: 400,
				Message: "The source identity is already set for this assume role session"}),
			assume("first", "Second", "second", nil, harness.Want{Fields: P{"SourceIdentity": "alice"}}),
			by("second", "ListUsers", nil, harness.Want{}),
			assume("second", "Second", "again", nil, harness.Want{Fields: P{"SourceIdentity": "alice"}}),
			by("again", "ListUsers", nil, harness.Want{}),
			assume("admin", "Second", "nobody", nil, harness.Want{Absent: []string{"SourceIdentity"}}),
			by("nobody", "ListUsers", nil, harness.Want{Code: "AccessDenied", Status: 403}),
		})},

	{Name: "a chained session lasts an hour at most", Steps: steps(
		chained("First", opening(openToAll)), chained("Second", opening(openToAll)),
		[]harness.Step{
			admin("UpdateRole", P{"RoleName": "Second", "MaxSessionDuration": 43200}, harness.Want{}),
			assume("admin", "First", "first", nil, harness.Want{}),
			assume("admin", "Second", "long", P{"DurationSeconds": 43200}, harness.Want{}),
			assume("first", "Second", "none", P{"DurationSeconds": 3601}, harness.Want{Code: "ValidationError", Status: 400,
				Message: "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining."}),
			assume("first", "Second", "second", P{"DurationSeconds": 3600}, harness.Want{}),
			assume("second", "First", "default", nil, harness.Want{}),
		})},

	{Name: "whose key it is", Steps: []harness.Step{
		createUser("alice"), createKey("alice"),
		admin("DeleteAccessKey", P{"UserName": "alice", "AccessKeyId": "{{alice.AccessKeyId}}"}, harness.Want{}),
		noted("a key that is gone", keyInfo("admin", "{{alice.AccessKeyId}}", harness.Want{Fields: P{"Account": "{{account}}"}})),
		noted("a key that doesn't say it", keyInfo("admin", "{{root.AccessKeyId}}", harness.Want{Fields: P{"Account": "{{account}}"}})),
		keyInfo("admin", "AKIA"+strings.Repeat("7", 16), harness.Want{Code: "ValidationError", Status: 400}),
		createRole("Worker", opening("sts:AssumeRole")),
		assume("admin", "Worker", "work", nil, harness.Want{}),
		keyInfo("work", "{{alice.AccessKeyId}}", harness.Want{Code: "AccessDenied", Status: 403,
			Message: "User: " + sessionARN("Worker", "work") + " is not authorized to perform: sts:GetAccessKeyInfo" +
				" because no identity-based policy allows the sts:GetAccessKeyInfo action"}),
	}},

	{Name: "an authorization message that is none", Steps: []harness.Step{
		decode("admin", "b94d27b9934", harness.Want{Code: "InvalidAuthorizationMessageException", Status: 400}),
		createUser("alice"), createKey("alice"),
		decode("alice", "b94d27b9934", harness.Want{Code: "AccessDenied", Status: 403,
			Message: "User: " + userARN("alice") + " is not authorized to perform: sts:DecodeAuthorizationMessage" +
				" because no identity-based policy allows the sts:DecodeAuthorizationMessage action"}),
	}},

	{Name: "the whole account at once", Steps: []harness.Step{
		createUser("alice"), createPolicy("Own", document(allow("s3:GetObject", "*"))),
		putUserPolicy("alice", "Inline", document(deny("s3:PutObject", "*"))),
		admin("AttachUserPolicy", P{"UserName": "alice", "PolicyArn": policyARN("Own")}, harness.Want{}),
		createRole("Worker", opening("sts:AssumeRole")),
		admin("GetAccountAuthorizationDetails", nil, harness.Want{Fields: P{
			"UserDetailList.0.UserName": "admin", "UserDetailList.1.UserName": "alice", "UserDetailList.1.GroupList": harness.Count(0),
			"UserDetailList.1.UserPolicyList.0.PolicyDocument.Statement.0.Action": "s3:PutObject",
			"UserDetailList.1.AttachedManagedPolicies.0.PolicyArn":                policyARN("Own"),
			"GroupDetailList": harness.Count(0),
			"RoleDetailList.0.AssumeRolePolicyDocument.Statement.0.Action.0": "sts:AssumeRole",
			"Policies": harness.Count(2), "Policies.0.PolicyVersionList.0.Document.Statement.0.Action": "s3:GetObject",
			"Policies.1.PolicyName": "AdministratorAccess", "Policies.1.AttachmentCount": 1, "IsTruncated": false,
		}, Absent: []string{"UserDetailList.0.UserPolicyList", "Marker"}}),
		{
			Note: "the client's own paginator", As: "admin", Service: "iam", Operation: "GetAccountAuthorizationDetails", PageSize: 2,
			Want: harness.Want{Fields: P{"UserDetailList": harness.Count(2), "RoleDetailList": harness.Count(1), "Policies": harness.Count(2)}},
		},
		admin("GetAccountAuthorizationDetails", P{"Filter": List{"Role", "LocalManagedPolicy"}}, harness.Want{Fields: P{
			"UserDetailList": harness.Count(0), "RoleDetailList": harness.Count(1), "Policies": harness.Count(1),
		}}),
	}},
}

// decode is sts:DecodeAuthorizationMessage.
func decode(as, message string, want harness.Want) harness.Step {
	return harness.Step{As: as, Service: "sts", Operation: "DecodeAuthorizationMessage", Params: P{"EncodedMessage": message}, Want: want}
}

// keyInfo is sts:GetAccessKeyInfo.
func keyInfo(as, id string, want harness.Want) harness.Step {
	return harness.Step{As: as, Service: "sts", Operation: "GetAccessKeyInfo", Params: P{"AccessKeyId": id}, Want: want}
}
