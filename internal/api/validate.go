package api

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// ValidationStyle is how a service words constraint failures.
type ValidationStyle struct {
	Code      string // error code
	EchoValue bool   // "Value 'x' at 'y'" rather than "Value at 'y'"
	ListEnum  bool   // name the allowed values of an enumeration
	Wording   bool   // use IAM's own sentences where it has them

	// Codes are the codes of violations in members of the request that the service
	// has errors of their own for, by the member.
	Codes map[string]string
	// Reason, unless empty, is the member "reason" of the error.
	Reason string
}

// The styles of the served APIs. IAM stopped echoing values in early 2025;
// STS still does.
var (
	StyleIAM  = ValidationStyle{Code: "ValidationError", Wording: true}
	StyleSTS  = ValidationStyle{Code: "ValidationError", EchoValue: true, ListEnum: true}
	StyleJSON = ValidationStyle{Code: "ValidationException", EchoValue: true, ListEnum: true}
	StyleREST = ValidationStyle{Code: "ValidationException", EchoValue: true, ListEnum: true, Reason: "fieldValidationFailed"}
	// StyleCloudTrail has the codes that LookupEvents lists.
	StyleCloudTrail = ValidationStyle{Code: "ValidationException", EchoValue: true, ListEnum: true, Codes: map[string]string{
		"MaxResults": "InvalidMaxResultsException", "LookupAttributes": "InvalidLookupAttributesException",
		"EventCategory": "InvalidEventCategoryException",
	}}
)

// Style is how the service words constraint failures.
func (s *Service) Style() ValidationStyle {
	switch {
	case s.SigningName == "cloudtrail":
		return StyleCloudTrail
	case s.Protocol == "rest-json":
		return StyleREST
	case s.Protocol != "query":
		return StyleJSON
	case s.SigningName == "iam":
		return StyleIAM
	default:
		return StyleSTS
	}
}

// maxListed bounds how many violations a message spells out; the count in
// front of them stays true.
const maxListed = 50

// Validate checks an input struct of the operation against every constraint
// of the model: required members, lengths, ranges, patterns and enumerations,
// all the way down. It returns nil or an *Error with status 400 that lists
// the violations in the model's order, in AWS's words. Sensitive values are
// never echoed. in is what op.NewInput returned, or the struct's value.
func Validate(op *Operation, in any, style ValidationStyle) error {
	if op.Input == nil {
		return nil
	}
	v := reflect.Indirect(reflect.ValueOf(in))
	c := checker{op: op, style: style}
	c.structure(op.Input, v)
	if c.total > 0 {
		return c.report()
	}
	if c.sentence != "" {
		return Errorf(style.Code, 400, true, "%s", c.sentence)
	}
	return nil
}

// checker collects violations.
type checker struct {
	op       *Operation
	style    ValidationStyle
	at       []step // where the value being checked is
	listed   []string
	total    int
	code     string // of the first violation, where it is not the style's
	sentence string // first violation that IAM words as a sentence of its own
}

func (c *checker) report() *Error {
	noun := "errors"
	if c.total == 1 {
		noun = "error"
	}
	e := Errorf(cmp.Or(c.code, c.style.Code), 400, true, "%d validation %s detected: %s", c.total, noun, strings.Join(c.listed, "; "))
	if c.style.Reason != "" {
		e.WithMember("reason", c.style.Reason)
	}
	return e
}

// step is one part of the place of a value in the input.
type step struct {
	name  string // a member's name or a map's key
	index int    // of a list element, from 1; then name is empty
	entry bool   // name is a map's key
}

// place spells where the checker is as AWS does: "tags.1.member.key".
func (c *checker) place() string {
	var b strings.Builder
	for i, s := range c.at {
		if i > 0 {
			b.WriteByte('.')
		}
		switch {
		case s.index > 0:
			b.WriteString(strconv.Itoa(s.index) + ".member")
		case s.entry:
			b.WriteString(s.name + ".member")
		default:
			b.WriteString(lowerFirst(s.name))
		}
	}
	return b.String()
}

// within checks a value one step further down.
func (c *checker) within(next step, s *Shape, v reflect.Value) {
	c.at = append(c.at, next)
	c.value(s, v)
	c.at = c.at[:len(c.at)-1]
}

// add records a violation of constraint by the value where the checker is. A
// nil echo is a value that is not shown.
func (c *checker) add(echo *string, constraint string) {
	if c.total++; c.total == 1 && len(c.at) > 0 {
		c.code = c.style.Codes[c.at[0].name]
	}
	if len(c.listed) >= maxListed {
		return
	}
	value := "Value"
	if c.style.EchoValue && echo != nil {
		value += " " + *echo
	}
	c.listed = append(c.listed, value+" at '"+c.place()+"' failed to satisfy constraint: "+constraint)
}

func (c *checker) structure(s *Shape, v reflect.Value) {
	set := 0
	for i := range s.Members {
		m := &s.Members[i]
		f := v.Field(m.Field)
		if f.IsNil() {
			if m.Required {
				null := "null"
				c.at = append(c.at, step{name: m.Name})
				c.add(&null, "Member must not be null")
				c.at = c.at[:len(c.at)-1]
			}
			continue
		}
		set++
		if f.Kind() == reflect.Pointer {
			f = f.Elem()
		}
		c.within(step{name: m.Name}, m.Shape, f)
	}
	if s.Union && set != 1 {
		c.add(nil, "Member must have exactly one member set")
	}
}

// value checks anything but a null.
func (c *checker) value(s *Shape, v reflect.Value) {
	switch s.Kind {
	case Structure:
		c.structure(s, v)
	case List:
		c.violations(s, v)
		c.list(s, v)
	case Map:
		c.violations(s, v)
		c.mapping(s, v)
	default:
		c.violations(s, v)
	}
}

// violations checks the constraints of the shape itself.
func (c *checker) violations(s *Shape, v reflect.Value) {
	for con := range constraintCount {
		if !con.on(s) || con.holds(s, v) {
			continue
		}
		if c.style.Wording {
			if text := c.sentenceFor(s, con); text != "" {
				if c.sentence == "" {
					c.sentence = text
				}
				// IAM checks these after the model's constraints and
				// reports one, so a second violation of the value is moot.
				return
			}
		}
		c.add(echo(s, v), con.text(s, c.style))
	}
}

// list checks elements. Like AWS's framework it reports a bad element of a
// scalar list against the list, naming every constraint of the element.
func (c *checker) list(s *Shape, v reflect.Value) {
	if !s.Elem.Kind.IsScalar() {
		for i := range v.Len() {
			c.within(step{index: i + 1}, s.Elem, v.Index(i))
		}
		return
	}
	for i := range v.Len() {
		if !satisfies(s.Elem, v.Index(i)) {
			c.add(echo(s, v), "Member must satisfy constraint: "+describe(s.Elem, c.style))
			return
		}
	}
}

// mapping checks keys and values, in the keys' order.
func (c *checker) mapping(s *Shape, v reflect.Value) {
	keys := v.MapKeys()
	slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
	for _, k := range keys {
		if !satisfies(s.Key, k) {
			c.add(echo(s, v), "Map keys must satisfy constraint: "+describe(s.Key, c.style))
			break
		}
	}
	for _, k := range keys {
		value := v.MapIndex(k)
		if !s.Value.Kind.IsScalar() {
			c.within(step{name: k.String(), entry: true}, s.Value, value)
			continue
		}
		if !satisfies(s.Value, value) {
			c.add(echo(s, v), "Map value must satisfy constraint: "+describe(s.Value, c.style))
			return
		}
	}
}

// lowerFirst spells a member as Java bean properties are: UserName becomes
// userName, SAMLProviderArn becomes sAMLProviderArn.
func lowerFirst(name string) string {
	r, n := utf8.DecodeRuneInString(name)
	return string(unicode.ToLower(r)) + name[n:]
}

// echo renders a value as messages show it, nil when it must not be shown.
func echo(s *Shape, v reflect.Value) *string {
	if s.Sensitive {
		return nil
	}
	var text string
	switch s.Kind {
	case String:
		text = v.String()
	case Integer, Long:
		text = strconv.FormatInt(v.Int(), 10)
	case Float, Double:
		text = strconv.FormatFloat(v.Float(), 'g', -1, 64)
	case List:
		if s.Elem.Kind != String || s.Elem.Sensitive {
			return nil
		}
		parts := make([]string, v.Len())
		for i := range parts {
			parts[i] = v.Index(i).String()
		}
		text = "[" + strings.Join(parts, ", ") + "]"
	default:
		return nil
	}
	text = fmt.Sprintf("'%s'", text)
	return &text
}
