package reference

import (
	"strings"
	"unicode"
)

// A unit is one character of a pattern, or a wildcard. Characters that a variable
// stands for are never wildcards, and never divide an ARN.
type unit struct {
	char     rune
	wildcard bool // char is * or ?
	value    bool // from a variable or an escape
	whole    bool // no character: what follows is one pattern, not fields
}

// plainUnits is text without variables; wildcards tells whether * and ? are.
func plainUnits(text string, wildcards bool) []unit {
	var all []unit
	for _, c := range text {
		all = append(all, unit{char: c, wildcard: wildcards && (c == '*' || c == '?')})
	}
	return all
}

func valueUnits(text string) []unit {
	var all []unit
	for _, c := range text {
		all = append(all, unit{char: c, value: true})
	}
	return all
}

// matches reports whether the whole text is what the pattern stands for. It keeps,
// for each unit in turn, how many characters of the text can have been used up.
func matches(pattern []unit, text string, same func(a, b rune) bool) bool {
	chars := []rune(text)
	used := make([]bool, len(chars)+1)
	used[0] = true
	for _, u := range pattern {
		next := make([]bool, len(chars)+1)
		for n, possible := range used {
			switch {
			case u.wildcard && u.char == '*':
				next[n] = possible || n > 0 && next[n-1]
			case n == len(chars) || !possible:
			case u.wildcard && u.char == '?' || same(u.char, chars[n]):
				next[n+1] = true
			}
		}
		used = next
	}
	return used[len(chars)]
}

func sameChar(a, b rune) bool { return a == b }

// sameASCII ignores the case of ASCII letters.
func sameASCII(a, b rune) bool {
	return a == b || a <= unicode.MaxASCII && b <= unicode.MaxASCII && unicode.ToLower(a) == unicode.ToLower(b)
}

// splitUnits divides a pattern at its first five colons.
func splitUnits(pattern []unit) [][]unit {
	parts := [][]unit{nil}
	for _, u := range pattern {
		if u.char == ':' && !u.value && len(parts) < 6 {
			parts = append(parts, nil)
			continue
		}
		parts[len(parts)-1] = append(parts[len(parts)-1], u)
	}
	return parts
}

// splitARN divides an ARN at its first five colons.
func splitARN(text string) ([]string, bool) {
	fields := strings.SplitN(text, ":", 6)
	return fields, len(fields) == 6 && fields[0] == "arn"
}

// matchesARN compares an ARN field by field.
func (r *run) matchesARN(pattern []unit, text string) bool {
	fields, isARN := splitARN(text)
	r.reach("M5")
	if !isARN {
		return false
	}
	r.reach("M6", "M9")
	patterns := splitUnits(pattern)
	if len(patterns) < 6 {
		r.reach("M7")
	}
	for i, p := range patterns {
		if !matches(p, fields[i], sameChar) {
			return false
		}
	}
	return true
}

// matchesAcross compares the whole of a pattern with the whole of an ARN, if a star
// ends one of its first fields.
func (r *run) matchesAcross(pattern []unit, text string) bool {
	if _, isARN := splitARN(text); !isARN {
		return false
	}
	patterns := splitUnits(pattern)
	for _, p := range patterns[:len(patterns)-1] {
		if n := len(p); n > 0 && p[n-1].wildcard && p[n-1].char == '*' {
			r.reach("M13")
			return matches(pattern, text, sameChar)
		}
	}
	return false
}

func (r *run) actionMatches(s statement) bool {
	if len(s.actions) > 1 {
		r.reach("M11")
	}
	found := false
	for _, pattern := range s.actions {
		r.reach("M1")
		if strings.ContainsAny(pattern, "*?") {
			r.reach("M2")
		}
		if service, _, _ := strings.Cut(pattern, ":"); strings.Contains(service, "*") {
			r.reach("M3")
		}
		found = found || matches(plainUnits(pattern, true), r.q.action, sameASCII)
	}
	if s.not["Action"] {
		r.reach("M4")
	}
	return found != s.not["Action"]
}

// resourceMatches compares the resource with all patterns of a statement.
func (r *run) resourceMatches(s statement, variables bool) bool {
	if s.anyResource {
		r.reach("G9")
		return true
	}
	found, lacking := false, false
	for _, text := range s.resources {
		if text == "*" {
			r.reach("M8")
			found = true
			continue
		}
		pattern, has := plainUnits(text, true), true
		if variables {
			pattern, has = r.expand(text, true, true)
		} else if strings.Contains(text, "${") {
			r.reach("V2")
		}
		if !has {
			lacking = true
			continue
		}
		if _, isARN := splitARN(r.q.resource); !isARN {
			r.reach("M8")
		}
		found = r.matchesARN(pattern, r.q.resource) || found
		if (r.effect == "Deny") != s.not["Resource"] {
			found = r.matchesAcross(pattern, r.q.resource) || found
		}
	}
	if !s.not["Resource"] {
		return found
	}
	r.reach("M10")
	if lacking && !found {
		r.reach("V8")
		return r.effect == "Deny"
	}
	return !found
}
