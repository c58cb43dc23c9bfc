package catalog

import (
	"fmt"
	"strings"

	"sallyport/arn"
)

// maxVariables is how many variables a template may have.
const maxVariables = 16

// template is text with variables, compiled: literals[0], a variable,
// literals[1], a variable, and so on.
type template struct {
	literals []string
	slash    uint32 // bit i: variable i takes "/"
	colon    uint32 // bit i: variable i takes ":"
}

// compileTemplate reads ${Name} and "*" as variables and all else as text. The
// variables take any character.
func compileTemplate(text string) (template, error) {
	t := template{slash: ^uint32(0), colon: ^uint32(0)}
	literal := 0 // where the literal begins that is being read
	for i := 0; i < len(text); {
		end := i + 1
		switch {
		case strings.HasPrefix(text[i:], "${"):
			length := strings.IndexByte(text[i:], '}')
			if length < 0 || !isVariableName(text[i+2:i+length]) {
				return t, fmt.Errorf("malformed variable at %q", text[i:])
			}
			end = i + length + 1
		case text[i] != '*':
			i++
			continue
		}
		t.literals = append(t.literals, text[literal:i])
		if len(t.literals) > maxVariables {
			return t, fmt.Errorf("more than %d variables", maxVariables)
		}
		i, literal = end, end
	}
	t.literals = append(t.literals, text[literal:])
	return t, nil
}

func isVariableName(s string) bool {
	for i := range len(s) {
		if c := s[i]; !isLetter(c) && !isDigit(c) {
			return false
		}
	}
	return s != ""
}

// variables is the number of variables.
func (t *template) variables() int { return len(t.literals) - 1 }

// literal is the number of literal characters.
func (t *template) literal() int {
	n := 0
	for _, l := range t.literals {
		n += len(l)
	}
	return n
}

// restrict keeps variables from taking what separates the parts of an ARN's
// resource, as the package comment says.
func (t *template) restrict() {
	for i := range t.variables() {
		before, after := t.literals[i], t.literals[i+1]
		if i == t.variables()-1 && after == "" {
			break // at the end
		}
		t.colon &^= 1 << i
		if strings.HasSuffix(before, "/") || strings.HasPrefix(after, "/") {
			t.slash &^= 1 << i
		}
	}
}

// match reports whether the text fits. Its time is linear in the text.
func (t *template) match(text string) bool {
	text, ok := strings.CutPrefix(text, t.literals[0])
	last := t.variables() - 1
	if last < 0 || !ok {
		return ok && text == ""
	}
	for i := range last {
		if text == "" {
			return false
		}
		next := t.literals[i+1]
		at := strings.Index(text[1:], next)
		if at < 0 || !t.takes(i, text[:at+1]) {
			return false
		}
		text = text[at+1+len(next):]
	}
	text, ok = strings.CutSuffix(text, t.literals[last+1])
	return ok && text != "" && t.takes(last, text)
}

// takes reports whether variable i can stand for the text.
func (t *template) takes(i int, text string) bool {
	return (t.slash>>i&1 == 1 || strings.IndexByte(text, '/') < 0) &&
		(t.colon>>i&1 == 1 || strings.IndexByte(text, ':') < 0)
}

// matchesKey reports whether name, of a key or a template of keys, stands for
// the key, and with how many literal characters.
func matchesKey(name, key string) (literal int, ok bool) {
	first := strings.Index(name, "${")
	if first < 0 {
		return len(name), arn.EqualFold(name, key)
	}
	// Nearly all names differ before the variable, and need not be compiled.
	if star := strings.IndexByte(name[:first], '*'); star < 0 && (len(key) <= first || !arn.EqualFold(name[:first], key[:first])) {
		return 0, false
	}
	t, err := compileTemplate(arn.Lower(name))
	return t.literal(), err == nil && t.match(arn.Lower(key))
}

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// lowerByte and compareFold, like arn.Lower and arn.EqualFold, know the letters of ASCII only:
// Unicode has further letters that fold to some of those, and AWS does not mean
// them.
func lowerByte(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

func compareFold(a, b string) int {
	for i := range min(len(a), len(b)) {
		if x, y := lowerByte(a[i]), lowerByte(b[i]); x != y {
			return int(x) - int(y)
		}
	}
	return len(a) - len(b)
}
