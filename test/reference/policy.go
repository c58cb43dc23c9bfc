package reference

import "strings"

// maxPolicy is how many bytes a policy has at most.
const maxPolicy = 262_144

// A policy is a document that is in force.
type policy struct {
	variables  bool // its version has them
	statements []statement
}

// A statement holds the elements as they are written.
type statement struct {
	effect       string
	not          map[string]bool // NotAction, NotResource, NotPrincipal
	actions      []string
	resources    []string
	anyResource  bool // there is neither Resource nor NotResource
	principals   map[string][]string
	everyone     bool // Principal is "*"
	hasPrincipal bool
	conditions   []condition
}

// ofResource reports layers whose policies are a resource's, and have principals.
func ofResource(layer string) bool { return layer == "resource" || layer == "rcps" }

// broken reports what breaks a rule, and notes that it was applied.
func (r *run) broken(rule, format string, args ...any) error {
	r.reach(rule)
	return invalid(rule+": "+format, args...)
}

// readPolicy reads a policy of a layer.
func (r *run) readPolicy(layer string, v any) (policy, error) {
	document, isObject := v.(object)
	if !isObject {
		return policy{}, r.broken("G1", "a policy is an object")
	}
	if document.size > maxPolicy {
		return policy{}, r.broken("G21", "%d bytes", document.size)
	}
	if err := document.only("Version", "Id", "Statement"); err != nil {
		return policy{}, r.broken("G2", "%v", err)
	}
	version, err := document.text("Version")
	if _, given := document.members["Version"]; !given {
		version = "2008-10-17"
	}
	r.reach("G3")
	if err != nil || version != "2008-10-17" && version != "2012-10-17" {
		return policy{}, r.broken("G3", "version %q", version)
	}
	if _, err := document.text("Id"); err != nil {
		return policy{}, r.broken("G1", "%v", err)
	}
	statements, isList := document.members["Statement"].([]any)
	if one, isObject := document.members["Statement"].(object); isObject {
		statements = []any{one}
	} else if !isList || len(statements) == 0 {
		return policy{}, r.broken("G1", "no statements")
	}
	p := policy{variables: version == "2012-10-17"}
	for _, v := range statements {
		elements, isObject := v.(object)
		if !isObject {
			return policy{}, r.broken("G4", "a statement is an object")
		}
		s, err := r.readStatement(layer, elements, p.variables)
		if err != nil {
			return policy{}, err
		}
		p.statements = append(p.statements, s)
	}
	return p, nil
}

func (r *run) readStatement(layer string, elements object, variables bool) (statement, error) {
	s := statement{not: map[string]bool{}}
	if err := elements.only("Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Principal", "NotPrincipal", "Condition"); err != nil {
		return s, r.broken("G2", "%v", err)
	}
	if _, err := elements.text("Sid"); err != nil {
		return s, r.broken("G4", "%v", err)
	}
	var err error
	if s.effect, err = elements.text("Effect"); err != nil || s.effect != "Allow" && s.effect != "Deny" {
		return s, r.broken("G5", "effect %q", s.effect)
	}
	for _, name := range []string{"Action", "Resource", "Principal"} {
		_, positive := elements.members[name]
		_, negative := elements.members["Not"+name]
		if positive && negative {
			return s, r.broken("G4", "both %s and Not%s", name, name)
		}
		s.not[name] = negative
	}
	if err := r.readPrincipals(&s, layer, elements); err != nil {
		return s, err
	}
	if err := r.readActions(&s, elements); err != nil {
		return s, err
	}
	if err := r.readResources(&s, layer, elements, variables); err != nil {
		return s, err
	}
	return s, r.readConditions(&s, elements, variables)
}

// element is Name or NotName of a statement.
func (s *statement) element(elements object, name string) (any, bool) {
	if s.not[name] {
		name = "Not" + name
	}
	v, there := elements.members[name]
	return v, there
}

func (r *run) readActions(s *statement, elements object) error {
	v, _ := s.element(elements, "Action")
	var err error
	if s.actions, err = texts(v); err != nil || len(s.actions) == 0 {
		return r.broken("G6", "actions %v", v)
	}
	for _, action := range s.actions {
		service, name, _ := strings.Cut(action, ":")
		if action != "*" && (service == "" || name == "" || strings.Contains(name, ":")) {
			return r.broken("G7", "action %q", action)
		}
	}
	return nil
}

func (r *run) readResources(s *statement, layer string, elements object, variables bool) error {
	v, there := s.element(elements, "Resource")
	if !there && s.hasPrincipal {
		r.reach("G9")
		s.anyResource = true
		return nil
	}
	var err error
	if s.resources, err = texts(v); err != nil || len(s.resources) == 0 {
		return r.broken("G8", "resources %v", v)
	}
	for _, resource := range s.resources {
		if variables && !wellFormed(resource) {
			return r.broken("V10", "resource %q", resource)
		}
		first, _, divided := strings.Cut(resource, ":")
		if resource != "*" && (!divided || variables && strings.Contains(first, "${") || !matches(plainUnits(first, true), "arn", sameChar)) {
			return r.broken("G10", "resource %q", resource)
		}
	}
	return nil
}

// readConditions reads the operators with their keys and values.
func (r *run) readConditions(s *statement, elements object, variables bool) error {
	v, there := elements.members["Condition"]
	if !there {
		return nil
	}
	operators, isObject := v.(object)
	if !isObject {
		return r.broken("G16", "a Condition is an object")
	}
	if operators.twice {
		return r.broken("G2", "an operator is given twice")
	}
	for name, v := range operators.members {
		keys, isObject := v.(object)
		if !isObject {
			return r.broken("G16", "the keys of %s are no object", name)
		}
		if len(keys.members) == 0 {
			r.reach("G17")
			continue
		}
		base, known := readOperator(name)
		if !known {
			return r.broken("G18", "operator %q", name)
		}
		if keys.twice {
			return r.broken("G19", "a key of %s is given twice", name)
		}
		if err := r.readKeysOf(s, base, keys, variables); err != nil {
			return err
		}
	}
	return nil
}

func (r *run) readKeysOf(s *statement, base condition, keys object, variables bool) error {
	seen := map[string]bool{}
	for key, v := range keys.members {
		c := base
		c.key = strings.ToLower(key)
		if seen[c.key] {
			return r.broken("G19", "the key %q is given twice", key)
		}
		seen[c.key] = true
		var err error
		if c.values, err = scalars(v); err != nil || len(c.values) == 0 || key == "" {
			return r.broken("G16", "the values of %q are %v", key, v)
		}
		o := operators[c.operator]
		for _, value := range c.values {
			if variables && o.variable && !wellFormed(value) {
				return r.broken("V10", "%s with %q", c.operator, value)
			}
			plainVariable := !variables && o.rule == "C50" && strings.HasPrefix(value, "${")
			if !o.readable(value) || plainVariable {
				if variables && strings.Contains(value, "${") {
					r.reach("V12")
				}
				return r.broken("G20", "%s with %q", c.operator, value)
			}
		}
		s.conditions = append(s.conditions, c)
	}
	return nil
}
