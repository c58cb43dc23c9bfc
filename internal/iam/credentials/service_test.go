package credentials_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"sallyport/internal/api/iamapi"
	"sallyport/internal/credential"
	"sallyport/internal/iam"
	"sallyport/internal/iam/credentials"
	"sallyport/internal/iam/iamtest"
	"sallyport/internal/operation"
	"sallyport/internal/state"
	"sallyport/policy/condition"
)

const codecommit, cassandra, bedrock = "codecommit.amazonaws.com", "cassandra.amazonaws.com", "bedrock.amazonaws.com"

func createService(f *iamtest.Fixture, user, service string, days *int64) *iamapi.ServiceSpecificCredential {
	f.Helper()
	return iamtest.Do[iamapi.CreateServiceSpecificCredentialResponse](f, f.Root(), "CreateServiceSpecificCredential",
		&iamapi.CreateServiceSpecificCredentialRequest{UserName: &user, ServiceName: &service, CredentialAgeDays: days}).ServiceSpecificCredential
}

func listServices(f *iamtest.Fixture, in *iamapi.ListServiceSpecificCredentialsRequest) *iamapi.ListServiceSpecificCredentialsResponse {
	f.Helper()
	return iamtest.Do[iamapi.ListServiceSpecificCredentialsResponse](f, f.Root(), "ListServiceSpecificCredentials", in)
}

func idsOf(out *iamapi.ListServiceSpecificCredentialsResponse) map[string]bool {
	ids := map[string]bool{}
	for _, s := range out.ServiceSpecificCredentials {
		ids[*s.ServiceSpecificCredentialId] = true
	}
	return ids
}

func serviceCheck(f *iamtest.Fixture, action, user, service string) operation.Check {
	check := onUser(f, "iam:"+action, user)
	if service != "" {
		check.Keys = condition.Map{"iam:servicespecificcredentialservicename": condition.One(service)}
	}
	return check
}

// Rows iam-180 and iam-182: a password for a service, shown once, with the hash
// of it sealed.
func TestServiceCredential(t *testing.T) {
	f := iamtest.New(t, credentials.Operations)
	f.AddUser("alice")
	made := createService(f, "alice", codecommit, nil)
	f.WantChecks(serviceCheck(f, "CreateServiceSpecificCredential", "alice", codecommit))
	want := &iamapi.ServiceSpecificCredential{
		CreateDate: made.CreateDate, ServiceName: new(codecommit), ServiceUserName: new("alice-at-" + iamtest.Account),
		ServicePassword: made.ServicePassword, ServiceSpecificCredentialId: made.ServiceSpecificCredentialId,
		UserName: new("alice"), Status: new("Active"),
	}
	iamtest.WantEqual(t, "made", want, made)
	id := *made.ServiceSpecificCredentialId
	if len(*made.ServicePassword) != 44 || !strings.HasPrefix(id, "ACCA") {
		t.Errorf("made %s with a password of %d", id, len(*made.ServicePassword))
	}
	wantHash := func(password string, holds bool) {
		t.Helper()
		ok, err := credential.VerifyPassword(string(f.Secret(iam.ServiceCredentialSecret(id))), password)
		if err != nil || ok != holds {
			t.Errorf("the password holds: %v, %v; want %v", ok, err, holds)
		}
	}
	wantHash(*made.ServicePassword, true)

	listed := listServices(f, &iamapi.ListServiceSpecificCredentialsRequest{UserName: new("alice")})
	iamtest.WantEqual(t, "listed", []iamapi.ServiceSpecificCredentialMetadata{{
		UserName: want.UserName, Status: want.Status, ServiceUserName: want.ServiceUserName, CreateDate: want.CreateDate,
		ServiceSpecificCredentialId: want.ServiceSpecificCredentialId, ServiceName: want.ServiceName,
	}}, listed.ServiceSpecificCredentials)
	none := listServices(f, &iamapi.ListServiceSpecificCredentialsRequest{UserName: new("alice"), ServiceName: new(cassandra)})
	iamtest.WantEqual(t, "of another service", []iamapi.ServiceSpecificCredentialMetadata{}, none.ServiceSpecificCredentials)

	update := func(status string) {
		iamtest.Do[iamapi.UpdateServiceSpecificCredentialResponse](f, f.Root(), "UpdateServiceSpecificCredential",
			&iamapi.UpdateServiceSpecificCredentialRequest{UserName: new("alice"), ServiceSpecificCredentialId: &id, Status: &status})
		f.WantChecks(serviceCheck(f, "UpdateServiceSpecificCredential", "alice", codecommit))
		if got := *listServices(f, &iamapi.ListServiceSpecificCredentialsRequest{UserName: new("alice")}).ServiceSpecificCredentials[0].Status; got != status {
			t.Errorf("status %s, want %s", got, status)
		}
	}
	update("Inactive")
	update("Active")

	reset := iamtest.Do[iamapi.ResetServiceSpecificCredentialResponse](f, f.As("alice"), "ResetServiceSpecificCredential",
		&iamapi.ResetServiceSpecificCredentialRequest{ServiceSpecificCredentialId: &id}).ServiceSpecificCredential
	f.WantChecks(serviceCheck(f, "ResetServiceSpecificCredential", "alice", codecommit))
	wantHash(*made.ServicePassword, false)
	wantHash(*reset.ServicePassword, true)
	want.ServicePassword = reset.ServicePassword
	iamtest.WantEqual(t, "reset", want, reset)
	wantNotInHistory(f, *made.ServicePassword, *reset.ServicePassword)

	iamtest.Do[iamapi.DeleteServiceSpecificCredentialResponse](f, f.Root(), "DeleteServiceSpecificCredential",
		&iamapi.DeleteServiceSpecificCredentialRequest{UserName: new("alice"), ServiceSpecificCredentialId: &id})
	f.WantChecks(serviceCheck(f, "DeleteServiceSpecificCredential", "alice", codecommit))
	if iam.ServiceCredentials.Len(f.View()) != 0 || f.Secret(iam.ServiceCredentialSecret(id)) != nil {
		t.Error("something of the credential is left")
	}
}

func wantNotInHistory(f *iamtest.Fixture, secrets ...string) {
	f.Helper()
	entries, err := f.Store.Entries(f.Context(), state.AccountStream(iamtest.Account), 0, 1000)
	if err != nil || len(entries) == 0 {
		f.Fatalf("%d entries, %v", len(entries), err)
	}
	history, err := json.Marshal(entries)
	if err != nil {
		f.Fatal(err)
	}
	for _, secret := range secrets {
		quoted, _ := json.Marshal(secret)
		if strings.Contains(string(history), strings.Trim(string(quoted), `"`)) {
			f.Error("history holds a secret")
		}
	}
}

// API keys have an alias and a secret in place of user name and password, and
// may expire.
func TestServiceAPIKey(t *testing.T) {
	f := iamtest.New(t, credentials.Operations)
	f.AddUser("alice")
	made := createService(f, "alice", bedrock, new(int64(1)))
	check := serviceCheck(f, "CreateServiceSpecificCredential", "alice", bedrock)
	check.Keys["iam:servicespecificcredentialagedays"] = condition.One("1")
	f.WantChecks(check)
	iamtest.WantEqual(t, "made", &iamapi.ServiceSpecificCredential{
		CreateDate: made.CreateDate, ExpirationDate: new(made.CreateDate.Add(24 * time.Hour)), ServiceName: new(bedrock),
		ServiceCredentialAlias: new("alice-at-" + iamtest.Account), ServiceCredentialSecret: made.ServiceCredentialSecret,
		ServiceSpecificCredentialId: made.ServiceSpecificCredentialId, UserName: new("alice"), Status: new("Active"),
	}, made)
	encoded, ok := strings.CutPrefix(*made.ServiceCredentialSecret, "ABSK")
	key, err := base64.StdEncoding.DecodeString(encoded)
	if !ok || err != nil || !strings.HasPrefix(string(key), *made.ServiceCredentialAlias+":") {
		t.Errorf("an API key that is none: %v", err)
	}
	wantNotInHistory(f, *made.ServiceCredentialSecret)

	logs := createService(f, "alice", "logs.amazonaws.com", nil)
	if !strings.HasPrefix(*logs.ServiceCredentialSecret, "ACWL") || logs.ExpirationDate != nil || logs.ServicePassword != nil {
		t.Errorf("a key for logs: %+v", logs.ExpirationDate)
	}

	// Past its time a key is expired, active or not.
	expire := func(active bool) string {
		f.Change(func(tx *state.Tx) error {
			u, _ := iam.FindUser(tx, "alice")
			key := iam.CredentialKey(u.ID, *made.ServiceSpecificCredentialId)
			s, _ := iam.ServiceCredentials.Get(tx, key)
			changed := *s
			changed.Active, changed.Expires = active, new(iamtest.Start)
			iam.ServiceCredentials.Put(tx, key, &changed)
			return nil
		})
		return *listServices(f, &iamapi.ListServiceSpecificCredentialsRequest{UserName: new("alice"), ServiceName: new(bedrock)}).ServiceSpecificCredentials[0].Status
	}
	if a, b := expire(true), expire(false); a != "Expired" || b != "Expired" {
		t.Errorf("past its time it is %s and %s", a, b)
	}
}

// Rows iam-184, iam-185, iam-188, iam-189 and wire-013.
func TestServiceCredentialRefusals(t *testing.T) {
	f := iamtest.New(t, credentials.Operations)
	f.AddUser("alice")
	f.AddUser("bob")
	made := createService(f, "alice", codecommit, nil)
	for _, service := range []string{"o3on3n3onosneo", "lambda.amazonaws.com"} {
		const text = " is supported for Service Specific Credentials"
		f.Fails(f.Root(), "CreateServiceSpecificCredential", &iamapi.CreateServiceSpecificCredentialRequest{UserName: new("alice"), ServiceName: &service},
			"NoSuchEntity", "No such service "+service+text)
		f.WantChecks(serviceCheck(f, "CreateServiceSpecificCredential", "alice", service))
		f.Fails(f.Root(), "ListServiceSpecificCredentials", &iamapi.ListServiceSpecificCredentialsRequest{UserName: new("alice"), ServiceName: &service},
			"NoSuchEntity", "No such service "+service+text)
	}
	f.Fails(f.Root(), "CreateServiceSpecificCredential", &iamapi.CreateServiceSpecificCredentialRequest{UserName: new("nobody"), ServiceName: new(codecommit)},
		"NoSuchEntity", "The user with name nobody cannot be found.")
	f.Fails(f.Root(), "CreateServiceSpecificCredential", &iamapi.CreateServiceSpecificCredentialRequest{UserName: new("alice"), ServiceName: new(codecommit), CredentialAgeDays: new(int64(3))},
		"ValidationError", "CredentialAgeDays is not valid for service "+codecommit+".")

	for name, in := range map[string]func(user *string, id string) any{
		"UpdateServiceSpecificCredential": func(user *string, id string) any {
			return &iamapi.UpdateServiceSpecificCredentialRequest{UserName: user, ServiceSpecificCredentialId: &id, Status: new("Inactive")}
		},
		"ResetServiceSpecificCredential": func(user *string, id string) any {
			return &iamapi.ResetServiceSpecificCredentialRequest{UserName: user, ServiceSpecificCredentialId: &id}
		},
		"DeleteServiceSpecificCredential": func(user *string, id string) any {
			return &iamapi.DeleteServiceSpecificCredentialRequest{UserName: user, ServiceSpecificCredentialId: &id}
		},
	} {
		const unknown = "ACCAEXAMPLEEXAMPLEEXA"
		id := *made.ServiceSpecificCredentialId
		f.Fails(f.Root(), name, in(new("alice"), unknown), "NoSuchEntity", "No such credential "+unknown+" exists")
		f.WantChecks(serviceCheck(f, name, "alice", ""))
		f.Fails(f.Root(), name, in(new("bob"), id), "NoSuchEntity", "No such credential "+id+" exists")
		f.WantChecks(serviceCheck(f, name, "bob", ""))
		f.Fails(f.As("bob"), name, in(nil, id), "NoSuchEntity", "No such credential "+id+" exists")
		f.Fails(f.Root(), name, in(new("wrong-user-name"), id), "NoSuchEntity", "The user with name wrong-user-name cannot be found.")
		f.Fails(f.Root(), name, in(nil, id), "ValidationError", "Must specify userName when calling with non-User credentials")
		f.Fails(f.Root(), name, in(nil, "zzz"), "ValidationError",
			"1 validation error detected: Value at 'serviceSpecificCredentialId' failed to satisfy constraint: Member must have length greater than or equal to 20")
	}
	for _, status := range []string{"Invalid", "Expired"} {
		f.Fails(f.Root(), "UpdateServiceSpecificCredential",
			&iamapi.UpdateServiceSpecificCredentialRequest{UserName: new("alice"), ServiceSpecificCredentialId: made.ServiceSpecificCredentialId, Status: &status},
			"ValidationError", "1 validation error detected: Value at 'status' failed to satisfy constraint: Member must satisfy enum value set")
	}
}

// Two for each service and user, with names that nobody else has: not even a
// user who was given the name of one who has them.
func TestServiceCredentialNames(t *testing.T) {
	f := iamtest.New(t, credentials.Operations)
	u := f.AddUser("alice")
	at := "-at-" + iamtest.Account
	first, second := createService(f, "alice", codecommit, nil), createService(f, "alice", codecommit, nil)
	iamtest.WantEqual(t, "names", []string{"alice" + at, "alice+1" + at}, []string{*first.ServiceUserName, *second.ServiceUserName})
	f.Fails(f.Root(), "CreateServiceSpecificCredential", &iamapi.CreateServiceSpecificCredentialRequest{UserName: new("alice"), ServiceName: new(codecommit)},
		"LimitExceeded", "Cannot exceed quota for ServiceSpecificCredentialsPerUser: 2")
	iamtest.WantEqual(t, "another service's", "alice"+at, *createService(f, "alice", cassandra, nil).ServiceUserName)

	f.Change(func(tx *state.Tx) error {
		changed := *u
		changed.Name = "carol"
		iam.Users.Put(tx, u.ID, &changed)
		return nil
	})
	f.AddUser("Alice")
	iamtest.WantEqual(t, "the next alice's", "Alice+2"+at, *createService(f, "Alice", codecommit, nil).ServiceUserName)
}

func TestListServiceCredentials(t *testing.T) {
	f := iamtest.New(t, credentials.Operations)
	want, ofCommit, ofAlice := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, user := range []string{"alice", "bob", "carol"} {
		f.AddUser(user)
		for _, service := range []string{codecommit, bedrock} {
			id := *createService(f, user, service, nil).ServiceSpecificCredentialId
			want[id] = true
			if service == codecommit {
				ofCommit[id] = true
			}
			if user == "alice" {
				ofAlice[id] = true
			}
		}
	}
	all := &iamapi.ListServiceSpecificCredentialsRequest{AllUsers: new(true)}
	iamtest.WantEqual(t, "all", want, idsOf(listServices(f, all)))
	f.WantChecks(operation.Check{Action: "iam:ListServiceSpecificCredentials", Resource: f.ARN("user/*")})
	iamtest.WantEqual(t, "all of a service", ofCommit, idsOf(listServices(f, &iamapi.ListServiceSpecificCredentialsRequest{AllUsers: new(true), ServiceName: new(codecommit)})))
	iamtest.WantEqual(t, "alice's", ofAlice, idsOf(listServices(f, &iamapi.ListServiceSpecificCredentialsRequest{UserName: new("alice")})))
	f.WantChecks(serviceCheck(f, "ListServiceSpecificCredentials", "alice", ""))
	own := iamtest.Do[iamapi.ListServiceSpecificCredentialsResponse](f, f.As("alice"), "ListServiceSpecificCredentials", &iamapi.ListServiceSpecificCredentialsRequest{})
	iamtest.WantEqual(t, "her own", ofAlice, idsOf(own))
	iamtest.WantEqual(t, "root's", map[string]bool{}, idsOf(listServices(f, &iamapi.ListServiceSpecificCredentialsRequest{})))

	for size := int64(1); size < 8; size++ {
		for _, service := range []*string{nil, new(codecommit)} {
			in := &iamapi.ListServiceSpecificCredentialsRequest{AllUsers: new(true), ServiceName: service, MaxItems: &size}
			got, pages := map[string]bool{}, 0
			for {
				out := listServices(f, in)
				for id := range idsOf(out) {
					got[id] = true
				}
				pages++
				if !*out.IsTruncated {
					break
				}
				in.Marker = out.Marker
			}
			expected := want
			if service != nil {
				expected = ofCommit
			}
			iamtest.WantEqual(t, fmt.Sprintf("by %d", size), expected, got)
			iamtest.WantEqual(t, "pages", (len(expected)+int(size)-1)/int(size), pages)
		}
	}
	f.Fails(f.Root(), "ListServiceSpecificCredentials", &iamapi.ListServiceSpecificCredentialsRequest{UserName: new("alice"), Marker: new("!")}, "ValidationError", "Invalid Marker.")
	f.Fails(f.Root(), "ListServiceSpecificCredentials", &iamapi.ListServiceSpecificCredentialsRequest{UserName: new("nobody")},
		"NoSuchEntity", "The user with name nobody cannot be found.")
	f.Fails(f.Session("r", "s"), "ListServiceSpecificCredentials", &iamapi.ListServiceSpecificCredentialsRequest{},
		"ValidationError", "Must specify userName when calling with non-User credentials")
	f.Fails(f.Root(), "ListServiceSpecificCredentials", &iamapi.ListServiceSpecificCredentialsRequest{AllUsers: new(true), UserName: new("alice")},
		"ValidationError", "UserName can't be given together with AllUsers.")
}
