package test

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// TestEvaluationRules: the rules of docs/evaluation.md can be cited, and cite the
// page they follow or say that there is none.
func TestEvaluationRules(t *testing.T) {
	text, err := os.ReadFile("../docs/evaluation.md")
	if err != nil {
		t.Fatal(err)
	}
	pages := map[string]bool{}
	for _, m := range regexp.MustCompile(`(?m)^\[([a-z]+)\]: https://docs\.aws\.amazon\.com/\S+$`).FindAllStringSubmatch(string(text), -1) {
		pages[m[1]] = false
	}
	rule := regexp.MustCompile(`^- \*\*([GMVCPLD][0-9]+)\*\* \S`)
	cited := regexp.MustCompile(`\[([a-z]+)\]`)
	seen := map[string]bool{}
	for line := range strings.Lines(string(text)) {
		m := rule.FindStringSubmatch(line)
		if m == nil {
			if strings.HasPrefix(line, "- **") {
				t.Errorf("not a rule: %s", line)
			}
			continue
		}
		if seen[m[1]] {
			t.Errorf("two rules are %s", m[1])
		}
		seen[m[1]] = true
		own := strings.Contains(line, "Sallyport's own choice") || m[1][0] == 'D' // as that section says
		for _, name := range cited.FindAllStringSubmatch(line, -1) {
			if _, known := pages[name[1]]; !known {
				t.Errorf("%s cites [%s], which is no page", m[1], name[1])
			}
			pages[name[1]], own = true, true
		}
		if !own {
			t.Errorf("%s cites no page of AWS's", m[1])
		}
	}
	if len(seen) < 100 {
		t.Errorf("only %d rules were found", len(seen))
	}
	for name, used := range pages {
		if !used {
			t.Errorf("no rule cites [%s]", name)
		}
	}
}
