package reference

import "strings"

// A unit is one character of a pattern, or a wildcard. Characters that a variable
// stands for are never wildcards, and never divide an ARN.
type unit struct {
	char     rune
	wildcard bool // char is * or ?
	value    bool // from a variable or an escape
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

// splitARN divides an ARN into partition, service, Region, account and resource,
// behind "arn". What has fewer parts is no ARN.
func splitARN(text string) ([]string, bool) {
	parts := strings.SplitN(text, ":", 6)
	return parts, len(parts) == 6 && parts[0] == "arn"
}
