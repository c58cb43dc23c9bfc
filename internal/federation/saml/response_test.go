package saml

import (
	"crypto/elliptic"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestRecorded verifies responses that xmlsec1 signed and encrypted
// (testdata/recorded/make.sh).
func TestRecorded(t *testing.T) {
	cases := []struct {
		name, key string
		encrypted bool
	}{
		{"assertion-exclusive", "idp", false},
		{"assertion-inclusive", "idp", false},
		{"assertion-undeclared", "idp", false},
		{"response-inclusive", "idp", false},
		{"response-ecdsa", "ec", false},
		{"both", "idp", false},
		{"encrypted-cbc", "idp", true},
		{"encrypted-gcm", "idp", true},
	}
	session := time.Date(2026, 3, 4, 13, 5, 7, 0, time.UTC)
	want := &Assertion{
		ID: "_assertion", ResponseID: "_response", Issuer: testEntity, Recipient: testRecipient, Audience: testAudience,
		IssueInstant: testTime.Add(-time.Minute), Expires: testTime.Add(4 * time.Minute), SessionNotOnOrAfter: &session,
		Subject: NameID{Value: "_cbb88bf5&2c2510", Format: formatPrefix + "persistent"},
		Attributes: []Attribute{
			{Name: awsAttributes + "Role", Values: []string{testRole + "," + testProvider}},
			{Name: awsAttributes + "RoleSessionName", Values: []string{"diego@example.com"}},
			{Name: "urn:oid:2.5.4.3", FriendlyName: `"a" < b > c`, Values: []string{"Diégo & Ramírez \U0001F600 > ]]>\r", ""}},
			{Name: "urn:oid:1.3.6.1.4.1.5923.1.1.1.10", Values: []string{"targeted"}},
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			document := string(testdata(t, "recorded", c.name+".xml"))
			rules := testRules()
			rules.Keys = append(rules.Keys, rsaKey(t, 2048, 0), decryptionKey(t)) // the second fits
			got := mustVerify(t, document, metadataOf(t, "attacker", c.key), rules)
			expected := *want
			expected.Encrypted = c.encrypted
			if diff := cmp.Diff(&expected, got); diff != "" {
				t.Error(diff)
			}
			checkError(t, refused(t, document, metadataOf(t, "attacker"), rules), CodeInvalidIdentityToken, messageSignature)
			if !c.encrypted {
				changed := strings.ReplaceAll(document, "diego@example.com", "root@example.com")
				checkError(t, refused(t, changed, metadataOf(t, c.key), rules), CodeInvalidIdentityToken, messageSignature)
			}
		})
	}
}

func TestEncryption(t *testing.T) {
	m := metadataOf(t, "idp")
	plain := string(testdata(t, "recorded", "both.xml"))
	for _, name := range []string{"encrypted-cbc", "encrypted-gcm"} {
		document := string(testdata(t, "recorded", name+".xml"))
		rules := testRules()
		rules.Keys = append(rules.Keys, decryptionKey(t))
		for _, mode := range []string{"", EncryptionAllowed, EncryptionRequired} {
			rules.Encryption = mode
			if a := mustVerify(t, document, m, rules); !a.Encrypted {
				t.Errorf("%s, %q: not encrypted", name, mode)
			}
		}
		rules.Keys = nil
		checkError(t, refused(t, document, m, rules), CodeInvalidIdentityToken, messageSignature)
	}
	rules := testRules()
	for _, mode := range []string{"", EncryptionAllowed} {
		rules.Encryption = mode
		mustVerify(t, plain, m, rules)
	}
	for _, mode := range []string{EncryptionRequired, "required", "None"} {
		rules.Encryption = mode
		checkError(t, refused(t, plain, m, rules), CodeInvalidIdentityToken, messageEncrypted)
	}
}

// TestKeyRollover has several keys in the metadata; certificates that are over
// still count, as AWS has it.
func TestKeyRollover(t *testing.T) {
	now := newParts()
	ec := certified(t, ecKey(t, elliptic.P384()))
	over := certifiedUntil(t, rsaKey(t, 2048, 0), testTime.AddDate(-1, 0, 0))
	m := metadataOf(t, "idp")
	m.SigningCertificates = append(m.SigningCertificates, ec.cert, over.cert)
	until := testTime.AddDate(-1, 0, 0)
	m.ValidUntil = &until
	for name, s := range map[string]signing{
		"first": {by: keyOf(t, "idp")}, "over": {by: over},
		"curve": {by: ec, algo: "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256"},
	} {
		for _, what := range []int{signAssertion, signResponse, signAssertion | signResponse} {
			document := now.signed(t, what, s)
			if a := mustVerify(t, document, m, testRules()); a.Subject.Value != "diego@example.com" {
				t.Errorf("%s, %d: %+v", name, what, a)
			}
			checkError(t, refused(t, document, metadataOf(t, "ec"), testRules()), CodeInvalidIdentityToken, messageSignature)
		}
	}
	small := certified(t, rsaKey(t, 1024, 0))
	m.SigningCertificates = append(m.SigningCertificates, small.cert)
	refused(t, now.signed(t, signAssertion, signing{by: small}), m, testRules())
	refused(t, now.signed(t, signAssertion, signing{by: keyOf(t, "idp")}), &Metadata{EntityID: testEntity}, testRules())
}

// TestRefusals has signed responses that are wrong in what they say.
func TestRefusals(t *testing.T) {
	const noSubject, holderOfKey = "no Subject", "not by bearer"
	audience := func(restrictions string) func(*parts) {
		return func(p *parts) { p.conditions = `<saml:Conditions>` + restrictions + `</saml:Conditions>` }
	}
	restriction := `<saml:AudienceRestriction><saml:Audience>` + testAudience + `</saml:Audience></saml:AudienceRestriction>`
	cases := []struct {
		name          string
		change        func(*parts)
		code, message string
	}{
		{"status", func(p *parts) { p.status = "urn:oasis:names:tc:SAML:2.0:status:Responder" }, CodeIDPRejectedClaim, messageRejected},
		{"issuer", func(p *parts) { p.issuer = "https://other.example.com/saml" }, CodeInvalidIdentityToken, messageIssuer},
		{"issuer with a space", func(p *parts) { p.issuer += " " }, CodeInvalidIdentityToken, messageIssuer},
		{"issuer empty", func(p *parts) { p.issuer = "" }, CodeInvalidIdentityToken, messageIssuer},
		{"old", func(p *parts) { p.issued = testTime.Add(-5 * time.Minute) }, CodeExpiredToken, messageAge},
		{"of the future", func(p *parts) { p.issued = testTime.Add(time.Second) }, CodeInvalidIdentityToken, messageEarly},
		{"confirmation over", func(p *parts) { p.data = `Recipient="` + testRecipient + `" NotOnOrAfter="` + at(0) + `"` }, CodeExpiredToken, messageExpired},
		{"confirmation to come", func(p *parts) { p.data += ` NotBefore="` + at(time.Second) + `"` }, CodeInvalidIdentityToken, messageEarly},
		{"conditions over", func(p *parts) {
			p.conditions = `<saml:Conditions NotOnOrAfter="` + at(0) + `">` + restriction + `</saml:Conditions>`
		}, CodeExpiredToken, messageExpired},
		{"conditions to come", func(p *parts) {
			p.conditions = `<saml:Conditions NotBefore="` + at(time.Second) + `">` + restriction + `</saml:Conditions>`
		}, CodeInvalidIdentityToken, messageEarly},
		{"session over", func(p *parts) { p.statements += `<saml:AuthnStatement SessionNotOnOrAfter="` + at(0) + `"/>` }, CodeExpiredToken, messageExpired},
		{"no Recipient", func(p *parts) { p.data = `NotOnOrAfter="` + at(time.Minute) + `"` }, CodeInvalidIdentityToken, messageConfirmation},
		{"no NotOnOrAfter", func(p *parts) { p.data = `Recipient="` + testRecipient + `"` }, CodeInvalidIdentityToken, messageConfirmation},
		{"two confirmations", func(p *parts) {
			p.subject += `<saml:SubjectConfirmation Method="` + methodBearer + `"><saml:SubjectConfirmationData ` + p.data + `/></saml:SubjectConfirmation>`
		}, CodeInvalidIdentityToken, messageConfirmation},
		{"no NameID", func(p *parts) { p.subject = "" }, CodeAccessDenied, messageDenied},
		{"empty NameID", func(p *parts) { p.subject = "<saml:NameID/>" }, CodeAccessDenied, messageDenied},
		{"two NameIDs", func(p *parts) { p.subject += p.subject }, CodeInvalidIdentityToken, messageMalformed},
		{"NameID with an element", func(p *parts) { p.subject = "<saml:NameID>root<saml:a/>x</saml:NameID>" }, CodeInvalidIdentityToken, messageMalformed},
		{holderOfKey, nil, CodeInvalidIdentityToken, messageConfirmation},
		{noSubject, nil, CodeAccessDenied, messageDenied},
		{"no conditions", func(p *parts) { p.conditions = "" }, CodeInvalidIdentityToken, messageAudience},
		{"no restriction", audience(""), CodeInvalidIdentityToken, messageAudience},
		{"restriction to nobody", audience("<saml:AudienceRestriction/>"), CodeInvalidIdentityToken, messageAudience},
		{"audience empty", audience("<saml:AudienceRestriction><saml:Audience/></saml:AudienceRestriction>"), CodeInvalidIdentityToken, messageAudience},
		{"audience a fragment", audience("<saml:AudienceRestriction><saml:Audience>#2</saml:Audience></saml:AudienceRestriction>"), CodeInvalidIdentityToken, messageAudience},
		{"restrictions that don't all hold", audience(restriction + "<saml:AudienceRestriction><saml:Audience>urn:other</saml:Audience></saml:AudienceRestriction>"), CodeInvalidIdentityToken, messageAudience},
		{"condition unknown", audience(restriction + `<saml:Condition/>`), CodeInvalidIdentityToken, messageMalformed},
		{"two Conditions", func(p *parts) { p.conditions += p.conditions }, CodeInvalidIdentityToken, messageMalformed},
		{"attribute without Name", func(p *parts) { p.statements = attributeStatement(`<saml:Attribute/>`) }, CodeInvalidIdentityToken, messageMalformed},
		{"attribute of elements", func(p *parts) { p.statements = attributeStatement(attributeXML("a", "<saml:b/>")) }, CodeInvalidIdentityToken, messageMalformed},
		{"attribute encrypted", func(p *parts) { p.statements = attributeStatement(`<saml:EncryptedAttribute/>`) }, CodeInvalidIdentityToken, messageMalformed},
		{"no time", func(p *parts) { p.data = `Recipient="` + testRecipient + `" NotOnOrAfter="soon"` }, CodeInvalidIdentityToken, messageMalformed},
	}
	m := metadataOf(t, "idp")
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			p := newParts()
			if c.change != nil {
				c.change(&p)
			}
			for _, what := range []int{signAssertion, signResponse, signAssertion | signResponse} {
				s := signing{by: keyOf(t, "idp")}
				document := p.signed(t, what, s)
				if c.name == holderOfKey {
					document = resigned(t, func(assertion string) string {
						return strings.Replace(assertion, methodBearer, "urn:oasis:names:tc:SAML:2.0:cm:holder-of-key", 1)
					}, what)
				}
				if c.name == noSubject {
					document = resigned(t, func(assertion string) string {
						before, rest, _ := strings.Cut(assertion, "<saml:Subject>")
						_, after, _ := strings.Cut(rest, "</saml:Subject>")
						return before + after
					}, what)
				}
				e := refused(t, document, m, testRules())
				checkError(t, e, c.code, c.message)
				for _, secret := range []string{"diego", testRecipient, "urn:other", "other.example.com"} {
					if strings.Contains(e.Message, secret) {
						t.Errorf("the message tells %q: %s", secret, e.Message)
					}
				}
			}
		})
	}
}

// resigned changes an assertion's text before it is signed.
func resigned(t testing.TB, change func(string) string, what int) string {
	t.Helper()
	p, s := newParts(), signing{by: keyOf(t, "idp")}
	assertion := parse(t, change(p.assertion()))
	if what&signAssertion != 0 {
		s.sign(t, assertion)
	}
	response := parse(t, p.response(write(t, assertion)))
	if what&signResponse != 0 {
		s.sign(t, response)
	}
	return write(t, response)
}

func TestWhatIsTaken(t *testing.T) {
	m, s := metadataOf(t, "idp"), signing{by: keyOf(t, "idp")}
	p := newParts()
	p.conditions = `<saml:Conditions><saml:AudienceRestriction><saml:Audience>urn:other</saml:Audience><saml:Audience>` + testRecipient + `#2</saml:Audience></saml:AudienceRestriction><saml:OneTimeUse/><saml:ProxyRestriction/></saml:Conditions>`
	p.subject = `<saml:NameID NameQualifier="a" SPNameQualifier="b">x</saml:NameID>`
	p.data += ` InResponseTo="_request"`
	p.responseAttributes = ` InResponseTo="_request"`
	p.statements += `<saml:AuthnStatement SessionNotOnOrAfter="` + at(time.Hour) + `"/><saml:AuthnStatement SessionNotOnOrAfter="` + at(time.Minute) + `"/>`
	rules := testRules()
	rules.InResponseTo = "_request"
	a := mustVerify(t, p.signed(t, signAssertion, s), m, rules)
	if a.Audience != testRecipient+"#2" || !a.OneTimeUse || a.InResponseTo != "_request" || !a.SessionNotOnOrAfter.Equal(testTime.Add(time.Minute)) {
		t.Errorf("%+v", a)
	}
	if want := (NameID{Value: "x", Format: formatUnspecified, NameQualifier: "a", SPNameQualifier: "b"}); a.Subject != want {
		t.Errorf("%+v", a.Subject)
	}

	// The skew widens every time, and Expires says so.
	old := newParts()
	old.issued = testTime.Add(-5 * time.Minute)
	old.data = `Recipient="` + testRecipient + `" NotOnOrAfter="` + at(-time.Second) + `" NotBefore="` + at(59*time.Second) + `"`
	rules = testRules()
	rules.Skew = time.Minute
	if a = mustVerify(t, old.signed(t, signAssertion, s), m, rules); !a.Expires.Equal(testTime.Add(59 * time.Second)) {
		t.Errorf("it expires %v", a.Expires)
	}
	if _, err := Verify(encode(old.signed(t, signAssertion, s)), m, a.Expires, rules); err == nil {
		t.Error("it was taken when it had expired")
	}
	if _, err := Verify(encode(old.signed(t, signAssertion, s)), m, a.Expires.Add(-time.Nanosecond), rules); err != nil {
		t.Error("it was refused before it expired:", err)
	}

	// Line breaks in base64, and a declaration, are as senders write them.
	folded := encode(`<?xml version="1.0"?>` + newParts().signed(t, signAssertion, s))
	folded = []byte(string(folded[:76]) + "\r\n" + string(folded[76:]) + "\n")
	if _, err := Verify(folded, m, testTime, testRules()); err != nil {
		t.Error(err)
	}
}

func TestMalformedResponses(t *testing.T) {
	m := metadataOf(t, "idp")
	cases := map[string]struct{ response, message string }{
		"nothing":        {"", messageBase64},
		"white space":    {" \n", messageBase64},
		"no base64":      {"<a/>", messageBase64},
		"base64 of URLs": {"-_-_", messageBase64},
		"cut base64":     {"AAAAA", messageBase64},
		"no XML":         {"AAAA", messageMalformed},
		"too long":       {strings.Repeat("A", MaxResponse+4), messageMalformed},
		"no response":    {string(encode("<a/>")), messageMalformed},
		"an assertion":   {string(encode(newParts().assertion())), messageMalformed},
		"metadata":       {string(encode(`<EntityDescriptor xmlns="` + nsMetadata + `"/>`)), messageMalformed},
		"no assertion":   {string(encode(newParts().response(""))), messageMalformed},
		"SAML 1.1":       {string(encode(strings.Replace(newParts().response(""), `Version="2.0"`, `Version="1.1"`, 1))), messageMalformed},
		"no status":      {string(encode(strings.Replace(newParts().response(""), "samlp:Status>", "samlp:Other>", 2))), messageMalformed},
	}
	for name, c := range cases {
		_, err := Verify([]byte(c.response), m, testTime, testRules())
		var e *Error
		if !errors.As(err, &e) {
			t.Fatalf("%s: %v", name, err)
		}
		if e.Code != CodeInvalidIdentityToken || e.Status != http.StatusBadRequest || e.Message != c.message || e.Discovery != discoveryInvalid {
			t.Errorf("%s: %v", name, e)
		}
	}
	// Without rules nothing is taken.
	document := newParts().signed(t, signAssertion, signing{by: keyOf(t, "idp")})
	refused(t, document, m, Rules{})
	refused(t, document, m, Rules{Audiences: testRules().Audiences})
	refused(t, document, m, Rules{Recipients: testRules().Recipients})
	refused(t, document, &Metadata{SigningCertificates: m.SigningCertificates}, testRules())
}

func BenchmarkVerify(b *testing.B) {
	for _, name := range []string{"assertion-exclusive", "both", "encrypted-gcm"} {
		b.Run(name, func(b *testing.B) {
			response := encode(string(testdata(b, "recorded", name+".xml")))
			m, rules := metadataOf(b, "idp"), testRules()
			rules.Keys = append(rules.Keys, decryptionKey(b))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Verify(response, m, testTime, rules); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
