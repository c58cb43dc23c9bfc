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

// onOIDC and onSAML ask for the action on the provider that the request names.
func onOIDC[In any](action string, arn func(*In) *string) checks[In] {
	return onProvider(iam.OIDCProviderKind, action, arn)
}

func onSAML[In any](action string, arn func(*In) *string) checks[In] {
	return onProvider(iam.SAMLProviderKind, action, arn)
}

func onProvider[In any](kind, action string, arn func(*In) *string) checks[In] {
	return func(c *operation.Call, r state.Reader, in *In) ([]operation.Check, error) {
		check, err := providerCheck(c, r, kind, action, api.Value(arn(in)))
		return []operation.Check{check}, err
	}
}

// providerCheck asks for the action on a provider by ARN, existing or not.
func providerCheck(c *operation.Call, r state.Reader, kind, action, arn string) (operation.Check, error) {
	if err := iam.CheckARN(kind, arn); err != nil {
		return operation.Check{}, err
	}
	check := operation.Check{Action: action, Resource: arn}
	if p, err := findOIDC(c, r, arn); err == nil {
		check.ResourceTags = p.Tags
	}
	if p, err := findSAML(c, r, arn); err == nil {
		check.ResourceTags = p.Tags
	}
	return check, nil
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
	check, err := providerCheck(c, r, iam.OIDCProviderKind, "iam:TagOpenIDConnectProvider", *in.OpenIDConnectProviderArn)
	check.RequestTags = iam.RequestTags(in.Tags)
	return []operation.Check{check}, err
}

func untagOIDCChecks(c *operation.Call, r state.Reader, in *iamapi.UntagOpenIDConnectProviderRequest) ([]operation.Check, error) {
	check, err := providerCheck(c, r, iam.OIDCProviderKind, "iam:UntagOpenIDConnectProvider", *in.OpenIDConnectProviderArn)
	check.TagKeys = in.TagKeys
	return []operation.Check{check}, err
}

func tagSAMLChecks(c *operation.Call, r state.Reader, in *iamapi.TagSAMLProviderRequest) ([]operation.Check, error) {
	check, err := providerCheck(c, r, iam.SAMLProviderKind, "iam:TagSAMLProvider", *in.SAMLProviderArn)
	check.RequestTags = iam.RequestTags(in.Tags)
	return []operation.Check{check}, err
}

func untagSAMLChecks(c *operation.Call, r state.Reader, in *iamapi.UntagSAMLProviderRequest) ([]operation.Check, error) {
	check, err := providerCheck(c, r, iam.SAMLProviderKind, "iam:UntagSAMLProvider", *in.SAMLProviderArn)
	check.TagKeys = in.TagKeys
	return []operation.Check{check}, err
}
