package reason

import (
	"strings"

	"sallyport/policy"
)

// A token is a byte of a pattern, or a wildcard.
type token uint16

const (
	anyText token = 256 + iota // "*"
	anyByte                    // "?"
)

// A language is the set of texts that a pattern stands for.
type language []token

// languageOf is the language of a pattern with the wildcards "*" and "?".
func languageOf(pattern string) language {
	l := make(language, 0, len(pattern))
	for i := range len(pattern) {
		switch c := pattern[i]; {
		case c == '?':
			l = append(l, anyByte)
		case c != '*':
			l = append(l, token(c))
		case len(l) == 0 || l[len(l)-1] != anyText:
			l = append(l, anyText)
		}
	}
	return l
}

// text is the language of one text.
func text(s string) language {
	l := make(language, len(s))
	for i := range len(s) {
		l[i] = token(s[i])
	}
	return l
}

// withoutVariables puts "*" in the place of every variable: whatever its value
// is, it is among those texts. varies says that there was one.
func withoutVariables(s string) (pattern string, varies bool) {
	for {
		before, rest, found := strings.Cut(s, "${")
		if !found {
			return s, varies
		}
		_, after, closed := strings.Cut(rest, "}")
		if !closed {
			return before + "*", true
		}
		s, varies = before+"*"+after, true
	}
}

// hasVariables says whether a document's version knows policy variables.
func hasVariables(d *policy.Document) bool { return d.Version == policy.Version2012 }

// covers reports whether every text of x is one of l. It may miss that it is
// so, where several wildcards of x meet one of l; it is never wrong about yes.
func (l language) covers(x language, b *budget) bool {
	if !b.spend(len(l) * (1 + len(x))) {
		return false
	}
	// As in matching text, only the last "*" of l needs to be tried anew.
	i, j, star, from := 0, 0, -1, 0
	for j < len(x) {
		switch {
		case i < len(l) && l[i] == anyText:
			star, from = i, j
			i++
		case i < len(l) && x[j] != anyText && (l[i] == x[j] || l[i] == anyByte):
			i, j = i+1, j+1
		case star >= 0:
			from++
			i, j = star+1, from
		default:
			return false
		}
	}
	for i < len(l) && l[i] == anyText {
		i++
	}
	return i == len(l)
}

// meets reports whether some text is of both languages. When the budget is spent
// it says yes.
func (l language) meets(x language, b *budget) bool {
	n := min(len(l), len(x))
	for i := range n {
		if l[i] >= anyText || x[i] >= anyText {
			break
		}
		if l[i] != x[i] {
			return false
		}
	}
	for i := 1; i <= n; i++ {
		p, q := l[len(l)-i], x[len(x)-i]
		if p == anyText || q == anyText {
			break
		}
		if p != q && p != anyByte && q != anyByte {
			return false
		}
	}
	if !b.spend((1 + len(l)) * (1 + len(x))) {
		return true
	}
	// row[j] is whether l[i:] and x[j:] have a text in common.
	row, below := make([]bool, len(x)+1), make([]bool, len(x)+1)
	for i := len(l); i >= 0; i-- {
		for j := len(x); j >= 0; j-- {
			switch {
			case i == len(l) && j == len(x):
				row[j] = true
			case i < len(l) && l[i] == anyText:
				row[j] = below[j] || j < len(x) && row[j+1]
			case j < len(x) && x[j] == anyText:
				row[j] = row[j+1] || i < len(l) && below[j]
			default:
				row[j] = i < len(l) && j < len(x) && (l[i] == x[j] || l[i] == anyByte || x[j] == anyByte) && below[j+1]
			}
		}
		row, below = below, row
	}
	return below[0]
}

// A budget bounds the work on hostile policies.
type budget struct{ left int }

// spend takes steps from the budget, if it has them.
func (b *budget) spend(steps int) bool {
	if b.left < steps {
		b.left = -1
		return false
	}
	b.left -= steps
	return true
}

// spent reports whether an answer was given for want of steps.
func (b *budget) spent() bool { return b.left < 0 }
