package instanceprofiles

import (
	"sallyport/internal/api/iamapi"
	"sallyport/internal/iam"
	"sallyport/internal/operation"
	"sallyport/internal/state"
)

// rolesQuota is AWS's name for the number of roles in an instance profile, and
// rolesPerProfile that number, which nobody can have raised (row iam-084;
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html).
const (
	rolesQuota      = "InstanceSessionsPerInstanceProfile"
	rolesPerProfile = 1
)

// find returns the profile and role that a request names.
func find(r state.Reader, profileName, roleName string) (*iam.InstanceProfile, *iam.Role, error) {
	p, err := iam.FindInstanceProfile(r, profileName)
	if err != nil {
		return nil, nil, err
	}
	role, err := iam.FindRole(r, roleName)
	if err != nil {
		return nil, nil, err
	}
	return p, role, nil
}

// addRole gives the profile its role. A profile that has one is full, whichever
// role it is. Service-linked roles are not for instances.
func (s *profiles) addRole(_ *operation.Call, tx *state.Tx, in *iamapi.AddRoleToInstanceProfileRequest) (*iamapi.AddRoleToInstanceProfileResponse, error) {
	p, role, err := find(tx, *in.InstanceProfileName, *in.RoleName)
	if err != nil {
		return nil, err
	}
	if err := iam.Modifiable(role, *in.RoleName, iam.EditRole); err != nil {
		return nil, err
	}
	if p.Role != "" {
		return nil, iam.Exceeded(rolesQuota, rolesPerProfile)
	}
	change(tx, p, func(p *iam.InstanceProfile) { p.Role = role.ID })
	return &iamapi.AddRoleToInstanceProfileResponse{}, nil
}

func (s *profiles) removeRole(_ *operation.Call, tx *state.Tx, in *iamapi.RemoveRoleFromInstanceProfileRequest) (*iamapi.RemoveRoleFromInstanceProfileResponse, error) {
	p, role, err := find(tx, *in.InstanceProfileName, *in.RoleName)
	if err != nil {
		return nil, err
	}
	if err := iam.Modifiable(role, *in.RoleName, iam.EditRole); err != nil {
		return nil, err
	}
	if p.Role != role.ID {
		return nil, iamapi.NoSuchEntityException("Role %s in Instance Profile %s cannot be found.", *in.RoleName, *in.InstanceProfileName)
	}
	change(tx, p, func(p *iam.InstanceProfile) { p.Role = "" })
	return &iamapi.RemoveRoleFromInstanceProfileResponse{}, nil
}
