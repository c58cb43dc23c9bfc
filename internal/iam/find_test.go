package iam_test

import (
	"testing"

	"sallyport/internal/iam"
	"sallyport/internal/iam/iamtest"
	"sallyport/internal/operation"
	"sallyport/internal/state"
)

func TestFind(t *testing.T) {
	f := iamtest.New(t)
	u, g := f.AddUser("Alice"), f.AddGroup("Ops")
	f.Change(func(tx *state.Tx) error {
		iam.Roles.Put(tx, "AROA1", &iam.Role{ID: "AROA1", Name: "Deploy", Path: "/"})
		return nil
	})
	v := f.View()
	if got, err := iam.FindUser(v, "aLICE"); err != nil || got.ID != u.ID {
		t.Errorf("user: %v, %v", got, err)
	}
	if got, err := iam.FindGroup(v, "OPS"); err != nil || got.ID != g.ID {
		t.Errorf("group: %v, %v", got, err)
	}
	if got, err := iam.FindRole(v, "deploy"); err != nil || got.ID != "AROA1" {
		t.Errorf("role: %v, %v", got, err)
	}
	_, err := iam.FindUser(v, "x")
	iamtest.WantEqual(t, "user", "NoSuchEntity: The user with name x cannot be found.", err.Error())
	_, err = iam.FindGroup(v, "x")
	iamtest.WantEqual(t, "group", "NoSuchEntity: The group with name x cannot be found.", err.Error())
	_, err = iam.FindRole(v, "x")
	iamtest.WantEqual(t, "role", "NoSuchEntity: The role with name x cannot be found.", err.Error())
}

func TestFindPolicy(t *testing.T) {
	f := iamtest.New(t)
	arn := f.AddPolicy("p", `{"own":true}`)
	v := f.View()
	if document, ok := iam.PolicyDocument(v, iamtest.Account, arn); !ok || document != `{"own":true}` {
		t.Errorf("own policy: %q, %v", document, ok)
	}
	if document, ok := iam.PolicyDocument(v, iamtest.Account, "arn:aws:iam::aws:policy/AdministratorAccess"); !ok || document == "" {
		t.Errorf("AWS's policy: %q, %v", document, ok)
	}
	// Neither another account's, nor another path, case or kind.
	for _, arn := range []string{
		"arn:aws:iam::" + iamtest.OtherAccount + ":policy/p", f.ARN("policy/x/p"), f.ARN("policy/P"), f.ARN("user/p"),
		"arn:aws:iam::aws:policy/p", "arn:aws:iam::" + iamtest.Account + ":policy/AdministratorAccess", "p", "",
	} {
		if _, err := iam.FindPolicy(v, iamtest.Account, arn); err == nil || err.Error() != "NoSuchEntity: Policy "+arn+" was not found." {
			t.Errorf("%q: %v", arn, err)
		}
		if iam.Attachable(v, iamtest.Account, arn) {
			t.Errorf("%q is attachable", arn)
		}
		if _, ok := iam.PolicyDocument(v, iamtest.Account, arn); ok {
			t.Errorf("%q has a document", arn)
		}
	}
}

func TestCheckBoundary(t *testing.T) {
	f := iamtest.New(t)
	const linked = "arn:aws:iam::aws:policy/aws-service-role/BatchServiceRolePolicy"
	for arn, want := range map[string]string{
		f.AddPolicy("p", "{}"):                        "",
		"arn:aws:iam::aws:policy/AdministratorAccess": "",
		f.ARN("policy/q"):                             "NoSuchEntity: Scope ARN: " + f.ARN("policy/q") + " does not exist or is not attachable.",
		linked:                                        "PolicyNotAttachable: Policy " + linked + " is not attachable.",
	} {
		got := ""
		if err := iam.CheckBoundary(f.View(), iamtest.Account, arn); err != nil {
			got = err.Error()
		}
		iamtest.WantEqual(t, arn, want, got)
	}
}

// The resource of an action is the entity as it is, whatever the case of the
// name given, or the root path and the given name for one that is missing.
func TestChecksOnEntities(t *testing.T) {
	f := iamtest.New(t)
	tags := []operation.Tag{{Key: "k", Value: "v"}}
	f.Change(func(tx *state.Tx) error {
		iam.Users.Put(tx, "AIDA1", &iam.User{ID: "AIDA1", Name: "Alice", Path: "/p/", Tags: tags})
		iam.Groups.Put(tx, "AGPA1", &iam.Group{ID: "AGPA1", Name: "Ops", Path: "/p/"})
		return nil
	})
	v := f.View()
	f.Checks = []operation.Check{
		iam.UserCheck(v, iamtest.Account, "iam:GetUser", "alice"), iam.UserCheck(v, iamtest.Account, "iam:GetUser", "Bob"),
		iam.GroupCheck(v, iamtest.Account, "iam:GetGroup", "ops"), iam.GroupCheck(v, iamtest.Account, "iam:GetGroup", "Dev"),
	}
	f.WantChecks(
		operation.Check{Action: "iam:GetUser", Resource: f.ARN("user/p/Alice"), Name: "user alice", ResourceTags: tags},
		operation.Check{Action: "iam:GetUser", Resource: f.ARN("user/Bob"), Name: "user Bob"},
		operation.Check{Action: "iam:GetGroup", Resource: f.ARN("group/p/Ops"), Name: "group ops"},
		operation.Check{Action: "iam:GetGroup", Resource: f.ARN("group/Dev"), Name: "group Dev"},
	)
	if iam.BoundaryKey("") != nil {
		t.Error("an absent boundary is a key")
	}
}
