package roles

import (
	"sallyport/internal/api/iamapi"
	"sallyport/internal/iam"
	"sallyport/internal/operation"
)

// roles carries out the operations of this package.
type roles struct {
	env *iam.Env
}

// Operations returns the operations on roles.
func Operations(env *iam.Env) []operation.Definition {
	s := &roles{env: env}
	return []operation.Definition{
		operation.Writes(iamapi.OpCreateRole, createChecks, s.create),
		operation.Reads(iamapi.OpGetRole, onRole("iam:GetRole",
			func(in *iamapi.GetRoleRequest) *string { return in.RoleName }), s.get),
		operation.Reads(iamapi.OpListRoles, listChecks, s.list),
		operation.Writes(iamapi.OpDeleteRole, onRole("iam:DeleteRole",
			func(in *iamapi.DeleteRoleRequest) *string { return in.RoleName }), s.delete),

		operation.Writes(iamapi.OpUpdateRole, onRole("iam:UpdateRole",
			func(in *iamapi.UpdateRoleRequest) *string { return in.RoleName }), s.update),
		operation.Writes(iamapi.OpUpdateRoleDescription, onRole("iam:UpdateRoleDescription",
			func(in *iamapi.UpdateRoleDescriptionRequest) *string { return in.RoleName }), s.updateDescription),
		operation.Writes(iamapi.OpUpdateAssumeRolePolicy, onRole("iam:UpdateAssumeRolePolicy",
			func(in *iamapi.UpdateAssumeRolePolicyRequest) *string { return in.RoleName }), s.updateTrust),

		operation.Writes(iamapi.OpPutRolePermissionsBoundary, putBoundaryChecks, s.putBoundary),
		operation.Writes(iamapi.OpDeleteRolePermissionsBoundary, onRole("iam:DeleteRolePermissionsBoundary",
			func(in *iamapi.DeleteRolePermissionsBoundaryRequest) *string { return in.RoleName }), s.deleteBoundary),

		operation.Writes(iamapi.OpTagRole, tagChecks, s.tag),
		operation.Writes(iamapi.OpUntagRole, untagChecks, s.untag),
		operation.Reads(iamapi.OpListRoleTags, listTagsChecks, s.listTags),

		operation.Writes(iamapi.OpCreateServiceLinkedRole, createLinkedChecks, s.createLinked),
		operation.Writes(iamapi.OpDeleteServiceLinkedRole, onRole("iam:DeleteServiceLinkedRole",
			func(in *iamapi.DeleteServiceLinkedRoleRequest) *string { return in.RoleName }), s.deleteLinked),
		operation.Reads(iamapi.OpGetServiceLinkedRoleDeletionStatus, deletionStatusChecks, s.deletionStatus),
	}
}
