package validate

import (
	"slices"
	"strings"
)

// emptyRules are about elements that hold nothing.
var emptyRules = []rule{
	{code: "EMPTY_ARRAY_ACTION", kind: Suggestion, policies: anyPolicy, statement: func(l *lint, s *statement) {
		l.emptyArrays("This statement includes no actions and does not affect the policy. Specify actions.", s.action, s.notAction)
	}},
	{code: "EMPTY_ARRAY_RESOURCE", kind: Suggestion, policies: anyPolicy, statement: func(l *lint, s *statement) {
		l.emptyArrays("This statement includes no resources and does not affect the policy. Specify resources.", s.resource, s.notResource)
	}},
	{code: "EMPTY_ARRAY_PRINCIPAL", kind: Suggestion, policies: withPrincipal, statement: func(l *lint, s *statement) {
		for _, element := range []*node{s.principal, s.notPrincipal} {
			if element.isObject() {
				l.emptyArrays("This statement includes no principals and does not affect the policy. Specify principals.", element.children...)
			}
		}
	}},
	{code: "EMPTY_OBJECT_PRINCIPAL", kind: Suggestion, policies: withPrincipal, statement: func(l *lint, s *statement) {
		for _, element := range []*node{s.principal, s.notPrincipal} {
			if element.isObject() && len(element.children) == 0 {
				l.reportAt(element, "This statement includes no principals and does not affect the policy. Specify principals.")
			}
		}
	}},
	{code: "EMPTY_OBJECT_CONDITION", kind: Suggestion, policies: anyPolicy, statement: func(l *lint, s *statement) {
		if s.condition.isObject() {
			for _, object := range append([]*node{s.condition}, s.condition.children...) {
				if object.isObject() && len(object.children) == 0 {
					l.reportAt(object, "This condition block is empty and it does not affect the policy. Specify conditions.")
				}
			}
		}
	}},
	emptyValues("EMPTY_ARRAY_CONDITION", func(t *test) bool { return t.qualifier == "" && !t.ifExists },
		"There are no values for the condition key and it does not affect the policy. Specify conditions."),
	emptyValues("EMPTY_ARRAY_CONDITION_FORALLVALUES", func(t *test) bool { return t.qualifier == "ForAllValues" },
		"The ForAllValues prefix with an empty condition key matches only if the key is missing from the request context. To determine if the request context is empty, we recommend that you use the Null condition operator with the value of true instead."),
	emptyValues("EMPTY_ARRAY_CONDITION_FORANYVALUE", func(t *test) bool { return t.qualifier == "ForAnyValue" },
		"The ForAnyValue prefix with an empty condition key never matches the request context and it does not affect the policy. Specify conditions."),
	emptyValues("EMPTY_ARRAY_CONDITION_IFEXISTS", func(t *test) bool { return t.qualifier == "" && t.ifExists },
		"The IfExists suffix with an empty condition key matches only if the key is missing from the request context. To determine if the request context is empty, we recommend that you use the Null condition operator with the value of true instead."),
}

func (l *lint) emptyArrays(details string, elements ...*node) {
	for _, element := range elements {
		if element.isArray() && len(element.children) == 0 {
			l.reportAt(element, "%s", details)
		}
	}
}

func emptyValues(code string, applies func(*test) bool, details string) rule {
	return rule{code: code, kind: Suggestion, policies: anyPolicy, statement: eachTest(func(l *lint, s *statement, t *test) {
		if t.key.isArray() && len(t.key.children) == 0 && applies(t) {
			l.reportAt(t.key, "%s", details)
		}
	})}
}

// redundantRules are about what could be left out without changing what the
// policy says.
var redundantRules = []rule{
	{code: "REDUNDANT_ACTION", kind: Suggestion, policies: anyPolicy, statement: func(l *lint, s *statement) {
		items := make([]item, len(s.actions))
		for i := range s.actions {
			items[i] = item{s.actions[i].node, strings.ToLower(s.actions[i].text)}
		}
		l.redundant(items, "The action %s is redundant because %s provides the same permissions. Update the policy to remove the redundant action.")
	}},
	{code: "REDUNDANT_RESOURCE", kind: Suggestion, policies: anyPolicy, statement: func(l *lint, s *statement) {
		items := make([]item, len(s.resources))
		for i := range s.resources {
			items[i] = item{s.resources[i].node, s.resources[i].text}
		}
		l.redundant(items, "The resource ARN %s is redundant because %s references the same resource. Review the use of wildcards (*).")
	}},
	{code: "REDUNDANT_STATEMENT", kind: Suggestion, policies: anyPolicy, document: func(l *lint) {
		first := map[string]*node{}
		for _, s := range l.statements {
			meaning := canonical(s.node)
			if earlier, repeated := first[meaning]; repeated {
				l.report([]place{at(s.node), at(earlier)}, "The statements are redundant because they provide identical permissions. Update the policy to remove the redundant statement.")
				continue
			}
			first[meaning] = s.node
		}
	}},
}

type item struct {
	node *node
	text string // as it is compared
}

// redundant reports items that another item equals or whose pattern covers
// them. Of items that cover each other the first is kept. Texts are compared
// with patterns within the steps that the check has.
func (l *lint) redundant(items []item, details string) {
	if len(items) < 2 {
		return
	}
	first := map[string]int{}
	var patterns []int
	for i := range items {
		if _, repeated := first[items[i].text]; repeated {
			continue
		}
		first[items[i].text] = i
		if strings.ContainsAny(items[i].text, "*?") && !strings.Contains(items[i].text, "${") {
			patterns = append(patterns, i)
		}
	}
	for i := range items {
		if l.steps <= 0 {
			return
		}
		by := -1
		if f := first[items[i].text]; f != i {
			by = f
		} else {
			by = slices.IndexFunc(patterns, func(p int) bool {
				return p != i && l.wider(items[p].text, items[i].text) && !(i < p && l.wider(items[i].text, items[p].text))
			})
			if by >= 0 {
				by = patterns[by]
			}
		}
		if by >= 0 {
			l.report([]place{at(items[i].node), at(items[by].node)}, details, clip(items[i].node.text), clip(items[by].node.text))
		}
	}
}

// wider reports whether a pattern matches everything that another pattern or
// text does. Where it says so it is so; patterns that overlap in more intricate
// ways are not told. It costs steps, and says no when there are none left.
func (l *lint) wider(pattern, text string) bool {
	p, t, star, mark := 0, 0, -1, 0
	for t < len(text) {
		if !l.spend(1) {
			return false
		}
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, mark = p, t
			p++
		case p < len(pattern) && (pattern[p] == text[t] || pattern[p] == '?' && text[t] != '*' && text[t] < 0x80):
			p++
			t++
		case star >= 0:
			mark++
			p, t = star+1, mark
		default:
			return false
		}
	}
	for p < len(pattern) && pattern[p] == '*' {
		p++
	}
	return p == len(pattern)
}

// canonical prints a statement without its Sid so that statements of the same
// meaning print the same: members and lists sorted, one value as a list of one.
func canonical(n *node) string {
	switch {
	case n.isObject():
		members := []string{}
		for _, c := range n.children {
			if n.parent != nil && c.name == "Sid" {
				continue
			}
			members = append(members, quoted(c.name)+":"+canonical(c))
		}
		slices.Sort(members)
		return "{" + strings.Join(members, ",") + "}"
	case n.isArray():
		values := []string{}
		for _, c := range n.children {
			values = append(values, canonical(c))
		}
		slices.Sort(values)
		return strings.Join(slices.Compact(values), ",")
	}
	return quoted(n.text)
}

// quoted keeps texts apart whatever they hold.
func quoted(s string) string { return "\"" + strings.ReplaceAll(s, "\"", "\"\"") + "\"" }
