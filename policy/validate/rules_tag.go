package validate

import (
	"slices"
	"strings"

	"sallyport/catalog"
)

// tagRules are about conditions on the tags of resources, which say nothing
// about actions whose requests never carry those tags ("Controlling access to
// AWS resources using tags").
var tagRules = []rule{
	{code: "DENY_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE", kind: SecurityWarning, policies: anyPolicy, catalog: true, statement: func(l *lint, s *statement) {
		if s.deny {
			l.untaggable(s, "Using the effect Deny with the tag condition key %s and actions for services with the following prefixes can be overly permissive: %s. Actions for the listed services are not denied by this statement. We recommend that you move these actions to a different statement without this condition key.")
		}
	}},
	{code: "ALLOW_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE", kind: Suggestion, policies: anyPolicy, catalog: true, statement: func(l *lint, s *statement) {
		if s.allow {
			l.untaggable(s, "Using the effect Allow with the tag condition key %s and actions for services with the following prefixes does not affect the policy: %s. Actions for the listed service are not allowed by this statement. We recommend that you move these actions to a different statement without this condition key.")
		}
	}},
	{code: "DENY_NOTACTION_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE", kind: SecurityWarning, policies: anyPolicy, statement: func(l *lint, s *statement) {
		if t := s.tagTest(); s.deny && s.notAction != nil && t != nil {
			l.report([]place{onKey(t.key), onKey(s.notAction)}, "Using the effect Deny with NotAction and the tag condition key %s can be overly permissive because some service actions are not denied by this statement. This is because the condition key doesn't apply to some service actions. We recommend that you use Action instead of NotAction.", clip(t.name))
		}
	}},
	{code: "ALLOW_NOTACTION_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE", kind: Suggestion, policies: anyPolicy, statement: func(l *lint, s *statement) {
		if t := s.tagTest(); s.allow && s.notAction != nil && t != nil {
			l.report([]place{onKey(t.key), onKey(s.notAction)}, "Using the effect Allow with NotAction and the tag condition key %s allows only service actions that support the condition key. The condition key doesn't apply to some service actions. We recommend that you use Action instead of NotAction.", clip(t.name))
		}
	}},
}

// tagTest returns a condition on a resource's tag that an absent tag fails.
func (s *statement) tagTest() *test {
	for i := range s.tests {
		t := &s.tests[i]
		if t.hasPrefix("aws:ResourceTag/") && t.base != "" && t.base != "Null" && !t.ifExists && !t.negated() && t.qualifier != "ForAllValues" {
			return t
		}
	}
	return nil
}

func (l *lint) untaggable(s *statement, details string) {
	t := s.tagTest()
	if t == nil || s.action == nil {
		return
	}
	where := []place{onKey(t.key)}
	var prefixes []string
	for i := range s.actions {
		a := &s.actions[i]
		if a.service == nil || slices.Contains(prefixes, a.service.Prefix) || l.taggable(a) {
			continue
		}
		prefixes = append(prefixes, a.service.Prefix)
		if len(prefixes) <= listItems {
			where = append(where, at(a.node))
		}
	}
	if len(prefixes) > 0 {
		l.report(where, details, clip(t.name), listed(prefixes))
	}
}

// taggable reports whether the requests of an action, or of any action of a
// pattern's service, carry the tags of resources.
func (l *lint) taggable(a *action) bool {
	entries := a.service.Actions
	if !a.pattern() {
		if a.entry == nil {
			return true // its own finding
		}
		entries = []catalog.Action{*a.entry}
	}
	for i := range entries {
		if !l.spend(10) {
			return true
		}
		for _, key := range resourceKeys(a.service, &entries[i]) {
			if strings.HasPrefix(strings.ToLower(key), "aws:resourcetag/") {
				return true
			}
		}
	}
	return false
}
