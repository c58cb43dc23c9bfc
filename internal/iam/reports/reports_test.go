package reports_test

import (
	"testing"

	"sallyport/internal/api/iamapi"
	"sallyport/internal/iam"
	"sallyport/internal/iam/iamtest"
	"sallyport/internal/iam/reports"
	"sallyport/internal/operation"
	"sallyport/internal/state"
)

func aliases(f *iamtest.Fixture, caller *operation.Caller) []string {
	f.Helper()
	out := iamtest.Do[iamapi.ListAccountAliasesResponse](f, caller, "ListAccountAliases", &iamapi.ListAccountAliasesRequest{})
	if out.AccountAliases == nil || *out.IsTruncated || out.Marker != nil {
		f.Errorf("list: %+v", out)
	}
	return out.AccountAliases
}

func setAlias(f *iamtest.Fixture, caller *operation.Caller, alias string) {
	f.Helper()
	iamtest.Do[iamapi.CreateAccountAliasResponse](f, caller, "CreateAccountAlias", &iamapi.CreateAccountAliasRequest{AccountAlias: &alias})
}

// Row iam-226, and an alias taking the place of another.
func TestAccountAlias(t *testing.T) {
	f := iamtest.New(t, reports.Operations)
	root, other := f.Root(), f.RootOf(iamtest.OtherAccount)
	all := func(action string) operation.Check { return operation.Check{Action: action, Resource: "*"} }

	iamtest.WantEqual(t, "no alias", []string{}, aliases(f, root))
	f.WantChecks(all("iam:ListAccountAliases"))
	setAlias(f, root, "one")
	f.WantChecks(all("iam:CreateAccountAlias"))
	iamtest.WantEqual(t, "alias", []string{"one"}, aliases(f, root))
	iamtest.WantEqual(t, "the other's", []string{}, aliases(f, other))

	for _, caller := range []*operation.Caller{root, other} {
		f.Fails(caller, "CreateAccountAlias", &iamapi.CreateAccountAliasRequest{AccountAlias: new("one")},
			"EntityAlreadyExists", "The account alias one already exists.")
	}
	setAlias(f, root, "two")
	iamtest.WantEqual(t, "replaced", []string{"two"}, aliases(f, root))
	setAlias(f, other, "one") // free again
	owner, ok := iam.DirectoryAliases.Get(f.ViewOf(state.Directory), "two")
	if !ok || owner.Account != iamtest.Account {
		t.Errorf("directory has two as %+v", owner)
	}

	// Nobody takes another's alias away.
	f.Fails(root, "DeleteAccountAlias", &iamapi.DeleteAccountAliasRequest{AccountAlias: new("one")},
		"NoSuchEntity", "The account alias one cannot be found.")
	iamtest.Do[iamapi.DeleteAccountAliasResponse](f, root, "DeleteAccountAlias", &iamapi.DeleteAccountAliasRequest{AccountAlias: new("two")})
	f.WantChecks(all("iam:DeleteAccountAlias"))
	iamtest.WantEqual(t, "deleted", []string{}, aliases(f, root))
	if iam.DirectoryAliases.Has(f.ViewOf(state.Directory), "two") || !iam.DirectoryAliases.Has(f.ViewOf(state.Directory), "one") {
		t.Error("the directory kept the wrong aliases")
	}
	f.Fails(root, "DeleteAccountAlias", &iamapi.DeleteAccountAliasRequest{AccountAlias: new("two")},
		"NoSuchEntity", "The account alias two cannot be found.")
}

func TestAccountAliasForm(t *testing.T) {
	f := iamtest.New(t, reports.Operations)
	for _, alias := range []string{"ab", "-abc", "abc-", "a--b", "Abc", "a_c", "a.c"} {
		_, err := f.Call(f.Root(), "CreateAccountAlias", &iamapi.CreateAccountAliasRequest{AccountAlias: &alias})
		if err == nil {
			t.Errorf("%q was taken", alias)
		}
	}
	// An alias must not pass for another account's id at sign-in.
	for _, alias := range []string{iamtest.OtherAccount, "4444-5555-6666"} {
		f.Fails(f.Root(), "CreateAccountAlias", &iamapi.CreateAccountAliasRequest{AccountAlias: &alias}, "ValidationError",
			"The account alias "+alias+" is invalid. It must not have the form of an account ID.")
	}
	for _, alias := range []string{"a-b-c", "123", "1234567890123"} {
		setAlias(f, f.Root(), alias)
		iamtest.WantEqual(t, "alias", []string{alias}, aliases(f, f.Root()))
	}
}

func TestListAccountAliasesMarker(t *testing.T) {
	f := iamtest.New(t, reports.Operations)
	setAlias(f, f.Root(), "one")
	f.Fails(f.Root(), "ListAccountAliases", &iamapi.ListAccountAliasesRequest{Marker: new("!")}, "ValidationError", "Invalid Marker.")
	past := iamtest.Do[iamapi.ListAccountAliasesResponse](f, f.Root(), "ListAccountAliases", &iamapi.ListAccountAliasesRequest{Marker: new("enp6")})
	iamtest.WantEqual(t, "after zzz", []string{}, past.AccountAliases)
}

// TestTokenVersion: the version that was chosen is shown, whichever was before.
func TestTokenVersion(t *testing.T) {
	f := iamtest.New(t, reports.Operations)
	version := func() int64 {
		t.Helper()
		return iamtest.Do[iamapi.GetAccountSummaryResponse](f, f.Root(), "GetAccountSummary", &iamapi.GetAccountSummaryRequest{}).SummaryMap["GlobalEndpointTokenVersion"]
	}
	iamtest.WantEqual(t, "at first", 1, version())
	for _, c := range []struct {
		name string
		want int64
	}{{"v2Token", 2}, {"v2Token", 2}, {"v1Token", 1}, {"v2Token", 2}} {
		iamtest.Do[iamapi.SetSecurityTokenServicePreferencesResponse](f, f.Root(), "SetSecurityTokenServicePreferences",
			&iamapi.SetSecurityTokenServicePreferencesRequest{GlobalEndpointTokenVersion: &c.name})
		f.WantChecks(operation.Check{Action: "iam:SetSecurityTokenServicePreferences", Resource: "*"})
		iamtest.WantEqual(t, c.name, c.want, version())
	}
	setAlias(f, f.Root(), "anycompany")
	iamtest.WantEqual(t, "beside the alias", 2, version())
}

// Every entry of AWS's model is there, and quotas are the account's.
func TestAccountSummary(t *testing.T) {
	f := iamtest.New(t, reports.Operations)
	f.Env.Limits[iam.UsersPerAccount] = 7
	summary := func() map[string]int64 {
		t.Helper()
		out := iamtest.Do[iamapi.GetAccountSummaryResponse](f, f.Root(), "GetAccountSummary", &iamapi.GetAccountSummaryRequest{})
		f.WantChecks(operation.Check{Action: "iam:GetAccountSummary", Resource: "*"})
		return out.SummaryMap
	}
	want := map[string]int64{
		"Users": 0, "UsersQuota": 7, "Groups": 0, "GroupsQuota": 300, "Roles": 0, "RolesQuota": 1000,
		"Policies": 0, "PoliciesQuota": 1500, "PolicySizeQuota": 6144, "VersionsPerPolicyQuota": 5,
		"PolicyVersionsInUse": 0, "PolicyVersionsInUseQuota": 10000,
		"UserPolicySizeQuota": 2048, "GroupPolicySizeQuota": 5120, "RolePolicySizeQuota": 10240, "AssumeRolePolicySizeQuota": 2048,
		"AttachedPoliciesPerUserQuota": 10, "AttachedPoliciesPerGroupQuota": 10, "AttachedPoliciesPerRoleQuota": 10,
		"GroupsPerUserQuota": 10, "AccessKeysPerUserQuota": 2, "SigningCertificatesPerUserQuota": 2,
		"ServerCertificates": 0, "ServerCertificatesQuota": 20, "InstanceProfiles": 0, "InstanceProfilesQuota": 1000,
		"MFADevices": 0, "MFADevicesInUse": 0, "AccountMFAEnabled": 0, "Providers": 0,
		"AccountAccessKeysPresent": 0, "AccountPasswordPresent": 0, "AccountSigningCertificatesPresent": 0,
		"GlobalEndpointTokenVersion": 1,
	}
	iamtest.WantEqual(t, "empty account", want, summary())

	f.AddUser("alice")
	f.AddUser("bob")
	f.AddGroup("g")
	f.AddPolicy("p", "{}")
	f.Change(func(tx *state.Tx) error {
		iam.Roles.Put(tx, "AROAEXAMPLE", &iam.Role{ID: "AROAEXAMPLE", Name: "r", Path: "/"})
		iam.AccessKeys.Put(tx, "k1", &iam.AccessKey{ID: "k1"})
		iam.AccessKeys.Put(tx, "k2", &iam.AccessKey{ID: "k2"})
		iam.LoginProfiles.Put(tx, iam.RootLogin, &iam.LoginProfile{})
		iam.SigningCertificates.Put(tx, iam.CredentialKey(iam.RootLogin, "c"), &iam.SigningCertificate{})
		iam.ServerCertificates.Put(tx, "ASCAEXAMPLE", &iam.ServerCertificate{})
		for i, owner := range []string{"", "AIDAEXAMPLE", "AIDAEXAMPLE", iam.RootLogin} {
			d := &iam.MFADevice{ID: string(rune('a' + i)), Kind: iam.MFAVirtual, Path: "/", Name: string(rune('a' + i)), Owner: owner}
			iam.MFADevices.Put(tx, d.ID, d)
		}
		iam.InstanceProfiles.Put(tx, "AIPAEXAMPLE", &iam.InstanceProfile{ID: "AIPAEXAMPLE", Name: "p", Path: "/"})
		iam.OIDCProviders.Put(tx, "example.com", &iam.OIDCProvider{URL: "example.com"})
		iam.SAMLProviders.Put(tx, "SAMLSPEXAMPLE", &iam.SAMLProvider{ID: "SAMLSPEXAMPLE", Name: "p"})
		return nil
	})
	want["MFADevices"], want["MFADevicesInUse"], want["AccountMFAEnabled"] = 4, 3, 1
	want["Users"], want["Groups"], want["Roles"], want["Policies"], want["PolicyVersionsInUse"] = 2, 1, 1, 1, 1
	want["InstanceProfiles"], want["Providers"] = 1, 2
	want["AccountAccessKeysPresent"], want["AccountPasswordPresent"] = 1, 1
	want["AccountSigningCertificatesPresent"], want["ServerCertificates"] = 1, 1
	iamtest.WantEqual(t, "some of each", want, summary())
}
