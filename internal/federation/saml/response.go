package saml

import (
	"crypto"
	"crypto/rsa"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/beevik/etree"
)

const (
	nsProtocol  = "urn:oasis:names:tc:SAML:2.0:protocol"
	nsAssertion = "urn:oasis:names:tc:SAML:2.0:assertion"

	statusSuccess = "urn:oasis:names:tc:SAML:2.0:status:Success"
)

// MaxResponse is the greatest length of a response in base64, in characters (AWS STS API
// Reference, AssumeRoleWithSAML).
const MaxResponse = 100_000

// responseLimits are for a response, and for what was signed of one, which
// canonical form makes longer.
var responseLimits = limits{
	bytes: 8 << 20, depth: 32, elements: 4000, attributes: 32, namespaces: 64, namespaceLength: 512,
}

// Values of Rules.Encryption (IAM API Reference, CreateSAMLProvider).
const (
	EncryptionRequired = "Required"
	EncryptionAllowed  = "Allowed"
)

// Rules are what a service provider asks of a response.
type Rules struct {
	// Audiences are the service's names: the assertion must be restricted to one
	// of them. A fragment behind the assertion's own does not count: identity
	// providers that know one service several times number it so.
	Audiences []string
	// Recipients are the URLs that assertions are sent to: the one that the
	// assertion is for, and that the response is sent to if it says, must be among
	// them.
	Recipients []string
	// InResponseTo, if set, is the ID of the request that must have been answered.
	// Without it any will do, or none: whoever calls AssumeRoleWithSAML may have
	// made the request themselves.
	InResponseTo string
	// Unsolicited refuses a response that answers a request at all, for who makes
	// none (SAML Profiles 2.0, section 4.1.5).
	Unsolicited bool
	// Encryption is EncryptionRequired to refuse assertions that are not encrypted;
	// EncryptionAllowed or nothing to take both.
	Encryption string
	// Keys decrypt assertions.
	Keys []*rsa.PrivateKey
	// Skew is how far the provider's clock may be off.
	Skew time.Duration
}

// Verify checks a response in base64 (SAML Profiles 2.0, section 4.1.4) of the
// provider that the metadata describes, and returns its assertion. The response,
// the assertion or both must be signed with a key of the metadata; every signature
// that is there counts. Errors are *Error.
//
// Whether the assertion was used before is the caller's to know, by its Issuer and
// ID, until it Expires. Like AWS, Verify does not look at when the metadata or
// its certificates end to be valid (IAM User Guide,
// id_roles_providers_create_saml.html); who wants to, can.
func Verify(response []byte, m *Metadata, now time.Time, rules Rules) (*Assertion, error) {
	v := &verifier{metadata: m, now: now, rules: rules, ids: make(map[string]bool)}
	for _, c := range m.SigningCertificates {
		if checkKey(c.PublicKey) == nil {
			v.keys = append(v.keys, c.PublicKey)
		}
	}
	a, err := v.verify(response)
	if err != nil {
		return nil, err
	}
	return a, nil
}

// verifier is one verification.
type verifier struct {
	metadata *Metadata
	keys     []crypto.PublicKey
	now      time.Time
	rules    Rules

	ids        map[string]bool
	response   *etree.Element
	assertion  *etree.Element // of the response, unless it is encrypted
	encrypted  *etree.Element
	signatures []*etree.Element
	believed   bool // the assertion was verified
}

func (v *verifier) verify(encoded []byte) (*Assertion, *Error) {
	root, refusal := decode(encoded)
	if refusal != nil {
		return nil, refusal
	}
	v.response = root
	if err := v.survey(root, nil); err != nil {
		return nil, malformed(messageMalformed, err)
	}
	top, signed, refusal := v.verifyResponse()
	if refusal != nil {
		return nil, refusal
	}
	if v.encrypted != nil {
		return v.verifyEncrypted(top, signed)
	}
	if v.rules.Encryption != "" && v.rules.Encryption != EncryptionAllowed {
		return nil, invalid(messageEncrypted, nil)
	}
	return v.verifyAssertion(top, v.assertion, signed)
}

// survey looks at every element before anything is believed, and notes where
// assertions and signatures are. A response has them in few places: elsewhere
// they would be there to be taken for others.
func (v *verifier) survey(el, parent *etree.Element) error {
	if err := v.noteIDs(el); err != nil {
		return err
	}
	switch {
	case is(el, nsProtocol, "Response") && parent != nil:
		return errors.New("there is a Response inside the Response")
	case is(el, nsAssertion, "Assertion"), is(el, nsAssertion, "EncryptedAssertion"):
		if parent != nil && (parent != v.response || v.assertion != nil || v.encrypted != nil) {
			return errors.New("there is more than one assertion, or one that is not of the Response")
		}
		if el.Tag == "Assertion" {
			v.assertion = el
		} else {
			v.encrypted = el
		}
	case is(el, nsSignature, "Signature"):
		if err := v.noteSignature(el, parent); err != nil {
			return err
		}
	}
	for child := range el.ChildElementsSeq() {
		if err := v.survey(child, el); err != nil {
			return err
		}
	}
	return nil
}

// noteIDs refuses an ID that was there before, so that a reference has one
// meaning for every reader.
func (v *verifier) noteIDs(el *etree.Element) error {
	for _, a := range el.Attr {
		if a.Space == "" && (a.Key == "ID" || a.Key == "Id" || a.Key == "id") || a.Space == "xml" && a.Key == "id" {
			if a.Value == "" || v.ids[a.Value] {
				return errors.New("an ID is empty, or there twice")
			}
			v.ids[a.Value] = true
		}
	}
	return nil
}

// noteSignature takes a signature of the response or the assertion, which is
// there once, behind nothing but the Issuer.
func (v *verifier) noteSignature(el, parent *etree.Element) error {
	if parent == nil || parent != v.response && parent != v.assertion {
		return errors.New("there is a Signature of neither the Response nor its assertion")
	}
	for sibling := range parent.ChildElementsSeq() {
		if sibling == el {
			break
		}
		if !is(sibling, nsAssertion, "Issuer") {
			return errors.New("there is a Signature in another place than behind the Issuer")
		}
	}
	v.signatures = append(v.signatures, el)
	return nil
}

// signatureOf returns an element's signature, or nil.
func (v *verifier) signatureOf(el *etree.Element) *etree.Element {
	for _, s := range v.signatures {
		if s.Parent() == el {
			return s
		}
	}
	return nil
}

// verifyResponse checks all of the response but its assertion. It returns the
// response as it may be read, and whether that was signed.
func (v *verifier) verifyResponse() (top *etree.Element, signed bool, refusal *Error) {
	top = v.response
	if err := v.checkIssuer(top, false); err != nil {
		return nil, false, err
	}
	if s := v.signatureOf(top); s != nil {
		content, err := enveloped(top, s, v.keys)
		if err != nil {
			return nil, false, invalid(messageSignature, err)
		}
		top, signed = content, true
		if err := v.checkIssuer(top, false); err != nil {
			return nil, false, err
		}
	}
	if err := checkVersion(top); err != nil {
		return nil, false, malformed(messageMalformed, err)
	}
	if err := checkStatus(top); err != nil {
		return nil, false, err
	}
	if destination, ok := attribute(top, "Destination"); ok && !slices.Contains(v.rules.Recipients, destination) {
		return nil, false, invalid(messageRecipient, errors.New("the Destination is another"))
	}
	if request, ok := attribute(top, "InResponseTo"); ok && (v.rules.Unsolicited || v.rules.InResponseTo != "" && request != v.rules.InResponseTo) {
		return nil, false, invalid(messageRequest, errors.New("InResponseTo of the Response is another"))
	}
	if v.assertion == nil && v.encrypted == nil {
		return nil, false, malformed(messageMalformed, errors.New("there is no assertion"))
	}
	return top, signed, nil
}

// checkIssuer compares the Issuer, which a Response may leave out.
func (v *verifier) checkIssuer(el *etree.Element, required bool) *Error {
	issuer, err := optional(el, nsAssertion, "Issuer")
	if err != nil {
		return malformed(messageMalformed, err)
	}
	if issuer == nil {
		if required {
			return malformed(messageMalformed, errors.New("the assertion has no Issuer"))
		}
		return nil
	}
	name, err := text(issuer)
	if err != nil {
		return malformed(messageMalformed, err)
	}
	if name == "" || name != v.metadata.EntityID {
		return malformed(messageIssuer, nil)
	}
	return nil
}

func checkVersion(el *etree.Element) error {
	if version, _ := attribute(el, "Version"); version != "2.0" {
		return fmt.Errorf("the Version of %s is not 2.0", el.Tag)
	}
	if id, _ := attribute(el, "ID"); id == "" || len(id) > maxEntityID {
		return fmt.Errorf("%s has no ID, or a long one", el.Tag)
	}
	return nil
}

func checkStatus(top *etree.Element) *Error {
	status, err := one(top, nsProtocol, "Status")
	if err != nil {
		return malformed(messageMalformed, err)
	}
	code, err := one(status, nsProtocol, "StatusCode")
	if err != nil {
		return malformed(messageMalformed, err)
	}
	if value, _ := attribute(code, "Value"); value != statusSuccess {
		return rejected(nil)
	}
	return nil
}

// verifyEncrypted decrypts the assertion of a response. What comes out may be
// anything, for whoever knows the public key can encrypt. If the response is not
// signed, all that goes wrong until the assertion's own signature is verified has
// one answer: it would tell of the content otherwise.
func (v *verifier) verifyEncrypted(top *etree.Element, signed bool) (*Assertion, *Error) {
	source := v.encrypted
	if signed {
		var err error
		if source, err = one(top, nsAssertion, "EncryptedAssertion"); err != nil {
			return nil, malformed(messageMalformed, err)
		}
	}
	a, refusal := v.decrypted(source, top, signed)
	if refusal != nil && !signed && !v.believed {
		return nil, invalid(messageSignature, errDecrypt)
	}
	return a, refusal
}

func (v *verifier) decrypted(source, top *etree.Element, signed bool) (*Assertion, *Error) {
	content, err := decrypt(source, v.rules.Keys)
	if err != nil {
		return nil, invalid(messageSignature, err)
	}
	root, err := read(content, responseLimits)
	if err != nil {
		return nil, malformed(messageMalformed, err)
	}
	if !is(root, nsAssertion, "Assertion") {
		return nil, malformed(messageMalformed, errors.New("what was encrypted is no assertion"))
	}
	if err := v.survey(root, nil); err != nil {
		return nil, malformed(messageMalformed, err)
	}
	return v.verifyAssertion(top, root, signed)
}

// verifyAssertion checks an assertion that was found in the response, and reads
// it from bytes that were verified: its own, or else those of the response.
func (v *verifier) verifyAssertion(top, found *etree.Element, signed bool) (*Assertion, *Error) {
	if err := v.checkIssuer(found, true); err != nil {
		return nil, err
	}
	content := found
	var err error
	switch s := v.signatureOf(found); {
	case s != nil:
		content, err = enveloped(found, s, v.keys)
	case !signed:
		err = errors.New("neither the Response nor its assertion is signed")
	case v.encrypted == nil:
		content, err = one(top, nsAssertion, "Assertion")
	}
	if err != nil {
		return nil, invalid(messageSignature, err)
	}
	v.believed = true
	return v.accept(top, content)
}

// accept reads an assertion that was verified and checks what it says.
func (v *verifier) accept(top, content *etree.Element) (*Assertion, *Error) {
	if err := v.checkIssuer(content, true); err != nil {
		return nil, err
	}
	a, refusal := v.readAssertion(content)
	if refusal != nil {
		return nil, refusal
	}
	a.Encrypted = v.encrypted != nil
	a.ResponseID, _ = attribute(top, "ID")
	if request, ok := attribute(top, "InResponseTo"); ok && a.InResponseTo != "" && request != a.InResponseTo {
		return nil, invalid(messageRequest, errors.New("InResponseTo of the Response and of the assertion differ"))
	}
	return a, nil
}
