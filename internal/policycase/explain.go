package policycase

import (
	"github.com/go-json-experiment/json/jsontext"

	"sallyport/authz"
	"sallyport/catalog"
	"sallyport/policy"
)

// An Explained is the answer to one case with everything that led to it.
// docs/policy-tools.md describes its JSON.
type Explained struct {
	ID        jsontext.Value `json:"id,omitzero"`
	Decision  string         `json:"decision"`
	DecidedBy *DecidedBy     `json:"decidedBy,omitzero"`
	// Message is AWS's for a denied request.
	Message string `json:"message,omitzero"`
	// Exempt says that no organization policy restricts a service-linked role.
	Exempt  bool      `json:"exempt,omitzero"`
	Layers  []Layer   `json:"layers"`
	Missing []Missing `json:"missing,omitempty"`
}

// A Layer is what one layer, or one level of it, said.
type Layer struct {
	Layer    string   `json:"layer"`
	Level    *int     `json:"level,omitzero"`
	Effect   string   `json:"effect"` // "allow", "deny", "none"
	Policies []Policy `json:"policies"`
}

// A Policy is how the statements of a policy fared.
type Policy struct {
	Statements []Statement `json:"statements"`
}

// A Place is in the text of the case, line and column counted from 1.
type Place struct {
	Line   int `json:"line"`
	Column int `json:"column"`
	Offset int `json:"-"` // in bytes
}

// A Statement is how one statement fared.
type Statement struct {
	Place
	Sid      string    `json:"sid,omitzero"`
	Effect   string    `json:"effect"`
	Matched  bool      `json:"matched"`
	Named    string    `json:"named,omitzero"` // how a resource's policy named the principal
	Failures []Failure `json:"failures,omitempty"`
}

// A Failure is an element or condition that kept a statement from matching.
type Failure struct {
	Place
	Element    string   `json:"element"`
	Operator   string   `json:"operator,omitzero"`
	Key        string   `json:"key,omitzero"`
	Policy     []string `json:"policy"`
	Request    []string `json:"request"`
	Absent     bool     `json:"absent,omitzero"`
	Unresolved bool     `json:"unresolved,omitzero"`
	Omitted    int      `json:"omitted,omitzero"`
}

// Missing is one part of the smallest change that would have the request allowed:
// a statement to be removed, or one to be added. Instead of adding one, the
// conditions of Near could hold.
type Missing struct {
	Layer  string            `json:"layer"`
	Level  *int              `json:"level,omitzero"`
	Remove *DecidedBy        `json:"remove,omitzero"`
	Near   *DecidedBy        `json:"near,omitzero"`
	Add    *policy.Statement `json:"add,omitzero"`
}

// Explain answers a case given as text, by a catalogue of services, with the
// reasons.
func Explain(services *catalog.Catalog, text []byte) (*Explained, error) {
	c, err := Parse(services, text)
	if err != nil {
		return nil, err
	}
	x := authz.Explain(&c.Request, &c.Policies)
	out := &Explained{
		ID: identifier(text), Decision: decisions[x.Decision.Effect], DecidedBy: c.decidedBy(x.Decision),
		Message: c.message(x.Decision), Exempt: x.Exempt, Layers: make([]Layer, 0, len(x.Layers)),
	}
	found := places(text)
	for i := range x.Layers {
		out.Layers = append(out.Layers, layer(&x.Layers[i], found))
	}
	for i := range x.Missing {
		out.Missing = append(out.Missing, c.missing(&x.Missing[i]))
	}
	return out, nil
}

// message words a denial; it is empty for an allow.
func (c *Case) message(d authz.Decision) string {
	if d.Allowed() {
		return ""
	}
	r := &c.Request
	return authz.DenialMessage(r.Principal.Name(), r.Action, r.Resource, d.Reason(r.Action))
}

func level(l authz.Layer, number int) *int {
	if l == authz.LayerSCP || l == authz.LayerRCP {
		return &number
	}
	return nil
}

var effects = map[policy.Effect]string{policy.Allow: "allow", policy.Deny: "deny", policy.NoMatch: "none"}

// layer makes a layer of its answer, whose outcomes are in the order of its
// policies and their statements.
func layer(a *authz.LayerAnswer, found map[string]policy.Position) Layer {
	out := Layer{Layer: a.Layer.String(), Level: level(a.Layer, a.Level), Effect: effects[a.Effect], Policies: []Policy{}}
	outcomes := a.Outcomes
	for number, p := range a.Set.Policies() {
		base := found[pointer(a.Layer, a.Level, number)]
		described := Policy{Statements: make([]Statement, p.Len())}
		for i := range described.Statements {
			described.Statements[i] = statement(&outcomes[i], base)
		}
		outcomes = outcomes[p.Len():]
		out.Policies = append(out.Policies, described)
	}
	return out
}

func statement(o *policy.Outcome, base policy.Position) Statement {
	s := o.Policy.Statement(o.Statement)
	out := Statement{Place: place(base, s.Position), Sid: s.Sid, Effect: s.Effect, Matched: o.Matched(), Named: o.Named.String()}
	for i := range o.Failures {
		f := &o.Failures[i]
		out.Failures = append(out.Failures, Failure{
			Place: place(base, f.Position), Element: string(f.Element), Operator: f.Operator, Key: f.Key,
			Policy: f.Policy, Request: f.Request, Absent: f.Absent, Unresolved: f.Unresolved, Omitted: f.Omitted,
		})
	}
	return out
}

func place(base, at policy.Position) Place {
	at = within(base, at)
	return Place{Line: at.Line, Column: at.Column, Offset: at.Offset}
}

func (c *Case) missing(m *authz.Remedy) Missing {
	out := Missing{Layer: m.Layer.String(), Level: level(m.Layer, m.Level), Add: m.Add}
	reference := func(o *policy.Outcome) *DecidedBy {
		if o == nil {
			return nil
		}
		return c.decidedBy(authz.Decision{Layer: m.Layer, Level: m.Level, Policy: o.Policy, Statement: o.Statement})
	}
	out.Remove, out.Near = reference(m.Deny), reference(m.Near)
	return out
}
