package policy

import (
	"bytes"

	"github.com/go-json-experiment/json/jsontext"
)

// Print returns the document as indented JSON. Elements come in the order of
// the grammar; parsing the result gives the same document, positions apart.
func (d *Document) Print() ([]byte, error) {
	return d.encode(jsontext.WithIndent("  "))
}

// MarshalJSON returns the document as JSON without white space.
func (d *Document) MarshalJSON() ([]byte, error) {
	b, err := d.encode()
	return bytes.TrimRight(b, "\n"), err
}

func (d *Document) encode(opts ...jsontext.Options) ([]byte, error) {
	var buf bytes.Buffer
	p := &printer{enc: jsontext.NewEncoder(&buf, opts...)}
	p.document(d)
	return buf.Bytes(), p.err
}

// A printer writes tokens and keeps the first error.
type printer struct {
	enc *jsontext.Encoder
	err error
}

func (p *printer) token(t jsontext.Token) {
	if p.err == nil {
		p.err = p.enc.WriteToken(t)
	}
}

func (p *printer) member(name, value string) {
	if value != "" {
		p.token(jsontext.String(name))
		p.token(jsontext.String(value))
	}
}

func (p *printer) document(d *Document) {
	p.token(jsontext.BeginObject)
	p.member("Version", d.Version)
	p.member("Id", d.ID)
	p.token(jsontext.String("Statement"))
	single := d.Single && len(d.Statements) == 1
	if !single {
		p.token(jsontext.BeginArray)
	}
	for i := range d.Statements {
		p.statement(&d.Statements[i])
	}
	if !single {
		p.token(jsontext.EndArray)
	}
	p.token(jsontext.EndObject)
}

func (p *printer) statement(s *Statement) {
	p.token(jsontext.BeginObject)
	p.member("Sid", s.Sid)
	p.member("Effect", s.Effect)
	p.principal("Principal", s.Principal)
	p.principal("NotPrincipal", s.NotPrincipal)
	p.element("Action", s.Action)
	p.element("NotAction", s.NotAction)
	p.element("Resource", s.Resource)
	p.element("NotResource", s.NotResource)
	p.condition(s.Condition)
	p.token(jsontext.EndObject)
}

func (p *printer) element(name string, l *List) {
	if l != nil {
		p.token(jsontext.String(name))
		p.list(l)
	}
}

func (p *printer) list(l *List) {
	single := l.Single && len(l.Items) == 1
	if !single {
		p.token(jsontext.BeginArray)
	}
	for _, item := range l.Items {
		if item.Kind == StringItem {
			p.token(jsontext.String(item.Text))
		} else if p.err == nil {
			p.err = p.enc.WriteValue(jsontext.Value(item.Text))
		}
	}
	if !single {
		p.token(jsontext.EndArray)
	}
}

func (p *printer) principal(name string, e *PrincipalElement) {
	if e == nil {
		return
	}
	p.token(jsontext.String(name))
	if e.Everyone {
		p.token(jsontext.String("*"))
		return
	}
	p.token(jsontext.BeginObject)
	for i := range e.Entries {
		p.token(jsontext.String(e.Entries[i].Type))
		p.list(&e.Entries[i].List)
	}
	p.token(jsontext.EndObject)
}

func (p *printer) condition(c *ConditionElement) {
	if c == nil {
		return
	}
	p.token(jsontext.String("Condition"))
	p.token(jsontext.BeginObject)
	for i := range c.Operators {
		op := &c.Operators[i]
		p.token(jsontext.String(op.Name))
		p.token(jsontext.BeginObject)
		for j := range op.Keys {
			p.token(jsontext.String(op.Keys[j].Name))
			p.list(&op.Keys[j].Values)
		}
		p.token(jsontext.EndObject)
	}
	p.token(jsontext.EndObject)
}

// MarshalJSON returns the statement as JSON without white space.
func (s *Statement) MarshalJSON() ([]byte, error) {
	var buf bytes.Buffer
	p := &printer{enc: jsontext.NewEncoder(&buf)}
	p.statement(s)
	return bytes.TrimRight(buf.Bytes(), "\n"), p.err
}
