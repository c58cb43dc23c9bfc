package authorize

import (
	"fmt"
	"strings"
	"testing"

	"sallyport/test/inprocess"
)

const (
	administrator = "arn:aws:iam::aws:policy/AdministratorAccess"
	listsUsers    = "iam:ListUsers"
)

// policyOf is a policy of statements, each in JSON.
func policyOf(statements ...string) string {
	return `{"Version":"2012-10-17","Statement":[` + strings.Join(statements, ",") + `]}`
}

// allow is a statement; conditions are members of its Condition element.
func allow(actions, resource string, conditions ...string) string {
	return statement("Allow", actions, resource, conditions)
}

func deny(actions, resource string, conditions ...string) string {
	return statement("Deny", actions, resource, conditions)
}

// statement takes several actions apart at blanks.
func statement(effect, actions, resource string, conditions []string) string {
	return fmt.Sprintf(`{"Effect":%q,"Action":["%s"],"Resource":%q,"Condition":{%s}}`,
		effect, strings.Join(strings.Fields(actions), `","`), resource, strings.Join(conditions, ","))
}

// trusting is a trust policy for whatever STS does of a principal of type AWS.
func trusting(principal string, conditions ...string) string {
	return policyOf(fmt.Sprintf(`{"Effect":"Allow","Principal":{"AWS":%q},"Action":["sts:AssumeRole","sts:TagSession","sts:SetSourceIdentity"],"Condition":{%s}}`,
		principal, strings.Join(conditions, ",")))
}

// user makes a user with these statements as its inline policy.
func user(admin, signs *inprocess.Client, s *inprocess.Server, name string, statements ...string) *inprocess.Client {
	admin.Do("iam:CreateUser", p{"UserName": name})
	if len(statements) > 0 {
		admin.Do("iam:PutUserPolicy", p{"UserName": name, "PolicyName": "own", "PolicyDocument": policyOf(statements...)})
	}
	return s.Client(signs.Do("iam:CreateAccessKey", p{"UserName": name}).Credentials())
}

// member makes a user of the first account.
func member(s *inprocess.Server, name string, statements ...string) *inprocess.Client {
	return user(s.Root, s.Root, s, name, statements...)
}

// role makes a role of the first account and returns its ARN.
func role(s *inprocess.Server, name, trust string, statements ...string) string {
	s.Root.Do("iam:CreateRole", p{"RoleName": name, "AssumeRolePolicyDocument": trust, "MaxSessionDuration": "43200"})
	if len(statements) > 0 {
		s.Root.Do("iam:PutRolePolicy", p{"RoleName": name, "PolicyName": "own", "PolicyDocument": policyOf(statements...)})
	}
	return iamARN + "role/" + name
}

// assume makes a session of a role, with further parameters in pairs.
func assume(s *inprocess.Server, c *inprocess.Client, roleARN, session string, pairs ...string) *inprocess.Client {
	return s.Client(c.Do("sts:AssumeRole", with(p{"RoleArn": roleARN, "RoleSessionName": session}, pairs...)).Credentials())
}

// account makes another account and returns its id and administrator.
func account(s *inprocess.Server, email string) (id string, admin *inprocess.Client) {
	reply := s.Root.Do("sallyport:CreateAccount", p{"Email": email, "Name": "AnyCompany"})
	return reply.Text("Id"), s.Client(reply.Credentials())
}

// onRecord holds the record of a refused call to what was refused, and whom.
func onRecord(t *testing.T, s *inprocess.Server, r *inprocess.Reply, event, userName string) {
	t.Helper()
	record := s.RecordOf(r, inprocess.Account)
	if record.EventName != event || record.ErrorCode != r.Code || record.UserIdentity["userName"] != userName {
		t.Errorf("%s of %s is on record as %s", event, userName, record.Raw)
	}
}
