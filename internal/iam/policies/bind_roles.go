package policies

import (
	"sallyport/internal/api/iamapi"
	"sallyport/internal/operation"
	"sallyport/internal/state"
)

// onRoles binds the operations on the policies of roles.
func (p *policies) onRoles() []operation.Definition {
	return []operation.Definition{
		operation.Writes(iamapi.OpPutRolePolicy,
			changing(roles, "iam:PutRolePolicy", func(in *iamapi.PutRolePolicyRequest) (*string, *string) { return in.RoleName, nil }),
			func(_ *operation.Call, tx *state.Tx, in *iamapi.PutRolePolicyRequest) (*iamapi.PutRolePolicyResponse, error) {
				return &iamapi.PutRolePolicyResponse{}, p.putInline(tx, roles, *in.RoleName, *in.PolicyName, *in.PolicyDocument)
			}),
		operation.Reads(iamapi.OpGetRolePolicy,
			reading(roles, "iam:GetRolePolicy", func(in *iamapi.GetRolePolicyRequest) *string { return in.RoleName }),
			func(_ *operation.Call, r state.Reader, in *iamapi.GetRolePolicyRequest) (*iamapi.GetRolePolicyResponse, error) {
				out, err := p.getInline(r, roles, *in.RoleName, *in.PolicyName)
				if err != nil {
					return nil, err
				}
				return &iamapi.GetRolePolicyResponse{RoleName: out.entity, PolicyName: out.policy, PolicyDocument: out.document}, nil
			}),
		operation.Reads(iamapi.OpListRolePolicies,
			reading(roles, "iam:ListRolePolicies", func(in *iamapi.ListRolePoliciesRequest) *string { return in.RoleName }),
			func(_ *operation.Call, r state.Reader, in *iamapi.ListRolePoliciesRequest) (*iamapi.ListRolePoliciesResponse, error) {
				out, err := p.listInline(r, roles, *in.RoleName, in.Marker, in.MaxItems)
				if err != nil {
					return nil, err
				}
				return &iamapi.ListRolePoliciesResponse{PolicyNames: out.names, IsTruncated: out.truncated, Marker: out.marker}, nil
			}),
		operation.Writes(iamapi.OpDeleteRolePolicy,
			changing(roles, "iam:DeleteRolePolicy", func(in *iamapi.DeleteRolePolicyRequest) (*string, *string) { return in.RoleName, nil }),
			func(_ *operation.Call, tx *state.Tx, in *iamapi.DeleteRolePolicyRequest) (*iamapi.DeleteRolePolicyResponse, error) {
				return &iamapi.DeleteRolePolicyResponse{}, p.deleteInline(tx, roles, *in.RoleName, *in.PolicyName)
			}),

		operation.Writes(iamapi.OpAttachRolePolicy,
			changing(roles, "iam:AttachRolePolicy", func(in *iamapi.AttachRolePolicyRequest) (*string, *string) { return in.RoleName, in.PolicyArn }),
			func(c *operation.Call, tx *state.Tx, in *iamapi.AttachRolePolicyRequest) (*iamapi.AttachRolePolicyResponse, error) {
				return &iamapi.AttachRolePolicyResponse{}, p.attach(c, tx, roles, *in.RoleName, *in.PolicyArn)
			}),
		operation.Writes(iamapi.OpDetachRolePolicy,
			changing(roles, "iam:DetachRolePolicy", func(in *iamapi.DetachRolePolicyRequest) (*string, *string) { return in.RoleName, in.PolicyArn }),
			func(_ *operation.Call, tx *state.Tx, in *iamapi.DetachRolePolicyRequest) (*iamapi.DetachRolePolicyResponse, error) {
				return &iamapi.DetachRolePolicyResponse{}, p.detach(tx, roles, *in.RoleName, *in.PolicyArn)
			}),
		operation.Reads(iamapi.OpListAttachedRolePolicies,
			reading(roles, "iam:ListAttachedRolePolicies", func(in *iamapi.ListAttachedRolePoliciesRequest) *string { return in.RoleName }),
			func(_ *operation.Call, r state.Reader, in *iamapi.ListAttachedRolePoliciesRequest) (*iamapi.ListAttachedRolePoliciesResponse, error) {
				out, err := p.listAttached(r, roles, *in.RoleName, in.PathPrefix, in.Marker, in.MaxItems)
				if err != nil {
					return nil, err
				}
				return &iamapi.ListAttachedRolePoliciesResponse{AttachedPolicies: out.policies, IsTruncated: out.truncated, Marker: out.marker}, nil
			}),
	}
}
