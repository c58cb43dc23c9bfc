package policy

import (
	"slices"
	"strings"

	"sallyport/arn"
)

// A Set is the policies of one layer, indexed. It is immutable and safe for
// concurrent use. A nil Set is empty.
type Set struct {
	policies   []*Policy
	statements []located // by order
	index      index
}

// located is a statement and the policy it belongs to.
type located struct {
	policy    *Policy
	statement *statement
}

// NewSet indexes policies. Their order is the order in which matches are
// reported.
func NewSet(policies ...*Policy) *Set {
	s := &Set{policies: slices.Clone(policies)}
	for _, p := range policies {
		for i := range p.statements {
			st := &p.statements[i]
			order := len(s.statements)
			s.statements = append(s.statements, located{policy: p, statement: st})
			s.index.add(st, order)
		}
	}
	s.index.finish()
	return s
}

// Policies returns the policies of the set, which callers must not change.
func (s *Set) Policies() []*Policy {
	if s == nil {
		return nil
	}
	return s.policies
}

// An index finds the statements that may apply to an action: each
// pattern of Action is filed under its text, if exact, or under the literal text
// before its first wildcard. One walk along the request's action finds them,
// however many statements there are.
type index struct{ actions trie[leaf] } // in lower case

// A candidate is a statement that may apply; action, unless nil, must still
// match.
type candidate struct {
	statement *statement
	action    *arn.Glob
	order     int
}

// A leaf holds the candidates for an action, in order, narrowed by resource
// when there are many.
type leaf struct {
	denies, allows candidates
}

// candidates are statements of one effect. When there are many, those in
// byResource are found by the resource field of the request's ARN, like actions,
// and those in straying tried too if there is a colon in it.
type candidates struct {
	all        []candidate // without those in byResource
	byResource *trie[[]candidate]
	straying   []candidate
}

// narrowAbove is how many candidates are tried one by one.
const narrowAbove = 8

// add files a statement.
func (x *index) add(s *statement, order int) {
	if s.notAction {
		x.put("", false, candidate{statement: s, order: order})
		return
	}
	for i := range s.actions {
		glob := &s.actions[i]
		if text, ok := glob.Exact(); ok {
			x.put(arn.Lower(text), true, candidate{statement: s, order: order})
			continue
		}
		c := candidate{statement: s, action: glob, order: order}
		if glob.IsPrefix() {
			c.action = nil // who is found by the prefix matches
		}
		x.put(arn.Lower(glob.Prefix()), false, c)
	}
}

func (x *index) put(text string, exact bool, c candidate) {
	place := x.actions.put(text, exact)
	if *place == nil {
		*place = &leaf{}
	}
	list := &(*place).allows
	if c.statement.deny {
		list = &(*place).denies
	}
	list.all = append(list.all, c)
}

// finish completes an index once all statements are filed.
func (x *index) finish() {
	x.actions.each(func(l *leaf) {
		l.denies.narrow()
		l.allows.narrow()
	})
}

func (l *candidates) narrow() {
	if len(l.all) <= narrowAbove {
		return
	}
	all := l.all
	l.all, l.byResource = nil, &trie[[]candidate]{}
	for _, c := range all {
		if c.statement.anyResource || c.statement.notResource {
			l.all = append(l.all, c)
			continue
		}
		general, strays := false, false
		for i := range c.statement.resources {
			pattern := &c.statement.resources[i].pattern
			strays = strays || pattern.Strays()
			key, exact := pattern.Key()
			if key == "" && !exact {
				general = true
				continue
			}
			place := l.byResource.put(key, exact)
			if *place == nil {
				*place = &[]candidate{}
			}
			**place = append(**place, c)
		}
		if general {
			l.all = append(l.all, c)
		}
		if strays {
			l.straying = append(l.straying, c)
		}
	}
}

// pathRoom is room on the stack for what is found along an action or a resource.
// More are only there for policies with as many patterns that are beginnings of
// each other; they cost an allocation.
const pathRoom = 16

func (l *candidates) empty() bool { return len(l.all) == 0 && l.byResource == nil }

// search tries the candidates that may be about the request's resource.
func (l *candidates) search(e *evaluation) {
	e.scan(l.all)
	if l.byResource == nil {
		return
	}
	var room [pathRoom]*[]candidate
	resource := e.target.Resource()
	for _, list := range l.byResource.find(resource, false, room[:0]) {
		e.scan(*list)
	}
	if l.straying != nil && strings.IndexByte(resource, ':') >= 0 {
		e.scan(l.straying)
	}
}

// each visits the candidates that may be about the request's resource, some of
// them more than once.
func (l *candidates) each(e *evaluation, visit func(*candidate)) {
	lists := []*[]candidate{&l.all, &l.straying}
	if l.byResource != nil {
		lists = l.byResource.find(e.target.Resource(), false, lists)
	}
	for _, list := range lists {
		for i := range *list {
			visit(&(*list)[i])
		}
	}
}
