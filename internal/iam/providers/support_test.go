package providers_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"math/big"
	"sync"
	"testing"
	"time"

	"sallyport/internal/api/iamapi"
	"sallyport/internal/iam/iamtest"
	"sallyport/internal/iam/providers"
	"sallyport/internal/operation"
)

func fixture(t *testing.T) *iamtest.Fixture { return iamtest.New(t, providers.Operations) }

func tag(key, value string) iamapi.Tag { return iamapi.Tag{Key: new(key), Value: new(value)} }

func check(action, arn string) operation.Check {
	return operation.Check{Action: "iam:" + action, Resource: arn}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// rsaKey is one key for all tests that need one.
var rsaKey = sync.OnceValue(func() *rsa.PrivateKey { return must(rsa.GenerateKey(rand.Reader, 2048)) })

func block(kind string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

func pkcs8(key crypto.Signer) string {
	return block("PRIVATE KEY", must(x509.MarshalPKCS8PrivateKey(key)))
}

func ecKey() crypto.Signer { return must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader)) }

// signingCertificate is an identity provider's, in base64.
var signingCertificate = sync.OnceValue(func() string {
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "idp.example.com"},
		NotBefore: iamtest.Start.Add(-time.Hour), NotAfter: iamtest.Start.Add(24 * time.Hour),
	}
	return base64.StdEncoding.EncodeToString(must(x509.CreateCertificate(rand.Reader, template, template, rsaKey().Public(), rsaKey())))
})

// metadata is the document of an identity provider; attributes are further ones
// of its root.
func metadata(entityID, attributes string) string {
	return `<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="` + entityID + `"` + attributes + `>` +
		`<IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"><KeyDescriptor use="signing">` +
		`<KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#"><X509Data><X509Certificate>` + signingCertificate() + `</X509Certificate></X509Data></KeyInfo>` +
		`</KeyDescriptor><SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="https://idp.example.com/sso"/>` +
		`</IDPSSODescriptor></EntityDescriptor>`
}
