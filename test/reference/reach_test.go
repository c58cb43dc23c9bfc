package reference

import (
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// specification is where the rules are.
const specification = "../../docs/evaluation.md"

// ruleCount is the least number of rules, so that a page that is not understood is
// noticed.
const ruleCount = 110

// writtenOnly are the rules that no evaluation can reach, with the reason.
var writtenOnly = map[string]string{
	"L20": "a case whose resource has no account takes the caller's",
}

// oneEffect are the rules of statements that only one effect can reach.
var oneEffect = map[string]string{
	"C13": "Allow", "C14": "Deny",
	"P9": "Deny", "P10": "Deny", "P11": "Deny", "P12": "Deny", // NotPrincipal
	"P13": "Allow", "P14": "Deny",
}

var rulePattern = regexp.MustCompile(`\*\*([A-Z]+[0-9]+[a-z]?)\*\*`)

// rules are the names of all rules of the specification.
func rules(t *testing.T) map[string]bool {
	t.Helper()
	page, err := os.ReadFile(specification)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]bool{}
	for _, m := range rulePattern.FindAllStringSubmatch(string(page), -1) {
		all[m[1]] = true
	}
	if len(all) < ruleCount {
		t.Fatalf("%s has %d rules, want %d", specification, len(all), ruleCount)
	}
	return all
}

// checkReach holds that a run reached every rule: those of statements under both
// effects. What can't be reached is listed, and was not.
func checkReach(t *testing.T, reached Reached) {
	t.Helper()
	all := rules(t)
	for _, rule := range slices.Sorted(maps.Keys(all)) {
		_, unreachable := writtenOnly[rule]
		switch {
		case unreachable && reached[rule] > 0:
			t.Errorf("%s is listed as out of reach and was reached", rule)
		case !unreachable && reached[rule] == 0:
			t.Errorf("%s was not reached", rule)
		}
		allow, deny := reached[rule+" Allow"], reached[rule+" Deny"]
		if allow == 0 && deny == 0 {
			continue
		}
		only, one := oneEffect[rule]
		switch {
		case !one && (allow == 0 || deny == 0):
			t.Errorf("%s was reached by %d Allow and %d Deny statements, want both", rule, allow, deny)
		case one && (only != "Allow" && allow > 0 || only != "Deny" && deny > 0):
			t.Errorf("%s is listed as of %s statements only", rule, only)
		}
	}
	for rule := range reached {
		if name, _, _ := strings.Cut(rule, " "); !all[name] {
			t.Errorf("%s is no rule of %s", name, specification)
		}
	}
	for _, listed := range []map[string]string{writtenOnly, oneEffect} {
		for rule := range listed {
			if !all[rule] {
				t.Errorf("%s is listed and is no rule of %s", rule, specification)
			}
		}
	}
}
