package sts

import (
	"cmp"

	"sallyport/internal/api"
	"sallyport/internal/api/stsapi"
	"sallyport/internal/iam"
	"sallyport/internal/operation"
	"sallyport/internal/state"
	"sallyport/policy"
)

// authorizeFederation asks for sts:GetFederationToken on the federated user, and
// for sts:TagSession when the session carries tags
// (https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssecuritytokenservice.html).
func authorizeFederation(c *operation.Call, _ state.Reader, in *stsapi.GetFederationTokenRequest) ([]operation.Check, error) {
	tags, err := newTags(in.Tags)
	if err != nil {
		return nil, err
	}
	check := operation.Check{
		Action: "sts:GetFederationToken", Resource: iam.FederatedUserARN(c.Caller.Account(), *in.Name), RequestTags: tags,
	}
	checks := []operation.Check{check}
	if len(tags) > 0 {
		check.Action = "sts:TagSession"
		checks = append(checks, check)
	}
	return checks, nil
}

// getFederationToken issues credentials of a federated user session, which has what
// both its session policies and the user who asks allow, and nothing without session
// policies
// (https://docs.aws.amazon.com/STS/latest/APIReference/API_GetFederationToken.html).
func (s *Service) getFederationToken(c *operation.Call, _ state.Reader, in *stsapi.GetFederationTokenRequest) (*stsapi.GetFederationTokenResponse, error) {
	kind := c.Caller.Principal.Kind
	if c.Caller.Session != nil || kind != policy.User && kind != policy.Root {
		return nil, api.AccessDenied(c.Op.Service, "Cannot call GetFederationToken with session credentials")
	}
	account := c.Caller.Account()
	policies, arns, err := s.sessionPolicies(c, account, in.Policy, in.PolicyArns)
	if err != nil {
		return nil, err
	}
	tags, err := newTags(in.Tags)
	if err != nil {
		return nil, err
	}
	token := Token{
		Account: account, Kind: policy.FederatedUser, EntityID: c.Caller.EntityID, Name: *in.Name,
		Policies: policies, PolicyARNs: arns, Tags: tags,
	}
	packed, err := packedSize(&token)
	if err != nil {
		return nil, err
	}
	credentials, err := s.issue(token, c.Now, userSession(c, in.DurationSeconds), in.MinimumSessionTokenSize)
	if err != nil {
		return nil, err
	}
	return &stsapi.GetFederationTokenResponse{
		Credentials: credentials.Credentials, SessionTokenSize: credentials.size, SessionTokenUtilization: credentials.utilization,
		FederatedUser: &stsapi.FederatedUser{
			FederatedUserId: new(account + ":" + token.Name), Arn: new(iam.FederatedUserARN(account, token.Name)),
		},
		PackedPolicySize: cmp.Or(packed, new(int64(0))), // row sts-005
	}, nil
}
