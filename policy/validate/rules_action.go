package validate

import (
	"strings"

	"sallyport/arn"
	"sallyport/catalog"
)

// actionRules follow "IAM JSON policy elements: Action" and the Service
// Authorization Reference.
var actionRules = []rule{
	{code: "INVALID_SERVICE_IN_ACTION", kind: ErrorFinding, policies: anyPolicy, catalog: true, statement: eachAction(func(l *lint, s *statement, a *action) {
		if l.full() || a.service != nil || !strings.Contains(a.text, ":") || strings.ContainsAny(a.prefix, "*?$") {
			return
		}
		l.reportAt(a.node, "The service %s specified in the action does not exist.%s", clip(a.prefix), l.didYouMean("", a.prefix, l.o.Catalog.Prefixes()))
	})},
	{code: "INVALID_ACTION", kind: ErrorFinding, policies: anyPolicy, catalog: true, statement: eachAction(func(l *lint, s *statement, a *action) {
		if l.full() || a.text == "*" || strings.ContainsAny(a.prefix, "*?$") {
			return
		}
		if !strings.Contains(a.text, ":") {
			l.reportAt(a.node, "The action %s does not exist.", clip(a.text))
			return
		}
		if a.service == nil || a.entry != nil || a.pattern() && !l.matchesNothing(a) {
			return
		}
		hint := ""
		if !a.pattern() {
			names := make([]string, len(a.service.Actions))
			for i := range names {
				names[i] = a.service.Actions[i].Name
			}
			hint = l.didYouMean(a.service.Prefix+":", a.name, names)
		}
		l.reportAt(a.node, "The action %s does not exist.%s", clip(a.text), hint)
	})},
	{code: "WILDCARD_IN_SERVICE_NAME", kind: Suggestion, policies: anyPolicy &^ servicePolicies, statement: func(l *lint, s *statement) {
		const details = "Avoid using wildcards (*, ?) in the service name because it might grant unintended access to other AWS services with similar names."
		for i := range s.actions {
			if a := &s.actions[i]; a.text != "*" && strings.ContainsAny(a.prefix, "*?") {
				l.reportAt(a.node, details)
			}
		}
		for i := range s.resources {
			if r := &s.resources[i]; len(r.fields) > 2 && strings.ContainsAny(r.fields[2], "*?") {
				l.reportAt(r.node, details)
			}
		}
	}},
}

// matchesNothing reports whether a pattern matches no action of its service.
func (l *lint) matchesNothing(a *action) bool {
	if !l.spend(len(a.service.Actions) * 4) {
		return false
	}
	glob := arn.ParseGlob(a.name, true)
	for i := range a.service.Actions {
		if glob.Match(a.service.Actions[i].Name, nil) {
			return false
		}
	}
	return true
}

// didYouMean suggests the name that differs least, by two letters at most.
func (l *lint) didYouMean(prefix, name string, names []string) string {
	best, least := "", 3
	for _, candidate := range names {
		if len(name) > 64 || len(candidate) > len(name)+2 || len(name) > len(candidate)+2 {
			continue
		}
		if !l.spend(len(name) * len(candidate)) {
			return ""
		}
		if d := editDistance(strings.ToLower(name), strings.ToLower(candidate)); d < least {
			best, least = candidate, d
		}
	}
	if best == "" {
		return ""
	}
	return " Did you mean " + prefix + best + "?"
}

// editDistance is Levenshtein's, in bytes.
func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}

// supports says which services' actions and resources a resource type's policy
// is about.
var supports = map[string]string{
	"AWS::S3::Bucket":                  "s3",
	"AWS::S3::AccessPoint":             "s3",
	"AWS::S3::MultiRegionAccessPoint":  "s3",
	"AWS::S3ObjectLambda::AccessPoint": "s3-object-lambda",
	"AWS::DynamoDB::Table":             "dynamodb",
	TrustPolicyType:                    "sts",
}

// resourceTypeRules follow what the policies of a type of resource can be about.
var resourceTypeRules = []rule{
	{code: "UNSUPPORTED_ACTION_IN_POLICY", kind: ErrorFinding, policies: resourcePolicies | trustPolicies, statement: eachAction(func(l *lint, s *statement, a *action) {
		service, ok := supports[l.o.ResourceType]
		if ok && strings.Contains(a.text, ":") && !strings.ContainsAny(a.prefix, "*?") && !strings.EqualFold(a.prefix, service) {
			l.reportAt(a.node, "The action %s is not supported for the resource-based policy attached to the resource type %s.", clip(a.text), l.o.ResourceType)
		}
	})},
	{code: "UNSUPPORTED_RESOURCE_ARN_IN_POLICY", kind: ErrorFinding, policies: resourcePolicies, statement: eachResource(func(l *lint, r *resource) {
		service, ok := supports[l.o.ResourceType]
		if ok && len(r.fields) == 6 && !strings.ContainsAny(r.fields[2], "*?") && r.fields[2] != service {
			l.reportAt(r.node, "The resource ARN %s is not supported for the resource-based policy attached to the resource type %s.", clip(r.text), l.o.ResourceType)
		}
	})},
	{code: "IRRELEVANT_CONDITION_KEY_IN_POLICY", kind: Suggestion, policies: resourcePolicies, statement: eachTest(func(l *lint, s *statement, t *test) {
		if l.o.ResourceType != "" && t.is("aws:ResourceAccount") || l.o.ResourceType != "" && (t.is("aws:ResourceOrgID") || t.is("aws:ResourceOrgPaths")) {
			l.reportKey(t.key, "The condition key %s is not relevant for the resource-based policy of the resource type %s, which is about that resource alone.", clip(t.name), l.o.ResourceType)
		}
	})},
	{code: "UNSUPPORTED_ACTION_FOR_CONDITION_KEY", kind: ErrorFinding, policies: anyPolicy, catalog: true, statement: unsupportedKeys},
}

// unsupportedKeys is about actions whose requests never carry a service's
// condition key.
func unsupportedKeys(l *lint, s *statement) {
	if s.notAction != nil {
		return
	}
	mentions := map[*catalog.Action]int{}
	for i := range s.tests {
		t := &s.tests[i]
		if !t.known || t.hasPrefix("aws:") || t.base == "" {
			continue
		}
		where := []place{}
		var names []string
		for j := range s.actions {
			a := &s.actions[j]
			if l.steps <= 0 {
				return
			}
			if a.entry == nil {
				continue
			}
			n, ok := mentions[a.entry]
			if !ok {
				n = a.service.KeyMentions(a.entry)
				mentions[a.entry] = n
			}
			if !l.spend(20+n) || l.o.Catalog.ActionHasKey(a.service, a.entry, t.entry.Name) || l.wrongPrincipal(s, a) {
				continue
			}
			if names = append(names, a.text); len(names) <= listItems {
				where = append(where, at(a.node))
			}
		}
		if len(names) > 0 {
			l.report(append(where, at(t.key)), "The following actions: %s are not supported by the condition key %s. The condition will not be evaluated for these actions. We recommend that you move these actions to a different statement without this condition key.", listed(names), clip(t.name))
		}
	}
}

// wrongPrincipal reports whether a trust policy's action has a finding already:
// it is the wrong one for the principal.
func (l *lint) wrongPrincipal(s *statement, a *action) bool {
	return l.set == trustPolicies && isAssume(a.text)
}

// resourceKeys returns the condition keys of an action, its own and those of its
// resource types.
func resourceKeys(service *catalog.Service, entry *catalog.Action) []string {
	keys := append([]string(nil), entry.Keys...)
	for _, r := range entry.Resources {
		keys = append(keys, r.Keys...)
		for i := range service.Resources {
			if service.Resources[i].Name == r.Name {
				keys = append(keys, service.Resources[i].Keys...)
			}
		}
	}
	return keys
}
