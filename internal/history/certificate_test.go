package history_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"testing"
	"time"

	"sallyport/test/inprocess"
)

// sshKey is a public key that nobody has the private key of.
const sshKey = "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQDGwRekuYa6mG8RgloSqDobKMCvRMpr7SCrB0unUnTaQ8Uz3zt5C6YomLZz6dr+TKMFa23tFkvOBCHDYY3iyOyb" +
	"pFO8TSDR7Pi2I8VI4RT0h81IDT5y7CzSxXmTEI9IjibpmjzKqHAg2f/0I4hn+1NUZ4TFIzgVt6UTzzctLF+jpJJ3ijPP/vDFgbo6Jhh2e1f7ay0e6qfRQLWifp08" +
	"XQv4Bvq7+RsEyqrQ4xni/SP3PeH3dOSav3dFv+hPJTSv/3Ed1hpVikSScTBX40hQlr8LZl/Bdl0uh8yqyw0xTWtDdxCHob21u0uvwxvpVLWFatHQQgcO2XRklMdH" +
	"M+JqDxIH"

// certificate is one that signs itself, and its private key.
func certificate(t *testing.T) (certificate, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: inprocess.Start.Add(-time.Hour), NotAfter: inprocess.Start.Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})), string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8}))
}
