package roles_test

import (
	"testing"

	"sallyport/internal/api/iamapi"
	"sallyport/internal/iam"
	"sallyport/internal/iam/iamtest"
	"sallyport/internal/iam/roles"
	"sallyport/internal/operation"
	"sallyport/internal/state"
	"sallyport/policy"
	"sallyport/policy/condition"
)

// trusts reports whether the role's trust policy, as it is decided on, lets the
// caller assume it.
func trusts(f *iamtest.Fixture, name string, caller *operation.Caller) bool {
	f.Helper()
	role, err := iam.FindRole(f.View(), name)
	if err != nil {
		f.Fatal(err)
	}
	doc, err := policy.Parse([]byte(role.TrustDocument()))
	if err != nil {
		f.Fatal(err)
	}
	compiled, err := policy.Compile(doc, policy.Ref{})
	if err != nil {
		f.Fatal(err)
	}
	m := policy.NewSet(compiled).EvalResource(&policy.Request{
		Principal: caller.Principal, Action: "sts:AssumeRole", Resource: iam.RoleARN(iamtest.Account, role), Context: condition.Map{},
	})
	return m.Effect == policy.Allow
}

// Line 24: a user or role created again under a trusted name has none of the
// trust, neither by itself nor through a session.
func TestAttack24RecreatedPrincipal(t *testing.T) {
	f := fixture(t)
	oldUser := f.AddUser("alice")
	create(f, &iamapi.CreateRoleRequest{RoleName: new("builder"), Path: new("/ci/")})
	oldRole, err := iam.FindRole(f.View(), "builder")
	if err != nil {
		t.Fatal(err)
	}
	create(f, &iamapi.CreateRoleRequest{RoleName: new("target"), AssumeRolePolicyDocument: new(trusting(f.ARN("user/alice"), f.ARN("role/ci/builder")))})
	session := "arn:aws:sts::" + iamtest.Account + ":assumed-role/builder/nightly"
	create(f, &iamapi.CreateRoleRequest{RoleName: new("nightly"), AssumeRolePolicyDocument: new(trusting(session))})

	user := iam.UserCaller(iamtest.Account, oldUser)
	builder := iam.RoleCaller(iamtest.Account, oldRole, "nightly")
	if !trusts(f, "target", user) || !trusts(f, "target", builder) || !trusts(f, "nightly", builder) {
		t.Fatal("the principals are not trusted while they exist")
	}
	if trusts(f, "nightly", iam.RoleCaller(iamtest.Account, oldRole, "daily")) || trusts(f, "nightly", user) {
		t.Error("the trust in one session goes to others")
	}
	if mallory := f.AddUser("mallory"); trusts(f, "target", iam.UserCaller(iamtest.Account, mallory)) {
		t.Error("a user who is not named is trusted")
	}

	f.Change(func(tx *state.Tx) error { iam.Users.Delete(tx, oldUser.ID); return nil })
	iamtest.Do[iamapi.DeleteRoleResponse](f, f.Root(), "DeleteRole", &iamapi.DeleteRoleRequest{RoleName: new("builder")})
	newUser := f.AddUser("alice")
	create(f, &iamapi.CreateRoleRequest{RoleName: new("builder"), Path: new("/ci/")})
	newRole, err := iam.FindRole(f.View(), "builder")
	if err != nil {
		t.Fatal(err)
	}
	if again := iam.UserCaller(iamtest.Account, newUser); trusts(f, "target", again) {
		t.Error("the user created again is trusted")
	}
	if again := iam.RoleCaller(iamtest.Account, newRole, "nightly"); trusts(f, "target", again) || trusts(f, "nightly", again) {
		t.Error("the role created again is trusted")
	}
	// Only writing the policy anew trusts the new principal.
	iamtest.Do[iamapi.UpdateAssumeRolePolicyResponse](f, f.Root(), "UpdateAssumeRolePolicy",
		&iamapi.UpdateAssumeRolePolicyRequest{RoleName: new("target"), PolicyDocument: new(trusting(f.ARN("user/alice")))})
	if !trusts(f, "target", iam.UserCaller(iamtest.Account, newUser)) {
		t.Error("the user created again is not trusted by a new policy")
	}
	if trusts(f, "target", user) {
		t.Error("the user that was deleted is trusted by a new policy")
	}
}

// FuzzTrust stores whatever trust policies are accepted: each must compile, be
// shown as submitted, and name nobody by an ARN that another could come to have.
func FuzzTrust(f *testing.F) {
	fx := iamtest.New(f, roles.Operations)
	fx.AddUser("alice")
	view, alice := fx.View(), fx.ARN("user/alice")
	for _, seed := range []string{
		ec2, trusting(alice), trusting("*", iamtest.Account, alice), trusting(iam.RootARN(iamtest.OtherAccount)),
		`{"Statement":{"Effect":"Deny","Principal":{"AWS":"arn:aws:iam::111122223333:user\/alice","Service":["ec2.amazonaws.com"]},"Action":"sts:*"}}`,
		`{"Version":"2012-10-17","Statement":[{"Sid":"` + "\\u0041" + `","Effect":"Allow","Principal":{"AWS":"\u0061rn:aws:iam::111122223333:user/alice"},"Action":["sts:AssumeRole"],"Condition":{"StringEquals":{"aws:username":"arn:aws:iam::111122223333:user/alice"}}}]}`,
		`{"Statement":[]}`, `{`, ``,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, document string) {
		role, err := roles.NewTrust(fx.Env, iamtest.Account, view, document)
		if err != nil {
			return
		}
		doc, err := policy.Parse([]byte(role.TrustDocument()))
		if err != nil {
			t.Fatalf("%q is decided on as %q: %v", document, role.TrustDocument(), err)
		}
		if _, err := policy.Compile(doc, policy.Ref{}); err != nil {
			t.Fatalf("%q does not compile: %v", document, err)
		}
		iam.EachPrincipal(doc, func(kind string, p policy.Item) {
			if kind == iam.PrincipalAWS && p.Text == alice {
				t.Fatalf("%q trusts %s by name", document, p.Text)
			}
		})
		if shown := roles.ShownTrust(fx.Env, iamtest.Account, view, role); shown != document {
			t.Fatalf("%q is shown as %q", document, shown)
		}
	})
}
