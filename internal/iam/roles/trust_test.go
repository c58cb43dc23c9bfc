package roles_test

import (
	"strings"
	"testing"

	"sallyport/internal/api/iamapi"
	"sallyport/internal/iam"
	"sallyport/internal/iam/iamtest"
	"sallyport/internal/state"
)

// Rows iam-061 to iam-080, by id: the trust policies that CreateRole refuses
// and accepts. The statement is the row's change to a minimal one.
func TestTrustPolicyRows(t *testing.T) {
	f := fixture(t)
	statement := func(members string) string {
		return `{"Version":"2012-10-17","Statement":[{` + members + `}]}`
	}
	const (
		allow  = `"Effect":"Allow",`
		action = `"Action":"sts:AssumeRole"`
		ec2    = `"Principal":{"Service":"ec2.amazonaws.com"},`
	)
	for row, tt := range map[string]struct{ document, want string }{
		"iam-061": {statement(allow + ec2 + `"Resource":"*",` + action), "Has prohibited field Resource"},
		"iam-062": {statement(allow + ec2 + `"NotResource":"*",` + action), "AssumeRole policy must not contain resources."},
		"iam-063": {statement(allow + `"Principal":"*",` + action), `AssumeRolepolicy contained an invalid principal: "STAR":"*".`},
		"iam-064": {statement(allow + ec2 + `"Action":"s3:GetObject"`), "AssumeRole policy may only specify STS AssumeRole actions."},
		"iam-065": {statement(allow + `"Principal":{"Service":"nope.amazonaws.com"},` + action), `Invalid principal in policy: "SERVICE":"nope.amazonaws.com"`},
		"iam-066": {statement(allow + `"Principal":{"AWS":"` + f.ARN("role/admin") + `"},` + action), `Invalid principal in policy: "AWS":"` + f.ARN("role/admin") + `"`},
		"iam-068": {statement(allow + action), "Missing required field Principal"},
		"iam-069": {statement(allow + `"Principal":{},` + action), "Missing required field Principal cannot be empty!"},
		"iam-070": {statement(`"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"}`), "Missing required field Action"},
		"iam-071": {statement(ec2 + action), "Missing required field Effect"},
		"iam-072": {statement(`"Effect":"Maybe",` + ec2 + action), "Invalid effect: Maybe"},
		"iam-073": {strings.Replace(statement(allow+ec2+action), "2012-10-17", "2020-01-01", 1), "The policy must contain a valid version string"},
		"iam-074": {`{"Version":"2012-10-17","Statement":[]}`, "Could not parse the policy: Statement is empty!"},
		"iam-075": {`{"Version":"2012-10-17","Statement":[{"Sid":"Dup",` + allow + ec2 + action + `},{"Sid":"Dup",` + allow + ec2 + action + `}]}`, "The Statement Ids in the policy are not unique"},
		"iam-076": {statement(allow + `"NotPrincipal":{"AWS":"*"},` + action), "Allow with NotPrincipal is not allowed."},
		"iam-077": {statement(`"Effect":"Deny","NotPrincipal":{"AWS":"*"},` + action), "AssumeRole policy must not contain NotPrincipal field."},
		"iam-078": {statement(allow + ec2 + `"Condition":{"FooBar":{"k":"v"}},` + action), "Syntax error in policy."},
		"iam-079": {statement(allow + `"Principal":{"Federated":"cognito-identity.amazonaws.com"},"Action":"sts:AssumeRoleWithWebIdentity"`), "A condition block must be present for the Cognito provider"},

		"iam-080 no version":     {`{"Statement":{` + allow + ec2 + action + `}}`, ""},
		"iam-080 any sts action": {statement(allow + ec2 + `"Action":["sts:AssumeRole","sts:TagSession"]`), ""},
		"iam-080 everyone":       {statement(allow + `"Principal":{"AWS":"*"},` + action), ""},
		"iam-080 list":           {statement(allow + `"Principal":{"AWS":["` + iamtest.Account + `","` + iam.RootARN(iamtest.OtherAccount) + `"]},` + action), ""},
	} {
		iamtest.WantEqual(t, row, tt.want, refused(f, tt.document))
	}
}

// Every principal must exist, whatever account it is of, and under exactly the
// ARN it is named by.
func TestTrustPrincipals(t *testing.T) {
	f := fixture(t)
	f.AddUser("alice")
	f.AddGroup("devops")
	create(f, &iamapi.CreateRoleRequest{RoleName: new("builder"), Path: new("/ci/")})
	f.ChangeIn(iamtest.OtherAccount, func(tx *state.Tx) error {
		iam.Users.Put(tx, "AIDABOB", &iam.User{ID: "AIDABOB", Name: "bob", Path: "/x/"})
		return nil
	})
	alice, err := iam.FindUser(f.View(), "alice")
	if err != nil {
		t.Fatal(err)
	}
	builder, err := iam.FindRole(f.View(), "builder")
	if err != nil {
		t.Fatal(err)
	}
	const other, nowhere = iamtest.OtherAccount, "999999999999"
	sts := "arn:aws:sts::" + iamtest.Account
	for _, p := range []string{
		"*", iamtest.Account, other, iam.RootARN(iamtest.Account), iam.RootARN(other),
		f.ARN("user/alice"), f.ARN("role/ci/builder"), "arn:aws:iam::" + other + ":user/x/bob",
		sts + ":assumed-role/builder/session", sts + ":federated-user/carol",
		alice.ID, builder.ID,
	} {
		if got := refused(f, trusting(p)); got != "" {
			t.Errorf("%s: %s", p, got)
		}
	}
	for _, p := range []string{
		nowhere, iam.RootARN(nowhere), "arn:aws:iam::" + nowhere + ":user/alice",
		f.ARN("user/Alice"), f.ARN("user/x/alice"), f.ARN("user/nobody"), f.ARN("user/*"), f.ARN("user/alice*"),
		f.ARN("role/builder"), f.ARN("role/ci/Builder"), f.ARN("group/devops"), f.ARN("policy/p"),
		"arn:aws:iam::" + other + ":user/bob", "arn:aws:iam::" + other + ":user/alice",
		sts + ":assumed-role/nobody/session", sts + ":assumed-role/builder/*", sts + ":assumed-role/builder",
		"arn:aws-cn:iam::" + iamtest.Account + ":user/alice", "arn:aws:s3:::bucket",
		f.ARN("saml-provider/adfs"), "ec2.amazonaws.com",
		"AIDABOB", "AIDAAAAAAAAAAAAAAAAAA", "alice", "1111222233334", "",
	} {
		want := `Invalid principal in policy: "AWS":"` + p + `"`
		if got := refused(f, trusting("*", p)); got != want {
			t.Errorf("%q: %q, want %q", p, got, want)
		}
	}
}

func TestTrustFederated(t *testing.T) {
	f := fixture(t)
	trust := func(provider string) string {
		return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Federated":"` + provider +
			`"},"Action":"sts:AssumeRoleWithWebIdentity","Condition":{"StringEquals":{"cognito-identity.amazonaws.com:aud":"x"}}}]}`
	}
	const form, nowhere = "Federated principals must be valid domain names or SAML metadata ARNs", "arn:aws:iam::999999999999:oidc-provider/example.com"
	for provider, want := range map[string]string{
		"cognito-identity.amazonaws.com": "", "accounts.google.com": "", "graph.facebook.com": "", "www.amazon.com": "",
		f.ARN("saml-provider/adfs"): "", f.ARN("oidc-provider/example.com"): "", f.ARN("oidc-provider/example.com/a/b/"): "",
		"arn:aws:iam::" + iamtest.OtherAccount + ":oidc-provider/example.com": "",
		nowhere:                  `Invalid principal in policy: "FEDERATED":"` + nowhere + `"`,
		f.ARN("oidc-provider/*"): form, f.ARN("oidc-provider/"): form, f.ARN("user/alice"): form, "example.com": form, "https://example.com": form,
	} {
		if got := refused(f, trust(provider)); got != want {
			t.Errorf("%s: %q, want %q", provider, got, want)
		}
	}
}

// Trust in a provider that many organizations share says for whose tokens, when
// a role is created and when its trust is changed. Roles that are there already
// go on.
func TestTrustOfSharedProviders(t *testing.T) {
	f := fixture(t)
	trust := func(provider, condition string) string {
		return `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"Federated":"` + f.ARN("oidc-provider/"+provider) +
			`"},"Action":"sts:AssumeRoleWithWebIdentity","Condition":` + condition + `}}`
	}
	const aud = `{"StringEquals":{"token.actions.githubusercontent.com:aud":"sts.amazonaws.com"}}`
	const sub = `{"StringLike":{"token.actions.githubusercontent.com:sub":"repo:octo-org/*"}}`
	gitHub, own := trust("token.actions.githubusercontent.com", aud), trust("example.com", "{}")
	want := "The trust policy must evaluate the condition key token.actions.githubusercontent.com:sub for the shared OpenID Connect provider " +
		f.ARN("oidc-provider/token.actions.githubusercontent.com") + "."
	iamtest.WantEqual(t, "own", "", refused(f, own))
	iamtest.WantEqual(t, "audience only", want, refused(f, gitHub))
	iamtest.WantEqual(t, "subject", "", refused(f, trust("token.actions.githubusercontent.com", sub)))

	create(f, &iamapi.CreateRoleRequest{RoleName: new("r")})
	f.Fails(f.Root(), "UpdateAssumeRolePolicy", &iamapi.UpdateAssumeRolePolicyRequest{RoleName: new("r"), PolicyDocument: &gitHub}, "MalformedPolicyDocument", want)
}

// Row iam-058: the quota of trust policies, white space not counted.
func TestTrustSize(t *testing.T) {
	f := fixture(t)
	sized := func(n int) string {
		const open = `{"Version":"2012-10-17","Statement":[{"Sid":"`
		rest := strings.TrimPrefix(ec2, `{"Version":"2012-10-17","Statement":[{`)
		return open + strings.Repeat("x", n-len(open)-len(rest)-2) + `",` + "\n  " + rest
	}
	create(f, &iamapi.CreateRoleRequest{RoleName: new("r"), AssumeRolePolicyDocument: new(sized(2048))})
	const want = "Cannot exceed quota for ACLSizePerRole: 2048"
	f.Fails(f.Root(), "CreateRole", &iamapi.CreateRoleRequest{RoleName: new("q"), AssumeRolePolicyDocument: new(sized(2049))}, "LimitExceeded", want)
	f.Fails(f.Root(), "UpdateAssumeRolePolicy", &iamapi.UpdateAssumeRolePolicyRequest{RoleName: new("r"), PolicyDocument: new(sized(2049))}, "LimitExceeded", want)
}

func TestUpdateAssumeRolePolicy(t *testing.T) {
	f := fixture(t)
	u := f.AddUser("alice")
	create(f, &iamapi.CreateRoleRequest{RoleName: new("r"), AssumeRolePolicyDocument: new(trusting(f.ARN("user/alice")))})
	pins := func() map[string]string {
		role, err := iam.FindRole(f.View(), "r")
		if err != nil {
			t.Fatal(err)
		}
		return role.TrustPins
	}
	iamtest.WantEqual(t, "pins", map[string]string{f.ARN("user/alice"): u.ID}, pins())
	f.Fails(f.Root(), "UpdateAssumeRolePolicy", &iamapi.UpdateAssumeRolePolicyRequest{RoleName: new("r"), PolicyDocument: new("[]")},
		"MalformedPolicyDocument", "Syntax error in policy.")
	f.WantChecks(check(f, "iam:UpdateAssumeRolePolicy", "/", "r"))
	iamtest.Do[iamapi.UpdateAssumeRolePolicyResponse](f, f.Root(), "UpdateAssumeRolePolicy",
		&iamapi.UpdateAssumeRolePolicyRequest{RoleName: new("r"), PolicyDocument: new(" " + ec2)})
	iamtest.WantEqual(t, "trust", " "+ec2, shownTrust(f, "r"))
	iamtest.WantEqual(t, "pins", nil, pins())
	// A role can trust itself once it is there.
	iamtest.Do[iamapi.UpdateAssumeRolePolicyResponse](f, f.Root(), "UpdateAssumeRolePolicy",
		&iamapi.UpdateAssumeRolePolicyRequest{RoleName: new("r"), PolicyDocument: new(trusting(f.ARN("role/r")))})
	iamtest.WantEqual(t, "pins", 1, len(pins()))
}

// Row iam-081: a principal that was deleted is shown by its unique id, also
// after another was created under its name, and can't be written back.
func TestShownTrust(t *testing.T) {
	f := fixture(t)
	create(f, &iamapi.CreateRoleRequest{RoleName: new("builder"), Path: new("/ci/")})
	builder, err := iam.FindRole(f.View(), "builder")
	if err != nil {
		t.Fatal(err)
	}
	u := f.AddUser("alice")
	f.ChangeIn(iamtest.OtherAccount, func(tx *state.Tx) error {
		iam.Users.Put(tx, "AIDABOB", &iam.User{ID: "AIDABOB", Name: "bob", Path: "/"})
		return nil
	})
	alice, bob := f.ARN("user/alice"), "arn:aws:iam::"+iamtest.OtherAccount+":user/bob"
	session := "arn:aws:sts::" + iamtest.Account + ":assumed-role/builder/nightly"
	submitted := trusting(alice, iamtest.Account, f.ARN("role/ci/builder"), bob, session)
	create(f, &iamapi.CreateRoleRequest{RoleName: new("r"), AssumeRolePolicyDocument: new(submitted)})
	iamtest.WantEqual(t, "trust", submitted, shownTrust(f, "r"))
	role, err := iam.FindRole(f.View(), "r")
	if err != nil {
		t.Fatal(err)
	}
	iamtest.WantEqual(t, "pins", map[string]string{
		alice: u.ID, bob: "AIDABOB", f.ARN("role/ci/builder"): builder.ID, session: builder.ID + ":nightly",
	}, role.TrustPins)

	// A renamed principal is still the same.
	f.Change(func(tx *state.Tx) error {
		iam.Users.Put(tx, u.ID, &iam.User{ID: u.ID, Name: "alicia", Path: "/x/"})
		return nil
	})
	iamtest.WantEqual(t, "renamed", trusting(f.ARN("user/x/alicia"), iamtest.Account, f.ARN("role/ci/builder"), bob, session), shownTrust(f, "r"))

	f.Change(func(tx *state.Tx) error { iam.Users.Delete(tx, u.ID); iam.Roles.Delete(tx, builder.ID); return nil })
	f.ChangeIn(iamtest.OtherAccount, func(tx *state.Tx) error { iam.Users.Delete(tx, "AIDABOB"); return nil })
	gone := trusting(u.ID, iamtest.Account, builder.ID, "AIDABOB", builder.ID+":nightly")
	iamtest.WantEqual(t, "deleted", gone, shownTrust(f, "r"))

	f.AddUser("alice")
	create(f, &iamapi.CreateRoleRequest{RoleName: new("builder"), Path: new("/ci/")})
	iamtest.WantEqual(t, "created again", gone, shownTrust(f, "r"))
	f.Fails(f.Root(), "UpdateAssumeRolePolicy", &iamapi.UpdateAssumeRolePolicyRequest{RoleName: new("r"), PolicyDocument: new(gone)},
		"MalformedPolicyDocument", `Invalid principal in policy: "AWS":"`+u.ID+`"`)
}
