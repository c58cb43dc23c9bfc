package validate

import (
	"slices"
	"strings"

	"sallyport/catalog"
	"sallyport/policy/condition"
)

// ownRules are findings that ValidatePolicy does not have.
var ownRules = []rule{
	{code: "SALLYPORT_ALLOW_WITH_NOT_ACTION", kind: SecurityWarning, policies: anyPolicy &^ servicePolicies, own: true, statement: func(l *lint, s *statement) {
		if s.allow && s.notAction != nil {
			l.report([]place{onKey(s.notAction), at(s.effect)}, "Allow with NotAction allows every other action, those of new services included. List what is allowed with Action.")
		}
	}},
	{code: "SALLYPORT_ALLOW_WITH_NOT_RESOURCE", kind: SecurityWarning, policies: anyPolicy &^ servicePolicies, own: true, statement: func(l *lint, s *statement) {
		if s.allow && s.notResource != nil {
			l.report([]place{onKey(s.notResource), at(s.effect)}, "Allow with NotResource allows the actions on every other resource, future ones included. List what is meant with Resource.")
		}
	}},
	{code: "SALLYPORT_FORALLVALUES_WITHOUT_NULL_CHECK", kind: SecurityWarning, policies: anyPolicy, own: true, statement: eachTest(func(l *lint, s *statement, t *test) {
		if !s.allow || t.qualifier != "ForAllValues" || t.base == "" || t.base == "Null" {
			return
		}
		if !s.present[condition.LowerKey(t.name)] {
			l.reportKey(t.key, "ForAllValues also holds for requests that do not carry %s. Add \"Null\": {%q: \"false\"} to the conditions.", clip(t.name), clip(t.name))
		}
	})},
	{code: "SALLYPORT_NO_RESOURCE_FOR_ACTION", kind: Warning, policies: identityPolicies | servicePolicies, own: true, catalog: true, statement: eachAction(func(l *lint, s *statement, a *action) {
		if a.entry == nil || s.resource == nil || s.action == nil || len(s.resources) == 0 {
			return
		}
		for i := range s.resources {
			if !l.spend(20) || l.mayApply(a, &s.resources[i]) {
				return
			}
		}
		if len(a.entry.Resources) == 0 {
			l.report([]place{at(a.node), at(s.resource)}, "The action %s has no resource types. Its requests have the resource *, which no resource of the statement matches: use \"Resource\": \"*\".", clip(a.text))
			return
		}
		types := make([]string, len(a.entry.Resources))
		for i := range types {
			types[i] = a.entry.Resources[i].Name
		}
		l.report([]place{at(a.node), at(s.resource)}, "No resource of the statement is of a type that the action %s supports: %s.", clip(a.text), listed(types))
	})},
}

// mayApply reports whether an action can be asked on what a resource stands for.
func (l *lint) mayApply(a *action, r *resource) bool {
	if !r.whole() || open(r.fields[2]) {
		return true
	}
	if len(a.entry.Resources) == 0 {
		return strings.Trim(r.text, "*") == ""
	}
	shapes, known := l.arns.shapes(l, r)
	if !known || len(shapes) == 0 {
		return true
	}
	if !l.spend(len(shapes) * len(a.entry.Resources) / 8) {
		return true
	}
	return slices.ContainsFunc(shapes, func(shape arnShape) bool {
		return shape.service != a.service.Prefix || slices.ContainsFunc(a.entry.Resources, func(want catalog.ActionResource) bool { return want.Name == shape.name })
	})
}
