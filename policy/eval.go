package policy

import (
	"strings"

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
	// Eval.
	Named PrincipalMatch
}

// Eval matches a request against policies attached to a principal or to an
// organization. Statements with a Principal element, as resource control
// policies have, must also name the principal.
func (s *Set) Eval(r *Request) Match { return s.eval(r, false) }

// EvalResource matches a request against policies attached to a resource. A
// statement that names no principals grants nothing, and denies everyone.
func (s *Set) EvalResource(r *Request) Match { return s.eval(r, true) }

func (s *Set) eval(r *Request, ofResource bool) Match {
	if s == nil || len(s.statements) == 0 {
		return Match{}
	}
	q := query{request: r, target: arn.Split(r.Resource), best: len(s.statements), ofResource: ofResource}
	var room [keyRoom]byte
	service, name := splitAction(r.Action, room[:0])
	if s.denies.search(&q, service, name); q.best < len(s.statements) {
		return s.match(Deny, &q)
	}
	q.allowing = true
	if s.allows.search(&q, service, name); q.best < len(s.statements) {
		return s.match(Allow, &q)
	}
	return Match{}
}

func (s *Set) match(effect Effect, q *query) Match {
	found := s.statements[q.best]
	m := Match{Effect: effect, Policy: found.policy, Statement: found.statement.index}
	if q.ofResource {
		m.Named = q.named
	}
	return m
}

// keyRoom is room on the stack for an action in lower case. Longer actions
// exist only in hostile requests; they cost an allocation.
const keyRoom = 128

// splitAction returns service and name in lower case, in room if they fit.
// Without a colon the service is empty, and only "*" and NotAction can match.
func splitAction(action string, room []byte) (service, name []byte) {
	for i := range len(action) {
		c := action[i]
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		room = append(room, c)
	}
	colon := strings.IndexByte(action, ':')
	if colon < 0 {
		return nil, room
	}
	return room[:colon], room[colon+1:]
}

// A query is one evaluation in progress.
type query struct {
	request    *Request
	target     arn.Target
	ofResource bool
	allowing   bool
	best       int // order of the statement to report so far
	named      PrincipalMatch
}

// scan tries candidates, which are in order.
func (q *query) scan(candidates []candidate) {
	// Only an allowing resource policy is read to the end, for the strongest
	// naming.
	first := !q.ofResource || !q.allowing
	for i := range candidates {
		c := &candidates[i]
		if first && c.order >= q.best {
			return
		}
		if c.action != nil && !c.action.Match(q.request.Action, nil) {
			continue
		}
		named, ok := c.statement.applies(q)
		if !ok || !first && (named < q.named || named == q.named && c.order >= q.best) {
			continue
		}
		q.best, q.named = c.order, named
	}
}

// applies reports whether a statement applies to the query, apart from its
// Action element.
func (s *statement) applies(q *query) (named PrincipalMatch, ok bool) {
	if s.notAction {
		for i := range s.actions {
			if s.actions[i].Match(q.request.Action, nil) {
				return NotNamed, false
			}
		}
	}
	if !s.anyResource && !s.matchesResource(q) {
		return NotNamed, false
	}
	if named, ok = s.matchesPrincipal(q); !ok {
		return NotNamed, false
	}
	return named, s.conditions.Eval(q.request.Context, s.deny)
}

func (s *statement) matchesResource(q *query) bool {
	doubt := false
	var slots condition.Slots
	for i := range s.resources {
		r := &s.resources[i]
		if r.HasVariables() && (r.unresolved || !r.Resolve(q.request.Context, &slots)) {
			doubt = true
			continue
		}
		if r.pattern.Match(&q.target, slots[:]) {
			return !s.notResource
		}
	}
	if s.notResource {
		return !doubt || s.deny
	}
	return false
}

func (s *statement) matchesPrincipal(q *query) (PrincipalMatch, bool) {
	switch {
	case s.principals == nil:
		return NotNamed, !q.ofResource || s.deny
	case s.notPrincipal:
		return NotNamed, !s.principals.exempts(&q.request.Principal)
	}
	named := s.principals.names(&q.request.Principal)
	return named, named != NotNamed
}
