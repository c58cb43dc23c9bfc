package authorize

import "strings"

const (
	issuer = iamARN + "oidc-provider/idp.example.com"
	corp   = iamARN + "saml-provider/Corp"
)

var (
	makeIssuer   = step{"iam:CreateOpenIDConnectProvider", p{"Url": "https://idp.example.com", "ClientIDList.member.1": "app", "ThumbprintList.member.1": strings.Repeat("a", 40)}}
	getIssuer    = step{"iam:GetOpenIDConnectProvider", p{"OpenIDConnectProviderArn": issuer}}
	issuerTagged = step{"iam:TagOpenIDConnectProvider", with(tagged, "OpenIDConnectProviderArn", issuer)}

	makeCorp   = step{"iam:CreateSAMLProvider", p{"Name": "Corp", "SAMLMetadataDocument": samlMetadata}}
	getCorp    = step{"iam:GetSAMLProvider", p{"SAMLProviderArn": corp}}
	corpTagged = step{"iam:TagSAMLProvider", with(tagged, "SAMLProviderArn", corp)}
)

// samlMetadata is the document of an identity provider with that certificate.
var samlMetadata = `<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="https://idp.example.com/saml">` +
	`<IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"><KeyDescriptor use="signing">` +
	`<KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#"><X509Data><X509Certificate>` +
	strings.NewReplacer("-----BEGIN CERTIFICATE-----", "", "-----END CERTIFICATE-----", "").Replace(certificate) +
	`</X509Certificate></X509Data></KeyInfo></KeyDescriptor><SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" ` +
	`Location="https://idp.example.com/sso"/></IDPSSODescriptor></EntityDescriptor><!--` + strings.Repeat(" ", 500) + `-->`

var providerFixtures = map[string]fixture{
	"iam:CreateOpenIDConnectProvider": {in: makeIssuer.in, resources: on(issuer), read: getIssuer},
	"iam:GetOpenIDConnectProvider":    {setup: []step{makeIssuer}, in: getIssuer.in, resources: on(issuer)},
	"iam:ListOpenIDConnectProviders":  {resources: on("*")},
	"iam:DeleteOpenIDConnectProvider": {setup: []step{makeIssuer}, in: getIssuer.in, resources: on(issuer), read: getIssuer},
	"iam:UpdateOpenIDConnectProviderThumbprint": {setup: []step{makeIssuer},
		in: with(getIssuer.in, "ThumbprintList.member.1", strings.Repeat("b", 40)), resources: on(issuer), read: getIssuer},
	"iam:AddClientIDToOpenIDConnectProvider":      {setup: []step{makeIssuer}, in: with(getIssuer.in, "ClientID", "other"), resources: on(issuer), read: getIssuer},
	"iam:RemoveClientIDFromOpenIDConnectProvider": {setup: []step{makeIssuer}, in: with(getIssuer.in, "ClientID", "app"), resources: on(issuer), read: getIssuer},
	"iam:TagOpenIDConnectProvider":                {setup: []step{makeIssuer}, in: issuerTagged.in, resources: on(issuer), read: getIssuer},
	"iam:UntagOpenIDConnectProvider":              {setup: []step{makeIssuer, issuerTagged}, in: with(untag, "OpenIDConnectProviderArn", issuer), resources: on(issuer), read: getIssuer},
	"iam:ListOpenIDConnectProviderTags":           {setup: []step{makeIssuer}, in: getIssuer.in, resources: on(issuer)},

	"iam:CreateSAMLProvider":   {in: makeCorp.in, resources: on(corp), read: getCorp},
	"iam:GetSAMLProvider":      {setup: []step{makeCorp}, in: getCorp.in, resources: on(corp)},
	"iam:ListSAMLProviders":    {resources: on("*")},
	"iam:UpdateSAMLProvider":   {setup: []step{makeCorp}, in: with(getCorp.in, "SAMLMetadataDocument", strings.Replace(samlMetadata, "/saml\"", "/other\"", 1)), resources: on(corp), read: getCorp},
	"iam:DeleteSAMLProvider":   {setup: []step{makeCorp}, in: getCorp.in, resources: on(corp), read: getCorp},
	"iam:TagSAMLProvider":      {setup: []step{makeCorp}, in: corpTagged.in, resources: on(corp), read: getCorp},
	"iam:UntagSAMLProvider":    {setup: []step{makeCorp, corpTagged}, in: with(untag, "SAMLProviderArn", corp), resources: on(corp), read: getCorp},
	"iam:ListSAMLProviderTags": {setup: []step{makeCorp}, in: getCorp.in, resources: on(corp)},
}
