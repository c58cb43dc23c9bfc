package policycase

import (
	"bytes"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"sallyport/authz"
	"sallyport/policy"
)

// places finds where the policies and grants of a case are in its text, by their
// JSON pointers.
func places(text []byte) map[string]policy.Position {
	found := map[string]policy.Position{}
	at := policy.Position{Line: 1, Column: 1}
	for d := jsontext.NewDecoder(bytes.NewReader(text)); ; {
		start := int(d.InputOffset())
		start += len(text[start:]) - len(bytes.TrimLeft(text[start:], " \t\r\n,:"))
		token, err := d.ReadToken()
		if err != nil {
			return found
		}
		pointer := string(d.StackPointer())
		if token.Kind() == jsontext.KindBeginObject && strings.HasPrefix(pointer, "/policies/") && strings.Count(pointer, "/") <= 4 {
			at = advance(text, at, start)
			found[pointer] = at
		}
	}
}

// advance moves a position on to an offset.
func advance(text []byte, at policy.Position, offset int) policy.Position {
	for at.Offset < offset {
		if text[at.Offset] == '\n' {
			at.Line, at.Column, at.Offset = at.Line+1, 1, at.Offset+1
			continue
		}
		_, size := utf8.DecodeRune(text[at.Offset:])
		at.Column, at.Offset = at.Column+1, at.Offset+size
	}
	return at
}

// pointers are the JSON pointers of the policies of a layer, with the number of
// the level and of the policy to be filled in.
var pointers = map[authz.Layer]string{
	authz.LayerSCP: "/policies/scps/LEVEL/POLICY", authz.LayerRCP: "/policies/rcps/LEVEL/POLICY",
	authz.LayerIdentity: "/policies/identity/POLICY", authz.LayerSession: "/policies/session/POLICY",
	authz.LayerBoundary: "/policies/boundary", authz.LayerResource: "/policies/resource", authz.LayerACL: "/policies/acl/POLICY",
}

func pointer(layer authz.Layer, level, number int) string {
	return strings.NewReplacer("LEVEL", strconv.Itoa(level), "POLICY", strconv.Itoa(number)).Replace(pointers[layer])
}

// within is a position inside a document that itself begins at base. A grant is
// one place: its statement was never written.
func within(base, at policy.Position) policy.Position {
	switch {
	case at.Line == 0:
		return base
	case at.Line == 1:
		at.Column += base.Column - 1
	}
	return policy.Position{Line: base.Line + at.Line - 1, Column: at.Column, Offset: base.Offset + at.Offset}
}
