package condition

import (
	"sallyport/arn"
)

// arns matches ARNs field by field, with wildcards. ArnEquals and ArnLike
// behave identically.
type arns struct{ want []arnPattern }

type arnPattern struct {
	Template
	pattern arn.Pattern
	// whole is set instead of pattern for a value that begins with a variable,
	// such as "${aws:PrincipalArn}": the variable holds the ARN's own colons.
	whole   arn.Glob
	isWhole bool
}

func compileARN(values []string, variables bool) (matcher, error) {
	m := &arns{}
	for _, value := range values {
		t, err := ParseTemplate(value, true, variables)
		if err != nil {
			return nil, err
		}
		p := arnPattern{Template: t}
		if len(t.Parts) > 0 && t.Parts[0].Kind == arn.Slot {
			p.whole, p.isWhole = arn.NewGlob(t.Parts, false), true
		} else if p.pattern, err = arn.NewPattern(t.Parts, false); err != nil {
			return nil, err
		}
		m.want = append(m.want, p)
	}
	return m, nil
}

func (m *arns) match(value string, ctx Context) verdict {
	target := arn.Split(value)
	if !target.IsARN() {
		return doubt
	}
	result := no
	var slots Slots
	for i := range m.want {
		p := &m.want[i]
		if !p.Resolve(ctx, &slots) {
			result = doubt
			continue
		}
		if p.isWhole {
			if p.whole.Match(value, slots[:]) {
				return yes
			}
		} else if p.pattern.Match(&target, slots[:]) {
			return yes
		}
	}
	return result
}
