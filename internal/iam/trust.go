package iam

import (
	"github.com/go-json-experiment/json/jsontext"

	"sallyport/policy"
)

// PrincipalAWS is the type of principals of accounts, as trust policies spell
// it.
const PrincipalAWS = "AWS"

// PrincipalFederated is the type of principals that are identity providers.
const PrincipalFederated = "Federated"

// TrustDocument is the role's trust policy as it is decided on: users, roles
// and sessions are named by the unique ids they had when it was written, so
// that one made anew under an old name is not trusted.
func (r *Role) TrustDocument() string {
	if len(r.TrustPins) == 0 {
		return r.Trust
	}
	return RenamePrincipals(r.Trust, r.TrustPins)
}

// EachPrincipal visits every value of the Principal elements, with its type.
func EachPrincipal(doc *policy.Document, visit func(kind string, p policy.Item)) {
	for i := range doc.Statements {
		element := doc.Statements[i].Principal
		if element == nil {
			continue
		}
		for _, entry := range element.Entries {
			for _, item := range entry.List.Items {
				visit(entry.Type, item)
			}
		}
	}
}

// RenamePrincipals returns the document with other names for its principals of
// type AWS, everything else as it is, to the last blank. A document that is no
// policy comes back unchanged; none is stored.
func RenamePrincipals(document string, names map[string]string) string {
	doc, err := policy.Parse([]byte(document))
	if err != nil {
		return document
	}
	var out []byte
	done := 0
	EachPrincipal(doc, func(kind string, p policy.Item) {
		name, ok := names[p.Text]
		if !ok || kind != PrincipalAWS {
			return
		}
		quoted, err := jsontext.AppendQuote(nil, name)
		if err != nil {
			return
		}
		begin := p.Position.Offset
		out = append(append(out, document[done:begin]...), quoted...)
		done = begin + literalLength(document[begin:])
	})
	return string(append(out, document[done:]...))
}

// literalLength is the length of the JSON string that text begins with, with
// its quotation marks.
func literalLength(text string) int {
	for i := 1; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(text)
}
