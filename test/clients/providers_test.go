package clients

import (
	"strings"

	"sallyport/test/clients/harness"
)

// samlMetadata is the document of an identity provider with an entity id.
func samlMetadata(entityID string) string {
	body := strings.NewReplacer("-----BEGIN CERTIFICATE-----", "", "-----END CERTIFICATE-----", "", "\n", "").Replace(certificate)
	return `<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="` + entityID + `">` +
		`<IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"><KeyDescriptor use="signing">` +
		`<KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#"><X509Data><X509Certificate>` + body + `</X509Certificate></X509Data></KeyInfo>` +
		`</KeyDescriptor><SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="https://idp.example.com/sso"/>` +
		`</IDPSSODescriptor></EntityDescriptor><!--` + strings.Repeat(" ", 500) + `-->`
}

var providerCases = []harness.Case{
	{Name: "GitHub Actions are trusted", Steps: []harness.Step{
		admin("CreateOpenIDConnectProvider", P{"Url": "https://token.actions.githubusercontent.com", "ClientIDList": List{"sts.amazonaws.com"}},
			harness.Want{Fields: P{"OpenIDConnectProviderArn": gitHub}}),
		admin("CreateOpenIDConnectProvider", P{"Url": "https://token.actions.githubusercontent.com"},
			conflict("EntityAlreadyExists", "Provider with url https://token.actions.githubusercontent.com already exists.")),
		admin("GetOpenIDConnectProvider", P{"OpenIDConnectProviderArn": gitHub}, harness.Want{Fields: P{
			"Url": "token.actions.githubusercontent.com", "ClientIDList": List{"sts.amazonaws.com"}, "ThumbprintList": harness.Count(0), "Tags": harness.Count(0),
		}}),
		admin("CreateRole", P{"RoleName": "Deploy", "AssumeRolePolicyDocument": fromGitHub(P{"StringEquals": P{"token.actions.githubusercontent.com:aud": "sts.amazonaws.com"}})},
			harness.Want{Code: "MalformedPolicyDocument", Status: 400, Message: "The trust policy must evaluate the condition key " +
				"token.actions.githubusercontent.com:sub for the shared OpenID Connect provider " + gitHub + "."}),
		admin("CreateRole", P{"RoleName": "Deploy", "AssumeRolePolicyDocument": fromGitHub(P{
			"StringEquals": P{"token.actions.githubusercontent.com:aud": "sts.amazonaws.com"},
			"StringLike":   P{"token.actions.githubusercontent.com:sub": "repo:octo-org/octo-repo:*"},
		})}, harness.Want{Fields: P{"Role.Arn": roleARN("Deploy")}}),
		admin("AddClientIDToOpenIDConnectProvider", P{"OpenIDConnectProviderArn": gitHub, "ClientID": "other"}, harness.Want{}),
		admin("AddClientIDToOpenIDConnectProvider", P{"OpenIDConnectProviderArn": gitHub, "ClientID": "other"}, harness.Want{}),
		admin("RemoveClientIDFromOpenIDConnectProvider", P{"OpenIDConnectProviderArn": gitHub, "ClientID": "sts.amazonaws.com"}, harness.Want{}),
		admin("UpdateOpenIDConnectProviderThumbprint", P{"OpenIDConnectProviderArn": gitHub, "ThumbprintList": List{}},
			harness.Want{Code: "InvalidInput", Status: 400, Message: "Thumbprint list must contain at least one entry."}),
		admin("UpdateOpenIDConnectProviderThumbprint", P{"OpenIDConnectProviderArn": gitHub, "ThumbprintList": List{strings.Repeat("A", 40)}}, harness.Want{}),
		admin("GetOpenIDConnectProvider", P{"OpenIDConnectProviderArn": gitHub}, harness.Want{Fields: P{
			"ClientIDList": List{"other"}, "ThumbprintList": List{strings.Repeat("a", 40)},
		}}),
		admin("ListOpenIDConnectProviders", nil, harness.Want{Fields: P{"OpenIDConnectProviderList.0.Arn": gitHub, "OpenIDConnectProviderList": harness.Count(1)}}),
		admin("DeleteOpenIDConnectProvider", P{"OpenIDConnectProviderArn": gitHub}, harness.Want{}),
		admin("GetOpenIDConnectProvider", P{"OpenIDConnectProviderArn": gitHub}, notFound("OpenIDConnect Provider not found for arn "+gitHub)),
		admin("GetRole", P{"RoleName": "Deploy"}, harness.Want{Fields: P{"Role.AssumeRolePolicyDocument.Statement.0.Principal.Federated": gitHub}}),
	}},

	{Name: "a SAML provider", Steps: []harness.Step{
		admin("CreateSAMLProvider", P{"Name": "Corp", "SAMLMetadataDocument": samlMetadata("https://idp.example.com/saml")}, harness.Want{Fields: P{"SAMLProviderArn": corp}}),
		admin("CreateSAMLProvider", P{"Name": "Other", "SAMLMetadataDocument": strings.Repeat("x", 1000)},
			harness.Want{Code: "InvalidInput", Status: 400, Message: "Could not parse metadata"}),
		admin("UpdateSAMLProvider", P{"SAMLProviderArn": corp, "SAMLMetadataDocument": samlMetadata("https://other.example.com/saml")}, harness.Want{Fields: P{"SAMLProviderArn": corp}}),
		admin("GetSAMLProvider", P{"SAMLProviderArn": corp}, harness.Want{Fields: P{
			"SAMLMetadataDocument": samlMetadata("https://other.example.com/saml"), "SAMLProviderUUID": harness.Match("^SAMLSP[A-Z0-9]{16}$"),
			"ValidUntil": harness.Match(`^21\d\d-`),
		}, Absent: []string{"PrivateKeyList"}}),
		admin("ListSAMLProviders", nil, harness.Want{Fields: P{"SAMLProviderList.0.Arn": corp, "SAMLProviderList": harness.Count(1)}}),
		admin("DeleteSAMLProvider", P{"SAMLProviderArn": corp}, harness.Want{}),
		admin("GetSAMLProvider", P{"SAMLProviderArn": corp}, notFound("Manifest not found for arn "+corp)),
	}},
}

const (
	gitHub = "arn:aws:iam::{{account}}:oidc-provider/token.actions.githubusercontent.com"
	corp   = "arn:aws:iam::{{account}}:saml-provider/Corp"
)

// fromGitHub is a trust policy for GitHub Actions.
func fromGitHub(condition P) string {
	return document(P{"Effect": "Allow", "Principal": P{"Federated": gitHub}, "Action": "sts:AssumeRoleWithWebIdentity", "Condition": condition})
}
