#!/usr/bin/env bash
# Signs and encrypts responses with xmlsec1, which is another implementation than
# the one under test. Run it in its folder; the results are committed.
set -euo pipefail
keys=../keys
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# signature ID CANONICAL METHOD DIGEST [PREFIXES]: the template of a signature.
signature() {
	local canonical="Algorithm=\"$2\"/>" transform="Algorithm=\"$2\"/>"
	if [ -n "${5:-}" ]; then
		transform="Algorithm=\"$2\"><ec:InclusiveNamespaces xmlns:ec=\"http://www.w3.org/2001/10/xml-exc-c14n#\" PrefixList=\"$5\"/></ds:Transform>"
	fi
	cat <<XML
<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:SignedInfo>
<ds:CanonicalizationMethod $canonical
<ds:SignatureMethod Algorithm="$3"/>
<ds:Reference URI="#$1"><ds:Transforms><ds:Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"/><ds:Transform $transform</ds:Transforms>
<ds:DigestMethod Algorithm="$4"/><ds:DigestValue/></ds:Reference></ds:SignedInfo><ds:SignatureValue/><ds:KeyInfo><ds:X509Data/></ds:KeyInfo></ds:Signature>
XML
}

exclusive=http://www.w3.org/2001/10/xml-exc-c14n#
inclusive=http://www.w3.org/TR/2001/REC-xml-c14n-20010315
more=http://www.w3.org/2001/04/xmldsig-more
sha256=http://www.w3.org/2001/04/xmlenc#sha256
sha512=http://www.w3.org/2001/04/xmlenc#sha512

# assertion DECLARATIONS SIGNATURE [CONTEXT]: an assertion with what canonical forms change.
assertion() {
	cat <<XML
<saml:Assertion$1 Version="2.0"   ID='_assertion' IssueInstant="2026-03-04T05:05:07Z">
  <saml:Issuer>https://idp.example.com/saml</saml:Issuer>$2
  <saml:Subject>
    <saml:NameID Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"><![CDATA[_cbb88bf5&2c2510]]></saml:NameID>
    <saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><saml:SubjectConfirmationData Recipient="https://signin.example.com/saml" NotOnOrAfter="2026-03-04T05:10:07.250Z"/></saml:SubjectConfirmation>
  </saml:Subject>
  <saml:Conditions NotOnOrAfter="2026-03-04T05:10:07Z" NotBefore="2026-03-04T05:04:07Z"><saml:AudienceRestriction><saml:Audience>urn:amazon:webservices</saml:Audience></saml:AudienceRestriction></saml:Conditions>
  <saml:AuthnStatement AuthnInstant="2026-03-04T05:05:07Z" SessionNotOnOrAfter="2026-03-04T13:05:07Z"><saml:AuthnContext><saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:Password</saml:AuthnContextClassRef>${3:-}</saml:AuthnContext></saml:AuthnStatement>
  <saml:AttributeStatement>
    <saml:Attribute Name="https://aws.amazon.com/SAML/Attributes/Role"><saml:AttributeValue xsi:type="xs:string">arn:aws:iam::111122223333:role/reader,arn:aws:iam::111122223333:saml-provider/example</saml:AttributeValue></saml:Attribute>
    <saml:Attribute Name="https://aws.amazon.com/SAML/Attributes/RoleSessionName"><saml:AttributeValue xsi:type="xs:string">diego@example.com</saml:AttributeValue></saml:Attribute>
    <saml:Attribute FriendlyName='"a" &lt; b &gt; c' Name="urn:oid:2.5.4.3"><saml:AttributeValue>Diégo &amp; Ramírez &#x1F600; &gt; ]]&gt;&#13;</saml:AttributeValue><saml:AttributeValue></saml:AttributeValue></saml:Attribute>
    <Attribute xmlns="urn:oasis:names:tc:SAML:2.0:assertion" Name="urn:oid:1.3.6.1.4.1.5923.1.1.1.10"><AttributeValue><NameID>targeted</NameID></AttributeValue></Attribute>
  </saml:AttributeStatement>
</saml:Assertion>
XML
}

# response DECLARATIONS SIGNATURE ASSERTION
response() {
	cat <<XML
<?xml version="1.0" encoding="UTF-8"?>
<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"$1 ID="_response" Version="2.0" IssueInstant="2026-03-04T05:05:07Z" Destination="https://signin.example.com/saml">
<saml:Issuer>https://idp.example.com/saml</saml:Issuer>$2
<samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status>
$3
</samlp:Response>
XML
}

schema=' xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
own=' xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"'$schema

# sign KEY XPATH: signs what is on standard input at the signature of the path.
sign() {
	cat >"$work/in.xml"
	xmlsec1 --sign --privkey-pem "$keys/$1.key.pem,$keys/$1.crt.pem" --id-attr:ID Response --id-attr:ID Assertion --node-xpath "$2" "$work/in.xml"
}
ofResponse='/*[local-name()="Response"]/*[local-name()="Signature"]'
ofAssertion='/*/*[local-name()="Assertion"]/*[local-name()="Signature"]'
ofEncrypted='//*[local-name()="Assertion"]/*[local-name()="Signature"]'

rsa=$more#rsa-sha256
plain=$(assertion '' '')
response "$schema" '' "$(assertion '' "$(signature _assertion $exclusive $rsa $sha256 'xs saml')")" | sign idp "$ofAssertion" >assertion-exclusive.xml
response '' '' "$(assertion "$own" "$(signature _assertion $inclusive $rsa $sha256)")" | sign idp "$ofAssertion" >assertion-inclusive.xml
response "$schema xmlns=\"urn:example:default\"" '' "$(assertion ' xmlns=""' "$(signature _assertion $exclusive $rsa $sha256)" '<saml:AuthnContextDecl><in-no-namespace/></saml:AuthnContextDecl>')" |
	sign idp "$ofAssertion" >assertion-undeclared.xml
response "$schema xmlns=\"urn:example:default\"" "$(signature _response $inclusive $more#rsa-sha512 $sha512)" "$plain" | sign idp "$ofResponse" >response-inclusive.xml
response "$schema" "$(signature _response $exclusive $more#ecdsa-sha256 $sha256)" "$plain" | sign ec "$ofResponse" >response-ecdsa.xml
response "$schema" "$(signature _response $exclusive $rsa $sha256)" "$(assertion '' "$(signature _assertion $exclusive $rsa $sha256 xs)")" |
	sign idp "$ofAssertion" | sign idp "$ofResponse" >both.xml

# encrypt BULK SESSION_KEY: encrypts the assertion of what is on standard input.
encrypt() {
	cat >"$work/in.xml"
	cat >"$work/template.xml" <<XML
<xenc:EncryptedData xmlns:xenc="http://www.w3.org/2001/04/xmlenc#" Type="http://www.w3.org/2001/04/xmlenc#Element"><xenc:EncryptionMethod Algorithm="$1"/><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><xenc:EncryptedKey><xenc:EncryptionMethod Algorithm="http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p"/><xenc:CipherData><xenc:CipherValue/></xenc:CipherData></xenc:EncryptedKey></ds:KeyInfo><xenc:CipherData><xenc:CipherValue/></xenc:CipherData></xenc:EncryptedData>
XML
	xmlsec1 --encrypt --pubkey-pem "$keys/decrypt.pub.pem" --session-key "$2" --xml-data "$work/in.xml" --node-xpath '//*[local-name()="Assertion"]' "$work/template.xml"
}
hidden() { echo "<saml:EncryptedAssertion>$1</saml:EncryptedAssertion>"; }

response '' '' "$(hidden "$(assertion "$own" "$(signature _assertion $exclusive $rsa $sha256)")")" |
	sign idp "$ofEncrypted" | encrypt http://www.w3.org/2001/04/xmlenc#aes256-cbc aes-256 >encrypted-cbc.xml
response '' "$(signature _response $exclusive $rsa $sha256)" "$(hidden "$(assertion "$own" '')")" |
	encrypt http://www.w3.org/2009/xmlenc11#aes128-gcm aes-128 | sign idp "$ofResponse" >encrypted-gcm.xml
