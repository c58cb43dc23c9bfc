package instanceprofiles

import (
	"sallyport/internal/api/iamapi"
	"sallyport/internal/iam"
	"sallyport/internal/operation"
	"sallyport/internal/state"
)

// newTags checks the tags a request adds to those a profile has and returns
// them all.
func (s *profiles) newTags(old []operation.Tag, in []iamapi.Tag) ([]operation.Tag, error) {
	added, err := iam.CaseSensitiveTags.New(in)
	if err != nil {
		return nil, err
	}
	merged := iam.CaseSensitiveTags.Merge(old, added)
	return merged, s.env.Limits.Check(iam.TagsPerInstanceProfile, len(merged))
}

func (s *profiles) tag(_ *operation.Call, tx *state.Tx, in *iamapi.TagInstanceProfileRequest) (*iamapi.TagInstanceProfileResponse, error) {
	p, err := iam.FindInstanceProfile(tx, *in.InstanceProfileName)
	if err != nil {
		return nil, err
	}
	tags, err := s.newTags(p.Tags, in.Tags)
	if err != nil {
		return nil, err
	}
	change(tx, p, func(p *iam.InstanceProfile) { p.Tags = tags })
	return &iamapi.TagInstanceProfileResponse{}, nil
}

func (s *profiles) untag(_ *operation.Call, tx *state.Tx, in *iamapi.UntagInstanceProfileRequest) (*iamapi.UntagInstanceProfileResponse, error) {
	p, err := iam.FindInstanceProfile(tx, *in.InstanceProfileName)
	if err != nil {
		return nil, err
	}
	change(tx, p, func(p *iam.InstanceProfile) { p.Tags = iam.CaseSensitiveTags.Without(p.Tags, in.TagKeys) })
	return &iamapi.UntagInstanceProfileResponse{}, nil
}

func (s *profiles) listTags(_ *operation.Call, r state.Reader, in *iamapi.ListInstanceProfileTagsRequest) (*iamapi.ListInstanceProfileTagsResponse, error) {
	p, err := iam.FindInstanceProfile(r, *in.InstanceProfileName)
	if err != nil {
		return nil, err
	}
	tags, truncated, marker, err := iam.PageTags(p.Tags, in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	return &iamapi.ListInstanceProfileTagsResponse{Tags: tags, IsTruncated: truncated, Marker: marker}, nil
}
