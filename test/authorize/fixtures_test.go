package authorize

import (
	"strings"

	"sallyport/test/inprocess"
)

type (
	p    = inprocess.P
	step struct {
		call string
		in   p
	}
	// A fixture is one call of an operation and what it must be allowed on.
	fixture struct {
		setup []step
		in    p
		// resources are the ARNs that the operation's action is asked on.
		resources []string
		// read shows what a mutating operation changed.
		read step
	}
)

// open are the operations that need no permission, with AWS's reason.
var open = map[string]string{
	"sts:GetCallerIdentity": "needs no permission and no policy can deny it",
	"sts:GetSessionToken":   "needs no permission; policies can't restrict it",
}

const (
	iamARN    = "arn:aws:iam::" + inprocess.Account + ":"
	alice     = iamARN + "user/alice"
	admins    = iamARN + "group/admins"
	deploy    = iamARN + "role/deploy"
	limits    = iamARN + "policy/limits"
	readOnly  = "arn:aws:iam::aws:policy/ReadOnlyAccess"
	document  = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}`
	document2 = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:PutObject","Resource":"*"}]}`
	trust     = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"` + inprocess.Account + `"},"Action":"sts:AssumeRole"}]}`
)

var (
	makeAlice     = step{"iam:CreateUser", p{"UserName": "alice"}}
	makeAdmins    = step{"iam:CreateGroup", p{"GroupName": "admins"}}
	makeDeploy    = step{"iam:CreateRole", p{"RoleName": "deploy", "AssumeRolePolicyDocument": trust}}
	makeLimits    = step{"iam:CreatePolicy", p{"PolicyName": "limits", "PolicyDocument": document}}
	weakPasswords = step{"iam:UpdateAccountPasswordPolicy", p{"MinimumPasswordLength": "6"}}
	version2      = step{"iam:CreatePolicyVersion", p{"PolicyArn": limits, "PolicyDocument": document2}}
	joinAdmins    = step{"iam:AddUserToGroup", p{"GroupName": "admins", "UserName": "alice"}}

	enableOutbound = step{"iam:EnableOutboundWebIdentityFederation", nil}
	outboundInfo   = step{"iam:GetOutboundWebIdentityFederationInfo", nil}

	getAlice  = step{"iam:GetUser", p{"UserName": "alice"}}
	getAdmins = step{"iam:GetGroup", p{"GroupName": "admins"}}
	getDeploy = step{"iam:GetRole", p{"RoleName": "deploy"}}
	getLimits = step{"iam:GetPolicy", p{"PolicyArn": limits}}

	tagged      = p{"Tags.member.1.Key": "team", "Tags.member.1.Value": "red"}
	untag       = p{"TagKeys.member.1": "team"}
	aliceTagged = step{"iam:TagUser", with(tagged, "UserName", "alice")}
)

// with is in with further names and values.
func with(in p, pairs ...string) p {
	out := make(p, len(in)+len(pairs)/2)
	for k, v := range in {
		out[k] = v
	}
	for i := 0; i < len(pairs); i += 2 {
		out[pairs[i]] = pairs[i+1]
	}
	return out
}

// ownDenial stands for the encoded message of a denial of the probe's.
const ownDenial = "its own denial"

// madeID stands for the id that the last step of the setup made.
const madeID = "the id of what was made"

// nobodysID is an id that nothing has, for a parameter.
func nobodysID(parameter string) string {
	switch parameter {
	case "DeletionTaskId":
		return noTask
	case "SessionId": // of a console session
		return "AIDAIOSFODNN7EXAMPLE/" + strings.Repeat("0", 64)
	}
	return "APKAIOSFODNN7EXAMPLE1234"
}

func on(resources ...string) []string { return resources }

// probeSetup is what operations about whoever calls need of the probe.
var probeSetup = map[string][]step{
	"iam:ChangePassword": {{"iam:CreateLoginProfile", p{"UserName": "probe", "Password": "Correct-Horse-1", "PasswordResetRequired": "true"}}},
}

// fixtures has one of every operation but the open ones.
var fixtures = merged(userFixtures, groupFixtures, roleFixtures, policyFixtures, accountFixtures, certificateFixtures, mfaFixtures, sessionFixtures, instanceProfileFixtures, providerFixtures, linkedRoleFixtures, reportFixtures,
	bound("User", "alice", alice, makeAlice, getAlice),
	bound("Role", "deploy", deploy, makeDeploy, getDeploy),
	policiesOf("User", "alice", alice, makeAlice),
	policiesOf("Group", "admins", admins, makeAdmins),
	policiesOf("Role", "deploy", deploy, makeDeploy))

func merged(groups ...map[string]fixture) map[string]fixture {
	all := make(map[string]fixture)
	for _, group := range groups {
		for name, f := range group {
			if _, twice := all[name]; twice {
				panic("two fixtures of " + name)
			}
			all[name] = f
		}
	}
	return all
}

var userFixtures = map[string]fixture{
	"iam:CreateUser":   {nil, p{"UserName": "alice"}, on(alice), getAlice},
	"iam:GetUser":      {[]step{makeAlice}, p{"UserName": "alice"}, on(alice), step{}},
	"iam:ListUsers":    {nil, nil, on(iamARN + "user/"), step{}},
	"iam:UpdateUser":   {[]step{makeAlice}, p{"UserName": "alice", "NewPath": "/staff/"}, on(alice, iamARN+"user/staff/alice"), getAlice},
	"iam:DeleteUser":   {[]step{makeAlice}, p{"UserName": "alice"}, on(alice), getAlice},
	"iam:TagUser":      {[]step{makeAlice}, with(tagged, "UserName", "alice"), on(alice), getAlice},
	"iam:UntagUser":    {[]step{makeAlice, aliceTagged}, with(untag, "UserName", "alice"), on(alice), getAlice},
	"iam:ListUserTags": {[]step{makeAlice}, p{"UserName": "alice"}, on(alice), step{}},

	"iam:CreateAccessKey":      {[]step{makeAlice}, p{"UserName": "alice"}, on(alice), step{"iam:ListAccessKeys", p{"UserName": "alice"}}},
	"iam:ListAccessKeys":       {[]step{makeAlice}, p{"UserName": "alice"}, on(alice), step{}},
	"iam:UpdateAccessKey":      {nil, p{"UserName": "admin", "AccessKeyId": inprocess.AdminKey, "Status": "Inactive"}, on(iamARN + "user/admin"), step{"iam:ListAccessKeys", p{"UserName": "admin"}}},
	"iam:DeleteAccessKey":      {nil, p{"UserName": "admin", "AccessKeyId": inprocess.AdminKey}, on(iamARN + "user/admin"), step{"iam:ListAccessKeys", p{"UserName": "admin"}}},
	"iam:GetAccessKeyLastUsed": {nil, p{"AccessKeyId": inprocess.AdminKey}, on(iamARN + "user/admin"), step{}},
	"iam:GetLoginProfile":      {nil, p{"UserName": "admin"}, on(iamARN + "user/admin"), step{}},
	"iam:CreateLoginProfile":   {[]step{makeAlice}, p{"UserName": "alice", "Password": "Correct-Horse-1"}, on(alice), step{"iam:GetLoginProfile", p{"UserName": "alice"}}},
	"iam:UpdateLoginProfile":   {nil, p{"UserName": "admin", "PasswordResetRequired": "true"}, on(iamARN + "user/admin"), step{"iam:GetLoginProfile", p{"UserName": "admin"}}},
	"iam:DeleteLoginProfile":   {nil, p{"UserName": "admin"}, on(iamARN + "user/admin"), step{"iam:GetLoginProfile", p{"UserName": "admin"}}},
}

var groupFixtures = map[string]fixture{
	"iam:CreateGroup":         {nil, p{"GroupName": "admins"}, on(admins), getAdmins},
	"iam:GetGroup":            {[]step{makeAdmins}, p{"GroupName": "admins"}, on(admins), step{}},
	"iam:ListGroups":          {nil, nil, on(iamARN + "group/"), step{}},
	"iam:UpdateGroup":         {[]step{makeAdmins}, p{"GroupName": "admins", "NewGroupName": "staff"}, on(admins, iamARN+"group/staff"), getAdmins},
	"iam:DeleteGroup":         {[]step{makeAdmins}, p{"GroupName": "admins"}, on(admins), getAdmins},
	"iam:AddUserToGroup":      {[]step{makeAdmins, makeAlice}, joinAdmins.in, on(admins), getAdmins},
	"iam:RemoveUserFromGroup": {[]step{makeAdmins, makeAlice, joinAdmins}, joinAdmins.in, on(admins), getAdmins},
	"iam:ListGroupsForUser":   {[]step{makeAlice}, p{"UserName": "alice"}, on(alice), step{}},
}

var roleFixtures = map[string]fixture{
	"iam:CreateRole":             {nil, makeDeploy.in, on(deploy), getDeploy},
	"iam:GetRole":                {[]step{makeDeploy}, p{"RoleName": "deploy"}, on(deploy), step{}},
	"iam:ListRoles":              {nil, nil, on(iamARN + "role/"), step{}},
	"iam:DeleteRole":             {[]step{makeDeploy}, p{"RoleName": "deploy"}, on(deploy), getDeploy},
	"iam:UpdateRole":             {[]step{makeDeploy}, p{"RoleName": "deploy", "MaxSessionDuration": "7200"}, on(deploy), getDeploy},
	"iam:UpdateRoleDescription":  {[]step{makeDeploy}, p{"RoleName": "deploy", "Description": "deploys"}, on(deploy), getDeploy},
	"iam:UpdateAssumeRolePolicy": {[]step{makeDeploy}, p{"RoleName": "deploy", "PolicyDocument": trust + " "}, on(deploy), getDeploy},
	"iam:TagRole":                {[]step{makeDeploy}, with(tagged, "RoleName", "deploy"), on(deploy), getDeploy},
	"iam:UntagRole":              {[]step{makeDeploy, {"iam:TagRole", with(tagged, "RoleName", "deploy")}}, with(untag, "RoleName", "deploy"), on(deploy), getDeploy},
	"iam:ListRoleTags":           {[]step{makeDeploy}, p{"RoleName": "deploy"}, on(deploy), step{}},
	"sts:GetWebIdentityToken":    {[]step{enableOutbound}, p{"Audience.member.1": "https://api.example.com", "SigningAlgorithm": "ES384"}, on("arn:aws:sts::" + inprocess.Account + ":self"), step{}},
	"sts:GetFederationToken":     {nil, p{"Name": "kiosk"}, on("arn:aws:sts::" + inprocess.Account + ":federated-user/kiosk"), step{}},
	"sts:AssumeRole":             {[]step{makeDeploy}, p{"RoleArn": deploy, "RoleSessionName": "s1"}, on(deploy), step{}},
}

var policyFixtures = map[string]fixture{
	"iam:CreatePolicy":            {nil, makeLimits.in, on(limits), getLimits},
	"iam:GetPolicy":               {[]step{makeLimits}, p{"PolicyArn": limits}, on(limits), step{}},
	"iam:ListPolicies":            {nil, p{"Scope": "Local"}, on(iamARN + "policy/"), step{}},
	"iam:DeletePolicy":            {[]step{makeLimits}, p{"PolicyArn": limits}, on(limits), getLimits},
	"iam:CreatePolicyVersion":     {[]step{makeLimits}, version2.in, on(limits), step{"iam:ListPolicyVersions", p{"PolicyArn": limits}}},
	"iam:DeletePolicyVersion":     {[]step{makeLimits, version2}, p{"PolicyArn": limits, "VersionId": "v2"}, on(limits), step{"iam:ListPolicyVersions", p{"PolicyArn": limits}}},
	"iam:GetPolicyVersion":        {[]step{makeLimits}, p{"PolicyArn": limits, "VersionId": "v1"}, on(limits), step{}},
	"iam:ListPolicyVersions":      {[]step{makeLimits}, p{"PolicyArn": limits}, on(limits), step{}},
	"iam:SetDefaultPolicyVersion": {[]step{makeLimits, version2}, p{"PolicyArn": limits, "VersionId": "v2"}, on(limits), getLimits},
	"iam:TagPolicy":               {[]step{makeLimits}, with(tagged, "PolicyArn", limits), on(limits), getLimits},
	"iam:UntagPolicy":             {[]step{makeLimits, {"iam:TagPolicy", with(tagged, "PolicyArn", limits)}}, with(untag, "PolicyArn", limits), on(limits), getLimits},
	"iam:ListPolicyTags":          {[]step{makeLimits}, p{"PolicyArn": limits}, on(limits), step{}},
	"iam:ListEntitiesForPolicy":   {[]step{makeLimits}, p{"PolicyArn": limits}, on(limits), step{}},
}

var accountFixtures = map[string]fixture{
	"iam:GetAccountSummary":                    {nil, nil, on("*"), step{}},
	"iam:GetAccountAuthorizationDetails":       {nil, nil, on("*"), step{}},
	"sts:GetAccessKeyInfo":                     {nil, p{"AccessKeyId": inprocess.AdminKey}, on("*"), step{}},
	"sts:DecodeAuthorizationMessage":           {nil, p{"EncodedMessage": ownDenial}, on("*"), step{}},
	"iam:CreateAccountAlias":                   {nil, p{"AccountAlias": "anycompany"}, on("*"), step{"iam:ListAccountAliases", nil}},
	"iam:DeleteAccountAlias":                   {[]step{{"iam:CreateAccountAlias", p{"AccountAlias": "anycompany"}}}, p{"AccountAlias": "anycompany"}, on("*"), step{"iam:ListAccountAliases", nil}},
	"iam:ListAccountAliases":                   {nil, nil, on("*"), step{}},
	"iam:SetSecurityTokenServicePreferences":   {nil, p{"GlobalEndpointTokenVersion": "v2Token"}, on("*"), step{"iam:GetAccountSummary", nil}},
	enableOutbound.call:                        {nil, nil, on("*"), outboundInfo},
	"iam:DisableOutboundWebIdentityFederation": {[]step{enableOutbound}, nil, on("*"), outboundInfo},
	outboundInfo.call:                          {[]step{enableOutbound}, nil, on("*"), step{}},
	"sallyport:CreateAccount":                  {nil, p{"Email": "bob@example.com", "Name": "AnyCompany"}, on("*"), step{}},
	"sallyport:Evaluate":                       {[]step{makeAlice}, p{"PrincipalArn": alice, "Action": "s3:GetObject"}, on(alice), step{}},
	"sallyport:EvaluateAt":                     {[]step{makeAlice}, p{"PrincipalArn": alice, "Action": "s3:GetObject", "Revision": "2"}, on(alice), step{}},
	"iam:ChangePassword":                       {nil, p{"OldPassword": "Correct-Horse-1", "NewPassword": "Correct-Horse-2"}, on(iamARN + "user/probe"), step{"iam:GetLoginProfile", p{"UserName": "probe"}}},
	"iam:GetAccountPasswordPolicy":             {[]step{weakPasswords}, nil, on("*"), step{}},
	"iam:UpdateAccountPasswordPolicy":          {nil, p{"MinimumPasswordLength": "20"}, on("*"), step{"iam:GetAccountPasswordPolicy", nil}},
	"iam:DeleteAccountPasswordPolicy":          {[]step{weakPasswords}, nil, on("*"), step{"iam:GetAccountPasswordPolicy", nil}},
	"iam:GetContextKeysForCustomPolicy":        {nil, p{"PolicyInputList.member.1": document}, on("*"), step{}},
	"iam:GetContextKeysForPrincipalPolicy":     {[]step{makeAlice}, p{"PolicySourceArn": alice}, on(alice), step{}},
	"iam:SimulateCustomPolicy":                 {nil, p{"PolicyInputList.member.1": document, "ActionNames.member.1": "s3:GetObject"}, on("*"), step{}},
	"iam:SimulatePrincipalPolicy":              {[]step{makeAlice}, p{"PolicySourceArn": alice, "ActionNames.member.1": "s3:GetObject"}, on(alice), step{}},
	"sallyport:GetEntityHistory":               {[]step{makeAlice}, p{"Entity": alice}, on(alice), step{}},
	"cloudtrail:LookupEvents":                  {nil, nil, on("*"), step{}},
	"access-analyzer:ValidatePolicy":           {nil, p{"policyDocument": document, "policyType": "IDENTITY_POLICY"}, on("*"), step{}},
}

// bound are the operations on the permissions boundary of an entity.
func bound(kind, name, arn string, create, get step) map[string]fixture {
	in := p{kind + "Name": name}
	put := step{"iam:Put" + kind + "PermissionsBoundary", with(in, "PermissionsBoundary", readOnly)}
	return map[string]fixture{
		put.call: {[]step{create}, put.in, on(arn), get},
		"iam:Delete" + kind + "PermissionsBoundary": {[]step{create, put}, in, on(arn), get},
	}
}

// policiesOf are the operations on the policies of an entity.
func policiesOf(kind, name, arn string, create step) map[string]fixture {
	in := p{kind + "Name": name}
	put := step{"iam:Put" + kind + "Policy", with(in, "PolicyName", "inline", "PolicyDocument", document)}
	attach := step{"iam:Attach" + kind + "Policy", with(in, "PolicyArn", readOnly)}
	inline := step{"iam:List" + kind + "Policies", in}
	attached := step{"iam:ListAttached" + kind + "Policies", in}
	return map[string]fixture{
		put.call:                       {[]step{create}, put.in, on(arn), inline},
		"iam:Get" + kind + "Policy":    {[]step{create, put}, with(in, "PolicyName", "inline"), on(arn), step{}},
		inline.call:                    {[]step{create, put}, in, on(arn), step{}},
		"iam:Delete" + kind + "Policy": {[]step{create, put}, with(in, "PolicyName", "inline"), on(arn), inline},
		attach.call:                    {[]step{create}, attach.in, on(arn), attached},
		attached.call:                  {[]step{create, attach}, in, on(arn), step{}},
		"iam:Detach" + kind + "Policy": {[]step{create, attach}, attach.in, on(arn), attached},
	}
}
