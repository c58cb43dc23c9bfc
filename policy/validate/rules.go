package validate

import (
	"slices"
	"strings"
)

// A rule is one check. Its code and type are AWS's, unless it is Sallyport's
// own.
type rule struct {
	code      string
	kind      FindingType
	policies  policySet
	document  func(*lint)             // looks at the whole document
	statement func(*lint, *statement) // looks at each statement
	catalog   bool                    // needs the catalogue
	own       bool
}

// link is the section of AWS's page that is about the rule; for one of
// Sallyport's own, the page about the elements.
func (r *rule) link() string {
	if r.own {
		return "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html"
	}
	section := map[FindingType]string{
		ErrorFinding: "error", SecurityWarning: "security-warning", Warning: "general-warning", Suggestion: "suggestion",
	}[r.kind]
	name := strings.ReplaceAll(strings.ToLower(r.code), "_", "-")
	return checksPage + "#access-analyzer-reference-policy-checks-" + section + "-" + name
}

// rules are all checks; those of the syntax of JSON and of the engine itself
// stand apart.
var rules = slices.Concat(
	grammarRules, sidRules, sizeRules, principalRules, trustRules, organizationRules,
	actionRules, arnRules, resourceTypeRules, variableRules,
	operatorRules, keyRules, valueRules, ipRules, tagRules,
	roleRules, servicePrincipalRules, oidcRules, emptyRules, redundantRules, ownRules,
)

var (
	ruleJSONSyntax = rule{code: "JSON_SYNTAX_ERROR", kind: ErrorFinding, policies: anyPolicy}
	ruleNotInForce = rule{code: "SALLYPORT_NOT_IN_FORCE", kind: ErrorFinding, policies: anyPolicy, own: true}
)

// A Rule describes a check.
type Rule struct {
	Code string
	Type FindingType
	Link string
}

// Rules lists every check there is, Sallyport's own included.
func Rules() []Rule {
	all := make([]Rule, 0, len(rules)+2)
	for _, r := range append([]rule{ruleJSONSyntax, ruleNotInForce}, rules...) {
		all = append(all, Rule{Code: r.code, Type: r.kind, Link: r.link()})
	}
	slices.SortFunc(all, func(a, b Rule) int { return strings.Compare(a.Code, b.Code) })
	return all
}

func eachAction(check func(*lint, *statement, *action)) func(*lint, *statement) {
	return func(l *lint, s *statement) {
		for i := range s.actions {
			check(l, s, &s.actions[i])
		}
	}
}

func eachResource(check func(*lint, *resource)) func(*lint, *statement) {
	return func(l *lint, s *statement) {
		for i := range s.resources {
			check(l, &s.resources[i])
		}
	}
}

func eachPrincipal(check func(*lint, *statement, *principal)) func(*lint, *statement) {
	return func(l *lint, s *statement) {
		for i := range s.principals {
			check(l, s, &s.principals[i])
		}
	}
}

func eachTest(check func(*lint, *statement, *test)) func(*lint, *statement) {
	return func(l *lint, s *statement) {
		for i := range s.tests {
			check(l, s, &s.tests[i])
		}
	}
}
