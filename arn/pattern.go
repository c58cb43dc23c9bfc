package arn

import (
	"fmt"
	"strings"
)

// A Pattern matches ARNs. Its first five fields match field by field; the
// resource field matches everything after the fifth colon. Missing trailing
// fields are "*": AWS reads "arn:aws:s3" as "arn:aws:s3:*:*:*". The pattern "*"
// alone matches any text. A wide pattern also matches across colons, see
// NewPattern. A Pattern is immutable and safe for concurrent use.
type Pattern struct {
	all    bool
	fields [fieldCount]Glob
	start  string            // of every match: the fields before the first with a wildcard
	tested [fieldCount]uint8 // the other fields that have to be compared, but for the resource
	tests  int
	across *Glob // of a wide pattern: what else matches; nil if nothing does
	short  bool  // there are missing fields
}

// CompilePattern compiles an ARN pattern with the wildcards "*" and "?". Text
// other than "*" must have at least one colon and begin with "arn" or a
// wildcard.
func CompilePattern(s string) (Pattern, error) {
	if s == "*" {
		return Pattern{all: true}, nil
	}
	return NewPattern(WildcardParts(nil, s), false)
}

// NewPattern compiles an ARN pattern given as parts, so that it may hold slots.
// Only the colons of literals separate fields, and there are no slots before the
// first of them.
//
// A wide pattern in which "*" ends a field and a colon follows also matches an ARN
// that it matches as a whole, colons included. AWS documents that such a star "can
// expand to match beyond the colon boundaries", not when it does, so wide is for
// patterns that take permissions away.
//
// See https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html.
func NewPattern(parts []Part, wide bool) (Pattern, error) {
	if len(parts) == 1 && parts[0].Kind == Any {
		return Pattern{all: true}, nil
	}
	fields := SplitFields(parts)
	if len(fields) < 2 {
		return Pattern{}, fmt.Errorf("arn: pattern is neither an ARN nor %q", "*")
	}
	for _, part := range fields[0] {
		if part.Kind == Slot {
			return Pattern{}, fmt.Errorf("arn: a variable before the first colon")
		}
	}
	p := Pattern{short: len(fields) < fieldCount}
	for i := range p.fields {
		if i < len(fields) {
			p.fields[i] = NewGlob(fields[i], false)
		} else {
			p.fields[i] = NewGlob([]Part{{Kind: Any}}, false)
		}
	}
	if !p.fields[0].Match("arn", nil) {
		return Pattern{}, fmt.Errorf("arn: pattern does not begin with %q", "arn:")
	}
	fixed := 0
	for ; fixed < fieldCount-1; fixed++ {
		text, exact := p.fields[fixed].Exact()
		if !exact {
			break
		}
		p.start += text + ":"
	}
	// The first field of every target is "arn".
	for i := fieldCount - 2; i >= max(fixed, 1); i-- {
		if !p.fields[i].Everything() {
			p.tested[p.tests] = uint8(i)
			p.tests++
		}
	}
	for _, field := range fields[:len(fields)-1] {
		if n := len(field); wide && n > 0 && field[n-1].Kind == Any {
			whole := NewGlob(parts, false)
			p.across = &whole
			break
		}
	}
	return p, nil
}

// SplitFields splits parts at the first five colons of their literals.
func SplitFields(parts []Part) [][]Part {
	fields := [][]Part{nil}
	add := func(part Part) {
		if part.Kind != Literal || part.Text != "" {
			last := len(fields) - 1
			fields[last] = append(fields[last], part)
		}
	}
	for _, part := range parts {
		if part.Kind != Literal {
			add(part)
			continue
		}
		start := 0
		for i := 0; i < len(part.Text) && len(fields) < fieldCount; i++ {
			if part.Text[i] == ':' {
				add(Part{Kind: Literal, Text: part.Text[start:i]})
				fields = append(fields, nil)
				start = i + 1
			}
		}
		add(Part{Kind: Literal, Text: part.Text[start:]})
	}
	return fields
}

// Everything reports whether the pattern is "*".
func (p *Pattern) Everything() bool { return p.all }

// Match reports whether the target matches; values fill the slots.
func (p *Pattern) Match(t *Target, values []string) bool {
	if p.all {
		return true
	}
	if !t.isARN {
		return false
	}
	// The resource differs most between patterns of one service.
	if !p.fields[fieldCount-1].Match(t.resource, values) {
		return p.across != nil && p.matchAcross(t, values)
	}
	for _, i := range p.tested[:p.tests] {
		if !p.fields[i].Match(t.field(int(i)), values) {
			return p.across != nil && p.matchAcross(t, values)
		}
	}
	return strings.HasPrefix(t.text, p.start) || p.across != nil && p.matchAcross(t, values)
}

// matchAcross matches the text as a whole. Each colon of the pattern takes one of
// the text, so that there is one left for a star only if the pattern has fewer than
// five or the text more.
func (p *Pattern) matchAcross(t *Target, values []string) bool {
	return (p.short || strings.IndexByte(t.resource, ':') >= 0) && p.across.Match(t.text, values)
}

// MatchString is Match for one ARN.
func (p *Pattern) MatchString(s string) bool {
	t := Split(s)
	return p.Match(&t, nil)
}

// Key returns the text of an ARN that every match has in its resource field, as
// an exact value or as a prefix; see Strays for the exception. Indexes use it to
// skip patterns.
func (p *Pattern) Key() (text string, exact bool) {
	if p.all {
		return "", false
	}
	resource := &p.fields[fieldCount-1]
	if text, ok := resource.Exact(); ok {
		return text, true
	}
	return resource.Prefix(), false
}

// Strays reports whether the pattern may also match ARNs without its Key, which
// then have a colon in their resource field.
func (p *Pattern) Strays() bool { return p.across != nil && !p.short }
