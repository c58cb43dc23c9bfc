package policies

import (
	"sallyport/internal/api/iamapi"
	"sallyport/internal/operation"
	"sallyport/internal/state"
)

// onUsers binds the operations on the policies of users.
func (p *policies) onUsers() []operation.Definition {
	return []operation.Definition{
		operation.Writes(iamapi.OpPutUserPolicy,
			changing(users, "iam:PutUserPolicy", func(in *iamapi.PutUserPolicyRequest) (*string, *string) { return in.UserName, nil }),
			func(_ *operation.Call, tx *state.Tx, in *iamapi.PutUserPolicyRequest) (*iamapi.PutUserPolicyResponse, error) {
				return &iamapi.PutUserPolicyResponse{}, p.putInline(tx, users, *in.UserName, *in.PolicyName, *in.PolicyDocument)
			}),
		operation.Reads(iamapi.OpGetUserPolicy,
			reading(users, "iam:GetUserPolicy", func(in *iamapi.GetUserPolicyRequest) *string { return in.UserName }),
			func(_ *operation.Call, r state.Reader, in *iamapi.GetUserPolicyRequest) (*iamapi.GetUserPolicyResponse, error) {
				out, err := p.getInline(r, users, *in.UserName, *in.PolicyName)
				if err != nil {
					return nil, err
				}
				return &iamapi.GetUserPolicyResponse{UserName: out.entity, PolicyName: out.policy, PolicyDocument: out.document}, nil
			}),
		operation.Reads(iamapi.OpListUserPolicies,
			reading(users, "iam:ListUserPolicies", func(in *iamapi.ListUserPoliciesRequest) *string { return in.UserName }),
			func(_ *operation.Call, r state.Reader, in *iamapi.ListUserPoliciesRequest) (*iamapi.ListUserPoliciesResponse, error) {
				out, err := p.listInline(r, users, *in.UserName, in.Marker, in.MaxItems)
				if err != nil {
					return nil, err
				}
				return &iamapi.ListUserPoliciesResponse{PolicyNames: out.names, IsTruncated: out.truncated, Marker: out.marker}, nil
			}),
		operation.Writes(iamapi.OpDeleteUserPolicy,
			changing(users, "iam:DeleteUserPolicy", func(in *iamapi.DeleteUserPolicyRequest) (*string, *string) { return in.UserName, nil }),
			func(_ *operation.Call, tx *state.Tx, in *iamapi.DeleteUserPolicyRequest) (*iamapi.DeleteUserPolicyResponse, error) {
				return &iamapi.DeleteUserPolicyResponse{}, p.deleteInline(tx, users, *in.UserName, *in.PolicyName)
			}),

		operation.Writes(iamapi.OpAttachUserPolicy,
			changing(users, "iam:AttachUserPolicy", func(in *iamapi.AttachUserPolicyRequest) (*string, *string) { return in.UserName, in.PolicyArn }),
			func(c *operation.Call, tx *state.Tx, in *iamapi.AttachUserPolicyRequest) (*iamapi.AttachUserPolicyResponse, error) {
				return &iamapi.AttachUserPolicyResponse{}, p.attach(c, tx, users, *in.UserName, *in.PolicyArn)
			}),
		operation.Writes(iamapi.OpDetachUserPolicy,
			changing(users, "iam:DetachUserPolicy", func(in *iamapi.DetachUserPolicyRequest) (*string, *string) { return in.UserName, in.PolicyArn }),
			func(_ *operation.Call, tx *state.Tx, in *iamapi.DetachUserPolicyRequest) (*iamapi.DetachUserPolicyResponse, error) {
				return &iamapi.DetachUserPolicyResponse{}, p.detach(tx, users, *in.UserName, *in.PolicyArn)
			}),
		operation.Reads(iamapi.OpListAttachedUserPolicies,
			reading(users, "iam:ListAttachedUserPolicies", func(in *iamapi.ListAttachedUserPoliciesRequest) *string { return in.UserName }),
			func(_ *operation.Call, r state.Reader, in *iamapi.ListAttachedUserPoliciesRequest) (*iamapi.ListAttachedUserPoliciesResponse, error) {
				out, err := p.listAttached(r, users, *in.UserName, in.PathPrefix, in.Marker, in.MaxItems)
				if err != nil {
					return nil, err
				}
				return &iamapi.ListAttachedUserPoliciesResponse{AttachedPolicies: out.policies, IsTruncated: out.truncated, Marker: out.marker}, nil
			}),
	}
}
