package validate

import "strings"

// variableRules follow "IAM policy elements: Variables and tags".
var variableRules = []rule{
	variableRule("MISSING_BRACE_IN_VARIABLE", "The policy variable is missing a closing curly brace. Add } after the variable text."),
	variableRule("MISSING_QUOTE_IN_VARIABLE", "The policy variable default value must begin and end with a single quote. Add the missing quote."),
	variableRule("UNSUPPORTED_SPACE_IN_VARIABLE", "A space is not supported within the policy variable text. Remove the space."),
	variableRule("EMPTY_VARIABLE", "Empty policy variable. Remove the variable structure or provide a variable within the structure."),
	{code: "VARIABLE_UNSUPPORTED_IN_ELEMENT", kind: ErrorFinding, policies: anyPolicy, statement: func(l *lint, s *statement) {
		elements := []*node{s.sid, s.effect}
		for i := range s.actions {
			elements = append(elements, s.actions[i].node)
		}
		for i := range s.principals {
			elements = append(elements, s.principals[i].node)
		}
		for _, n := range elements {
			if n.isString() && strings.Contains(n.text, "${") {
				l.reportAt(n, "Policy variables are supported in the Resource and Condition elements. Remove the policy variable %s from this element.", clip(n.text))
			}
		}
	}},
	{code: "VARIABLE_UNSUPPORTED_IN_VERSION", kind: ErrorFinding, policies: anyPolicy, statement: func(l *lint, s *statement) {
		if l.variables {
			return
		}
		for _, n := range s.texts() {
			if strings.Contains(n.text, "${") {
				l.reportAt(n, "To include variables in your policy, use the policy version 2012-10-17 or later.")
			}
		}
	}},
	{code: "INVALID_VARIABLE_FOR_OPERATOR", kind: ErrorFinding, policies: anyPolicy, statement: eachTest(func(l *lint, s *statement, t *test) {
		if f := t.family(); f == "" || f == "String" || f == "Arn" || !l.variables {
			return
		}
		for _, v := range t.values {
			if v.isString() && strings.Contains(v.text, "${") {
				l.reportAt(v, "Policy variables can only be used with String and ARN operators.")
			}
		}
	})},
}

// texts returns the values that may hold policy variables.
func (s *statement) texts() []*node {
	var all []*node
	for i := range s.resources {
		all = append(all, s.resources[i].node)
	}
	for i := range s.tests {
		for _, v := range s.tests[i].values {
			if v.isString() {
				all = append(all, v)
			}
		}
	}
	return all
}

func variableRule(code, details string) rule {
	return rule{code: code, kind: ErrorFinding, policies: anyPolicy, statement: func(l *lint, s *statement) {
		if !l.variables {
			return
		}
		for _, n := range s.texts() {
			if variableFault(n.text) == code {
				l.reportAt(n, "%s", details)
			}
		}
	}}
}

// variableFault returns the code of the first malformed policy variable, or "".
func variableFault(text string) string {
	for {
		_, rest, found := strings.Cut(text, "${")
		if !found {
			return ""
		}
		end := strings.IndexAny(rest, ",}")
		if end < 0 {
			return "MISSING_BRACE_IN_VARIABLE"
		}
		key := rest[:end]
		switch {
		case strings.Contains(key, "${"):
			return "MISSING_BRACE_IN_VARIABLE"
		case strings.TrimSpace(key) == "":
			return "EMPTY_VARIABLE"
		case strings.Contains(key, " "):
			return "UNSUPPORTED_SPACE_IN_VARIABLE"
		case rest[end] == '}':
			text = rest[end+1:]
			continue
		}
		fallback, quotedFirst := strings.CutPrefix(strings.TrimLeft(rest[end+1:], " "), "'")
		_, after, quotedLast := strings.Cut(fallback, "'")
		if !quotedFirst || !quotedLast {
			return "MISSING_QUOTE_IN_VARIABLE"
		}
		if text, found = strings.CutPrefix(strings.TrimLeft(after, " "), "}"); !found {
			return "MISSING_BRACE_IN_VARIABLE"
		}
	}
}
