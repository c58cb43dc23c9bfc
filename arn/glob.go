package arn

import (
	"strings"
	"unicode/utf8"
)

// PartKind says what a Part matches.
type PartKind uint8

const (
	// Literal matches Part.Text exactly.
	Literal PartKind = iota
	// Any matches any text, the empty one included: "*".
	Any
	// One matches exactly one character (one UTF-8 sequence, or one byte where
	// the text is not UTF-8): "?".
	One
	// Slot matches the value given for slot Part.Slot when matching, exactly.
	Slot
)

// A Part is one element of a Glob.
type Part struct {
	Kind PartKind
	Text string // of a Literal
	Slot int    // index into the values given to Match
}

// A Glob is a compiled pattern. Its zero value matches only the empty text.
// It is immutable and safe for concurrent use.
type Glob struct {
	chunks [][]Part // separated by stars
	form   form
	text   string // of exactText and beginning
	fold   bool   // ASCII letters match in either case
}

// A form of a glob is one that needs no search.
type form uint8

const (
	general   form = iota
	exactText      // one literal
	beginning      // a literal and a star, or a star alone
)

// NewGlob compiles parts. With fold set, ASCII letters of literals and slots
// match in either case; other letters never fold, so that look-alike letters
// (U+212A KELVIN SIGN for k) do not match.
func NewGlob(parts []Part, fold bool) Glob {
	g := Glob{fold: fold, chunks: [][]Part{nil}}
	for _, p := range parts {
		last := len(g.chunks) - 1
		switch p.Kind {
		case Any:
			// A run of stars is one star.
			if last > 0 && len(g.chunks[last]) == 0 {
				continue
			}
			g.chunks = append(g.chunks, nil)
		case Literal:
			if p.Text == "" {
				continue
			}
			if n := len(g.chunks[last]); n > 0 && g.chunks[last][n-1].Kind == Literal {
				g.chunks[last][n-1].Text += p.Text
				continue
			}
			g.chunks[last] = append(g.chunks[last], p)
		default:
			g.chunks[last] = append(g.chunks[last], p)
		}
	}
	first := g.chunks[0]
	literal := len(first) == 0 || len(first) == 1 && first[0].Kind == Literal
	switch {
	case literal && len(g.chunks) == 1:
		g.form = exactText
	case literal && len(g.chunks) == 2 && len(g.chunks[1]) == 0:
		g.form = beginning
	}
	if len(first) > 0 && g.form != general {
		g.text = first[0].Text
	}
	return g
}

// ParseGlob compiles text in which "*" and "?" are wildcards.
func ParseGlob(s string, fold bool) Glob { return NewGlob(WildcardParts(nil, s), fold) }

// WildcardParts appends the parts of text in which "*" and "?" are wildcards.
func WildcardParts(parts []Part, s string) []Part {
	for len(s) > 0 {
		i := strings.IndexAny(s, "*?")
		if i < 0 {
			return append(parts, Part{Kind: Literal, Text: s})
		}
		if i > 0 {
			parts = append(parts, Part{Kind: Literal, Text: s[:i]})
		}
		kind := Any
		if s[i] == '?' {
			kind = One
		}
		parts = append(parts, Part{Kind: kind})
		s = s[i+1:]
	}
	return parts
}

// Match reports whether text matches a pattern of "*" and "?", byte for byte
// otherwise. It compiles the pattern each time; use ParseGlob to match often.
func Match(pattern, text string) bool {
	g := ParseGlob(pattern, false)
	return g.Match(text, nil)
}

// Everything reports whether the glob matches any text.
func (g *Glob) Everything() bool { return g.form == beginning && g.text == "" }

// Exact returns the only text the glob matches, if there is just one.
func (g *Glob) Exact() (text string, ok bool) { return g.text, g.form == exactText }

// IsPrefix reports whether the glob matches all that begins with Prefix.
func (g *Glob) IsPrefix() bool { return g.form == beginning }

// Prefix returns the literal text that every match begins with.
func (g *Glob) Prefix() string {
	if len(g.chunks) == 0 || len(g.chunks[0]) == 0 || g.chunks[0][0].Kind != Literal {
		return ""
	}
	return g.chunks[0][0].Text
}

// Match reports whether the whole text matches. values fill the slots, by
// index; a glob without slots takes nil.
//
// The chunk before the first star is anchored at the start, the one after the
// last star at the end, and each between them is taken at its first occurrence.
// Taking the first occurrence is never wrong: it leaves the most text for what
// follows. So no star is ever revisited.
func (g *Glob) Match(text string, values []string) bool {
	switch g.form {
	case exactText:
		return len(text) == len(g.text) && g.equal(g.text, text)
	case beginning:
		return len(text) >= len(g.text) && g.equal(g.text, text[:len(g.text)])
	}
	if len(g.chunks) == 0 {
		return text == ""
	}
	rest, ok := g.matchStart(g.chunks[0], text, values)
	if !ok {
		return false
	}
	last := len(g.chunks) - 1
	if last == 0 {
		return rest == ""
	}
	rest, ok = g.matchEnd(g.chunks[last], rest, values)
	if !ok {
		return false
	}
	for _, chunk := range g.chunks[1:last] {
		if rest, ok = g.find(chunk, rest, values); !ok {
			return false
		}
	}
	return true
}

// matchStart matches a chunk at the start of text and returns what follows it.
func (g *Glob) matchStart(chunk []Part, text string, values []string) (rest string, ok bool) {
	for i := range chunk {
		p := &chunk[i]
		if p.Kind == One {
			if text == "" {
				return "", false
			}
			_, size := utf8.DecodeRuneInString(text)
			text = text[size:]
			continue
		}
		want := p.Text
		if p.Kind == Slot {
			want = values[p.Slot]
		}
		if len(text) < len(want) || !g.equal(want, text[:len(want)]) {
			return "", false
		}
		text = text[len(want):]
	}
	return text, true
}

// matchEnd matches a chunk at the end of text and returns what precedes it.
func (g *Glob) matchEnd(chunk []Part, text string, values []string) (rest string, ok bool) {
	for i := len(chunk) - 1; i >= 0; i-- {
		p := &chunk[i]
		if p.Kind == One {
			if text == "" {
				return "", false
			}
			_, size := utf8.DecodeLastRuneInString(text)
			text = text[:len(text)-size]
			continue
		}
		want := p.Text
		if p.Kind == Slot {
			want = values[p.Slot]
		}
		at := len(text) - len(want)
		if at < 0 || !g.equal(want, text[at:]) {
			return "", false
		}
		text = text[:at]
	}
	return text, true
}

// find matches a chunk at its first occurrence and returns what follows it.
func (g *Glob) find(chunk []Part, text string, values []string) (rest string, ok bool) {
	if len(chunk) == 1 && chunk[0].Kind == Literal && !g.fold {
		i := strings.Index(text, chunk[0].Text)
		if i < 0 {
			return "", false
		}
		return text[i+len(chunk[0].Text):], true
	}
	for {
		if rest, ok = g.matchStart(chunk, text, values); ok {
			return rest, true
		}
		if text == "" {
			return "", false
		}
		// Step by character, so that "?" never starts inside one.
		_, size := utf8.DecodeRuneInString(text)
		text = text[size:]
	}
}

// equal compares text of equal length.
func (g *Glob) equal(want, got string) bool {
	if g.fold {
		return EqualFold(want, got)
	}
	return want == got
}

// EqualFold compares with ASCII letters in either case; other letters never fold, so
// that look-alikes differ.
func EqualFold(a, b string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range len(a) {
		if lowerASCII(a[i]) != lowerASCII(b[i]) {
			return false
		}
	}
	return true
}

// Lower returns ASCII letters in lower case, and leaves all else; see EqualFold.
func Lower(s string) string {
	b := []byte(s)
	for i, c := range b {
		b[i] = lowerASCII(c)
	}
	return string(b)
}

func lowerASCII(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + ('a' - 'A')
	}
	return c
}
