package mfa

import (
	"sallyport/internal/api/iamapi"
	"sallyport/internal/iam"
	"sallyport/internal/operation"
	"sallyport/internal/state"
)

func (h *handlers) tag(c *operation.Call, tx *state.Tx, in *iamapi.TagMFADeviceRequest) (*iamapi.TagMFADeviceResponse, error) {
	d, err := findVirtual(c, tx, *in.SerialNumber)
	if err != nil {
		return nil, err
	}
	tags, err := iam.CaseSensitiveTags.New(in.Tags)
	if err != nil {
		return nil, err
	}
	changed := *d
	changed.Tags = iam.CaseSensitiveTags.Merge(d.Tags, tags)
	if err := h.env.Limits.Check(iam.TagsPerMFADevice, len(changed.Tags)); err != nil {
		return nil, err
	}
	iam.MFADevices.Put(tx, d.ID, &changed)
	return &iamapi.TagMFADeviceResponse{}, nil
}

func (h *handlers) untag(c *operation.Call, tx *state.Tx, in *iamapi.UntagMFADeviceRequest) (*iamapi.UntagMFADeviceResponse, error) {
	d, err := findVirtual(c, tx, *in.SerialNumber)
	if err != nil {
		return nil, err
	}
	changed := *d
	changed.Tags = iam.CaseSensitiveTags.Without(d.Tags, in.TagKeys)
	iam.MFADevices.Put(tx, d.ID, &changed)
	return &iamapi.UntagMFADeviceResponse{}, nil
}

func (h *handlers) listTags(c *operation.Call, r state.Reader, in *iamapi.ListMFADeviceTagsRequest) (*iamapi.ListMFADeviceTagsResponse, error) {
	d, err := findVirtual(c, r, *in.SerialNumber)
	if err != nil {
		return nil, err
	}
	out := &iamapi.ListMFADeviceTagsResponse{}
	out.Tags, out.IsTruncated, out.Marker, err = iam.PageTags(d.Tags, in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	return out, nil
}
