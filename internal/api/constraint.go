package api

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"
)

// constraint is one rule that a shape can have.
type constraint uint8

// The rules, in the order in which AWS names those of one value.
const (
	maxConstraint constraint = iota
	minConstraint
	patternConstraint
	enumConstraint
	constraintCount
)

// on reports whether the shape has the rule.
func (c constraint) on(s *Shape) bool {
	switch c {
	case maxConstraint:
		return s.HasMax
	case minConstraint:
		return s.HasMin
	case patternConstraint:
		return s.Pattern != ""
	default:
		return len(s.Enum) > 0
	}
}

// holds reports whether v keeps the rule.
func (c constraint) holds(s *Shape, v reflect.Value) bool {
	switch c {
	case maxConstraint:
		if s.Kind == Float || s.Kind == Double {
			return v.Float() <= float64(s.Max)
		}
		return quantity(s, v) <= s.Max
	case minConstraint:
		if s.Kind == Float || s.Kind == Double {
			return v.Float() >= float64(s.Min)
		}
		return quantity(s, v) >= s.Min
	case patternConstraint:
		return s.Matches(v.String())
	default:
		return slices.Contains(s.Enum, v.String())
	}
}

// text describes the rule in AWS's words.
func (c constraint) text(s *Shape, style ValidationStyle) string {
	what := "length"
	if s.Kind >= Integer && s.Kind <= Double {
		what = "value"
	}
	switch c {
	case maxConstraint:
		return fmt.Sprintf("Member must have %s less than or equal to %d", what, s.Max)
	case minConstraint:
		return fmt.Sprintf("Member must have %s greater than or equal to %d", what, s.Min)
	case patternConstraint:
		return "Member must satisfy regular expression pattern: " + s.Pattern
	default:
		if style.ListEnum {
			return "Member must satisfy enum value set: [" + strings.Join(s.Enum, ", ") + "]"
		}
		return "Member must satisfy enum value set"
	}
}

// quantity is what bounds apply to: a number's value, a string's length in
// code points, anything else's length in entries or bytes.
func quantity(s *Shape, v reflect.Value) int64 {
	switch s.Kind {
	case Integer, Long:
		return v.Int()
	case String:
		return int64(utf8.RuneCountInString(v.String()))
	default:
		return int64(v.Len())
	}
}

// satisfies reports whether a scalar breaks none of its shape's rules.
func satisfies(s *Shape, v reflect.Value) bool {
	for c := range constraintCount {
		if c.on(s) && !c.holds(s, v) {
			return false
		}
	}
	return true
}

// describe names every rule of an element, as messages about a list of
// scalars do.
func describe(s *Shape, style ValidationStyle) string {
	var texts []string
	for c := range constraintCount {
		if c.on(s) {
			texts = append(texts, c.text(s, style))
		}
	}
	return "[" + strings.Join(append(texts, "Member must not be null"), ", ") + "]"
}
