package condition

import (
	"fmt"
	"sort"
	"strings"
)

// A verdict is what a family says of one request value and the policy's values.
type verdict uint8

const (
	no verdict = iota
	yes
	// doubt is no, for a reason that negation must not turn into a plain yes: a
	// variable had no value, or the request value could not be read.
	doubt
)

// A matcher holds the policy's values for one key, compiled by a family.
type matcher interface {
	// match says whether a request value matches at least one policy value.
	match(value string, ctx Context) verdict
}

// A compiler compiles policy values. variables is false for policies older than
// version 2012-10-17.
type compiler func(values []string, variables bool) (matcher, error)

// operators holds the positive operators; negations names, for each negated
// operator, the one it negates.
var (
	operators = map[string]compiler{
		"StringEquals":             compileStringEquals,
		"StringEqualsIgnoreCase":   compileStringEqualsIgnoreCase,
		"StringLike":               compileStringLike,
		"NumericEquals":            numericCompiler(equal),
		"NumericLessThan":          numericCompiler(less),
		"NumericLessThanEquals":    numericCompiler(lessOrEqual),
		"NumericGreaterThan":       numericCompiler(greater),
		"NumericGreaterThanEquals": numericCompiler(greaterOrEqual),
		"DateEquals":               dateCompiler(equal),
		"DateLessThan":             dateCompiler(less),
		"DateLessThanEquals":       dateCompiler(lessOrEqual),
		"DateGreaterThan":          dateCompiler(greater),
		"DateGreaterThanEquals":    dateCompiler(greaterOrEqual),
		"Bool":                     compileBool,
		"BinaryEquals":             compileBinary,
		"IpAddress":                compileIP,
		"ArnEquals":                compileARN,
		"ArnLike":                  compileARN,
	}
	negations = map[string]string{
		"StringNotEquals":           "StringEquals",
		"StringNotEqualsIgnoreCase": "StringEqualsIgnoreCase",
		"StringNotLike":             "StringLike",
		"NumericNotEquals":          "NumericEquals",
		"DateNotEquals":             "DateEquals",
		"NotIpAddress":              "IpAddress",
		"ArnNotEquals":              "ArnEquals",
		"ArnNotLike":                "ArnLike",
	}
)

const nullOperator = "Null"

// A qualifier says how the values of a multivalued key are combined.
type qualifier uint8

const (
	single   qualifier = iota // no qualifier
	allOfSet                  // ForAllValues
	anyOfSet                  // ForAnyValue
)

// An operator is a parsed operator name.
type operator struct {
	base      string
	compile   compiler // nil for Null
	negated   bool
	ifExists  bool
	qualifier qualifier
}

// parseOperator parses a name as written in a policy: an optional set
// qualifier, the operator, an optional IfExists. Names are case-sensitive.
func parseOperator(name string) (operator, error) {
	var op operator
	op.base = name
	if rest, ok := strings.CutPrefix(op.base, "ForAllValues:"); ok {
		op.base, op.qualifier = rest, allOfSet
	} else if rest, ok := strings.CutPrefix(op.base, "ForAnyValue:"); ok {
		op.base, op.qualifier = rest, anyOfSet
	}
	op.base, op.ifExists = strings.CutSuffix(op.base, "IfExists")
	if op.base == nullOperator {
		if op.ifExists || op.qualifier != single {
			return op, fmt.Errorf("condition: operator %q: Null takes neither a qualifier nor IfExists", name)
		}
		return op, nil
	}
	positive := op.base
	if p, ok := negations[op.base]; ok {
		positive, op.negated = p, true
	}
	compile, ok := operators[positive]
	if !ok {
		return op, fmt.Errorf("condition: unknown operator %q", name)
	}
	op.compile = compile
	return op, nil
}

// Known reports whether a policy may use this operator name.
func Known(name string) bool {
	_, err := parseOperator(name)
	return err == nil
}

// Base returns an operator name without set qualifier and IfExists; ok is false
// for an unknown operator.
func Base(name string) (base string, ok bool) {
	op, err := parseOperator(name)
	return op.base, err == nil
}

// Operators returns the names of all operators without qualifiers, sorted.
func Operators() []string {
	names := []string{nullOperator}
	for name := range operators {
		names = append(names, name)
	}
	for name := range negations {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}
