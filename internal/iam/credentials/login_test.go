package credentials_test

import (
	"testing"

	"sallyport/internal/api/iamapi"
	"sallyport/internal/iam"
	"sallyport/internal/iam/credentials"
	"sallyport/internal/iam/iamtest"
	"sallyport/internal/operation"
	"sallyport/internal/state"
)

// addLogin gives a user a password.
func addLogin(f *iamtest.Fixture, u *iam.User, reset bool) {
	f.Change(func(tx *state.Tx) error {
		iam.LoginProfiles.Put(tx, u.ID, &iam.LoginProfile{Created: iamtest.Start, Changed: iamtest.Start, ResetRequired: reset})
		tx.PutSecret(iam.LoginSecret(u.ID), []byte("hash"))
		return nil
	})
}

// Row iam-173.
func TestGetLoginProfile(t *testing.T) {
	f := iamtest.New(t, credentials.Operations)
	addLogin(f, f.AddUser("alice"), true)
	want := &iamapi.LoginProfile{UserName: new("alice"), CreateDate: new(iamtest.Start), PasswordResetRequired: new(true)}
	for caller, in := range map[*operation.Caller]*iamapi.GetLoginProfileRequest{
		f.Root():      {UserName: new("alice")},
		f.As("alice"): {},
	} {
		got := iamtest.Do[iamapi.GetLoginProfileResponse](f, caller, "GetLoginProfile", in)
		f.WantChecks(onUser(f, "iam:GetLoginProfile", "alice"))
		iamtest.WantEqual(t, "profile", want, got.LoginProfile)
	}
}

// Row iam-171.
func TestDeleteLoginProfile(t *testing.T) {
	f := iamtest.New(t, credentials.Operations)
	u := f.AddUser("alice")
	addLogin(f, u, false)
	in := &iamapi.DeleteLoginProfileRequest{UserName: new("alice")}
	iamtest.Do[iamapi.DeleteLoginProfileResponse](f, f.Root(), "DeleteLoginProfile", in)
	f.WantChecks(onUser(f, "iam:DeleteLoginProfile", "alice"))
	if iam.LoginProfiles.Has(f.View(), u.ID) || f.Secret(iam.LoginSecret(u.ID)) != nil {
		t.Error("the password outlived its profile")
	}
	for name, in := range map[string]any{"DeleteLoginProfile": in, "GetLoginProfile": &iamapi.GetLoginProfileRequest{UserName: new("alice")}} {
		f.Fails(f.Root(), name, in, "NoSuchEntity", "Login Profile for User alice cannot be found.")
	}
	f.Fails(f.Root(), "DeleteLoginProfile", &iamapi.DeleteLoginProfileRequest{UserName: new("bob")}, "NoSuchEntity", "The user with name bob cannot be found.")
	f.WantChecks(onUser(f, "iam:DeleteLoginProfile", "bob"))
}

// Root's own password is out of reach of these operations.
func TestLoginProfileOfRoot(t *testing.T) {
	f := iamtest.New(t, credentials.Operations)
	f.Change(func(tx *state.Tx) error {
		iam.LoginProfiles.Put(tx, iam.RootLogin, &iam.LoginProfile{Created: iamtest.Start})
		return nil
	})
	const text = "Must specify userName when calling with non-User credentials"
	f.Fails(f.Root(), "GetLoginProfile", &iamapi.GetLoginProfileRequest{}, "ValidationError", text)
	f.Fails(f.Root(), "DeleteLoginProfile", &iamapi.DeleteLoginProfileRequest{}, "ValidationError", text)
	f.Fails(f.Root(), "DeleteLoginProfile", &iamapi.DeleteLoginProfileRequest{UserName: new(iam.RootLogin)}, "NoSuchEntity", "The user with name root cannot be found.")
	if !iam.LoginProfiles.Has(f.View(), iam.RootLogin) {
		t.Error("root lost its password")
	}
}
