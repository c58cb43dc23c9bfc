package saml

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// FuzzVerify changes responses. One that is taken must say what a provider signed:
// everything that the seeds say of people is known.
func FuzzVerify(f *testing.F) {
	for _, pattern := range []string{"recorded/*.xml", "attack/*/*.xml"} {
		files, err := filepath.Glob(filepath.Join("testdata", filepath.FromSlash(pattern)))
		if err != nil || len(files) == 0 {
			f.Fatal("no seeds", err)
		}
		for _, name := range files {
			document, err := os.ReadFile(name)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(document)
		}
	}
	m, rules := metadataOf(f, "idp", "ec"), testRules()
	rules.Keys = append(rules.Keys, decryptionKey(f))
	subjects := map[string]bool{"_cbb88bf5&2c2510": true, "diego@example.com": true, "root@example.com.attacker.example": true}
	f.Fuzz(func(t *testing.T, document []byte) {
		a, err := Verify(encode(string(document)), m, testTime, rules)
		if err != nil {
			return
		}
		if !subjects[a.Subject.Value] || a.Issuer != testEntity || a.Recipient != testRecipient {
			t.Fatalf("nobody signed this: %+v", a)
		}
		if _, err := a.Claims(testAccount, "example"); err != nil {
			t.Fatal(err)
		}
	})
}

// FuzzClaimed: whatever a response claims are roles and providers, and one that is
// taken gives no role that it did not claim.
func FuzzClaimed(f *testing.F) {
	for _, pattern := range []string{"recorded/assertion-exclusive.xml", "recorded/response-*.xml", "attack/wrapping/*.xml"} {
		files, err := filepath.Glob(filepath.Join("testdata", filepath.FromSlash(pattern)))
		if err != nil || len(files) == 0 {
			f.Fatal("no seeds", err)
		}
		for _, name := range files {
			document, err := os.ReadFile(name)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(document)
		}
	}
	m, rules := metadataOf(f, "idp", "ec"), testRules()
	f.Fuzz(func(t *testing.T, document []byte) {
		claimed, err := Claimed(encode(string(document)))
		for _, pair := range claimed {
			if !isRole(pair.Role) || !isProvider(pair.Provider) {
				t.Fatalf("%+v", pair)
			}
		}
		a, verified := Verify(encode(string(document)), m, testTime, rules)
		if verified != nil {
			return
		}
		c, refused := a.Claims(testAccount, "example")
		if refused != nil || err != nil {
			t.Fatal(refused, err)
		}
		for _, pair := range c.Roles {
			if !slices.Contains(claimed, pair) {
				t.Fatalf("%+v was not claimed", pair)
			}
		}
	})
}
