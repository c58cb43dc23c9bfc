package users

import (
	"sallyport/internal/api/iamapi"
	"sallyport/internal/iam"
	"sallyport/internal/operation"
	"sallyport/internal/state"
)

func (h *handlers) tag(_ *operation.Call, tx *state.Tx, in *iamapi.TagUserRequest) (*iamapi.TagUserResponse, error) {
	u, err := iam.FindUser(tx, *in.UserName)
	if err != nil {
		return nil, err
	}
	tags, err := iam.CaseInsensitiveTags.New(in.Tags)
	if err != nil {
		return nil, err
	}
	changed := *u
	changed.Tags = iam.CaseInsensitiveTags.Merge(u.Tags, tags)
	if err := h.env.Limits.Check(iam.TagsPerUser, len(changed.Tags)); err != nil {
		return nil, err
	}
	iam.Users.Put(tx, u.ID, &changed)
	return &iamapi.TagUserResponse{}, nil
}

func (h *handlers) untag(_ *operation.Call, tx *state.Tx, in *iamapi.UntagUserRequest) (*iamapi.UntagUserResponse, error) {
	u, err := iam.FindUser(tx, *in.UserName)
	if err != nil {
		return nil, err
	}
	changed := *u
	changed.Tags = iam.CaseInsensitiveTags.Without(u.Tags, in.TagKeys)
	iam.Users.Put(tx, u.ID, &changed)
	return &iamapi.UntagUserResponse{}, nil
}

func (h *handlers) listTags(_ *operation.Call, r state.Reader, in *iamapi.ListUserTagsRequest) (*iamapi.ListUserTagsResponse, error) {
	u, err := iam.FindUser(r, *in.UserName)
	if err != nil {
		return nil, err
	}
	out := &iamapi.ListUserTagsResponse{}
	out.Tags, out.IsTruncated, out.Marker, err = iam.PageTags(u.Tags, in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	return out, nil
}
