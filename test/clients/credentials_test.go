package clients

import "sallyport/test/clients/harness"

// wrongSignature is the answer to a secret that is not the key's.
var wrongSignature = harness.Want{
	Code: "SignatureDoesNotMatch", Status: 403,
	Message: "The request signature we calculated does not match the signature you provided. " +
		"Check your AWS Secret Access Key and signing method. Consult the service documentation for details.",
}

// forged is a call with credentials that no one was given.
func forged(note string, c harness.Credentials, want harness.Want) harness.Step {
	return harness.Step{Note: note, Credentials: &c, Service: "sts", Operation: "GetCallerIdentity", Want: want}
}

var credentialCases = []harness.Case{
	{Name: "a key's life", Steps: []harness.Step{
		createUser("alice"),
		createKey("alice"),
		whoami("alice", userARN("alice")),
		admin("UpdateAccessKey", P{"UserName": "alice", "AccessKeyId": "{{alice.AccessKeyId}}", "Status": "Inactive"}, harness.Want{}),
		{As: "alice", Service: "sts", Operation: "GetCallerIdentity", Want: invalidToken},
		admin("ListAccessKeys", P{"UserName": "alice"}, harness.Want{
			Fields: P{"AccessKeyMetadata": harness.Count(1), "AccessKeyMetadata.0.Status": "Inactive"},
			Absent: []string{"AccessKeyMetadata.0.SecretAccessKey"},
		}),
		admin("UpdateAccessKey", P{"UserName": "alice", "AccessKeyId": "{{alice.AccessKeyId}}", "Status": "Active"}, harness.Want{}),
		whoami("alice", userARN("alice")),
		{
			As: "admin", Service: "iam", Operation: "CreateAccessKey", Params: P{"UserName": "alice"},
			SaveCredentials: map[string]string{"alice-2": "AccessKey"},
		},
		noted("a third key", admin("CreateAccessKey", P{"UserName": "alice"},
			conflict("LimitExceeded", "Cannot exceed quota for AccessKeysPerUser: 2"))),
		admin("DeleteAccessKey", P{"UserName": "alice", "AccessKeyId": "{{alice.AccessKeyId}}"}, harness.Want{}),
		{As: "alice", Service: "sts", Operation: "GetCallerIdentity", Want: invalidToken},
		whoami("alice-2", userARN("alice")),
		admin("UpdateAccessKey", P{"UserName": "alice", "AccessKeyId": "{{alice.AccessKeyId}}", "Status": "Active"},
			notFound("The Access Key with id {{alice.AccessKeyId}} cannot be found")),
		admin("DeleteAccessKey", P{"UserName": "alice", "AccessKeyId": "{{alice-2.AccessKeyId}}"}, harness.Want{}),
		admin("DeleteUser", P{"UserName": "alice"}, harness.Want{}),
		{As: "alice-2", Service: "sts", Operation: "GetCallerIdentity", Want: invalidToken},
	}},

	{Name: "forged credentials", Steps: []harness.Step{
		createRole("Worker", trust(userARN("admin"), nil)),
		assume("admin", "Worker", "work", nil, harness.Want{}),
		forged("an unknown key", harness.Credentials{AccessKeyID: "AKIAQQQQQQQQQQQQQQQQ", SecretAccessKey: "{{admin.SecretAccessKey}}"}, invalidToken),
		forged("a wrong secret", harness.Credentials{AccessKeyID: "{{admin.AccessKeyId}}", SecretAccessKey: "{{root.SecretAccessKey}}"}, wrongSignature),
		forged("a long-term key with a session token", harness.Credentials{
			AccessKeyID: "{{admin.AccessKeyId}}", SecretAccessKey: "{{admin.SecretAccessKey}}", SessionToken: "{{work.SessionToken}}",
		}, invalidToken),
		forged("temporary credentials without their token", harness.Credentials{
			AccessKeyID: "{{work.AccessKeyId}}", SecretAccessKey: "{{work.SecretAccessKey}}",
		}, invalidToken),
		forged("a token that was changed", harness.Credentials{
			AccessKeyID: "{{work.AccessKeyId}}", SecretAccessKey: "{{work.SecretAccessKey}}", SessionToken: "{{work.SessionToken}}A",
		}, invalidToken),
		forged("a token under a wrong secret", harness.Credentials{
			AccessKeyID: "{{work.AccessKeyId}}", SecretAccessKey: "{{admin.SecretAccessKey}}", SessionToken: "{{work.SessionToken}}",
		}, wrongSignature),
		whoami("work", sessionARN("Worker", "work")),
	}},

	{Name: "a session ends with its role", Steps: []harness.Step{
		createRole("Worker", trust(userARN("admin"), nil)),
		putRolePolicy("Worker", "Read", document(allow("iam:GetRole", "*"))),
		assume("admin", "Worker", "work", nil, harness.Want{}),
		by("work", "GetRole", P{"RoleName": "Worker"}, harness.Want{}),
		admin("DeleteRolePolicy", P{"RoleName": "Worker", "PolicyName": "Read"}, harness.Want{}),
		noted("the role's policies count now, not when the session began", by("work", "GetRole", P{"RoleName": "Worker"},
			denied(sessionARN("Worker", "work"), "iam:GetRole", "role Worker", noIdentityPolicy))),
		admin("DeleteRole", P{"RoleName": "Worker"}, harness.Want{}),
		{As: "work", Service: "iam", Operation: "GetRole", Params: P{"RoleName": "Worker"}, Want: harness.Want{Code: "InvalidClientTokenId", Status: 403}},
		createRole("Worker", trust(userARN("admin"), nil)),
		putRolePolicy("Worker", "Read", document(allow("iam:GetRole", "*"))),
		noted("a role of the same name is another role",
			by("work", "GetRole", P{"RoleName": "Worker"}, harness.Want{Code: "InvalidClientTokenId", Status: 403})),
	}},

	{Name: "root", Steps: []harness.Step{
		{
			As: "root", Service: "sts", Operation: "GetCallerIdentity",
			Want: harness.Want{Fields: P{"Arn": "arn:aws:iam::{{account}}:root", "UserId": "{{account}}"}},
		},
		by("root", "CreateUser", P{"UserName": "alice"}, harness.Want{}),
		createRole("Worker", trust("arn:aws:iam::{{account}}:root", nil)),
		noted("root may not assume roles", assume("root", "Worker", "worker", nil, harness.Want{
			Code: "AccessDenied", Status: 403, Message: "Roles may not be assumed by root accounts.",
		})),
		by("root", "DeleteUser", P{"UserName": "alice"}, harness.Want{}),
	}},
}
