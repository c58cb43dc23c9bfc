package clients

import "sallyport/test/clients/harness"

// secondAccount creates an account and keeps its id as "second" and its
// administrator's credentials as "second-admin".
var secondAccount = harness.Step{
	As: "admin", Service: "sallyport", Operation: "CreateAccount",
	Params:          P{"Email": "second@example.com", "Name": "AnyCompany Second"},
	Save:            map[string]string{"second": "Account.Id"},
	SaveCredentials: map[string]string{"second-admin": "AdminUser"},
}

func assume(as, role, session string, more P, want harness.Want) harness.Step {
	params := P{"RoleArn": roleARN(role), "RoleSessionName": session}
	for name, value := range more {
		params[name] = value
	}
	step := harness.Step{As: as, Service: "sts", Operation: "AssumeRole", Params: params, Want: want}
	if want.Code == "" {
		step.SaveCredentials = map[string]string{session: "Credentials"}
	}
	return step
}

// refused is AssumeRole's denial. It has no clause, and a role that does not
// exist looks the same as one that may not be assumed.
func refused(caller, role string) harness.Want {
	return harness.Want{Code: "AccessDenied", Status: 403, Message: "User: " + caller +
		" is not authorized to perform: sts:AssumeRole on resource: " + roleARN(role)}
}

var accountCases = []harness.Case{
	{Name: "an account is a boundary", Steps: []harness.Step{
		secondAccount,
		noted("the e-mail address is taken", harness.Step{
			As: "admin", Service: "sallyport", Operation: "CreateAccount",
			Params: P{"Email": "second@example.com", "Name": "AnyCompany Third"},
			Want:   harness.Want{Code: "EmailAlreadyExistsException"},
		}),
		createUser("alice"),
		by("second-admin", "GetUser", P{"UserName": "alice"}, notFound("The user with name alice cannot be found.")),
		by("second-admin", "CreateUser", P{"UserName": "alice"}, harness.Want{Fields: P{
			"User.Arn": "arn:aws:iam::{{second}}:user/alice",
		}}),
		by("second-admin", "DeleteUser", P{"UserName": "alice"}, harness.Want{}),
		noted("the other account's alice is still there", admin("GetUser", P{"UserName": "alice"}, harness.Want{Fields: P{"User.Arn": userARN("alice")}})),
		createPolicy("Private", document(allow("s3:GetObject", "*"))),
		noted("a policy of another account", by("second-admin", "GetPolicy", P{"PolicyArn": policyARN("Private")},
			notFound("Policy "+policyARN("Private")+" does not exist or is not attachable."))),
		noted("looks like one that does not exist", by("second-admin", "GetPolicy", P{"PolicyArn": policyARN("Ghost")},
			notFound("Policy "+policyARN("Ghost")+" does not exist or is not attachable."))),
		by("second-admin", "DeletePolicy", P{"PolicyArn": policyARN("Private")},
			notFound("Policy "+policyARN("Private")+" was not found.")),
		admin("GetPolicy", P{"PolicyArn": policyARN("Private")}, harness.Want{}),
		noted("only the first account makes accounts", harness.Step{
			As: "second-admin", Service: "sallyport", Operation: "CreateAccount",
			Params: P{"Email": "third@example.com", "Name": "AnyCompany Third"},
			Want:   harness.Want{MessageMatch: ".", Code: "AccessDeniedException"},
		}),
	}},

	{Name: "both accounts must agree", Steps: []harness.Step{
		secondAccount,
		createRole("Shared", trust("arn:aws:iam::{{second}}:root", nil)),
		by("second-admin", "CreateUser", P{"UserName": "bob"}, harness.Want{}),
		{
			As: "second-admin", Service: "iam", Operation: "CreateAccessKey", Params: P{"UserName": "bob"},
			SaveCredentials: map[string]string{"bob": "AccessKey"},
		},
		noted("trusted by the role, not allowed by his account",
			assume("bob", "Shared", "shared", nil, refused("arn:aws:iam::{{second}}:user/bob", "Shared"))),
		by("second-admin", "PutUserPolicy", P{
			"UserName": "bob", "PolicyName": "Assume", "PolicyDocument": document(allow("sts:AssumeRole", roleARN("Shared"))),
		}, harness.Want{}),
		assume("bob", "Shared", "shared", nil, harness.Want{}),
		noted("a role that is not there", assume("second-admin", "Ghost", "ghost", nil,
			refused("arn:aws:iam::{{second}}:user/admin", "Ghost"))),
		admin("UpdateAssumeRolePolicy", P{"RoleName": "Shared", "PolicyDocument": trust("arn:aws:iam::{{account}}:root", nil)}, harness.Want{}),
		noted("allowed by his account, no longer trusted by the role",
			assume("bob", "Shared", "shared", nil, refused("arn:aws:iam::{{second}}:user/bob", "Shared"))),
	}},

	{Name: "external id", Steps: []harness.Step{
		secondAccount,
		createRole("Partner", trust("arn:aws:iam::{{second}}:root", P{"StringEquals": P{"sts:ExternalId": "contract-42"}})),
		assume("second-admin", "Partner", "none", nil, refused("arn:aws:iam::{{second}}:user/admin", "Partner")),
		assume("second-admin", "Partner", "wrong", P{"ExternalId": "contract-43"}, refused("arn:aws:iam::{{second}}:user/admin", "Partner")),
		assume("second-admin", "Partner", "case", P{"ExternalId": "Contract-42"}, refused("arn:aws:iam::{{second}}:user/admin", "Partner")),
		assume("second-admin", "Partner", "right", P{"ExternalId": "contract-42"}, harness.Want{}),
		whoami("right", sessionARN("Partner", "right")),
	}},
}
