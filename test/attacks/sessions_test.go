package attacks

import (
	"strings"
	"testing"

	"sallyport/sigv4"
	"sallyport/test/inprocess"
)

const iamARN = "arn:aws:iam::" + account + ":"

// allow is a policy document that allows one action on one resource.
func allow(action, resource string) string {
	return statement(`"Effect":"Allow","Action":"` + action + `","Resource":"` + resource + `"`)
}

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

// TestAttack09SessionPolicyDeleted: a managed policy of a session that is
// deleted takes its denials with it, so the session is left with nothing.
func TestAttack09SessionPolicyDeleted(t *testing.T) {
	s := inprocess.New(t)
	roleARN := role(s, "admin-role", trusting(iamARN+"user/admin", ""), allowAll)
	arn := s.Root.Do("iam:CreatePolicy", p{"PolicyName": "guard", "PolicyDocument": statement(`"Effect":"Deny","Action":"iam:CreateUser","Resource":"*"`)}).Text("Arn")
	c := session(s.Admin, s, roleARN, p{"Policy": allowAll, "PolicyArns.member.1.arn": arn})
	c.Do("iam:ListUsers", nil)
	c.Denied("iam:CreateUser", p{"UserName": "mallory"}, "iam:CreateUser")
	s.Root.Do("iam:DeletePolicy", p{"PolicyArn": arn})
	c.Denied("iam:CreateUser", p{"UserName": "mallory"}, "iam:CreateUser")
	c.Denied("iam:ListUsers", nil, "iam:ListUsers")
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
