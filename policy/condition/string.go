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
	if fold {
		return g.folds(value, slots)
	}
	return g.glob.Match(value, slots[:])
}

// folds compares a value with literals and variables put together, by equalFold.
func (g *textGlob) folds(value string, slots *Slots) bool {
	for i := range g.Parts {
		want := g.Parts[i].Text
		if g.Parts[i].Kind == arn.Slot {
			want = slots[g.Parts[i].Slot]
		}
		ok := false
		if value, ok = cutFold(value, want); !ok {
			return false
		}
	}
	return value == ""
}

// equalFold compares letters in either case by Unicode simple folding, except
// that an ASCII character only ever equals an ASCII character: folding would
// otherwise make U+212A KELVIN SIGN equal to k and U+017F LONG S equal to s.
func equalFold(a, b string) bool {
	rest, ok := cutFold(a, b)
	return ok && rest == ""
}

// cutFold returns what follows the beginning of s that equals prefix in the way of
// equalFold.
func cutFold(s, prefix string) (rest string, ok bool) {
	for prefix != "" {
		rs, ns := utf8.DecodeRuneInString(s)
		rp, np := utf8.DecodeRuneInString(prefix)
		switch {
		case s == "":
			return "", false
		case rs == utf8.RuneError && ns == 1, rp == utf8.RuneError && np == 1:
			// Not UTF-8: compare the byte.
			if s[0] != prefix[0] {
				return "", false
			}
			ns, np = 1, 1
		case !equalFoldRune(rs, rp):
			return "", false
		}
		s, prefix = s[ns:], prefix[np:]
	}
	return s, true
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
