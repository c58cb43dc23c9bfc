package roles

import (
	_ "embed"
	"regexp"
	"strings"
	"sync"
)

//go:embed service-principals.txt
var servicePrincipals string

var services = sync.OnceValue(func() map[string]bool {
	known := map[string]bool{}
	for line := range strings.Lines(servicePrincipals) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			known[line] = true
		}
	}
	return known
})

var (
	regionName = regexp.MustCompile(`^[a-z]{2}(-[a-z]+)+-[0-9]$`)
	label      = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]*[a-z0-9])?$`)
)

const serviceDomain = ".amazonaws.com"

// knownService reports whether a trust policy may name the service principal:
// a listed one, a listed one in a Region ("states.eu-west-1.amazonaws.com"), or
// a part of a listed one ("edgelambda.lambda.amazonaws.com"). AWS adds parts of
// services all the time and publishes no complete list, so these are taken on
// trust; the services themselves are not.
func knownService(name string) bool {
	if services()[name] {
		return true
	}
	rest, ok := strings.CutSuffix(name, serviceDomain)
	if !ok {
		return false
	}
	labels := strings.Split(rest, ".")
	for _, l := range labels {
		if !label.MatchString(l) {
			return false
		}
	}
	if last := len(labels) - 1; last > 0 && regionName.MatchString(labels[last]) {
		labels = labels[:last]
	}
	return services()[labels[len(labels)-1]+serviceDomain]
}
