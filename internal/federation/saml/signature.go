package saml

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	_ "crypto/sha256" // the hashes that signatures may use
	_ "crypto/sha512"
	"encoding/base64"
	"errors"
	"math/big"
	"slices"
	"strings"

	"github.com/beevik/etree"
	dsig "github.com/russellhaering/goxmldsig"
)

// digests are the hashes of references (RFC 9231, section 2.1; XML Encryption
// 1.1, section 5.8). SHA-1 is none of them.
var digests = map[string]crypto.Hash{
	"http://www.w3.org/2001/04/xmlenc#sha256":       crypto.SHA256,
	"http://www.w3.org/2001/04/xmldsig-more#sha384": crypto.SHA384,
	"http://www.w3.org/2001/04/xmlenc#sha512":       crypto.SHA512,
}

// method is an algorithm of signatures.
type method struct {
	hash  crypto.Hash
	ecdsa bool // RSASSA-PKCS1-v1_5 if not
}

// methods are the algorithms of signatures (RFC 9231, sections 2.3.2 and 2.3.6).
var methods = map[string]method{
	dsig.RSASHA256SignatureMethod:   {crypto.SHA256, false},
	dsig.RSASHA384SignatureMethod:   {crypto.SHA384, false},
	dsig.RSASHA512SignatureMethod:   {crypto.SHA512, false},
	dsig.ECDSASHA256SignatureMethod: {crypto.SHA256, true},
	dsig.ECDSASHA384SignatureMethod: {crypto.SHA384, true},
	dsig.ECDSASHA512SignatureMethod: {crypto.SHA512, true},
}

// transformEnveloped takes a signature out of the element that it signs.
const transformEnveloped = string(dsig.EnvelopedSignatureAltorithmId)

// nsExclusive is the namespace of the parameters of exclusive canonical XML.
const nsExclusive = "http://www.w3.org/2001/10/xml-exc-c14n#"

// maxPrefixes bounds the list of namespaces that exclusive canonical XML keeps.
const maxPrefixes = 512

// enveloped verifies the signature that an element holds, with one of the keys,
// and returns the element, without its signature, as it is read anew from the
// bytes that were verified. Nothing else of the document may be believed. The
// signature must have the form that SAML Core 2.0, section 5.4, gives it: one
// reference, to the element's own ID, with the enveloped-signature transform and
// then one of canonical XML. What it says of its key is not looked at.
func enveloped(el, signature *etree.Element, keys []crypto.PublicKey) (*etree.Element, error) {
	info, value, err := signatureParts(signature)
	if err != nil {
		return nil, err
	}
	algorithm, err := methodOf(info)
	if err != nil {
		return nil, err
	}
	// A stranger's is small, or none, before it is made canonical, which is work.
	if _, err := referenceOf(info); err != nil {
		return nil, err
	}
	canonical, err := canonicalInfo(info)
	if err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(keys, func(k crypto.PublicKey) bool { return algorithm.verify(k, canonical, value) }) {
		return nil, errors.New("the signature is of none of the provider's keys")
	}
	// From here on only what was signed says what was signed.
	if info, err = read(canonical, responseLimits); err != nil {
		return nil, err
	}
	ref, err := referenceOf(info)
	if err != nil {
		return nil, err
	}
	if id, _ := attribute(el, "ID"); id == "" || ref.uri != "#"+id {
		return nil, errors.New("the signature is of another element")
	}
	signed := detached(el)
	signed.RemoveChildAt(signature.Index())
	content, err := ref.canonical.Canonicalize(signed)
	if err != nil {
		return nil, err
	}
	if sum := hashed(ref.hash, content); !bytes.Equal(sum, ref.digest) {
		return nil, errors.New("the element is not what was signed")
	}
	return read(content, responseLimits)
}

// signatureParts takes a Signature apart: SignedInfo, SignatureValue and perhaps
// a KeyInfo, in this order (XML Signature 1.1, section 4.2).
func signatureParts(signature *etree.Element) (info *etree.Element, value []byte, err error) {
	parts := signature.ChildElements()
	if len(parts) == 3 && is(parts[2], nsSignature, "KeyInfo") {
		parts = parts[:2]
	}
	if len(parts) != 2 || !is(parts[0], nsSignature, "SignedInfo") || !is(parts[1], nsSignature, "SignatureValue") {
		return nil, nil, errors.New("a Signature has other parts than SignedInfo, SignatureValue and KeyInfo")
	}
	value, err = binary(parts[1])
	return parts[0], value, err
}

// infoParts takes a SignedInfo apart.
func infoParts(info *etree.Element) (canonicalization, method, reference *etree.Element, err error) {
	parts := info.ChildElements()
	if len(parts) != 3 || !is(parts[0], nsSignature, "CanonicalizationMethod") ||
		!is(parts[1], nsSignature, "SignatureMethod") || !is(parts[2], nsSignature, "Reference") {
		return nil, nil, nil, errors.New("a SignedInfo has not one CanonicalizationMethod, SignatureMethod and Reference")
	}
	return parts[0], parts[1], parts[2], nil
}

func methodOf(info *etree.Element) (method, error) {
	_, el, _, err := infoParts(info)
	if err != nil {
		return method{}, err
	}
	name, _ := attribute(el, "Algorithm")
	m, ok := methods[name]
	if !ok || len(el.ChildElements()) > 0 {
		return method{}, errors.New("the algorithm of a signature is not taken")
	}
	return m, nil
}

// verify reports whether a signature of a text is the key's. ECDSA's are the two
// numbers one after the other, each as long as the curve's order.
func (m method) verify(key crypto.PublicKey, signed, signature []byte) bool {
	sum := hashed(m.hash, signed)
	switch k := key.(type) {
	case *rsa.PublicKey:
		return !m.ecdsa && rsa.VerifyPKCS1v15(k, m.hash, sum, signature) == nil
	case *ecdsa.PublicKey:
		half := (k.Params().BitSize + 7) / 8
		if !m.ecdsa || len(signature) != 2*half {
			return false
		}
		r, s := new(big.Int).SetBytes(signature[:half]), new(big.Int).SetBytes(signature[half:])
		return ecdsa.Verify(k, sum, r, s)
	}
	return false
}

func hashed(h crypto.Hash, b []byte) []byte {
	sum := h.New()
	sum.Write(b)
	return sum.Sum(nil)
}

func canonicalInfo(info *etree.Element) ([]byte, error) {
	el, _, _, err := infoParts(info)
	if err != nil {
		return nil, err
	}
	c, err := canonicalizerOf(el)
	if err != nil {
		return nil, err
	}
	return c.Canonicalize(detached(info))
}

// canonicalizerOf returns the canonical form that an element asks for. Documents
// hold no comments, so that the forms with comments are those without.
func canonicalizerOf(el *etree.Element) (dsig.Canonicalizer, error) {
	name, _ := attribute(el, "Algorithm")
	children := el.ChildElements()
	switch dsig.AlgorithmID(name) {
	case dsig.CanonicalXML10ExclusiveAlgorithmId, dsig.CanonicalXML10ExclusiveWithCommentsAlgorithmId:
		if len(children) == 0 {
			return dsig.MakeC14N10ExclusiveCanonicalizerWithPrefixList(""), nil
		}
		if len(children) > 1 || !is(children[0], nsExclusive, "InclusiveNamespaces") || len(children[0].ChildElements()) > 0 {
			break
		}
		prefixes, _ := attribute(children[0], "PrefixList")
		if len(prefixes) > maxPrefixes {
			break
		}
		return dsig.MakeC14N10ExclusiveCanonicalizerWithPrefixList(prefixes), nil
	case dsig.CanonicalXML10RecAlgorithmId, dsig.CanonicalXML10WithCommentsAlgorithmId:
		if len(children) == 0 {
			return dsig.MakeC14N10RecCanonicalizer(), nil
		}
	}
	return nil, errors.New("a canonical form is not taken")
}

// reference says what a signature is of.
type reference struct {
	uri       string
	canonical dsig.Canonicalizer
	hash      crypto.Hash
	digest    []byte
}

func referenceOf(info *etree.Element) (*reference, error) {
	_, _, el, err := infoParts(info)
	if err != nil {
		return nil, err
	}
	parts := el.ChildElements()
	if len(parts) != 3 || !is(parts[0], nsSignature, "Transforms") ||
		!is(parts[1], nsSignature, "DigestMethod") || !is(parts[2], nsSignature, "DigestValue") {
		return nil, errors.New("a Reference has not Transforms, DigestMethod and DigestValue")
	}
	transforms := parts[0].ChildElements()
	if len(transforms) != 2 || !is(transforms[0], nsSignature, "Transform") || !is(transforms[1], nsSignature, "Transform") {
		return nil, errors.New("a Reference has not two Transforms")
	}
	if name, _ := attribute(transforms[0], "Algorithm"); name != transformEnveloped || len(transforms[0].ChildElements()) > 0 {
		return nil, errors.New("the first Transform is not that of an enveloped signature")
	}
	r := &reference{}
	r.uri, _ = attribute(el, "URI")
	if r.canonical, err = canonicalizerOf(transforms[1]); err != nil {
		return nil, err
	}
	name, _ := attribute(parts[1], "Algorithm")
	ok := false
	if r.hash, ok = digests[name]; !ok || len(parts[1].ChildElements()) > 0 {
		return nil, errors.New("the algorithm of a digest is not taken")
	}
	r.digest, err = binary(parts[2])
	return r, err
}

// detached returns a copy of an element that stands alone: it declares the
// namespaces that are declared around it.
func detached(el *etree.Element) *etree.Element {
	alone := el.Copy()
	for outer := el.Parent(); outer != nil; outer = outer.Parent() {
		for _, a := range outer.Attr {
			if declaration(a) && !slices.ContainsFunc(alone.Attr, func(own etree.Attr) bool { return own.Space == a.Space && own.Key == a.Key }) {
				alone.Attr = append(alone.Attr, a)
			}
		}
	}
	alone.Attr = slices.DeleteFunc(alone.Attr, func(a etree.Attr) bool { return declaration(a) && a.Value == "" })
	return alone
}

// declaration reports whether an attribute declares a namespace.
func declaration(a etree.Attr) bool { return a.Space == "xmlns" || a.Space == "" && a.Key == "xmlns" }

// binary decodes an element's base64, in which white space is allowed.
func binary(el *etree.Element) ([]byte, error) {
	encoded, err := text(el)
	if err != nil {
		return nil, err
	}
	decoded, err := base64.StdEncoding.Strict().DecodeString(strings.Join(strings.Fields(encoded), ""))
	if err != nil {
		return nil, errors.New(el.Tag + " is not in base64")
	}
	return decoded, nil
}
