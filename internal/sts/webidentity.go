package sts

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strconv"
	"time"

	"sallyport/internal/api"
	"sallyport/internal/api/stsapi"
	"sallyport/internal/federation/oidc"
	"sallyport/internal/iam"
	"sallyport/internal/operation"
	"sallyport/internal/state"
	"sallyport/policy"
	"sallyport/policy/condition"
)

// WebIdentities verifies the tokens of OpenID Connect issuers; *oidc.Verifier does.
type WebIdentities interface {
	Verify(ctx context.Context, p oidc.Provider, t *oidc.Parsed, now time.Time, mayAsk func() bool) (*oidc.Token, error)
}

const webIdentityAction = "sts:AssumeRoleWithWebIdentity"

// identifyWebIdentity finds out who calls AssumeRoleWithWebIdentity, which the
// token proves and nothing else
// (https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html).
// The issuer must be a provider of the role's account. It is asked for its keys
// only for a role that trusts it, so that strangers can't have the server ask
// around; otherwise the token is checked by what keys are known, and the role's
// trust policy denies the call later as it does any other.
func (s *Service) identifyWebIdentity(c *operation.Call, in *stsapi.AssumeRoleWithWebIdentityRequest) (*operation.Caller, string, error) {
	target, err := roleARN(*in.RoleArn)
	if err != nil {
		return nil, "", err
	}
	view, known := s.Accounts(target.Account)
	account := ""
	if known {
		account = target.Account
	}
	if in.ProviderId != nil {
		return nil, account, api.ValidationError(c.Op.Service, "ProviderId is for OAuth 2.0 access tokens, which are not supported. Give an OpenID Connect ID token without it.")
	}
	parsed, err := oidc.Parse(*in.WebIdentityToken)
	if err != nil {
		return nil, account, webIdentityError(err)
	}
	// AWS takes no tokens of its own
	// (https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_outbound_getting_started.html).
	if s.Issuers.Own(parsed.Issuer) {
		return nil, account, stsapi.InvalidIdentityTokenException("Tokens of GetWebIdentityToken can't be used to assume a role.")
	}
	var provider *iam.OIDCProvider
	if known {
		provider, err = iam.FindOIDCProvider(view, parsed.Issuer)
	}
	if !known || err != nil {
		return nil, account, stsapi.InvalidIdentityTokenException("No OpenIDConnect provider found in your account for %s", parsed.Issuer)
	}
	providerARN := iam.OIDCProviderARN(account, provider)
	token, err := s.WebIdentities.Verify(c.Context, oidc.Provider{
		Issuer: iam.IssuerScheme + provider.URL, ClientIDs: provider.ClientIDs, Thumbprints: provider.Thumbprints,
	}, parsed, c.Now, func() bool {
		role, ok := roleIn(view, target)
		return ok && trusts(role, providerARN)
	})
	if errors.Is(err, oidc.ErrNotAsked) {
		return nil, account, api.AccessDenied(c.Op.Service, "Not authorized to perform %s", webIdentityAction).WithCause(err)
	}
	if err != nil {
		return nil, account, webIdentityError(err)
	}
	caller, err := webIdentity(account, provider, token)
	if err != nil {
		return nil, account, err
	}
	authorized, err := authorizedRole(token.Claims, *in.RoleArn)
	if err != nil {
		return nil, account, stsapi.InvalidIdentityTokenException("%s", err.Error())
	}
	caller.Assertion.Context["sts:roleauthorizedbyidp"] = condition.One(strconv.FormatBool(authorized))
	// What the token wants of the session must be possible, whatever the role allows.
	if _, err := newAssumption(caller, webIdentityRequest(caller, in)); err != nil {
		return nil, account, stsapi.InvalidIdentityTokenException("%s", api.From(err).Message)
	}
	return caller, account, nil
}

// webIdentityError is how STS reports a token that is refused.
func webIdentityError(err error) error {
	refusal, ok := errors.AsType[*oidc.Error](err)
	if !ok {
		return err
	}
	report := stsapi.InvalidIdentityTokenException
	switch refusal.Kind {
	case oidc.Expired:
		report = stsapi.ExpiredTokenException
	case oidc.Unreachable:
		report = stsapi.IDPCommunicationErrorException
	}
	return report("%s", refusal.Message).WithCause(refusal.Cause)
}

// trusts reports whether a statement of the role's trust policy allows anything to
// an identity provider.
func trusts(role *iam.Role, provider string) bool {
	doc, err := policy.Parse([]byte(role.Trust))
	if err != nil {
		return false
	}
	return slices.ContainsFunc(doc.Statements, func(s policy.Statement) bool {
		return s.Effect == "Allow" && s.Principal != nil && slices.ContainsFunc(s.Principal.Entries, func(e policy.PrincipalEntry) bool {
			return e.Type == iam.PrincipalFederated && slices.Contains(e.List.Texts(), provider)
		})
	})
}

// webIdentityRequest is what the caller asks for, as AssumeRole would be asked for
// it.
func webIdentityRequest(caller *operation.Caller, in *stsapi.AssumeRoleWithWebIdentityRequest) *stsapi.AssumeRoleRequest {
	return federatedRequest(caller, &stsapi.AssumeRoleRequest{
		RoleArn: in.RoleArn, RoleSessionName: in.RoleSessionName, DurationSeconds: in.DurationSeconds,
		Policy: in.Policy, PolicyArns: in.PolicyArns, MinimumSessionTokenSize: in.MinimumSessionTokenSize,
	})
}

// federatedRequest adds to a request what the caller's assertion says the session
// is to have.
func federatedRequest(caller *operation.Caller, request *stsapi.AssumeRoleRequest) *stsapi.AssumeRoleRequest {
	a := caller.Assertion
	request.TransitiveTagKeys = a.Transitive
	for _, tag := range a.Tags {
		request.Tags = append(request.Tags, stsapi.Tag{Key: &tag.Key, Value: &tag.Value})
	}
	if a.SourceIdentity != "" {
		request.SourceIdentity = &a.SourceIdentity
	}
	return request
}

// authorizeWebIdentity asks for sts:AssumeRoleWithWebIdentity on the role.
func (s *Service) authorizeWebIdentity(c *operation.Call, _ state.Reader, in *stsapi.AssumeRoleWithWebIdentityRequest) ([]operation.Check, error) {
	asked, err := newAssumption(c.Caller, webIdentityRequest(c.Caller, in))
	if err != nil {
		return nil, err
	}
	return s.checks(c, asked, webIdentityAction, maps.Clone(c.Caller.Assertion.Context)), nil
}

// assumeRoleWithWebIdentity issues the credentials of a role session.
func (s *Service) assumeRoleWithWebIdentity(c *operation.Call, _ state.Reader, in *stsapi.AssumeRoleWithWebIdentityRequest) (*stsapi.AssumeRoleWithWebIdentityResponse, error) {
	asked, err := newAssumption(c.Caller, webIdentityRequest(c.Caller, in))
	if err != nil {
		return nil, err
	}
	out, err := s.assume(c, asked)
	if err != nil {
		return nil, err
	}
	a := c.Caller.Assertion
	return &stsapi.AssumeRoleWithWebIdentityResponse{
		Credentials: out.Credentials, AssumedRoleUser: out.AssumedRoleUser, PackedPolicySize: out.PackedPolicySize,
		SessionTokenSize: out.SessionTokenSize, SessionTokenUtilization: out.SessionTokenUtilization,
		SourceIdentity: out.SourceIdentity, SubjectFromWebIdentityToken: &a.Subject, Audience: &a.Audience, Provider: &a.Provider,
	}, nil
}
