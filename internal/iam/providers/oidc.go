package providers

import (
	"slices"
	"strings"

	"sallyport/internal/api/iamapi"
	"sallyport/internal/iam"
	"sallyport/internal/operation"
	"sallyport/internal/state"
)

// maxThumbprints is no quota: it can't be raised.
const maxThumbprints = 5

// findOIDC returns the provider that has exactly that ARN, or AWS's NoSuchEntity
// to a change (row iam-204).
func findOIDC(c *operation.Call, r state.Reader, arn string) (*iam.OIDCProvider, error) {
	if p, err := iam.FindOIDCProvider(r, arn); err == nil && iam.OIDCProviderARN(c.Caller.Account(), p) == arn {
		return p, nil
	}
	return nil, iamapi.NoSuchEntityException("OpenId connect Provider %s cannot be found.", arn)
}

// changeOIDC puts a changed copy of a provider.
func changeOIDC(tx *state.Tx, p *iam.OIDCProvider, fn func(*iam.OIDCProvider)) {
	changed := *p
	fn(&changed)
	iam.OIDCProviders.Put(tx, changed.URL, &changed)
}

func (s *providers) createOIDC(c *operation.Call, tx *state.Tx, in *iamapi.CreateOpenIDConnectProviderRequest) (*iamapi.CreateOpenIDConnectProviderResponse, error) {
	url, err := issuerURL(*in.Url)
	if err != nil {
		return nil, err
	}
	prints, err := thumbprints(in.ThumbprintList)
	if err != nil {
		return nil, err
	}
	p := &iam.OIDCProvider{URL: url, Created: iam.Moment(tx.Now()), Thumbprints: prints}
	for _, id := range in.ClientIDList {
		if !slices.Contains(p.ClientIDs, id) {
			p.ClientIDs = append(p.ClientIDs, id)
		}
	}
	if err := s.env.Limits.Check(iam.ClientIDsPerOIDCProvider, len(p.ClientIDs)); err != nil {
		return nil, err
	}
	if p.Tags, err = s.newTags(iam.TagsPerOIDCProvider, nil, in.Tags); err != nil {
		return nil, err
	}
	if iam.OIDCProviders.Has(tx, url) {
		return nil, iamapi.EntityAlreadyExistsException("Provider with url %s%s already exists.", scheme, url)
	}
	if err := s.env.Limits.Check(iam.OIDCProvidersPerAccount, iam.OIDCProviders.Len(tx)+1); err != nil {
		return nil, err
	}
	iam.OIDCProviders.Put(tx, url, p)
	return &iamapi.CreateOpenIDConnectProviderResponse{
		OpenIDConnectProviderArn: new(iam.OIDCProviderARN(c.Caller.Account(), p)), Tags: in.Tags,
	}, nil
}

// thumbprints are those of a request, of 40 characters each. Whether they are
// hexadecimal digits doesn't matter: what isn't is no certificate's.
func thumbprints(in []string) ([]string, error) {
	if len(in) > maxThumbprints {
		return nil, iamapi.InvalidInputException("Thumbprint list must contain fewer than %d entries.", maxThumbprints)
	}
	var out []string
	for _, print := range in {
		out = append(out, strings.ToLower(print))
	}
	return out, nil
}

// getOIDC shows lists that are empty, not absent, when there is nothing in them.
func (s *providers) getOIDC(c *operation.Call, r state.Reader, in *iamapi.GetOpenIDConnectProviderRequest) (*iamapi.GetOpenIDConnectProviderResponse, error) {
	p, err := findOIDC(c, r, *in.OpenIDConnectProviderArn)
	if err != nil {
		return nil, iamapi.NoSuchEntityException("OpenIDConnect Provider not found for arn %s", *in.OpenIDConnectProviderArn)
	}
	return &iamapi.GetOpenIDConnectProviderResponse{
		Url: new(p.URL), CreateDate: new(p.Created), ClientIDList: append([]string{}, p.ClientIDs...),
		ThumbprintList: append([]string{}, p.Thumbprints...), Tags: append([]iamapi.Tag{}, iam.APITags(p.Tags)...),
	}, nil
}

// listOIDC lists providers by URL.
func (s *providers) listOIDC(c *operation.Call, r state.Reader, _ *iamapi.ListOpenIDConnectProvidersRequest) (*iamapi.ListOpenIDConnectProvidersResponse, error) {
	out := &iamapi.ListOpenIDConnectProvidersResponse{OpenIDConnectProviderList: []iamapi.OpenIDConnectProviderListEntry{}}
	iam.OIDCProviders.Ascend(r, "", func(_ string, p *iam.OIDCProvider) bool {
		out.OpenIDConnectProviderList = append(out.OpenIDConnectProviderList,
			iamapi.OpenIDConnectProviderListEntry{Arn: new(iam.OIDCProviderARN(c.Caller.Account(), p))})
		return true
	})
	return out, nil
}

// deleteOIDC answers NoSuchEntity for a provider that is gone already, as AWS
// does, although its reference calls the operation idempotent.
func (s *providers) deleteOIDC(c *operation.Call, tx *state.Tx, in *iamapi.DeleteOpenIDConnectProviderRequest) (*iamapi.DeleteOpenIDConnectProviderResponse, error) {
	p, err := findOIDC(c, tx, *in.OpenIDConnectProviderArn)
	if err != nil {
		return nil, err
	}
	iam.OIDCProviders.Delete(tx, p.URL)
	iam.EndFederatedSessions(tx, iam.OIDCProviderARN(c.Caller.Account(), p))
	return &iamapi.DeleteOpenIDConnectProviderResponse{}, nil
}

func (s *providers) updateThumbprint(c *operation.Call, tx *state.Tx, in *iamapi.UpdateOpenIDConnectProviderThumbprintRequest) (*iamapi.UpdateOpenIDConnectProviderThumbprintResponse, error) {
	p, err := findOIDC(c, tx, *in.OpenIDConnectProviderArn)
	if err != nil {
		return nil, err
	}
	prints, err := thumbprints(in.ThumbprintList)
	if err != nil {
		return nil, err
	}
	if len(prints) == 0 {
		return nil, iamapi.InvalidInputException("Thumbprint list must contain at least one entry.")
	}
	changeOIDC(tx, p, func(p *iam.OIDCProvider) { p.Thumbprints = prints })
	return &iamapi.UpdateOpenIDConnectProviderThumbprintResponse{}, nil
}

// addClientID changes nothing when the provider has the id already.
func (s *providers) addClientID(c *operation.Call, tx *state.Tx, in *iamapi.AddClientIDToOpenIDConnectProviderRequest) (*iamapi.AddClientIDToOpenIDConnectProviderResponse, error) {
	p, err := findOIDC(c, tx, *in.OpenIDConnectProviderArn)
	if err != nil {
		return nil, err
	}
	if !slices.Contains(p.ClientIDs, *in.ClientID) {
		if err := s.env.Limits.Check(iam.ClientIDsPerOIDCProvider, len(p.ClientIDs)+1); err != nil {
			return nil, err
		}
		changeOIDC(tx, p, func(p *iam.OIDCProvider) { p.ClientIDs = append(slices.Clone(p.ClientIDs), *in.ClientID) })
	}
	return &iamapi.AddClientIDToOpenIDConnectProviderResponse{}, nil
}

// removeClientID changes nothing when the provider does not have the id.
func (s *providers) removeClientID(c *operation.Call, tx *state.Tx, in *iamapi.RemoveClientIDFromOpenIDConnectProviderRequest) (*iamapi.RemoveClientIDFromOpenIDConnectProviderResponse, error) {
	p, err := findOIDC(c, tx, *in.OpenIDConnectProviderArn)
	if err != nil {
		return nil, err
	}
	if i := slices.Index(p.ClientIDs, *in.ClientID); i >= 0 {
		changeOIDC(tx, p, func(p *iam.OIDCProvider) { p.ClientIDs = slices.Delete(slices.Clone(p.ClientIDs), i, i+1) })
	}
	return &iamapi.RemoveClientIDFromOpenIDConnectProviderResponse{}, nil
}
