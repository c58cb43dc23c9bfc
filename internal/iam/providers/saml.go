package providers

import (
	"sallyport/internal/api/iamapi"
	"sallyport/internal/iam"
	"sallyport/internal/operation"
	"sallyport/internal/state"
)

// findSAML returns the provider that has exactly that ARN, or AWS's NoSuchEntity.
func findSAML(c *operation.Call, r state.Reader, arn string) (*iam.SAMLProvider, error) {
	p, err := iam.FindSAMLProvider(r, arn)
	if err == nil && iam.SAMLProviderARN(c.Caller.Account(), p) != arn {
		return nil, iamapi.NoSuchEntityException("Manifest not found for arn %s", arn)
	}
	return p, err
}

// changeSAML puts a changed copy of a provider.
func changeSAML(tx *state.Tx, p *iam.SAMLProvider, fn func(*iam.SAMLProvider)) {
	changed := *p
	fn(&changed)
	iam.SAMLProviders.Put(tx, changed.ID, &changed)
}

// getSAML shows lists that are empty, not absent, when there is nothing in them.
func (s *providers) getSAML(c *operation.Call, r state.Reader, in *iamapi.GetSAMLProviderRequest) (*iamapi.GetSAMLProviderResponse, error) {
	p, err := findSAML(c, r, *in.SAMLProviderArn)
	if err != nil {
		return nil, err
	}
	keys := make([]iamapi.SAMLPrivateKey, len(p.PrivateKeys))
	for i, k := range p.PrivateKeys {
		keys[i] = iamapi.SAMLPrivateKey{KeyId: new(k.ID), Timestamp: new(k.Created)}
	}
	return &iamapi.GetSAMLProviderResponse{
		SAMLProviderUUID: new(p.ID), SAMLMetadataDocument: new(p.Metadata), CreateDate: new(p.Created), ValidUntil: p.ValidUntil,
		Tags: append([]iamapi.Tag{}, iam.APITags(p.Tags)...), AssertionEncryptionMode: new(p.EncryptionMode), PrivateKeyList: keys,
	}, nil
}

// listSAML lists providers by name.
func (s *providers) listSAML(c *operation.Call, r state.Reader, _ *iamapi.ListSAMLProvidersRequest) (*iamapi.ListSAMLProvidersResponse, error) {
	out := &iamapi.ListSAMLProvidersResponse{SAMLProviderList: []iamapi.SAMLProviderListEntry{}}
	iam.SAMLProvidersByName.AscendAll(r, "", func(_, _ string, p *iam.SAMLProvider) bool {
		out.SAMLProviderList = append(out.SAMLProviderList, iamapi.SAMLProviderListEntry{
			Arn: new(iam.SAMLProviderARN(c.Caller.Account(), p)), ValidUntil: p.ValidUntil, CreateDate: new(p.Created),
		})
		return true
	})
	return out, nil
}

// deleteSAML deletes a provider and its private keys.
func (s *providers) deleteSAML(c *operation.Call, tx *state.Tx, in *iamapi.DeleteSAMLProviderRequest) (*iamapi.DeleteSAMLProviderResponse, error) {
	p, err := findSAML(c, tx, *in.SAMLProviderArn)
	if err != nil {
		return nil, err
	}
	for _, k := range p.PrivateKeys {
		tx.DeleteSecret(iam.SAMLKeySecret(p.ID, k.ID))
	}
	iam.SAMLProviders.Delete(tx, p.ID)
	return &iamapi.DeleteSAMLProviderResponse{}, nil
}
