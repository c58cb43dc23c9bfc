package sts

import (
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"sallyport/catalog"
	"sallyport/internal/api"
	"sallyport/internal/api/stsapi"
	"sallyport/internal/federation/oidc"
	"sallyport/internal/iam"
	"sallyport/internal/operation"
	"sallyport/policy"
	"sallyport/policy/condition"
)

// Claims by which an issuer says what a session is to have
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html#id_session-tags_adding-assume-role-idp,
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_control-access_monitor.html).
// Tags may be in one object, or flat in a claim for each.
const (
	tagsClaim       = "https://aws.amazon.com/tags"
	flatTagClaim    = tagsClaim + "/principal_tags/"
	flatKeysClaim   = tagsClaim + "/transitive_tag_keys"
	sourceIDClaim   = "https://aws.amazon.com/source_identity"
	rolesClaim      = "https://aws.amazon.com/roles"
	numberOfGoogle  = "google/organization_number"
	maxClaimStrings = 64
)

// webIdentity makes a caller of a token.
func webIdentity(account string, provider *iam.OIDCProvider, t *oidc.Token) (*operation.Caller, error) {
	arn := iam.OIDCProviderARN(account, provider)
	key := func(claim string) string { return condition.LowerKey(provider.URL + ":" + claim) }
	a := &operation.Assertion{
		Federation: operation.Federation{Provider: arn, Keys: map[string][]string{
			key("aud"): {t.Audience}, key("sub"): {t.Subject},
		}},
		Subject: t.Subject, Audience: t.Audience,
		Context: condition.Map{key("oaud"): condition.Many(t.Audiences...)},
	}
	if len(t.AMR) > 0 {
		a.Keys[key("amr")] = t.AMR
	}
	claims := append(webIdentityClaims(provider.URL), "email")
	for _, claim := range claims {
		if values := claimValues(t, claim); len(values) > 0 {
			a.Context[key(claim)] = condition.Many(values...)
		}
	}
	if err := sessionClaims(a, t); err != nil {
		return nil, stsapi.InvalidIdentityTokenException("%s", err.Error())
	}
	return &operation.Caller{
		Principal: policy.Principal{
			Kind: policy.Federated, Account: account, Federated: arn,
			ID: arn + ":" + t.Audience + ":" + t.Subject,
		},
		Assertion: a,
	}, nil
}

// webIdentityClaims are the further claims of an issuer's tokens that are condition
// keys: those that AWS's authorization reference lists for the issuer.
func webIdentityClaims(issuer string) []string {
	_, action, ok := catalog.AWS().Action(webIdentityAction)
	if !ok {
		return nil
	}
	return slices.DeleteFunc(action.KeysUnder(issuer), func(claim string) bool {
		return slices.Contains([]string{"aud", "sub", "amr", "oaud", "email"}, claim)
	})
}

// claimValues are a claim's, as the values of a condition key: text, numbers and
// truth values, one or several.
func claimValues(t *oidc.Token, claim string) []string {
	raw, ok := t.Claims[claim]
	if !ok && claim == numberOfGoogle {
		var google map[string]jsontext.Value
		if json.Unmarshal(t.Claims["google"], &google) == nil {
			raw = google["organization_number"]
		}
	}
	list := []jsontext.Value{raw}
	if raw.Kind() == '[' && json.Unmarshal(raw, &list) != nil || len(list) > maxClaimStrings {
		return nil
	}
	var values []string
	for _, v := range list {
		switch v.Kind() {
		case '"':
			var text string
			if json.Unmarshal(v, &text) != nil {
				return nil
			}
			values = append(values, text)
		case '0', 't', 'f':
			values = append(values, string(v))
		default:
			return nil
		}
	}
	return values
}

// errClaim is about a claim that says what the session is to have.
type errClaim string

func (e errClaim) Error() string { return "The token has an invalid claim: " + string(e) }

// sessionClaims reads what the session is to have. It is held to what AssumeRole's
// parameters are.
func sessionClaims(a *operation.Assertion, t *oidc.Token) error {
	for _, read := range []func(*operation.Assertion, map[string]jsontext.Value) error{nestedTags, flatTags, sourceClaim} {
		if err := read(a, t.Claims); err != nil {
			return err
		}
	}
	slices.SortFunc(a.Tags, func(x, y operation.Tag) int { return strings.Compare(x.Key, y.Key) })
	in := &stsapi.AssumeRoleRequest{
		RoleArn: new("arn:aws:iam::123456789012:role/any"), RoleSessionName: new("any"), TransitiveTagKeys: a.Transitive,
	}
	for _, tag := range a.Tags {
		in.Tags = append(in.Tags, stsapi.Tag{Key: &tag.Key, Value: &tag.Value})
	}
	if a.SourceIdentity != "" {
		in.SourceIdentity = &a.SourceIdentity
	}
	if err := api.Validate(stsapi.OpAssumeRole, in, stsapi.Service.Style()); err != nil {
		return errClaim(api.From(err).Message)
	}
	return nil
}

// nestedTags reads {"principal_tags": {"key": ["value"]}, "transitive_tag_keys": […]}.
func nestedTags(a *operation.Assertion, claims map[string]jsontext.Value) error {
	raw, ok := claims[tagsClaim]
	if !ok {
		return nil
	}
	var tags struct {
		Principal  map[string]jsontext.Value `json:"principal_tags"`
		Transitive []string                  `json:"transitive_tag_keys"`
	}
	if json.Unmarshal(raw, &tags) != nil {
		return errClaim(tagsClaim)
	}
	for key, value := range tags.Principal {
		if err := addTag(a, key, value); err != nil {
			return err
		}
	}
	a.Transitive = tags.Transitive
	return nil
}

func flatTags(a *operation.Assertion, claims map[string]jsontext.Value) error {
	for claim, value := range claims {
		if key, ok := strings.CutPrefix(claim, flatTagClaim); ok {
			if err := addTag(a, key, value); err != nil {
				return err
			}
		}
	}
	raw, ok := claims[flatKeysClaim]
	if !ok {
		return nil
	}
	keys, ok := textOrTexts(raw)
	if !ok {
		return errClaim(flatKeysClaim)
	}
	a.Transitive = append(a.Transitive, keys...)
	return nil
}

// addTag adds a tag, which has one value.
func addTag(a *operation.Assertion, key string, raw jsontext.Value) error {
	values, ok := textOrTexts(raw)
	if !ok || len(values) != 1 {
		return errClaim("the tag " + key + " must have one value")
	}
	a.Tags = append(a.Tags, operation.Tag{Key: key, Value: values[0]})
	return nil
}

func sourceClaim(a *operation.Assertion, claims map[string]jsontext.Value) error {
	raw, ok := claims[sourceIDClaim]
	if !ok {
		return nil
	}
	values, ok := textOrTexts(raw)
	if !ok || len(values) != 1 || values[0] == "" {
		return errClaim(sourceIDClaim)
	}
	a.SourceIdentity = values[0]
	return nil
}

// errOtherRole says that the issuer made the token for other roles.
const errOtherRole = errClaim(rolesClaim + " does not have the role")

// authorizedRole reports whether the issuer authorized the role by name. A token
// that names roles, by ARN, is for no other; one that names none is for whatever
// role trusts its issuer.
func authorizedRole(claims map[string]jsontext.Value, role string) (bool, error) {
	raw, ok := claims[rolesClaim]
	if !ok {
		return false, nil
	}
	if roles, ok := textOrTexts(raw); !ok || !slices.Contains(roles, role) {
		return false, errOtherRole
	}
	return true, nil
}

func textOrTexts(raw jsontext.Value) ([]string, bool) {
	if raw.Kind() == '"' {
		list := make([]string, 1)
		return list, json.Unmarshal(raw, &list[0]) == nil
	}
	var list []string
	err := json.Unmarshal(raw, &list)
	return list, err == nil
}
