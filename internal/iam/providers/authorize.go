package providers

import (
	"strings"

	"sallyport/internal/api"
	"sallyport/internal/api/iamapi"
	"sallyport/internal/iam"
	"sallyport/internal/operation"
	"sallyport/internal/state"
)

// Actions, resources and condition keys are those of the Service Authorization
// Reference
// (https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html).

type checks[In any] func(*operation.Call, state.Reader, *In) ([]operation.Check, error)

// onProvider asks for the action on the provider that the request names.
func onProvider[In any](action string, arn func(*In) *string) checks[In] {
	return func(c *operation.Call, r state.Reader, in *In) ([]operation.Check, error) {
		return []operation.Check{providerCheck(c, r, action, api.Value(arn(in)))}, nil
	}
}

// providerCheck asks for the action on a provider by ARN, existing or not.
func providerCheck(c *operation.Call, r state.Reader, action, arn string) operation.Check {
	check := operation.Check{Action: action, Resource: arn}
	if p, err := findOIDC(c, r, arn); err == nil {
		check.ResourceTags = p.Tags
	}
	if p, err := findSAML(c, r, arn); err == nil {
		check.ResourceTags = p.Tags
	}
	return check
}

// creating asks for the creation of a provider, and for tagging it when the
// request has tags
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags_oidc.html).
func creating(c *operation.Call, create, tag, kind, name string, tags []iamapi.Tag) []operation.Check {
	check := operation.Check{
		Action: create, Resource: iam.EntityARN(c.Caller.Account(), kind, "/", name), RequestTags: iam.RequestTags(tags),
	}
	if len(tags) == 0 {
		return []operation.Check{check}
	}
	tagging := check
	tagging.Action = tag
	return []operation.Check{check, tagging}
}

func createOIDCChecks(c *operation.Call, _ state.Reader, in *iamapi.CreateOpenIDConnectProviderRequest) ([]operation.Check, error) {
	url, err := issuerURL(*in.Url)
	if err != nil {
		// A URL that will be refused is asked about as it came.
		url = strings.TrimPrefix(*in.Url, scheme)
	}
	return creating(c, "iam:CreateOpenIDConnectProvider", "iam:TagOpenIDConnectProvider", iam.OIDCProviderKind, url, in.Tags), nil
}

func createSAMLChecks(c *operation.Call, _ state.Reader, in *iamapi.CreateSAMLProviderRequest) ([]operation.Check, error) {
	return creating(c, "iam:CreateSAMLProvider", "iam:TagSAMLProvider", iam.SAMLProviderKind, *in.Name, in.Tags), nil
}

func listOIDCChecks(*operation.Call, state.Reader, *iamapi.ListOpenIDConnectProvidersRequest) ([]operation.Check, error) {
	return []operation.Check{iam.AccountCheck("iam:ListOpenIDConnectProviders")}, nil
}

func listSAMLChecks(*operation.Call, state.Reader, *iamapi.ListSAMLProvidersRequest) ([]operation.Check, error) {
	return []operation.Check{iam.AccountCheck("iam:ListSAMLProviders")}, nil
}

func tagOIDCChecks(c *operation.Call, r state.Reader, in *iamapi.TagOpenIDConnectProviderRequest) ([]operation.Check, error) {
	check := providerCheck(c, r, "iam:TagOpenIDConnectProvider", *in.OpenIDConnectProviderArn)
	check.RequestTags = iam.RequestTags(in.Tags)
	return []operation.Check{check}, nil
}

func untagOIDCChecks(c *operation.Call, r state.Reader, in *iamapi.UntagOpenIDConnectProviderRequest) ([]operation.Check, error) {
	check := providerCheck(c, r, "iam:UntagOpenIDConnectProvider", *in.OpenIDConnectProviderArn)
	check.TagKeys = in.TagKeys
	return []operation.Check{check}, nil
}

func tagSAMLChecks(c *operation.Call, r state.Reader, in *iamapi.TagSAMLProviderRequest) ([]operation.Check, error) {
	check := providerCheck(c, r, "iam:TagSAMLProvider", *in.SAMLProviderArn)
	check.RequestTags = iam.RequestTags(in.Tags)
	return []operation.Check{check}, nil
}

func untagSAMLChecks(c *operation.Call, r state.Reader, in *iamapi.UntagSAMLProviderRequest) ([]operation.Check, error) {
	check := providerCheck(c, r, "iam:UntagSAMLProvider", *in.SAMLProviderArn)
	check.TagKeys = in.TagKeys
	return []operation.Check{check}, nil
}
