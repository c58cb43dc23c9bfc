package policies

import (
	"sallyport/internal/api/iamapi"
	"sallyport/internal/iam"
	"sallyport/internal/operation"
)

// policies carries out the operations of this package.
type policies struct {
	env *iam.Env
}

// Operations returns the operations on managed and inline policies and their
// attachments.
func Operations(env *iam.Env) []operation.Definition {
	p := &policies{env: env}
	defs := p.managed()
	defs = append(defs, p.onUsers()...)
	defs = append(defs, p.onGroups()...)
	return append(defs, p.onRoles()...)
}

func (p *policies) managed() []operation.Definition {
	return []operation.Definition{
		operation.Writes(iamapi.OpCreatePolicy, createPolicyChecks, p.createPolicy),
		operation.Reads(iamapi.OpGetPolicy, onPolicy("iam:GetPolicy",
			func(in *iamapi.GetPolicyRequest) *string { return in.PolicyArn }), p.getPolicy),
		operation.Reads(iamapi.OpListPolicies, listPoliciesChecks, p.listPolicies),
		operation.Writes(iamapi.OpDeletePolicy, onPolicy("iam:DeletePolicy",
			func(in *iamapi.DeletePolicyRequest) *string { return in.PolicyArn }), p.deletePolicy),

		operation.Writes(iamapi.OpCreatePolicyVersion, onPolicy("iam:CreatePolicyVersion",
			func(in *iamapi.CreatePolicyVersionRequest) *string { return in.PolicyArn }), p.createVersion),
		operation.Writes(iamapi.OpDeletePolicyVersion, onPolicy("iam:DeletePolicyVersion",
			func(in *iamapi.DeletePolicyVersionRequest) *string { return in.PolicyArn }), p.deleteVersion),
		operation.Reads(iamapi.OpGetPolicyVersion, onPolicy("iam:GetPolicyVersion",
			func(in *iamapi.GetPolicyVersionRequest) *string { return in.PolicyArn }), p.getVersion),
		operation.Reads(iamapi.OpListPolicyVersions, onPolicy("iam:ListPolicyVersions",
			func(in *iamapi.ListPolicyVersionsRequest) *string { return in.PolicyArn }), p.listVersions),
		operation.Writes(iamapi.OpSetDefaultPolicyVersion, onPolicy("iam:SetDefaultPolicyVersion",
			func(in *iamapi.SetDefaultPolicyVersionRequest) *string { return in.PolicyArn }), p.setDefaultVersion),

		operation.Writes(iamapi.OpTagPolicy, tagPolicyChecks, p.tagPolicy),
		operation.Writes(iamapi.OpUntagPolicy, untagPolicyChecks, p.untagPolicy),
		operation.Reads(iamapi.OpListPolicyTags, onPolicy("iam:ListPolicyTags",
			func(in *iamapi.ListPolicyTagsRequest) *string { return in.PolicyArn }), p.listPolicyTags),

		operation.Reads(iamapi.OpListEntitiesForPolicy, onPolicy("iam:ListEntitiesForPolicy",
			func(in *iamapi.ListEntitiesForPolicyRequest) *string { return in.PolicyArn }), p.listEntities),
	}
}
