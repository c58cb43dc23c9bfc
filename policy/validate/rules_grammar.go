package validate

import (
	"slices"
	"strings"

	"sallyport/policy"
)

// grammarRules follow "Grammar of the IAM JSON policy language": which elements
// there are, of which JSON types, and which must be there.
var grammarRules = []rule{
	{code: "DATA_TYPE_MISMATCH", kind: ErrorFinding, policies: anyPolicy, document: checkTypes, statement: checkStatementTypes},
	{code: "INVALID_POLICY_ELEMENT", kind: ErrorFinding, policies: anyPolicy, document: func(l *lint) {
		l.unknownMembers(l.root, documentElements)
	}, statement: func(l *lint, s *statement) {
		l.unknownMembers(s.node, statementElements)
	}},
	{code: "INVALID_VERSION", kind: ErrorFinding, policies: anyPolicy, document: func(l *lint) {
		if v := l.root.member("Version"); v.isString() && v.text != policy.Version2008 && v.text != policy.Version2012 {
			l.reportAt(v, "The version %s is not valid. Use one of the following versions: %s, %s.", clip(v.text), policy.Version2012, policy.Version2008)
		}
	}},
	{code: "MISSING_VERSION", kind: Warning, policies: anyPolicy, document: func(l *lint) {
		if l.root.isObject() && l.root.member("Version") == nil {
			l.reportAt(l.root, "Specify the Version element: without it the policy has the version 2008-10-17, and policy variables are plain text.")
		}
	}},
	{code: "MISSING_STATEMENT", kind: ErrorFinding, policies: anyPolicy, document: func(l *lint) {
		if !l.root.isObject() {
			return
		}
		switch s := l.root.member("Statement"); {
		case s == nil:
			l.reportAt(l.root, "Add a statement to the policy.")
		case s.isArray() && len(s.children) == 0:
			l.reportAt(s, "Add a statement to the policy.")
		}
	}},
	{code: "UNSUPPORTED_ELEMENT_COMBINATION", kind: ErrorFinding, policies: anyPolicy, statement: func(l *lint, s *statement) {
		for _, pair := range [][2]*node{{s.principal, s.notPrincipal}, {s.action, s.notAction}, {s.resource, s.notResource}} {
			if pair[0] != nil && pair[1] != nil {
				l.report([]place{onKey(pair[1]), onKey(pair[0])}, "The policy elements %s and %s can't be used in the same statement. Remove one of them.", pair[0].name, pair[1].name)
			}
		}
	}},
	{code: "MISSING_EFFECT", kind: ErrorFinding, policies: anyPolicy, statement: func(l *lint, s *statement) {
		if s.effect == nil {
			l.reportAt(s.node, "Add an Effect element to the policy statement with a value of Allow or Deny.")
		}
	}},
	{code: "INVALID_EFFECT", kind: ErrorFinding, policies: anyPolicy, statement: func(l *lint, s *statement) {
		if s.effect.isString() && !s.allow && !s.deny {
			l.reportAt(s.effect, "The effect %s is not valid. Use Allow or Deny.", clip(s.effect.text))
		}
	}},
	{code: "MISSING_ACTION", kind: ErrorFinding, policies: anyPolicy, statement: func(l *lint, s *statement) {
		if s.action == nil && s.notAction == nil {
			l.reportAt(s.node, "Add an Action or NotAction element to the policy statement.")
		}
	}},
	{code: "MISSING_PRINCIPAL", kind: ErrorFinding, policies: withPrincipal, statement: func(l *lint, s *statement) {
		if s.principal == nil && s.notPrincipal == nil {
			l.reportAt(s.node, "Add a Principal element to the policy statement.")
		}
	}},
	{code: "MISSING_RESOURCE", kind: ErrorFinding, policies: anyPolicy &^ trustPolicies, statement: func(l *lint, s *statement) {
		if s.resource == nil && s.notResource == nil {
			l.reportAt(s.node, "Add a Resource or NotResource element to the policy statement.")
		}
	}},
}

var (
	documentElements  = []string{"Version", "Id", "Statement"}
	statementElements = []string{
		"Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition",
	}
)

func (l *lint) unknownMembers(object *node, known []string) {
	if !object.isObject() {
		return
	}
	for _, c := range object.children {
		if slices.Contains(known, c.name) {
			continue
		}
		meant := slices.IndexFunc(known, func(k string) bool { return strings.EqualFold(k, c.name) })
		if meant >= 0 {
			l.reportKey(c, "The policy element %s is not valid. Did you mean %s?", c.name, known[meant])
		} else {
			l.reportKey(c, "The policy element %s is not valid.", clip(c.name))
		}
	}
}

func (l *lint) wantString(n *node) {
	if n != nil && !n.isString() {
		l.reportAt(n, "The text does not match the expected JSON data type String.")
	}
}

// wantStrings accepts a string or a list of strings.
func (l *lint) wantStrings(n *node) {
	for _, v := range n.values() {
		l.wantString(v)
	}
}

func checkTypes(l *lint) {
	if !l.root.isObject() {
		l.reportAt(l.root, "The text does not match the expected JSON data type Object.")
		return
	}
	l.wantString(l.root.member("Version"))
	l.wantString(l.root.member("Id"))
	for _, s := range l.root.member("Statement").values() {
		if !s.isObject() {
			l.reportAt(s, "The text does not match the expected JSON data type Object.")
		}
	}
}

func checkStatementTypes(l *lint, s *statement) {
	l.wantString(s.sid)
	l.wantString(s.effect)
	for _, element := range []*node{s.action, s.notAction, s.resource, s.notResource} {
		l.wantStrings(element)
	}
	for _, element := range []*node{s.principal, s.notPrincipal} {
		if element.isObject() {
			for _, kind := range element.children {
				l.wantStrings(kind)
			}
		}
	}
	if s.condition == nil {
		return
	}
	objects := []*node{s.condition}
	if s.condition.isObject() {
		objects = append(objects, s.condition.children...)
	}
	for i, object := range objects {
		if !object.isObject() {
			l.reportAt(object, "The text does not match the expected JSON data type Object.")
			continue
		}
		if i == 0 {
			continue
		}
		for _, key := range object.children {
			for _, v := range key.values() {
				if !v.isString() && !v.isBool() && v.kind != '0' {
					l.reportAt(v, "The text does not match the expected JSON data type String, Number or Boolean.")
				}
			}
		}
	}
}
