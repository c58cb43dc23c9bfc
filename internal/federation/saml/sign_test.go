package saml

import (
	"crypto"
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/beevik/etree"
)

// The service and the provider of the tests.
const (
	testEntity    = "https://idp.example.com/saml"
	testRecipient = "https://signin.example.com/saml"
	testAudience  = "urn:amazon:webservices"
	testAccount   = "111122223333"
	testRole      = "arn:aws:iam::111122223333:role/reader"
	testProvider  = "arn:aws:iam::111122223333:saml-provider/example"
)

func testdata(t testing.TB, name ...string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", filepath.Join(name...)))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// keyOf reads a key of testdata and its certificate.
func keyOf(t testing.TB, name string) signer {
	t.Helper()
	block, _ := pem.Decode(testdata(t, "keys", name+".key.pem"))
	var key any
	var err error
	if block.Type == "EC PRIVATE KEY" {
		key, err = x509.ParseECPrivateKey(block.Bytes)
	} else {
		key, err = x509.ParsePKCS8PrivateKey(block.Bytes)
	}
	if err != nil {
		t.Fatal(err)
	}
	block, _ = pem.Decode(testdata(t, "keys", name+".crt.pem"))
	cert, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	return signer{key.(crypto.Signer), cert}
}

func decryptionKey(t testing.TB) *rsa.PrivateKey {
	t.Helper()
	key, err := ParsePrivateKey(testdata(t, "keys", "decrypt.key.pem"))
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func metadataOf(t testing.TB, keys ...string) *Metadata {
	t.Helper()
	m := &Metadata{EntityID: testEntity}
	for _, k := range keys {
		m.SigningCertificates = append(m.SigningCertificates, keyOf(t, k).cert)
	}
	return m
}

func testRules() Rules {
	return Rules{Audiences: []string{testAudience, testRecipient}, Recipients: []string{testRecipient}}
}

func encode(document string) []byte {
	return []byte(base64.StdEncoding.EncodeToString([]byte(document)))
}

// parts make a response; tests replace those they are about.
type parts struct {
	assertionID, issuer, subject, data, conditions, statements, status, responseAttributes, extensions string
	issued                                                                                             time.Time
}

func newParts() parts {
	return parts{
		assertionID: "_assertion", issuer: testEntity, issued: testTime.Add(-time.Minute),
		subject: `<saml:NameID Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent">diego@example.com</saml:NameID>`,
		data:    `Recipient="` + testRecipient + `" NotOnOrAfter="` + at(4*time.Minute) + `"`,
		conditions: `<saml:Conditions NotBefore="` + at(-2*time.Minute) + `" NotOnOrAfter="` + at(4*time.Minute) + `">` +
			`<saml:AudienceRestriction><saml:Audience>` + testAudience + `</saml:Audience></saml:AudienceRestriction></saml:Conditions>`,
		statements: attributeStatement(attributeXML(awsAttributes+"Role", testRole+","+testProvider) + attributeXML(awsAttributes+"RoleSessionName", "diego")),
		status:     statusSuccess, responseAttributes: ` Destination="` + testRecipient + `"`,
	}
}

func at(d time.Duration) string { return testTime.Add(d).Format(time.RFC3339) }

func attributeStatement(attributes string) string {
	return `<saml:AuthnStatement AuthnInstant="` + at(0) + `"/><saml:AttributeStatement>` + attributes + `</saml:AttributeStatement>`
}

func attributeXML(name string, values ...string) string {
	s := `<saml:Attribute Name="` + name + `">`
	for _, v := range values {
		s += `<saml:AttributeValue>` + v + `</saml:AttributeValue>`
	}
	return s + `</saml:Attribute>`
}

func (p parts) assertion() string {
	return `<saml:Assertion xmlns:saml="` + nsAssertion + `" ID="` + p.assertionID + `" Version="2.0" IssueInstant="` + p.issued.Format(time.RFC3339) + `">` +
		`<saml:Issuer>` + p.issuer + `</saml:Issuer><saml:Subject>` + p.subject +
		`<saml:SubjectConfirmation Method="` + methodBearer + `"><saml:SubjectConfirmationData ` + p.data + `/></saml:SubjectConfirmation></saml:Subject>` +
		p.conditions + p.statements + `</saml:Assertion>`
}

// response puts an assertion, or what stands for it, into a response.
func (p parts) response(assertion string) string {
	return `<samlp:Response xmlns:samlp="` + nsProtocol + `" xmlns:saml="` + nsAssertion + `" ID="_response" Version="2.0" IssueInstant="` + p.issued.Format(time.RFC3339) + `"` + p.responseAttributes + `>` +
		`<saml:Issuer>` + p.issuer + `</saml:Issuer>` + p.extensions +
		`<samlp:Status><samlp:StatusCode Value="` + p.status + `"/></samlp:Status>` + assertion + `</samlp:Response>`
}

// signing says how to sign; what is not set is as providers do it.
type signing struct {
	by                                  signer
	canonical, transforms, digest, algo string
	uri, keyInfo                        string
	references                          int // how many
}

func (s signing) filled(id string) signing {
	set := func(field *string, value string) {
		if *field == "" {
			*field = value
		}
	}
	set(&s.canonical, nsExclusive)
	set(&s.transforms, `<ds:Transform Algorithm="`+transformEnveloped+`"/><ds:Transform Algorithm="`+nsExclusive+`"/>`)
	set(&s.digest, "http://www.w3.org/2001/04/xmlenc#sha256")
	set(&s.algo, "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256")
	set(&s.uri, "#"+id)
	if s.references == 0 {
		s.references = 1
	}
	return s
}

// sign puts a signature behind an element's Issuer.
func (s signing) sign(t testing.TB, el *etree.Element) {
	t.Helper()
	id, _ := attribute(el, "ID")
	s = s.filled(id)
	content := canonicalOf(t, el)
	digest := hashed(digests["http://www.w3.org/2001/04/xmlenc#sha256"], content)
	if strings.HasSuffix(s.digest, "sha1") {
		sum := sha1.Sum(content)
		digest = sum[:]
	}
	ref := `<ds:Reference URI="` + s.uri + `"><ds:Transforms>` + s.transforms + `</ds:Transforms><ds:DigestMethod Algorithm="` + s.digest + `"/>` +
		`<ds:DigestValue>` + base64.StdEncoding.EncodeToString(digest) + `</ds:DigestValue></ds:Reference>`
	signature := parse(t, `<ds:Signature xmlns:ds="`+nsSignature+`"><ds:SignedInfo><ds:CanonicalizationMethod Algorithm="`+s.canonical+`"/>`+
		`<ds:SignatureMethod Algorithm="`+s.algo+`"/>`+strings.Repeat(ref, s.references)+`</ds:SignedInfo><ds:SignatureValue/>`+s.keyInfo+`</ds:Signature>`)
	info := signature.ChildElements()[0]
	value := signature.ChildElements()[1]
	value.SetText(base64.StdEncoding.EncodeToString(s.value(t, canonicalOf(t, info))))
	el.InsertChildAt(el.ChildElements()[0].Index()+1, signature)
}

func canonicalOf(t testing.TB, el *etree.Element) []byte {
	t.Helper()
	c, err := canonicalizerOf(parse(t, `<a Algorithm="`+nsExclusive+`"/>`))
	if err != nil {
		t.Fatal(err)
	}
	b, err := c.Canonicalize(detached(el))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func (s signing) value(t testing.TB, info []byte) []byte {
	t.Helper()
	h := crypto.SHA256
	if strings.HasSuffix(s.algo, "sha1") {
		h = crypto.SHA1
	}
	sum := h.New()
	sum.Write(info)
	switch key := s.by.key.(type) {
	case *rsa.PrivateKey:
		b, err := rsa.SignPKCS1v15(nil, key, h, sum.Sum(nil))
		if err != nil {
			t.Fatal(err)
		}
		return b
	case *ecdsa.PrivateKey:
		r, s, err := ecdsa.Sign(rand.Reader, key, sum.Sum(nil))
		if err != nil {
			t.Fatal(err)
		}
		half := (key.Params().BitSize + 7) / 8
		return append(r.FillBytes(make([]byte, half)), s.FillBytes(make([]byte, half))...)
	}
	t.Fatalf("a key of %T", s.by.key)
	return nil
}

func parse(t testing.TB, document string) *etree.Element {
	t.Helper()
	l := responseLimits
	l.comments = true
	el, err := read([]byte(document), l)
	if err != nil {
		t.Fatalf("%v: %s", err, document)
	}
	return el
}

func write(t testing.TB, el *etree.Element) string {
	t.Helper()
	doc := etree.NewDocument()
	doc.SetRoot(el)
	s, err := doc.WriteToString()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// What of a response is signed.
const (
	signAssertion = 1 << iota
	signResponse
)

// signed returns a response with its assertion, signed as said.
func (p parts) signed(t testing.TB, what int, s signing) string {
	t.Helper()
	assertion := parse(t, p.assertion())
	if what&signAssertion != 0 {
		s.sign(t, assertion)
	}
	response := parse(t, p.response(write(t, assertion)))
	if what&signResponse != 0 {
		s.sign(t, response)
	}
	return write(t, response)
}

// refused verifies a response that must not be taken, and returns the refusal.
func refused(t testing.TB, document string, m *Metadata, rules Rules) *Error {
	t.Helper()
	a, err := Verify(encode(document), m, testTime, rules)
	if err == nil {
		t.Fatalf("it was taken: %+v", a)
	}
	if a != nil {
		t.Fatal("an assertion was returned with an error")
	}
	e, ok := err.(*Error)
	if !ok {
		t.Fatalf("the error is a %T", err)
	}
	return e
}

func checkError(t testing.TB, e *Error, code, message string) {
	t.Helper()
	if e.Code != code || e.Message != message {
		t.Errorf("the error is %v, not %s: %s", e, code, message)
	}
	want := map[string]int{CodeInvalidIdentityToken: 400, CodeExpiredToken: 400, CodeIDPRejectedClaim: 403, CodeAccessDenied: 403}
	if e.Status != want[e.Code] {
		t.Errorf("%s has status %d", e.Code, e.Status)
	}
}

func mustVerify(t testing.TB, document string, m *Metadata, rules Rules) *Assertion {
	t.Helper()
	a, err := Verify(encode(document), m, testTime, rules)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func keyInfoOf(s signer) string {
	return fmt.Sprintf("<ds:KeyInfo><ds:X509Data><ds:X509Certificate>%s</ds:X509Certificate></ds:X509Data></ds:KeyInfo>", s.base64())
}

// encryptedFor encrypts to a key with AES-128-GCM and RSA-OAEP with SHA-256.
func encryptedFor(t testing.TB, content string, key *rsa.PublicKey) string {
	t.Helper()
	secret, nonce := make([]byte, 16), make([]byte, 12)
	block, err := aes.NewCipher(secret)
	if err != nil {
		t.Fatal(err)
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		t.Fatal(err)
	}
	wrapped, err := rsa.EncryptOAEP(sha256.New(), rand.Reader, key, secret, nil)
	if err != nil {
		t.Fatal(err)
	}
	value := func(b []byte) string {
		return `<x:CipherData><x:CipherValue>` + base64.StdEncoding.EncodeToString(b) + `</x:CipherValue></x:CipherData>`
	}
	return `<saml:EncryptedAssertion xmlns:x="` + nsEncryption + `"><x:EncryptedData Type="` + typeElement + `"><x:EncryptionMethod Algorithm="` + nsEncryption11 + `aes128-gcm"/>` +
		value(gcm.Seal(nonce, nonce, []byte(content), nil)) + `</x:EncryptedData><x:EncryptedKey><x:EncryptionMethod Algorithm="` + nsEncryption11 + `rsa-oaep">` +
		`<ds:DigestMethod xmlns:ds="` + nsSignature + `" Algorithm="` + nsEncryption + `sha256"/><y:MGF xmlns:y="` + nsEncryption11 + `" Algorithm="` + nsMGF + `mgf1sha256"/></x:EncryptionMethod>` +
		value(wrapped) + `</x:EncryptedKey></saml:EncryptedAssertion>`
}
