package reference

import (
	"strings"
)

// An operator compares one value of a request with one of a policy. readable says
// whether a policy may have the value.
type operator struct {
	negated  bool
	readable func(string) bool
	variable bool // the policy's values may hold variables
	wildcard bool // * and ? in the policy's values are wildcards
	compare  func(r *run, value string, pattern []unit) bool
}

var operators = map[string]operator{
	"StringEquals":              {compare: equalText, variable: true, readable: anyText},
	"StringNotEquals":           {compare: equalText, variable: true, readable: anyText, negated: true},
	"StringEqualsIgnoreCase":    {compare: equalFolded, variable: true, readable: anyText},
	"StringNotEqualsIgnoreCase": {compare: equalFolded, variable: true, readable: anyText, negated: true},
	"StringLike":                {compare: like, variable: true, wildcard: true, readable: anyText},
	"StringNotLike":             {compare: like, variable: true, wildcard: true, readable: anyText, negated: true},
	"ArnEquals":                 {compare: arnLike, variable: true, wildcard: true, readable: anyText},
	"ArnLike":                   {compare: arnLike, variable: true, wildcard: true, readable: anyText},
	"ArnNotEquals":              {compare: arnLike, variable: true, wildcard: true, readable: anyText, negated: true},
	"ArnNotLike":                {compare: arnLike, variable: true, wildcard: true, readable: anyText, negated: true},
	"NumericEquals":             {compare: numeric(func(c int) bool { return c == 0 }), readable: isNumber},
	"NumericNotEquals":          {compare: numeric(func(c int) bool { return c == 0 }), readable: isNumber, negated: true},
	"NumericLessThan":           {compare: numeric(func(c int) bool { return c < 0 }), readable: isNumber},
	"NumericLessThanEquals":     {compare: numeric(func(c int) bool { return c <= 0 }), readable: isNumber},
	"NumericGreaterThan":        {compare: numeric(func(c int) bool { return c > 0 }), readable: isNumber},
	"NumericGreaterThanEquals":  {compare: numeric(func(c int) bool { return c >= 0 }), readable: isNumber},
	"DateEquals":                {compare: dates(func(c int) bool { return c == 0 }), readable: isDate},
	"DateNotEquals":             {compare: dates(func(c int) bool { return c == 0 }), readable: isDate, negated: true},
	"DateLessThan":              {compare: dates(func(c int) bool { return c < 0 }), readable: isDate},
	"DateLessThanEquals":        {compare: dates(func(c int) bool { return c <= 0 }), readable: isDate},
	"DateGreaterThan":           {compare: dates(func(c int) bool { return c > 0 }), readable: isDate},
	"DateGreaterThanEquals":     {compare: dates(func(c int) bool { return c >= 0 }), readable: isDate},
	"Bool":                      {compare: equalBool, readable: isBool},
	"BinaryEquals":              {compare: equalBinary, readable: isBinary},
	"IpAddress":                 {compare: inRange, readable: isRange},
	"NotIpAddress":              {compare: inRange, readable: isRange, negated: true},
	"Null":                      {readable: isBool},
}

// readOperator reads the name of an operator with its qualifier and suffix.
func readOperator(name string) (condition, error) {
	var c condition
	for _, qualifier := range []string{"ForAllValues:", "ForAnyValue:"} {
		if rest, qualified := strings.CutPrefix(name, qualifier); qualified {
			c.qualifier, name = qualifier, rest
			break
		}
	}
	c.operator, c.ifExists = strings.CutSuffix(name, "IfExists")
	if _, known := operators[c.operator]; !known || c.operator == "Null" && c.ifExists {
		return c, invalid("operator %q", name)
	}
	return c, nil
}

// checkValue reports a value of a policy that the operator can't compare with.
func (c condition) checkValue(value string, variables bool) error {
	o := operators[c.operator]
	if variables && o.variable && !wellFormed(value) || !o.readable(value) {
		return invalid("%s with %q", c.operator, value)
	}
	return nil
}

// holds reports whether a condition is met.
func (r *run) holds(c condition, variables bool) bool {
	o := operators[c.operator]
	values := r.q.keys[c.key]
	if c.operator == "Null" {
		return r.null(c, len(values) == 0)
	}
	patterns, usable := r.patterns(c, o, variables)
	if !usable {
		return false
	}
	_, there := r.q.keys[c.key]
	if !there && c.ifExists {
		return true
	}
	single := func(value string) bool {
		for _, pattern := range patterns {
			if o.compare(r, value, pattern) {
				return !o.negated
			}
		}
		return o.negated
	}
	if c.qualifier != "" && len(values) == 1 && values[0] == "" {
		values = nil
	}
	switch c.qualifier {
	case "ForAllValues:":
		for _, value := range values {
			if !single(value) {
				return false
			}
		}
		return true
	case "ForAnyValue:":
		for _, value := range values {
			if single(value) {
				return true
			}
		}
		return false
	}
	for _, value := range values {
		if single(value) != o.negated {
			return !o.negated
		}
	}
	return o.negated
}

// null asks whether a key is absent ("true") or there ("false").
func (r *run) null(c condition, absent bool) bool {
	for _, value := range c.values {
		if strings.EqualFold(value, "true") == absent {
			return true
		}
	}
	return false
}

// patterns are the values of a policy, with what its variables stand for. They are
// not usable if a variable has no value.
func (r *run) patterns(c condition, o operator, variables bool) ([][]unit, bool) {
	var all [][]unit
	for _, value := range c.values {
		pattern := plainUnits(value, o.wildcard)
		if variables && o.variable {
			var has bool
			if pattern, has = r.expand(value, o.wildcard); !has {
				return nil, false
			}
		}
		all = append(all, pattern)
	}
	return all, true
}
