package users

import (
	"strings"

	"sallyport/internal/api"
	"sallyport/internal/api/iamapi"
	"sallyport/internal/iam"
	"sallyport/internal/operation"
	"sallyport/internal/state"
)

func (h *handlers) create(c *operation.Call, tx *state.Tx, in *iamapi.CreateUserRequest) (*iamapi.CreateUserResponse, error) {
	account := c.Caller.Account()
	tags, err := iam.CaseInsensitiveTags.New(in.Tags)
	if err != nil {
		return nil, err
	}
	if in.PermissionsBoundary != nil {
		if err := iam.CheckBoundary(tx, account, *in.PermissionsBoundary); err != nil {
			return nil, err
		}
	}
	if err := nameIsFree(tx, *in.UserName, ""); err != nil {
		return nil, err
	}
	if err := h.env.Limits.Check(iam.UsersPerAccount, iam.Users.Len(tx)+1); err != nil {
		return nil, err
	}
	if err := h.env.Limits.Check(iam.TagsPerUser, len(tags)); err != nil {
		return nil, err
	}
	u := &iam.User{
		ID: h.env.Ident.UserID(), Name: *in.UserName, Path: iam.PathOf(in.Path), Created: iam.Moment(tx.Now()),
		Boundary: api.Value(in.PermissionsBoundary), Tags: tags,
	}
	iam.Users.Put(tx, u.ID, u)
	return &iamapi.CreateUserResponse{User: new(iam.DescribedUser(account, u))}, nil
}

// nameIsFree returns AWS's EntityAlreadyExists when a user other than the one
// with the given id has the name.
func nameIsFree(r state.Reader, name, id string) error {
	if u, err := iam.FindUser(r, name); err == nil && u.ID != id {
		return iamapi.EntityAlreadyExistsException("User with name %s already exists.", name)
	}
	return nil
}

func (h *handlers) get(c *operation.Call, r state.Reader, in *iamapi.GetUserRequest) (*iamapi.GetUserResponse, error) {
	account := c.Caller.Account()
	subject, err := iam.FindSubject(c, r, in.UserName)
	if err != nil {
		return nil, err
	}
	if err := subject.Missing(); err != nil {
		return nil, err
	}
	if subject.Root {
		return &iamapi.GetUserResponse{User: iam.DescribedRoot(r, account)}, nil
	}
	return &iamapi.GetUserResponse{User: new(iam.DescribedUser(account, subject.User))}, nil
}

func (h *handlers) list(c *operation.Call, r state.Reader, in *iamapi.ListUsersRequest) (*iamapi.ListUsersResponse, error) {
	page, err := iam.NewPage(in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	account, prefix := c.Caller.Account(), iam.PathOf(in.PathPrefix)
	out := &iamapi.ListUsersResponse{Users: []iamapi.User{}}
	iam.UsersByName.AscendAll(r, page.From, func(name, _ string, u *iam.User) bool {
		if !strings.HasPrefix(u.Path, prefix) {
			return true
		}
		return page.Add(name, func() { out.Users = append(out.Users, iam.ListedUser(account, u)) })
	})
	out.IsTruncated, out.Marker = page.Result()
	return out, nil
}

// moved is the user as UpdateUser leaves it.
func moved(u *iam.User, in *iamapi.UpdateUserRequest) iam.User {
	changed := *u
	if in.NewUserName != nil {
		changed.Name = *in.NewUserName
	}
	if in.NewPath != nil {
		changed.Path = *in.NewPath
	}
	return changed
}

func (h *handlers) update(_ *operation.Call, tx *state.Tx, in *iamapi.UpdateUserRequest) (*iamapi.UpdateUserResponse, error) {
	u, err := iam.FindUser(tx, *in.UserName)
	if err != nil {
		return nil, err
	}
	changed := moved(u, in)
	if err := nameIsFree(tx, changed.Name, u.ID); err != nil {
		return nil, err
	}
	iam.Users.Put(tx, u.ID, &changed)
	return &iamapi.UpdateUserResponse{}, nil
}

func (h *handlers) delete(_ *operation.Call, tx *state.Tx, in *iamapi.DeleteUserRequest) (*iamapi.DeleteUserResponse, error) {
	u, err := iam.FindUser(tx, *in.UserName)
	if err != nil {
		return nil, err
	}
	if err := inUse(tx, u); err != nil {
		return nil, err
	}
	iam.Users.Delete(tx, u.ID)
	iam.EndConsoleSessions(tx, u.ID, "")
	return &iamapi.DeleteUserResponse{}, nil
}

// inUse returns AWS's DeleteConflict when the user still has something that
// must be taken from it first. Policies are reported before credentials (row
// iam-024).
func inUse(r state.Reader, u *iam.User) error {
	_, _, hasKey := iam.AccessKeysByUser.First(r, u.ID)
	switch {
	case iam.HasAttachments(r, u.ID):
		return iam.Conflict("must detach all policies first")
	case iam.HasInlinePolicies(r, u.ID):
		return iam.Conflict("must delete policies first")
	case iam.HasMemberships(r, u.ID):
		return iam.Conflict("must remove users from group first")
	case hasKey:
		return iam.Conflict("must delete access keys first")
	case iam.LoginProfiles.Has(r, u.ID):
		return iam.Conflict("must delete login profile first")
	case iam.HasSigningCertificates(r, u.ID):
		return iam.Conflict("must delete certificates first")
	case iam.HasServiceAccess(r, u.ID):
		return iam.Conflict("must remove referenced objects first")
	case iam.HasMFADevices(r, u.ID):
		return iam.Conflict("must delete MFA device first")
	}
	return nil
}
