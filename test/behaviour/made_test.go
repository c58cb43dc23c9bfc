package behaviour

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"math/big"
	"strings"
	"time"

	"sallyport/internal/app"
	"sallyport/internal/journal"
	"sallyport/internal/journal/memory"
	"sallyport/test/inprocess"
)

// issued is a certificate with its key.
type issued struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
	pem         string
}

// issue makes a certificate, signed by itself without an issuer.
func issue(name string, by *issued, authority bool) *issued {
	key := must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, IsCA: authority, BasicConstraintsValid: true,
		NotBefore: inprocess.Start.Add(-time.Hour), NotAfter: inprocess.Start.Add(365 * 24 * time.Hour),
	}
	if authority {
		template.KeyUsage = x509.KeyUsageCertSign
	}
	parent, signer := template, key
	if by != nil {
		parent, signer = by.certificate, by.key
	}
	der := must(x509.CreateCertificate(rand.Reader, template, parent, key.Public(), signer))
	return &issued{must(x509.ParseCertificate(der)), key, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))}
}

func (c *issued) privateKey() string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: must(x509.MarshalPKCS8PrivateKey(c.key))}))
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// samlMetadata is the metadata of an identity provider.
func samlMetadata() string {
	certificate := base64.StdEncoding.EncodeToString(issue("idp", nil, false).certificate.Raw)
	return `<?xml version="1.0"?>
<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="https://idp.example.com/saml">
  <IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">
    <KeyDescriptor use="signing">
      <KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#"><X509Data><X509Certificate>` + certificate + `</X509Certificate></X509Data></KeyInfo>
    </KeyDescriptor>
    <NameIDFormat>urn:oasis:names:tc:SAML:2.0:nameid-format:persistent</NameIDFormat>
    <SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="https://idp.example.com/sso"/>
  </IDPSSODescriptor>
</EntityDescriptor>
` + strings.Repeat(" ", 1000) // AWS's shortest metadata has 1,000 characters
}

// reported waits for a credential report.
func reported(r *run) {
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(10 * time.Millisecond) {
		if r.Admin.Do("iam:GenerateCredentialReport", nil).Text("State") == "COMPLETE" {
			return
		}
		if time.Now().After(deadline) {
			r.T.Fatal("the report is not made")
		}
	}
}

// reporting has a credential report that is being made until the test ends.
func reporting(r *run) {
	slowly(r)
	r.Admin.Do("iam:GenerateCredentialReport", nil)
}

// slowly takes a server whose reports are not made before the test ends.
func slowly(r *run) {
	slow := &slowReports{Store: memory.New(), end: make(chan struct{})}
	r.Server = inprocess.New(r.T, func(c *app.Config) { c.Journal = slow })
	r.T.Cleanup(func() { close(slow.end) }) // before the server's
	r.as = r.Admin
}

// slowReports is a journal that keeps a report's text only at the end.
type slowReports struct {
	journal.Store
	end chan struct{}
}

func (s *slowReports) Put(ctx context.Context, key string, value []byte, expires time.Time) error {
	if strings.HasSuffix(key, "/0") { // the report's first part
		<-s.end
	}
	return s.Store.Put(ctx, key, value, expires)
}
