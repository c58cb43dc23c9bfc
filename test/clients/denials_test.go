package clients

import "sallyport/test/clients/harness"

// reader creates alice, who may read every user, with a key.
func reader() []harness.Step {
	return []harness.Step{
		createUser("alice"),
		createKey("alice"),
		putUserPolicy("alice", "Read", document(allow([]string{"iam:GetUser", "iam:ListUsers"}, "*"))),
		readsAdmin(harness.Want{}),
	}
}

// readsAdmin is alice's call that each layer allows or denies.
func readsAdmin(want harness.Want) harness.Step {
	return by("alice", "GetUser", P{"UserName": "admin"}, want)
}

// explicit is a denial by a statement. The clause may end with the ARN of the
// policy that holds it.
func explicit(caller, action, resource, where string) harness.Want {
	return harness.Want{
		Code: "AccessDenied", Status: 403,
		MessageMatch: `^User: ` + caller + ` is not authorized to perform: ` + action + ` on resource: ` + resource +
			` with an explicit deny in ` + where + `$`,
	}
}

var denialCases = []harness.Case{
	{Name: "a boundary bites at once", Steps: append(reader(),
		createPolicy("OnlyS3", document(allow("s3:*", "*"))),
		admin("PutUserPermissionsBoundary", P{"UserName": "alice", "PermissionsBoundary": policyARN("OnlyS3")}, harness.Want{}),
		readsAdmin(denied(userARN("alice"), "iam:GetUser", "user admin", noBoundary)),
		admin("GetUser", P{"UserName": "alice"}, harness.Want{Fields: P{
			"User.PermissionsBoundary.PermissionsBoundaryArn":  policyARN("OnlyS3"),
			"User.PermissionsBoundary.PermissionsBoundaryType": "Policy",
		}}),
		noted("a boundary's new version counts at once", admin("CreatePolicyVersion", P{
			"PolicyArn": policyARN("OnlyS3"), "SetAsDefault": true, "PolicyDocument": document(allow("iam:GetUser", "*")),
		}, harness.Want{Fields: P{"PolicyVersion.VersionId": "v2", "PolicyVersion.IsDefaultVersion": true}})),
		readsAdmin(harness.Want{}),
		noted("and it grants nothing by itself", admin("DeleteUserPolicy", P{"UserName": "alice", "PolicyName": "Read"}, harness.Want{})),
		readsAdmin(denied(userARN("alice"), "iam:GetUser", "user admin", noIdentityPolicy)),
		admin("DeletePolicy", P{"PolicyArn": policyARN("OnlyS3")}, harness.Want{Code: "DeleteConflict", Status: 409}),
		admin("DeleteUserPermissionsBoundary", P{"UserName": "alice"}, harness.Want{}),
		admin("GetUser", P{"UserName": "alice"}, harness.Want{Absent: []string{"User.PermissionsBoundary"}}),
	)},

	{Name: "an explicit deny beats every allow", Steps: append(reader(),
		admin("AttachUserPolicy", P{"UserName": "alice", "PolicyArn": "arn:aws:iam::aws:policy/AdministratorAccess"}, harness.Want{}),
		createPolicy("NoReading", document(deny("iam:GetUser", "*"))),
		admin("AttachUserPolicy", P{"UserName": "alice", "PolicyArn": policyARN("NoReading")}, harness.Want{}),
		noted("AWS names the policy inside the same account",
			readsAdmin(explicit(userARN("alice"), "iam:GetUser", "user admin", "an identity-based policy: "+policyARN("NoReading")))),
		by("alice", "ListUsers", nil, harness.Want{}),
		admin("DetachUserPolicy", P{"UserName": "alice", "PolicyArn": policyARN("NoReading")}, harness.Want{}),
		readsAdmin(harness.Want{}),
		putUserPolicy("alice", "Deny", document(deny("iam:GetUser", "*"))),
		readsAdmin(explicit(userARN("alice"), "iam:GetUser", "user admin", "an identity-based policy(: .*)?")),
		noted("GetCallerIdentity needs no permission and cannot be denied",
			putUserPolicy("alice", "Deny", document(deny("*", "*")))),
		whoami("alice", userARN("alice")),
		admin("DeleteUserPolicy", P{"UserName": "alice", "PolicyName": "Deny"}, harness.Want{}),
		readsAdmin(harness.Want{}),
	)},

	{Name: "a session policy only narrows", Steps: []harness.Step{
		createRole("Reader", trust(userARN("admin"), nil)),
		putRolePolicy("Reader", "Read", document(allow([]string{"iam:GetUser", "iam:GetRole"}, "*"))),
		assume("admin", "Reader", "whole", nil, harness.Want{}),
		by("whole", "GetUser", P{"UserName": "admin"}, harness.Want{}),
		assume("admin", "Reader", "narrow", P{"Policy": document(allow([]string{"iam:GetRole", "iam:CreateUser"}, "*"))}, harness.Want{}),
		by("narrow", "GetRole", P{"RoleName": "Reader"}, harness.Want{}),
		by("narrow", "GetUser", P{"UserName": "admin"},
			denied(sessionARN("Reader", "narrow"), "iam:GetUser", "user admin", noSessionPolicy)),
		noted("it adds nothing to the role's policies", by("narrow", "CreateUser", P{"UserName": "mallory"},
			denied(sessionARN("Reader", "narrow"), "iam:CreateUser", userARN("mallory"), noIdentityPolicy))),
		assume("admin", "Reader", "denied", P{"Policy": document(allow("*", "*"), deny("iam:GetUser", "*"))}, harness.Want{}),
		by("denied", "GetUser", P{"UserName": "admin"},
			explicit(sessionARN("Reader", "denied"), "iam:GetUser", "user admin", "a session policy(: .*)?")),
	}},

	{Name: "a policy variable is only its value", Steps: []harness.Step{
		createUser("alice"),
		createKey("alice"),
		putUserPolicy("alice", "OwnTeam", document(allow("iam:GetUser", userARN("${aws:PrincipalTag/team}")))),
		noted("without the tag the resource matches nothing", readsAdmin(
			denied(userARN("alice"), "iam:GetUser", "user admin", noIdentityPolicy))),
		noted("no tag value can hold a wildcard", admin("TagUser", P{"UserName": "alice", "Tags": List{P{"Key": "team", "Value": "*"}}},
			harness.Want{Code: "ValidationError", Status: 400})),
		admin("TagUser", P{"UserName": "alice", "Tags": List{P{"Key": "team", "Value": "adm"}}}, harness.Want{}),
		noted("a value is not a prefix", readsAdmin(denied(userARN("alice"), "iam:GetUser", "user admin", noIdentityPolicy))),
		admin("TagUser", P{"UserName": "alice", "Tags": List{P{"Key": "team", "Value": "admin"}}}, harness.Want{}),
		readsAdmin(harness.Want{}),
		admin("UntagUser", P{"UserName": "alice", "TagKeys": List{"team"}}, harness.Want{}),
		readsAdmin(denied(userARN("alice"), "iam:GetUser", "user admin", noIdentityPolicy)),
	}},
}
