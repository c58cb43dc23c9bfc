package policies

import (
	"sallyport/internal/api/iamapi"
	"sallyport/internal/operation"
	"sallyport/internal/state"
)

// onGroups binds the operations on the policies of groups.
func (p *policies) onGroups() []operation.Definition {
	return []operation.Definition{
		operation.Writes(iamapi.OpPutGroupPolicy,
			changing(groups, "iam:PutGroupPolicy", func(in *iamapi.PutGroupPolicyRequest) (*string, *string) { return in.GroupName, nil }),
			func(_ *operation.Call, tx *state.Tx, in *iamapi.PutGroupPolicyRequest) (*iamapi.PutGroupPolicyResponse, error) {
				return &iamapi.PutGroupPolicyResponse{}, p.putInline(tx, groups, *in.GroupName, *in.PolicyName, *in.PolicyDocument)
			}),
		operation.Reads(iamapi.OpGetGroupPolicy,
			reading(groups, "iam:GetGroupPolicy", func(in *iamapi.GetGroupPolicyRequest) *string { return in.GroupName }),
			func(_ *operation.Call, r state.Reader, in *iamapi.GetGroupPolicyRequest) (*iamapi.GetGroupPolicyResponse, error) {
				out, err := p.getInline(r, groups, *in.GroupName, *in.PolicyName)
				if err != nil {
					return nil, err
				}
				return &iamapi.GetGroupPolicyResponse{GroupName: out.entity, PolicyName: out.policy, PolicyDocument: out.document}, nil
			}),
		operation.Reads(iamapi.OpListGroupPolicies,
			reading(groups, "iam:ListGroupPolicies", func(in *iamapi.ListGroupPoliciesRequest) *string { return in.GroupName }),
			func(_ *operation.Call, r state.Reader, in *iamapi.ListGroupPoliciesRequest) (*iamapi.ListGroupPoliciesResponse, error) {
				out, err := p.listInline(r, groups, *in.GroupName, in.Marker, in.MaxItems)
				if err != nil {
					return nil, err
				}
				return &iamapi.ListGroupPoliciesResponse{PolicyNames: out.names, IsTruncated: out.truncated, Marker: out.marker}, nil
			}),
		operation.Writes(iamapi.OpDeleteGroupPolicy,
			changing(groups, "iam:DeleteGroupPolicy", func(in *iamapi.DeleteGroupPolicyRequest) (*string, *string) { return in.GroupName, nil }),
			func(_ *operation.Call, tx *state.Tx, in *iamapi.DeleteGroupPolicyRequest) (*iamapi.DeleteGroupPolicyResponse, error) {
				return &iamapi.DeleteGroupPolicyResponse{}, p.deleteInline(tx, groups, *in.GroupName, *in.PolicyName)
			}),

		operation.Writes(iamapi.OpAttachGroupPolicy,
			changing(groups, "iam:AttachGroupPolicy", func(in *iamapi.AttachGroupPolicyRequest) (*string, *string) { return in.GroupName, in.PolicyArn }),
			func(c *operation.Call, tx *state.Tx, in *iamapi.AttachGroupPolicyRequest) (*iamapi.AttachGroupPolicyResponse, error) {
				return &iamapi.AttachGroupPolicyResponse{}, p.attach(c, tx, groups, *in.GroupName, *in.PolicyArn)
			}),
		operation.Writes(iamapi.OpDetachGroupPolicy,
			changing(groups, "iam:DetachGroupPolicy", func(in *iamapi.DetachGroupPolicyRequest) (*string, *string) { return in.GroupName, in.PolicyArn }),
			func(_ *operation.Call, tx *state.Tx, in *iamapi.DetachGroupPolicyRequest) (*iamapi.DetachGroupPolicyResponse, error) {
				return &iamapi.DetachGroupPolicyResponse{}, p.detach(tx, groups, *in.GroupName, *in.PolicyArn)
			}),
		operation.Reads(iamapi.OpListAttachedGroupPolicies,
			reading(groups, "iam:ListAttachedGroupPolicies", func(in *iamapi.ListAttachedGroupPoliciesRequest) *string { return in.GroupName }),
			func(_ *operation.Call, r state.Reader, in *iamapi.ListAttachedGroupPoliciesRequest) (*iamapi.ListAttachedGroupPoliciesResponse, error) {
				out, err := p.listAttached(r, groups, *in.GroupName, in.PathPrefix, in.Marker, in.MaxItems)
				if err != nil {
					return nil, err
				}
				return &iamapi.ListAttachedGroupPoliciesResponse{AttachedPolicies: out.policies, IsTruncated: out.truncated, Marker: out.marker}, nil
			}),
	}
}
