package condition

import (
	"unicode"
	"unicode/utf8"

	"sallyport/arn"
)

// texts matches strings: StringEquals, StringEqualsIgnoreCase and StringLike.
type texts struct {
	exact []string // values without variables or wildcards
	fold  bool     // letters of exact match in either case
	globs []textGlob
}

type textGlob struct {
	Template
	glob arn.Glob
}

func compileStringEquals(values []string, variables bool) (matcher, error) {
	return compileTexts(values, variables, false, false)
}

func compileStringEqualsIgnoreCase(values []string, variables bool) (matcher, error) {
	return compileTexts(values, variables, false, true)
}

func compileStringLike(values []string, variables bool) (matcher, error) {
	return compileTexts(values, variables, true, false)
}

func compileTexts(values []string, variables, wildcards, fold bool) (matcher, error) {
	m := &texts{fold: fold}
	for _, value := range values {
		t, err := ParseTemplate(value, wildcards, variables)
		if err != nil {
			return nil, err
		}
		glob := arn.NewGlob(t.Parts, fold)
		if text, ok := glob.Exact(); ok {
			m.exact = append(m.exact, text)
			continue
		}
		m.globs = append(m.globs, textGlob{Template: t, glob: glob})
	}
	return m, nil
}

func (m *texts) match(value string, ctx Context) verdict {
	for _, want := range m.exact {
		if want == value || m.fold && equalFold(want, value) {
			return yes
		}
	}
	result := no
	var slots Slots
	for i := range m.globs {
		g := &m.globs[i]
		if !g.Resolve(ctx, &slots) {
			result = doubt
			continue
		}
		if g.matches(value, &slots, m.fold) {
			return yes
		}
	}
	return result
}

func (g *textGlob) matches(value string, slots *Slots, fold bool) bool {
	// A value that is one variable is by far the most common template.
	if len(g.Parts) == 1 && g.Parts[0].Kind == arn.Slot {
		return slots[0] == value || fold && equalFold(slots[0], value)
	}
	return g.glob.Match(value, slots[:])
}

// equalFold compares letters in either case by Unicode simple folding, except
// that an ASCII character only ever equals an ASCII character: folding would
// otherwise make U+212A KELVIN SIGN equal to k and U+017F LONG S equal to s.
func equalFold(a, b string) bool {
	for a != "" && b != "" {
		ra, na := utf8.DecodeRuneInString(a)
		rb, nb := utf8.DecodeRuneInString(b)
		if ra == utf8.RuneError && na == 1 || rb == utf8.RuneError && nb == 1 {
			// Not UTF-8: compare the byte.
			if a[0] != b[0] {
				return false
			}
			a, b = a[1:], b[1:]
			continue
		}
		if !equalFoldRune(ra, rb) {
			return false
		}
		a, b = a[na:], b[nb:]
	}
	return a == b
}

func equalFoldRune(a, b rune) bool {
	if a == b {
		return true
	}
	if a < utf8.RuneSelf || b < utf8.RuneSelf {
		return a < utf8.RuneSelf && b < utf8.RuneSelf && unicode.ToLower(a) == unicode.ToLower(b)
	}
	for r := unicode.SimpleFold(a); r != a; r = unicode.SimpleFold(r) {
		if r == b {
			return true
		}
	}
	return false
}
