package validate

import (
	"strings"

	"sallyport/arn"
	"sallyport/catalog"
	"sallyport/policy"
	"sallyport/policy/condition"
)

// policySet is a set of kinds of policies.
type policySet uint8

const (
	identityPolicies policySet = 1 << iota
	resourcePolicies           // other than trust policies
	trustPolicies
	servicePolicies         // service control policies
	resourceControlPolicies // resource control policies
	anyPolicy               = identityPolicies | resourcePolicies | trustPolicies | servicePolicies | resourceControlPolicies
	withPrincipal           = resourcePolicies | trustPolicies | resourceControlPolicies
)

// A statement is a statement with its elements taken apart. Elements that are
// absent or of another JSON type than the grammar has are nil or empty.
type statement struct {
	node                    *node
	sid, effect             *node
	principal, notPrincipal *node
	action, notAction       *node
	resource, notResource   *node
	condition               *node
	allow, deny             bool

	principals []principal // of either element
	actions    []action    // of either element
	resources  []resource  // of either element
	tests      []test
	// keys are the condition keys tested, in lower case, and providers what
	// stands before their last colon; present are those that a Null condition
	// wants to be there.
	keys, providers, present map[string]bool
}

type principal struct {
	node *node
	kind string // "AWS", "Service", …; "" for "*" as the whole element
	text string
}

type action struct {
	node         *node
	text         string
	prefix, name string
	service      *catalog.Service // nil when unknown
	entry        *catalog.Action  // nil when unknown or a pattern
}

func (a *action) pattern() bool { return strings.ContainsAny(a.text, "*?") }

// covers reports whether the action is, or its pattern matches, one action.
func (a *action) covers(name string) bool {
	glob := arn.ParseGlob(a.text, true)
	return glob.Match(name, nil)
}

// A test is one condition key under one operator.
type test struct {
	operator  *node // the member of Condition
	key       *node // the member of the operator; its value holds the values
	name      string
	values    []*node
	base      string // operator without qualifier and IfExists; "" when unknown
	qualifier string // "ForAllValues", "ForAnyValue" or ""
	ifExists  bool
	entry     catalog.Key
	known     bool // entry is valid
}

func (t *test) is(key string) bool { return strings.EqualFold(t.name, key) }

func (t *test) hasPrefix(prefix string) bool {
	return len(t.name) >= len(prefix) && strings.EqualFold(t.name[:len(prefix)], prefix)
}

// family is the type of an operator's operands.
func (t *test) family() string {
	for _, f := range []string{"String", "Numeric", "Date", "Bool", "Binary", "Arn"} {
		if strings.HasPrefix(t.base, f) {
			return f
		}
	}
	switch t.base {
	case "IpAddress", "NotIpAddress":
		return "IpAddress"
	}
	return t.base
}

func (t *test) negated() bool { return strings.Contains(t.base, "Not") }

// build takes the document apart.
func (l *lint) build(root *node) {
	l.root = root
	if v := root.member("Version"); v.isString() {
		l.variables = v.text != policy.Version2008
	}
	for _, n := range root.member("Statement").values() {
		if n.isObject() {
			l.statements = append(l.statements, l.newStatement(n))
		}
	}
	switch l.o.Type {
	case ResourcePolicy:
		l.set = resourcePolicies
		if l.o.ResourceType == TrustPolicyType || l.o.ResourceType == "" && l.looksLikeTrust() {
			l.set = trustPolicies
		}
	case ServiceControlPolicy:
		l.set = servicePolicies
	case ResourceControlPolicy:
		l.set = resourceControlPolicies
	default:
		l.set = identityPolicies
	}
}

// looksLikeTrust tells a trust policy from other resource policies by what it
// says: every statement is about actions of STS and names no resource.
func (l *lint) looksLikeTrust() bool {
	for _, s := range l.statements {
		if s.resource != nil || s.notResource != nil || len(s.actions) == 0 {
			return false
		}
		for i := range s.actions {
			if !strings.EqualFold(s.actions[i].prefix, "sts") {
				return false
			}
		}
	}
	return len(l.statements) > 0
}

func (l *lint) newStatement(n *node) *statement {
	s := &statement{node: n}
	for _, c := range n.children {
		switch c.name {
		case "Sid":
			s.sid = c
		case "Effect":
			s.effect = c
		case "Principal":
			s.principal = c
		case "NotPrincipal":
			s.notPrincipal = c
		case "Action":
			s.action = c
		case "NotAction":
			s.notAction = c
		case "Resource":
			s.resource = c
		case "NotResource":
			s.notResource = c
		case "Condition":
			s.condition = c
		}
	}
	if s.effect.isString() {
		s.allow, s.deny = s.effect.text == "Allow", s.effect.text == "Deny"
	}
	s.principals = append(principalsOf(s.principal), principalsOf(s.notPrincipal)...)
	for _, element := range []*node{s.action, s.notAction} {
		for _, v := range element.values() {
			if v.isString() {
				s.actions = append(s.actions, l.newAction(v))
			}
		}
	}
	for _, element := range []*node{s.resource, s.notResource} {
		for _, v := range element.values() {
			if v.isString() {
				s.resources = append(s.resources, newResource(v))
			}
		}
	}
	s.tests = l.testsOf(s.condition)
	s.keys, s.providers, s.present = map[string]bool{}, map[string]bool{}, map[string]bool{}
	for i := range s.tests {
		t := &s.tests[i]
		key := condition.LowerKey(t.name)
		s.keys[key] = true
		s.providers[key[:max(0, strings.LastIndexByte(key, ':'))]] = true
		if t.base == "Null" && t.qualifier == "" && len(t.values) == 1 && t.values[0].text == "false" {
			s.present[key] = true
		}
	}
	return s
}

func principalsOf(element *node) []principal {
	if element.isString() {
		return []principal{{node: element, text: element.text}}
	}
	if !element.isObject() {
		return nil
	}
	var all []principal
	for _, kind := range element.children {
		for _, v := range kind.values() {
			if v.isString() {
				all = append(all, principal{node: v, kind: kind.name, text: v.text})
			}
		}
	}
	return all
}

func (l *lint) newAction(n *node) action {
	a := action{node: n, text: n.text}
	a.prefix, a.name, _ = strings.Cut(n.text, ":")
	if l.o.Catalog == nil || strings.ContainsAny(a.prefix, "*?") {
		return a
	}
	if s, ok := l.o.Catalog.Service(a.prefix); ok {
		a.service = s
	}
	if _, entry, ok := l.o.Catalog.Action(a.text); ok && !a.pattern() {
		a.entry = entry
	}
	return a
}

func (l *lint) testsOf(element *node) []test {
	if !element.isObject() {
		return nil
	}
	var all []test
	for _, op := range element.children {
		if !op.isObject() {
			continue
		}
		proto := test{operator: op}
		var bare string
		bare, proto.qualifier, proto.ifExists = bareOperator(op.name)
		if condition.Known(bare) {
			proto.base = bare
		}
		for _, key := range op.children {
			t := proto
			t.key, t.name, t.values = key, key.name, key.values()
			t.entry, t.known = l.o.Catalog.Key(t.name)
			all = append(all, t)
		}
	}
	return all
}

// tagged finds the key whose names are those of a family with a tag key after
// them: "aws:ResourceTag" of aws:ResourceTag/${TagKey}.
func (l *lint) tagged(family string) (catalog.Key, bool) {
	k, ok := l.o.Catalog.Key(family + "/x")
	return k, ok && strings.Contains(k.Name, "/")
}

// tested reports whether any of the statement's conditions is about a key.
func (s *statement) tested(key string) bool { return s.keys[condition.LowerKey(key)] }
