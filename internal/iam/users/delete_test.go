package users_test

import (
	"testing"

	"sallyport/internal/api/iamapi"
	"sallyport/internal/iam"
	"sallyport/internal/iam/iamtest"
	"sallyport/internal/iam/users"
	"sallyport/internal/operation"
	"sallyport/internal/state"
)

// A user that has everything is freed of it piece by piece; each refusal names
// the next piece (rows iam-019 and iam-024).
func TestDeleteUser(t *testing.T) {
	f := iamtest.New(t, users.Operations)
	u := f.AddUser("u1")
	in := &iamapi.DeleteUserRequest{UserName: new("u1")}
	attachment, inline := iam.AttachmentKey(u.ID, boundary), iam.InlineKey(u.ID, "p")
	membership, key := iam.MembershipKey(u.ID, "AGPAEXAMPLE"), "AKIAIOSFODNN7EXAMPLE"
	credential := iam.CredentialKey(u.ID, "EXAMPLE")
	device := iam.MFADevice{ID: "d", Kind: iam.MFAVirtual, Path: "/", Name: "u1", Owner: u.ID}
	f.Change(func(tx *state.Tx) error {
		iam.Attachments.Put(tx, attachment, &iam.Attachment{Entity: u.ID, Policy: boundary})
		iam.InlinePolicies.Put(tx, inline, &iam.InlinePolicy{Name: "p", Document: "{}"})
		iam.Memberships.Put(tx, membership, &iam.Membership{User: u.ID, Group: "AGPAEXAMPLE"})
		iam.AccessKeys.Put(tx, key, &iam.AccessKey{ID: key, User: u.ID})
		iam.LoginProfiles.Put(tx, u.ID, &iam.LoginProfile{})
		iam.SigningCertificates.Put(tx, credential, &iam.SigningCertificate{})
		iam.SSHPublicKeys.Put(tx, credential, &iam.SSHPublicKey{})
		iam.ServiceCredentials.Put(tx, credential, &iam.ServiceCredential{})
		iam.MFADevices.Put(tx, device.ID, &device)
		return nil
	})
	steps := []struct {
		text string
		free func(tx *state.Tx)
	}{
		{"must detach all policies first", func(tx *state.Tx) { iam.Attachments.Delete(tx, attachment) }},
		{"must delete policies first", func(tx *state.Tx) { iam.InlinePolicies.Delete(tx, inline) }},
		{"must remove users from group first", func(tx *state.Tx) { iam.Memberships.Delete(tx, membership) }},
		{"must delete access keys first", func(tx *state.Tx) { iam.AccessKeys.Delete(tx, key) }},
		{"must delete login profile first", func(tx *state.Tx) { iam.LoginProfiles.Delete(tx, u.ID) }},
		{"must delete certificates first", func(tx *state.Tx) { iam.SigningCertificates.Delete(tx, credential) }},
		{"must remove referenced objects first", func(tx *state.Tx) { iam.SSHPublicKeys.Delete(tx, credential) }},
		{"must remove referenced objects first", func(tx *state.Tx) { iam.ServiceCredentials.Delete(tx, credential) }},
		// Deactivated is enough: the device is the account's.
		{"must delete MFA device first", func(tx *state.Tx) { device.Owner = ""; iam.MFADevices.Put(tx, device.ID, &device) }},
	}
	for _, step := range steps {
		f.Fails(f.Root(), "DeleteUser", in, "DeleteConflict", "Cannot delete entity, "+step.text+".")
		f.Change(func(tx *state.Tx) error { step.free(tx); return nil })
	}
	iamtest.Do[iamapi.DeleteUserResponse](f, f.Root(), "DeleteUser", in)
	f.WantChecks(operation.Check{Action: "iam:DeleteUser", Resource: f.ARN("user/u1"), Name: "user u1"})
	f.Fails(f.Root(), "DeleteUser", in, "NoSuchEntity", "The user with name u1 cannot be found.")
	if n := iam.Users.Len(f.View()); n != 0 {
		t.Errorf("%d users left", n)
	}
}

// What belongs to another user whose id begins alike is not in the way, and a
// boundary never is.
func TestDeleteUserIgnoresOthers(t *testing.T) {
	f := iamtest.New(t, users.Operations)
	f.Change(func(tx *state.Tx) error {
		iam.Users.Put(tx, "AIDAA", &iam.User{ID: "AIDAA", Name: "a", Path: "/", Boundary: boundary})
		iam.Users.Put(tx, "AIDAAA", &iam.User{ID: "AIDAAA", Name: "b", Path: "/"})
		iam.Attachments.Put(tx, iam.AttachmentKey("AIDAAA", boundary), &iam.Attachment{Entity: "AIDAAA", Policy: boundary})
		iam.SSHPublicKeys.Put(tx, iam.CredentialKey("AIDAAA", "k"), &iam.SSHPublicKey{})
		iam.ServiceCredentials.Put(tx, iam.CredentialKey("AIDAAA", "k"), &iam.ServiceCredential{})
		iam.SigningCertificates.Put(tx, iam.CredentialKey("AIDAAA", "k"), &iam.SigningCertificate{})
		return nil
	})
	iamtest.Do[iamapi.DeleteUserResponse](f, f.Root(), "DeleteUser", &iamapi.DeleteUserRequest{UserName: new("a")})
}
