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
	allows     index
	denies     index
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
			if st.deny {
				s.denies.add(st, order)
			} else {
				s.allows.add(st, order)
			}
		}
	}
	s.allows.finish()
	s.denies.finish()
	return s
}

// Policies returns the policies of the set, which callers must not change.
func (s *Set) Policies() []*Policy {
	if s == nil {
		return nil
	}
	return s.policies
}

// An index finds the statements of one effect that may apply to an action.
//
// A pattern of Action is filed under its service, and there under its name, if
// exact, or under the literal text before its first wildcard. So a request looks
// up its own name and each of its own prefixes that some pattern has, however
// many statements there are.
type index struct {
	services map[string]*serviceIndex // by service in lower case
	any      leaf                     // "*", patterns for several services, NotAction
}

type serviceIndex struct {
	exact   map[string]*leaf
	prefix  map[string]*leaf
	lengths []int // of the keys of prefix, ascending
}

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
	all        []candidate
	byResource *resourceIndex
}

// narrowAbove is how many candidates a leaf searches one by one.
const narrowAbove = 8

// A resourceIndex finds candidates by the resource field of an ARN, in the way
// of serviceIndex.
type resourceIndex struct {
	exact   map[string][]candidate
	prefix  map[string][]candidate
	lengths []int
	rest    []candidate
}

// add files a statement.
func (x *index) add(s *statement, order int) {
	if s.notAction {
		x.any.all = append(x.any.all, candidate{statement: s, order: order})
		return
	}
	for i := range s.actions {
		glob := &s.actions[i]
		if glob.Everything() {
			x.any.all = append(x.any.all, candidate{statement: s, order: order})
			continue
		}
		if text, ok := glob.Exact(); ok {
			service, name, _ := strings.Cut(lower(text), ":")
			put(&x.service(service).exact, name, candidate{statement: s, order: order})
			continue
		}
		service, name, found := strings.Cut(lower(glob.Prefix()), ":")
		if !found {
			x.any.all = append(x.any.all, candidate{statement: s, action: glob, order: order})
			continue
		}
		put(&x.service(service).prefix, name, candidate{statement: s, action: glob, order: order})
	}
}

func (x *index) service(name string) *serviceIndex {
	if x.services == nil {
		x.services = map[string]*serviceIndex{}
	}
	service := x.services[name]
	if service == nil {
		service = &serviceIndex{}
		x.services[name] = service
	}
	return service
}

func put(leaves *map[string]*leaf, key string, c candidate) {
	if *leaves == nil {
		*leaves = map[string]*leaf{}
	}
	l := (*leaves)[key]
	if l == nil {
		l = &leaf{}
		(*leaves)[key] = l
	}
	l.all = append(l.all, c)
}

// finish completes an index once all statements are filed.
func (x *index) finish() {
	x.any.finish()
	for _, service := range x.services {
		for _, l := range service.exact {
			l.finish()
		}
		for prefix, l := range service.prefix {
			l.finish()
			service.lengths = append(service.lengths, len(prefix))
		}
		service.lengths = sortedLengths(service.lengths)
	}
}

func sortedLengths(lengths []int) []int {
	slices.Sort(lengths)
	return slices.Clip(slices.Compact(lengths))
}

func (l *leaf) finish() {
	if len(l.all) <= narrowAbove {
		return
	}
	x := &resourceIndex{exact: map[string][]candidate{}, prefix: map[string][]candidate{}}
	for _, c := range l.all {
		if c.statement.anyResource || c.statement.notResource {
			x.rest = append(x.rest, c)
			continue
		}
		for i := range c.statement.resources {
			switch key, exact := c.statement.resources[i].pattern.Key(); {
			case exact:
				x.exact[key] = append(x.exact[key], c)
			case key != "":
				x.prefix[key] = append(x.prefix[key], c)
			default:
				x.rest = append(x.rest, c)
			}
		}
	}
	for prefix := range x.prefix {
		x.lengths = append(x.lengths, len(prefix))
	}
	x.lengths = sortedLengths(x.lengths)
	l.byResource = x
}

// search runs a query over the candidates for an action given in lower case.
func (x *index) search(q *query, service, name []byte) {
	x.any.search(q)
	s := x.services[string(service)]
	if s == nil {
		return
	}
	if l := s.exact[string(name)]; l != nil {
		l.search(q)
	}
	for _, length := range s.lengths {
		if length > len(name) {
			return
		}
		if l := s.prefix[string(name[:length])]; l != nil {
			l.search(q)
		}
	}
}

func (l *leaf) search(q *query) {
	x := l.byResource
	if x == nil {
		q.scan(l.all)
		return
	}
	q.scan(x.rest)
	key := q.target.Resource()
	q.scan(x.exact[key])
	for _, length := range x.lengths {
		if length > len(key) {
			return
		}
		q.scan(x.prefix[key[:length]])
	}
}

// lower returns ASCII letters in lower case and leaves all else, as matching an
// action does.
func lower(s string) string {
	b := []byte(s)
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] = c + ('a' - 'A')
		}
	}
	return string(b)
}
