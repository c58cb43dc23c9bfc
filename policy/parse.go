package policy

import (
	"bytes"
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// Limits of a document.
const (
	// MaxDocumentBytes is twice what IAM's operations take, since AWS's largest
	// managed policy is beyond that: AWSSupportServiceRolePolicy has 139,749
	// bytes without white space. Package validate and the quotas of the
	// operations that store policies are stricter.
	MaxDocumentBytes = 262144
	// maxDepth is the nesting of the deepest value of the grammar: document,
	// statement list, statement, condition, operator, value list.
	maxDepth = 6
)

// A SyntaxError says where and why text is not a policy document.
type SyntaxError struct {
	Line   int    // from 1
	Column int    // in characters, from 1
	Offset int    // in bytes, from 0
	Path   string // JSON pointer (RFC 6901) of the value
	Msg    string
	// JSON is set when the text is not even JSON.
	JSON bool
}

// Error implements error.
func (e *SyntaxError) Error() string {
	at := fmt.Sprintf("policy: line %d, column %d: ", e.Line, e.Column)
	if e.Path != "" {
		at += e.Path + ": "
	}
	return at + e.Msg
}

// Parse reads a policy document: one JSON object of at most MaxDocumentBytes
// bytes in UTF-8. Errors are of type *SyntaxError. Names of elements are
// case-sensitive; a member given twice, an unknown member and data after the
// object are errors.
func Parse(src []byte) (*Document, error) {
	p := &parser{src: src, place: Position{Line: 1, Column: 1}}
	if len(src) > MaxDocumentBytes {
		return nil, p.fail(0, fmt.Sprintf("longer than %d bytes", MaxDocumentBytes))
	}
	p.dec = jsontext.NewDecoder(bytes.NewBuffer(src))
	doc, err := p.document()
	if err != nil {
		var syntax *SyntaxError
		if !errors.As(err, &syntax) {
			syntax = p.jsonError(err)
		}
		return nil, syntax
	}
	return doc, nil
}

// A parser reads the tokens of one document.
type parser struct {
	src   []byte
	dec   *jsontext.Decoder
	place Position // of the last position asked for, which only moves forward
}

// next returns the position of the next token without reading it.
func (p *parser) next() Position {
	offset := int(p.dec.InputOffset())
	for offset < len(p.src) {
		switch p.src[offset] {
		case ' ', '\t', '\r', '\n', ',', ':':
			offset++
			continue
		}
		break
	}
	return p.position(offset)
}

// position returns line and column of an offset.
func (p *parser) position(offset int) Position {
	if offset < p.place.Offset {
		p.place = Position{Line: 1, Column: 1}
	}
	for p.place.Offset < offset && p.place.Offset < len(p.src) {
		if p.src[p.place.Offset] == '\n' {
			p.place.Line++
			p.place.Column = 1
			p.place.Offset++
			continue
		}
		_, size := utf8.DecodeRune(p.src[p.place.Offset:])
		p.place.Column++
		p.place.Offset += size
	}
	return p.place
}

func (p *parser) fail(offset int, msg string) *SyntaxError {
	at := p.position(offset)
	e := &SyntaxError{Line: at.Line, Column: at.Column, Offset: at.Offset, Msg: msg}
	if p.dec != nil {
		e.Path = string(p.dec.StackPointer())
	}
	return e
}

// jsonError turns an error of the JSON decoder into a SyntaxError.
func (p *parser) jsonError(err error) *SyntaxError {
	offset, msg := int(p.dec.InputOffset()), "invalid JSON"
	var syntactic *jsontext.SyntacticError
	if errors.As(err, &syntactic) {
		offset = int(syntactic.ByteOffset)
		if syntactic.Err != nil {
			msg = syntactic.Err.Error()
		}
	}
	e := p.fail(min(offset, len(p.src)), msg)
	e.JSON = !errors.Is(err, jsontext.ErrDuplicateName)
	return e
}

// token reads a token of the wanted kind. Every open object or list lies within
// the grammar, so nesting can't exceed maxDepth.
func (p *parser) token(want jsontext.Kind, what string) (jsontext.Token, error) {
	at := p.next()
	if kind := p.dec.PeekKind(); kind != want && kind != jsontext.KindInvalid {
		return jsontext.Token{}, p.fail(at.Offset, "expected "+what)
	}
	if p.dec.StackDepth() > maxDepth {
		return jsontext.Token{}, p.fail(at.Offset, "nested too deeply")
	}
	return p.dec.ReadToken()
}

// object reads an object, calling member with each name and its position.
func (p *parser) object(what string, member func(name string, at Position) error) error {
	if _, err := p.token(jsontext.KindBeginObject, what); err != nil {
		return err
	}
	for p.dec.PeekKind() == jsontext.KindString {
		at := p.next()
		token, err := p.dec.ReadToken()
		if err != nil {
			return err
		}
		if err := member(token.String(), at); err != nil {
			return err
		}
	}
	_, err := p.dec.ReadToken()
	return err
}

// text reads a string.
func (p *parser) text() (string, error) {
	token, err := p.token(jsontext.KindString, "a string")
	if err != nil {
		return "", err
	}
	return token.String(), nil
}

// nonEmptyText reads a string of at least one byte.
func (p *parser) nonEmptyText() (string, error) {
	at := p.next()
	s, err := p.text()
	if err == nil && s == "" {
		return "", p.fail(at.Offset, "empty string")
	}
	return s, err
}

// list reads a string or a list of strings; with scalars, numbers and Booleans
// too.
func (p *parser) list(scalars bool) (*List, error) {
	l := &List{Position: p.next()}
	if p.dec.PeekKind() != jsontext.KindBeginArray {
		item, err := p.item(scalars)
		if err != nil {
			return nil, err
		}
		l.Single, l.Items = true, []Item{item}
		return l, nil
	}
	if _, err := p.token(jsontext.KindBeginArray, "a list"); err != nil {
		return nil, err
	}
	for {
		switch p.dec.PeekKind() {
		case jsontext.KindEndArray, jsontext.KindInvalid:
			_, err := p.dec.ReadToken()
			return l, err
		}
		item, err := p.item(scalars)
		if err != nil {
			return nil, err
		}
		l.Items = append(l.Items, item)
	}
}

func (p *parser) item(scalars bool) (Item, error) {
	item := Item{Position: p.next()}
	what := "a string"
	if scalars {
		what = "a string, a number or a Boolean"
		switch p.dec.PeekKind() {
		case jsontext.KindNumber:
			item.Kind = NumberItem
		case jsontext.KindTrue, jsontext.KindFalse:
			item.Kind = BoolItem
		}
	}
	if item.Kind != StringItem {
		token, err := p.dec.ReadToken()
		if err != nil {
			return item, err
		}
		item.Text = token.String()
		return item, nil
	}
	token, err := p.token(jsontext.KindString, what)
	if err != nil {
		return item, err
	}
	item.Text = token.String()
	return item, nil
}

// atEnd reports an error for anything but white space after the document.
func (p *parser) atEnd() error {
	end := int(p.dec.InputOffset())
	rest := bytes.TrimLeft(p.src[end:], " \t\r\n")
	if len(rest) > 0 {
		e := p.fail(len(p.src)-len(rest), "data after the document")
		e.JSON = true
		return e
	}
	return nil
}
