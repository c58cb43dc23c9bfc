package credentials_test

import (
	"strings"
	"testing"

	"sallyport/internal/api/iamapi"
	"sallyport/internal/credential"
	"sallyport/internal/iam"
	"sallyport/internal/iam/credentials"
	"sallyport/internal/iam/iamtest"
)

const password = "Correct-Horse-1"

// verifies reports whether the password is the one sealed for the user.
func verifies(f *iamtest.Fixture, u *iam.User, password string) bool {
	f.Helper()
	hash := f.Secret(iam.LoginSecret(u.ID))
	if strings.Contains(string(hash), password) {
		f.Error("the password itself is kept")
	}
	ok, err := credential.VerifyPassword(string(hash), password)
	if err != nil {
		f.Fatal(err)
	}
	return ok
}

// Row iam-174, and a profile's life.
func TestCreateAndUpdateLoginProfile(t *testing.T) {
	f := iamtest.New(t, credentials.Operations)
	u := f.AddUser("alice")
	in := &iamapi.CreateLoginProfileRequest{UserName: new("alice"), Password: new(password), PasswordResetRequired: new(true)}
	out := iamtest.Do[iamapi.CreateLoginProfileResponse](f, f.Root(), "CreateLoginProfile", in)
	f.WantChecks(onUser(f, "iam:CreateLoginProfile", "alice"))
	p, _ := iam.LoginProfiles.Get(f.View(), u.ID)
	iamtest.WantEqual(t, "reply", &iamapi.LoginProfile{UserName: new("alice"), CreateDate: new(p.Created), PasswordResetRequired: new(true)}, out.LoginProfile)
	if !verifies(f, u, password) || verifies(f, u, password+" ") || !p.Changed.Equal(p.Created) {
		t.Errorf("profile %+v", p)
	}
	in.Password = new("Another-Horse-2")
	f.Fails(f.Root(), "CreateLoginProfile", in, "EntityAlreadyExists", "Login Profile for user alice already exists.")
	if !verifies(f, u, password) {
		t.Error("the refused call changed the password")
	}

	update := func(in *iamapi.UpdateLoginProfileRequest) *iam.LoginProfile {
		t.Helper()
		in.UserName = new("alice")
		iamtest.Do[iamapi.UpdateLoginProfileResponse](f, f.Root(), "UpdateLoginProfile", in)
		f.WantChecks(onUser(f, "iam:UpdateLoginProfile", "alice"))
		p, _ := iam.LoginProfiles.Get(f.View(), u.ID)
		return p
	}
	if got := update(&iamapi.UpdateLoginProfileRequest{PasswordResetRequired: new(false)}); got.ResetRequired || !got.Changed.Equal(p.Changed) || !verifies(f, u, password) {
		t.Errorf("without a password: %+v", got)
	}
	if got := update(&iamapi.UpdateLoginProfileRequest{Password: new("Another-Horse-2")}); got.ResetRequired || !got.Changed.After(p.Changed) || !got.Created.Equal(p.Created) {
		t.Errorf("with a password: %+v", got)
	}
	if verifies(f, u, password) || !verifies(f, u, "Another-Horse-2") {
		t.Error("the old password still holds")
	}
}

// A user's own profile, and who can have none.
func TestLoginProfileSubjects(t *testing.T) {
	f := iamtest.New(t, credentials.Operations)
	f.AddUser("alice")
	iamtest.Do[iamapi.CreateLoginProfileResponse](f, f.As("alice"), "CreateLoginProfile", &iamapi.CreateLoginProfileRequest{Password: new(password)})
	f.WantChecks(onUser(f, "iam:CreateLoginProfile", "alice"))
	f.Fails(f.Root(), "CreateLoginProfile", &iamapi.CreateLoginProfileRequest{Password: new(password)}, "ValidationError",
		"Must specify userName when calling with non-User credentials")
	f.Fails(f.Root(), "CreateLoginProfile", &iamapi.CreateLoginProfileRequest{UserName: new("nobody"), Password: new(password)},
		"NoSuchEntity", "The user with name nobody cannot be found.")
	f.AddUser("bob")
	f.Fails(f.Root(), "CreateLoginProfile", &iamapi.CreateLoginProfileRequest{UserName: new("bob")}, "ValidationError", "A login profile needs a password.")
	f.Fails(f.Root(), "UpdateLoginProfile", &iamapi.UpdateLoginProfileRequest{UserName: new("bob"), Password: new(password)},
		"NoSuchEntity", "Login Profile for User bob cannot be found.")
	f.Fails(f.Root(), "UpdateLoginProfile", &iamapi.UpdateLoginProfileRequest{UserName: new("nobody"), Password: new(password)},
		"NoSuchEntity", "The user with name nobody cannot be found.")
}

// Row iam-175: the default password policy.
func TestPasswordPolicyByDefault(t *testing.T) {
	f := iamtest.New(t, credentials.Operations)
	u := f.AddUser("alice")
	const (
		upper  = "Password should have at least one uppercase letter"
		lower  = "Password should have at least one lowercase letter"
		number = "Password should have at least one number"
		symbol = "Password should have at least one symbol"
		more   = " more of the following requirements: "
	)
	for password, want := range map[string]string{
		"Short-1":           "Password should have a minimum length of 8",
		"é-1éé-Z":           "Password should have a minimum length of 8",
		"lower1234":         "Password should meet 1" + more + upper + ", " + symbol,
		"loweronly":         "Password should meet 2" + more + upper + ", " + number + ", " + symbol,
		"12345678":          "Password should meet 2" + more + upper + ", " + lower + ", " + symbol,
		"        ":          "Password should meet 3" + more + upper + ", " + lower + ", " + number + ", " + symbol,
		"Root1@EXAMPLE.com": "",
		"rOOt@example.com":  "Password should not be the account's name or e-mail address",
	} {
		in := &iamapi.CreateLoginProfileRequest{UserName: new("alice"), Password: &password}
		if want == "" {
			iamtest.Do[iamapi.CreateLoginProfileResponse](f, f.Root(), "CreateLoginProfile", in)
			iamtest.Do[iamapi.DeleteLoginProfileResponse](f, f.Root(), "DeleteLoginProfile", &iamapi.DeleteLoginProfileRequest{UserName: new("alice")})
			continue
		}
		f.Fails(f.Root(), "CreateLoginProfile", in, "PasswordPolicyViolation", want)
	}
	addLogin(f, u, false)
	f.Fails(f.Root(), "UpdateLoginProfile", &iamapi.UpdateLoginProfileRequest{UserName: new("alice"), Password: new("short")},
		"PasswordPolicyViolation", "Password should have a minimum length of 8")
	if string(f.Secret(iam.LoginSecret(u.ID))) != "hash" {
		t.Error("the refused password was set")
	}
}
