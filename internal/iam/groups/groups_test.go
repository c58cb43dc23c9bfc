package groups_test

import (
	"strings"
	"testing"

	"sallyport/internal/api/iamapi"
	"sallyport/internal/iam"
	"sallyport/internal/iam/groups"
	"sallyport/internal/iam/iamtest"
	"sallyport/internal/operation"
	"sallyport/internal/state"
)

func create(f *iamtest.Fixture, in *iamapi.CreateGroupRequest) *iamapi.Group {
	f.Helper()
	return iamtest.Do[iamapi.CreateGroupResponse](f, f.Root(), "CreateGroup", in).Group
}

func get(f *iamtest.Fixture, in *iamapi.GetGroupRequest) *iamapi.GetGroupResponse {
	f.Helper()
	return iamtest.Do[iamapi.GetGroupResponse](f, f.Root(), "GetGroup", in)
}

func names(list []iamapi.Group) (out []string) {
	for _, g := range list {
		out = append(out, *g.GroupName)
	}
	return out
}

func on(f *iamtest.Fixture, action, name string) operation.Check {
	return operation.Check{Action: action, Resource: f.ARN("group/" + name), Name: "group " + name}
}

func TestCreateGroup(t *testing.T) {
	f := iamtest.New(t, groups.Operations)
	made := create(f, &iamapi.CreateGroupRequest{GroupName: new("devops"), Path: new("/eng/")})
	f.WantChecks(operation.Check{Action: "iam:CreateGroup", Resource: f.ARN("group/eng/devops")})
	if id := *made.GroupId; !strings.HasPrefix(id, "AGPA") || len(id) != 21 {
		t.Errorf("unique id %q", id)
	}
	want := &iamapi.Group{
		Path: new("/eng/"), GroupName: new("devops"), GroupId: made.GroupId,
		Arn: new(f.ARN("group/eng/devops")), CreateDate: made.CreateDate,
	}
	iamtest.WantEqual(t, "CreateGroup", want, made)
	got := get(f, &iamapi.GetGroupRequest{GroupName: new("DevOps")})
	f.WantChecks(operation.Check{Action: "iam:GetGroup", Resource: f.ARN("group/eng/devops"), Name: "group DevOps"})
	iamtest.WantEqual(t, "GetGroup", want, got.Group)
	if got.Users == nil || len(got.Users) != 0 || *got.IsTruncated {
		t.Errorf("users of an empty group: %+v", got)
	}
	if got := create(f, &iamapi.CreateGroupRequest{GroupName: new("plain")}); *got.Path != "/" {
		t.Errorf("default path %q", *got.Path)
	}

	f.Fails(f.Root(), "CreateGroup", &iamapi.CreateGroupRequest{GroupName: new("DEVOPS")},
		"EntityAlreadyExists", "Group with name DEVOPS already exists.")
	f.Fails(f.Root(), "CreateGroup", &iamapi.CreateGroupRequest{GroupName: new(strings.Repeat("g", 129))}, "ValidationError",
		"1 validation error detected: Value at 'groupName' failed to satisfy constraint: Member must have length less than or equal to 128")
	f.Env.Limits[iam.GroupsPerAccount] = 2
	f.Fails(f.Root(), "CreateGroup", &iamapi.CreateGroupRequest{GroupName: new("third")},
		"LimitExceeded", "Cannot exceed quota for GroupsPerAccount: 2")
}

// Names of users and of groups do not compete.
func TestGroupMayShareAUsersName(t *testing.T) {
	f := iamtest.New(t, groups.Operations)
	f.AddUser("ops")
	create(f, &iamapi.CreateGroupRequest{GroupName: new("ops")})
}

// Row iam-026.
func TestMissingGroup(t *testing.T) {
	f := iamtest.New(t, groups.Operations)
	f.AddUser("alice")
	g, alice := new("g"), new("alice")
	for name, in := range map[string]any{
		"GetGroup":            &iamapi.GetGroupRequest{GroupName: g},
		"UpdateGroup":         &iamapi.UpdateGroupRequest{GroupName: g, NewGroupName: new("h")},
		"DeleteGroup":         &iamapi.DeleteGroupRequest{GroupName: g},
		"AddUserToGroup":      &iamapi.AddUserToGroupRequest{GroupName: g, UserName: alice},
		"RemoveUserFromGroup": &iamapi.RemoveUserFromGroupRequest{GroupName: g, UserName: alice},
	} {
		f.Fails(f.Root(), name, in, "NoSuchEntity", "The group with name g cannot be found.")
		f.WantChecks(on(f, "iam:"+name, "g"))
	}
}

func TestListGroups(t *testing.T) {
	f := iamtest.New(t, groups.Operations)
	empty := iamtest.Do[iamapi.ListGroupsResponse](f, f.Root(), "ListGroups", &iamapi.ListGroupsRequest{})
	f.WantChecks(operation.Check{Action: "iam:ListGroups", Resource: f.ARN("group/")})
	if empty.Groups == nil || len(empty.Groups) != 0 || *empty.IsTruncated || empty.Marker != nil {
		t.Errorf("empty list: %+v", empty)
	}
	for i, name := range []string{"b", "A", "c", "D"} {
		create(f, &iamapi.CreateGroupRequest{GroupName: new(name), Path: new([]string{"/", "/p/"}[i%2])})
	}
	page := iamtest.Do[iamapi.ListGroupsResponse](f, f.Root(), "ListGroups", &iamapi.ListGroupsRequest{MaxItems: new(int64(3))})
	iamtest.WantEqual(t, "page 1", []string{"A", "b", "c"}, names(page.Groups))
	page = iamtest.Do[iamapi.ListGroupsResponse](f, f.Root(), "ListGroups", &iamapi.ListGroupsRequest{Marker: page.Marker})
	iamtest.WantEqual(t, "page 2", []string{"D"}, names(page.Groups))
	page = iamtest.Do[iamapi.ListGroupsResponse](f, f.Root(), "ListGroups", &iamapi.ListGroupsRequest{PathPrefix: new("/p/"), MaxItems: new(int64(1))})
	f.WantChecks(operation.Check{Action: "iam:ListGroups", Resource: f.ARN("group/p/")})
	iamtest.WantEqual(t, "prefix page 1", []string{"A"}, names(page.Groups))
	page = iamtest.Do[iamapi.ListGroupsResponse](f, f.Root(), "ListGroups", &iamapi.ListGroupsRequest{PathPrefix: new("/p/"), Marker: page.Marker})
	iamtest.WantEqual(t, "prefix page 2", []string{"D"}, names(page.Groups))
	f.Fails(f.Root(), "ListGroups", &iamapi.ListGroupsRequest{Marker: new("~")}, "ValidationError", "Invalid Marker.")
}

func TestUpdateGroup(t *testing.T) {
	f := iamtest.New(t, groups.Operations)
	old := f.AddGroup("Managers")
	f.AddGroup("ops")
	u := f.AddUser("alice")
	f.Change(func(tx *state.Tx) error {
		iam.Memberships.Put(tx, iam.MembershipKey(u.ID, old.ID), &iam.Membership{User: u.ID, Group: old.ID})
		return nil
	})
	iamtest.Do[iamapi.UpdateGroupResponse](f, f.Root(), "UpdateGroup", &iamapi.UpdateGroupRequest{
		GroupName: new("Managers"), NewGroupName: new("MGRs"), NewPath: new("/m/"),
	})
	f.WantChecks(on(f, "iam:UpdateGroup", "Managers"), operation.Check{Action: "iam:UpdateGroup", Resource: f.ARN("group/m/MGRs")})
	got := get(f, &iamapi.GetGroupRequest{GroupName: new("MGRs")})
	if *got.Group.GroupId != old.ID || *got.Group.Arn != f.ARN("group/m/MGRs") || len(got.Users) != 1 {
		t.Errorf("renamed group: %+v", got)
	}
	f.Fails(f.Root(), "UpdateGroup", &iamapi.UpdateGroupRequest{GroupName: new("MGRs"), NewGroupName: new("OPS")},
		"EntityAlreadyExists", "Group with name OPS already exists.")
	iamtest.Do[iamapi.UpdateGroupResponse](f, f.Root(), "UpdateGroup", &iamapi.UpdateGroupRequest{GroupName: new("MGRs"), NewGroupName: new("mgrs")})
	iamtest.Do[iamapi.UpdateGroupResponse](f, f.Root(), "UpdateGroup", &iamapi.UpdateGroupRequest{GroupName: new("mgrs"), NewGroupName: new("mgrs")})
	f.WantChecks(operation.Check{Action: "iam:UpdateGroup", Resource: f.ARN("group/m/mgrs"), Name: "group mgrs"})
}

// Row iam-025, and the policies of a group.
func TestDeleteGroup(t *testing.T) {
	f := iamtest.New(t, groups.Operations)
	g, u := f.AddGroup("g"), f.AddUser("alice")
	in := &iamapi.DeleteGroupRequest{GroupName: new("g")}
	membership, inline := iam.MembershipKey(u.ID, g.ID), iam.InlineKey(g.ID, "p")
	attachment := iam.AttachmentKey(g.ID, f.ARN("policy/p"))
	f.Change(func(tx *state.Tx) error {
		iam.Memberships.Put(tx, membership, &iam.Membership{User: u.ID, Group: g.ID})
		iam.Attachments.Put(tx, attachment, &iam.Attachment{Entity: g.ID, Policy: f.ARN("policy/p")})
		iam.InlinePolicies.Put(tx, inline, &iam.InlinePolicy{Name: "p", Document: "{}"})
		return nil
	})
	for _, step := range []struct {
		text string
		free func(tx *state.Tx)
	}{
		{"must remove users from group first", func(tx *state.Tx) { iam.Memberships.Delete(tx, membership) }},
		{"must detach all policies first", func(tx *state.Tx) { iam.Attachments.Delete(tx, attachment) }},
		{"must delete policies first", func(tx *state.Tx) { iam.InlinePolicies.Delete(tx, inline) }},
	} {
		f.Fails(f.Root(), "DeleteGroup", in, "DeleteConflict", "Cannot delete entity, "+step.text+".")
		f.Change(func(tx *state.Tx) error { step.free(tx); return nil })
	}
	iamtest.Do[iamapi.DeleteGroupResponse](f, f.Root(), "DeleteGroup", in)
	f.WantChecks(on(f, "iam:DeleteGroup", "g"))
	f.Fails(f.Root(), "DeleteGroup", in, "NoSuchEntity", "The group with name g cannot be found.")
}

func TestMembership(t *testing.T) {
	f := iamtest.New(t, groups.Operations)
	for _, name := range []string{"Bob", "alice", "carol"} {
		f.AddUser(name)
	}
	f.AddGroup("g")
	add := func(user, group string) {
		t.Helper()
		iamtest.Do[iamapi.AddUserToGroupResponse](f, f.Root(), "AddUserToGroup", &iamapi.AddUserToGroupRequest{UserName: new(user), GroupName: new(group)})
	}
	add("Bob", "g")
	f.WantChecks(on(f, "iam:AddUserToGroup", "g"))
	add("alice", "g")
	add("ALICE", "G") // already in: no error, no change
	if n := iam.Memberships.Len(f.View()); n != 2 {
		t.Errorf("%d memberships", n)
	}

	page := get(f, &iamapi.GetGroupRequest{GroupName: new("g"), MaxItems: new(int64(1))})
	if len(page.Users) != 1 || *page.Users[0].UserName != "alice" || !*page.IsTruncated {
		t.Fatalf("page 1: %+v", page)
	}
	page = get(f, &iamapi.GetGroupRequest{GroupName: new("g"), Marker: page.Marker})
	if len(page.Users) != 1 || *page.Users[0].UserName != "Bob" || *page.IsTruncated || page.Marker != nil {
		t.Fatalf("page 2: %+v", page)
	}
	f.Fails(f.Root(), "GetGroup", &iamapi.GetGroupRequest{GroupName: new("g"), Marker: new("%")}, "ValidationError", "Invalid Marker.")

	remove := &iamapi.RemoveUserFromGroupRequest{UserName: new("Bob"), GroupName: new("g")}
	iamtest.Do[iamapi.RemoveUserFromGroupResponse](f, f.Root(), "RemoveUserFromGroup", remove)
	f.WantChecks(on(f, "iam:RemoveUserFromGroup", "g"))
	iamtest.Do[iamapi.RemoveUserFromGroupResponse](f, f.Root(), "RemoveUserFromGroup", remove) // not in: no error
	if got := get(f, &iamapi.GetGroupRequest{GroupName: new("g")}); len(got.Users) != 1 {
		t.Errorf("users left: %+v", got.Users)
	}
	for _, name := range []string{"AddUserToGroup", "RemoveUserFromGroup"} {
		var in any = &iamapi.AddUserToGroupRequest{UserName: new("dave"), GroupName: new("g")}
		if name == "RemoveUserFromGroup" {
			in = &iamapi.RemoveUserFromGroupRequest{UserName: new("dave"), GroupName: new("g")}
		}
		f.Fails(f.Root(), name, in, "NoSuchEntity", "The user with name dave cannot be found.")
	}

	f.Env.Limits[iam.GroupsPerUser] = 1
	f.AddGroup("h")
	f.Fails(f.Root(), "AddUserToGroup", &iamapi.AddUserToGroupRequest{UserName: new("alice"), GroupName: new("h")},
		"LimitExceeded", "Cannot exceed quota for GroupsPerUser: 1")
	add("alice", "g") // at the quota, but in already
}

func TestListGroupsForUser(t *testing.T) {
	f := iamtest.New(t, groups.Operations)
	u := f.AddUser("alice")
	list := func(in *iamapi.ListGroupsForUserRequest) *iamapi.ListGroupsForUserResponse {
		t.Helper()
		in.UserName = new("alice")
		return iamtest.Do[iamapi.ListGroupsForUserResponse](f, f.Root(), "ListGroupsForUser", in)
	}
	if empty := list(&iamapi.ListGroupsForUserRequest{}); empty.Groups == nil || len(empty.Groups) != 0 || *empty.IsTruncated {
		t.Errorf("no groups: %+v", empty)
	}
	f.WantChecks(operation.Check{Action: "iam:ListGroupsForUser", Resource: f.ARN("user/alice"), Name: "user alice"})
	f.AddGroup("not-mine")
	for _, name := range []string{"b", "A", "c"} {
		g := f.AddGroup(name)
		f.Change(func(tx *state.Tx) error {
			iam.Memberships.Put(tx, iam.MembershipKey(u.ID, g.ID), &iam.Membership{User: u.ID, Group: g.ID})
			return nil
		})
	}
	page := list(&iamapi.ListGroupsForUserRequest{MaxItems: new(int64(2))})
	iamtest.WantEqual(t, "page 1", []string{"A", "b"}, names(page.Groups))
	page = list(&iamapi.ListGroupsForUserRequest{Marker: page.Marker})
	iamtest.WantEqual(t, "page 2", []string{"c"}, names(page.Groups))
	f.Fails(f.Root(), "ListGroupsForUser", &iamapi.ListGroupsForUserRequest{UserName: new("bob")}, "NoSuchEntity", "The user with name bob cannot be found.")
	f.Fails(f.Root(), "ListGroupsForUser", &iamapi.ListGroupsForUserRequest{UserName: new("alice"), Marker: new("*")}, "ValidationError", "Invalid Marker.")
}
