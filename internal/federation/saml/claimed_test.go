package saml

import (
	"slices"
	"strings"
	"testing"
)

// TestClaimed: what a response names, signed or not, and nothing of one that is
// encrypted.
func TestClaimed(t *testing.T) {
	want := []RolePair{{Role: "arn:aws:iam::111122223333:role/reader", Provider: "arn:aws:iam::111122223333:saml-provider/example"}}
	document := string(testdata(t, "recorded", "assertion-exclusive.xml"))
	for name, d := range map[string]string{"as it is": document, "changed": strings.Replace(document, "<saml:Subject>", "<saml:Subject >", 1)} {
		if got, err := Claimed(encode(d)); err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
	for name, d := range map[string]string{
		"encrypted": string(encode(string(testdata(t, "recorded", "encrypted-gcm.xml")))),
		"no base64": "????", "no response": string(encode("<a/>")), "too long": strings.Repeat("A", MaxResponse+4),
		"a document type": string(encode(string(testdata(t, "attack", "document-types", "entity-expansion.xml")))),
	} {
		if got, err := Claimed([]byte(d)); err == nil || got != nil {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
}

// TestUnsolicited: who makes no requests takes no answers to any.
func TestUnsolicited(t *testing.T) {
	rules := testRules()
	document := newParts().signed(t, signAssertion, signing{by: keyOf(t, "idp")})
	rules.Unsolicited = true
	if strings.Contains(document, "InResponseTo") {
		t.Fatal("the response answers a request")
	}
	mustVerify(t, document, metadataOf(t, "idp"), rules)
	for _, name := range []string{"response-to-another.xml", "confirmation-to-other.xml", "signed-and-for-another.xml"} {
		e := refused(t, string(testdata(t, "attack", "request", name)), metadataOf(t, "idp"), rules)
		checkError(t, e, CodeInvalidIdentityToken, messageRequest)
	}
}
