package groups

import (
	"sallyport/internal/api/iamapi"
	"sallyport/internal/iam"
	"sallyport/internal/operation"
	"sallyport/internal/state"
)

// find returns the group and the user that a change of membership names. The
// group is looked up first.
func find(r state.Reader, group, user string) (*iam.Group, *iam.User, error) {
	g, err := iam.FindGroup(r, group)
	if err != nil {
		return nil, nil, err
	}
	u, err := iam.FindUser(r, user)
	if err != nil {
		return nil, nil, err
	}
	return g, u, nil
}

// addUser succeeds without a change for a user that is in the group already.
func (h *handlers) addUser(_ *operation.Call, tx *state.Tx, in *iamapi.AddUserToGroupRequest) (*iamapi.AddUserToGroupResponse, error) {
	g, u, err := find(tx, *in.GroupName, *in.UserName)
	if err != nil {
		return nil, err
	}
	key := iam.MembershipKey(u.ID, g.ID)
	if iam.Memberships.Has(tx, key) {
		return &iamapi.AddUserToGroupResponse{}, nil
	}
	if err := h.env.Limits.Check(iam.GroupsPerUser, len(groupsOf(tx, u))+1); err != nil {
		return nil, err
	}
	iam.Memberships.Put(tx, key, &iam.Membership{User: u.ID, Group: g.ID, At: iam.Moment(tx.Now())})
	return &iamapi.AddUserToGroupResponse{}, nil
}

// removeUser succeeds without a change for a user that is not in the group, as
// AWS does.
func (h *handlers) removeUser(_ *operation.Call, tx *state.Tx, in *iamapi.RemoveUserFromGroupRequest) (*iamapi.RemoveUserFromGroupResponse, error) {
	g, u, err := find(tx, *in.GroupName, *in.UserName)
	if err != nil {
		return nil, err
	}
	iam.Memberships.Delete(tx, iam.MembershipKey(u.ID, g.ID))
	return &iamapi.RemoveUserFromGroupResponse{}, nil
}

func (h *handlers) listForUser(c *operation.Call, r state.Reader, in *iamapi.ListGroupsForUserRequest) (*iamapi.ListGroupsForUserResponse, error) {
	u, err := iam.FindUser(r, *in.UserName)
	if err != nil {
		return nil, err
	}
	page, truncated, marker, err := iam.PageOf(in.Marker, in.MaxItems, groupsOf(r, u),
		func(g *iam.Group) string { return iam.FoldName(g.Name) })
	if err != nil {
		return nil, err
	}
	out := &iamapi.ListGroupsForUserResponse{Groups: []iamapi.Group{}, IsTruncated: truncated, Marker: marker}
	for _, g := range page {
		out.Groups = append(out.Groups, iam.DescribedGroup(c.Caller.Account(), g))
	}
	return out, nil
}

// members returns the users of a group in no order of the caller's interest.
func members(r state.Reader, g *iam.Group) []*iam.User {
	var users []*iam.User
	iam.MembershipsByGroup.Ascend(r, g.ID, func(_ string, m *iam.Membership) bool {
		if u, ok := iam.Users.Get(r, m.User); ok {
			users = append(users, u)
		}
		return true
	})
	return users
}

// groupsOf returns the groups a user is in, in no order of the caller's
// interest.
func groupsOf(r state.Reader, u *iam.User) []*iam.Group {
	var groups []*iam.Group
	iam.Memberships.AscendPrefix(r, u.ID+"/", func(_ string, m *iam.Membership) bool {
		if g, ok := iam.Groups.Get(r, m.Group); ok {
			groups = append(groups, g)
		}
		return true
	})
	return groups
}
