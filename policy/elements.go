package policy

import (
	"fmt"

	"github.com/go-json-experiment/json/jsontext"
)

// document reads the whole document.
func (p *parser) document() (*Document, error) {
	doc := &Document{Position: p.next()}
	seen := false
	err := p.object("a JSON object", func(name string, at Position) (err error) {
		switch name {
		case "Version":
			doc.VersionPosition = p.next()
			doc.Version, err = p.nonEmptyText()
		case "Id":
			doc.ID, err = p.text()
		case "Statement":
			seen = true
			err = p.statements(doc)
		default:
			err = p.unknown(name, at)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	if !seen {
		return nil, p.fail(doc.Position.Offset, "missing element Statement")
	}
	return doc, p.atEnd()
}

func (p *parser) unknown(name string, at Position) error {
	if len(name) > 64 {
		name = name[:64] + "…"
	}
	return p.fail(at.Offset, fmt.Sprintf("unknown element %q", name))
}

// statements reads one statement or a list of them.
func (p *parser) statements(doc *Document) error {
	doc.StatementsPosition = p.next()
	if p.dec.PeekKind() != jsontext.KindBeginArray {
		doc.Single = true
		s, err := p.statement()
		doc.Statements = []Statement{s}
		return err
	}
	if _, err := p.dec.ReadToken(); err != nil {
		return err
	}
	for {
		switch p.dec.PeekKind() {
		case jsontext.KindEndArray, jsontext.KindInvalid:
			_, err := p.dec.ReadToken()
			return err
		}
		s, err := p.statement()
		if err != nil {
			return err
		}
		doc.Statements = append(doc.Statements, s)
	}
}

func (p *parser) statement() (Statement, error) {
	s := Statement{Position: p.next()}
	err := p.object("a statement", func(name string, at Position) (err error) {
		switch name {
		case "Sid":
			s.SidPosition = p.next()
			s.Sid, err = p.text()
		case "Effect":
			s.EffectPosition = p.next()
			s.Effect, err = p.nonEmptyText()
		case "Principal":
			s.Principal, err = p.principal()
		case "NotPrincipal":
			s.NotPrincipal, err = p.principal()
		case "Action":
			s.Action, err = p.list(false)
		case "NotAction":
			s.NotAction, err = p.list(false)
		case "Resource":
			s.Resource, err = p.list(false)
		case "NotResource":
			s.NotResource, err = p.list(false)
		case "Condition":
			s.Condition, err = p.condition()
		default:
			err = p.unknown(name, at)
		}
		return err
	})
	if err != nil {
		return s, err
	}
	s.End = p.position(int(p.dec.InputOffset()))
	for _, pair := range []struct {
		name string
		both bool
	}{
		{"Principal", s.Principal != nil && s.NotPrincipal != nil},
		{"Action", s.Action != nil && s.NotAction != nil},
		{"Resource", s.Resource != nil && s.NotResource != nil},
	} {
		if pair.both {
			return s, p.fail(s.Position.Offset, fmt.Sprintf("both %s and Not%s", pair.name, pair.name))
		}
	}
	return s, nil
}

func (p *parser) principal() (*PrincipalElement, error) {
	e := &PrincipalElement{Position: p.next()}
	if p.dec.PeekKind() == jsontext.KindString {
		s, err := p.text()
		if err != nil {
			return nil, err
		}
		if s != "*" {
			return nil, p.fail(e.Position.Offset, `expected "*" or lists of principals by type`)
		}
		e.Everyone = true
		return e, nil
	}
	err := p.object("principals", func(name string, at Position) error {
		switch name {
		case principalAWS, principalService, principalFederated, principalCanonical:
		default:
			return p.fail(at.Offset, fmt.Sprintf("unknown type of principal %q", name))
		}
		list, err := p.list(false)
		if err != nil {
			return err
		}
		e.Entries = append(e.Entries, PrincipalEntry{Type: name, List: *list})
		return nil
	})
	return e, err
}

func (p *parser) condition() (*ConditionElement, error) {
	c := &ConditionElement{Position: p.next()}
	err := p.object("condition operators", func(name string, at Position) error {
		op := OperatorElement{Name: name, Position: at}
		err := p.object("condition keys", func(key string, at Position) error {
			values, err := p.list(true)
			if err != nil {
				return err
			}
			op.Keys = append(op.Keys, KeyElement{Name: key, Values: *values, Position: at})
			return nil
		})
		c.Operators = append(c.Operators, op)
		return err
	})
	return c, err
}
