package federation

import (
	"bytes"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/crewjam/saml"
	"github.com/crewjam/saml/samlidp"
)

// crewjam is the identity provider of github.com/crewjam/saml, in process.
type crewjam struct {
	t      testing.TB
	server *httptest.Server
}

// forAWS adds what AWS wants to know to the assertions that the library makes.
type forAWS struct{ saml.DefaultAssertionMaker }

func (m forAWS) MakeAssertion(r *saml.IdpAuthnRequest, s *saml.Session) error {
	if err := m.DefaultAssertionMaker.MakeAssertion(r, s); err != nil {
		return err
	}
	statement := saml.AttributeStatement{}
	for name, values := range claims {
		a := saml.Attribute{Name: name, NameFormat: "urn:oasis:names:tc:SAML:2.0:attrname-format:uri"}
		for _, v := range values {
			a.Values = append(a.Values, saml.AttributeValue{Type: "xs:string", Value: v})
		}
		statement.Attributes = append(statement.Attributes, a)
	}
	r.Assertion.AttributeStatements = append(r.Assertion.AttributeStatements, statement)
	return nil
}

func startCrewjam(t testing.TB) *crewjam {
	t.Helper()
	keyText, certificateText := newPair(t)
	keyBlock, _ := pem.Decode(keyText)
	certificateBlock, _ := pem.Decode(certificateText)
	key, err := x509.ParsePKCS8PrivateKey(keyBlock.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := x509.ParseCertificate(certificateBlock.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	p := &crewjam{t: t, server: httptest.NewServer(nil)}
	t.Cleanup(p.server.Close)
	at, err := url.Parse(p.server.URL)
	if err != nil {
		t.Fatal(err)
	}
	provider, err := samlidp.New(samlidp.Options{
		URL: *at, Key: key.(*rsa.PrivateKey), Certificate: certificate, Store: &samlidp.MemoryStore{}, Logger: log.New(io.Discard, "", 0),
	})
	if err != nil {
		t.Fatal(err)
	}
	provider.IDP.AssertionMaker = forAWS{}
	p.server.Config.Handler = provider
	return p
}

// put gives the provider something to keep, as its own administration does.
func (p *crewjam) put(path string, body []byte) {
	p.t.Helper()
	request, err := http.NewRequest(http.MethodPut, p.server.URL+path, bytes.NewReader(body))
	if err != nil {
		p.t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		p.t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode >= 300 {
		text, _ := io.ReadAll(response.Body) //nolint:errcheck // it failed anyway
		p.t.Fatalf("PUT %s: %d %s", path, response.StatusCode, text)
	}
}

func (p *crewjam) putJSON(path string, v any) {
	p.t.Helper()
	body, err := json.Marshal(v)
	if err != nil {
		p.t.Fatal(err)
	}
	p.put(path, body)
}

// TestSAMLCrewjam: the other provider, with other defaults: its own form, its
// assertions, encrypted ones, and a person whom it does not know.
func TestSAMLCrewjam(t *testing.T) {
	provider := startCrewjam(t)
	v := newVisitor(t)
	v.open(provider.server.URL + "/metadata")
	w := startWorld(t, v.body)
	password := "alices-password"
	provider.putJSON("/users/alice", samlidp.User{Name: "alice", PlaintextPassword: &password, Email: "alice@example.com"})
	register := func(name, entity string, document []byte) {
		provider.put("/services/"+name, document)
		provider.putJSON("/shortcuts/"+name, samlidp.Shortcut{Name: name, ServiceProviderID: entity, RelayState: new("/console/")})
	}
	register("aws", "urn:amazon:webservices", []byte(w.document("/static/saml-metadata.xml")))

	v = newVisitor(t)
	v.open(provider.server.URL + "/login/aws")
	v.submit("password", map[string]string{"user": "alice", "password": "wrong"})
	v.submit("password", map[string]string{"user": "alice", "password": password})
	v.open(provider.server.URL + "/login/aws") // signed in there by now
	w.land(v)

	// The provider encrypts for whoever says in metadata by which certificate.
	key, certificate := newPair(t)
	w.MustAdmin("UpdateSAMLProvider", "SAMLProviderArn", providerARN, "AddPrivateKey", string(key), "AssertionEncryptionMode", "Required")
	document := strings.Replace(w.document("/static/saml/"+w.id+"/saml-metadata.xml"), "<NameIDFormat>",
		`<KeyDescriptor use="encryption"><KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#"><X509Data><X509Certificate>`+certificateText(certificate)+
			`</X509Certificate></X509Data></KeyInfo></KeyDescriptor><NameIDFormat>`, 1)
	register("encrypted", w.public+"/saml/acs/"+w.id, []byte(document))
	v.open(provider.server.URL + "/login/encrypted") // whose session is still good there
	_, form := v.form("SAMLResponse")
	if text := fromBase64(t, form.Get("SAMLResponse")); !strings.Contains(text, "EncryptedAssertion") || strings.Contains(text, "reader") {
		t.Fatalf("the assertion is not encrypted: %s", text)
	}
	v.submit("SAMLResponse", nil)
	v.wants("/saml/roles", 200, "You are signed in as reader/alice@example.com")
	v.submit("role", map[string]string{"role": roleARN + "auditor," + providerARN})
	v.wants("/console/", 200)
	w.rights(v, "ListRoles", "ListUsers")

	// Another provider's people, however named, have no way in.
	other := startCrewjam(t)
	other.putJSON("/users/alice", samlidp.User{Name: "alice", PlaintextPassword: &password})
	other.put("/services/aws", []byte(w.document("/static/saml-metadata.xml")))
	other.putJSON("/shortcuts/aws", samlidp.Shortcut{Name: "aws", ServiceProviderID: "urn:amazon:webservices"})
	stranger := newVisitor(t)
	stranger.open(other.server.URL + "/login/aws")
	stranger.submit("password", map[string]string{"user": "alice", "password": password})
	stranger.open(other.server.URL + "/login/aws")
	stranger.submit("SAMLResponse", nil)
	stranger.wants("/saml", 400, "Issuer not present in specified provider")
	for _, c := range stranger.jar.Cookies(stranger.resolve(w.public)) {
		if strings.Contains(c.Name, "sallyport") {
			t.Errorf("a stranger has the cookie %s", c.Name)
		}
	}
}

func fromBase64(t testing.TB, text string) string {
	t.Helper()
	decoded, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return string(decoded)
}
