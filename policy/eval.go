package policy

import (
	"slices"

	"sallyport/arn"
	"sallyport/policy/condition"
)

// A Request is one action on one resource by one principal.
type Request struct {
	Principal Principal
	Action    string // "s3:GetObject"; case-insensitive
	Resource  string // ARN; "*" or "" where the action has no resource
	Context   condition.Context
}

// A Query is a request prepared for being matched against several sets.
type Query struct {
	request *Request
	target  arn.Target
	// Bounded tells that a permissions boundary applies to the principal:
	// NotPrincipal never exempts such a one.
	Bounded bool
	// Tracer, unless nil, has every statement of every set visited, and is told
	// how each fared.
	Tracer *Tracer
}

// NewQuery is a query about a request, which must not change as long as the query
// is used. It is a value, so that neither need be on the heap.
func NewQuery(r *Request) Query {
	q := Query{request: r}
	q.target.Set(r.Resource)
	return q
}

// Effect is what a set says of a request.
type Effect uint8

// The effects of a match.
const (
	NoMatch Effect = iota
	Allow
	Deny
)

// String returns the name used in messages.
func (e Effect) String() string {
	switch e {
	case Allow:
		return "allow"
	case Deny:
		return "deny"
	}
	return "no match"
}

// A Match is the answer of a set: explicit deny wins, and of several statements
// with the winning effect the first is reported. The exception is an allowing
// EvalResource, which reports the first of those that name the principal in the
// strongest way.
type Match struct {
	Effect    Effect
	Policy    *Policy // nil when nothing matched
	Statement int     // index in Policy
	// Named says how a resource's policy named the principal; NotNamed from
	// Set.Match.
	Named PrincipalMatch
}

// Eval is Match for a single set.
func (s *Set) Eval(r *Request) Match {
	q := NewQuery(r)
	return s.Match(&q)
}

// EvalResource is MatchResource for a single set.
func (s *Set) EvalResource(r *Request) Match {
	q := NewQuery(r)
	return s.MatchResource(&q)
}

// Match matches a request against policies attached to a principal or to an
// organization. Statements with a Principal element, as resource control
// policies have, must also name the principal.
func (s *Set) Match(q *Query) Match {
	if s == nil || len(s.statements) == 0 {
		return Match{}
	}
	return s.eval(q, false)
}

// MatchResource matches a request against policies attached to a resource. A
// statement that names no principals grants nothing, and denies everyone.
func (s *Set) MatchResource(q *Query) Match {
	if s == nil || len(s.statements) == 0 {
		return Match{}
	}
	return s.eval(q, true)
}

func (s *Set) eval(q *Query, ofResource bool) Match {
	e := evaluation{Query: q, best: len(s.statements), ofResource: ofResource}
	if q.Tracer != nil {
		return s.trace(&e)
	}
	var room [pathRoom]*leaf
	found := s.index.actions.find(q.request.Action, true, room[:0])
	for _, l := range found {
		if !l.denies.empty() {
			l.denies.search(&e)
		}
	}
	if e.best < len(s.statements) {
		return s.match(Deny, &e)
	}
	e.allowing = true
	for _, l := range found {
		if !l.allows.empty() {
			l.allows.search(&e)
		}
	}
	if e.best < len(s.statements) {
		return s.match(Allow, &e)
	}
	return Match{}
}

func (s *Set) match(effect Effect, e *evaluation) Match {
	found := s.statements[e.best]
	m := Match{Effect: effect, Policy: found.policy, Statement: found.statement.index}
	if e.ofResource {
		m.Named = e.named
	}
	return m
}

// Applying returns every statement with the effect that applies to a request, in
// order; ofResource is as in MatchResource.
func (s *Set) Applying(q *Query, effect Effect, ofResource bool) []Match {
	if s == nil || len(s.statements) == 0 {
		return nil
	}
	e := evaluation{Query: q, ofResource: ofResource}
	var orders []int
	for _, l := range s.index.actions.find(q.request.Action, true, nil) {
		list := &l.allows
		if effect == Deny {
			list = &l.denies
		}
		list.each(&e, func(c *candidate) {
			if c.action != nil && !c.action.Match(q.request.Action, nil) {
				return
			}
			if _, ok := c.statement.applies(&e); ok {
				orders = append(orders, c.order)
			}
		})
	}
	slices.Sort(orders)
	var all []Match
	for _, order := range slices.Compact(orders) {
		e.best = order
		all = append(all, s.match(effect, &e))
	}
	return all
}

// An evaluation is one set's in progress.
type evaluation struct {
	*Query
	ofResource bool
	allowing   bool
	best       int // order of the statement to report so far
	named      PrincipalMatch
}

// scan tries candidates, which are in order.
func (e *evaluation) scan(candidates []candidate) {
	// Only an allowing resource policy is read to the end, for the strongest
	// naming.
	first := !e.ofResource || !e.allowing
	for i := range candidates {
		c := &candidates[i]
		if first && c.order >= e.best {
			return
		}
		if c.action != nil && !c.action.Match(e.request.Action, nil) {
			continue
		}
		if named, ok := c.statement.applies(e); ok {
			e.take(c.order, named)
		}
	}
}

// take makes a statement that applies the one to report, if it comes before the
// one so far.
func (e *evaluation) take(order int, named PrincipalMatch) {
	if named < e.named && e.ofResource && e.allowing {
		return
	}
	if order < e.best || named > e.named && e.ofResource && e.allowing {
		e.best, e.named = order, named
	}
}

// applies reports whether a statement applies to the request, apart from its
// Action element. The first element that doesn't match ends it, unless it is
// traced.
func (s *statement) applies(e *evaluation) (named PrincipalMatch, ok bool) {
	t, ok := e.Tracer, true
	if s.notAction && s.listsAction(e.request.Action) {
		if ok = false; t == nil {
			return NotNamed, false
		}
		t.failed(NotActionElement)
	}
	if !s.anyResource && !s.matchesResource(e) {
		if ok = false; t == nil {
			return NotNamed, false
		}
		t.failed(either(s.notResource, NotResourceElement, ResourceElement))
	}
	named, names := s.matchesPrincipal(e)
	if !names {
		if ok = false; t == nil {
			return NotNamed, false
		}
		t.failed(either(s.notPrincipal, NotPrincipalElement, PrincipalElementName))
	}
	if len(s.conditions) == 0 {
		return named, ok
	}
	var failed func(int)
	if t != nil {
		failed = t.failedCondition
	}
	return named, s.conditions.Eval(e.request.Context, s.deny, failed) && ok
}

// listsAction reports whether Action or NotAction lists an action.
func (s *statement) listsAction(action string) bool {
	for i := range s.actions {
		if s.actions[i].Match(action, nil) {
			return true
		}
	}
	return false
}

func (s *statement) matchesResource(e *evaluation) bool {
	doubt := false
	for i := range s.resources {
		r := &s.resources[i]
		matched, known := false, true
		if r.HasVariables() {
			matched, known = r.matchResolved(e)
		} else {
			matched = r.pattern.Match(&e.target, nil)
		}
		if matched {
			return !s.notResource
		}
		doubt = doubt || !known
	}
	return s.notResource && (!doubt || s.deny)
}

// matchResolved matches a pattern with variables; known is false if one of them
// has no value.
func (r *resource) matchResolved(e *evaluation) (matched, known bool) {
	var slots condition.Slots
	if r.unresolved || !r.Resolve(e.request.Context, &slots) {
		return false, false
	}
	return r.pattern.Match(&e.target, slots[:]), true
}

func (s *statement) matchesPrincipal(e *evaluation) (PrincipalMatch, bool) {
	switch {
	case s.principals == nil:
		return NotNamed, !e.ofResource || s.deny
	case s.notPrincipal:
		return NotNamed, !s.principals.exempts(&e.request.Principal, e.Bounded)
	}
	named := s.principals.names(&e.request.Principal)
	return named, named != NotNamed
}
