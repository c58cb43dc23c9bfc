package validate

import (
	"bytes"
	"errors"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// treeDepth is how deep values are looked into. The grammar ends at six; what
// is deeper is skipped and is of the wrong type already where it is.
const treeDepth = 8

// A node is a JSON value with its place in the source. policy.Parse stops at
// the first fault; findings are about every one, so they are looked for in this
// tree, which is of any shape.
type node struct {
	kind       jsontext.Kind
	text       string // of a string, decoded; of any other scalar, its JSON text
	start, end int    // bytes of the source

	parent *node
	name   string // of a member
	index  int    // of an item
	// keyStart and keyEnd are the name's place; keyEnd is 0 for anything but a
	// member.
	keyStart, keyEnd int

	children []*node // members or items
}

func (n *node) isObject() bool { return n != nil && n.kind == jsontext.KindBeginObject }
func (n *node) isArray() bool  { return n != nil && n.kind == jsontext.KindBeginArray }
func (n *node) isString() bool { return n != nil && n.kind == jsontext.KindString }
func (n *node) isBool() bool {
	return n != nil && (n.kind == jsontext.KindTrue || n.kind == jsontext.KindFalse)
}

// member returns the member of a name; nil without.
func (n *node) member(name string) *node {
	if n.isObject() {
		for _, c := range n.children {
			if c.name == name {
				return c
			}
		}
	}
	return nil
}

// values returns the items of a list, or the value itself.
func (n *node) values() []*node {
	switch {
	case n == nil:
		return nil
	case n.isArray():
		return n.children
	}
	return []*node{n}
}

// A jsonFault is where and why text is not JSON.
type jsonFault struct {
	offset int
	msg    string
}

// A treeReader reads the nodes of one document.
type treeReader struct {
	src []byte
	dec *jsontext.Decoder
}

// readTree reads the whole source.
func readTree(src []byte) (*node, *jsonFault) {
	r := &treeReader{src: src, dec: jsontext.NewDecoder(bytes.NewBuffer(src))}
	root, err := r.value(nil, 0)
	if err != nil {
		return nil, r.fault(err)
	}
	end := int(r.dec.InputOffset())
	if rest := bytes.TrimLeft(src[end:], " \t\r\n"); len(rest) > 0 {
		return nil, &jsonFault{len(src) - len(rest), "text after the document"}
	}
	return root, nil
}

func (r *treeReader) fault(err error) *jsonFault {
	f := &jsonFault{int(r.dec.InputOffset()), "not JSON"}
	var syntactic *jsontext.SyntacticError
	if errors.As(err, &syntactic) {
		f.offset = int(syntactic.ByteOffset)
		if syntactic.Err != nil {
			f.msg = syntactic.Err.Error()
		}
	}
	f.offset = min(f.offset, len(r.src))
	return f
}

// next returns where the next token starts.
func (r *treeReader) next() int {
	offset := int(r.dec.InputOffset())
	for offset < len(r.src) && bytes.IndexByte([]byte(" \t\r\n,:"), r.src[offset]) >= 0 {
		offset++
	}
	return offset
}

func (r *treeReader) value(parent *node, depth int) (*node, error) {
	n := &node{kind: r.dec.PeekKind(), start: r.next(), parent: parent}
	container := n.kind == jsontext.KindBeginObject || n.kind == jsontext.KindBeginArray
	if container && depth >= treeDepth {
		err := r.dec.SkipValue()
		n.end = int(r.dec.InputOffset())
		return n, err
	}
	token, err := r.dec.ReadToken()
	if err != nil {
		return nil, err
	}
	if !container {
		n.text, n.end = token.String(), int(r.dec.InputOffset())
		return n, nil
	}
	for r.dec.PeekKind() != jsontext.KindEndObject && r.dec.PeekKind() != jsontext.KindEndArray {
		child, err := r.child(n, depth)
		if err != nil {
			return nil, err
		}
		child.index = len(n.children)
		n.children = append(n.children, child)
	}
	_, err = r.dec.ReadToken()
	n.end = int(r.dec.InputOffset())
	return n, err
}

// child reads a member with its name, or an item.
func (r *treeReader) child(n *node, depth int) (*node, error) {
	if !n.isObject() {
		return r.value(n, depth+1)
	}
	keyStart := r.next()
	key, err := r.dec.ReadToken()
	if err != nil {
		return nil, err
	}
	name, keyEnd := key.String(), int(r.dec.InputOffset())
	child, err := r.value(n, depth+1)
	if err != nil {
		return nil, err
	}
	child.name, child.keyStart, child.keyEnd = name, keyStart, keyEnd
	return child, nil
}

// shortName is the name of a member in a path: names that no policy has are cut.
func (n *node) shortName() *string {
	if len(n.name) <= 1024 {
		return &n.name
	}
	name := strings.ToValidUTF8(n.name[:1024], "") + "…"
	return &name
}

// path returns the steps from the document to the node.
func (n *node) path() []PathElement {
	var up []*node
	for ; n.parent != nil; n = n.parent {
		up = append(up, n)
	}
	path := make([]PathElement, len(up))
	for i, step := range up {
		e := &path[len(up)-1-i]
		if step.keyEnd > 0 {
			e.Value = step.shortName()
		} else {
			e.Index = &step.index
		}
	}
	return path
}

// placeAll fills in lines and columns, in one pass over the source for all
// positions together, which must be sorted by offset.
func placeAll(src []byte, positions []*Position) {
	line, column, offset := 1, 0, 0
	for _, p := range positions {
		for offset < p.Offset && offset < len(src) {
			if src[offset] == '\n' {
				line, column = line+1, 0
				offset++
				continue
			}
			_, size := utf8.DecodeRune(src[offset:])
			column++
			offset += size
		}
		p.Line, p.Column = line, column
	}
}
