package roles

import (
	"sallyport/internal/api/iamapi"
	"sallyport/internal/iam"
	"sallyport/internal/operation"
	"sallyport/internal/state"
)

// newTags checks the tags a request adds to those a role has and returns them
// all.
func (s *roles) newTags(old []operation.Tag, in []iamapi.Tag) ([]operation.Tag, error) {
	added, err := iam.CaseInsensitiveTags.New(in)
	if err != nil {
		return nil, err
	}
	merged := iam.CaseInsensitiveTags.Merge(old, added)
	return merged, s.env.Limits.Check(iam.TagsPerRole, len(merged))
}

func (s *roles) tag(_ *operation.Call, tx *state.Tx, in *iamapi.TagRoleRequest) (*iamapi.TagRoleResponse, error) {
	role, err := findModifiable(tx, *in.RoleName, iam.EditLabels)
	if err != nil {
		return nil, err
	}
	tags, err := s.newTags(role.Tags, in.Tags)
	if err != nil {
		return nil, err
	}
	change(tx, role, func(role *iam.Role) { role.Tags = tags })
	return &iamapi.TagRoleResponse{}, nil
}

func (s *roles) untag(_ *operation.Call, tx *state.Tx, in *iamapi.UntagRoleRequest) (*iamapi.UntagRoleResponse, error) {
	role, err := findModifiable(tx, *in.RoleName, iam.EditLabels)
	if err != nil {
		return nil, err
	}
	change(tx, role, func(role *iam.Role) { role.Tags = iam.CaseInsensitiveTags.Without(role.Tags, in.TagKeys) })
	return &iamapi.UntagRoleResponse{}, nil
}

func (s *roles) listTags(_ *operation.Call, r state.Reader, in *iamapi.ListRoleTagsRequest) (*iamapi.ListRoleTagsResponse, error) {
	role, err := iam.FindRole(r, *in.RoleName)
	if err != nil {
		return nil, err
	}
	tags, truncated, marker, err := iam.PageTags(role.Tags, in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	return &iamapi.ListRoleTagsResponse{Tags: tags, IsTruncated: truncated, Marker: marker}, nil
}
