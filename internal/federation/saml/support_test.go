package saml

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"math/big"
	"sync"
	"testing"
	"time"
)

// testTime is the present of the tests.
var testTime = time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)

// signer is a key of an identity provider and its certificate.
type signer struct {
	key  crypto.Signer
	cert *x509.Certificate
}

func (s signer) base64() string { return base64.StdEncoding.EncodeToString(s.cert.Raw) }

// rsaKey makes keys of each size once.
var rsaKey = func() func(t testing.TB, bits, number int) *rsa.PrivateKey {
	var mu sync.Mutex
	keys := make(map[[2]int]*rsa.PrivateKey)
	return func(t testing.TB, bits, number int) *rsa.PrivateKey {
		t.Helper()
		mu.Lock()
		defer mu.Unlock()
		id := [2]int{bits, number}
		if keys[id] == nil {
			key, err := rsa.GenerateKey(rand.Reader, bits)
			if err != nil {
				t.Fatal(err)
			}
			keys[id] = key
		}
		return keys[id]
	}
}()

func ecKey(t testing.TB, curve elliptic.Curve) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(curve, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// certified gives a key a certificate that is valid for a year around testTime.
func certified(t testing.TB, key crypto.Signer) signer {
	t.Helper()
	return certifiedUntil(t, key, testTime.AddDate(0, 6, 0))
}

func certifiedUntil(t testing.TB, key crypto.Signer, end time.Time) signer {
	t.Helper()
	serial, err := rand.Int(rand.Reader, big.NewInt(1<<62))
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: "idp.example.com"},
		NotBefore: end.AddDate(-1, 0, 0), NotAfter: end,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return signer{key, cert}
}
