package saml

import (
	"encoding/base64"
	"slices"
	"strings"
	"testing"
)

// TestAttack20Decryption asks with changed ciphertexts: one answer to all, which
// tells nothing of what was encrypted.
func TestAttack20Decryption(t *testing.T) {
	rules := testRules()
	rules.Keys = append(rules.Keys, decryptionKey(t))
	m := metadataOf(t, "idp")
	for _, name := range []string{"encrypted-cbc", "encrypted-gcm"} {
		document := string(testdata(t, "recorded", name+".xml"))
		mustVerify(t, document, m, rules)
		parts := strings.Split(document, "CipherValue>") // before, key, between, content, behind
		for _, at := range []int{1, 3} {
			encoded := strings.TrimSuffix(parts[at], "</xenc:")
			encrypted, err := base64.StdEncoding.DecodeString(strings.ReplaceAll(encoded, "\n", ""))
			if err != nil {
				t.Fatal(err)
			}
			for i := 0; i < len(encrypted); i += 1 + len(encrypted)/64 {
				changed := slices.Clone(encrypted)
				changed[i] ^= 0x11
				oracle(t, parts, at, changed, m, rules)
			}
			oracle(t, parts, at, encrypted[:len(encrypted)-16], m, rules)
			oracle(t, parts, at, encrypted[:16], m, rules)
			oracle(t, parts, at, nil, m, rules)
		}
	}
	document := string(testdata(t, "recorded", "encrypted-cbc.xml"))
	for name, change := range map[string][2]string{
		"RSA with PKCS #1 v1.5": {nsEncryption + "rsa-oaep-mgf1p", nsEncryption + "rsa-1_5"},
		"3DES":                  {nsEncryption + "aes256-cbc", nsEncryption + "tripledes-cbc"},
		"shorter key":           {nsEncryption + "aes256-cbc", nsEncryption + "aes128-cbc"},
		"content, not element":  {typeElement, nsEncryption + "Content"},
		"reference elsewhere":   {"<xenc:CipherData><xenc:CipherValue>", `<xenc:CipherData><xenc:CipherReference URI="http://attacker.example/"/></xenc:CipherData><xenc:CipherData><xenc:CipherValue>`},
	} {
		t.Run(name, func(t *testing.T) {
			e := refused(t, replaced(t, document, change[0], change[1]), m, rules)
			checkError(t, e, CodeInvalidIdentityToken, messageSignature)
		})
	}
}

func oracle(t *testing.T, parts []string, at int, value []byte, m *Metadata, rules Rules) {
	t.Helper()
	changed := slices.Clone(parts)
	changed[at] = base64.StdEncoding.EncodeToString(value) + "</xenc:"
	e := refused(t, strings.Join(changed, "CipherValue>"), m, rules)
	checkError(t, e, CodeInvalidIdentityToken, messageSignature)
	if e.Discovery != "" {
		t.Errorf("the answer tells more: %v", e)
	}
}

// TestAttack20Encrypted has assertions that anybody can encrypt to the service.
func TestAttack20Encrypted(t *testing.T) {
	rules := testRules()
	rules.Keys = append(rules.Keys, decryptionKey(t))
	rules.Encryption = EncryptionRequired
	p := newParts()
	s, theirs := signing{by: keyOf(t, "idp")}, signing{by: keyOf(t, "attacker"), keyInfo: keyInfoOf(keyOf(t, "attacker"))}
	signed := func(s signing) string {
		el := parse(t, p.assertion())
		s.sign(t, el)
		return write(t, el)
	}
	hide := func(content string) string { return p.response(encryptedFor(t, content, &rules.Keys[0].PublicKey)) }
	mustVerify(t, hide(signed(s)), metadataOf(t, "idp"), rules)
	for name, content := range map[string]string{
		"unsigned":       p.assertion(),
		"of an attacker": signed(theirs),
		"no assertion":   "<a/>",
		"no XML":         "x",
		"empty":          "",
		"a response":     p.signed(t, signAssertion, s),
		"two":            signed(s) + p.assertion(),
		"document type":  "<!DOCTYPE a>" + signed(s),
		"comment":        strings.Replace(signed(s), "diego", "die<!---->go", 1),
		"one inside":     strings.Replace(signed(s), "</saml:Conditions>", "</saml:Conditions><saml:Advice>"+strings.Replace(p.assertion(), "_assertion", "_x", 1)+"</saml:Advice>", 1),
		"the response's": strings.Replace(signed(s), `ID="_assertion"`, `ID="_response"`, 1),
		"another issuer": strings.Replace(signed(s), testEntity, "https://attacker.example/", 1),
	} {
		t.Run(name, func(t *testing.T) {
			e := refused(t, hide(content), metadataOf(t, "idp"), rules)
			checkError(t, e, CodeInvalidIdentityToken, messageSignature)
			if e.Discovery != "" || strings.Contains(e.Error(), "Issuer") {
				t.Errorf("the answer tells more: %v", e)
			}
		})
	}
}
