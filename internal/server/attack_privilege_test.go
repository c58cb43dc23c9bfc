package server_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"sallyport/internal/state"
	"sallyport/sigv4"
	"sallyport/test/inprocess"
)

type p = inprocess.P

const (
	account = inprocess.Account
	iamARN  = "arn:aws:iam::" + account + ":"
)

// statement is a policy document of one statement, its members in JSON.
func statement(members string) string {
	return `{"Version":"2012-10-17","Statement":[{` + members + `}]}`
}

// trusting is a trust policy for one principal, with a condition if given.
func trusting(principal, condition string) string {
	if condition != "" {
		condition = `,"Condition":` + condition
	}
	return statement(`"Effect":"Allow","Principal":{"AWS":"` + principal + `"},"Action":["sts:AssumeRole","sts:TagSession","sts:SetSourceIdentity"]` + condition)
}

// user makes a user with one inline policy ("" for none) and a key.
func user(s *inprocess.Server, name, document string) *inprocess.Client {
	s.Helper()
	s.Root.Do("iam:CreateUser", p{"UserName": name})
	if document != "" {
		s.Root.Do("iam:PutUserPolicy", p{"UserName": name, "PolicyName": "p", "PolicyDocument": document})
	}
	return s.Client(s.Root.Do("iam:CreateAccessKey", p{"UserName": name}).Credentials())
}

// role makes a role with a trust policy and one inline policy.
func role(s *inprocess.Server, name, trust, document string) string {
	s.Helper()
	s.Root.Do("iam:CreateRole", p{"RoleName": name, "AssumeRolePolicyDocument": trust})
	if document != "" {
		s.Root.Do("iam:PutRolePolicy", p{"RoleName": name, "PolicyName": "p", "PolicyDocument": document})
	}
	return iamARN + "role/" + name
}

// session is a client with a session of a role.
func session(c *inprocess.Client, s *inprocess.Server, roleARN string, in p) *inprocess.Client {
	s.Helper()
	all := p{"RoleArn": roleARN, "RoleSessionName": "s1"}
	for k, v := range in {
		all[k] = v
	}
	return s.Client(c.Do("sts:AssumeRole", all).Credentials())
}

// secondAccount makes another account and returns its id and administrator.
func secondAccount(s *inprocess.Server) (id string, admin *inprocess.Client) {
	s.Helper()
	reply := s.Admin.Do("sallyport:CreateAccount", p{"Email": "root@example.org", "Name": "AnyCompany"})
	return reply.Text("Id"), s.Client(sigv4.Credentials{
		AccessKeyID: reply.Text("AccessKeyId"), SecretAccessKey: sigv4.Secret(reply.Text("SecretAccessKey")),
	})
}

// TestAttack09RestrictedSession: what a session policy or a boundary leaves out
// can't be had back through what the session makes.
func TestAttack09RestrictedSession(t *testing.T) {
	s := inprocess.New(t)
	everything := allow("*", "*")
	roleARN := role(s, "admin-role", trusting(iamARN+"user/admin", ""), everything)
	readers := allow("iam:Get*", "*")
	for name, in := range map[string]p{
		"inline":  {"Policy": readers},
		"managed": {"PolicyArns.member.1.arn": "arn:aws:iam::aws:policy/IAMReadOnlyAccess"},
		"both":    {"Policy": readers, "PolicyArns.member.1.arn": "arn:aws:iam::aws:policy/IAMReadOnlyAccess"},
	} {
		t.Run(name, func(t *testing.T) {
			c := session(s.Admin, s, roleARN, in)
			c.Do("iam:GetUser", p{"UserName": "admin"})
			c.Denied("iam:CreateUser", p{"UserName": "mallory"}, "iam:CreateUser")
			c.Denied("iam:CreateAccessKey", p{"UserName": "admin"}, "iam:CreateAccessKey")
			c.Denied("iam:PutRolePolicy", p{"RoleName": "admin-role", "PolicyName": "q", "PolicyDocument": everything}, "iam:PutRolePolicy")
			c.Denied("iam:CreateRole", p{"RoleName": "mallory", "AssumeRolePolicyDocument": trusting(account, "")}, "iam:CreateRole")
			c.Denied("sts:AssumeRole", p{"RoleArn": roleARN, "RoleSessionName": "again"}, "sts:AssumeRole")
			c.Refused("sts:GetSessionToken", nil, 403, "AccessDenied")
		})
	}
	t.Run("boundary", func(t *testing.T) {
		alice := user(s, "alice", everything)
		s.Root.Do("iam:PutUserPermissionsBoundary", p{"UserName": "alice", "PermissionsBoundary": "arn:aws:iam::aws:policy/IAMReadOnlyAccess"})
		alice.Do("iam:ListUsers", nil)
		alice.Denied("iam:DeleteUserPermissionsBoundary", p{"UserName": "alice"}, "iam:DeleteUserPermissionsBoundary")
		alice.Denied("iam:CreateAccessKey", nil, "iam:CreateAccessKey")
		alice.Denied("iam:CreateRole", p{"RoleName": "mallory", "AssumeRolePolicyDocument": trusting(account, "")}, "iam:CreateRole")
		temporary := s.Client(alice.Do("sts:GetSessionToken", nil).Credentials())
		temporary.Refused("iam:ListUsers", nil, 403, "InvalidClientTokenId")
		temporary.Denied("sallyport:CreateAccount", p{"Email": "m@example.com", "Name": "m"}, "sallyport:CreateAccount")
	})
	t.Run("session policy deleted", func(t *testing.T) {
		arn := s.Root.Do("iam:CreatePolicy", p{"PolicyName": "guard", "PolicyDocument": statement(`"Effect":"Deny","Action":"iam:CreateUser","Resource":"*"`)}).Text("Arn")
		c := session(s.Admin, s, roleARN, p{"Policy": everything, "PolicyArns.member.1.arn": arn})
		c.Do("iam:ListUsers", nil)
		s.Root.Do("iam:DeletePolicy", p{"PolicyArn": arn})
		c.Denied("iam:CreateUser", p{"UserName": "mallory"}, "iam:CreateUser")
	})
}

// TestAttack10CrossAccount: another account's principals need both sides, and
// see nothing of this account by being administrators of theirs.
func TestAttack10CrossAccount(t *testing.T) {
	s := inprocess.New(t)
	other, otherAdmin := secondAccount(s)
	// Operations take the account from the caller; another's ARN is not theirs.
	otherAdmin.Denied("sallyport:CreateAccount", p{"Email": "x@example.com", "Name": "x"}, "sallyport:CreateAccount")
	otherAdmin.Refused("sallyport:Evaluate", p{"PrincipalArn": iamARN + "user/admin", "Action": "s3:GetObject"}, 400, "NoSuchEntityException")
	otherAdmin.Refused("iam:GetAccessKeyLastUsed", p{"AccessKeyId": s.Root.Do("iam:CreateAccessKey", p{"UserName": "admin"}).Text("AccessKeyId")}, 403, "AccessDenied")
	policyARN := s.Root.Do("iam:CreatePolicy", p{"PolicyName": "secret", "PolicyDocument": allow("*", "*")}).Text("Arn")
	for _, call := range []string{"iam:GetPolicy", "iam:ListPolicyVersions", "iam:DeletePolicy"} {
		if reply := otherAdmin.Call(call, p{"PolicyArn": policyARN}); reply.Status == 200 {
			t.Errorf("%s of another account's policy: %s", call, reply.Body)
		}
	}
	// One side alone does not open a role.
	deploy := role(s, "deploy", trusting(account, ""), allow("iam:ListUsers", "*"))
	otherAdmin.Denied("sts:AssumeRole", p{"RoleArn": deploy, "RoleSessionName": "s1"}, "sts:AssumeRole")
	s.Root.Do("iam:UpdateAssumeRolePolicy", p{"RoleName": "deploy", "PolicyDocument": trusting(other, "")})
	otherAdmin.Do("iam:CreateUser", p{"UserName": "bob"})
	bob := s.Client(otherAdmin.Do("iam:CreateAccessKey", p{"UserName": "bob"}).Credentials())
	bob.Denied("sts:AssumeRole", p{"RoleArn": deploy, "RoleSessionName": "s1"}, "sts:AssumeRole")
	s.Root.Do("iam:UpdateAssumeRolePolicy", p{"RoleName": "deploy", "PolicyDocument": trusting("arn:aws:iam::"+other+":user/bob", "")})
	bob.Denied("sts:AssumeRole", p{"RoleArn": deploy, "RoleSessionName": "s1"}, "sts:AssumeRole")
	otherAdmin.Do("iam:PutUserPolicy", p{"UserName": "bob", "PolicyName": "p", "PolicyDocument": allow("sts:AssumeRole", deploy)})
	reply := bob.Do("sts:AssumeRole", p{"RoleArn": deploy, "RoleSessionName": "s1"})
	// The call is on record in both accounts, joined by one id.
	mine, theirs := s.RecordOf(reply, account), s.RecordOf(reply, other)
	if mine.SharedEventID == "" || mine.SharedEventID != theirs.SharedEventID || mine.EventID == theirs.EventID ||
		len(mine.Resources) != 1 || mine.Resources[0]["ARN"] != deploy {
		t.Errorf("records\n%s\n%s", mine.Raw, theirs.Raw)
	}
	// Within it the session is of the role's account and has the role's rights.
	c := s.Client(reply.Credentials())
	if got := c.Do("iam:ListUsers", nil).Body; strings.Contains(got, "bob") || !strings.Contains(got, "admin") {
		t.Errorf("the session lists %s", got)
	}
	// In the same account a user that the trust policy names needs nothing
	// else, and a denial of its own beats it.
	alice := user(s, "alice", "")
	s.Root.Do("iam:UpdateAssumeRolePolicy", p{"RoleName": "deploy", "PolicyDocument": trusting(iamARN+"user/alice", "")})
	alice.Do("sts:AssumeRole", p{"RoleArn": deploy, "RoleSessionName": "s1"})
	s.Root.Do("iam:PutUserPolicy", p{"UserName": "alice", "PolicyName": "p", "PolicyDocument": statement(`"Effect":"Deny","Action":"sts:*","Resource":"*"`)})
	alice.Denied("sts:AssumeRole", p{"RoleArn": deploy, "RoleSessionName": "s1"}, "sts:AssumeRole")
	s.Root.Refused("sts:AssumeRole", p{"RoleArn": deploy, "RoleSessionName": "s1"}, 403, "AccessDenied").
		WantMessage("Roles may not be assumed by root accounts.")
}

// TestAttack15Escalation: every way up that the served operations know needs
// its own action on its own resource; nothing that is near it will do.
func TestAttack15Escalation(t *testing.T) {
	everything := allow("*", "*")
	limits := iamARN + "policy/limits"
	for _, c := range []struct {
		call string
		in   p
	}{
		{"iam:CreatePolicyVersion", p{"PolicyArn": limits, "PolicyDocument": everything, "SetAsDefault": "true"}},
		{"iam:SetDefaultPolicyVersion", p{"PolicyArn": limits, "VersionId": "v1"}},
		{"iam:AttachUserPolicy", p{"UserName": "alice", "PolicyArn": "arn:aws:iam::aws:policy/AdministratorAccess"}},
		{"iam:AttachGroupPolicy", p{"GroupName": "staff", "PolicyArn": "arn:aws:iam::aws:policy/AdministratorAccess"}},
		{"iam:AttachRolePolicy", p{"RoleName": "worker", "PolicyArn": "arn:aws:iam::aws:policy/AdministratorAccess"}},
		{"iam:PutUserPolicy", p{"UserName": "alice", "PolicyName": "q", "PolicyDocument": everything}},
		{"iam:PutGroupPolicy", p{"GroupName": "staff", "PolicyName": "q", "PolicyDocument": everything}},
		{"iam:PutRolePolicy", p{"RoleName": "worker", "PolicyName": "q", "PolicyDocument": everything}},
		{"iam:AddUserToGroup", p{"GroupName": "admins", "UserName": "alice"}},
		{"iam:CreateAccessKey", p{"UserName": "admin"}},
		{"iam:UpdateAccessKey", p{"UserName": "admin", "AccessKeyId": inprocess.AdminKey, "Status": "Inactive"}},
		{"iam:DeleteLoginProfile", p{"UserName": "admin"}},
		{"iam:UpdateAssumeRolePolicy", p{"RoleName": "strong", "PolicyDocument": trusting(iamARN+"user/alice", "")}},
		{"sts:AssumeRole", p{"RoleArn": iamARN + "role/strong", "RoleSessionName": "s1"}},
		{"iam:CreateRole", p{"RoleName": "mallory", "AssumeRolePolicyDocument": trusting(account, "")}},
		{"iam:DeleteUserPermissionsBoundary", p{"UserName": "alice"}},
		{"iam:DeleteRolePermissionsBoundary", p{"RoleName": "worker"}},
		{"iam:PutUserPermissionsBoundary", p{"UserName": "alice", "PermissionsBoundary": "arn:aws:iam::aws:policy/AdministratorAccess"}},
		{"iam:TagUser", p{"UserName": "alice", "Tags.member.1.Key": "team", "Tags.member.1.Value": "admins"}},
		{"iam:TagRole", p{"RoleName": "worker", "Tags.member.1.Key": "team", "Tags.member.1.Value": "admins"}},
		{"iam:DetachUserPolicy", p{"UserName": "alice", "PolicyArn": limits}},
		{"iam:DeleteUserPolicy", p{"UserName": "alice", "PolicyName": "p"}},
		{"iam:UpdateUser", p{"UserName": "alice", "NewUserName": "root2"}},
		{"sallyport:CreateAccount", p{"Email": "mallory@example.com", "Name": "m"}},
	} {
		t.Run(c.call, func(t *testing.T) {
			t.Parallel()
			s := inprocess.New(t)
			s.Root.Do("iam:CreatePolicy", p{"PolicyName": "limits", "PolicyDocument": allow("s3:*", "*")})
			// Everything but this, and this on whatever is not in this account.
			alice := user(s, "alice", fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","NotAction":%q,"Resource":"*"},`+
				`{"Effect":"Allow","Action":%q,"Resource":"arn:aws:iam::444455556666:*"}]}`, c.call, c.call))
			s.Root.Do("iam:AttachUserPolicy", p{"UserName": "alice", "PolicyArn": limits})
			s.Root.Do("iam:PutUserPermissionsBoundary", p{"UserName": "alice", "PermissionsBoundary": "arn:aws:iam::aws:policy/AdministratorAccess"})
			for _, group := range []string{"staff", "admins"} {
				s.Root.Do("iam:CreateGroup", p{"GroupName": group})
			}
			s.Root.Do("iam:AddUserToGroup", p{"GroupName": "staff", "UserName": "alice"})
			role(s, "worker", trusting(account, ""), "")
			role(s, "strong", trusting(account, ""), everything)
			alice.Denied(c.call, c.in, c.call)
		})
	}
}

// TestAttack15TagsIntoGrants: tags passed on creation are seen by the
// conditions on the request, and a session's tags by those on its principal.
func TestAttack15TagsIntoGrants(t *testing.T) {
	s := inprocess.New(t)
	grant := `{"Version":"2012-10-17","Statement":[` +
		`{"Effect":"Allow","Action":"iam:ListUsers","Resource":"*","Condition":{"StringEquals":{"aws:PrincipalTag/team":"admins"}}},` +
		`{"Effect":"Allow","Action":"iam:TagUser","Resource":"*","Condition":{"StringNotEquals":{"aws:RequestTag/team":"admins"},"ForAllValues:StringEquals":{"aws:TagKeys":["team"]}}},` +
		`{"Effect":"Allow","Action":"sts:*","Resource":"*"}]}`
	alice := user(s, "alice", grant)
	alice.Denied("iam:ListUsers", nil, "iam:ListUsers")
	alice.Denied("iam:TagUser", p{"UserName": "alice", "Tags.member.1.Key": "team", "Tags.member.1.Value": "admins"}, "iam:TagUser")
	alice.Denied("iam:TagUser", p{"UserName": "alice", "Tags.member.1.Key": "TEAM", "Tags.member.1.Value": "admins"}, "iam:TagUser")
	alice.Do("iam:TagUser", p{"UserName": "alice", "Tags.member.1.Key": "team", "Tags.member.1.Value": "red"})
	alice.Denied("iam:ListUsers", nil, "iam:ListUsers")
	// A role that trusts without sts:TagSession gives no tags.
	untagged := role(s, "untagged", statement(`"Effect":"Allow","Principal":{"AWS":"`+account+`"},"Action":"sts:AssumeRole"`), grant)
	alice.Denied("sts:AssumeRole", p{"RoleArn": untagged, "RoleSessionName": "s1", "Tags.member.1.Key": "team", "Tags.member.1.Value": "admins"}, "sts:TagSession")
	session(alice, s, untagged, nil).Denied("iam:ListUsers", nil, "iam:ListUsers")
	tagged := role(s, "tagged", trusting(account, `{"StringEqualsIfExists":{"aws:RequestTag/team":"red"}}`), grant)
	alice.Denied("sts:AssumeRole", p{"RoleArn": tagged, "RoleSessionName": "s1", "Tags.member.1.Key": "team", "Tags.member.1.Value": "admins"}, "sts:AssumeRole")
	session(alice, s, tagged, p{"Tags.member.1.Key": "team", "Tags.member.1.Value": "red"}).Denied("iam:ListUsers", nil, "iam:ListUsers")
}

// TestAttack21ConfusedDeputy: ExternalId missing, empty or another's; a chained
// session is no longer than an hour and keeps what it inherited.
func TestAttack21ConfusedDeputy(t *testing.T) {
	s := inprocess.New(t)
	other, deputy := secondAccount(s)
	guarded := role(s, "guarded", trusting(other, `{"StringEquals":{"sts:ExternalId":"tenant-1"}}`), "")
	in := p{"RoleArn": guarded, "RoleSessionName": "s1"}
	with := func(id string) p { return p{"RoleArn": guarded, "RoleSessionName": "s1", "ExternalId": id} }
	deputy.Denied("sts:AssumeRole", in, "sts:AssumeRole")
	deputy.Refused("sts:AssumeRole", with(""), 400, "ValidationError")
	deputy.Denied("sts:AssumeRole", with("tenant-2"), "sts:AssumeRole")
	deputy.Denied("sts:AssumeRole", with("TENANT-1"), "sts:AssumeRole")
	deputy.Refused("sts:AssumeRole", with("tenant-*?"), 400, "ValidationError")
	deputy.Do("sts:AssumeRole", with("tenant-1"))

	hop := func(name string) string {
		arn := role(s, name, trusting(account, ""), allow("sts:*", "*"))
		s.Root.Do("iam:UpdateRole", p{"RoleName": name, "MaxSessionDuration": "43200"})
		return arn
	}
	first, second := hop("first"), hop("second")
	alice := user(s, "alice", allow("sts:*", "*"))
	one := session(alice, s, first, p{"DurationSeconds": "43200", "SourceIdentity": "alice",
		"Tags.member.1.Key": "team", "Tags.member.1.Value": "red", "TransitiveTagKeys.member.1": "team"})
	next := p{"RoleArn": second, "RoleSessionName": "s2"}
	add := func(pairs ...string) p {
		out := p{}
		for k, v := range next {
			out[k] = v
		}
		for i := 0; i < len(pairs); i += 2 {
			out[pairs[i]] = pairs[i+1]
		}
		return out
	}
	one.Refused("sts:AssumeRole", add("DurationSeconds", "3601"), 400, "ValidationError").
		WantMessage("The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.")
	one.Refused("sts:AssumeRole", add("SourceIdentity", "bob"), 400, "InvalidParameterValue")
	one.Refused("sts:AssumeRole", add("Tags.member.1.Key", "Team", "Tags.member.1.Value", "blue"), 400, "InvalidParameterValue")
	reply := one.Do("sts:AssumeRole", add("DurationSeconds", "3600"))
	if got := reply.Text("SourceIdentity"); got != "alice" {
		t.Errorf("the chained session's source identity is %q", got)
	}
	if at, err := time.Parse(time.RFC3339, reply.Text("Expiration")); err != nil || !at.Equal(s.Now().Add(time.Hour)) {
		t.Errorf("the chained session expires at %s", reply.Text("Expiration"))
	}
	// The chained session is still the tagged one.
	s.Root.Do("iam:PutRolePolicy", p{"RoleName": "second", "PolicyName": "p", "PolicyDocument": statement(
		`"Effect":"Allow","Action":"iam:ListUsers","Resource":"*","Condition":{"StringEquals":{"aws:PrincipalTag/team":"red","aws:SourceIdentity":"alice"}}`)})
	two := s.Client(reply.Credentials())
	two.Do("iam:ListUsers", nil)
	session(alice, s, second, nil).Denied("iam:ListUsers", nil, "iam:ListUsers")
	s.Advance(time.Hour)
	two.Refused("iam:ListUsers", nil, 403, "ExpiredToken")
}

// TestAttack24RecreatedPrincipal: one made anew under an old name has another
// id and none of the old grants: no policy, no group, no key, no trust.
func TestAttack24RecreatedPrincipal(t *testing.T) {
	s := inprocess.New(t)
	alice := user(s, "alice", allow("*", "*"))
	id := s.Root.Do("iam:GetUser", p{"UserName": "alice"}).Text("UserId")
	trusted := role(s, "trusted", trusting(iamARN+"user/alice", ""), allow("*", "*"))
	worker := role(s, "worker", trusting(account, ""), allow("sts:*", "*"))
	byRole := role(s, "by-role", trusting(worker, ""), allow("*", "*"))
	old := session(alice, s, worker, nil)
	old.Do("sts:AssumeRole", p{"RoleArn": byRole, "RoleSessionName": "s1"})
	userSession := s.Client(alice.Do("sts:GetSessionToken", nil).Credentials())

	key := alice.Credentials.AccessKeyID
	s.Root.Do("iam:DeleteUserPolicy", p{"UserName": "alice", "PolicyName": "p"})
	s.Root.Do("iam:DeleteAccessKey", p{"UserName": "alice", "AccessKeyId": key})
	s.Root.Do("iam:DeleteUser", p{"UserName": "alice"})
	s.Root.Do("iam:DeleteRolePolicy", p{"RoleName": "worker", "PolicyName": "p"})
	s.Root.Do("iam:DeleteRole", p{"RoleName": "worker"})
	again := user(s, "alice", "")
	role(s, "worker", trusting(account, ""), allow("sts:*", "*"))
	if now := s.Root.Do("iam:GetUser", p{"UserName": "alice"}).Text("UserId"); now == id {
		t.Errorf("alice made anew is %s again", now)
	}
	for name, c := range map[string]*inprocess.Client{"old key": alice, "old session of the user": userSession, "old session of the role": old} {
		t.Run(name, func(t *testing.T) { c.Refused("sts:GetCallerIdentity", nil, 403, "InvalidClientTokenId") })
	}
	again.Denied("iam:ListUsers", nil, "iam:ListUsers")
	again.Denied("sts:AssumeRole", p{"RoleArn": trusted, "RoleSessionName": "s1"}, "sts:AssumeRole")
	s.Root.Do("iam:PutUserPolicy", p{"UserName": "alice", "PolicyName": "p", "PolicyDocument": allow("sts:*", "*")})
	again.Denied("sts:AssumeRole", p{"RoleArn": trusted, "RoleSessionName": "s1"}, "sts:AssumeRole")
	session(again, s, iamARN+"role/worker", nil).Denied("sts:AssumeRole", p{"RoleArn": byRole, "RoleSessionName": "s1"}, "sts:AssumeRole")
	if _, ok := s.App.State().View(state.AccountStream(account)); !ok {
		t.Error("the account is gone")
	}
}
