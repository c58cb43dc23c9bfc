package clients

import "sallyport/test/clients/harness"

func version(name, text string, asDefault bool, want harness.Want) harness.Step {
	return admin("CreatePolicyVersion", P{"PolicyArn": policyARN(name), "PolicyDocument": text, "SetAsDefault": asDefault}, want)
}

var policyCases = []harness.Case{
	{Name: "policy versions", Steps: []harness.Step{
		createUser("alice"),
		createKey("alice"),
		createPolicy("Versioned", document(allow("iam:ListUsers", "*"))),
		admin("AttachUserPolicy", P{"UserName": "alice", "PolicyArn": policyARN("Versioned")}, harness.Want{}),
		by("alice", "ListUsers", nil, harness.Want{}),
		version("Versioned", document(allow("iam:ListRoles", "*")), true,
			harness.Want{Fields: P{"PolicyVersion.VersionId": "v2", "PolicyVersion.IsDefaultVersion": true}}),
		by("alice", "ListUsers", nil, denied(userARN("alice"), "iam:ListUsers", userARN(""), noIdentityPolicy)),
		by("alice", "ListRoles", nil, harness.Want{}),
		admin("GetPolicyVersion", P{"PolicyArn": policyARN("Versioned"), "VersionId": "v1"}, harness.Want{Fields: P{
			"PolicyVersion.Document":         P{"Version": "2012-10-17", "Statement": List{allow("iam:ListUsers", "*")}},
			"PolicyVersion.IsDefaultVersion": false,
		}}),
		admin("DeletePolicyVersion", P{"PolicyArn": policyARN("Versioned"), "VersionId": "v2"},
			conflict("DeleteConflict", "Cannot delete the default version of a policy.")),
		admin("SetDefaultPolicyVersion", P{"PolicyArn": policyARN("Versioned"), "VersionId": "v1"}, harness.Want{}),
		by("alice", "ListUsers", nil, harness.Want{}),
		version("Versioned", document(allow("s3:*", "*")), false, harness.Want{Fields: P{"PolicyVersion.IsDefaultVersion": false}}),
		version("Versioned", document(allow("s3:*", "*")), false, harness.Want{}),
		version("Versioned", document(allow("s3:*", "*")), false, harness.Want{Fields: P{"PolicyVersion.VersionId": "v5"}}),
		version("Versioned", document(allow("s3:*", "*")), false, conflict("LimitExceeded",
			"A managed policy can have up to 5 versions. Before you create a new version, you must delete an existing version.")),
		admin("ListPolicyVersions", P{"PolicyArn": policyARN("Versioned")}, harness.Want{Fields: P{"Versions": harness.Count(5), "IsTruncated": false}}),
		admin("DeletePolicyVersion", P{"PolicyArn": policyARN("Versioned"), "VersionId": "v5"}, harness.Want{}),
		noted("a number is never used again", version("Versioned", document(allow("s3:*", "*")), false,
			harness.Want{Fields: P{"PolicyVersion.VersionId": "v6"}})),
		admin("DetachUserPolicy", P{"UserName": "alice", "PolicyArn": policyARN("Versioned")}, harness.Want{}),
		admin("DeletePolicy", P{"PolicyArn": policyARN("Versioned")}, conflict("DeleteConflict",
			"This policy has more than one version. Before you delete a policy, you must delete the policy's versions. "+
				"The default version is deleted with the policy.")),
	}},

	{Name: "AWS managed policies", Steps: []harness.Step{
		admin("GetPolicy", P{"PolicyArn": "arn:aws:iam::aws:policy/AdministratorAccess"}, harness.Want{Fields: P{
			"Policy.PolicyName": "AdministratorAccess", "Policy.DefaultVersionId": "v1", "Policy.IsAttachable": true,
			"Policy.PolicyId": harness.Match(`^ANPA[A-Z2-7]{17}$`), "Policy.AttachmentCount": 1,
		}}),
		admin("GetPolicyVersion", P{"PolicyArn": "arn:aws:iam::aws:policy/AdministratorAccess", "VersionId": "v1"}, harness.Want{Fields: P{
			"PolicyVersion.Document": P{"Version": "2012-10-17", "Statement": List{P{"Effect": "Allow", "Action": "*", "Resource": "*"}}},
		}}),
		admin("DeletePolicy", P{"PolicyArn": "arn:aws:iam::aws:policy/AdministratorAccess"}, harness.Want{Code: "AccessDenied", Status: 403}),
		createUser("alice"),
		createKey("alice"),
		admin("AttachUserPolicy", P{"UserName": "alice", "PolicyArn": "arn:aws:iam::aws:policy/IAMReadOnlyAccess"}, harness.Want{}),
		by("alice", "ListUsers", nil, harness.Want{}),
		by("alice", "CreateUser", P{"UserName": "mallory"},
			denied(userARN("alice"), "iam:CreateUser", userARN("mallory"), noIdentityPolicy)),
		admin("ListPolicies", P{"Scope": "Local"}, harness.Want{Fields: P{"Policies": harness.Count(0)}}),
	}},

	{Name: "documents are refused", Steps: []harness.Step{
		malformed(`{"Version":"2012-10-17","Statement":[{"Effect":"Maybe","Action":"s3:*","Resource":"*"}]}`, "Syntax errors in policy."),
		malformed(`{"Version":"2012-10-17"}`, "Syntax errors in policy."),
		malformed(`not a policy`, "Syntax errors in policy."),
		malformed(document(allow("GetObject", "*")), "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc."),
		malformed(document(allow("s3:GetObject", "bucket")), `Resource bucket must be in ARN format or "*".`),
		malformed(document(P{"Effect": "Allow", "Action": "s3:GetObject"}), "Policy statement must contain resources."),
		admin("CreateRole", P{"RoleName": "Worker", "AssumeRolePolicyDocument": document(P{
			"Effect": "Allow", "Principal": P{"AWS": userARN("ghost")}, "Action": "sts:AssumeRole",
		})}, harness.Want{
			Code: "MalformedPolicyDocument", Status: 400, Message: `Invalid principal in policy: "AWS":"` + userARN("ghost") + `"`,
		}),
		noted("nothing was made", admin("ListPolicies", P{"Scope": "Local"}, harness.Want{Fields: P{"Policies": harness.Count(0)}})),
	}},
}

func malformed(text, message string) harness.Step {
	return admin("CreatePolicy", P{"PolicyName": "Refused", "PolicyDocument": text},
		harness.Want{Code: "MalformedPolicyDocument", Status: 400, Message: message})
}
