package roles

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"sallyport/catalog/managed"
)

func TestKnownService(t *testing.T) {
	for name, want := range map[string]bool{
		"ec2.amazonaws.com":                       true,
		"lambda.amazonaws.com":                    true,
		"edgelambda.amazonaws.com":                true,
		"vpc-flow-logs.amazonaws.com":             true,
		"states.eu-west-1.amazonaws.com":          true,
		"logs.us-gov-west-1.amazonaws.com":        true,
		"replication.ecr.amazonaws.com":           true,
		"new-part.lambda.amazonaws.com":           true,
		"new-part.lambda.eu-west-1.amazonaws.com": true,

		"nope.amazonaws.com":           false, // row iam-065
		"nope.eu-west-1.amazonaws.com": false,
		"lambda.nope.amazonaws.com":    false,
		"eu-west-1.amazonaws.com":      false,
		"amazonaws.com":                false,
		".amazonaws.com":               false,
		".lambda.amazonaws.com":        false,
		"-x.lambda.amazonaws.com":      false,
		"x..lambda.amazonaws.com":      false,
		"*.amazonaws.com":              false,
		"*.lambda.amazonaws.com":       false,
		"LAMBDA.amazonaws.com":         false,
		"lambda.amazonaws.com.":        false,
		"lambda.amazonaws.com.example": false,
		"lambda.example.com":           false,
		"lambda":                       false,
		"":                             false,
	} {
		if got := knownService(name); got != want {
			t.Errorf("knownService(%q) = %v", name, got)
		}
	}
}

// The list is sorted and without doubles, and has every service principal that
// AWS managed policies name.
func TestServicePrincipalList(t *testing.T) {
	var listed []string
	for line := range strings.Lines(servicePrincipals) {
		if !strings.HasPrefix(line, "#") {
			listed = append(listed, strings.TrimSpace(line))
		}
	}
	if len(listed) < 500 {
		t.Fatalf("%d service principals", len(listed))
	}
	for i, name := range listed {
		if i > 0 && listed[i-1] >= name {
			t.Errorf("%s comes after %s", name, listed[i-1])
		}
		if !strings.HasSuffix(name, serviceDomain) {
			t.Errorf("%s is not under %s", name, serviceDomain)
		}
	}
	named := regexp.MustCompile(`"([a-z0-9][a-z0-9.-]*\.amazonaws\.com)"`)
	checked := 0
	for p := range managed.All() {
		for _, m := range named.FindAllStringSubmatch(string(p.Document()), -1) {
			checked++
			if _, found := slices.BinarySearch(listed, m[1]); !found {
				t.Errorf("%s names %s", p.Name, m[1])
			}
		}
	}
	if checked < 500 {
		t.Errorf("AWS managed policies name %d service principals", checked)
	}
}
