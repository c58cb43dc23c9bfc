package history_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"strings"
	"testing"

	"sallyport/test/inprocess"
)

// TestProviders: identity providers have a history each, the private keys of a
// SAML provider none. An OpenID Connect provider that is created again goes on
// with the one of its ARN, and none is taken for who has its URL as a unique id.
func TestProviders(t *testing.T) {
	s := inprocess.New(t)
	do := s.Admin.Do
	do("iam:CreateUser", p{"UserName": "alice"})
	user := historyOf(s.Admin, t, alice)
	id := user[0].EntityId
	for _, url := range []string{id, account} {
		provider := p{"OpenIDConnectProviderArn": iamARN + "oidc-provider/" + url}
		do("iam:CreateOpenIDConnectProvider", p{"Url": "https://" + url})
		do("iam:AddClientIDToOpenIDConnectProvider", p{"OpenIDConnectProviderArn": iamARN + "oidc-provider/" + url, "ClientID": "app"})
		do("iam:DeleteOpenIDConnectProvider", provider)
		do("iam:CreateOpenIDConnectProvider", p{"Url": "https://" + url, "Tags.member.1.Key": "team", "Tags.member.1.Value": "red"})
		events := historyOf(s.Admin, t, iamARN+"oidc-provider/"+url)
		wantLines(t, events,
			"iam:CreateOpenIDConnectProvider made OIDCProvider oidc-provider/"+url,
			"iam:AddClientIDToOpenIDConnectProvider changed OIDCProvider oidc-provider/"+url,
			"iam:DeleteOpenIDConnectProvider removed OIDCProvider oidc-provider/"+url,
			"iam:CreateOpenIDConnectProvider made OIDCProvider oidc-provider/"+url)
		if events[0].EntityId != "oidc-provider/"+url {
			t.Errorf("EntityId = %s", events[0].EntityId)
		}
		without := `{"OpenIDConnectProviderArn":"` + iamARN + "oidc-provider/" + url + `","Url":"` + url +
			`","CreateDate":"2026-01-02T03:04:05Z","ClientIDList":[],"ThumbprintList":[]}`
		wantChange(t, events[2].Changes[0], without, strings.Replace(without, `"ClientIDList":[]`, `"ClientIDList":["app"]`, 1))
	}
	wantLines(t, historyOf(s.Admin, t, id), lines(user)...)
	wantLines(t, historyOf(s.Admin, t, alice), lines(user)...)
	wantLines(t, historyOf(s.Admin, t, account), lines(historyOf(s.Admin, t, iamARN+"root"))...)

	corp := p{"SAMLProviderArn": iamARN + "saml-provider/Corp"}
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	key := string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(private)}))
	do("iam:CreateSAMLProvider", p{"Name": "Corp", "SAMLMetadataDocument": samlMetadata(t)})
	do("iam:UpdateSAMLProvider", p{"SAMLProviderArn": iamARN + "saml-provider/Corp", "AddPrivateKey": key})
	do("iam:DeleteSAMLProvider", corp)
	events := historyOf(s.Admin, t, iamARN+"saml-provider/Corp")
	wantLines(t, events,
		"iam:CreateSAMLProvider made SAMLProvider saml-provider/Corp",
		"iam:UpdateSAMLProvider changed SAMLProvider saml-provider/Corp",
		"iam:DeleteSAMLProvider removed SAMLProvider saml-provider/Corp")
	wantLines(t, historyOf(s.Admin, t, events[0].EntityId), lines(events)...)
	after := events[1].Changes[0].After
	if !strings.Contains(after, `"PrivateKeyList":[{"KeyId":"SAMLPK`) || !strings.Contains(after, `"SAMLMetadataDocumentSHA256":"`) ||
		strings.Contains(after, "EntityDescriptor") || strings.Contains(after, "PRIVATE KEY") {
		t.Errorf("after a key was added: %s", after)
	}
}

// samlMetadata is the document of an identity provider.
func samlMetadata(t *testing.T) string {
	t.Helper()
	cert, _ := certificate(t)
	body := strings.NewReplacer("-----BEGIN CERTIFICATE-----", "", "-----END CERTIFICATE-----", "").Replace(cert)
	return `<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="https://idp.example.com/saml">` +
		`<IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"><KeyDescriptor use="signing">` +
		`<KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#"><X509Data><X509Certificate>` + body + `</X509Certificate></X509Data></KeyInfo>` +
		`</KeyDescriptor><SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="https://idp.example.com/sso"/>` +
		`</IDPSSODescriptor></EntityDescriptor><!--` + strings.Repeat(" ", 500) + `-->`
}
