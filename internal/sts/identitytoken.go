package sts

import (
	"slices"
	"strconv"
	"time"

	"github.com/go-json-experiment/json"

	"sallyport/internal/api"
	"sallyport/internal/api/stsapi"
	"sallyport/internal/federation/issuer"
	"sallyport/internal/operation"
	"sallyport/internal/state"
	"sallyport/policy"
	"sallyport/policy/condition"
)

const (
	identityTokenDefault = 5 * time.Minute
	// maxClaims bounds a token's claims, in bytes of JSON. AWS doesn't publish the
	// figure; it was measured.
	maxClaims = 14984
)

// authorizeIdentityToken asks for sts:GetWebIdentityToken on the caller's own session,
// and for sts:TagGetWebIdentityToken when the token carries tags. Both know for whom
// the token is, how it is signed and how long it lives
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_outbound_policies.html).
func authorizeIdentityToken(c *operation.Call, _ state.Reader, in *stsapi.GetWebIdentityTokenRequest) ([]operation.Check, error) {
	if !slices.Contains(issuer.Algorithms, *in.SigningAlgorithm) {
		return nil, api.ValidationError(c.Op.Service,
			"Requested SigningAlgorithm is not supported. See the GetWebIdentityToken documentation for supported algorithms")
	}
	tags, err := distinctTags(in.Tags)
	if err != nil {
		return nil, err
	}
	check := operation.Check{
		Action: "sts:GetWebIdentityToken", Resource: "arn:aws:sts::" + c.Caller.Account() + ":self", RequestTags: tags,
		Keys: condition.Map{
			"sts:identitytokenaudience": condition.Many(in.Audience...),
			"sts:durationseconds":       condition.One(strconv.Itoa(int(identityTokenDuration(in) / time.Second))),
			"sts:signingalgorithm":      condition.One(*in.SigningAlgorithm),
		},
	}
	checks := []operation.Check{check}
	if len(tags) > 0 {
		check.Action = "sts:TagGetWebIdentityToken"
		checks = append(checks, check)
	}
	return checks, nil
}

func identityTokenDuration(in *stsapi.GetWebIdentityTokenRequest) time.Duration {
	if in.DurationSeconds == nil {
		return identityTokenDefault
	}
	return time.Duration(*in.DurationSeconds) * time.Second
}

// getWebIdentityToken issues a token by which the caller proves to others who it is
// (https://docs.aws.amazon.com/STS/latest/APIReference/API_GetWebIdentityToken.html).
func (s *Service) getWebIdentityToken(c *operation.Call, r state.Reader, in *stsapi.GetWebIdentityTokenRequest) (*stsapi.GetWebIdentityTokenResponse, error) {
	expires := c.Now.UTC().Add(identityTokenDuration(in)).Truncate(time.Millisecond)
	if session := c.Caller.Session; session != nil && !expires.Before(session.Expires) {
		return nil, stsapi.SessionDurationEscalationException("Requested token expiry time must be before the original session's expiry time.")
	}
	account := c.Caller.Account()
	url, ok := s.Issuers.Issuer(r, account)
	if !ok {
		return nil, stsapi.OutboundWebIdentityFederationDisabledException("OutboundWebIdentityFederation is disabled.")
	}
	claims, err := s.claims(c, in, url, expires)
	if err != nil {
		return nil, api.InternalFailure(err)
	}
	if len(claims) > maxClaims {
		return nil, stsapi.JWTPayloadSizeExceededException("The token's payload has %d bytes, more than the %d allowed.", len(claims), maxClaims)
	}
	token, err := s.Issuers.Sign(c.Context, r, account, *in.SigningAlgorithm, claims)
	if err != nil {
		return nil, err
	}
	return &stsapi.GetWebIdentityTokenResponse{WebIdentityToken: &token, Expiration: &expires}, nil
}

// identityClaims are what a web identity token says
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_outbound_token_claims.html).
type identityClaims struct {
	Audience audience  `json:"aud"`
	Subject  string    `json:"sub"`
	AWS      awsClaims `json:"https://sts.amazonaws.com/"`
	Issuer   string    `json:"iss"`
	Expires  int64     `json:"exp"`
	Issued   int64     `json:"iat"`
	ID       string    `json:"jti"`
}

// awsClaims are AWS's own. What an account or session doesn't have is absent, so
// are claims of other services about where the caller runs.
type awsClaims struct {
	Account        string            `json:"aws_account"`
	Region         string            `json:"source_region,omitzero"`
	Principal      string            `json:"principal_id"`
	PrincipalTags  map[string]string `json:"principal_tags,omitempty"`
	RequestTags    map[string]string `json:"request_tags,omitempty"`
	SourceIdentity string            `json:"source_identity,omitzero"`
	Provider       string            `json:"federated_provider,omitzero"`
	SessionExpires string            `json:"original_session_exp,omitzero"` // RFC 3339
}

// audience is one text, or a list when there are several (RFC 7519, section 4.1.3).
type audience []string

// MarshalJSON implements json.Marshaler.
func (a audience) MarshalJSON() ([]byte, error) {
	if len(a) == 1 {
		return json.Marshal(a[0])
	}
	return json.Marshal([]string(a))
}

func (s *Service) claims(c *operation.Call, in *stsapi.GetWebIdentityTokenRequest, url string, expires time.Time) ([]byte, error) {
	p := &c.Caller.Principal
	subject := p.ARN
	if p.Kind == policy.RoleSession {
		subject = p.RoleARN
	}
	requested, err := distinctTags(in.Tags)
	if err != nil {
		return nil, err
	}
	claims := identityClaims{
		Issuer: url, Subject: subject, Audience: in.Audience, ID: s.Ident.RequestID(),
		Issued: c.Now.Unix(), Expires: expires.Unix(),
		AWS: awsClaims{
			Account: p.Account, Region: c.Region, Principal: subject,
			PrincipalTags: tagMap(c.Caller.Tags), RequestTags: tagMap(requested),
		},
	}
	if session := c.Caller.Session; session != nil {
		claims.AWS.SessionExpires, claims.AWS.SourceIdentity = session.Expires.UTC().Format(time.RFC3339), session.SourceIdentity
	}
	if f := c.Caller.Federation(); f != nil {
		claims.AWS.Provider = f.Provider
	}
	return json.Marshal(claims, json.Deterministic(true))
}

func tagMap(tags []operation.Tag) map[string]string {
	m := make(map[string]string, len(tags))
	for _, t := range tags {
		m[t.Key] = t.Value
	}
	return m
}
