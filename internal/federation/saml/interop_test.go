package saml

import (
	"encoding/xml"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"testing"
	"time"

	"github.com/crewjam/saml"
	"github.com/crewjam/saml/logger"
	"github.com/crewjam/saml/xmlenc"
	dsig "github.com/russellhaering/goxmldsig"
)

// services knows one service provider.
type services struct{ metadata *saml.EntityDescriptor }

func (s services) GetServiceProvider(_ *http.Request, id string) (*saml.EntityDescriptor, error) {
	if id != s.metadata.EntityID {
		return nil, os.ErrNotExist
	}
	return s.metadata, nil
}

// sessions has always the same session.
type sessions struct{ session *saml.Session }

func (s sessions) GetSession(http.ResponseWriter, *http.Request, *saml.IdpAuthnRequest) *saml.Session {
	return s.session
}

// provider is an identity provider of crewjam/saml, in process.
func provider(t *testing.T, encryption []saml.KeyDescriptor) *saml.IdentityProvider {
	t.Helper()
	key := keyOf(t, "idp")
	binding := saml.HTTPPostBinding
	service := &saml.EntityDescriptor{
		EntityID: testAudience,
		SPSSODescriptors: []saml.SPSSODescriptor{{
			SSODescriptor:             saml.SSODescriptor{RoleDescriptor: saml.RoleDescriptor{KeyDescriptors: encryption}},
			AssertionConsumerServices: []saml.IndexedEndpoint{{Binding: binding, Location: testRecipient, Index: 1}},
		}},
	}
	attribute := func(name, value string) saml.Attribute {
		return saml.Attribute{Name: awsAttributes + name, Values: []saml.AttributeValue{{Type: "xs:string", Value: value}}}
	}
	session := &saml.Session{
		ID: "s", CreateTime: testTime.Add(-time.Minute), ExpireTime: testTime.Add(time.Hour), NameID: "diego@example.com", UserName: "diego",
		CustomAttributes: []saml.Attribute{attribute("Role", testRole+","+testProvider), attribute("RoleSessionName", "diego")},
	}
	parsed := func(s string) url.URL {
		u, err := url.Parse(s)
		if err != nil {
			t.Fatal(err)
		}
		return *u
	}
	return &saml.IdentityProvider{
		Key: key.key, Certificate: key.cert, Logger: logger.DefaultLogger,
		MetadataURL: parsed(testEntity), SSOURL: parsed("https://idp.example.com/sso"),
		ServiceProviderProvider: services{service}, SessionProvider: sessions{session},
		Clock: dsig.NewFakeClockAt(testTime),
	}
}

// answer has the provider start a sign-in, and returns its response.
func answer(t *testing.T, idp *saml.IdentityProvider) []byte {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, "https://idp.example.com/start", nil)
	w := &captured{}
	idp.ResponseWriter = w
	recorder := httptest.NewRecorder()
	idp.ServeIDPInitiated(recorder, r, testAudience, "")
	if w.response == "" {
		t.Fatalf("the provider answered %d %s", recorder.Code, recorder.Body)
	}
	return []byte(w.response)
}

// captured keeps the form that a browser would be sent.
type captured struct{ response string }

func (c *captured) WriteResponse(_ http.ResponseWriter, req *saml.IdpAuthnRequest) error {
	form, err := req.PostBinding()
	c.response = form.SAMLResponse
	return err
}

// TestIdentityProvider has metadata and responses of another implementation.
func TestIdentityProvider(t *testing.T) {
	public := certified(t, decryptionKey(t)).base64()
	encryption := []saml.KeyDescriptor{{Use: "encryption", KeyInfo: saml.KeyInfo{X509Data: saml.X509Data{X509Certificates: []saml.X509Certificate{{Data: public}}}}}}
	gcm := xmlenc.OAEP()
	gcm.BlockCipher = xmlenc.AES256GCM
	gcm.DigestMethod = &xmlenc.SHA256
	cases := []struct {
		name      string
		keys      []saml.KeyDescriptor
		encrypter xmlenc.Encrypter
	}{{"plain", nil, nil}, {"CBC", encryption, nil}, {"GCM", encryption, gcm}}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			idp := provider(t, c.keys)
			idp.AssertionEncrypter = c.encrypter
			document, err := xml.Marshal(idp.Metadata())
			if err != nil {
				t.Fatal(err)
			}
			m, err := ParseMetadata(document)
			if err != nil {
				t.Fatalf("%v: %s", err, document)
			}
			if m.EntityID != testEntity || m.SignOnURL(BindingRedirect) != "https://idp.example.com/sso" || len(m.SigningCertificates) != 1 {
				t.Errorf("%+v", m)
			}
			rules := testRules()
			if c.keys != nil {
				rules.Encryption = EncryptionRequired
				rules.Keys = append(rules.Keys, decryptionKey(t))
			}
			response := answer(t, idp)
			a, err := Verify(response, m, testTime, rules)
			if err != nil {
				t.Fatal(err)
			}
			claims, err := a.Claims(testAccount, "example")
			if err != nil {
				t.Fatal(err)
			}
			if a.Subject.Value != "diego@example.com" || a.Encrypted != (c.keys != nil) || claims.RoleSessionName != "diego" || claims.CheckRole(testRole, testProvider) != nil {
				t.Errorf("%+v %+v", a, claims)
			}
			if _, err := Verify(response, metadataOf(t, "ec"), testTime, rules); err == nil {
				t.Error("it was taken as another provider's")
			}
		})
	}
}

// TestSimpleSAMLphp has metadata and responses that SimpleSAMLphp wrote
// (testdata/recorded/make.php).
func TestSimpleSAMLphp(t *testing.T) {
	m, err := ParseMetadata(testdata(t, "recorded", "simplesamlphp-metadata.xml"))
	if err != nil {
		t.Fatal(err)
	}
	if m.EntityID != testEntity || m.SignOnURL(BindingRedirect) != "https://idp.example.com/sso" {
		t.Errorf("%+v", m)
	}
	rules := testRules()
	rules.Keys = append(rules.Keys, decryptionKey(t))
	for _, name := range []string{"both", "encrypted"} {
		document := string(testdata(t, "recorded", "simplesamlphp-"+name+".xml"))
		a := mustVerify(t, document, m, rules)
		c, err := a.Claims(testAccount, "example")
		if err != nil {
			t.Fatal(err)
		}
		if c.Subject != "_cbb88bf5&2c2510" || c.SubjectType != "persistent" || c.CheckRole(testRole, testProvider) != nil || a.Encrypted != (name == "encrypted") {
			t.Errorf("%s: %+v %+v", name, a, c)
		}
		if cn, _ := c.Keys.Lookup("saml:cn"); cn.Len() != 2 || cn.At(0) != "Diégo & Ramírez" || cn.At(1) != "" {
			t.Errorf("%s: cn is %v", name, cn)
		}
		refused(t, document, metadataOf(t, "attacker"), rules)
	}
}
