package policies

import (
	"sallyport/catalog/managed"
	"sallyport/internal/api/iamapi"
	"sallyport/internal/iam"
	"sallyport/internal/operation"
	"sallyport/internal/state"
)

// newTags checks the tags a request adds to those a policy has and returns
// them all.
func (p *policies) newTags(old []operation.Tag, in []iamapi.Tag) ([]operation.Tag, error) {
	added, err := iam.CaseSensitiveTags.New(in)
	if err != nil {
		return nil, err
	}
	merged := iam.CaseSensitiveTags.Merge(old, added)
	return merged, p.env.Limits.Check(iam.TagsPerPolicy, len(merged))
}

func (p *policies) tagPolicy(c *operation.Call, tx *state.Tx, in *iamapi.TagPolicyRequest) (*iamapi.TagPolicyResponse, error) {
	old, err := findTaggable(c, tx, *in.PolicyArn)
	if err != nil {
		return nil, err
	}
	policy := *old
	if policy.Tags, err = p.newTags(old.Tags, in.Tags); err != nil {
		return nil, err
	}
	iam.Policies.Put(tx, policy.ID, &policy)
	return &iamapi.TagPolicyResponse{}, nil
}

func (p *policies) untagPolicy(c *operation.Call, tx *state.Tx, in *iamapi.UntagPolicyRequest) (*iamapi.UntagPolicyResponse, error) {
	old, err := findTaggable(c, tx, *in.PolicyArn)
	if err != nil {
		return nil, err
	}
	policy := *old
	policy.Tags = iam.CaseSensitiveTags.Without(old.Tags, in.TagKeys)
	iam.Policies.Put(tx, policy.ID, &policy)
	return &iamapi.UntagPolicyResponse{}, nil
}

func (p *policies) listPolicyTags(c *operation.Call, r state.Reader, in *iamapi.ListPolicyTagsRequest) (*iamapi.ListPolicyTagsResponse, error) {
	policy, err := findTaggable(c, r, *in.PolicyArn)
	if err != nil {
		return nil, err
	}
	tags, truncated, marker, err := iam.PageTags(policy.Tags, in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	return &iamapi.ListPolicyTagsResponse{Tags: tags, IsTruncated: truncated, Marker: marker}, nil
}

// findTaggable returns a customer managed policy; AWS managed policies have no
// tags, not even to be listed.
func findTaggable(c *operation.Call, r state.Reader, arn string) (*iam.Policy, error) {
	if _, ok := managed.Lookup(arn); ok {
		return nil, iamapi.InvalidInputException("Tags not supported for policies in this domain")
	}
	return iam.FindPolicy(r, c.Caller.Account(), arn)
}
