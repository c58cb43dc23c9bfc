package reference

import (
	"regexp"
	"strings"
)

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

// A condition is one key under one operator.
type condition struct {
	qualifier, operator string
	ifExists            bool
	key                 string
	values              []string
}

// readPolicy reads a policy of a layer.
func (r *run) readPolicy(layer string, v any) (policy, error) {
	document, isObject := v.(object)
	if !isObject {
		return policy{}, invalid("a policy is an object")
	}
	if err := document.only("Version", "Id", "Statement"); err != nil {
		return policy{}, err
	}
	version, err := document.text("Version")
	if err != nil {
		return policy{}, err
	}
	if _, given := document["Version"]; given && version != "2008-10-17" && version != "2012-10-17" {
		return policy{}, invalid("version %q", version)
	}
	if _, err := document.text("Id"); err != nil {
		return policy{}, err
	}
	statements, isList := document["Statement"].([]any)
	if one, isObject := document["Statement"].(object); isObject {
		statements = []any{one}
	} else if !isList || len(statements) == 0 {
		return policy{}, invalid("no statements")
	}
	p := policy{variables: version == "2012-10-17"}
	sids := map[string]bool{}
	for _, v := range statements {
		elements, isObject := v.(object)
		if !isObject {
			return policy{}, invalid("a statement is an object")
		}
		s, err := r.readStatement(layer, elements, p.variables)
		if err != nil {
			return policy{}, err
		}
		if err := checkSid(layer, elements, sids); err != nil {
			return policy{}, err
		}
		p.statements = append(p.statements, s)
	}
	return p, nil
}

var sidPattern = regexp.MustCompile(`^[A-Za-z0-9]*$`)

func checkSid(layer string, elements object, seen map[string]bool) error {
	sid, err := elements.text("Sid")
	if err != nil {
		return err
	}
	if !sidPattern.MatchString(sid) && layer != "resource" && layer != "rcps" {
		return invalid("Sid %q", sid)
	}
	if sid != "" && seen[sid] {
		return invalid("Sid %q twice", sid)
	}
	seen[sid] = true
	return nil
}

func (r *run) readStatement(layer string, elements object, variables bool) (statement, error) {
	s := statement{not: map[string]bool{}}
	if err := elements.only("Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Principal", "NotPrincipal", "Condition"); err != nil {
		return s, err
	}
	var err error
	if s.effect, err = elements.text("Effect"); err != nil {
		return s, err
	}
	if s.effect != "Allow" && s.effect != "Deny" {
		return s, invalid("Effect %q", s.effect)
	}
	for name := range map[string]bool{"Action": true, "Resource": true, "Principal": true} {
		_, positive := elements[name]
		_, negative := elements["Not"+name]
		if positive && negative {
			return s, invalid("both %s and Not%s", name, name)
		}
		s.not[name] = negative
	}
	if err := s.readActions(elements); err != nil {
		return s, err
	}
	if err := s.readResources(layer, elements, variables); err != nil {
		return s, err
	}
	if err := s.readPrincipals(layer, elements); err != nil {
		return s, err
	}
	return s, s.readConditions(elements, variables)
}

// element is Name or NotName of a statement.
func (s *statement) element(elements object, name string) (any, bool) {
	if s.not[name] {
		name = "Not" + name
	}
	v, there := elements[name]
	return v, there
}

var actionPattern = regexp.MustCompile(`^[A-Za-z0-9*?-]+:[A-Za-z0-9*?_-]+$`)

func (s *statement) readActions(elements object) error {
	v, there := s.element(elements, "Action")
	if !there {
		return invalid("neither Action nor NotAction")
	}
	var err error
	if s.actions, err = texts(v); err != nil {
		return err
	}
	if len(s.actions) == 0 {
		return invalid("no actions")
	}
	for _, action := range s.actions {
		if action != "*" && !actionPattern.MatchString(action) {
			return invalid("action %q", action)
		}
	}
	return nil
}

func (s *statement) readResources(layer string, elements object, variables bool) error {
	v, there := s.element(elements, "Resource")
	if !there {
		if layer != "resource" {
			return invalid("neither Resource nor NotResource")
		}
		s.anyResource = true
		return nil
	}
	var err error
	if s.resources, err = texts(v); err != nil {
		return err
	}
	if len(s.resources) == 0 {
		return invalid("no resources")
	}
	for _, resource := range s.resources {
		if err := checkResource(layer, resource, variables); err != nil {
			return err
		}
	}
	return nil
}

// checkResource reports a text that can't be in Resource.
func checkResource(layer, resource string, variables bool) error {
	if resource == "*" {
		return nil
	}
	if variables && !wellFormed(resource) {
		return invalid("variable in %q", resource)
	}
	parts := strings.SplitN(resource, ":", 6)
	if parts[0] != "arn" || len(parts) < 3 || layer == "session" && len(parts) < 6 {
		return invalid("resource %q", resource)
	}
	if strings.ContainsAny(parts[2], "*?") {
		return invalid("the service of %q is a wildcard", resource)
	}
	return nil
}

// readConditions reads the operators with their keys and values.
func (s *statement) readConditions(elements object, variables bool) error {
	v, there := elements["Condition"]
	if !there {
		return nil
	}
	operators, isObject := v.(object)
	if !isObject {
		return invalid("a Condition is an object")
	}
	for name, v := range operators {
		keys, isObject := v.(object)
		if !isObject {
			return invalid("the keys of %s are no object", name)
		}
		base, err := readOperator(name)
		if err != nil {
			return err
		}
		seen := map[string]bool{}
		for key, v := range keys {
			c := base
			c.key = strings.ToLower(key)
			if seen[c.key] || key == "" {
				return invalid("the key %q is given twice", key)
			}
			seen[c.key] = true
			if c.values, err = scalars(v); err != nil {
				return err
			}
			for _, value := range c.values {
				if err := c.checkValue(value, variables); err != nil {
					return err
				}
			}
			s.conditions = append(s.conditions, c)
		}
	}
	return nil
}
