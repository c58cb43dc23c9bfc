package authorize

import (
	"testing"

	"sallyport/test/inprocess"
)

// TestAttack09DelegatedAdministrator: who may make users and roles only within
// a boundary makes none without it, and nothing made this way leaves it
// ("Delegating responsibility to others using permissions boundaries",
// https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html).
func TestAttack09DelegatedAdministrator(t *testing.T) {
	s := inprocess.New(t)
	s.Root.Do("iam:CreatePolicy", p{"PolicyName": "limits", "PolicyDocument": policyOf(allow("iam:List* sts:*", "*"))})
	within := `"StringEquals":{"iam:PermissionsBoundary":"` + limits + `"}`
	lead := member(s, "lead",
		allow("iam:CreateUser iam:PutUserPolicy iam:AttachUserPolicy iam:PutUserPermissionsBoundary", iamARN+"user/*", within),
		allow("iam:CreateRole iam:PutRolePolicy iam:AttachRolePolicy iam:PutRolePermissionsBoundary", iamARN+"role/*", within),
		allow("iam:CreateAccessKey", iamARN+"user/dev"))

	lead.Denied("iam:CreateUser", p{"UserName": "dev"}, "iam:CreateUser")
	lead.Denied("iam:CreateUser", p{"UserName": "dev", "PermissionsBoundary": administrator}, "iam:CreateUser")
	lead.Denied("iam:CreateRole", p{"RoleName": "dev", "AssumeRolePolicyDocument": trust}, "iam:CreateRole")
	lead.Denied("iam:CreateRole", p{"RoleName": "dev", "AssumeRolePolicyDocument": trust, "PermissionsBoundary": administrator}, "iam:CreateRole")
	lead.Do("iam:CreateUser", p{"UserName": "dev", "PermissionsBoundary": limits})
	lead.Do("iam:CreateRole", p{"RoleName": "dev", "AssumeRolePolicyDocument": trust, "PermissionsBoundary": limits})

	for _, kind := range []string{"User", "Role"} {
		name := p{kind + "Name": "dev"}
		for _, act := range []step{
			{"iam:Put" + kind + "PermissionsBoundary", with(name, "PermissionsBoundary", administrator)},
			{"iam:Delete" + kind + "PermissionsBoundary", name},
		} {
			lead.Denied(act.call, act.in, act.call)
		}
		lead.Do("iam:Attach"+kind+"Policy", with(name, "PolicyArn", administrator))
	}
	for _, call := range []string{"iam:AttachUserPolicy", "iam:PutUserPolicy"} {
		// Neither the lead itself nor admin is within the boundary.
		in := p{"UserName": "lead", "PolicyArn": administrator}
		if call == "iam:PutUserPolicy" {
			in = p{"UserName": "lead", "PolicyName": "all", "PolicyDocument": policyOf(allow("*", "*"))}
		}
		onRecord(t, s, lead.Denied(call, in, call), call[len("iam:"):], "lead")
	}
	lead.Denied("iam:CreatePolicyVersion", p{"PolicyArn": limits, "PolicyDocument": policyOf(allow("*", "*")), "SetAsDefault": "true"}, "iam:CreatePolicyVersion")
	lead.Denied("iam:DeletePolicy", p{"PolicyArn": limits}, "iam:DeletePolicy")

	// With AdministratorAccess they still may do only what the boundary says.
	dev := s.Client(lead.Do("iam:CreateAccessKey", p{"UserName": "dev"}).Credentials())
	for name, c := range map[string]*inprocess.Client{"user": dev, "role": assume(s, dev, iamARN+"role/dev", "s1")} {
		c.Do(listsUsers, nil)
		c.Denied("iam:DeleteUserPermissionsBoundary", p{"UserName": "dev"}, "iam:DeleteUserPermissionsBoundary")
		c.Denied("iam:DeleteRolePermissionsBoundary", p{"RoleName": "dev"}, "iam:DeleteRolePermissionsBoundary")
		c.Denied("iam:CreateAccessKey", p{"UserName": "admin"}, "iam:CreateAccessKey")
		c.Denied("iam:CreateUser", p{"UserName": name}, "iam:CreateUser")
	}
}

// TestAttack09SessionDoesNotShedItsPolicy: a session limited by session policies
// can't assume its own role again to lose them, whether its role or account is
// trusted; nor does it gain when a managed session policy is deleted.
func TestAttack09SessionDoesNotShedItsPolicy(t *testing.T) {
	s := inprocess.New(t)
	roleARN := role(s, "deploy", trusting(inprocess.Account), allow("*", "*"))
	s.Root.Do("iam:CreatePolicy", p{"PolicyName": "limits", "PolicyDocument": policyOf(allow(listsUsers, "*"))})
	for name, limit := range map[string][]string{
		"inline":  {"Policy", policyOf(allow(listsUsers, "*"))},
		"managed": {"PolicyArns.member.1.arn", limits},
		"both":    {"Policy", policyOf(allow("iam:*", "*"), deny("iam:Create* iam:Delete*", "*")), "PolicyArns.member.1.arn", readOnly},
	} {
		s.Root.Do("iam:UpdateAssumeRolePolicy", p{"RoleName": "deploy", "PolicyDocument": trusting(inprocess.Account)})
		session := assume(s, s.Admin, roleARN, name, limit...)
		session.Do(listsUsers, nil)
		for _, trusted := range []string{inprocess.Account, roleARN} {
			s.Root.Do("iam:UpdateAssumeRolePolicy", p{"RoleName": "deploy", "PolicyDocument": trusting(trusted)})
			session.Denied("sts:AssumeRole", p{"RoleArn": roleARN, "RoleSessionName": "free"}, "sts:AssumeRole")
		}
		session.Denied("iam:CreateAccessKey", p{"UserName": "admin"}, "iam:CreateAccessKey")
		session.Denied("iam:DeleteRole", p{"RoleName": "deploy"}, "iam:DeleteRole")
		if name == "managed" {
			s.Root.Do("iam:DeletePolicy", p{"PolicyArn": limits})
			session.Denied(listsUsers, nil, listsUsers)
		}
	}
	// What the deleted one denied does not become allowed by the others.
	s.Root.Do("iam:UpdateAssumeRolePolicy", p{"RoleName": "deploy", "PolicyDocument": trusting(inprocess.Account)})
	wall := s.Root.Do("iam:CreatePolicy", p{"PolicyName": "wall", "PolicyDocument": policyOf(deny("iam:Create*", "*"))}).Text("Arn")
	session := assume(s, s.Admin, roleARN, "walled", "Policy", policyOf(allow("iam:*", "*")), "PolicyArns.member.1.arn", wall)
	session.Denied("iam:CreateAccessKey", p{"UserName": "admin"}, "iam:CreateAccessKey")
	s.Root.Do("iam:DeletePolicy", p{"PolicyArn": wall})
	session.Denied("iam:CreateAccessKey", p{"UserName": "admin"}, "iam:CreateAccessKey")
}

// TestAttack09SessionTokenIsNoMore: the credentials of GetSessionToken have
// their user's permissions of the moment, without IAM's operations, and make no
// session tokens in turn.
func TestAttack09SessionTokenIsNoMore(t *testing.T) {
	s := inprocess.New(t)
	roleARN := role(s, "deploy", trusting(inprocess.Account), allow(listsUsers, "*"))
	for name, long := range map[string]*inprocess.Client{
		"user": member(s, "alice", allow("iam:* sts:*", "*")),
		"root": s.Root,
	} {
		session := s.Client(long.Do("sts:GetSessionToken", nil).Credentials())
		session.Do("sts:GetCallerIdentity", nil)
		session.Refused(listsUsers, nil, 403, "InvalidClientTokenId")
		session.Refused("iam:CreateAccessKey", p{"UserName": "alice"}, 403, "InvalidClientTokenId")
		session.Refused("sts:GetSessionToken", nil, 403, "AccessDenied")
		if name == "root" {
			session.Refused("sts:AssumeRole", p{"RoleArn": roleARN, "RoleSessionName": "s1"}, 403, "AccessDenied")
			continue
		}
		assume(s, session, roleARN, "s1").Do(listsUsers, nil)
		s.Root.Do("iam:DeleteUserPolicy", p{"UserName": "alice", "PolicyName": "own"})
		session.Denied("sts:AssumeRole", p{"RoleArn": roleARN, "RoleSessionName": "s1"}, "sts:AssumeRole")
	}
}
