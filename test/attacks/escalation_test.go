package attacks

import (
	"testing"

	"sallyport/test/inprocess"
)

// TestAttack15Escalation: a user who may do one thing to policies, groups or
// roles, but only where it is allowed to, gets no further by it.
func TestAttack15Escalation(t *testing.T) {
	const (
		own     = "arn:aws:iam::" + account + ":policy/own"
		mallory = "arn:aws:iam::" + account + ":user/mallory"
	)
	trust := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"` + mallory + `"},"Action":"sts:AssumeRole"}]}`
	for _, c := range []struct {
		name, call string
		in         p
	}{
		{"new version of one's policy", "iam:CreatePolicyVersion", p{"PolicyArn": own, "PolicyDocument": allowAll, "SetAsDefault": "true"}},
		{"an older, wider version", "iam:SetDefaultPolicyVersion", p{"PolicyArn": own, "VersionId": "v1"}},
		{"attach to oneself", "iam:AttachUserPolicy", p{"UserName": "mallory", "PolicyArn": "arn:aws:iam::aws:policy/AdministratorAccess"}},
		{"attach to one's group", "iam:AttachGroupPolicy", p{"GroupName": "crew", "PolicyArn": "arn:aws:iam::aws:policy/AdministratorAccess"}},
		{"inline on oneself", "iam:PutUserPolicy", p{"UserName": "mallory", "PolicyName": "all", "PolicyDocument": allowAll}},
		{"inline on one's group", "iam:PutGroupPolicy", p{"GroupName": "crew", "PolicyName": "all", "PolicyDocument": allowAll}},
		{"inline on a role", "iam:PutRolePolicy", p{"RoleName": "strong", "PolicyName": "all", "PolicyDocument": allowAll}},
		{"join the administrators", "iam:AddUserToGroup", p{"GroupName": "admins", "UserName": "mallory"}},
		{"a key for another", "iam:CreateAccessKey", p{"UserName": "admin"}},
		{"one's inactive key for another", "iam:UpdateAccessKey", p{"UserName": "admin", "AccessKeyId": inprocess.AdminKey, "Status": "Inactive"}},
		{"trust oneself", "iam:UpdateAssumeRolePolicy", p{"RoleName": "strong", "PolicyDocument": trust}},
		{"assume a stronger role", "sts:AssumeRole", p{"RoleArn": "arn:aws:iam::" + account + ":role/strong", "RoleSessionName": "session"}},
		{"drop one's boundary", "iam:DeleteUserPermissionsBoundary", p{"UserName": "mallory"}},
		{"widen one's boundary", "iam:PutUserPermissionsBoundary", p{"UserName": "mallory", "PermissionsBoundary": "arn:aws:iam::aws:policy/AdministratorAccess"}},
		{"tag oneself into a grant", "iam:TagUser", p{"UserName": "mallory", "Tags.member.1.Key": "team", "Tags.member.1.Value": "red"}},
		{"take another's name", "iam:UpdateUser", p{"UserName": "mallory", "NewUserName": "trusted"}},
		{"an account of one's own", "sallyport:CreateAccount", p{"Email": "mallory@example.com", "Name": "AnyCompany"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := inprocess.New(t)
			s.Admin.Do("iam:CreatePolicy", p{"PolicyName": "own", "PolicyDocument": allowAll})
			s.Admin.Do("iam:CreatePolicyVersion", p{"PolicyArn": own, "SetAsDefault": "true", "PolicyDocument": `{"Version":"2012-10-17","Statement":[` +
				`{"Effect":"Allow","Action":["iam:Get*","iam:List*"],"Resource":"*"},` +
				`{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringEquals":{"aws:PrincipalTag/team":"red"}}},` +
				`{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringEquals":{"aws:username":"trusted"}}}]}`})
			s.Admin.Do("iam:CreateGroup", p{"GroupName": "crew"})
			s.Admin.Do("iam:CreateGroup", p{"GroupName": "admins"})
			s.Admin.Do("iam:CreateRole", p{"RoleName": "strong", "AssumeRolePolicyDocument": `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"` + account + `"},"Action":"sts:AssumeRole"}]}`})
			client := member(s, "mallory", own)
			s.Admin.Do("iam:AddUserToGroup", p{"GroupName": "crew", "UserName": "mallory"})
			s.Admin.Do("iam:PutUserPermissionsBoundary", p{"UserName": "mallory", "PermissionsBoundary": "arn:aws:iam::aws:policy/PowerUserAccess"})
			client.Denied(c.call, c.in, c.call)
			s.Admin.Do("iam:DeleteUserPermissionsBoundary", p{"UserName": "mallory"})
			client.Denied(c.call, c.in, c.call)
		})
	}
}

// TestAttack09RestrictedSessions: a session that is limited by its policies or
// its role's boundary stays so whatever it makes.
func TestAttack09RestrictedSessions(t *testing.T) {
	s := inprocess.New(t)
	s.Admin.Do("iam:CreateRole", p{"RoleName": "deploy", "AssumeRolePolicyDocument": `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"` + account + `"},"Action":"sts:AssumeRole"}]}`})
	s.Admin.Do("iam:AttachRolePolicy", p{"RoleName": "deploy", "PolicyArn": "arn:aws:iam::aws:policy/AdministratorAccess"})
	assume := p{"RoleArn": "arn:aws:iam::" + account + ":role/deploy", "RoleSessionName": "session",
		"Policy": `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["iam:ListUsers","sts:AssumeRole"],"Resource":"*"}]}`}
	session := s.Client(s.Admin.Do("sts:AssumeRole", assume).Credentials())
	session.Do("iam:ListUsers", nil)
	session.Denied("iam:CreateAccessKey", p{"UserName": "admin"}, "iam:CreateAccessKey")
	session.Denied("iam:CreateUser", p{"UserName": "mallory"}, "iam:CreateUser")
	// No operation on its own account or user is let through by being its own.
	session.Denied("iam:GetRole", p{"RoleName": "deploy"}, "iam:GetRole")

	s.Admin.Do("iam:PutRolePermissionsBoundary", p{"RoleName": "deploy", "PermissionsBoundary": readOnly})
	free := s.Client(s.Admin.Do("sts:AssumeRole", p{"RoleArn": assume["RoleArn"], "RoleSessionName": "session"}).Credentials())
	free.Do("iam:ListUsers", nil)
	free.Denied("iam:CreateUser", p{"UserName": "mallory"}, "iam:CreateUser").
		WantMessage("User: arn:aws:sts::" + account + ":assumed-role/deploy/session is not authorized to perform: iam:CreateUser on resource: arn:aws:iam::" +
			account + ":user/mallory because no permissions boundary allows the iam:CreateUser action")
	free.Denied("iam:DeleteRolePermissionsBoundary", p{"RoleName": "deploy"}, "iam:DeleteRolePermissionsBoundary")
}

// TestAttack10AccountsApart: an account's administrator reaches nothing of
// another account, by any name for it.
func TestAttack10AccountsApart(t *testing.T) {
	s := inprocess.New(t)
	s.Admin.Do("iam:CreatePolicy", p{"PolicyName": "ours", "PolicyDocument": allowAll})
	other := s.Client(s.Admin.Do("sallyport:CreateAccount", p{"Email": "other@example.com", "Name": "AnyCompany"}).Credentials())
	before := s.Dump()
	for _, c := range []struct {
		call string
		in   p
	}{
		{"iam:GetPolicy", p{"PolicyArn": "arn:aws:iam::" + account + ":policy/ours"}},
		{"iam:DeletePolicy", p{"PolicyArn": "arn:aws:iam::" + account + ":policy/ours"}},
		{"iam:CreatePolicyVersion", p{"PolicyArn": "arn:aws:iam::" + account + ":policy/ours", "PolicyDocument": allowAll}},
		{"iam:AttachUserPolicy", p{"UserName": "admin", "PolicyArn": "arn:aws:iam::" + account + ":policy/ours"}},
		{"iam:UpdateAccessKey", p{"AccessKeyId": inprocess.AdminKey, "Status": "Inactive"}},
		{"iam:DeleteAccessKey", p{"AccessKeyId": inprocess.AdminKey}},
		{"sallyport:Evaluate", p{"PrincipalArn": "arn:aws:iam::" + account + ":user/admin", "Action": "iam:CreateUser"}},
		{"sallyport:CreateAccount", p{"Email": "third@example.com", "Name": "AnyCompany"}},
	} {
		if reply := other.Call(c.call, c.in); reply.Status < 400 || reply.Status >= 500 {
			t.Errorf("%s of another account answered %d %s", c.call, reply.Status, reply.Body)
		}
	}
	if s.Dump() != before {
		t.Error("another account's administrator changed something")
	}
}
