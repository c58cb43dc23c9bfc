package reference

import (
	"regexp"
	"strings"
)

// maxVariables is how many variables one text has at most.
const maxVariables = 16

// variablePattern is a variable, with a default, or an escape.
var variablePattern = regexp.MustCompile(`^\$\{(?:([*?$])| *([^{}$,' ](?:[^{}$,']*[^{}$,' ])?) *(, *'([^']*)' *)?)\}`)

// wellFormed reports whether every "${" of a text begins a variable or an escape,
// and these are not too many.
func wellFormed(text string) bool {
	for count := 0; ; count++ {
		at := strings.Index(text, "${")
		if at < 0 {
			return count <= maxVariables
		}
		found := variablePattern.FindString(text[at:])
		if found == "" {
			return false
		}
		text = text[at+len(found):]
	}
}

// expand makes the pattern that a text with variables stands for. There is none if
// a variable has no value. In a resource, those before the fifth colon have none.
func (r *run) expand(text string, wildcards, resource bool) ([]unit, bool) {
	var all []unit
	has := true
	for {
		at := strings.Index(text, "${")
		if at < 0 {
			return append(all, plainUnits(text, wildcards)...), has
		}
		all = append(all, plainUnits(text[:at], wildcards)...)
		m := variablePattern.FindStringSubmatch(text[at:])
		if escape := m[1]; escape != "" {
			r.reach("V4")
			all = append(all, valueUnits(escape)...)
		} else if resource && len(splitUnits(all)) < 6 {
			r.reach("V9")
			has = false
		} else if value, found := r.variable(m[2], m[3] != "", m[4]); found {
			all = append(all, valueUnits(value)...)
		} else {
			r.reach("V7")
			has = false
		}
		text = text[at+len(m[0]):]
	}
}

// variable is the value that a key has as a variable, or the default.
func (r *run) variable(key string, hasDefault bool, text string) (string, bool) {
	values := r.q.keys[strings.ToLower(key)]
	switch {
	case len(values) == 1:
		r.reach("V1")
		if strings.ContainsAny(values[0], "*?:") || strings.Contains(values[0], "${") {
			r.reach("V5")
		}
		return values[0], true
	case len(values) > 1:
		r.reach("V6")
		return "", false
	case hasDefault:
		r.reach("V3")
	}
	return text, hasDefault
}
