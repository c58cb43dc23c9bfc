package saml

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/beevik/etree"
)

// Namespaces of XML itself (Namespaces in XML 1.0, section 3).
const (
	nsXML   = "http://www.w3.org/XML/1998/namespace"
	nsXMLNS = "http://www.w3.org/2000/xmlns/"
)

// limits bound what is read of a document.
type limits struct {
	bytes      int
	depth      int
	elements   int
	attributes int // of one element, declarations of namespaces included
	namespaces int // declared in one place
	// namespaceLength bounds what canonical forms repeat on every element.
	namespaceLength int
	comments        bool
}

// read parses a document strictly: one root element in UTF-8, no document type,
// no entities but XML's own, no processing instructions, every name in a declared
// namespace, no attribute twice. Comments are refused, or dropped if the limits
// allow them, so that no reader stops at one.
func read(document []byte, l limits) (*etree.Element, error) {
	if len(document) > l.bytes {
		return nil, fmt.Errorf("the document is longer than %d bytes", l.bytes)
	}
	r := &reader{limits: l, decoder: xml.NewDecoder(bytes.NewReader(document))}
	r.decoder.Entity = nil
	for {
		start := r.decoder.InputOffset()
		token, err := r.decoder.RawToken()
		if errors.Is(err, io.EOF) {
			break
		}
		if err == nil {
			err = r.take(token, start)
		}
		if err != nil {
			return nil, fmt.Errorf("at byte %d: %w", start, err)
		}
	}
	if r.root == nil || r.at != nil {
		return nil, errors.New("the document ends before its root element does")
	}
	return r.root, nil
}

// reader builds the tree of a document.
type reader struct {
	limits
	decoder  *xml.Decoder
	root, at *etree.Element
	open     []int // how many bindings there were outside each open element
	bindings []binding
	count    int
}

// binding is a prefix, empty for the default one, and its namespace.
type binding struct{ prefix, uri string }

func (r *reader) take(token xml.Token, start int64) error {
	switch t := token.(type) {
	case xml.StartElement:
		return r.begin(t)
	case xml.EndElement:
		return r.end(t)
	case xml.CharData:
		if r.at != nil {
			r.at.CreateText(string(t))
		} else if len(bytes.TrimSpace(t)) > 0 {
			return errors.New("there is text outside the root element")
		}
		return nil
	case xml.Comment:
		if !r.comments {
			return errors.New("comments are not allowed")
		}
		return nil
	case xml.ProcInst:
		if t.Target == "xml" && start == 0 {
			return nil // the decoder refuses versions and encodings but 1.0 and UTF-8
		}
		return errors.New("processing instructions are not allowed")
	default:
		return errors.New("document types and entities are not allowed")
	}
}

func (r *reader) begin(t xml.StartElement) error {
	r.count++
	switch {
	case r.at == nil && r.root != nil:
		return errors.New("there is a second root element")
	case r.count > r.elements:
		return fmt.Errorf("there are more than %d elements", r.elements)
	case len(r.open) >= r.depth:
		return fmt.Errorf("elements are nested more than %d deep", r.depth)
	case len(t.Attr) > r.attributes:
		return fmt.Errorf("an element has more than %d attributes", r.attributes)
	}
	r.open = append(r.open, len(r.bindings))
	el := &etree.Element{Space: t.Name.Space, Tag: t.Name.Local}
	for _, a := range t.Attr {
		keep, err := r.declare(a)
		if err != nil {
			return err
		}
		if keep {
			el.Attr = append(el.Attr, etree.Attr{Space: a.Name.Space, Key: a.Name.Local, Value: a.Value})
		}
	}
	if err := r.names(t); err != nil {
		return err
	}
	if r.at == nil {
		r.root = el
	} else {
		r.at.AddChild(el)
	}
	r.at = el
	return nil
}

// declare takes the declaration of a namespace, if the attribute is one, and
// reports whether to keep the attribute. Those of xml's namespace, and of none
// where there is no default, say nothing, and canonical forms leave them out.
func (r *reader) declare(a xml.Attr) (keep bool, err error) {
	b := binding{uri: a.Value}
	switch {
	case a.Name.Space == "xmlns":
		b.prefix = a.Name.Local
	case a.Name.Space != "" || a.Name.Local != "xmlns":
		return true, nil
	}
	switch {
	case b.prefix == "xmlns" || b.uri == nsXMLNS || (b.prefix == "xml") != (b.uri == nsXML):
		return false, errors.New("a reserved namespace is declared")
	case b.prefix != "" && b.uri == "":
		return false, errors.New("a prefix is declared without a namespace")
	}
	outer, _ := r.namespace(b.prefix)
	for _, own := range r.bindings[r.open[len(r.open)-1]:] {
		if own.prefix == b.prefix {
			return false, errors.New("a namespace is declared twice")
		}
	}
	if len(r.bindings) >= r.namespaces || len(b.uri) > r.namespaceLength {
		return false, fmt.Errorf("more than %d namespaces are declared, or one of more than %d bytes", r.namespaces, r.namespaceLength)
	}
	r.bindings = append(r.bindings, b)
	return b.prefix != "xml" && (b.uri != "" || outer != ""), nil
}

// namespace returns what a prefix is bound to in the open element.
func (r *reader) namespace(prefix string) (string, bool) {
	for i := len(r.bindings) - 1; i >= 0; i-- {
		if r.bindings[i].prefix == prefix {
			return r.bindings[i].uri, true
		}
	}
	if prefix == "xml" {
		return nsXML, true
	}
	return "", prefix == ""
}

// names checks the names of an element and its attributes (Namespaces in XML 1.0,
// sections 5 and 6.3).
func (r *reader) names(t xml.StartElement) error {
	if _, ok := r.namespace(t.Name.Space); !ok || strings.Contains(t.Name.Local, ":") {
		return errors.New("an element is in no declared namespace")
	}
	seen := make(map[xml.Name]bool, len(t.Attr))
	for _, a := range t.Attr {
		name := a.Name
		if name.Space == "xmlns" || name == (xml.Name{Local: "xmlns"}) {
			continue
		}
		if name.Space != "" { // the default namespace is not that of attributes
			uri, ok := r.namespace(name.Space)
			if !ok {
				return errors.New("an attribute is in no declared namespace")
			}
			name.Space = uri
		}
		if strings.Contains(name.Local, ":") || seen[name] {
			return errors.New("an attribute is there twice, or its name is malformed")
		}
		seen[name] = true
	}
	return nil
}

func (r *reader) end(t xml.EndElement) error {
	if r.at == nil || r.at.Space != t.Name.Space || r.at.Tag != t.Name.Local {
		return errors.New("an element ends that did not begin")
	}
	last := len(r.open) - 1
	r.bindings, r.open = r.bindings[:r.open[last]], r.open[:last]
	r.at = r.at.Parent()
	return nil
}

// is reports whether an element has the name.
func is(el *etree.Element, namespace, name string) bool {
	return el.Tag == name && el.NamespaceURI() == namespace
}

// all returns the children of the name.
func all(el *etree.Element, namespace, name string) []*etree.Element {
	var found []*etree.Element
	for child := range el.ChildElementsSeq() {
		if is(child, namespace, name) {
			found = append(found, child)
		}
	}
	return found
}

// optional returns the only child of the name, or nil.
func optional(el *etree.Element, namespace, name string) (*etree.Element, error) {
	found := all(el, namespace, name)
	switch len(found) {
	case 0:
		return nil, nil
	case 1:
		return found[0], nil
	}
	return nil, fmt.Errorf("%s has more than one %s", el.Tag, name)
}

// one returns the only child of the name.
func one(el *etree.Element, namespace, name string) (*etree.Element, error) {
	found, err := optional(el, namespace, name)
	if err == nil && found == nil {
		err = fmt.Errorf("%s has no %s", el.Tag, name)
	}
	return found, err
}

// attribute returns the value of an attribute that is in no namespace.
func attribute(el *etree.Element, name string) (string, bool) {
	for i := range el.Attr {
		if el.Attr[i].Space == "" && el.Attr[i].Key == name {
			return el.Attr[i].Value, true
		}
	}
	return "", false
}

// text returns the whole text of an element that holds nothing else.
func text(el *etree.Element) (string, error) {
	var b strings.Builder
	for _, child := range el.Child {
		data, ok := child.(*etree.CharData)
		if !ok {
			return "", fmt.Errorf("%s holds more than text", el.Tag)
		}
		b.WriteString(data.Data)
	}
	return b.String(), nil
}

// instant returns the time of an attribute, or nil if there is none. SAML's times
// are in UTC (SAML Core 2.0, section 1.3.3); other zones are understood.
func instant(el *etree.Element, name string) (*time.Time, error) {
	value, ok := attribute(el, name)
	if !ok {
		return nil, nil
	}
	t, err := time.Parse(time.RFC3339Nano, value)
	if err != nil {
		return nil, fmt.Errorf("%s of %s is not a time", name, el.Tag)
	}
	t = t.UTC()
	return &t, nil
}

// boolean returns the value of an attribute of XML Schema's boolean; absent is
// false.
func boolean(el *etree.Element, name string) (bool, error) {
	switch value, _ := attribute(el, name); value {
	case "", "false", "0":
		return false, nil
	case "true", "1":
		return true, nil
	}
	return false, fmt.Errorf("%s of %s is neither true nor false", name, el.Tag)
}
