package samltest

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"fmt"
	"html"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/beevik/etree"
	dsig "github.com/russellhaering/goxmldsig"
)

// EntityID is the provider's name.
const EntityID = "https://idp.example.com/saml"

// AWS's names, which a provider that was set up for it uses.
const (
	Audience  = "urn:amazon:webservices"
	Recipient = "https://signin.aws.amazon.com/saml"
	attribute = "https://aws.amazon.com/SAML/Attributes/"
)

// A Provider signs responses.
type Provider struct {
	testing.TB
	pair    tls.Certificate
	certify []byte
	made    int
}

// New makes a provider with a key of its own. now is the present of the test.
func New(t testing.TB, now time.Time) *Provider {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "idp.example.com"},
		NotBefore: now.Add(-time.Hour), NotAfter: now.AddDate(1, 0, 0),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return &Provider{TB: t, pair: tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, certify: der}
}

// Metadata is the document that the provider is registered by.
func (p *Provider) Metadata() string {
	return `<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="` + EntityID + `">` +
		`<IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"><KeyDescriptor use="signing">` +
		`<KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#"><X509Data><X509Certificate>` + base64.StdEncoding.EncodeToString(p.certify) +
		`</X509Certificate></X509Data></KeyInfo></KeyDescriptor>` +
		`<SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="https://idp.example.com/sso"/>` +
		`</IDPSSODescriptor></EntityDescriptor>`
}

// An Assertion is what a response says; tests change what they are about.
type Assertion struct {
	ID, Subject, Audience, Recipient string
	Issued                           time.Time
	Ends                             time.Time // of the session; zero for not said
	Once                             bool
	// Attributes are AWS's, by the last part of their names.
	Attributes map[string][]string
}

// Assertion is one that gives the role, through the provider with the ARN.
func (p *Provider) Assertion(role, provider string, now time.Time) *Assertion {
	p.made++
	return &Assertion{
		ID: fmt.Sprintf("_assertion-%d", p.made), Subject: "alice@example.com", Audience: Audience, Recipient: Recipient, Issued: now,
		Attributes: map[string][]string{"Role": {role + "," + provider}, "RoleSessionName": {"alice"}},
	}
}

// Sign is a response with a, whose assertion is signed, in base64.
func (p *Provider) Sign(a *Assertion) string {
	p.Helper()
	document := etree.NewDocument()
	if err := document.ReadFromString(a.xml()); err != nil {
		p.Fatal(err)
	}
	signing := dsig.NewDefaultSigningContext(dsig.TLSCertKeyStore(p.pair))
	signing.Canonicalizer = dsig.MakeC14N10ExclusiveCanonicalizerWithPrefixList("")
	signed, err := signing.SignEnveloped(document.Root())
	if err != nil {
		p.Fatal(err)
	}
	// The signature stands behind the issuer (SAML core, 5.4.1).
	signature := signed.RemoveChildAt(len(signed.Child) - 1)
	signed.InsertChildAt(1, signature)
	assertion := etree.NewDocument()
	assertion.SetRoot(signed)
	text, err := assertion.WriteToString()
	if err != nil {
		p.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString([]byte(`<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" ID="_response" Version="2.0" IssueInstant="` +
		instant(a.Issued) + `" Destination="` + a.Recipient + `"><saml:Issuer xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">` + EntityID + `</saml:Issuer>` +
		`<samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status>` + text + `</samlp:Response>`))
}

func (a *Assertion) xml() string {
	var b strings.Builder
	fmt.Fprintf(&b, `<saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="%s" Version="2.0" IssueInstant="%s"><saml:Issuer>%s</saml:Issuer>`,
		a.ID, instant(a.Issued), EntityID)
	later := instant(a.Issued.Add(5 * time.Minute))
	fmt.Fprintf(&b, `<saml:Subject><saml:NameID Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent">%s</saml:NameID>`+
		`<saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><saml:SubjectConfirmationData Recipient="%s" NotOnOrAfter="%s"/></saml:SubjectConfirmation></saml:Subject>`,
		html.EscapeString(a.Subject), a.Recipient, later)
	fmt.Fprintf(&b, `<saml:Conditions NotBefore="%s" NotOnOrAfter="%s"><saml:AudienceRestriction><saml:Audience>%s</saml:Audience></saml:AudienceRestriction>`,
		instant(a.Issued.Add(-time.Minute)), later, a.Audience)
	if a.Once {
		b.WriteString(`<saml:OneTimeUse/>`)
	}
	b.WriteString(`</saml:Conditions>`)
	ends := ""
	if !a.Ends.IsZero() {
		ends = ` SessionNotOnOrAfter="` + instant(a.Ends) + `"`
	}
	fmt.Fprintf(&b, `<saml:AuthnStatement AuthnInstant="%s"%s/><saml:AttributeStatement>`, instant(a.Issued), ends)
	for name, values := range a.Attributes {
		if !strings.Contains(name, "://") && !strings.HasPrefix(name, "urn:") {
			name = attribute + name
		}
		fmt.Fprintf(&b, `<saml:Attribute Name="%s">`, html.EscapeString(name))
		for _, v := range values {
			fmt.Fprintf(&b, `<saml:AttributeValue>%s</saml:AttributeValue>`, html.EscapeString(v))
		}
		b.WriteString(`</saml:Attribute>`)
	}
	b.WriteString(`</saml:AttributeStatement></saml:Assertion>`)
	return b.String()
}

func instant(t time.Time) string { return t.UTC().Format(time.RFC3339) }
