package validate

import (
	"regexp"
	"slices"
	"strings"

	"sallyport/catalog"
	"sallyport/policy"
)

// A resource is a value of Resource or NotResource.
type resource struct {
	node   *node
	text   string
	fields []string // arn, partition, service, region, account, resource; fewer when missing

	matched bool // shapes and known are filled in
	shapes  []arnShape
	known   bool
}

func newResource(n *node) resource { return resource{node: n, text: n.text, fields: splitARN(n.text)} }

// splitARN splits at colons that are not within a policy variable, into six
// fields at most.
func splitARN(s string) []string {
	var fields []string
	start, depth := 0, 0
	for i := 0; i < len(s) && len(fields) < 5; i++ {
		switch {
		case strings.HasPrefix(s[i:], "${"):
			depth++
		case s[i] == '}' && depth > 0:
			depth--
		case s[i] == ':' && depth == 0:
			fields = append(fields, s[start:i])
			start = i + 1
		}
	}
	return append(fields, s[start:])
}

// open reports whether text has wildcards or policy variables.
func open(s string) bool { return strings.ContainsAny(s, "*?") || strings.Contains(s, "${") }

// whole reports whether the resource is an ARN with all its fields.
func (r *resource) whole() bool { return len(r.fields) == 6 && r.fields[0] == "arn" }

// regionName is the form of the names of Regions.
var regionName = regexp.MustCompile(`^[a-z]{2,8}(-[a-z]{2,12}){1,3}-\d{1,2}$`)

// ownedByAWS are names of resources that belong to AWS, whose ARNs leave out what
// the others of their type have: documents and parameters of AWS Systems Manager,
// images.
var ownedByAWS = regexp.MustCompile(`(?i)[/:](aws|amazon)`)

// namedOwners are the accounts in ARNs that have a name instead of a number.
var namedOwners = []string{"aws", "amazon", "aws-marketplace", "cloudfront", "aws-managed"}

// arnRules follow "Identify AWS resources with Amazon Resource Names (ARNs)" and
// the ARN formats of the Service Authorization Reference.
var arnRules = []rule{
	{code: "INVALID_ARN_PREFIX", kind: ErrorFinding, policies: anyPolicy, statement: eachResource(func(l *lint, r *resource) {
		if r.text != "*" && r.fields[0] != "arn" && !open(r.fields[0]) {
			l.reportAt(r.node, "Add the required prefix (arn) to the resource ARN.")
		}
	})},
	{code: "MISSING_ARN_FIELD", kind: ErrorFinding, policies: anyPolicy, statement: eachResource(func(l *lint, r *resource) {
		if r.fields[0] == "arn" && len(r.fields) < 6 && !strings.HasSuffix(r.text, "*") {
			l.reportAt(r.node, "Resource ARNs must include at least 6 fields in the following structure: arn:partition:service:region:account:resource.")
		}
	})},
	{code: "INVALID_PARTITION", kind: ErrorFinding, policies: anyPolicy, statement: eachResource(func(l *lint, r *resource) {
		if r.whole() && !open(r.fields[1]) && !slices.Contains(partitions, r.fields[1]) {
			l.reportAt(r.node, "The resource ARN for the service does not support the partition %s. Use the supported values: %s.", clip(r.fields[1]), strings.Join(partitions[1:], ", "))
		}
	})},
	{code: "INVALID_ARN_SERVICE_CASE", kind: ErrorFinding, policies: anyPolicy, statement: eachResource(func(l *lint, r *resource) {
		if r.whole() && r.fields[2] != strings.ToLower(r.fields[2]) && !strings.Contains(r.fields[2], "${") {
			l.reportAt(r.node, "Update the service name %s in the resource ARN to use all lowercase letters.", clip(r.fields[2]))
		}
	})},
	{code: "INVALID_SERVICE", kind: ErrorFinding, policies: anyPolicy, catalog: true, statement: func(l *lint, s *statement) {
		for i := range s.resources {
			r := &s.resources[i]
			if r.whole() && !open(r.fields[2]) && !l.arns.knows(l, strings.ToLower(r.fields[2])) {
				l.reportAt(r.node, "The service %s does not exist. Use a valid service name.", clip(r.fields[2]))
			}
		}
		for i := range s.tests {
			if t := &s.tests[i]; !t.known && l.unknownKeyService(t) {
				prefix, _, _ := strings.Cut(t.name, ":")
				l.reportKey(t.key, "The service %s does not exist. Use a valid service name.", clip(prefix))
			}
		}
	}},
	{code: "INVALID_ARN_REGION", kind: ErrorFinding, policies: anyPolicy, statement: eachResource(func(l *lint, r *resource) {
		if r.whole() && r.fields[3] != "" && !open(r.fields[3]) && !regionName.MatchString(r.fields[3]) {
			l.reportAt(r.node, "The Region %s is not valid for this resource. Update the resource ARN to include a supported Region.", clip(r.fields[3]))
		}
	})},
	{code: "INVALID_ARN_ACCOUNT", kind: ErrorFinding, policies: anyPolicy, statement: eachResource(func(l *lint, r *resource) {
		if r.whole() && r.fields[4] != "" && !open(r.fields[4]) && !policy.IsAccountID(r.fields[4]) && !slices.Contains(namedOwners, r.fields[4]) {
			l.reportAt(r.node, "The resource ARN account ID %s is not valid. Provide a 12-digit account ID.", clip(r.fields[4]))
		}
	})},
	{code: "INVALID_ARN_RESOURCE", kind: ErrorFinding, policies: anyPolicy, catalog: true, statement: eachResource(func(l *lint, r *resource) {
		if shapes, known := l.arns.shapes(l, r); known && len(shapes) == 0 && r.fields[5] != "root" {
			l.reportAt(r.node, "Resource ARN does not match the expected ARN format. Update the resource portion of the ARN.")
		}
	})},
	shapeRule("MISSING_ARN_REGION", 3, true, "Add a Region to the %s resource ARN."),
	shapeRule("MISSING_ARN_ACCOUNT", 4, true, "Add an account ID to the %s resource ARN."),
	shapeRule("ARN_REGION_NOT_ALLOWED", 3, false, "The service %s does not support specifying a Region in the resource ARN."),
	shapeRule("ARN_ACCOUNT_NOT_ALLOWED", 4, false, "The service %s does not support specifying an account ID in the resource ARN."),
}

// shapeRule is about a field that every type the ARN may be of has, but the ARN
// has not, or the reverse.
func shapeRule(code string, field int, has bool, details string) rule {
	return rule{code: code, kind: ErrorFinding, policies: anyPolicy, catalog: true, statement: eachResource(func(l *lint, r *resource) {
		if !r.whole() || (r.fields[field] == "") != has || r.fields[field] == "*" || ownedByAWS.MatchString(r.fields[5]) {
			return
		}
		shapes, _ := l.arns.shapes(l, r)
		for i := range shapes {
			if shapes[i].has[field-3] != has {
				return
			}
		}
		if len(shapes) > 0 {
			l.reportAt(r.node, details, clip(r.fields[2]))
		}
	})}
}

// An arnShape is the format of the ARNs of a resource type.
type arnShape struct {
	service, name string  // of the resource type
	has           [2]bool // a Region, an account
	pattern       string  // of the resource field, with "*" for variables
	prefix        string  // of pattern, up to its first "*"
	literals      int     // bytes of pattern that are not "*"
}

// arnIndex holds the formats of ARNs by the service they name, which is not
// always the service whose actions are asked on them.
type arnIndex struct{ services map[string][]arnShape }

// of returns the formats of a service's ARNs: those of the service of that prefix,
// or else those that other services have.
func (x *arnIndex) of(l *lint, service string) []arnShape {
	shapes, ok := x.services[service]
	if ok {
		return shapes
	}
	if own, ok := l.o.Catalog.Service(service); ok {
		shapes = shapesOf(own, service)
	}
	if len(shapes) == 0 {
		for _, other := range l.o.Catalog.ServicesOf(service) {
			shapes = append(shapes, shapesOf(other, service)...)
		}
	}
	if x.services == nil {
		x.services = map[string][]arnShape{}
	}
	x.services[service] = shapes
	return shapes
}

// shapesOf returns the formats of a service's resource types whose ARNs name a
// service.
func shapesOf(service *catalog.Service, named string) (shapes []arnShape) {
	for _, t := range service.Resources {
		for _, pattern := range t.ARN {
			fields := strings.SplitN(pattern, ":", 6)
			if len(fields) < 6 || fields[2] != named {
				continue
			}
			pattern := variableName.ReplaceAllString(fields[5], "*")
			prefix, _, _ := strings.Cut(pattern, "*")
			shapes = append(shapes, arnShape{
				service: service.Prefix, name: t.Name,
				has:     [2]bool{fields[3] != "", fields[4] != ""},
				pattern: pattern, prefix: prefix, literals: len(pattern) - strings.Count(pattern, "*"),
			})
		}
	}
	return shapes
}

var variableName = regexp.MustCompile(`\$\{[^}]*\}`)

func (x *arnIndex) knows(l *lint, service string) bool {
	if _, ok := l.o.Catalog.Service(service); ok {
		return true
	}
	return len(x.of(l, service)) > 0
}

// shapes returns the formats that a resource may have; known is false when its
// service has none or the ARN does not say which.
func (x *arnIndex) shapes(l *lint, r *resource) (match []arnShape, known bool) {
	if !r.matched {
		r.matched = true
		r.shapes, r.known = x.match(l, r)
	}
	return r.shapes, r.known
}

// match finds the formats. Of formats that have every ARN the text stands for,
// those with the most literal text are meant, and no others that have less.
func (x *arnIndex) match(l *lint, r *resource) (match []arnShape, known bool) {
	if !r.whole() || open(r.fields[2]) || r.fields[5] == "*" {
		return nil, false
	}
	shapes, text := x.of(l, strings.ToLower(r.fields[2])), r.fields[5]
	literal := text
	if i := strings.IndexAny(literal, "*?$"); i >= 0 {
		literal = literal[:i]
	}
	most := 0
	for i := range shapes {
		s := &shapes[i]
		if !l.spend(4) {
			return nil, false
		}
		if strings.HasPrefix(literal, s.prefix) && l.wider(s.pattern, text) {
			most = max(most, s.literals)
			match = append(match, *s)
		} else if open(text) && (strings.HasPrefix(literal, s.prefix) || strings.HasPrefix(s.prefix, literal)) {
			match = append(match, *s)
		}
	}
	match = slices.DeleteFunc(match, func(s arnShape) bool { return s.literals < most })
	return match, len(shapes) > 0
}
