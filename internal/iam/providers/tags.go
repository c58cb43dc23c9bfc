package providers

import (
	"sallyport/internal/api/iamapi"
	"sallyport/internal/iam"
	"sallyport/internal/operation"
	"sallyport/internal/state"
)

// newTags checks the tags a request adds to those a provider has and returns
// them all.
func (s *providers) newTags(quota string, old []operation.Tag, in []iamapi.Tag) ([]operation.Tag, error) {
	added, err := iam.CaseSensitiveTags.New(in)
	if err != nil {
		return nil, err
	}
	merged := iam.CaseSensitiveTags.Merge(old, added)
	return merged, s.env.Limits.Check(quota, len(merged))
}

func (s *providers) tagOIDC(c *operation.Call, tx *state.Tx, in *iamapi.TagOpenIDConnectProviderRequest) (*iamapi.TagOpenIDConnectProviderResponse, error) {
	p, err := findOIDC(c, tx, *in.OpenIDConnectProviderArn)
	if err != nil {
		return nil, err
	}
	tags, err := s.newTags(iam.TagsPerOIDCProvider, p.Tags, in.Tags)
	if err != nil {
		return nil, err
	}
	changeOIDC(tx, p, func(p *iam.OIDCProvider) { p.Tags = tags })
	return &iamapi.TagOpenIDConnectProviderResponse{}, nil
}

func (s *providers) untagOIDC(c *operation.Call, tx *state.Tx, in *iamapi.UntagOpenIDConnectProviderRequest) (*iamapi.UntagOpenIDConnectProviderResponse, error) {
	p, err := findOIDC(c, tx, *in.OpenIDConnectProviderArn)
	if err != nil {
		return nil, err
	}
	changeOIDC(tx, p, func(p *iam.OIDCProvider) { p.Tags = iam.CaseSensitiveTags.Without(p.Tags, in.TagKeys) })
	return &iamapi.UntagOpenIDConnectProviderResponse{}, nil
}

func (s *providers) listOIDCTags(c *operation.Call, r state.Reader, in *iamapi.ListOpenIDConnectProviderTagsRequest) (*iamapi.ListOpenIDConnectProviderTagsResponse, error) {
	p, err := findOIDC(c, r, *in.OpenIDConnectProviderArn)
	if err != nil {
		return nil, err
	}
	tags, truncated, marker, err := iam.PageTags(p.Tags, in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	return &iamapi.ListOpenIDConnectProviderTagsResponse{Tags: tags, IsTruncated: truncated, Marker: marker}, nil
}

func (s *providers) tagSAML(c *operation.Call, tx *state.Tx, in *iamapi.TagSAMLProviderRequest) (*iamapi.TagSAMLProviderResponse, error) {
	p, err := findSAML(c, tx, *in.SAMLProviderArn)
	if err != nil {
		return nil, err
	}
	tags, err := s.newTags(iam.TagsPerSAMLProvider, p.Tags, in.Tags)
	if err != nil {
		return nil, err
	}
	changeSAML(tx, p, func(p *iam.SAMLProvider) { p.Tags = tags })
	return &iamapi.TagSAMLProviderResponse{}, nil
}

func (s *providers) untagSAML(c *operation.Call, tx *state.Tx, in *iamapi.UntagSAMLProviderRequest) (*iamapi.UntagSAMLProviderResponse, error) {
	p, err := findSAML(c, tx, *in.SAMLProviderArn)
	if err != nil {
		return nil, err
	}
	changeSAML(tx, p, func(p *iam.SAMLProvider) { p.Tags = iam.CaseSensitiveTags.Without(p.Tags, in.TagKeys) })
	return &iamapi.UntagSAMLProviderResponse{}, nil
}

func (s *providers) listSAMLTags(c *operation.Call, r state.Reader, in *iamapi.ListSAMLProviderTagsRequest) (*iamapi.ListSAMLProviderTagsResponse, error) {
	p, err := findSAML(c, r, *in.SAMLProviderArn)
	if err != nil {
		return nil, err
	}
	tags, truncated, marker, err := iam.PageTags(p.Tags, in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	return &iamapi.ListSAMLProviderTagsResponse{Tags: tags, IsTruncated: truncated, Marker: marker}, nil
}
