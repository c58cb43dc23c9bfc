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

// The table of service-linked roles: sorted, with policies that there are, and
// services that a trust policy may name. AWS managed policies agree with it
// wherever they name such a role.
func TestServiceLinkedRoleTable(t *testing.T) {
	var listed, suffixed []string
	names := map[string]string{}
	for line := range strings.Lines(linkedRoles) {
		fields := strings.Fields(line)
		if fields[0] == "#" {
			continue
		}
		service := fields[0]
		if len(fields) > 4 || len(fields) == 4 && fields[3] != "suffix" {
			t.Errorf("odd line %q", line)
		}
		if n := len(listed); n > 0 && listed[n-1] >= service {
			t.Errorf("%s comes after %s", service, listed[n-1])
		}
		listed = append(listed, service)
		role := templates()[service]
		if role.suffix {
			suffixed = append(suffixed, service)
		}
		if !knownService(service) || !label.MatchString(strings.ReplaceAll(service, ".", "-")) {
			t.Errorf("%s is no known service", service)
		}
		if !strings.HasPrefix(role.role, "AWSServiceRoleFor") || len(role.role) > maxRoleName || names[role.role] != "" {
			t.Errorf("%s has the role %s, as %s", service, role.role, names[role.role])
		}
		names[role.role] = service
		// Recorded from AWS, but not among the policies that it publishes.
		if _, ok := managed.Lookup(role.policy); ok == (service == "lex.amazonaws.com") {
			t.Errorf("%s: is there a policy %s? %v", service, role.policy, ok)
		}
	}
	if len(listed) != 146 || len(templates()) != len(listed) {
		t.Errorf("%d services, %d templates", len(listed), len(templates()))
	}
	if want := []string{"autoscaling.amazonaws.com", "connect.amazonaws.com", "lexv2.amazonaws.com"}; !slices.Equal(suffixed, want) {
		t.Errorf("suffixes are for %v", suffixed)
	}
	named := regexp.MustCompile(`:role/aws-service-role/([a-z0-9.-]+)/(AWSServiceRoleFor[\w-]+)`)
	agreed := 0
	for p := range managed.All() {
		for _, m := range named.FindAllStringSubmatch(string(p.Document()), -1) {
			role, ok := templates()[m[1]]
			switch {
			case !ok: // of a service that is not in the table
			case strings.HasPrefix(role.role+"_", m[2]): // without what a "*" stands for
				agreed++
			default:
				t.Errorf("%s names %s of %s, the table has %s", p.Name, m[2], m[1], role.role)
			}
		}
	}
	if agreed < 50 {
		t.Errorf("AWS managed policies name %d roles of the table", agreed)
	}
}
