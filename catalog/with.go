package catalog

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"
)

// With returns a catalogue that also has the given services of one's own. They
// are copied; their actions, resource types and keys may be in any order. A
// Service without a Name has its prefix for one.
//
// An error says which service and which part of it is wrong:
//
//   - The catalogue has at most 4096 services. A service has at most 4096 actions,
//     and 512 resource types, 512 ARN templates and 512 keys, several times what
//     AWS's largest has; an action has at most 512 dependents.
//   - The prefix is 1 to 64 lower-case letters, digits and hyphens, beginning
//     with a letter, and is not taken; "aws" is that of the global keys.
//   - There is an action. Action names are 1 to 128 letters, digits and hyphens,
//     unique in any case. The access level is given. Resource types and keys are
//     the service's own (or global keys), each once in a list; dependent actions
//     exist.
//   - Names of resource types are unique in any case; each has an ARN template
//     of six fields whose service is not a variable, as the package comment says.
//   - Names of keys begin with the prefix and a colon, or are global; they are
//     unique in any case, and the type is given.
func (c *Catalog) With(services ...Service) (*Catalog, error) {
	if c == nil {
		c = newCatalog()
	}
	if len(c.prefixes)+len(services) > maxServices {
		return nil, fmt.Errorf("catalog: more than %d services", maxServices)
	}
	out := newCatalog()
	out.prefixes = slices.Clone(c.prefixes)
	out.globals = c.globals
	out.templated = slices.Clone(c.templated)
	maps.Copy(out.services, c.services)
	for owner, entries := range c.namespaces {
		out.namespaces[owner] = slices.Clone(entries)
	}
	for owner, entries := range c.keyOwners {
		out.keyOwners[owner] = slices.Clone(entries)
	}
	for i := range services {
		if err := out.addOwn(&services[i]); err != nil {
			return nil, fmt.Errorf("catalog: service %q: %w", services[i].Prefix, err)
		}
	}
	for i := range services {
		if err := out.checkDependents(&services[i]); err != nil {
			return nil, fmt.Errorf("catalog: service %q: %w", services[i].Prefix, err)
		}
	}
	slices.Sort(out.prefixes)
	return out, nil
}

// addOwn checks a service and puts a copy of it into a catalogue that is being
// made.
func (c *Catalog) addOwn(given *Service) error {
	if err := checkPrefix(given.Prefix); err != nil {
		return err
	}
	if given.Prefix == "aws" || c.services[given.Prefix] != nil {
		return errors.New("the prefix is taken")
	}
	if err := given.checkSize(); err != nil {
		return err
	}
	s := given.clone()
	if s.Name == "" {
		s.Name = s.Prefix
	}
	if err := s.check(); err != nil {
		return err
	}
	if err := c.checkOwnKeys(&s); err != nil {
		return err
	}
	var namespaces []string
	for _, r := range s.Resources {
		for _, text := range r.ARN {
			p, err := compilePattern(text)
			switch {
			case err != nil:
				return fmt.Errorf("resource type %q: ARN %q: %w", r.Name, text, err)
			case p.service.any:
				return fmt.Errorf("resource type %q: ARN %q: the service is a variable", r.Name, text)
			}
			if !slices.Contains(namespaces, p.service.text) {
				namespaces = append(namespaces, p.service.text)
			}
		}
	}
	l, err := s.index()
	if err != nil {
		return err
	}
	e := &entry{prefix: s.Prefix}
	e.decoded.Store(l)
	c.add(e, namespaces, nil)
	return nil
}

// clone copies a service down to its names, and sorts.
func (s *Service) clone() Service {
	out := *s
	out.Actions = slices.Clone(s.Actions)
	for i := range out.Actions {
		a := &out.Actions[i]
		a.Keys, a.Dependents, a.Resources = slices.Clone(a.Keys), slices.Clone(a.Dependents), slices.Clone(a.Resources)
		for j := range a.Resources {
			a.Resources[j].Keys = slices.Clone(a.Resources[j].Keys)
		}
	}
	out.Resources = slices.Clone(s.Resources)
	for i := range out.Resources {
		r := &out.Resources[i]
		r.ARN, r.Keys = slices.Clone(r.ARN), slices.Clone(r.Keys)
	}
	out.Keys = slices.Clone(s.Keys)
	slices.SortFunc(out.Actions, func(a, b Action) int { return compareFold(a.Name, b.Name) })
	slices.SortFunc(out.Resources, func(a, b ResourceType) int { return compareFold(a.Name, b.Name) })
	slices.SortFunc(out.Keys, func(a, b Key) int { return compareFold(a.Name, b.Name) })
	return out
}

func checkPrefix(prefix string) error {
	ok := prefix != "" && len(prefix) <= maxPrefixBytes && 'a' <= prefix[0] && prefix[0] <= 'z'
	for i := range len(prefix) {
		c := prefix[i]
		ok = ok && ('a' <= c && c <= 'z' || isDigit(c) || c == '-')
	}
	if !ok {
		return fmt.Errorf("a prefix is 1 to %d lower-case letters, digits and hyphens, beginning with a letter", maxPrefixBytes)
	}
	return nil
}

// maxOwn is how many resource types, ARN templates and keys a service of one's own
// may have. AWS's largest have up to 148. Whoever decides or checks a policy looks
// through them.
const maxOwn = 512

// checkSize comes before everything whose time is not in proportion to the size.
func (s *Service) checkSize() error {
	templates := 0
	for i := range s.Resources {
		templates += len(s.Resources[i].ARN)
	}
	if len(s.Resources) > maxOwn || templates > maxOwn || len(s.Keys) > maxOwn {
		return fmt.Errorf("more than %d resource types, ARN templates or keys", maxOwn)
	}
	for i := range s.Actions {
		if len(s.Actions[i].Dependents) > maxOwn {
			return fmt.Errorf("action %q: more than %d dependent actions", s.Actions[i].Name, maxOwn)
		}
	}
	return nil
}

// check holds a sorted service to what With and the file's format have in
// common. ARN templates are checked by index.
func (s *Service) check() error {
	if len(s.Actions) == 0 || len(s.Actions) > maxActions || len(s.Resources) > maxActions || len(s.Keys) > maxActions {
		return fmt.Errorf("a service has 1 to %d actions, and at most as many resource types and keys", maxActions)
	}
	for i, k := range s.Keys {
		switch {
		case !isName(k.Name):
			return fmt.Errorf("key %q: malformed name", k.Name)
		case i > 0 && compareFold(s.Keys[i-1].Name, k.Name) >= 0:
			return fmt.Errorf("key %q is there twice", k.Name)
		case k.Type.String() == "":
			return fmt.Errorf("key %q has no type", k.Name)
		}
		if _, err := compileTemplate(k.Name); err != nil {
			return fmt.Errorf("key %q: %w", k.Name, err)
		}
	}
	for i, r := range s.Resources {
		switch {
		case !isName(r.Name):
			return fmt.Errorf("resource type %q: malformed name", r.Name)
		case i > 0 && compareFold(s.Resources[i-1].Name, r.Name) >= 0:
			return fmt.Errorf("resource type %q is there twice", r.Name)
		case len(r.ARN) == 0:
			return fmt.Errorf("resource type %q has no ARN", r.Name)
		}
	}
	for i := range s.Actions {
		if i > 0 && compareFold(s.Actions[i-1].Name, s.Actions[i].Name) >= 0 {
			return fmt.Errorf("action %q is there twice", s.Actions[i].Name)
		}
		if err := s.checkAction(&s.Actions[i]); err != nil {
			return fmt.Errorf("action %q: %w", s.Actions[i].Name, err)
		}
	}
	return nil
}

func (s *Service) checkAction(a *Action) error {
	ok := a.Name != "" && len(a.Name) <= maxActionBytes
	for i := range len(a.Name) {
		ok = ok && (isLetter(a.Name[i]) || isDigit(a.Name[i]) || a.Name[i] == '-')
	}
	switch {
	case !ok:
		return fmt.Errorf("an action's name is 1 to %d letters, digits and hyphens", maxActionBytes)
	case a.Access.String() == "":
		return errors.New("no access level")
	}
	for i, r := range a.Resources {
		same := func(o ActionResource) bool { return o.Name == r.Name }
		switch {
		case !slices.ContainsFunc(s.Resources, func(t ResourceType) bool { return t.Name == r.Name }):
			return fmt.Errorf("the service has no resource type %q", r.Name)
		case slices.ContainsFunc(a.Resources[:i], same):
			return fmt.Errorf("resource type %q is there twice", r.Name)
		}
	}
	return nil
}

// isName: printable text of at most maxStringBytes.
func isName(s string) bool {
	return s != "" && len(s) <= maxStringBytes && utf8.ValidString(s) && strings.TrimSpace(s) == s &&
		!strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f })
}

// checkOwnKeys holds the keys that a service of one's own has, and those that
// its actions and resource types name, to what With says.
func (c *Catalog) checkOwnKeys(s *Service) error {
	known := make(map[string]int, len(s.Keys)+len(c.globals)) // the last list that names the key
	for _, k := range c.globals {
		known[k.Name] = 0
	}
	for _, k := range s.Keys {
		rest, ok := strings.CutPrefix(k.Name, s.Prefix+":")
		if _, global := known[k.Name]; (!ok || rest == "") && !global {
			return fmt.Errorf("key %q neither begins with %q nor is global", k.Name, s.Prefix+":")
		}
	}
	for _, k := range s.Keys {
		known[k.Name] = 0
	}
	number := 0
	wrong := func(lists ...[]string) error {
		for _, list := range lists {
			number++
			for _, name := range list {
				last, ok := known[name]
				switch {
				case !ok:
					return fmt.Errorf("the service has no key %q", name)
				case last == number:
					return fmt.Errorf("key %q is there twice", name)
				}
				known[name] = number
			}
		}
		return nil
	}
	for _, r := range s.Resources {
		if err := wrong(r.Keys); err != nil {
			return fmt.Errorf("resource type %q: %w", r.Name, err)
		}
	}
	for _, a := range s.Actions {
		lists := [][]string{a.Keys}
		for _, r := range a.Resources {
			lists = append(lists, r.Keys)
		}
		if err := wrong(lists...); err != nil {
			return fmt.Errorf("action %q: %w", a.Name, err)
		}
	}
	return nil
}

// checkDependents holds dependent actions to those that exist.
func (c *Catalog) checkDependents(s *Service) error {
	for _, a := range s.Actions {
		for _, d := range a.Dependents {
			if _, found := c.action(d); found == nil {
				return fmt.Errorf("action %q: there is no dependent action %q", a.Name, d)
			}
		}
	}
	return nil
}
