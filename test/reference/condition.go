package reference

import "strings"

// A condition is one key under one operator.
type condition struct {
	qualifier, operator string
	ifExists            bool
	key                 string
	values              []string
}

// How a value of a request compares with one of a policy.
type result int

const (
	differs result = iota
	equals
	unreadable // the request's value is not of the operator's type
)

// An operator compares one value of a request with one of a policy.
type operator struct {
	rule     string
	negation string // the rule that it negates another operator by
	readable func(string) bool
	variable bool // the policy's values may hold variables
	wildcard bool // * and ? in the policy's values are wildcards
	compare  func(r *run, value string, pattern []unit) result
}

var operators = map[string]operator{
	"StringEquals":              {rule: "C20", compare: equalText, variable: true, readable: anyText},
	"StringNotEquals":           {rule: "C20", compare: equalText, variable: true, readable: anyText, negation: "C23"},
	"StringEqualsIgnoreCase":    {rule: "C21", compare: equalFolded, variable: true, readable: anyText},
	"StringNotEqualsIgnoreCase": {rule: "C21", compare: equalFolded, variable: true, readable: anyText, negation: "C23"},
	"StringLike":                {rule: "C22", compare: equalText, variable: true, wildcard: true, readable: anyText},
	"StringNotLike":             {rule: "C22", compare: equalText, variable: true, wildcard: true, readable: anyText, negation: "C23"},
	"NumericEquals":             {rule: "C26", compare: numeric(func(c int) bool { return c == 0 }), readable: isNumber},
	"NumericNotEquals":          {rule: "C26", compare: numeric(func(c int) bool { return c == 0 }), readable: isNumber, negation: "C26"},
	"NumericLessThan":           {rule: "C26", compare: numeric(func(c int) bool { return c < 0 }), readable: isNumber},
	"NumericLessThanEquals":     {rule: "C26", compare: numeric(func(c int) bool { return c <= 0 }), readable: isNumber},
	"NumericGreaterThan":        {rule: "C26", compare: numeric(func(c int) bool { return c > 0 }), readable: isNumber},
	"NumericGreaterThanEquals":  {rule: "C26", compare: numeric(func(c int) bool { return c >= 0 }), readable: isNumber},
	"DateEquals":                {rule: "C30", compare: dates(func(c int) bool { return c == 0 }), readable: isDate},
	"DateNotEquals":             {rule: "C30", compare: dates(func(c int) bool { return c == 0 }), readable: isDate, negation: "C30"},
	"DateLessThan":              {rule: "C30", compare: dates(func(c int) bool { return c < 0 }), readable: isDate},
	"DateLessThanEquals":        {rule: "C30", compare: dates(func(c int) bool { return c <= 0 }), readable: isDate},
	"DateGreaterThan":           {rule: "C30", compare: dates(func(c int) bool { return c > 0 }), readable: isDate},
	"DateGreaterThanEquals":     {rule: "C30", compare: dates(func(c int) bool { return c >= 0 }), readable: isDate},
	"Bool":                      {rule: "C36", compare: equalBool, readable: isBool},
	"BinaryEquals":              {rule: "C37", compare: equalBinary, readable: isBinary},
	"IpAddress":                 {rule: "C40", compare: inRange, readable: isRange},
	"NotIpAddress":              {rule: "C40", compare: inRange, readable: isRange, negation: "C43"},
	"ArnEquals":                 {rule: "C50", compare: arnLike, variable: true, wildcard: true, readable: isARNPattern},
	"ArnLike":                   {rule: "C50", compare: arnLike, variable: true, wildcard: true, readable: isARNPattern},
	"ArnNotEquals":              {rule: "C50", compare: arnLike, variable: true, wildcard: true, readable: isARNPattern, negation: "C52"},
	"ArnNotLike":                {rule: "C50", compare: arnLike, variable: true, wildcard: true, readable: isARNPattern, negation: "C52"},
	"Null":                      {readable: isBool},
}

// readOperator reads the name of an operator with its qualifier and suffix.
func readOperator(name string) (condition, bool) {
	var c condition
	for _, qualifier := range []string{"ForAllValues:", "ForAnyValue:"} {
		if rest, qualified := strings.CutPrefix(name, qualifier); qualified {
			c.qualifier, name = qualifier, rest
			break
		}
	}
	c.operator, c.ifExists = strings.CutSuffix(name, "IfExists")
	_, known := operators[c.operator]
	return c, known && (c.operator != "Null" || !c.ifExists && c.qualifier == "")
}

// holds reports whether a condition is met.
func (r *run) holds(c condition, variables bool) bool {
	values := r.q.keys[c.key]
	r.reach("C1")
	if len(values) == 0 {
		return r.absent(c)
	}
	switch {
	case c.operator == "Null":
		r.reach("C6")
		return contains(c.values, "false")
	case c.qualifier == "ForAllValues:" && len(values) == 1 && values[0] == "":
		r.reach("C9")
		return true
	case c.qualifier == "ForAnyValue:" && len(values) == 1 && values[0] == "":
		r.reach("C11")
		if c.ifExists {
			r.reach("C12")
		}
		return false
	}
	satisfied := 0
	for _, value := range values {
		if r.satisfies(c, value, variables) {
			satisfied++
		}
	}
	all, any := satisfied == len(values), satisfied > 0
	switch {
	case c.qualifier == "ForAllValues:":
		r.reach("C7")
		return all
	case c.qualifier == "ForAnyValue:":
		r.reach("C10")
		return any
	case len(values) == 1:
		return all
	case r.effect == "Allow":
		r.reach("C13")
		return all
	}
	r.reach("C14")
	return any
}

// absent is the outcome of a condition on a key that the request does not have.
func (r *run) absent(c condition) bool {
	negated := operators[c.operator].negation != ""
	switch {
	case c.operator == "Null":
		r.reach("C6")
		return contains(c.values, "true")
	case c.qualifier == "ForAllValues:":
		r.reach("C8")
		return true
	case c.qualifier == "ForAnyValue:" && c.ifExists:
		r.reach("C12")
		return true
	case c.qualifier == "ForAnyValue:":
		r.reach("C11")
		return false
	case c.ifExists:
		r.reach("C5")
		return true
	case negated:
		r.reach("C4")
		return true
	}
	r.reach("C3")
	return false
}

// contains ignores case.
func contains(list []string, text string) bool {
	for _, item := range list {
		if strings.EqualFold(item, text) {
			return true
		}
	}
	return false
}

// satisfies compares one value of the request with all of the policy.
func (r *run) satisfies(c condition, value string, variables bool) bool {
	o := operators[c.operator]
	r.reach(o.rule)
	if o.negation != "" {
		r.reach(o.negation)
	}
	if len(c.values) > 1 {
		r.reach("C2")
	}
	lacking := false
	for _, text := range c.values {
		pattern, has := r.pattern(text, o, variables)
		if !has {
			lacking = true
			continue
		}
		switch o.compare(r, value, pattern) {
		case equals:
			return o.negation == ""
		case unreadable:
			if o.negation == "" {
				r.reach("C15")
				return false
			}
			r.reach("C16")
			return r.effect == "Deny"
		}
	}
	if lacking && o.negation != "" {
		r.reach("C17")
		return r.effect == "Deny"
	}
	return o.negation != ""
}

// pattern is a value of a policy, with what its variables stand for.
func (r *run) pattern(text string, o operator, variables bool) ([]unit, bool) {
	if !o.variable || !variables {
		if o.variable && strings.Contains(text, "${") {
			r.reach("V2")
		}
		return plainUnits(text, o.wildcard), true
	}
	pattern, has := r.expand(text, o.wildcard, false)
	if has && o.rule == "C50" && strings.HasPrefix(text, "${") {
		r.reach("V11")
		pattern = append([]unit{{whole: true}}, pattern...)
	}
	return pattern, has
}
