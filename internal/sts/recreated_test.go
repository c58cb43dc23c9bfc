package sts

import (
	"testing"

	"sallyport/internal/api/iamapi"
	"sallyport/internal/api/stsapi"
	"sallyport/internal/iam"
	"sallyport/internal/iam/iamtest"
	"sallyport/internal/iam/roles"
	"sallyport/internal/ident"
	"sallyport/internal/operation"
	"sallyport/internal/state"
)

// withoutFactor proves nothing.
type withoutFactor struct{}

func (withoutFactor) Prove(*operation.Call, state.Reader, *string, *string) (string, error) {
	return "", nil
}

// TestAttack24RoleMadeAnewMeanwhile: between the decision and the credentials the
// role is deleted and another one is made under its name, which trusts nobody of the
// callers of the first.
func TestAttack24RoleMadeAnewMeanwhile(t *testing.T) {
	f := iamtest.New(t, roles.Operations)
	make := func(trusted string) string {
		document := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"` + trusted + `"},"Action":"sts:AssumeRole"}]}`
		out := iamtest.Do[iamapi.CreateRoleResponse](f, f.Root(), "CreateRole",
			&iamapi.CreateRoleRequest{RoleName: new("deploy"), AssumeRolePolicyDocument: &document})
		return *out.Role.RoleId
	}
	f.AddUser("alice")
	old := make(iamtest.Account)
	tokens := tokens(t)
	s := New(Config{Tokens: tokens, Ident: ident.New(nil), MFA: withoutFactor{}, Accounts: f.Env.Accounts})
	in := &stsapi.AssumeRoleRequest{RoleArn: new(f.ARN("role/deploy")), RoleSessionName: new("session")}
	call := &operation.Call{Context: t.Context(), Op: stsapi.OpAssumeRole, Caller: f.As("alice"), Now: iamtest.Start}
	view := f.View()
	checks, err := s.authorizeAssumeRole(call, view, in)
	if err != nil || len(checks) != 1 || checks[0].Refused {
		t.Fatalf("checks %v, %v", checks, err)
	}

	iamtest.Do[iamapi.DeleteRoleResponse](f, f.Root(), "DeleteRole", &iamapi.DeleteRoleRequest{RoleName: new("deploy")})
	made := make(iamtest.OtherAccount)

	out, err := s.assumeRole(call, view, in)
	if err != nil {
		t.Fatal(err)
	}
	token, err := tokens.Open(*out.Credentials.AccessKeyId, *out.Credentials.SessionToken)
	if err != nil {
		t.Fatal(err)
	}
	if token.EntityID == made {
		t.Error("the session is of the new role")
	}
	if token.EntityID != old {
		t.Errorf("the session is of %s, not of the role %s that was asked about", token.EntityID, old)
	}
	if iam.Roles.Has(f.View(), token.EntityID) {
		t.Error("the session's role is there still")
	}
}
