package roles

import (
	"context"
	"strings"

	"sallyport/internal/api"
	"sallyport/internal/api/iamapi"
	"sallyport/internal/iam"
	"sallyport/internal/operation"
	"sallyport/internal/state"
)

// defaultMaxSession is how long sessions of a role may last, in seconds, unless
// the role says otherwise.
const defaultMaxSession = 3600

func (s *roles) create(c *operation.Call, tx *state.Tx, in *iamapi.CreateRoleRequest) (*iamapi.CreateRoleResponse, error) {
	account, name, path := c.Caller.Account(), *in.RoleName, pathOrRoot(in.Path)
	if strings.HasPrefix(path, iam.ServiceLinkedPath) || strings.HasPrefix(path, iam.ReservedPath) {
		return nil, iamapi.InvalidInputException("The path %s is reserved for roles that only AWS creates.", path)
	}
	pins, err := s.trust(account, tx, *in.AssumeRolePolicyDocument)
	if err != nil {
		return nil, err
	}
	if in.PermissionsBoundary != nil {
		if err := iam.CheckBoundary(tx, account, *in.PermissionsBoundary); err != nil {
			return nil, err
		}
	}
	tags, err := s.newTags(nil, in.Tags)
	if err != nil {
		return nil, err
	}
	if _, _, taken := iam.RolesByName.First(tx, iam.FoldName(name)); taken {
		return nil, iamapi.EntityAlreadyExistsException("Role with name %s already exists.", name)
	}
	if err := s.env.Limits.Check(iam.RolesPerAccount, iam.Roles.Len(tx)+1); err != nil {
		return nil, err
	}
	role := &iam.Role{
		ID: s.env.Ident.RoleID(), Name: name, Path: path, Created: iam.Moment(tx.Now()),
		Description: in.Description, Trust: *in.AssumeRolePolicyDocument, TrustPins: pins,
		MaxSession: defaultMaxSession, Boundary: api.Value(in.PermissionsBoundary), Tags: tags,
	}
	if in.MaxSessionDuration != nil {
		role.MaxSession = *in.MaxSessionDuration
	}
	iam.Roles.Put(tx, role.ID, role)

	return &iamapi.CreateRoleResponse{Role: s.created(account, tx, role)}, nil
}

// created describes a new role, with less than GetRole (row iam-036).
func (s *roles) created(account string, r state.Reader, role *iam.Role) *iamapi.Role {
	out := Described(s.env, account, r, role)
	out.MaxSessionDuration = nil
	return &out
}

func (s *roles) get(c *operation.Call, r state.Reader, in *iamapi.GetRoleRequest) (*iamapi.GetRoleResponse, error) {
	role, err := iam.FindRole(r, *in.RoleName)
	if err != nil {
		return nil, err
	}
	out := Described(s.env, c.Caller.Account(), r, role)
	if out.RoleLastUsed, err = LastUsed(c.Context, s.env, role); err != nil {
		return nil, err
	}
	return &iamapi.GetRoleResponse{Role: &out}, nil
}

func (s *roles) list(c *operation.Call, r state.Reader, in *iamapi.ListRolesRequest) (*iamapi.ListRolesResponse, error) {
	page, err := iam.NewPage(in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	out := &iamapi.ListRolesResponse{Roles: []iamapi.Role{}}
	iam.RolesByName.AscendAll(r, page.From, func(folded, _ string, role *iam.Role) bool {
		if !strings.HasPrefix(role.Path, api.Value(in.PathPrefix)) {
			return true
		}
		return page.Add(folded, func() {
			out.Roles = append(out.Roles, Listed(s.env, c.Caller.Account(), r, role))
		})
	})
	out.IsTruncated, out.Marker = page.Result()
	return out, nil
}

func (s *roles) delete(_ *operation.Call, tx *state.Tx, in *iamapi.DeleteRoleRequest) (*iamapi.DeleteRoleResponse, error) {
	role, err := findModifiable(tx, *in.RoleName, iam.EditRole)
	if err != nil {
		return nil, err
	}
	switch {
	case iam.HasInlinePolicies(tx, role.ID):
		return nil, iam.Conflict("must delete policies first")
	case iam.HasAttachments(tx, role.ID):
		return nil, iam.Conflict("must detach all policies first")
	case iam.InInstanceProfile(tx, role.ID):
		return nil, iam.Conflict("must remove roles from instance profile first")
	}
	iam.Roles.Delete(tx, role.ID)
	iam.EndConsoleSessions(tx, role.ID, "")
	return &iamapi.DeleteRoleResponse{}, nil
}

// findModifiable finds a role for a change: what only AWS may change is refused.
func findModifiable(r state.Reader, name string, edit iam.RoleEdit) (*iam.Role, error) {
	role, err := iam.FindRole(r, name)
	if err != nil {
		return nil, err
	}
	return role, iam.Modifiable(role, name, edit)
}

// Listed describes a role as lists show it: without tags, boundary and last
// use.
func Listed(env *iam.Env, account string, r state.Reader, role *iam.Role) iamapi.Role {
	return iamapi.Role{
		Path: new(role.Path), RoleName: new(role.Name), RoleId: new(role.ID),
		Arn: new(iam.RoleARN(account, role)), CreateDate: new(role.Created),
		AssumeRolePolicyDocument: new(encodedTrust(env, account, r, role)),
		Description:              role.Description, MaxSessionDuration: new(role.MaxSession),
	}
}

// Described is a role in full, but for its last use, which [LastUsed] reads.
func Described(env *iam.Env, account string, r state.Reader, role *iam.Role) iamapi.Role {
	out := Listed(env, account, r, role)
	out.PermissionsBoundary = iam.DescribedBoundary(role.Boundary)
	out.Tags = iam.APITags(role.Tags)
	return out
}

// LastUsed is a role's last use: empty, not absent, when it was never used.
func LastUsed(ctx context.Context, env *iam.Env, role *iam.Role) (*iamapi.RoleLastUsed, error) {
	used, ok, err := env.Usage.RoleLastUsed(ctx, role.ID)
	if err != nil || !ok {
		return &iamapi.RoleLastUsed{}, err
	}
	return &iamapi.RoleLastUsed{LastUsedDate: new(used.At), Region: new(used.Region)}, nil
}
