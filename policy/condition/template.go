package condition

import (
	"errors"
	"fmt"
	"strings"

	"sallyport/arn"
)

// maxVariables bounds the variables of one template: a policy with more is
// refused, and matching needs no more than this much of the stack.
const maxVariables = 16

// A variable is a ${key} or ${key, 'default'} of a template.
type variable struct {
	key        string // lower case
	fallback   string
	hasDefault bool
}

// A Template is policy text parsed into literals, wildcards and variables.
type Template struct {
	Parts     []arn.Part // variables are slots
	variables []variable
}

// ParseTemplate parses the text of a Resource element or of a condition value.
// wildcards makes "*" and "?" wildcards. variables makes ${key},
// ${key, 'default'}, ${*}, ${?} and ${$} special, as policies of version
// 2012-10-17 have it; without it "${" is literal text. A malformed variable is
// an error.
func ParseTemplate(s string, wildcards, variables bool) (Template, error) {
	var t Template
	literal := func(text string) {
		if wildcards {
			t.Parts = arn.WildcardParts(t.Parts, text)
		} else if text != "" {
			t.Parts = append(t.Parts, arn.Part{Kind: arn.Literal, Text: text})
		}
	}
	for variables {
		start := strings.Index(s, "${")
		if start < 0 {
			break
		}
		literal(s[:start])
		v, size, err := parseVariable(s[start:])
		if err != nil {
			return Template{}, err
		}
		s = s[start+size:]
		switch v.key {
		case "*", "?", "$":
			t.Parts = append(t.Parts, arn.Part{Kind: arn.Literal, Text: v.key})
			continue
		}
		if len(t.variables) == maxVariables {
			return Template{}, fmt.Errorf("condition: more than %d policy variables in one value", maxVariables)
		}
		t.Parts = append(t.Parts, arn.Part{Kind: arn.Slot, Slot: len(t.variables)})
		t.variables = append(t.variables, v)
	}
	literal(s)
	return t, nil
}

// parseVariable parses a variable at the start of s and returns its length.
func parseVariable(s string) (v variable, size int, err error) {
	malformed := errors.New("condition: malformed policy variable")
	i := len("${")
	end := strings.IndexAny(s[i:], ",}")
	if end < 0 {
		return v, 0, malformed
	}
	v.key = LowerKey(strings.TrimSpace(s[i : i+end]))
	if v.key == "" || strings.Contains(v.key, "${") {
		return v, 0, malformed
	}
	i += end
	if s[i] == '}' {
		return v, i + 1, nil
	}
	rest := strings.TrimLeft(s[i+1:], " ")
	if !strings.HasPrefix(rest, "'") {
		return v, 0, malformed
	}
	rest = rest[1:]
	quote := strings.IndexByte(rest, '\'')
	if quote < 0 {
		return v, 0, malformed
	}
	v.fallback, v.hasDefault = rest[:quote], true
	rest = strings.TrimLeft(rest[quote+1:], " ")
	if !strings.HasPrefix(rest, "}") {
		return v, 0, malformed
	}
	return v, len(s) - len(rest) + 1, nil
}

// HasVariables reports whether the template has variables to resolve.
func (t *Template) HasVariables() bool { return len(t.variables) > 0 }

// Variables returns the condition keys, in lower case, that the template reads.
func (t *Template) Variables() []string {
	keys := make([]string, len(t.variables))
	for i := range t.variables {
		keys[i] = t.variables[i].key
	}
	return keys
}

// Slots is room for the values of a template's variables.
type Slots [maxVariables]string

// Resolve fills slots with the values of the variables and reports whether each
// has one: a key that is absent takes its default; a key with several values
// has no value.
func (t *Template) Resolve(ctx Context, slots *Slots) bool {
	for i := range t.variables {
		value, ok := t.variables[i].value(ctx)
		if !ok {
			return false
		}
		slots[i] = value
	}
	return true
}

func (v *variable) value(ctx Context) (string, bool) {
	if ctx != nil {
		if values, ok := ctx.Lookup(v.key); ok && values.Len() > 0 {
			return values.At(0), values.Len() == 1
		}
	}
	return v.fallback, v.hasDefault
}

// Expand returns policy text for people: variables are replaced by their
// values, which may hold characters that are wildcards elsewhere. A variable
// without a value stays as written and ok is false; so do ${*}, ${?} and ${$},
// which would look like what they are not.
func Expand(text string, ctx Context) (expanded string, ok bool) {
	var b strings.Builder
	ok = true
	for {
		start := strings.Index(text, "${")
		if start < 0 {
			b.WriteString(text)
			return b.String(), ok
		}
		b.WriteString(text[:start])
		text = text[start:]
		v, size, err := parseVariable(text)
		if err != nil {
			size = len("${")
		}
		written := text[:size]
		text = text[size:]
		switch v.key {
		case "", "*", "?", "$":
			b.WriteString(written)
			continue
		}
		value, found := v.value(ctx)
		if !found {
			value, ok = written, false
		}
		b.WriteString(value)
	}
}

// LowerKey returns a condition key in the lower case that Context.Lookup takes.
// Keys are case-insensitive, the tag key after a slash included.
func LowerKey(key string) string { return strings.ToLower(key) }
