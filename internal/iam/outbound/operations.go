package outbound

import (
	"context"

	"sallyport/internal/api"
	"sallyport/internal/api/iamapi"
	"sallyport/internal/federation/issuer"
	"sallyport/internal/iam"
	"sallyport/internal/operation"
	"sallyport/internal/state"
)

// Secrets opens sealed secrets; *state.Store does.
type Secrets interface {
	Secret(ctx context.Context, id state.StreamID, secretID string) ([]byte, error)
}

// A Service has the issuers of all accounts.
type Service struct {
	env     *iam.Env
	secrets Secrets
	// url is the server's public URL without a slash at its end.
	url string
}

// Operations returns the definitions of this package's operations. None of them has
// a resource
// (https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html).
func (s *Service) Operations() []operation.Definition {
	return []operation.Definition{
		operation.Writes(iamapi.OpEnableOutboundWebIdentityFederation,
			onAccount[iamapi.EnableOutboundWebIdentityFederationRequest]("iam:EnableOutboundWebIdentityFederation"), s.enable),
		operation.Writes(iamapi.OpDisableOutboundWebIdentityFederation,
			onAccount[iamapi.DisableOutboundWebIdentityFederationRequest]("iam:DisableOutboundWebIdentityFederation"), s.disable),
		operation.Reads(iamapi.OpGetOutboundWebIdentityFederationInfo,
			onAccount[iamapi.GetOutboundWebIdentityFederationInfoRequest]("iam:GetOutboundWebIdentityFederationInfo"), s.info),
	}
}

func onAccount[In any](action string) func(*operation.Call, state.Reader, *In) ([]operation.Check, error) {
	return func(*operation.Call, state.Reader, *In) ([]operation.Check, error) {
		return []operation.Check{iam.AccountCheck(action)}, nil
	}
}

// newKeys are the keys that a call makes outside the writer.
type newKeys struct{}

// enable makes the account an issuer
// (https://docs.aws.amazon.com/IAM/latest/APIReference/API_EnableOutboundWebIdentityFederation.html).
func (s *Service) enable(c *operation.Call, tx *state.Tx, _ *iamapi.EnableOutboundWebIdentityFederationRequest) (*iamapi.EnableOutboundWebIdentityFederationResponse, error) {
	account := c.Caller.Account()
	if s.url == "" {
		return nil, api.ServiceUnavailable(nil).WithHint("issuers need a public URL: give --public-url")
	}
	changed := iam.OutboundFederation{}
	if f, ok := iam.OutboundFederations.Get(tx, iam.AccountKey); ok {
		changed = *f
	} else {
		changed.Issuer = s.env.Ident.RequestID()
	}
	if changed.Enabled {
		return nil, iamapi.FeatureEnabledException("Outbound identity federation is already enabled for account %s", account)
	}
	now := iam.Moment(tx.Now())
	if !changed.Alive(now) {
		keys, err := operation.Outside(c, newKeys{}, issuer.NewKeys)
		if err != nil {
			return nil, err
		}
		for _, old := range changed.Keys {
			tx.DeleteSecret(iam.IssuerKeySecret(old.ID))
		}
		changed.Keys = nil
		for _, k := range keys {
			tx.PutSecret(iam.IssuerKeySecret(k.ID), k.Private)
			changed.Keys = append(changed.Keys, k.PublicKey)
		}
	}
	changed.Enabled, changed.Changed = true, now
	iam.OutboundFederations.Put(tx, iam.AccountKey, &changed)
	return &iamapi.EnableOutboundWebIdentityFederationResponse{IssuerIdentifier: new(s.urlOf(account, &changed))}, nil
}

// disable ends the issuing of tokens. Those that were issued hold until they expire
// (https://docs.aws.amazon.com/IAM/latest/APIReference/API_DisableOutboundWebIdentityFederation.html).
func (s *Service) disable(c *operation.Call, tx *state.Tx, _ *iamapi.DisableOutboundWebIdentityFederationRequest) (*iamapi.DisableOutboundWebIdentityFederationResponse, error) {
	f, ok := enabled(tx)
	if !ok {
		return nil, iamapi.FeatureDisabledException("Outbound identity federation is already disabled for account %s", c.Caller.Account())
	}
	changed := *f
	changed.Enabled, changed.Changed = false, iam.Moment(tx.Now())
	iam.OutboundFederations.Put(tx, iam.AccountKey, &changed)
	return &iamapi.DisableOutboundWebIdentityFederationResponse{}, nil
}

func (s *Service) info(c *operation.Call, r state.Reader, _ *iamapi.GetOutboundWebIdentityFederationInfoRequest) (*iamapi.GetOutboundWebIdentityFederationInfoResponse, error) {
	url, ok := s.Issuer(r, c.Caller.Account())
	if !ok {
		return nil, iamapi.FeatureDisabledException("Outbound identity federation is disabled for account %s", c.Caller.Account())
	}
	return &iamapi.GetOutboundWebIdentityFederationInfoResponse{IssuerIdentifier: &url, JwtVendingEnabled: new(true)}, nil
}

func enabled(r state.Reader) (*iam.OutboundFederation, bool) {
	f, ok := iam.OutboundFederations.Get(r, iam.AccountKey)
	return f, ok && f.Enabled
}
