package certificates_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"sync"
	"testing"
	"time"

	"sallyport/internal/iam/iamtest"
	"sallyport/internal/operation"
)

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// rsaKey is one key for all tests that need one.
var rsaKey = sync.OnceValue(func() *rsa.PrivateKey { return must(rsa.GenerateKey(rand.Reader, 2048)) })

func newKey() *ecdsa.PrivateKey { return must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader)) }

// An issued certificate has its key and is an issuer itself if it is a CA.
type issued struct {
	cert *x509.Certificate
	key  crypto.Signer
	pem  string
}

// issue makes a certificate that by signs, or that signs itself when by is nil.
func issue(name string, key crypto.Signer, by *issued, change func(*x509.Certificate)) *issued {
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name},
		NotBefore: iamtest.Start.Add(-time.Hour), NotAfter: iamtest.Start.Add(24 * time.Hour),
		KeyUsage: x509.KeyUsageDigitalSignature,
	}
	if change != nil {
		change(template)
	}
	if by == nil {
		by = &issued{template, key, ""}
	}
	der := must(x509.CreateCertificate(rand.Reader, template, by.cert, key.Public(), by.key))
	return &issued{must(x509.ParseCertificate(der)), key, block("CERTIFICATE", der)}
}

func asCA(c *x509.Certificate) {
	c.IsCA, c.BasicConstraintsValid, c.KeyUsage = true, true, x509.KeyUsageCertSign
}

func block(kind string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

func pkcs8(key any) string { return block("PRIVATE KEY", must(x509.MarshalPKCS8PrivateKey(key))) }

func userCheck(f *iamtest.Fixture, action, name string) operation.Check {
	return operation.Check{Action: "iam:" + action, Resource: f.ARN("user/" + name), Name: "user " + name}
}

// pages calls list with every page size until n, and holds the pages together
// to be the whole.
func pages(t *testing.T, n int, want []string, list func(size int64, marker *string) (names []string, truncated *bool, next *string)) {
	t.Helper()
	for size := int64(1); size <= int64(n); size++ {
		var got []string
		var marker *string
		for {
			names, truncated, next := list(size, marker)
			if len(names) > int(size) || *truncated != (next != nil) {
				t.Fatalf("a page of %d: %q", size, names)
			}
			got = append(got, names...)
			if !*truncated {
				break
			}
			marker = next
		}
		iamtest.WantEqual(t, "all pages", want, got)
	}
}

func contains(b []byte, s string) bool { return bytes.Contains(b, []byte(s)) }
