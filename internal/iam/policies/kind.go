package policies

import (
	"sallyport/internal/api/iamapi"
	"sallyport/internal/iam"
	"sallyport/internal/operation"
	"sallyport/internal/state"
)

// A kind is one of the three kinds of entities that have policies: what their
// operations differ in.
type kind struct {
	noun     string // as AWS's messages name it
	attached string // quota on managed policies attached to one entity
	size     string // quota on the characters of one entity's inline policies
	check    func(r state.Reader, account, action, name string) operation.Check
	find     func(r state.Reader, name string) (*entity, error)
}

// An entity is a user, group or role as far as its policies are concerned.
type entity struct {
	id, name, boundary string
	// role is nil for users and groups.
	role *iam.Role
}

var users = &kind{
	noun: "user", attached: iam.PoliciesPerUser, size: iam.UserPolicySize,
	check: iam.UserCheck,
	find: func(r state.Reader, name string) (*entity, error) {
		u, err := iam.FindUser(r, name)
		if err != nil {
			return nil, err
		}
		return &entity{id: u.ID, name: u.Name, boundary: u.Boundary}, nil
	},
}

var groups = &kind{
	noun: "group", attached: iam.PoliciesPerGroup, size: iam.GroupPolicySize,
	check: iam.GroupCheck,
	find: func(r state.Reader, name string) (*entity, error) {
		g, err := iam.FindGroup(r, name)
		if err != nil {
			return nil, err
		}
		return &entity{id: g.ID, name: g.Name}, nil
	},
}

var roles = &kind{
	noun: "role", attached: iam.PoliciesPerRole, size: iam.RolePolicySize,
	check: iam.RoleCheck,
	find: func(r state.Reader, name string) (*entity, error) {
		role, err := iam.FindRole(r, name)
		if err != nil {
			return nil, err
		}
		return &entity{id: role.ID, name: role.Name, boundary: role.Boundary, role: role}, nil
	},
}

// findModifiable is find for a change: roles that only AWS may change are
// refused.
func (k *kind) findModifiable(r state.Reader, name string) (*entity, error) {
	e, err := k.find(r, name)
	if err != nil {
		return nil, err
	}
	if e.role != nil {
		if err := iam.Modifiable(e.role, name, iam.EditRole); err != nil {
			return nil, err
		}
	}
	return e, nil
}

// noInlinePolicy is AWS's answer when the entity has no inline policy of that
// name (row iam-108).
func (k *kind) noInlinePolicy(name string) error {
	return iamapi.NoSuchEntityException("The %s policy with name %s cannot be found.", k.noun, name)
}
