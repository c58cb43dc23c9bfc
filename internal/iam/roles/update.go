package roles

import (
	"sallyport/internal/api/iamapi"
	"sallyport/internal/iam"
	"sallyport/internal/operation"
	"sallyport/internal/state"
)

// change puts a changed copy of a role.
func change(tx *state.Tx, role *iam.Role, fn func(*iam.Role)) *iam.Role {
	changed := *role
	fn(&changed)
	iam.Roles.Put(tx, changed.ID, &changed)
	return &changed
}

// update changes what the request gives and leaves the rest as it is. Of a
// service-linked role only the description can be changed.
func (s *roles) update(_ *operation.Call, tx *state.Tx, in *iamapi.UpdateRoleRequest) (*iamapi.UpdateRoleResponse, error) {
	edit := iam.EditLabels
	if in.MaxSessionDuration != nil {
		edit = iam.EditRole
	}
	role, err := findModifiable(tx, *in.RoleName, edit)
	if err != nil {
		return nil, err
	}
	change(tx, role, func(role *iam.Role) {
		if in.Description != nil {
			role.Description = in.Description
		}
		if in.MaxSessionDuration != nil {
			role.MaxSession = *in.MaxSessionDuration
		}
	})
	return &iamapi.UpdateRoleResponse{}, nil
}

func (s *roles) updateDescription(c *operation.Call, tx *state.Tx, in *iamapi.UpdateRoleDescriptionRequest) (*iamapi.UpdateRoleDescriptionResponse, error) {
	role, err := findModifiable(tx, *in.RoleName, iam.EditLabels)
	if err != nil {
		return nil, err
	}
	role = change(tx, role, func(role *iam.Role) { role.Description = in.Description })
	out := Listed(s.env, c.Caller.Account(), tx, role)
	return &iamapi.UpdateRoleDescriptionResponse{Role: &out}, nil
}

func (s *roles) updateTrust(c *operation.Call, tx *state.Tx, in *iamapi.UpdateAssumeRolePolicyRequest) (*iamapi.UpdateAssumeRolePolicyResponse, error) {
	role, err := findModifiable(tx, *in.RoleName, iam.EditRole)
	if err != nil {
		return nil, err
	}
	pins, err := s.trust(c.Caller.Account(), tx, *in.PolicyDocument)
	if err != nil {
		return nil, err
	}
	change(tx, role, func(role *iam.Role) { role.Trust, role.TrustPins = *in.PolicyDocument, pins })
	return &iamapi.UpdateAssumeRolePolicyResponse{}, nil
}

func (s *roles) putBoundary(c *operation.Call, tx *state.Tx, in *iamapi.PutRolePermissionsBoundaryRequest) (*iamapi.PutRolePermissionsBoundaryResponse, error) {
	role, err := findModifiable(tx, *in.RoleName, iam.EditRole)
	if err != nil {
		return nil, err
	}
	if err := iam.CheckBoundary(tx, c.Caller.Account(), *in.PermissionsBoundary); err != nil {
		return nil, err
	}
	change(tx, role, func(role *iam.Role) { role.Boundary = *in.PermissionsBoundary })
	return &iamapi.PutRolePermissionsBoundaryResponse{}, nil
}

// deleteBoundary succeeds for a role that has no boundary.
func (s *roles) deleteBoundary(_ *operation.Call, tx *state.Tx, in *iamapi.DeleteRolePermissionsBoundaryRequest) (*iamapi.DeleteRolePermissionsBoundaryResponse, error) {
	role, err := findModifiable(tx, *in.RoleName, iam.EditRole)
	if err != nil {
		return nil, err
	}
	change(tx, role, func(role *iam.Role) { role.Boundary = "" })
	return &iamapi.DeleteRolePermissionsBoundaryResponse{}, nil
}
