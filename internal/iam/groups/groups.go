package groups

import (
	"strings"

	"sallyport/internal/api/iamapi"
	"sallyport/internal/iam"
	"sallyport/internal/operation"
	"sallyport/internal/state"
)

func (h *handlers) create(c *operation.Call, tx *state.Tx, in *iamapi.CreateGroupRequest) (*iamapi.CreateGroupResponse, error) {
	if err := nameIsFree(tx, *in.GroupName, ""); err != nil {
		return nil, err
	}
	if err := h.env.Limits.Check(iam.GroupsPerAccount, iam.Groups.Len(tx)+1); err != nil {
		return nil, err
	}
	g := &iam.Group{
		ID: h.env.Ident.GroupID(), Name: *in.GroupName, Path: iam.PathOf(in.Path), Created: iam.Moment(tx.Now()),
	}
	iam.Groups.Put(tx, g.ID, g)
	return &iamapi.CreateGroupResponse{Group: new(iam.DescribedGroup(c.Caller.Account(), g))}, nil
}

// nameIsFree returns AWS's EntityAlreadyExists when a group other than the one
// with the given id has the name.
func nameIsFree(r state.Reader, name, id string) error {
	if g, err := iam.FindGroup(r, name); err == nil && g.ID != id {
		return iamapi.EntityAlreadyExistsException("Group with name %s already exists.", name)
	}
	return nil
}

// get returns the group with one page of its users, ordered by name.
func (h *handlers) get(c *operation.Call, r state.Reader, in *iamapi.GetGroupRequest) (*iamapi.GetGroupResponse, error) {
	g, err := iam.FindGroup(r, *in.GroupName)
	if err != nil {
		return nil, err
	}
	page, truncated, marker, err := iam.PageOf(in.Marker, in.MaxItems, members(r, g),
		func(u *iam.User) string { return iam.FoldName(u.Name) })
	if err != nil {
		return nil, err
	}
	account := c.Caller.Account()
	out := &iamapi.GetGroupResponse{
		Group: new(iam.DescribedGroup(account, g)), Users: []iamapi.User{},
		IsTruncated: truncated, Marker: marker,
	}
	for _, u := range page {
		out.Users = append(out.Users, iam.ListedUser(account, u))
	}
	return out, nil
}

func (h *handlers) list(c *operation.Call, r state.Reader, in *iamapi.ListGroupsRequest) (*iamapi.ListGroupsResponse, error) {
	page, err := iam.NewPage(in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	account, prefix := c.Caller.Account(), iam.PathOf(in.PathPrefix)
	out := &iamapi.ListGroupsResponse{Groups: []iamapi.Group{}}
	iam.GroupsByName.AscendAll(r, page.From, func(name, _ string, g *iam.Group) bool {
		if !strings.HasPrefix(g.Path, prefix) {
			return true
		}
		return page.Add(name, func() { out.Groups = append(out.Groups, iam.DescribedGroup(account, g)) })
	})
	out.IsTruncated, out.Marker = page.Result()
	return out, nil
}

// moved is the group as UpdateGroup leaves it.
func moved(g *iam.Group, in *iamapi.UpdateGroupRequest) iam.Group {
	changed := *g
	if in.NewGroupName != nil {
		changed.Name = *in.NewGroupName
	}
	if in.NewPath != nil {
		changed.Path = *in.NewPath
	}
	return changed
}

func (h *handlers) update(_ *operation.Call, tx *state.Tx, in *iamapi.UpdateGroupRequest) (*iamapi.UpdateGroupResponse, error) {
	g, err := iam.FindGroup(tx, *in.GroupName)
	if err != nil {
		return nil, err
	}
	changed := moved(g, in)
	if err := nameIsFree(tx, changed.Name, g.ID); err != nil {
		return nil, err
	}
	iam.Groups.Put(tx, g.ID, &changed)
	return &iamapi.UpdateGroupResponse{}, nil
}

func (h *handlers) delete(_ *operation.Call, tx *state.Tx, in *iamapi.DeleteGroupRequest) (*iamapi.DeleteGroupResponse, error) {
	g, err := iam.FindGroup(tx, *in.GroupName)
	if err != nil {
		return nil, err
	}
	switch {
	case iam.MembershipsByGroup.Count(tx, g.ID) > 0:
		return nil, iam.Conflict("must remove users from group first")
	case iam.HasAttachments(tx, g.ID):
		return nil, iam.Conflict("must detach all policies first")
	case iam.HasInlinePolicies(tx, g.ID):
		return nil, iam.Conflict("must delete policies first")
	}
	iam.Groups.Delete(tx, g.ID)
	return &iamapi.DeleteGroupResponse{}, nil
}
