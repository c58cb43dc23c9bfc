package reference

import (
	"regexp"
	"strings"
)

// variablePattern is a variable, with a default, or an escape.
var variablePattern = regexp.MustCompile(`^\$\{(?:([*?$])|([^{}$,']+?)(?: *, *'([^']*)')?)\}`)

// wellFormed reports whether every "${" of a text begins a variable or an escape.
func wellFormed(text string) bool {
	for {
		at := strings.Index(text, "${")
		if at < 0 {
			return true
		}
		found := variablePattern.FindString(text[at:])
		if found == "" {
			return false
		}
		text = text[at+len(found):]
	}
}

// expand makes the pattern that a text with variables stands for. There is none if
// a variable has no value and no default.
func (r *run) expand(text string, wildcards bool) ([]unit, bool) {
	var all []unit
	for {
		at := strings.Index(text, "${")
		if at < 0 {
			return append(all, plainUnits(text, wildcards)...), true
		}
		all = append(all, plainUnits(text[:at], wildcards)...)
		m := variablePattern.FindStringSubmatch(text[at:])
		escape, name, hasDefault := m[1], m[2], strings.Contains(m[0], ",")
		values := r.q.keys[strings.ToLower(name)]
		switch {
		case escape != "":
			all = append(all, valueUnits(escape)...)
		case len(values) == 1:
			all = append(all, valueUnits(values[0])...)
		case hasDefault:
			all = append(all, valueUnits(m[3])...)
		default:
			return nil, false
		}
		text = text[at+len(m[0]):]
	}
}
