package policy

import (
	"unicode/utf8"

	"sallyport/policy/condition"
)

// Bounds of what a Tracer keeps.
const (
	// maxTracedValues is how many values of each side a Failure holds.
	maxTracedValues = 16
	// maxTracedValue is the bytes of one of them.
	maxTracedValue = 256
	// maxTracedText is the bytes of all values together. Once they are used up,
	// failures name their element or condition and count the values.
	maxTracedText = 1 << 20
)

// An Element is a part of a statement that decides whether it matches.
type Element string

// The elements.
const (
	ActionElement        Element = "Action"
	NotActionElement     Element = "NotAction"
	ResourceElement      Element = "Resource"
	NotResourceElement   Element = "NotResource"
	PrincipalElementName Element = "Principal"
	NotPrincipalElement  Element = "NotPrincipal"
	ConditionElementName Element = "Condition"
)

func either(first bool, a, b Element) Element {
	if first {
		return a
	}
	return b
}

// A Failure is an element, or one condition, that kept a statement from
// matching.
type Failure struct {
	Element Element
	// Operator and Key are of a condition, as written.
	Operator, Key string
	// Policy holds the policy's values, with variables replaced by their values,
	// and Request those of the request. Values that are too many or too long are
	// cut; Omitted counts those left out of both.
	Policy, Request []string
	Omitted         int
	// Unresolved says that a variable of the policy had no value: it stays as
	// written.
	Unresolved bool
	// Absent says that the request does not have the condition key.
	Absent bool
	// Position is where the policy has the element, or the condition key.
	Position Position
}

// An Outcome is how one statement fared with a request. It matched if nothing
// failed.
type Outcome struct {
	Policy    *Policy
	Statement int // index in Policy
	Deny      bool
	// Named says how the policy of a resource named the principal.
	Named    PrincipalMatch
	Failures []Failure
}

// Matched reports whether the statement matched.
func (o *Outcome) Matched() bool { return len(o.Failures) == 0 }

// NearMiss reports whether only conditions kept the statement from matching.
func (o *Outcome) NearMiss() bool {
	for i := range o.Failures {
		if o.Failures[i].Element != ConditionElementName {
			return false
		}
	}
	return len(o.Failures) > 0
}

// A Tracer keeps how the statements of the last set that was matched fared.
type Tracer struct {
	Outcomes []Outcome
	// Allows is what the set would have answered without its Deny statements.
	Allows Match

	request Request // a copy: requests that are only decided stay off the heap
	current *Outcome
	used    int // bytes of values kept, over all sets
}

// trace is eval by way of every statement instead of the index.
func (s *Set) trace(e *evaluation) Match {
	t := e.Tracer
	t.request, t.Outcomes = *e.request, make([]Outcome, len(s.statements))
	denies := s.traceEffect(e, Deny)
	e.best, e.named, e.allowing = len(s.statements), NotNamed, true
	t.Allows = s.traceEffect(e, Allow)
	if denies.Effect == Deny {
		return denies
	}
	return t.Allows
}

// traceEffect visits the statements of one effect.
func (s *Set) traceEffect(e *evaluation, effect Effect) Match {
	t := e.Tracer
	for order := range s.statements {
		of := &s.statements[order]
		if of.statement.deny != (effect == Deny) {
			continue
		}
		t.current = &t.Outcomes[order]
		*t.current = Outcome{Policy: of.policy, Statement: of.statement.index, Deny: of.statement.deny}
		asked := of.statement.notAction || of.statement.listsAction(e.request.Action)
		if !asked {
			t.failed(ActionElement)
		}
		named, ok := of.statement.applies(e)
		if e.ofResource {
			t.current.Named = named
		}
		if asked && ok {
			e.take(order, named)
		}
	}
	if e.best == len(s.statements) {
		return Match{}
	}
	return s.match(effect, e)
}

// failed is told of an element of the current statement that does not match.
func (t *Tracer) failed(element Element) {
	s := t.current.Policy.Statement(t.current.Statement)
	f := Failure{Element: element, Position: s.Position}
	switch element {
	case ActionElement:
		t.list(&f, s.Action, t.request.Action)
	case NotActionElement:
		t.list(&f, s.NotAction, t.request.Action)
	case ResourceElement:
		t.list(&f, s.Resource, t.request.Resource)
		t.leadingVariables(&f)
	case NotResourceElement:
		t.list(&f, s.NotResource, t.request.Resource)
		t.leadingVariables(&f)
	case PrincipalElementName:
		t.principals(&f, s.Principal)
	case NotPrincipalElement:
		t.principals(&f, s.NotPrincipal)
	}
	t.current.Failures = append(t.current.Failures, f)
}

func (t *Tracer) list(f *Failure, l *List, request string) {
	f.Position = l.Position
	t.keep(f, &f.Request, request)
	for i := range l.Items {
		t.expand(f, l.Items[i].Text)
	}
}

// leadingVariables takes note of resources whose variables never have a value,
// since they stand where AWS allows none.
func (t *Tracer) leadingVariables(f *Failure) {
	for _, r := range t.current.Policy.statements[t.current.Statement].resources {
		f.Unresolved = f.Unresolved || r.unresolved
	}
}

func (t *Tracer) principals(f *Failure, e *PrincipalElement) {
	t.keep(f, &f.Request, t.request.Principal.Name())
	if e == nil {
		return
	}
	f.Position = e.Position
	if e.Everyone {
		t.keep(f, &f.Policy, "*")
	}
	for i := range e.Entries {
		for _, item := range e.Entries[i].List.Items {
			t.keep(f, &f.Policy, item.Text)
		}
	}
}

// failedCondition is told of a condition of the current statement that does not
// hold, by its place among all conditions of the statement.
func (t *Tracer) failedCondition(i int) {
	element := t.current.Policy.Statement(t.current.Statement).Condition
	for o := range element.Operators {
		op := &element.Operators[o]
		if i >= len(op.Keys) {
			i -= len(op.Keys)
			continue
		}
		key := &op.Keys[i]
		f := Failure{Element: ConditionElementName, Operator: t.cut(op.Name), Key: t.cut(key.Name), Position: key.Position}
		for v := range key.Values.Items {
			t.expand(&f, key.Values.Items[v].Text)
		}
		var values condition.Values
		if t.request.Context != nil {
			values, _ = t.request.Context.Lookup(condition.LowerKey(key.Name))
		}
		f.Absent = values.Len() == 0
		for v := range values.Len() {
			t.keep(&f, &f.Request, values.At(v))
		}
		t.current.Failures = append(t.current.Failures, f)
		return
	}
}

// expand keeps a value of the policy.
func (t *Tracer) expand(f *Failure, text string) {
	if t.current.Policy.doc.Version == Version2012 && !t.full(f.Policy) {
		expanded, ok := condition.Expand(text, t.request.Context)
		text, f.Unresolved = expanded, f.Unresolved || !ok
	}
	t.keep(f, &f.Policy, text)
}

func (t *Tracer) keep(f *Failure, list *[]string, value string) {
	if t.full(*list) {
		f.Omitted++
		return
	}
	value = t.cut(value)
	t.used += len(value)
	*list = append(*list, value)
}

// full reports whether a list of a failure takes no more values.
func (t *Tracer) full(list []string) bool {
	return len(list) == maxTracedValues || t.used > maxTracedText
}

// cut shortens a value that is too long to be shown.
func (t *Tracer) cut(value string) string {
	if len(value) <= maxTracedValue {
		return value
	}
	end := maxTracedValue
	for end > 0 && !utf8.RuneStart(value[end]) {
		end--
	}
	return value[:end] + "…"
}
