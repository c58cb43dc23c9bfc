package clients

import "sallyport/test/clients/harness"

// walkThrough is the first hour with the product: a user, a key, a group, a
// policy, a decision, a denial, a second account, a role and its temporary
// credentials, and a key that is switched off.
var walkThrough = harness.Case{Name: "walk-through", Steps: []harness.Step{
	whoami("admin", userARN("admin")),

	// A user with a key.
	{
		As: "admin", Service: "iam", Operation: "CreateUser", Params: P{"UserName": "aws-learner"},
		Want: harness.Want{
			Fields: P{
				"User.UserName": "aws-learner", "User.Path": "/", "User.Arn": userARN("aws-learner"),
				"User.UserId": harness.Match(`^AIDA[A-Z2-7]{17}$`),
			},
			Absent: []string{"User.PermissionsBoundary", "User.PasswordLastUsed"},
		},
		Save: map[string]string{"learner-id": "User.UserId"},
	},
	{
		As: "admin", Service: "iam", Operation: "CreateAccessKey", Params: P{"UserName": "aws-learner"},
		SaveCredentials: map[string]string{"learner": "AccessKey"},
	},
	{
		As: "learner", Service: "sts", Operation: "GetCallerIdentity",
		Want: harness.Want{Fields: P{"Arn": userARN("aws-learner"), "Account": "{{account}}", "UserId": "{{learner-id}}"}},
	},

	// A group that may read one bucket.
	admin("CreateGroup", P{"GroupName": "devops"}, harness.Want{Fields: P{
		"Group.Arn": "arn:aws:iam::{{account}}:group/devops", "Group.GroupId": harness.Match(`^AGPA[A-Z2-7]{17}$`),
	}}),
	createPolicy("S3-read-only", document(
		P{"Sid": "ReadObjects", "Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::learner-bucket/*"},
		P{"Sid": "ListBucket", "Effect": "Allow", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::learner-bucket"},
	)),
	evaluate("s3:GetObject", "arn:aws:s3:::learner-bucket/notes.txt", "implicitDeny"),
	admin("AttachGroupPolicy", P{"GroupName": "devops", "PolicyArn": policyARN("S3-read-only")}, harness.Want{}),
	noted("not a member yet", evaluate("s3:GetObject", "arn:aws:s3:::learner-bucket/notes.txt", "implicitDeny")),
	admin("AddUserToGroup", P{"GroupName": "devops", "UserName": "aws-learner"}, harness.Want{}),
	admin("ListGroupsForUser", P{"UserName": "aws-learner"}, harness.Want{Fields: P{
		"Groups": harness.Count(1), "Groups.0.GroupName": "devops", "IsTruncated": false,
	}}),
	admin("ListAttachedGroupPolicies", P{"GroupName": "devops"}, harness.Want{Fields: P{
		"AttachedPolicies": List{P{"PolicyName": "S3-read-only", "PolicyArn": policyARN("S3-read-only")}},
	}}),

	// What the group's policy decides, and by which statement.
	{
		As: "admin", Service: "sallyport", Operation: "Evaluate",
		Params: P{
			"PrincipalArn": userARN("aws-learner"), "Action": "s3:GetObject",
			"ResourceArn": "arn:aws:s3:::learner-bucket/notes.txt",
		},
		Want: harness.Want{Fields: P{
			"Decision": "allow", "DecidedBy.Layer": "identityPolicy",
			"DecidedBy.PolicyArn": policyARN("S3-read-only"), "DecidedBy.StatementId": "ReadObjects",
		}},
	},
	evaluate("s3:ListBucket", "arn:aws:s3:::learner-bucket", "allow"),
	evaluate("s3:PutObject", "arn:aws:s3:::learner-bucket/notes.txt", "implicitDeny"),
	evaluate("s3:DeleteBucket", "arn:aws:s3:::learner-bucket", "implicitDeny"),
	evaluate("s3:GetObject", "arn:aws:s3:::another-bucket/notes.txt", "implicitDeny"),
	noted("the object statement does not cover the bucket", evaluate("s3:GetObject", "arn:aws:s3:::learner-bucket", "implicitDeny")),

	// Since when, and by whom: the revisions before and after the membership.
	evaluateAt(6, "implicitDeny"),
	evaluateAt(7, "allow"),
	{
		As: "admin", Service: "sallyport", Operation: "GetEntityHistory",
		Params: P{"Entity": userARN("aws-learner"), "MaxResults": 1},
		Want: harness.Want{Fields: P{
			"Events": harness.Count(1), "Events.0.EntityId": "{{learner-id}}", "Events.0.Revision": 7,
			"Events.0.EventName": "iam:AddUserToGroup", "Events.0.CallerArn": userARN("admin"),
			"Events.0.Changes": harness.Count(1), "Events.0.Changes.0.Kind": "GroupMembership",
			"Events.0.Changes.0.Name":  "arn:aws:iam::{{account}}:group/devops",
			"Events.0.Changes.0.After": harness.Match(`^\{"UserId":"{{learner-id}}","GroupId":"AGPA[A-Z2-7]{17}","JoinDate":"20[0-9TZ:.-]+"\}$`),
		}, Absent: []string{"Events.0.Changes.0.Before"}},
		Save: map[string]string{"history-token": "NextToken"},
	},
	{
		As: "admin", Service: "sallyport", Operation: "GetEntityHistory",
		Params: P{"Entity": "{{learner-id}}"},
		Want: harness.Want{Fields: P{
			"Events": harness.Count(3), "Events.1.EventName": "iam:CreateAccessKey", "Events.1.Changes.0.Name": "{{learner.AccessKeyId}}",
			"Events.2.EventName": "iam:CreateUser",
		}, Absent: []string{"NextToken"}},
	},
	{
		As: "admin", Service: "sallyport", Operation: "GetEntityHistory",
		Params: P{"Entity": userARN("aws-learner"), "NextToken": "{{history-token}}"},
		Want:   harness.Want{Fields: P{"Events": harness.Count(2), "Events.0.EventName": "iam:CreateAccessKey"}},
	},
	{
		As: "learner", Service: "sallyport", Operation: "GetEntityHistory", Params: P{"Entity": userARN("aws-learner")},
		Want: harness.Want{Code: "AccessDeniedException", Status: 400, Message: "User: " + userARN("aws-learner") +
			" is not authorized to perform: sallyport:GetEntityHistory on resource: " + userARN("aws-learner") +
			" because no identity-based policy allows the sallyport:GetEntityHistory action"},
	},

	// What the user may do in IAM: nothing, until a policy says otherwise.
	by("learner", "CreateUser", P{"UserName": "mallory"},
		denied(userARN("aws-learner"), "iam:CreateUser", userARN("mallory"), noIdentityPolicy)),
	admin("GetUser", P{"UserName": "mallory"}, notFound("The user with name mallory cannot be found.")),
	by("learner", "GetUser", P{"UserName": "aws-learner"},
		denied(userARN("aws-learner"), "iam:GetUser", "user aws-learner", noIdentityPolicy)),
	putUserPolicy("aws-learner", "ReadSelf", document(allow("iam:GetUser", userARN("${aws:username}")))),
	by("learner", "GetUser", P{"UserName": "aws-learner"}, harness.Want{Fields: P{"User.UserId": "{{learner-id}}"}}),
	noted("without a name, oneself", by("learner", "GetUser", nil, harness.Want{Fields: P{"User.UserName": "aws-learner"}})),
	by("learner", "GetUser", P{"UserName": "admin"},
		denied(userARN("aws-learner"), "iam:GetUser", "user admin", noIdentityPolicy)),

	// A second account, and a role here that it may assume.
	{
		As: "admin", Service: "sallyport", Operation: "CreateAccount",
		Params: P{"Email": "second@example.com", "Name": "AnyCompany Second"},
		Want: harness.Want{Fields: P{
			"Account.Id": harness.Match(`^\d{12}$`), "Account.Email": "second@example.com", "AdminUser.UserName": "admin",
		}},
		Save:            map[string]string{"second": "Account.Id"},
		SaveCredentials: map[string]string{"second-admin": "AdminUser"},
	},
	whoami("second-admin", "arn:aws:iam::{{second}}:user/admin"),
	createRole("TempAccessRole", trust("arn:aws:iam::{{second}}:root", nil)),
	putRolePolicy("TempAccessRole", "ReadItself", document(allow("iam:GetRole", roleARN("TempAccessRole")))),
	{
		As: "second-admin", Service: "sts", Operation: "AssumeRole",
		Params: P{"RoleArn": roleARN("TempAccessRole"), "RoleSessionName": "TemporarySession"},
		Want: harness.Want{Fields: P{
			"AssumedRoleUser.Arn":           sessionARN("TempAccessRole", "TemporarySession"),
			"AssumedRoleUser.AssumedRoleId": harness.Match(`^AROA[A-Z2-7]{17}:TemporarySession$`),
			"Credentials.AccessKeyId":       harness.Match(`^ASIA[A-Z2-7]{16}$`),
			"Credentials.Expiration":        harness.Match(`^20\d\d-`),
		}},
		SaveCredentials: map[string]string{"temporary": "Credentials"},
	},
	whoami("temporary", sessionARN("TempAccessRole", "TemporarySession")),
	by("temporary", "GetRole", P{"RoleName": "TempAccessRole"}, harness.Want{Fields: P{
		"Role.Arn": roleARN("TempAccessRole"), "Role.MaxSessionDuration": 3600,
		"Role.AssumeRolePolicyDocument.Statement.0.Principal.AWS": "arn:aws:iam::{{second}}:root",
	}}),
	by("temporary", "ListUsers", nil,
		denied(sessionARN("TempAccessRole", "TemporarySession"), "iam:ListUsers", userARN(""), noIdentityPolicy)),
	by("temporary", "CreateUser", P{"UserName": "mallory"},
		denied(sessionARN("TempAccessRole", "TemporarySession"), "iam:CreateUser", userARN("mallory"), noIdentityPolicy)),
	noted("a stranger to the trust policy", harness.Step{
		As: "learner", Service: "sts", Operation: "AssumeRole",
		Params: P{"RoleArn": roleARN("TempAccessRole"), "RoleSessionName": "TemporarySession"},
		Want: harness.Want{Code: "AccessDenied", Status: 403, Message: "User: " + userARN("aws-learner") +
			" is not authorized to perform: sts:AssumeRole on resource: " + roleARN("TempAccessRole")},
	}),

	// The key is switched off, and the very next call with it fails.
	admin("UpdateAccessKey", P{"UserName": "aws-learner", "AccessKeyId": "{{learner.AccessKeyId}}", "Status": "Inactive"}, harness.Want{}),
	{As: "learner", Service: "sts", Operation: "GetCallerIdentity", Want: invalidToken},
	by("learner", "GetUser", nil, invalidToken),
}}

// evaluate asks for a decision about aws-learner.
func evaluate(action, resource, decision string) harness.Step {
	return harness.Step{
		As: "admin", Service: "sallyport", Operation: "Evaluate",
		Params: P{"PrincipalArn": userARN("aws-learner"), "Action": action, "ResourceArn": resource},
		Want:   harness.Want{Fields: P{"Decision": decision}},
	}
}

// evaluateAt asks what would have been decided about aws-learner at a revision.
func evaluateAt(revision int, decision string) harness.Step {
	return harness.Step{
		As: "admin", Service: "sallyport", Operation: "EvaluateAt",
		Params: P{
			"PrincipalArn": userARN("aws-learner"), "Action": "s3:GetObject",
			"ResourceArn": "arn:aws:s3:::learner-bucket/notes.txt", "Revision": revision,
		},
		Want: harness.Want{Fields: P{"Decision": decision, "Revision": revision}},
	}
}

// invalidToken is the answer to a key that does not exist or is not active.
var invalidToken = harness.Want{
	Code: "InvalidClientTokenId", Status: 403, Message: "The security token included in the request is invalid.",
}
