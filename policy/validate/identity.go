package validate

import (
	"fmt"
	"slices"
	"strings"

	"sallyport/policy"
	"sallyport/policy/condition"
)

// Identity checks a policy of a user, group or role. managed is set for managed
// policies, which must have version 2012-10-17. Errors are of type *Error.
func Identity(src []byte, managed bool) error {
	doc, err := parse(src)
	if err != nil {
		return &Error{Message: msgSyntax, Cause: err}
	}
	v := identity{doc: doc}
	for _, check := range []func() *Error{
		v.syntax,
		func() *Error {
			if managed && doc.Version != policy.Version2012 {
				return malformed(msgVersion)
			}
			return nil
		},
		v.principals,
		v.legacy,
		v.sids,
		v.actionsExist,
		func() *Error { return v.resourceError },
		v.actionPrefixes,
		v.resourcesExist,
	} {
		if e := check(); e != nil {
			return e
		}
	}
	if _, err := policy.Compile(doc, policy.Ref{}); err != nil {
		return &Error{Message: msgSyntax, Cause: err}
	}
	return nil
}

// identity is one check of an identity policy.
type identity struct {
	doc *policy.Document
	// resourceError is the fault found in a resource, which is reported only
	// after the faults of legacy parsing and of actions.
	resourceError *Error
}

// syntax checks what the grammar of policy.Parse leaves to the meaning.
func (v *identity) syntax() *Error {
	if !knownVersion(v.doc.Version) || len(v.doc.Statements) == 0 {
		return malformed(msgSyntax)
	}
	for i := range v.doc.Statements {
		s := &v.doc.Statements[i]
		// An effect in another case passes here and fails legacy parsing.
		if !strings.EqualFold(s.Effect, "Allow") && !strings.EqualFold(s.Effect, "Deny") {
			return malformed(msgSyntax)
		}
		if !operatorsKnown(s.Condition) {
			return malformed(msgSyntax)
		}
	}
	return nil
}

// operatorsKnown reports whether every operator that has keys is known.
func operatorsKnown(c *policy.ConditionElement) bool {
	if c == nil {
		return true
	}
	for i := range c.Operators {
		if op := &c.Operators[i]; len(op.Keys) > 0 && !condition.Known(op.Name) {
			return false
		}
	}
	return true
}

func (v *identity) principals() *Error {
	for i := range v.doc.Statements {
		if s := &v.doc.Statements[i]; s.Principal != nil || s.NotPrincipal != nil {
			return malformed(msgPrincipal)
		}
	}
	return nil
}

// legacy is AWS's second reading. Effects and dates come before resources.
func (v *identity) legacy() *Error {
	for i := range v.doc.Statements {
		s := &v.doc.Statements[i]
		if s.Effect != "Allow" && s.Effect != "Deny" || !datesValid(s.Condition) {
			return malformed(msgLegacy)
		}
	}
	for _, list := range []func(s *policy.Statement) *policy.List{
		func(s *policy.Statement) *policy.List { return s.Resource },
		func(s *policy.Statement) *policy.List { return s.NotResource },
	} {
		for i := range v.doc.Statements {
			if !v.legacyResources(list(&v.doc.Statements[i])) {
				return malformed(msgLegacy)
			}
		}
	}
	return nil
}

func datesValid(c *policy.ConditionElement) bool {
	if c == nil {
		return true
	}
	for i := range c.Operators {
		op := &c.Operators[i]
		if base, ok := condition.Base(op.Name); !ok || !strings.HasPrefix(base, "Date") {
			continue
		}
		for j := range op.Keys {
			for _, item := range op.Keys[j].Values.Items {
				if !condition.ValidDate(item.Text) {
					return false
				}
			}
		}
	}
	return true
}

// legacyResources notes the first fault of format in resourceError, and reports
// whether legacy parsing succeeds, which AWS tries only while there is none.
func (v *identity) legacyResources(l *policy.List) bool {
	if l == nil {
		return true
	}
	// AWS reports the fault of the resource that sorts first.
	texts := slices.Sorted(slices.Values(l.Texts()))
	for _, text := range texts {
		if message := resourceFault(text); message != "" {
			v.resourceError = malformed(message)
			break
		}
	}
	if v.resourceError != nil {
		return true
	}
	for _, text := range texts {
		if text == "*" {
			continue
		}
		if strings.Count(text, ":") < 5 && strings.Contains(text, "::") {
			return false
		}
		if parts := strings.SplitN(text, ":", 4); len(parts) > 2 && parts[2] == "" {
			return false
		}
	}
	return true
}

func (v *identity) sids() *Error {
	seen := map[string]bool{}
	for i := range v.doc.Statements {
		sid := v.doc.Statements[i].Sid
		if sid == "" {
			continue
		}
		if seen[sid] {
			return malformed(msgSidUnique)
		}
		seen[sid] = true
		if !alphanumeric(sid) {
			return malformed(msgSidCharset)
		}
	}
	return nil
}

func alphanumeric(s string) bool {
	for i := range len(s) {
		switch c := s[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9':
		default:
			return false
		}
	}
	return true
}

func (v *identity) actionsExist() *Error {
	for i := range v.doc.Statements {
		if s := &v.doc.Statements[i]; len(both(s.Action, s.NotAction)) == 0 {
			return malformed(msgNoActions)
		}
	}
	return nil
}

func (v *identity) actionPrefixes() *Error {
	for i := range v.doc.Statements {
		s := &v.doc.Statements[i]
		for _, item := range both(s.Action, s.NotAction) {
			if message := actionFault(item.Text); message != "" {
				return malformed(message)
			}
		}
	}
	return nil
}

// actionFault returns AWS's message about an action, or "".
func actionFault(action string) string {
	vendor, name, found := strings.Cut(action, ":")
	switch {
	case !found && vendor == "*":
		return ""
	case !found:
		return msgVendor
	case strings.Contains(name, ":"):
		return msgOneColon
	}
	if vendor != "*" && strings.IndexFunc(vendor, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '-' && r != '.'
	}) >= 0 {
		return fmt.Sprintf("Vendor %s is not valid", vendor)
	}
	return ""
}

func (v *identity) resourcesExist() *Error {
	for i := range v.doc.Statements {
		if s := &v.doc.Statements[i]; len(both(s.Resource, s.NotResource)) == 0 {
			return malformed(msgNoResources)
		}
	}
	return nil
}
