package outbound

import (
	"strings"
	"testing"

	"sallyport/internal/federation/issuer"
	"sallyport/internal/iam"
	"sallyport/internal/iam/iamtest"
	"sallyport/internal/operation"
	"sallyport/internal/state"
)

// FuzzDocument: of all paths, two have a document, and they are the two that the
// issuer's URL says.
func FuzzDocument(f *testing.F) {
	const uuid = "0d5a4bba-5b7c-4f1e-9d0a-0c8a4b6f2e11"
	fixture := iamtest.New(f, func(*iam.Env) []operation.Definition { return nil })
	fixture.Change(func(tx *state.Tx) error {
		iam.OutboundFederations.Put(tx, iam.AccountKey, &iam.OutboundFederation{Issuer: uuid, Enabled: true, Keys: []issuer.PublicKey{}})
		return nil
	})
	s := New(fixture.Env, nil, "https://iam.example.com")
	base := Path + iamtest.Account + "/" + uuid
	documents := map[string]bool{base + issuer.DiscoveryPath: true, base + issuer.KeySetPath: true}
	for path := range documents {
		f.Add(path)
		f.Add(strings.ToUpper(path))
		f.Add(path + "/")
		f.Add(strings.Replace(path, "/", "//", 2))
	}
	f.Add(Path + iamtest.OtherAccount + "/" + uuid + issuer.KeySetPath)
	f.Add(Path + iamtest.Account + "/" + issuer.KeySetPath)
	f.Add("/")
	f.Fuzz(func(t *testing.T, path string) {
		if document, ok := s.Document(path); ok != documents[path] || ok != (len(document) > 0) {
			t.Errorf("%q has a document: %t, %s", path, ok, document)
		}
	})
}
