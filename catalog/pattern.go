package catalog

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"sallyport/arn"
)

// splitARN splits text into the fields of an ARN. Unlike arn.Parse it makes no
// error value, and "*" is simply not an ARN.
func splitARN(text string) (t arn.Target, ok bool) {
	if len(text) > arn.MaxBytes {
		return t, false
	}
	t.Set(text)
	return t, t.Partition() != "" && t.Service() != "" && t.Resource() != ""
}

// field is one of the first fields of an ARN template: text, or anything.
type field struct {
	text string
	any  bool
}

func (f *field) match(text string) bool { return f.any || f.text == text }

// pattern is an ARN template of a resource type.
type pattern struct {
	kind                                int // index of the resource type
	unqualified                         int // index of the type that this one is a version of; -1 if it is none
	literal                             int // literal characters
	partition, service, region, account field
	resource                            template
}

// compilePattern compiles an ARN template.
func compilePattern(text string) (pattern, error) {
	if len(text) > maxStringBytes {
		return pattern{}, fmt.Errorf("longer than %d bytes", maxStringBytes)
	}
	f, ok := splitARN(text)
	if !ok {
		return pattern{}, errors.New("not an ARN of six fields")
	}
	p := pattern{unqualified: -1}
	for _, pair := range []struct {
		into *field
		text string
	}{{&p.partition, f.Partition()}, {&p.service, f.Service()}, {&p.region, f.Region()}, {&p.account, f.Account()}} {
		t, err := compileTemplate(pair.text)
		switch {
		case err != nil:
			return pattern{}, err
		case t.variables() == 0:
			*pair.into = field{text: pair.text}
			p.literal += len(pair.text)
		case t.variables() == 1 && t.literal() == 0:
			*pair.into = field{any: true}
		default:
			return pattern{}, fmt.Errorf("%q is neither text nor a variable", pair.text)
		}
	}
	var err error
	if p.resource, err = compileTemplate(f.Resource()); err != nil {
		return pattern{}, err
	}
	p.resource.restrict()
	p.literal += p.resource.literal()
	return p, nil
}

// match reports whether the ARN fits, and how well: a higher number is a better
// fit.
func (p *pattern) match(f *arn.Target) (fit int, ok bool) {
	if !p.service.match(f.Service()) || !p.resource.match(f.Resource()) ||
		!p.region.match(f.Region()) || !p.account.match(f.Account()) || !p.partition.match(f.Partition()) {
		return 0, false
	}
	fit = p.literal
	if p.region.any && f.Region() == "" {
		fit -= arn.MaxBytes
	}
	if p.account.any && f.Account() == "" {
		fit -= arn.MaxBytes
	}
	return fit, true
}

// findVersions finds the templates that are another's with a colon and a variable
// after its last variable: they name the versions or aliases of what that names.
func findVersions(all []pattern) {
	isVersion := func(p pattern) bool {
		l := p.resource.literals
		return len(l) > 2 && l[len(l)-2] == ":" && l[len(l)-1] == ""
	}
	if !slices.ContainsFunc(all, isVersion) {
		return // as of most services
	}
	kinds := make(map[string]int, len(all))
	for _, p := range slices.Backward(all) { // the first of equal templates stays
		kinds[p.text()] = p.kind
	}
	for i := range all {
		if p := &all[i]; isVersion(*p) {
			if kind, ok := kinds[strings.TrimSuffix(p.text(), ":*")]; ok {
				p.unqualified = kind
			}
		}
	}
}

// text is the template with "*" for its variables.
func (p *pattern) text() string {
	var b strings.Builder
	for _, f := range [...]field{p.partition, p.service, p.region, p.account} {
		if f.any {
			b.WriteByte('*')
		}
		b.WriteString(f.text)
		b.WriteByte(':')
	}
	b.WriteString(strings.Join(p.resource.literals, "*"))
	return b.String()
}

// patterns are the patterns of a service, by what the resource begins with.
type patterns struct {
	byHead map[string][]pattern
	others []pattern // their resource begins with a variable, or with a part of a word
}

// head is the text before the first "/" or ":" that is not at the beginning;
// whole says that there is none.
func head(resource string) (text string, whole bool) {
	for i := 1; i < len(resource); i++ {
		if resource[i] == '/' || resource[i] == ':' {
			return resource[:i], false
		}
	}
	return resource, true
}

func (ps *patterns) add(p pattern) {
	first, whole := head(p.resource.literals[0])
	if whole && p.resource.variables() > 0 {
		ps.others = append(ps.others, p)
		return
	}
	if ps.byHead == nil {
		ps.byHead = make(map[string][]pattern)
	}
	ps.byHead[first] = append(ps.byHead[first], p)
}

// sort puts the patterns in order for best.
func (ps *patterns) sort() {
	more := func(a, b pattern) int { return b.literal - a.literal }
	for _, group := range ps.byHead {
		slices.SortStableFunc(group, more)
	}
	slices.SortStableFunc(ps.others, more)
}

// best reports whether the ARN fits any pattern, and whether is holds for one of
// those that it fits best.
func (ps *patterns) best(f *arn.Target, is func(p *pattern) bool) (found, holds bool) {
	best := math.MinInt
	first, _ := head(f.Resource())
	for _, group := range [...][]pattern{ps.byHead[first], ps.others} {
		for i := range group {
			p := &group[i]
			if p.literal < best {
				break // a pattern fits as well as it has literal characters at most
			}
			if fit, ok := p.match(f); ok && fit >= best {
				holds = is(p) || holds && fit == best
				best, found = fit, true
			}
		}
	}
	return found, holds
}
