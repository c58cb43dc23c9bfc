package providers

import (
	"sallyport/internal/api/iamapi"
	"sallyport/internal/iam"
	"sallyport/internal/operation"
)

// providers carries out the operations of this package.
type providers struct {
	env *iam.Env
}

// Operations returns the operations on identity providers.
func Operations(env *iam.Env) []operation.Definition {
	s := &providers{env: env}
	return append(s.openIDConnect(), s.saml()...)
}

func (s *providers) openIDConnect() []operation.Definition {
	return []operation.Definition{
		operation.Writes(iamapi.OpCreateOpenIDConnectProvider, createOIDCChecks, s.createOIDC),
		operation.Reads(iamapi.OpGetOpenIDConnectProvider, onOIDC("iam:GetOpenIDConnectProvider",
			func(in *iamapi.GetOpenIDConnectProviderRequest) *string { return in.OpenIDConnectProviderArn }), s.getOIDC),
		operation.Reads(iamapi.OpListOpenIDConnectProviders, listOIDCChecks, s.listOIDC),
		operation.Writes(iamapi.OpDeleteOpenIDConnectProvider, onOIDC("iam:DeleteOpenIDConnectProvider",
			func(in *iamapi.DeleteOpenIDConnectProviderRequest) *string { return in.OpenIDConnectProviderArn }), s.deleteOIDC),

		operation.Writes(iamapi.OpUpdateOpenIDConnectProviderThumbprint, onOIDC("iam:UpdateOpenIDConnectProviderThumbprint",
			func(in *iamapi.UpdateOpenIDConnectProviderThumbprintRequest) *string {
				return in.OpenIDConnectProviderArn
			}), s.updateThumbprint),
		operation.Writes(iamapi.OpAddClientIDToOpenIDConnectProvider, onOIDC("iam:AddClientIDToOpenIDConnectProvider",
			func(in *iamapi.AddClientIDToOpenIDConnectProviderRequest) *string {
				return in.OpenIDConnectProviderArn
			}), s.addClientID),
		operation.Writes(iamapi.OpRemoveClientIDFromOpenIDConnectProvider, onOIDC("iam:RemoveClientIDFromOpenIDConnectProvider",
			func(in *iamapi.RemoveClientIDFromOpenIDConnectProviderRequest) *string {
				return in.OpenIDConnectProviderArn
			}), s.removeClientID),

		operation.Writes(iamapi.OpTagOpenIDConnectProvider, tagOIDCChecks, s.tagOIDC),
		operation.Writes(iamapi.OpUntagOpenIDConnectProvider, untagOIDCChecks, s.untagOIDC),
		operation.Reads(iamapi.OpListOpenIDConnectProviderTags, onOIDC("iam:ListOpenIDConnectProviderTags",
			func(in *iamapi.ListOpenIDConnectProviderTagsRequest) *string { return in.OpenIDConnectProviderArn }), s.listOIDCTags),
	}
}

func (s *providers) saml() []operation.Definition {
	return []operation.Definition{
		operation.Writes(iamapi.OpCreateSAMLProvider, createSAMLChecks, s.createSAML),
		operation.Reads(iamapi.OpGetSAMLProvider, onSAML("iam:GetSAMLProvider",
			func(in *iamapi.GetSAMLProviderRequest) *string { return in.SAMLProviderArn }), s.getSAML),
		operation.Reads(iamapi.OpListSAMLProviders, listSAMLChecks, s.listSAML),
		operation.Writes(iamapi.OpUpdateSAMLProvider, onSAML("iam:UpdateSAMLProvider",
			func(in *iamapi.UpdateSAMLProviderRequest) *string { return in.SAMLProviderArn }), s.updateSAML),
		operation.Writes(iamapi.OpDeleteSAMLProvider, onSAML("iam:DeleteSAMLProvider",
			func(in *iamapi.DeleteSAMLProviderRequest) *string { return in.SAMLProviderArn }), s.deleteSAML),

		operation.Writes(iamapi.OpTagSAMLProvider, tagSAMLChecks, s.tagSAML),
		operation.Writes(iamapi.OpUntagSAMLProvider, untagSAMLChecks, s.untagSAML),
		operation.Reads(iamapi.OpListSAMLProviderTags, onSAML("iam:ListSAMLProviderTags",
			func(in *iamapi.ListSAMLProviderTagsRequest) *string { return in.SAMLProviderArn }), s.listSAMLTags),
	}
}
