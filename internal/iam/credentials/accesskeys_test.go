package credentials_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"sallyport/internal/api/iamapi"
	"sallyport/internal/iam"
	"sallyport/internal/iam/credentials"
	"sallyport/internal/iam/iamtest"
	"sallyport/internal/ident"
	"sallyport/internal/journal"
	"sallyport/internal/operation"
	"sallyport/internal/state"
)

func create(f *iamtest.Fixture, caller *operation.Caller, user *string) *iamapi.AccessKey {
	f.Helper()
	return iamtest.Do[iamapi.CreateAccessKeyResponse](f, caller, "CreateAccessKey", &iamapi.CreateAccessKeyRequest{UserName: user}).AccessKey
}

func list(f *iamtest.Fixture, caller *operation.Caller, in *iamapi.ListAccessKeysRequest) *iamapi.ListAccessKeysResponse {
	f.Helper()
	return iamtest.Do[iamapi.ListAccessKeysResponse](f, caller, "ListAccessKeys", in)
}

func setStatus(f *iamtest.Fixture, caller *operation.Caller, user *string, id, status string) {
	f.Helper()
	iamtest.Do[iamapi.UpdateAccessKeyResponse](f, caller, "UpdateAccessKey",
		&iamapi.UpdateAccessKeyRequest{UserName: user, AccessKeyId: &id, Status: &status})
}

func remove(f *iamtest.Fixture, caller *operation.Caller, user *string, id string) {
	f.Helper()
	iamtest.Do[iamapi.DeleteAccessKeyResponse](f, caller, "DeleteAccessKey", &iamapi.DeleteAccessKeyRequest{UserName: user, AccessKeyId: &id})
}

func onUser(f *iamtest.Fixture, action, name string) operation.Check {
	return operation.Check{Action: action, Resource: f.ARN("user/" + name), Name: "user " + name}
}

func TestAccessKeyLife(t *testing.T) {
	f := iamtest.New(t, credentials.Operations)
	f.AddUser("alice")
	alice := new("alice")
	k := create(f, f.Root(), alice)
	f.WantChecks(onUser(f, "iam:CreateAccessKey", "alice"))
	if account, ok := ident.AccessKeyAccount(*k.AccessKeyId); !ok || account != iamtest.Account || !strings.HasPrefix(*k.AccessKeyId, "AKIA") {
		t.Errorf("key id %s", *k.AccessKeyId)
	}
	if *k.UserName != "alice" || *k.Status != "Active" || len(*k.SecretAccessKey) != 40 || k.CreateDate == nil {
		t.Errorf("key %+v", k)
	}
	if got := string(f.Secret(iam.AccessKeySecret(*k.AccessKeyId))); got != *k.SecretAccessKey {
		t.Error("the sealed secret is not the one in the reply")
	}

	want := []iamapi.AccessKeyMetadata{{UserName: alice, AccessKeyId: k.AccessKeyId, Status: new("Active"), CreateDate: k.CreateDate}}
	listed := list(f, f.Root(), &iamapi.ListAccessKeysRequest{UserName: alice})
	f.WantChecks(onUser(f, "iam:ListAccessKeys", "alice"))
	iamtest.WantEqual(t, "keys", want, listed.AccessKeyMetadata)

	setStatus(f, f.Root(), alice, *k.AccessKeyId, "Inactive")
	f.WantChecks(onUser(f, "iam:UpdateAccessKey", "alice"))
	if got := list(f, f.Root(), &iamapi.ListAccessKeysRequest{UserName: alice}); *got.AccessKeyMetadata[0].Status != "Inactive" {
		t.Error("still active")
	}
	setStatus(f, f.Root(), alice, *k.AccessKeyId, "Active")
	iamtest.WantEqual(t, "active again", want, list(f, f.Root(), &iamapi.ListAccessKeysRequest{UserName: alice}).AccessKeyMetadata)

	remove(f, f.Root(), alice, *k.AccessKeyId)
	f.WantChecks(onUser(f, "iam:DeleteAccessKey", "alice"))
	if f.Secret(iam.AccessKeySecret(*k.AccessKeyId)) != nil {
		t.Error("the secret outlived the key")
	}
	none := list(f, f.Root(), &iamapi.ListAccessKeysRequest{UserName: alice})
	if none.AccessKeyMetadata == nil || len(none.AccessKeyMetadata) != 0 || *none.IsTruncated {
		t.Errorf("keys left: %+v", none)
	}
}

// The secret of a key is in no row, entry or dump of the account.
func TestAttack25SecretIsNotInHistory(t *testing.T) {
	f := iamtest.New(t, credentials.Operations)
	f.AddUser("alice")
	k := create(f, f.Root(), new("alice"))
	entries, err := f.Store.Entries(t.Context(), state.AccountStream(iamtest.Account), 0, 1000)
	if err != nil || len(entries) == 0 {
		t.Fatalf("%d entries, %v", len(entries), err)
	}
	history, err := json.Marshal(entries)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(history), *k.AccessKeyId) {
		t.Error("history does not speak of the key")
	}
	if strings.Contains(string(history), *k.SecretAccessKey) {
		t.Error("history holds the secret")
	}
}

func TestAccessKeyQuotaAndPages(t *testing.T) {
	f := iamtest.New(t, credentials.Operations)
	f.AddUser("alice")
	alice := new("alice")
	first, second := create(f, f.Root(), alice), create(f, f.Root(), alice)
	f.Fails(f.Root(), "CreateAccessKey", &iamapi.CreateAccessKeyRequest{UserName: alice}, "LimitExceeded", "Cannot exceed quota for AccessKeysPerUser: 2")
	page := list(f, f.Root(), &iamapi.ListAccessKeysRequest{UserName: alice, MaxItems: new(int64(1))})
	if *page.AccessKeyMetadata[0].AccessKeyId != *first.AccessKeyId || !*page.IsTruncated {
		t.Errorf("page 1: %+v", page)
	}
	page = list(f, f.Root(), &iamapi.ListAccessKeysRequest{UserName: alice, Marker: page.Marker})
	if len(page.AccessKeyMetadata) != 1 || *page.AccessKeyMetadata[0].AccessKeyId != *second.AccessKeyId || *page.IsTruncated {
		t.Errorf("page 2: %+v", page)
	}
	f.Fails(f.Root(), "ListAccessKeys", &iamapi.ListAccessKeysRequest{UserName: alice, Marker: new("@")}, "ValidationError", "Invalid Marker.")
}

// Without UserName the caller's own keys are meant: the user's, or root's.
func TestOwnAccessKeys(t *testing.T) {
	f := iamtest.New(t, credentials.Operations)
	f.AddUser("alice")
	k := create(f, f.As("alice"), nil)
	f.WantChecks(onUser(f, "iam:CreateAccessKey", "alice"))
	if *k.UserName != "alice" {
		t.Errorf("key of %s", *k.UserName)
	}
	setStatus(f, f.As("alice"), nil, *k.AccessKeyId, "Inactive")
	f.WantChecks(onUser(f, "iam:UpdateAccessKey", "alice"))
	if got := list(f, f.As("alice"), &iamapi.ListAccessKeysRequest{}); *got.AccessKeyMetadata[0].Status != "Inactive" {
		t.Error("still active")
	}

	rootKey := create(f, f.Root(), nil)
	f.WantChecks(operation.Check{Action: "iam:CreateAccessKey", Resource: f.ARN("root")})
	if rootKey.UserName != nil {
		t.Errorf("root's key names user %s", *rootKey.UserName)
	}
	if row, ok := iam.AccessKeys.Get(f.View(), *rootKey.AccessKeyId); !ok || row.User != "" {
		t.Errorf("root's key: %+v", row)
	}
	got := list(f, f.Root(), &iamapi.ListAccessKeysRequest{})
	if len(got.AccessKeyMetadata) != 1 || *got.AccessKeyMetadata[0].AccessKeyId != *rootKey.AccessKeyId {
		t.Errorf("root's keys: %+v", got.AccessKeyMetadata)
	}
	create(f, f.Root(), nil)
	f.Fails(f.Root(), "CreateAccessKey", &iamapi.CreateAccessKeyRequest{}, "LimitExceeded", "Cannot exceed quota for AccessKeysPerUser: 2")
	remove(f, f.Root(), nil, *rootKey.AccessKeyId)
	f.WantChecks(operation.Check{Action: "iam:DeleteAccessKey", Resource: f.ARN("root")})
}

// Row iam-031, and one's key under another's name.
func TestMissingAccessKey(t *testing.T) {
	f := iamtest.New(t, credentials.Operations)
	f.AddUser("alice")
	f.AddUser("bob")
	bobs, roots := create(f, f.Root(), new("bob")), create(f, f.Root(), nil)
	for _, id := range []string{"AKIAIOSFODNN7EXAMPLE", *bobs.AccessKeyId, *roots.AccessKeyId} {
		text := "The Access Key with id " + id + " cannot be found"
		for caller, user := range map[*operation.Caller]*string{f.Root(): new("alice"), f.As("alice"): nil} {
			f.Fails(caller, "UpdateAccessKey", &iamapi.UpdateAccessKeyRequest{UserName: user, AccessKeyId: &id, Status: new("Inactive")}, "NoSuchEntity", text)
			f.WantChecks(onUser(f, "iam:UpdateAccessKey", "alice"))
			f.Fails(caller, "DeleteAccessKey", &iamapi.DeleteAccessKeyRequest{UserName: user, AccessKeyId: &id}, "NoSuchEntity", text)
		}
	}
	if n := iam.AccessKeys.Len(f.View()); n != 2 {
		t.Errorf("%d keys left", n)
	}
	nobody := new("nobody")
	for name, in := range map[string]any{
		"CreateAccessKey": &iamapi.CreateAccessKeyRequest{UserName: nobody},
		"UpdateAccessKey": &iamapi.UpdateAccessKeyRequest{UserName: nobody, AccessKeyId: bobs.AccessKeyId, Status: new("Active")},
		"DeleteAccessKey": &iamapi.DeleteAccessKeyRequest{UserName: nobody, AccessKeyId: bobs.AccessKeyId},
		"ListAccessKeys":  &iamapi.ListAccessKeysRequest{UserName: nobody},
	} {
		f.Fails(f.Root(), name, in, "NoSuchEntity", "The user with name nobody cannot be found.")
		f.WantChecks(onUser(f, "iam:"+name, "nobody"))
	}
}

func TestAccessKeyStatusMustBeOfTwo(t *testing.T) {
	f := iamtest.New(t, credentials.Operations)
	f.AddUser("alice")
	k := create(f, f.Root(), new("alice"))
	f.Fails(f.Root(), "UpdateAccessKey", &iamapi.UpdateAccessKeyRequest{UserName: new("alice"), AccessKeyId: k.AccessKeyId, Status: new("Expired")},
		"InvalidInput", "The status of an access key must be Active or Inactive.")
	f.Fails(f.Root(), "UpdateAccessKey", &iamapi.UpdateAccessKeyRequest{UserName: new("alice"), AccessKeyId: k.AccessKeyId, Status: new("x")}, "ValidationError",
		"1 validation error detected: Value at 'status' failed to satisfy constraint: Member must satisfy enum value set") // wire-013
}

// Credentials that do not stand for one user must name it.
func TestUserNameRequired(t *testing.T) {
	f := iamtest.New(t, credentials.Operations)
	f.AddUser("alice")
	k := create(f, f.Root(), new("alice"))
	const text = "Must specify userName when calling with non-User credentials"
	session := f.Session("r", "s")
	f.Fails(session, "CreateAccessKey", &iamapi.CreateAccessKeyRequest{}, "ValidationError", text)
	f.Fails(session, "DeleteAccessKey", &iamapi.DeleteAccessKeyRequest{AccessKeyId: k.AccessKeyId}, "ValidationError", text)
	f.Fails(session, "GetLoginProfile", &iamapi.GetLoginProfileRequest{}, "ValidationError", text)
	for _, caller := range []*operation.Caller{session, f.Temporary("alice")} {
		f.Fails(caller, "ListAccessKeys", &iamapi.ListAccessKeysRequest{}, "ValidationError", text)
		f.Fails(caller, "UpdateAccessKey", &iamapi.UpdateAccessKeyRequest{AccessKeyId: k.AccessKeyId, Status: new("Inactive")}, "ValidationError", text)
		list(f, caller, &iamapi.ListAccessKeysRequest{UserName: new("alice")})
	}
}

// A key id that an operator chose is given back to the directory.
func TestDeleteChosenKey(t *testing.T) {
	f := iamtest.New(t, credentials.Operations)
	u := f.AddUser("alice")
	const id = "AKIACHOSENBYOPERATOR"
	f.Change(func(tx *state.Tx) error {
		directory, err := tx.Other(state.Directory)
		if err != nil {
			return err
		}
		iam.DirectoryKeys.Put(directory, id, &iam.Owner{Account: iamtest.Account})
		iam.AccessKeys.Put(tx, id, &iam.AccessKey{ID: id, User: u.ID, Active: true})
		tx.PutSecret(iam.AccessKeySecret(id), []byte("secret"))
		return nil
	})
	remove(f, f.Root(), new("alice"), id)
	if iam.DirectoryKeys.Has(f.ViewOf(state.Directory), id) || f.Secret(iam.AccessKeySecret(id)) != nil {
		t.Error("the key left traces")
	}
}

// TestAccessKeyLastUsedUnreadable: a store that can't be read is an error, not a
// key that was never used.
func TestAccessKeyLastUsedUnreadable(t *testing.T) {
	f := iamtest.New(t, credentials.Operations)
	k := create(f, f.Root(), nil)
	f.Usage.Err = journal.ErrUnavailable
	if out, err := f.Call(f.Root(), "GetAccessKeyLastUsed", &iamapi.GetAccessKeyLastUsedRequest{AccessKeyId: k.AccessKeyId}); !errors.Is(err, journal.ErrUnavailable) {
		t.Errorf("%+v, %v", out, err)
	}
}

func TestAccessKeyLastUsed(t *testing.T) {
	f := iamtest.New(t, credentials.Operations)
	f.AddUser("alice")
	k, roots := create(f, f.Root(), new("alice")), create(f, f.Root(), nil)
	lastUsed := func(id string) *iamapi.GetAccessKeyLastUsedResponse {
		t.Helper()
		return iamtest.Do[iamapi.GetAccessKeyLastUsedResponse](f, f.Root(), "GetAccessKeyLastUsed", &iamapi.GetAccessKeyLastUsedRequest{AccessKeyId: &id})
	}
	on := func(id, resource, account string) operation.Check {
		return operation.Check{Action: "iam:GetAccessKeyLastUsed", Resource: resource, Name: "access key " + id, Account: account}
	}

	got := lastUsed(*k.AccessKeyId)
	f.WantChecks(on(*k.AccessKeyId, f.ARN("user/alice"), ""))
	iamtest.WantEqual(t, "never used", &iamapi.GetAccessKeyLastUsedResponse{
		UserName: new("alice"), AccessKeyLastUsed: &iamapi.AccessKeyLastUsed{ServiceName: new("N/A"), Region: new("N/A")},
	}, got)

	at := time.Date(2026, 3, 13, 10, 45, 0, 0, time.UTC)
	f.Usage.Keys[*roots.AccessKeyId] = iam.LastUsed{At: at.Add(time.Millisecond), Service: "s3", Region: "us-west-2"}
	got = lastUsed(*roots.AccessKeyId)
	f.WantChecks(on(*roots.AccessKeyId, f.ARN("root"), ""))
	iamtest.WantEqual(t, "used", &iamapi.GetAccessKeyLastUsedResponse{
		AccessKeyLastUsed: &iamapi.AccessKeyLastUsed{LastUsedDate: &at, ServiceName: new("s3"), Region: new("us-west-2")},
	}, got)

	// A key nobody has, in this account or in none, and one of another account.
	ours, theirs := f.Env.Ident.AccessKeyID(iamtest.Account), f.Env.Ident.AccessKeyID(iamtest.OtherAccount)
	for id, want := range map[string]operation.Check{
		ours:                 on(ours, f.ARN("access-key/"+ours), ""),
		"NOTAKEYIDOFANYBODY": on("NOTAKEYIDOFANYBODY", f.ARN("access-key/NOTAKEYIDOFANYBODY"), ""),
		theirs:               on(theirs, "arn:aws:iam::"+iamtest.OtherAccount+":access-key/"+theirs, iamtest.OtherAccount),
	} {
		f.Fails(f.Root(), "GetAccessKeyLastUsed", &iamapi.GetAccessKeyLastUsedRequest{AccessKeyId: &id}, "NoSuchEntity", "The Access Key with id "+id+" cannot be found")
		f.WantChecks(want)
	}
}
