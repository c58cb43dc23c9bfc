package instanceprofiles

import (
	"sallyport/internal/api/iamapi"
	"sallyport/internal/iam"
	"sallyport/internal/operation"
)

// profiles carries out the operations of this package.
type profiles struct {
	env *iam.Env
}

// Operations returns the operations on instance profiles.
func Operations(env *iam.Env) []operation.Definition {
	s := &profiles{env: env}
	return []operation.Definition{
		operation.Writes(iamapi.OpCreateInstanceProfile, createChecks, s.create),
		operation.Reads(iamapi.OpGetInstanceProfile, onProfile("iam:GetInstanceProfile",
			func(in *iamapi.GetInstanceProfileRequest) *string { return in.InstanceProfileName }), s.get),
		operation.Reads(iamapi.OpListInstanceProfiles, listChecks, s.list),
		operation.Reads(iamapi.OpListInstanceProfilesForRole, listForRoleChecks, s.listForRole),
		operation.Writes(iamapi.OpDeleteInstanceProfile, onProfile("iam:DeleteInstanceProfile",
			func(in *iamapi.DeleteInstanceProfileRequest) *string { return in.InstanceProfileName }), s.delete),

		operation.Writes(iamapi.OpAddRoleToInstanceProfile, addRoleChecks, s.addRole),
		operation.Writes(iamapi.OpRemoveRoleFromInstanceProfile, onProfile("iam:RemoveRoleFromInstanceProfile",
			func(in *iamapi.RemoveRoleFromInstanceProfileRequest) *string { return in.InstanceProfileName }), s.removeRole),

		operation.Writes(iamapi.OpTagInstanceProfile, tagChecks, s.tag),
		operation.Writes(iamapi.OpUntagInstanceProfile, untagChecks, s.untag),
		operation.Reads(iamapi.OpListInstanceProfileTags, onProfile("iam:ListInstanceProfileTags",
			func(in *iamapi.ListInstanceProfileTagsRequest) *string { return in.InstanceProfileName }), s.listTags),
	}
}
