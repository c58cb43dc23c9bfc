package providers

import (
	"strings"
	"testing"

	"sallyport/arn"
	"sallyport/internal/iam"
)

// FuzzIssuerURL: what is taken for an issuer is taken again as the same, names
// one provider in an ARN, and has nothing in it that means something in a policy.
func FuzzIssuerURL(f *testing.F) {
	for _, seed := range []string{
		"https://idp.example.com", "https://idp.example.com:443/a/b/", "https://EXAMPLE.com/%41?x#y", "http://example.com", "https://a@b", "https://a/*/${x}",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		url, err := issuerURL(raw)
		if err != nil || len(raw) > 255 { // which the model refuses
			return
		}
		if again, err := issuerURL(scheme + url); err != nil || again != url {
			t.Fatalf("%q is %q, then %q: %v", raw, url, again, err)
		}
		name := iam.OIDCProviderARN("111122223333", &iam.OIDCProvider{URL: url})
		a, err := arn.Parse(name)
		if err != nil || a.Account != "111122223333" || a.Resource != "oidc-provider/"+url {
			t.Fatalf("%q: %+v, %v", name, a, err)
		}
		if strings.ContainsAny(url, "*?#\\ ") || strings.Contains(url, "${") {
			t.Fatalf("%q", url)
		}
	})
}
