package api

import (
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
)

// matcher reports whether a whole string matches a pattern.
type matcher func(string) bool

// Matches reports whether v as a whole matches the shape's pattern. A shape
// without pattern matches everything. Patterns are compiled on first use.
func (s *Shape) Matches(v string) bool {
	if s.Pattern == "" {
		return true
	}
	s.compile.Do(func() { s.matcher = compilePattern(s.Pattern) })
	return s.matcher(v)
}

// rewrites gives RE2 equivalents of published patterns that use lookahead,
// with the rest of the condition as a function.
var rewrites = map[string]struct {
	pattern string
	also    matcher
}{
	// The account alias: a hyphen is not followed by another.
	`[a-z0-9]([a-z0-9]|-(?!-)){1,61}[a-z0-9]`: {
		`[a-z0-9][a-z0-9-]{1,61}[a-z0-9]`,
		func(v string) bool { return !strings.Contains(v, "--") },
	},
	// The ISO 8601 duration of IAM Identity Center: something follows the P.
	`(-?)P(?=\d|T\d)(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)([DW]))?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?`: {
		`(-?)P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)([DW]))?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?`,
		regexp.MustCompile(`^-?PT?\d`).MatchString,
	},
}

// compilePattern turns a Java pattern into a matcher. It panics on a pattern
// that RE2 cannot express: patterns come from the models, and a test compiles
// every one of them.
func compilePattern(java string) matcher {
	key := strings.TrimSuffix(strings.TrimPrefix(java, "^"), "$")
	if rw, ok := rewrites[key]; ok {
		base := compileRE2(rw.pattern)
		return func(v string) bool { return base(v) && rw.also(v) }
	}
	return compileRE2(javaToRE2(java))
}

// javaToRE2 rewrites \uXXXX escapes. The models write the supplementary
// planes as \u10000-\u10FFFF, which Java's own syntax cannot say; the
// evident meaning is taken.
func javaToRE2(p string) string {
	p = strings.ReplaceAll(p, `\u10000-\u10FFFF`, `\x{10000}-\x{10FFFF}`)
	var b strings.Builder
	for i := 0; i < len(p); i++ {
		if p[i] != '\\' || i+1 >= len(p) {
			b.WriteByte(p[i])
			continue
		}
		if p[i+1] == 'u' && i+6 <= len(p) {
			b.WriteString(`\x{` + p[i+2:i+6] + `}`)
			i += 5
			continue
		}
		b.WriteString(p[i : i+2])
		i++
	}
	return b.String()
}

// compileRE2 compiles to a fully anchored matcher. Most published patterns
// are one character class repeated; those become a table lookup, since the
// regexp package takes milliseconds over a large policy document.
func compileRE2(pattern string) matcher {
	if re, err := syntax.Parse(pattern, syntax.Perl); err == nil {
		if m := classMatcher(re); m != nil {
			return m
		}
	}
	return regexp.MustCompile(`\A(?:` + pattern + `)\z`).MatchString
}

// classMatcher handles [class]+ and [class]*; nil for anything else.
func classMatcher(re *syntax.Regexp) matcher {
	if re.Op != syntax.OpPlus && re.Op != syntax.OpStar {
		return nil
	}
	class := re.Sub[0]
	if class.Op != syntax.OpCharClass {
		return nil
	}
	ranges := class.Rune
	in := func(r rune) bool {
		// Ranges are sorted pairs lo, hi: find the first hi that is not below r.
		i, _ := slices.BinarySearchFunc(ranges, r, func(bound, r rune) int { return int(bound - r) })
		return i < len(ranges) && (i%2 == 1 || ranges[i] == r)
	}
	var low [256]bool
	for r := range low {
		low[r] = in(rune(r))
	}
	emptyOK := re.Op == syntax.OpStar
	return func(v string) bool {
		if v == "" {
			return emptyOK
		}
		for _, r := range v {
			if r < rune(len(low)) {
				if !low[r] {
					return false
				}
			} else if !in(r) {
				return false
			}
		}
		return true
	}
}
