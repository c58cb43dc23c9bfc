package certificates

import (
	"strings"
	"testing"

	"sallyport/internal/api/iamapi"
)

// FuzzSSHKey: what is taken is shown in both encodings, and taken again as the
// same key.
func FuzzSSHKey(f *testing.F) {
	for _, seed := range []string{
		"ssh-rsa AAAAB3NzaC1yc2EAAAADAQAB alice@example.com", "ssh-rsa", "ssh-ed25519 AAAA",
		"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n", "-----BEGIN RSA PUBLIC KEY-----\n-----END RSA PUBLIC KEY-----",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, body string) {
		key, _, err := parseSSH(body)
		if err != nil {
			return
		}
		for _, encoding := range []string{iamapi.EncodingTypeSSH, iamapi.EncodingTypePEM} {
			text, err := encoded(key, encoding)
			if err != nil {
				t.Fatal(err)
			}
			again, as, err := parseSSH(text)
			if err != nil || again != key || as != encoding {
				t.Fatalf("%q is read back as %q in %s: %v", key, again, as, err)
			}
		}
		if _, err := fingerprint(key); err != nil {
			t.Fatal(err)
		}
	})
}

// FuzzCertificate: no certificate, chain or key breaks the parsers, and what is
// taken for one has nothing around it.
func FuzzCertificate(f *testing.F) {
	for _, seed := range []string{
		"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----\n",
		"-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n-----BEGIN EC PRIVATE KEY-----\nAAAA\n-----END EC PRIVATE KEY-----\n",
		"-----BEGIN A-----\n\n-----END A-----\n-----BEGIN B-----", "text",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if blocks, ok := pemBlocks(text, maxChain); ok {
			if n := strings.Count(text, pemBegin); n != len(blocks) || n > maxChain {
				t.Fatalf("%d blocks of %d", len(blocks), n)
			}
		}
		parseKey(text)
		if cert, err := parseCertificate(text); err == nil {
			_ = checkChain(cert, text)
			_ = checkKey(cert, text)
		}
	})
}
