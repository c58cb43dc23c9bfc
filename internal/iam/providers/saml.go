package providers

import (
	"cmp"
	"time"

	"sallyport/internal/api"
	"sallyport/internal/api/iamapi"
	"sallyport/internal/federation/saml"
	"sallyport/internal/iam"
	"sallyport/internal/operation"
	"sallyport/internal/state"
)

// validYears is how long a provider is valid from when its metadata were given,
// whatever they say themselves (row iam-213).
const validYears = 100

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

func (s *providers) createSAML(c *operation.Call, tx *state.Tx, in *iamapi.CreateSAMLProviderRequest) (*iamapi.CreateSAMLProviderResponse, error) {
	p := &iam.SAMLProvider{Name: *in.Name, Created: iam.Moment(tx.Now()), EncryptionMode: api.Value(in.AssertionEncryptionMode)}
	if p.EncryptionMode == iamapi.AssertionEncryptionModeTypeRequired && in.AddPrivateKey == nil {
		return nil, iam.ValidationError("Unable to set assertion encryption mode to Required because no private key is provided.")
	}
	if err := setMetadata(p, *in.SAMLMetadataDocument, tx.Now()); err != nil {
		return nil, err
	}
	var err error
	if p.Tags, err = s.newTags(iam.TagsPerSAMLProvider, nil, in.Tags); err != nil {
		return nil, err
	}
	if _, _, taken := iam.SAMLProvidersByName.First(tx, iam.FoldName(p.Name)); taken {
		return nil, iamapi.EntityAlreadyExistsException("Provider with name %s already exists.", p.Name)
	}
	if err := s.env.Limits.Check(iam.SAMLProvidersPerAccount, iam.SAMLProviders.Len(tx)+1); err != nil {
		return nil, err
	}
	p.ID = s.env.Ident.SAMLProviderID()
	if in.AddPrivateKey != nil {
		if err := s.addKey(tx, p, *in.AddPrivateKey); err != nil {
			return nil, err
		}
	}
	iam.SAMLProviders.Put(tx, p.ID, p)
	return &iamapi.CreateSAMLProviderResponse{SAMLProviderArn: new(iam.SAMLProviderARN(c.Caller.Account(), p)), Tags: in.Tags}, nil
}

// setMetadata gives a provider the metadata document, which must be one.
func setMetadata(p *iam.SAMLProvider, document string, now time.Time) error {
	if _, err := saml.ParseMetadata([]byte(document)); err != nil {
		return iamapi.InvalidInputException("Could not parse metadata").WithCause(err)
	}
	p.Metadata, p.Updated = document, iam.Moment(now)
	p.ValidUntil = new(p.Updated.AddDate(validYears, 0, 0))
	return nil
}

// getSAML shows tags that are none as an empty list. Of encryption it shows nothing
// for a provider that has nothing to do with it (row iam-213).
func (s *providers) getSAML(c *operation.Call, r state.Reader, in *iamapi.GetSAMLProviderRequest) (*iamapi.GetSAMLProviderResponse, error) {
	p, err := findSAML(c, r, *in.SAMLProviderArn)
	if err != nil {
		return nil, err
	}
	out := &iamapi.GetSAMLProviderResponse{
		SAMLProviderUUID: new(p.ID), SAMLMetadataDocument: new(p.Metadata), CreateDate: new(p.Created), ValidUntil: p.ValidUntil,
		Tags: append([]iamapi.Tag{}, iam.APITags(p.Tags)...),
	}
	if p.EncryptionMode == "" && len(p.PrivateKeys) == 0 {
		return out, nil
	}
	out.AssertionEncryptionMode = new(cmp.Or(p.EncryptionMode, iamapi.AssertionEncryptionModeTypeAllowed))
	out.PrivateKeyList = make([]iamapi.SAMLPrivateKey, len(p.PrivateKeys))
	for i, k := range p.PrivateKeys {
		out.PrivateKeyList[i] = iamapi.SAMLPrivateKey{KeyId: new(k.ID), Timestamp: new(k.Created)}
	}
	return out, nil
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

// updateSAML changes what the request gives. A private key can be added or
// removed, not both at once, so that one that is replaced stays until assertions
// are encrypted for the new one.
func (s *providers) updateSAML(c *operation.Call, tx *state.Tx, in *iamapi.UpdateSAMLProviderRequest) (*iamapi.UpdateSAMLProviderResponse, error) {
	switch {
	case in.SAMLMetadataDocument == nil && in.AssertionEncryptionMode == nil && in.AddPrivateKey == nil && in.RemovePrivateKey == nil:
		return nil, iam.ValidationError("Unable to update identity provider. No updates are defined for metadata or encryption assertion.")
	case in.AddPrivateKey != nil && in.RemovePrivateKey != nil:
		return nil, iam.ValidationError("Unable to add and remove private keys in the same request. Set a value for only one of the two parameters.")
	}
	p, err := findSAML(c, tx, *in.SAMLProviderArn)
	if err != nil {
		return nil, err
	}
	changed := *p
	if in.SAMLMetadataDocument != nil {
		if err := setMetadata(&changed, *in.SAMLMetadataDocument, tx.Now()); err != nil {
			return nil, err
		}
	}
	if in.AssertionEncryptionMode != nil {
		changed.EncryptionMode = *in.AssertionEncryptionMode
	}
	if in.AddPrivateKey != nil {
		if err := s.addKey(tx, &changed, *in.AddPrivateKey); err != nil {
			return nil, err
		}
	}
	if in.RemovePrivateKey != nil {
		if err := removeKey(tx, &changed, *in.RemovePrivateKey); err != nil {
			return nil, err
		}
	}
	if changed.EncryptionMode == iamapi.AssertionEncryptionModeTypeRequired && len(changed.PrivateKeys) == 0 {
		return nil, iamapi.InvalidInputException("Failed to set assertion encryption mode to Required because no private key is present.")
	}
	iam.SAMLProviders.Put(tx, changed.ID, &changed)
	return &iamapi.UpdateSAMLProviderResponse{SAMLProviderArn: in.SAMLProviderArn}, nil
}

// deleteSAML deletes a provider and its private keys, and ends the console sessions
// of those it vouched for.
func (s *providers) deleteSAML(c *operation.Call, tx *state.Tx, in *iamapi.DeleteSAMLProviderRequest) (*iamapi.DeleteSAMLProviderResponse, error) {
	p, err := findSAML(c, tx, *in.SAMLProviderArn)
	if err != nil {
		return nil, err
	}
	for _, k := range p.PrivateKeys {
		tx.DeleteSecret(iam.SAMLKeySecret(p.ID, k.ID))
	}
	iam.SAMLProviders.Delete(tx, p.ID)
	iam.EndFederatedSessions(tx, *in.SAMLProviderArn)
	return &iamapi.DeleteSAMLProviderResponse{}, nil
}
