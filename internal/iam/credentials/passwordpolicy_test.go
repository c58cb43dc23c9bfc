package credentials_test

import (
	"fmt"
	"testing"
	"time"

	"sallyport/internal/api/iamapi"
	"sallyport/internal/iam"
	"sallyport/internal/iam/credentials"
	"sallyport/internal/iam/iamtest"
	"sallyport/internal/operation"
)

// Rows iam-178 and iam-179; an update replaces everything.
func TestPasswordPolicy(t *testing.T) {
	f := iamtest.New(t, credentials.Operations)
	missing := "The Password Policy with domain name " + iamtest.Account + " cannot be found."
	f.Fails(f.Root(), "GetAccountPasswordPolicy", &iamapi.GetAccountPasswordPolicyRequest{}, "NoSuchEntity", missing)
	f.Fails(f.Root(), "DeleteAccountPasswordPolicy", &iamapi.DeleteAccountPasswordPolicyRequest{}, "NoSuchEntity", missing)
	set := func(in *iamapi.UpdateAccountPasswordPolicyRequest) *iamapi.PasswordPolicy {
		t.Helper()
		iamtest.Do[iamapi.UpdateAccountPasswordPolicyResponse](f, f.Root(), "UpdateAccountPasswordPolicy", in)
		return iamtest.Do[iamapi.GetAccountPasswordPolicyResponse](f, f.Root(), "GetAccountPasswordPolicy", &iamapi.GetAccountPasswordPolicyRequest{}).PasswordPolicy
	}
	off := false
	want := &iamapi.PasswordPolicy{
		MinimumPasswordLength: new(int64(10)), RequireSymbols: &off, RequireNumbers: &off, RequireUppercaseCharacters: &off,
		RequireLowercaseCharacters: &off, AllowUsersToChangePassword: &off, ExpirePasswords: &off,
	}
	iamtest.WantEqual(t, "row iam-179", want, set(&iamapi.UpdateAccountPasswordPolicyRequest{MinimumPasswordLength: new(int64(10))}))
	on := true
	want = &iamapi.PasswordPolicy{
		MinimumPasswordLength: new(int64(6)), RequireSymbols: &on, RequireNumbers: &off, RequireUppercaseCharacters: &off,
		RequireLowercaseCharacters: &off, AllowUsersToChangePassword: &on, ExpirePasswords: &on,
		MaxPasswordAge: new(int64(90)), PasswordReusePrevention: new(int64(3)), HardExpiry: &off,
	}
	iamtest.WantEqual(t, "the next", want, set(&iamapi.UpdateAccountPasswordPolicyRequest{
		RequireSymbols: &on, AllowUsersToChangePassword: &on, MaxPasswordAge: new(int64(90)), PasswordReusePrevention: new(int64(3)), HardExpiry: &off,
	}))
	iamtest.Do[iamapi.DeleteAccountPasswordPolicyResponse](f, f.Root(), "DeleteAccountPasswordPolicy", &iamapi.DeleteAccountPasswordPolicyRequest{})
	f.Fails(f.Root(), "GetAccountPasswordPolicy", &iamapi.GetAccountPasswordPolicyRequest{}, "NoSuchEntity", missing)
}

// TestPasswordPolicyIsEnforced at every door where a password is set.
func TestPasswordPolicyIsEnforced(t *testing.T) {
	f := iamtest.New(t, credentials.Operations)
	u := f.AddUser("alice")
	on := true
	iamtest.Do[iamapi.UpdateAccountPasswordPolicyResponse](f, f.Root(), "UpdateAccountPasswordPolicy", &iamapi.UpdateAccountPasswordPolicyRequest{
		MinimumPasswordLength: new(int64(10)), RequireSymbols: &on, RequireNumbers: &on, RequireUppercaseCharacters: &on, RequireLowercaseCharacters: &on,
	})
	weak := map[string]string{
		"Aa1!":       "Password should have a minimum length of 10",
		"aaaaaaaa1!": "Password should have at least one uppercase letter",
		"AAAAAAAA1!": "Password should have at least one lowercase letter",
		"Aaaaaaaaa!": "Password should have at least one number",
		"Aaaaaaaaa1": "Password should have at least one symbol",
		"ÄÖÜäöüäöü1": "Password should have at least one uppercase letter, Password should have at least one lowercase letter, Password should have at least one symbol",
		"Aaaaaaaa1;": "Password should have at least one symbol", // not of the list
	}
	for password, message := range weak {
		f.Fails(f.Root(), "CreateLoginProfile", &iamapi.CreateLoginProfileRequest{UserName: new("alice"), Password: &password}, "PasswordPolicyViolation", message)
	}
	good := "Aaaaaaaa1!"
	iamtest.Do[iamapi.CreateLoginProfileResponse](f, f.Root(), "CreateLoginProfile", &iamapi.CreateLoginProfileRequest{UserName: new("alice"), Password: &good})
	for password, message := range weak {
		f.Fails(f.Root(), "UpdateLoginProfile", &iamapi.UpdateLoginProfileRequest{UserName: new("alice"), Password: &password}, "PasswordPolicyViolation", message)
		f.Fails(f.As("alice"), "ChangePassword", &iamapi.ChangePasswordRequest{OldPassword: &good, NewPassword: &password}, "PasswordPolicyViolation", message)
	}
	if !verifies(f, u, good) {
		t.Error("a refused password is in force")
	}
}

// TestPasswordReuse: as many passwords as the policy says are remembered, those
// from before there was a policy too.
func TestPasswordReuse(t *testing.T) {
	f := iamtest.New(t, credentials.Operations)
	u := f.AddUser("alice")
	word := func(i int) *string { return new(fmt.Sprintf("Correct-Horse-%d", i)) }
	update := func(i int) *iamapi.UpdateLoginProfileRequest {
		return &iamapi.UpdateLoginProfileRequest{UserName: new("alice"), Password: word(i)}
	}
	iamtest.Do[iamapi.CreateLoginProfileResponse](f, f.Root(), "CreateLoginProfile", &iamapi.CreateLoginProfileRequest{UserName: new("alice"), Password: word(0)})
	iamtest.Do[iamapi.UpdateLoginProfileResponse](f, f.Root(), "UpdateLoginProfile", update(0)) // nothing forbids it yet
	for i := range 4 {
		iamtest.Do[iamapi.UpdateLoginProfileResponse](f, f.Root(), "UpdateLoginProfile", update(i+1))
	}
	iamtest.Do[iamapi.UpdateAccountPasswordPolicyResponse](f, f.Root(), "UpdateAccountPasswordPolicy", &iamapi.UpdateAccountPasswordPolicyRequest{PasswordReusePrevention: new(int64(3))})
	for i := 4; i > 1; i-- {
		f.Fails(f.Root(), "UpdateLoginProfile", update(i), "PasswordPolicyViolation", "Password should not be one of the last 3 passwords")
		f.Fails(f.As("alice"), "ChangePassword", &iamapi.ChangePasswordRequest{OldPassword: word(4), NewPassword: word(i)}, "PasswordPolicyViolation", "Password should not be one of the last 3 passwords")
	}
	iamtest.Do[iamapi.ChangePasswordResponse](f, f.As("alice"), "ChangePassword", &iamapi.ChangePasswordRequest{OldPassword: word(4), NewPassword: word(1)})
	if !verifies(f, u, *word(1)) {
		t.Error("the password was not changed")
	}
	// No more are kept than a policy can ask for, and none without a profile.
	for i := range 25 {
		iamtest.Do[iamapi.UpdateLoginProfileResponse](f, f.Root(), "UpdateLoginProfile", update(100+i))
	}
	if n := len(f.Secret(iam.EarlierLoginSecret(u.ID))); n > 24*128 {
		t.Errorf("%d bytes of earlier passwords", n)
	}
	iamtest.Do[iamapi.DeleteLoginProfileResponse](f, f.Root(), "DeleteLoginProfile", &iamapi.DeleteLoginProfileRequest{UserName: new("alice")})
	iamtest.Do[iamapi.CreateLoginProfileResponse](f, f.Root(), "CreateLoginProfile", &iamapi.CreateLoginProfileRequest{UserName: new("alice"), Password: word(124)})
}

// Row iam-177, and who may change what.
func TestChangePassword(t *testing.T) {
	f := iamtest.New(t, credentials.Operations)
	u := f.AddUser("alice")
	in := &iamapi.ChangePasswordRequest{OldPassword: new(password), NewPassword: new("Another-Horse-2")}
	f.Fails(f.As("alice"), "ChangePassword", in, "NoSuchEntity", "Login Profile for User alice cannot be found.")
	f.Fails(f.Root(), "ChangePassword", in, "InvalidUserType", "Only an IAM user can change its password.")
	iamtest.Do[iamapi.CreateLoginProfileResponse](f, f.Root(), "CreateLoginProfile", &iamapi.CreateLoginProfileRequest{UserName: new("alice"), Password: new(password), PasswordResetRequired: new(true)})
	f.Fails(f.As("alice"), "ChangePassword", &iamapi.ChangePasswordRequest{OldPassword: new("Wrong-Horse-1"), NewPassword: new("Another-Horse-2")}, "AccessDenied", "The old password is not correct.")
	before, _ := iam.LoginProfiles.Get(f.View(), u.ID)
	iamtest.Do[iamapi.ChangePasswordResponse](f, f.As("alice"), "ChangePassword", in)
	f.WantChecks(onUser(f, "iam:ChangePassword", "alice"))
	after, _ := iam.LoginProfiles.Get(f.View(), u.ID)
	if !verifies(f, u, "Another-Horse-2") || after.ResetRequired || !after.Changed.After(before.Changed) || !after.Created.Equal(before.Created) {
		t.Errorf("from %+v to %+v", before, after)
	}
}

// TestAttackGuessingOldPassword: five wrong passwords in five minutes, then even
// the right one is refused.
func TestAttackGuessingOldPassword(t *testing.T) {
	f := iamtest.New(t, credentials.Operations)
	u := f.AddUser("alice")
	iamtest.Do[iamapi.CreateLoginProfileResponse](f, f.Root(), "CreateLoginProfile", &iamapi.CreateLoginProfileRequest{UserName: new("alice"), Password: new(password)})
	for i := range 5 {
		f.Fails(f.As("alice"), "ChangePassword", &iamapi.ChangePasswordRequest{OldPassword: new(fmt.Sprintf("Wrong-Horse-%d", i)), NewPassword: new("Another-Horse-2")}, "AccessDenied", "The old password is not correct.")
	}
	f.Fails(f.As("alice"), "ChangePassword", &iamapi.ChangePasswordRequest{OldPassword: new(password), NewPassword: new("Another-Horse-2")}, "EntityTemporarilyUnmodifiable",
		"The password of user alice can't be changed now: too many attempts with a wrong one. Try again later.")
	if !verifies(f, u, password) {
		t.Error("the password was changed")
	}
}

// TestAttackGuessingOldPasswordOnNodes: five at all nodes together, whatever becomes
// of the calls; right ones don't count, and after five minutes it is over.
func TestAttackGuessingOldPasswordOnNodes(t *testing.T) {
	f := iamtest.New(t, credentials.Operations)
	f.AddUser("alice")
	iamtest.Do[iamapi.CreateLoginProfileResponse](f, f.Root(), "CreateLoginProfile", &iamapi.CreateLoginProfileRequest{UserName: new("alice"), Password: new(password)})
	tables := []*operation.Table{f.Table, operation.NewTable(credentials.Operations(f.Env)), operation.NewTable(credentials.Operations(f.Env))}
	change := func(node int, old, to string) *iamapi.ChangePasswordRequest {
		f.Table = tables[node]
		return &iamapi.ChangePasswordRequest{OldPassword: &old, NewPassword: &to}
	}
	guess := func() {
		for i := range 5 {
			f.Fails(f.As("alice"), "ChangePassword", change(i%2, "Wrong-Horse-1", "Another-Horse-2"), "AccessDenied", "The old password is not correct.")
		}
		for node := range tables {
			f.Fails(f.As("alice"), "ChangePassword", change(node, password, "Another-Horse-2"), "EntityTemporarilyUnmodifiable",
				"The password of user alice can't be changed now: too many attempts with a wrong one. Try again later.")
		}
	}
	// Right ones whose change is refused, and that succeed.
	for i := range 7 {
		f.Fails(f.As("alice"), "ChangePassword", change(i%3, password, "short"), "PasswordPolicyViolation", "Password should have a minimum length of 8")
	}
	iamtest.Do[iamapi.ChangePasswordResponse](f, f.As("alice"), "ChangePassword", change(2, password, password+"x"))
	iamtest.Do[iamapi.ChangePasswordResponse](f, f.As("alice"), "ChangePassword", change(0, password+"x", password))
	guess()
	f.Advance(5 * time.Minute)
	guess()
}

func TestPasswordExpiry(t *testing.T) {
	set := time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC)
	if at, ok := (&iam.PasswordPolicy{MaxAgeDays: 90}).Expiry(set); !ok || !at.Equal(set.Add(90*24*time.Hour)) {
		t.Errorf("%v %t", at, ok)
	}
	for _, p := range []*iam.PasswordPolicy{nil, {}} {
		if _, ok := p.Expiry(set); ok {
			t.Error("a password expires without a policy that says so")
		}
	}
}
