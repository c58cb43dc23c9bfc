package saml

import (
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

// descriptor is the metadata of a test, in parts that tests replace.
type descriptor struct {
	before, entity, attributes, role, keys, services string
}

func keyDescriptor(use string, certificates ...string) string {
	if use != "" {
		use = ` use="` + use + `"`
	}
	data := ""
	for _, c := range certificates {
		data += "<ds:X509Certificate>" + c + "</ds:X509Certificate>"
	}
	return `<KeyDescriptor` + use + `><ds:KeyInfo><ds:X509Data>` + data + `</ds:X509Data></ds:KeyInfo></KeyDescriptor>`
}

func (d descriptor) entityDescriptor() string {
	if d.entity == "" {
		d.entity = "https://idp.example.com/saml"
	}
	if d.services == "" {
		d.services = `<SingleSignOnService Binding="` + BindingPOST + `" Location="https://idp.example.com/post"/>` +
			`<SingleSignOnService Binding="` + BindingRedirect + `" Location="https://idp.example.com/redirect"/>`
	}
	return `<EntityDescriptor xmlns="` + nsMetadata + `" xmlns:ds="` + nsSignature + `" entityID="` + d.entity + `"` + d.attributes + `>
<IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:1.1:protocol ` + protocolSAML2 + `"` + d.role + `>` + d.keys + d.services + `</IDPSSODescriptor></EntityDescriptor>`
}

func (d descriptor) String() string {
	if d.before == "" {
		d.before = `<?xml version="1.0" encoding="UTF-8"?><!-- made by a test -->`
	}
	return d.before + d.entityDescriptor()
}

func TestParseMetadata(t *testing.T) {
	one, two := certified(t, rsaKey(t, 2048, 0)), certified(t, ecKey(t, elliptic.P256()))
	folded := one.base64()
	folded = "\n" + folded[:64] + "\r\n  " + folded[64:] + "\n"
	d := descriptor{
		attributes: ` validUntil="2030-01-02T03:04:05Z"`,
		role:       ` WantAuthnRequestsSigned="true" validUntil="2029-01-02T03:04:05.5+01:00"`,
		keys: keyDescriptor("signing", folded) + keyDescriptor("encryption", "not even base64") +
			keyDescriptor("", two.base64()) + keyDescriptor("signing", one.base64()),
	}
	nested := `<EntitiesDescriptor xmlns="` + nsMetadata + `" validUntil="2028-01-01T00:00:00Z"><EntitiesDescriptor>` +
		`<EntityDescriptor entityID="https://sp.example.com"><SPSSODescriptor protocolSupportEnumeration="` + protocolSAML2 + `"/></EntityDescriptor>` +
		d.entityDescriptor() + `</EntitiesDescriptor></EntitiesDescriptor>`
	cases := []struct {
		name, document string
		until          time.Time
	}{
		{"alone", d.String(), time.Date(2029, 1, 2, 2, 4, 5, 500_000_000, time.UTC)},
		{"among others", nested, time.Date(2028, 1, 1, 0, 0, 0, 0, time.UTC)},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			m, err := ParseMetadata([]byte(c.document))
			if err != nil {
				t.Fatal(err)
			}
			if m.EntityID != "https://idp.example.com/saml" || !m.WantAuthnRequestsSigned {
				t.Errorf("entity %q, requests signed %v", m.EntityID, m.WantAuthnRequestsSigned)
			}
			if m.ValidUntil == nil || !m.ValidUntil.Equal(c.until) {
				t.Errorf("valid until %v, not %v", m.ValidUntil, c.until)
			}
			if m.SignOnURL(BindingPOST) != "https://idp.example.com/post" || m.SignOnURL(BindingRedirect) != "https://idp.example.com/redirect" || m.SignOnURL("urn:example") != "" {
				t.Errorf("endpoints %v", m.SignOn)
			}
			if len(m.SigningCertificates) != 2 || !m.SigningCertificates[0].Equal(one.cert) || !m.SigningCertificates[1].Equal(two.cert) {
				t.Errorf("%d certificates", len(m.SigningCertificates))
			}
		})
	}
	m, err := ParseMetadata([]byte(descriptor{keys: d.keys}.String()))
	if err != nil || m.ValidUntil != nil || m.WantAuthnRequestsSigned {
		t.Errorf("defaults: %+v, %v", m, err)
	}
}

func TestMetadataIsRefused(t *testing.T) {
	good := certified(t, rsaKey(t, 2048, 0)).base64()
	other := certified(t, rsaKey(t, 2048, 1)).base64()
	weak := certified(t, rsaKey(t, 1024, 0)).base64()
	_, edKey, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	keys := keyDescriptor("signing", good)
	plain := descriptor{keys: keys}
	service := func(attributes string) descriptor {
		return descriptor{keys: keys, services: "<SingleSignOnService " + attributes + "/>"}
	}
	cases := []struct {
		name, document, want string
	}{
		{"nothing", "", "ends before"},
		{"byte order mark", "\ufeff" + plain.String(), "text outside"},
		{"UTF-16", strings.Replace(plain.String(), "UTF-8", "UTF-16", 1), "encoding"},
		{"XML 1.1", strings.Replace(plain.String(), `version="1.0"`, `version="1.1"`, 1), "version"},
		{"bytes that are no UTF-8", descriptor{keys: keys, entity: "https://\xff"}.String(), "UTF-8"},
		{"document type", `<!DOCTYPE EntityDescriptor>` + plain.entityDescriptor(), "document types"},
		{"entity", descriptor{keys: keys, entity: "&idp;"}.String(), "entity"},
		{"processing instruction", descriptor{keys: keys + `<?php x?>`}.String(), "processing instructions"},
		{"two roots", plain.String() + "<a/>", "second root"},
		{"text behind", plain.String() + "a", "text outside"},
		{"cut off", strings.TrimSuffix(plain.String(), ">"), "EOF"},
		{"an element open", strings.TrimSuffix(plain.String(), "</EntityDescriptor>"), "ends before"},
		{"crossed elements", "<a><b></a></b>", "did not begin"},
		{"prefix undeclared", "<a:b/>", "no declared namespace"},
		{"prefix of an attribute undeclared", `<b a:c=""/>`, "no declared namespace"},
		{"attribute twice", descriptor{keys: keys, attributes: ` entityID="https://other.example.com"`}.String(), "twice"},
		{"attribute twice by its namespace", `<a xmlns:b="urn:x" xmlns:c="urn:x" b:d="" c:d=""/>`, "twice"},
		{"namespace twice", `<a xmlns:b="urn:x" xmlns:b="urn:y"/>`, "twice"},
		{"namespace xml for another prefix", `<a xmlns:b="` + nsXML + `"/>`, "reserved"},
		{"prefix xml for another namespace", `<a xmlns:xml="urn:x"/>`, "reserved"},
		{"namespace of declarations", `<a xmlns="` + nsXMLNS + `"/>`, "reserved"},
		{"prefix without namespace", `<a xmlns:b=""/>`, "without a namespace"},
		{"name of three parts", `<a:b:c xmlns:a="urn:x"/>`, ""},
		{"too deep", strings.Repeat("<a>", 65) + strings.Repeat("</a>", 65), "nested"},
		{"too many elements", "<a>" + strings.Repeat("<b/>", 200_000) + "</a>", "more than 200000 elements"},
		{"too many attributes", `<a` + numbered(` a%d=""`, 65) + `/>`, "attributes"},
		{"too many namespaces", strings.Repeat(`<a`+numbered(` xmlns:a%d="urn:x"`, 60)+`>`, 3), "namespaces"},
		{"too long", plain.String() + strings.Repeat(" ", maxMetadata), "longer"},
		{"another root", strings.ReplaceAll(plain.String(), "EntityDescriptor", "Entity"), "root element"},
		{"another namespace", strings.ReplaceAll(plain.String(), nsMetadata, "urn:x"), "root element"},
		{"no entityID", strings.Replace(plain.String(), "entityID", "entityId", 1), "entityID"},
		{"long entityID", descriptor{keys: keys, entity: strings.Repeat("a", 1025)}.String(), "entityID"},
		{"SAML 1.1 alone", strings.Replace(plain.String(), protocolSAML2, "", 1), "0 identity providers"},
		{"two providers", `<EntitiesDescriptor xmlns="` + nsMetadata + `">` + plain.entityDescriptor() + plain.entityDescriptor() + `</EntitiesDescriptor>`, "2 identity providers"},
		{"no provider", `<EntitiesDescriptor xmlns="` + nsMetadata + `"/>`, "0 identity providers"},
		{"no time", descriptor{keys: keys, attributes: ` validUntil="soon"`}.String(), "not a time"},
		{"no boolean", descriptor{keys: keys, role: ` WantAuthnRequestsSigned="yes"`}.String(), "neither true nor false"},
		{"no service", descriptor{keys: keys, services: " "}.String(), "SingleSignOnService"},
		{"service that is a script", service(`Binding="` + BindingPOST + `" Location="javascript:alert(1)"`).String(), "no URL"},
		{"service without place", service(`Binding="` + BindingPOST + `"`).String(), "no URL"},
		{"service without binding", service(`Location="https://idp.example.com"`).String(), "Binding"},
		{"no key", descriptor{}.String(), "no signing certificate"},
		{"key for encryption alone", descriptor{keys: keyDescriptor("encryption", good)}.String(), "no signing certificate"},
		{"key for something else", descriptor{keys: keyDescriptor("both", good)}.String(), "use"},
		{"key without certificate", descriptor{keys: keyDescriptor("signing")}.String(), "no signing certificate"},
		{"weak key", descriptor{keys: keys + keyDescriptor("signing", weak)}.String(), "1024 bits"},
		{"unknown key", descriptor{keys: keyDescriptor("", certified(t, edKey).base64())}.String(), "neither RSA"},
		{"chain", descriptor{keys: keyDescriptor("signing", good, other)}.String(), "several keys"},
		{"no base64", descriptor{keys: keyDescriptor("signing", "!")}.String(), "base64"},
		{"no certificate", descriptor{keys: keyDescriptor("signing", "AAAA")}.String(), "malformed"},
		{"certificate in elements", descriptor{keys: keyDescriptor("signing", "<a/>"+good)}.String(), "more than text"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			m, err := ParseMetadata([]byte(c.document))
			if err == nil {
				t.Fatalf("it was read: %+v", m)
			}
			if !strings.Contains(err.Error(), c.want) {
				t.Errorf("the error is %q, without %q", err, c.want)
			}
		})
	}
}

// numbered repeats a format with 0, 1 and so on.
func numbered(format string, n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, format, i)
	}
	return b.String()
}

func TestParsePrivateKey(t *testing.T) {
	key := rsaKey(t, 2048, 0)
	pkcs8, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	ec, err := x509.MarshalPKCS8PrivateKey(ecKey(t, elliptic.P256()))
	if err != nil {
		t.Fatal(err)
	}
	block := func(kind string, der []byte) string {
		return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
	}
	good := []string{block("PRIVATE KEY", pkcs8), block("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(key)) + "\n"}
	for _, document := range good {
		if got, err := ParsePrivateKey([]byte(document)); err != nil || !got.Equal(key) {
			t.Errorf("%q: %v", document[:30], err)
		}
	}
	broken := *key
	broken.D = rsaKey(t, 2048, 1).D
	bad := map[string]string{
		"nothing":                    "",
		"two keys":                   good[0] + good[1],
		"text behind":                good[0] + "x",
		"public key":                 block("PUBLIC KEY", x509.MarshalPKCS1PublicKey(&key.PublicKey)),
		"curve":                      block("PRIVATE KEY", ec),
		"small":                      block("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(rsaKey(t, 1024, 0))),
		"cut":                        block("PRIVATE KEY", pkcs8[:100]),
		"parts that are of two keys": block("RSA PRIVATE KEY", marshalled(&broken)),
		"passphrase":                 strings.Replace(good[1], "KEY-----\n", "KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00\n\n", 1),
		"encrypted":                  block("ENCRYPTED PRIVATE KEY", pkcs8),
	}
	for name, document := range bad {
		if got, err := ParsePrivateKey([]byte(document)); !errors.Is(err, ErrPrivateKey) || got != nil {
			t.Errorf("%s: %v, %v", name, got != nil, err)
		}
	}
}

func marshalled(key *rsa.PrivateKey) []byte { return x509.MarshalPKCS1PrivateKey(key) }

func FuzzParseMetadata(f *testing.F) {
	cert := keyOf(f, "ec").base64()
	f.Add([]byte(descriptor{keys: keyDescriptor("signing", cert)}.String()))
	f.Add(testdata(f, "recorded", "simplesamlphp-metadata.xml"))
	f.Add([]byte(`<EntitiesDescriptor xmlns="` + nsMetadata + `"><EntityDescriptor/></EntitiesDescriptor>`))
	f.Fuzz(func(t *testing.T, document []byte) {
		m, err := ParseMetadata(document)
		if err != nil {
			return
		}
		if m.EntityID == "" || len(m.SignOn) == 0 || len(m.SigningCertificates) == 0 {
			t.Errorf("metadata without its parts: %+v", m)
		}
	})
}
