package saml

import (
	"bytes"
	"encoding/base64"
	"errors"

	"github.com/beevik/etree"
)

// Claimed are the roles and providers that a response names, before anything is
// verified: a stranger may have written them. They are good for one thing, to find
// the provider whose metadata Verify is to be asked with; what the response then
// gives, Verify's assertion says. An encrypted assertion claims nothing that
// could be read, and is an error. Errors are *Error.
func Claimed(response []byte) ([]RolePair, error) {
	root, refusal := decode(response)
	if refusal != nil {
		return nil, refusal
	}
	if len(all(root, nsAssertion, "EncryptedAssertion")) > 0 {
		return nil, invalid(messageOwnURL, nil)
	}
	var claimed []RolePair
	for _, assertion := range all(root, nsAssertion, "Assertion") {
		attributes, err := readAttributes(assertion)
		if err != nil {
			return nil, malformed(messageMalformed, err)
		}
		for _, a := range attributes {
			if a.Name != awsAttributes+"Role" {
				continue
			}
			for _, value := range a.Values {
				if pair, ok := rolePair(value); ok {
					claimed = append(claimed, pair)
				}
			}
		}
	}
	return claimed, nil
}

// decode reads a response in base64, which may be folded into lines.
func decode(encoded []byte) (*etree.Element, *Error) {
	if len(encoded) > MaxResponse {
		return nil, malformed(messageMalformed, errors.New("it is too long"))
	}
	compact := bytes.Join(bytes.Fields(encoded), nil)
	document := make([]byte, base64.StdEncoding.DecodedLen(len(compact)))
	n, err := base64.StdEncoding.Strict().Decode(document, compact)
	if err != nil || n == 0 {
		return nil, malformed(messageBase64, nil)
	}
	root, err := read(document[:n], responseLimits)
	if err != nil {
		return nil, malformed(messageMalformed, err)
	}
	if !is(root, nsProtocol, "Response") {
		return nil, malformed(messageMalformed, errors.New("the root element is no Response"))
	}
	return root, nil
}
