package validate_test

import (
	_ "embed"
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sallyport/arn"
	"sallyport/catalog"
	"sallyport/catalog/managed"
	"sallyport/policy/validate"
)

// The example of the AWS CLI's reference for validate-policy, with AWS's answer:
// https://docs.aws.amazon.com/cli/latest/reference/accessanalyzer/validate-policy.html
// The audience is two characters longer than the published one, as it must have
// been when AWS answered: the published positions are of such a text.
//
//go:embed testdata/validate-policy.json
var cliExample []byte

//go:embed testdata/validate-policy-findings.json
var cliAnswer []byte

func TestFindingsOfAWSExample(t *testing.T) {
	var want struct{ Findings []validate.Finding }
	if err := json.Unmarshal(cliAnswer, &want); err != nil {
		t.Fatal(err)
	}
	if len(want.Findings) != 3 {
		t.Fatalf("the answer has %d findings", len(want.Findings))
	}
	got := validate.Findings(cliExample, validate.Options{Type: validate.ResourcePolicy, Catalog: catalog.AWS()})
	if diff := cmp.Diff(want.Findings, got); diff != "" {
		t.Error(diff)
	}
}

func document(text string) []byte {
	if strings.HasPrefix(text, "{") {
		return []byte(text)
	}
	return []byte(statements(text))
}

func find(findings []validate.Finding, code string) *validate.Finding {
	for i := range findings {
		if findings[i].IssueCode == code {
			return &findings[i]
		}
	}
	return nil
}

func TestRules(t *testing.T) {
	types := map[string]validate.FindingType{}
	for _, r := range validate.Rules() {
		types[r.Code] = r.Type
	}
	for _, c := range ruleCases {
		c.options.Catalog, c.options.Own = catalog.AWS(), true
		src := document(c.yes)
		findings := validate.Findings(src, c.options)
		if f := find(findings, c.code); f == nil {
			t.Errorf("%s is not found in %s: %v", c.code, src, codes(findings))
		} else {
			checkFinding(t, src, f, types[c.code])
		}
		src = document(c.no)
		if f := find(validate.Findings(src, c.options), c.code); f != nil {
			t.Errorf("%s is found in %s: %s", c.code, src, f.Details)
		}
	}
}

// checkFinding holds a finding to the shape of the API and its place to the
// source.
func checkFinding(t *testing.T, src []byte, f *validate.Finding, want validate.FindingType) {
	t.Helper()
	if f.Type != want || f.Details == "" || !strings.HasPrefix(f.LearnMoreLink, "https://docs.aws.amazon.com/IAM/") || len(f.Locations) == 0 {
		t.Errorf("%s is incomplete: %+v", f.IssueCode, f)
	}
	for _, l := range f.Locations {
		start, end := l.Span.Start, l.Span.End
		if start.Offset < 0 || end.Offset < start.Offset || end.Offset > len(src) || start.Line < 1 || start.Column < 0 {
			t.Errorf("%s: its span %+v is not in %s", f.IssueCode, l.Span, src)
			continue
		}
		if f.IssueCode == "JSON_SYNTAX_ERROR" {
			continue
		}
		if text := src[start.Offset:end.Offset]; !json.Valid(text) {
			t.Errorf("%s: its span is %q, not a value or a name, of %s", f.IssueCode, text, src)
		}
	}
}

func codes(findings []validate.Finding) []string {
	var all []string
	for _, f := range findings {
		all = append(all, f.IssueCode)
	}
	return all
}

// TestEveryRuleHasCases fails for a rule that no case shows, and for fewer rules
// than there were.
func TestEveryRuleHasCases(t *testing.T) {
	shown := map[string]bool{}
	for _, c := range ruleCases {
		if c.yes == "" || c.no == "" {
			t.Errorf("%s: a case needs a policy with the finding and one without", c.code)
		}
		shown[c.code] = true
	}
	aws, seen := 0, map[string]bool{}
	for _, r := range validate.Rules() {
		if !shown[r.Code] {
			t.Errorf("%s has no case", r.Code)
		}
		if seen[r.Code] {
			t.Errorf("%s is there twice", r.Code)
		}
		seen[r.Code] = true
		if !strings.HasPrefix(r.Code, "SALLYPORT_") {
			aws++
		}
	}
	if aws < 120 {
		t.Errorf("there are %d of AWS's checks", aws)
	}
}

// TestFindingsOfManagedPolicies holds the checks to AWS's own policies. The page
// of the checks names some that have findings; and few have errors, so that a
// rule that misunderstands policies shows in the count.
func TestFindingsOfManagedPolicies(t *testing.T) {
	named := map[string][]string{
		"CREATE_SLR_WITH_STAR_IN_RESOURCE":            {"PowerUserAccess", "AWSOrganizationsServiceTrustPolicy"},
		"CREATE_SLR_WITH_STAR_IN_ACTION_AND_RESOURCE": {"AdministratorAccess", "IAMFullAccess"},
		"PASS_ROLE_WITH_STAR_IN_ACTION_AND_RESOURCE":  {"AdministratorAccess", "IAMFullAccess"},
		"PASS_ROLE_WITH_STAR_IN_RESOURCE":             {"AdministratorAccess-Amplify"},
		"POLICY_SIZE_EXCEEDS_IDENTITY_POLICY_QUOTA":   {"ReadOnlyAccess", "AWSSupportServiceRolePolicy"},
	}
	policies, faulty, found := 0, 0, map[string]map[string]bool{}
	for p := range managed.All() {
		policies++
		errors := 0
		for _, f := range validate.Findings(p.Document(), validate.Options{Type: validate.IdentityPolicy, Catalog: catalog.AWS()}) {
			if found[f.IssueCode] == nil {
				found[f.IssueCode] = map[string]bool{}
			}
			found[f.IssueCode][p.Name] = true
			if f.Type == validate.ErrorFinding {
				errors++
				t.Logf("%s: %s: %s", p.Name, f.IssueCode, f.Details)
			}
		}
		faulty += min(errors, 1)
	}
	if policies < 1400 || faulty > policies/12 {
		t.Errorf("%d of %d policies have errors", faulty, policies)
	}
	for code, names := range named {
		for _, name := range names {
			if !found[code][name] {
				t.Errorf("%s is not found in %s", code, name)
			}
		}
	}
	if n := len(found["PASS_ROLE_WITH_STAR_IN_ACTION_AND_RESOURCE"]); n > 5 {
		t.Errorf("%d policies pass any role", n)
	}
}

// TestNotInForcePlace: what only the engine refuses is found where it refuses it.
func TestNotInForcePlace(t *testing.T) {
	src := document(`"Effect":"Allow","Action":"s3:GetObject","Resource":["*","arn:aws:s3:::b/` + strings.Repeat("${aws:username}", 20) + `"]`)
	f := find(validate.Findings(src, validate.Options{Own: true}), "SALLYPORT_NOT_IN_FORCE")
	if f == nil {
		t.Fatal("it is not found")
	}
	if span := f.Locations[0].Span; !strings.HasPrefix(string(src[span.Start.Offset:span.End.Offset]), `"arn:aws:s3:::b/`) {
		t.Errorf("it is found at %s", src[span.Start.Offset:span.End.Offset])
	}
}

// TestFindingsWithoutCatalogue: what needs no catalogue is found without one.
func TestFindingsWithoutCatalogue(t *testing.T) {
	found := 0
	for _, c := range ruleCases {
		c.options.Own = true
		if find(validate.Findings(document(c.yes), c.options), c.code) != nil {
			found++
		}
		if f := find(validate.Findings(document(c.no), c.options), c.code); f != nil {
			t.Errorf("%s is found in %s", c.code, c.no)
		}
	}
	if found < 110 {
		t.Errorf("only %d of %d findings are found", found, len(ruleCases))
	}
}

// TestRedundantIsRedundant: leaving out a resource that is said to be redundant
// changes no answer, for all short patterns and texts.
func TestRedundantIsRedundant(t *testing.T) {
	patterns, texts := words("ab*?", 3), words("ab", 4)
	const prefix = "arn:aws:s3:::"
	said := 0
	for _, a := range patterns {
		for _, b := range patterns {
			if a == b {
				continue
			}
			src := document(on + `["` + prefix + a + `","` + prefix + b + `"]`)
			f := find(validate.Findings(src, validate.Options{}), "REDUNDANT_RESOURCE")
			if f == nil {
				continue
			}
			said++
			redundant, by := a, b
			if strings.HasPrefix(f.Details, "The resource ARN "+prefix+b+" is") {
				redundant, by = b, a
			}
			for _, text := range texts {
				if arn.Match(redundant, text) && !arn.Match(by, text) {
					t.Fatalf("%s is said to be redundant with %s: %s", redundant, by, text)
				}
			}
		}
	}
	if said < 500 {
		t.Errorf("only %d pairs are said to be redundant", said)
	}
}

// words returns all words of an alphabet up to a length.
func words(alphabet string, length int) []string {
	all, last := []string{}, []string{""}
	for range length {
		var next []string
		for _, w := range last {
			for _, c := range alphabet {
				next = append(next, w+string(c))
			}
		}
		all, last = append(all, next...), next
	}
	return all
}
