package pdp_test

import (
	"fmt"
	"strings"

	"sallyport/internal/api"
	"sallyport/internal/api/sallyportapi"
)

// written is the layers of an explanation, each policy on a line.
func written(layers []sallyportapi.ExplainedLayer) string {
	var lines []string
	for _, l := range layers {
		lines = append(lines, *l.Layer+levelOf(l.Level)+" "+*l.Effect)
		for _, p := range l.Policies {
			line := strings.TrimSpace(api.Value(p.AttachedTo)+" "+api.Value(p.PolicyArn)+api.Value(p.PolicyName)) + ":"
			for _, s := range p.Statements {
				line += fmt.Sprintf(" %s %s %d:%d-%d", *s.Effect, orNumber(s.StatementId, s.StatementIndex), *s.Line, *s.Column, *s.EndLine)
				if *s.Matched != (len(s.Failures) == 0) {
					line += " contradiction"
				}
				for _, f := range s.Failures {
					line += " unless " + api.Value(f.Operator) + " " + api.Value(f.Key)
					if *f.Absent {
						line += " absent"
					}
				}
			}
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n")
}

func orNumber(sid *string, number *int64) string {
	if sid != nil {
		return *sid
	}
	return fmt.Sprint("number ", *number)
}

func levelOf(level *int64) string {
	if level == nil {
		return ""
	}
	return fmt.Sprint(" ", *level)
}

// writtenMissing is what was missing, each part on a line.
func writtenMissing(all []sallyportapi.MissingPermission) string {
	var lines []string
	for _, m := range all {
		line := *m.Layer + levelOf(m.Level)
		if m.Remove != nil {
			line += " remove " + strings.TrimSpace(fmt.Sprint(api.Value(m.Remove.PolicyName), " ", *m.Remove.StatementIndex))
		}
		if m.Add != nil {
			line += " add " + *m.Add
		}
		if m.Near != nil {
			line += fmt.Sprint(" or ", api.Value(m.Near.PolicyName), " ", *m.Near.StatementIndex)
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}
