package users_test

import (
	"fmt"
	"strings"
	"testing"

	"sallyport/internal/api/iamapi"
	"sallyport/internal/iam"
	"sallyport/internal/iam/iamtest"
	"sallyport/internal/iam/users"
	"sallyport/internal/operation"
	"sallyport/internal/state"
	"sallyport/policy/condition"
)

const boundary = "arn:aws:iam::aws:policy/ReadOnlyAccess"

func create(f *iamtest.Fixture, in *iamapi.CreateUserRequest) *iamapi.User {
	f.Helper()
	return iamtest.Do[iamapi.CreateUserResponse](f, f.Root(), "CreateUser", in).User
}

func get(f *iamtest.Fixture, name string) *iamapi.User {
	f.Helper()
	return iamtest.Do[iamapi.GetUserResponse](f, f.Root(), "GetUser", &iamapi.GetUserRequest{UserName: &name}).User
}

func TestCreateUser(t *testing.T) {
	f := iamtest.New(t, users.Operations)
	made := create(f, &iamapi.CreateUserRequest{
		UserName: new("alice"), Path: new("/test/"), PermissionsBoundary: new(boundary),
		Tags: []iamapi.Tag{{Key: new("Team"), Value: new("blue")}, {Key: new("cost"), Value: new("")}},
	})
	tags := []operation.Tag{{Key: "Team", Value: "blue"}, {Key: "cost"}}
	f.WantChecks(operation.Check{
		Action: "iam:CreateUser", Resource: f.ARN("user/test/alice"),
		Keys:        condition.Map{"iam:permissionsboundary": condition.One(boundary)},
		RequestTags: tags,
	}, operation.Check{Action: "iam:TagUser", Resource: f.ARN("user/test/alice"), RequestTags: tags})
	if id := *made.UserId; !strings.HasPrefix(id, "AIDA") || len(id) != 21 {
		t.Errorf("unique id %q", id)
	}
	want := &iamapi.User{
		Path: new("/test/"), UserName: new("alice"), UserId: made.UserId,
		Arn: new(f.ARN("user/test/alice")), CreateDate: made.CreateDate,
		PermissionsBoundary: &iamapi.AttachedPermissionsBoundary{
			PermissionsBoundaryType: new("Policy"), PermissionsBoundaryArn: new(boundary),
		},
		Tags: []iamapi.Tag{{Key: new("cost"), Value: new("")}, {Key: new("Team"), Value: new("blue")}},
	}
	iamtest.WantEqual(t, "CreateUser", want, made)
	iamtest.WantEqual(t, "GetUser", want, get(f, "ALICE"))
	if made.CreateDate.Before(iamtest.Start) || made.CreateDate.Nanosecond()%1e6 != 0 {
		t.Errorf("created at %v", made.CreateDate)
	}
}

// A user without options has no tags, boundary or use of its password (rows
// iam-002, iam-005).
func TestCreateUserMinimal(t *testing.T) {
	f := iamtest.New(t, users.Operations)
	made := create(f, &iamapi.CreateUserRequest{UserName: new("alice")})
	f.WantChecks(operation.Check{Action: "iam:CreateUser", Resource: f.ARN("user/alice")})
	if *made.Path != "/" || made.Tags != nil || made.PermissionsBoundary != nil || made.PasswordLastUsed != nil {
		t.Errorf("got %+v", made)
	}
}

func TestCreateUserRefused(t *testing.T) {
	f := iamtest.New(t, users.Operations)
	f.AddUser("u1")
	tests := []struct {
		row  string
		in   iamapi.CreateUserRequest
		code string
		text string
	}{
		{"iam-010", iamapi.CreateUserRequest{UserName: new("u1")}, "EntityAlreadyExists", "User with name u1 already exists."},
		{"case", iamapi.CreateUserRequest{UserName: new("U1"), Path: new("/other/")}, "EntityAlreadyExists", "User with name U1 already exists."},
		{"iam-011", iamapi.CreateUserRequest{UserName: new("bad/name")}, "ValidationError",
			"The specified value for userName is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_-"},
		{"iam-012", iamapi.CreateUserRequest{UserName: new(strings.Repeat("x", 65))}, "ValidationError",
			"1 validation error detected: Value at 'userName' failed to satisfy constraint: Member must have length less than or equal to 64"},
		{"iam-014", iamapi.CreateUserRequest{}, "ValidationError",
			"1 validation error detected: Value at 'userName' failed to satisfy constraint: Member must not be null"},
		{"iam-015", iamapi.CreateUserRequest{UserName: new("a"), Path: new("test")}, "ValidationError",
			"The specified value for path is invalid. It must begin and end with / and contain only alphanumeric characters and/or / characters."},
		{"iam-227", iamapi.CreateUserRequest{UserName: new("a"), Tags: []iamapi.Tag{
			{Key: new("a"), Value: new("1")}, {Key: new("b"), Value: new("1")}, {Key: new("A"), Value: new("2")}}}, "InvalidInput",
			"Duplicate tag keys found. Please note that Tag keys are case insensitive."},
		{"reserved key", iamapi.CreateUserRequest{UserName: new("a"), Tags: []iamapi.Tag{{Key: new("AWS:x"), Value: new("1")}}}, "InvalidInput",
			"Tag keys and values must not begin with the reserved prefix aws:"},
		{"boundary", iamapi.CreateUserRequest{UserName: new("a"), PermissionsBoundary: new(f.ARN("policy/none"))}, "NoSuchEntity",
			"Scope ARN: " + f.ARN("policy/none") + " does not exist or is not attachable."},
		{"boundary of another account", iamapi.CreateUserRequest{UserName: new("a"),
			PermissionsBoundary: new("arn:aws:iam::" + iamtest.OtherAccount + ":policy/p")}, "NoSuchEntity",
			"Scope ARN: arn:aws:iam::" + iamtest.OtherAccount + ":policy/p does not exist or is not attachable."},
	}
	for _, test := range tests {
		t.Run(test.row, func(t *testing.T) {
			f.TB = t
			f.Fails(f.Root(), "CreateUser", &test.in, test.code, test.text)
			if n := iam.Users.Len(f.View()); n != 1 {
				t.Errorf("%d users", n)
			}
		})
	}
}

func TestUserQuotas(t *testing.T) {
	f := iamtest.New(t, users.Operations)
	f.Env.Limits[iam.UsersPerAccount] = 2
	f.Env.Limits[iam.TagsPerUser] = 1
	two := []iamapi.Tag{{Key: new("a"), Value: new("1")}, {Key: new("b"), Value: new("1")}}
	f.Fails(f.Root(), "CreateUser", &iamapi.CreateUserRequest{UserName: new("a"), Tags: two}, "LimitExceeded", "Cannot exceed quota for TagsPerUser: 1")
	create(f, &iamapi.CreateUserRequest{UserName: new("a"), Tags: two[:1]})
	create(f, &iamapi.CreateUserRequest{UserName: new("b")})
	f.Fails(f.Root(), "CreateUser", &iamapi.CreateUserRequest{UserName: new("c")}, "LimitExceeded", "Cannot exceed quota for UsersPerAccount: 2")
	f.Fails(f.Root(), "TagUser", &iamapi.TagUserRequest{UserName: new("a"), Tags: two[1:]}, "LimitExceeded", "Cannot exceed quota for TagsPerUser: 1")
}

func TestGetUser(t *testing.T) {
	f := iamtest.New(t, users.Operations)
	u := f.AddUser("alice")
	f.Change(func(tx *state.Tx) error {
		tagged := *u
		tagged.Path, tagged.Tags = "/p/", []operation.Tag{{Key: "team", Value: "blue"}}
		iam.Users.Put(tx, u.ID, &tagged)
		return nil
	})
	own := operation.Check{
		Action: "iam:GetUser", Resource: f.ARN("user/p/alice"), Name: "user alice",
		ResourceTags: []operation.Tag{{Key: "team", Value: "blue"}},
	}

	get(f, "alice")
	f.WantChecks(own)

	for _, caller := range []*operation.Caller{f.As("alice"), f.Temporary("alice")} {
		got := iamtest.Do[iamapi.GetUserResponse](f, caller, "GetUser", &iamapi.GetUserRequest{}).User
		f.WantChecks(own)
		if *got.UserId != u.ID {
			t.Errorf("own user is %s, want %s", *got.UserId, u.ID)
		}
	}

	f.Fails(f.Root(), "GetUser", &iamapi.GetUserRequest{UserName: new("bob")}, "NoSuchEntity", "The user with name bob cannot be found.")
	f.WantChecks(operation.Check{Action: "iam:GetUser", Resource: f.ARN("user/bob"), Name: "user bob"})

	f.Fails(f.Session("r", "s"), "GetUser", &iamapi.GetUserRequest{}, "ValidationError", "Must specify userName when calling with non-User credentials")
	f.Fails(f.Root(), "GetUser", &iamapi.GetUserRequest{UserName: new(strings.Repeat("x", 129))}, "ValidationError",
		"1 validation error detected: Value at 'userName' failed to satisfy constraint: Member must have length less than or equal to 128") // iam-013
}

func TestGetUserAsRoot(t *testing.T) {
	f := iamtest.New(t, users.Operations)
	root := iamtest.Do[iamapi.GetUserResponse](f, f.Root(), "GetUser", &iamapi.GetUserRequest{}).User
	f.WantChecks(operation.Check{Action: "iam:GetUser", Resource: f.ARN("root")})
	account, _ := iam.Accounts.Get(f.View(), iam.AccountKey)
	iamtest.WantEqual(t, "root", &iamapi.User{
		UserId: new(iamtest.Account), Arn: new(f.ARN("root")), CreateDate: new(account.Created),
	}, root)

	f.Change(func(tx *state.Tx) error {
		named := *account
		named.Alias = "any-company"
		iam.Accounts.Put(tx, iam.AccountKey, &named)
		return nil
	})
	root = iamtest.Do[iamapi.GetUserResponse](f, f.Root(), "GetUser", &iamapi.GetUserRequest{}).User
	if root.UserName == nil || *root.UserName != "any-company" {
		t.Errorf("root is called %v", root.UserName)
	}
}

// A caller whose user was deleted finds nobody, not a new user of its name.
func TestAttack24RecreatedUserIsAnother(t *testing.T) {
	f := iamtest.New(t, users.Operations)
	f.AddUser("alice")
	caller := f.As("alice")
	iamtest.Do[iamapi.DeleteUserResponse](f, f.Root(), "DeleteUser", &iamapi.DeleteUserRequest{UserName: new("alice")})
	made := create(f, &iamapi.CreateUserRequest{UserName: new("alice")})
	if *made.UserId == caller.EntityID {
		t.Fatal("the new user has the old one's id")
	}
	f.Fails(caller, "GetUser", &iamapi.GetUserRequest{}, "NoSuchEntity", "The user with name alice cannot be found.")
}

func names(list []iamapi.User) (out []string) {
	for _, u := range list {
		out = append(out, *u.UserName)
	}
	return out
}

// Rows iam-006 and iam-016.
func TestListUsers(t *testing.T) {
	f := iamtest.New(t, users.Operations)
	empty := iamtest.Do[iamapi.ListUsersResponse](f, f.Root(), "ListUsers", &iamapi.ListUsersRequest{})
	f.WantChecks(operation.Check{Action: "iam:ListUsers", Resource: f.ARN("user/")})
	if empty.Users == nil || len(empty.Users) != 0 || *empty.IsTruncated || empty.Marker != nil {
		t.Errorf("empty list: %+v", empty)
	}

	for i, name := range []string{"bob", "Alice", "carol", "dave", "Erin"} {
		create(f, &iamapi.CreateUserRequest{
			UserName: new(name), Path: new([]string{"/", "/p/", "/p/q/"}[i%3]), PermissionsBoundary: new(boundary),
			Tags: []iamapi.Tag{{Key: new("k"), Value: new("v")}},
		})
	}
	var pages [][]string
	in := &iamapi.ListUsersRequest{MaxItems: new(int64(2))}
	for {
		out := iamtest.Do[iamapi.ListUsersResponse](f, f.Root(), "ListUsers", in)
		pages = append(pages, names(out.Users))
		for _, u := range out.Users {
			if u.Tags != nil || u.PermissionsBoundary != nil {
				t.Errorf("list shows tags or boundary of %s", *u.UserName)
			}
		}
		if !*out.IsTruncated {
			if out.Marker != nil {
				t.Error("last page has a marker")
			}
			break
		}
		in.Marker = out.Marker
	}
	iamtest.WantEqual(t, "pages", [][]string{{"Alice", "bob"}, {"carol", "dave"}, {"Erin"}}, pages)

	out := iamtest.Do[iamapi.ListUsersResponse](f, f.Root(), "ListUsers", &iamapi.ListUsersRequest{PathPrefix: new("/p/")})
	f.WantChecks(operation.Check{Action: "iam:ListUsers", Resource: f.ARN("user/p/")})
	iamtest.WantEqual(t, "under /p/", []string{"Alice", "carol", "Erin"}, names(out.Users))

	f.Fails(f.Root(), "ListUsers", &iamapi.ListUsersRequest{PathPrefix: new("nope")}, "ValidationError",
		"The specified value for pathPrefix is invalid. It must begin with the / character and contain only alphanumeric characters and/or / characters.")
	f.Fails(f.Root(), "ListUsers", &iamapi.ListUsersRequest{Marker: new("!")}, "ValidationError", "Invalid Marker.")
	f.Fails(f.Root(), "ListUsers", &iamapi.ListUsersRequest{MaxItems: new(int64(1001))}, "ValidationError", // iam-017
		"1 validation error detected: Value at 'maxItems' failed to satisfy constraint: Member must have value less than or equal to 1000")
}

// The page after a deleted user starts at the next one.
func TestListUsersWhileDeleting(t *testing.T) {
	f := iamtest.New(t, users.Operations)
	for _, name := range []string{"a", "b", "c"} {
		f.AddUser(name)
	}
	first := iamtest.Do[iamapi.ListUsersResponse](f, f.Root(), "ListUsers", &iamapi.ListUsersRequest{MaxItems: new(int64(1))})
	iamtest.Do[iamapi.DeleteUserResponse](f, f.Root(), "DeleteUser", &iamapi.DeleteUserRequest{UserName: new("b")})
	rest := iamtest.Do[iamapi.ListUsersResponse](f, f.Root(), "ListUsers", &iamapi.ListUsersRequest{Marker: first.Marker})
	iamtest.WantEqual(t, "rest", []string{"c"}, names(rest.Users))
}

func TestListUsersDefaultPage(t *testing.T) {
	f := iamtest.New(t, users.Operations)
	f.Change(func(tx *state.Tx) error {
		for i := range 101 {
			u := &iam.User{ID: fmt.Sprintf("AIDA%017d", i), Name: fmt.Sprintf("user%03d", i), Path: "/"}
			iam.Users.Put(tx, u.ID, u)
		}
		return nil
	})
	out := iamtest.Do[iamapi.ListUsersResponse](f, f.Root(), "ListUsers", &iamapi.ListUsersRequest{})
	if len(out.Users) != 100 || !*out.IsTruncated {
		t.Errorf("%d users, truncated %v", len(out.Users), *out.IsTruncated)
	}
}

func TestUpdateUser(t *testing.T) {
	f := iamtest.New(t, users.Operations)
	old := create(f, &iamapi.CreateUserRequest{UserName: new("bob"), Tags: []iamapi.Tag{{Key: new("k"), Value: new("v")}}})
	f.AddUser("alice")
	tags := []operation.Tag{{Key: "k", Value: "v"}}

	iamtest.Do[iamapi.UpdateUserResponse](f, f.Root(), "UpdateUser", &iamapi.UpdateUserRequest{
		UserName: new("bob"), NewUserName: new("robert"), NewPath: new("/staff/"),
	})
	f.WantChecks(
		operation.Check{Action: "iam:UpdateUser", Resource: f.ARN("user/bob"), Name: "user bob", ResourceTags: tags},
		operation.Check{Action: "iam:UpdateUser", Resource: f.ARN("user/staff/robert"), ResourceTags: tags},
	)
	got := get(f, "robert")
	if *got.UserId != *old.UserId || *got.Arn != f.ARN("user/staff/robert") || len(got.Tags) != 1 {
		t.Errorf("renamed user: %+v", got)
	}
	f.Fails(f.Root(), "GetUser", &iamapi.GetUserRequest{UserName: new("bob")}, "NoSuchEntity", "The user with name bob cannot be found.")

	// Its own name, in the same or another case, is free to a user.
	for _, name := range []string{"robert", "Robert"} {
		iamtest.Do[iamapi.UpdateUserResponse](f, f.Root(), "UpdateUser", &iamapi.UpdateUserRequest{UserName: new("robert"), NewUserName: new(name)})
		if got := get(f, "robert"); *got.UserName != name {
			t.Errorf("name is %s, want %s", *got.UserName, name)
		}
	}
	iamtest.Do[iamapi.UpdateUserResponse](f, f.Root(), "UpdateUser", &iamapi.UpdateUserRequest{UserName: new("robert")})
	f.WantChecks(operation.Check{Action: "iam:UpdateUser", Resource: f.ARN("user/staff/Robert"), Name: "user robert", ResourceTags: tags})

	f.Fails(f.Root(), "UpdateUser", &iamapi.UpdateUserRequest{UserName: new("Robert"), NewUserName: new("ALICE")},
		"EntityAlreadyExists", "User with name ALICE already exists.")
	f.Fails(f.Root(), "UpdateUser", &iamapi.UpdateUserRequest{UserName: new("carol"), NewUserName: new("dave")},
		"NoSuchEntity", "The user with name carol cannot be found.")
	f.WantChecks(operation.Check{Action: "iam:UpdateUser", Resource: f.ARN("user/carol"), Name: "user carol"})
}
