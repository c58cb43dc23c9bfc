package sts

import (
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"sallyport/internal/federation/oidc"
	"sallyport/internal/iam"
)

// FuzzWebIdentityClaims: whatever a verified token claims, a session gets only what
// AssumeRole's parameters could give it.
func FuzzWebIdentityClaims(f *testing.F) {
	f.Add("issuer.example.com", `{"https://aws.amazon.com/tags":{"principal_tags":{"team":["red"]},"transitive_tag_keys":["team"]},"https://aws.amazon.com/source_identity":"alice"}`)
	f.Add("token.actions.githubusercontent.com", `{"https://aws.amazon.com/tags/principal_tags/team":"red","repository":"octo-org/octo-repo","actor_id":7,"email":["a","b"]}`)
	f.Add("accounts.google.com", `{"google":{"organization_number":1},"email":true}`)
	f.Fuzz(func(t *testing.T, issuer, document string) {
		var claims map[string]jsontext.Value
		if json.Unmarshal([]byte(document), &claims) != nil {
			return
		}
		token := &oidc.Token{Issuer: "https://" + issuer, Subject: "s", Audience: "a", Audiences: []string{"a"}, Claims: claims}
		caller, err := webIdentity("111122223333", &iam.OIDCProvider{URL: issuer}, token)
		if err != nil {
			return
		}
		a := caller.Assertion
		if len(a.Tags) > 50 || len(a.SourceIdentity) == 1 || len(a.SourceIdentity) > 64 {
			t.Errorf("%d tags, source identity %q", len(a.Tags), a.SourceIdentity)
		}
		for _, tag := range a.Tags {
			if tag.Key == "" || len([]rune(tag.Key)) > 128 || len([]rune(tag.Value)) > 256 {
				t.Errorf("a tag is %q: %q", tag.Key, tag.Value)
			}
		}
		for key, values := range a.Context {
			if values.Len() == 0 || values.Len() > maxClaimStrings {
				t.Errorf("%s has %d values", key, values.Len())
			}
		}
	})
}
