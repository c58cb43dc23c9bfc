package saml

import (
	"strings"
	"testing"

	"github.com/beevik/etree"
)

// wrapping makes the eight signature wrapping attacks of the literature (Somorovsky
// and others, "On Breaking SAML: Be Whoever You Want to Be", and their numbers in
// SAML Raider) from a response that is validly signed: its first two from a signed
// Response, the others from a signed Assertion. The forged part says that the
// subject is root, and has the ID given, or the original's if that is "".
type wrapping struct {
	name   string
	what   int // what of the original is signed
	forged func(t testing.TB, original *etree.Element, id string) *etree.Element
}

// forge returns an unsigned copy that says something else.
func forge(t testing.TB, el *etree.Element, id string) *etree.Element {
	t.Helper()
	forged := parse(t, strings.NewReplacer("diego", "root").Replace(write(t, detached(el))))
	if s := signatureIn(forged); s != nil {
		forged.RemoveChild(s)
	}
	if id != "" {
		forged.CreateAttr("ID", id)
		for _, a := range all(forged, nsAssertion, "Assertion") {
			a.CreateAttr("ID", id+"-assertion")
		}
	}
	return forged
}

func signatureIn(el *etree.Element) *etree.Element {
	if found := all(el, nsSignature, "Signature"); len(found) > 0 {
		return found[0]
	}
	return nil
}

// withoutSignature returns an element that stands alone, and its signature.
func withoutSignature(el *etree.Element) (alone, signature *etree.Element) {
	alone = detached(el)
	signature = signatureIn(alone)
	alone.RemoveChild(signature)
	return alone, signature
}

func insertSignature(el, signature *etree.Element) {
	el.InsertChildAt(el.ChildElements()[0].Index()+1, signature)
}

func assertionIn(t testing.TB, response *etree.Element) *etree.Element {
	t.Helper()
	el, err := one(response, nsAssertion, "Assertion")
	if err != nil {
		t.Fatal(err)
	}
	return el
}

var wrappings = []wrapping{
	{"XSW1", signResponse, func(t testing.TB, original *etree.Element, id string) *etree.Element {
		evil := forge(t, original, id)
		inner, signature := withoutSignature(original)
		signature.AddChild(inner) // the original inside its own signature
		insertSignature(evil, signature)
		return evil
	}},
	{"XSW2", signResponse, func(t testing.TB, original *etree.Element, id string) *etree.Element {
		evil := forge(t, original, id)
		inner, signature := withoutSignature(original)
		insertSignature(evil, signature) // detached, behind the original
		evil.InsertChildAt(signature.Index(), inner)
		return evil
	}},
	{"XSW3", signAssertion, func(t testing.TB, original *etree.Element, id string) *etree.Element {
		assertion := assertionIn(t, original)
		original.InsertChildAt(assertion.Index(), forge(t, assertion, id)) // before the original
		return original
	}},
	{"XSW4", signAssertion, func(t testing.TB, original *etree.Element, id string) *etree.Element {
		assertion := assertionIn(t, original)
		evil := forge(t, assertion, id)
		original.InsertChildAt(assertion.Index(), evil)
		evil.AddChild(assertion) // around the original
		return original
	}},
	{"XSW5", signAssertion, func(t testing.TB, original *etree.Element, id string) *etree.Element {
		assertion := assertionIn(t, original)
		evil := forge(t, assertion, id)
		alone, signature := withoutSignature(assertion)
		insertSignature(evil, signature)
		original.InsertChildAt(assertion.Index(), evil)
		original.RemoveChild(assertion)
		original.AddChild(alone) // the original at the end
		return original
	}},
	{"XSW6", signAssertion, func(t testing.TB, original *etree.Element, id string) *etree.Element {
		assertion := assertionIn(t, original)
		evil := forge(t, assertion, id)
		alone, signature := withoutSignature(assertion)
		signature.AddChild(alone) // the original inside the signature
		insertSignature(evil, signature)
		original.InsertChildAt(assertion.Index(), evil)
		original.RemoveChild(assertion)
		return original
	}},
	{"XSW7", signAssertion, func(t testing.TB, original *etree.Element, id string) *etree.Element {
		assertion := assertionIn(t, original)
		extensions := parse(t, `<samlp:Extensions xmlns:samlp="`+nsProtocol+`"/>`)
		extensions.AddChild(forge(t, assertion, id))
		original.InsertChildAt(assertion.Index(), extensions)
		return original
	}},
	{"XSW8", signAssertion, func(t testing.TB, original *etree.Element, id string) *etree.Element {
		assertion := assertionIn(t, original)
		evil := forge(t, assertion, id)
		alone, signature := withoutSignature(assertion)
		object := parse(t, `<ds:Object xmlns:ds="`+nsSignature+`"/>`)
		object.AddChild(alone)
		signature.AddChild(object)
		insertSignature(evil, signature)
		original.InsertChildAt(assertion.Index(), evil)
		original.RemoveChild(assertion)
		return original
	}},
}

// wrapped returns the attacks by name.
func wrapped(t testing.TB) map[string]string {
	t.Helper()
	documents := make(map[string]string)
	for _, w := range wrappings {
		for suffix, id := range map[string]string{"": "_evil", "-same-id": ""} {
			original := parse(t, newParts().signed(t, w.what, signing{by: keyOf(t, "idp")}))
			documents[w.name+suffix] = write(t, w.forged(t, original, id))
		}
	}
	return documents
}
