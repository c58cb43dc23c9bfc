package catalog

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"sallyport/arn"
)

//go:embed aws.bin
var embedded string

// aws opens the embedded file once. The file is part of the program, so one
// that cannot be read is a broken build and not a condition to handle.
var aws = sync.OnceValue(func() *Catalog {
	c, err := openFile(embedded)
	if err != nil {
		panic(fmt.Sprintf("catalog: embedded aws.bin: %v", err))
	}
	return c
})

// A Catalog knows services. It is immutable and safe for concurrent use. The
// nil *Catalog knows nothing.
type Catalog struct {
	prefixes   []string // sorted
	services   map[string]*entry
	globals    []Key
	namespaces map[string][]*entry // by the service field of ARNs: the services with such a resource type
	keyOwners  map[string][]*entry // by the prefix of keys: services other than the one of that prefix
	templated  []*entry            // services with keys whose prefix has a variable
}

// entry is a service that may not be decoded yet.
type entry struct {
	prefix  string
	once    sync.Once
	decoded atomic.Pointer[loaded]
	decode  func() (*loaded, error) // nil once decoded
}

// loaded is a decoded service with what finds things in it.
type loaded struct {
	Service
	actions  map[string]uint16 // by name in lower case
	patterns patterns
}

func (e *entry) get() *loaded {
	if l := e.decoded.Load(); l != nil {
		return l
	}
	e.once.Do(func() {
		l, err := e.decode()
		if err != nil {
			panic(fmt.Sprintf("catalog: embedded aws.bin: %s: %v", e.prefix, err))
		}
		e.decode = nil
		e.decoded.Store(l)
	})
	return e.decoded.Load()
}

// index makes a loaded service of one whose Actions are sorted. The error is
// about an ARN template.
func (s Service) index() (*loaded, error) {
	l := &loaded{Service: s, actions: make(map[string]uint16, len(s.Actions))}
	var names strings.Builder
	for i := range s.Actions {
		names.WriteString(s.Actions[i].Name)
	}
	all := arn.Lower(names.String()) // one allocation for all
	for i := range s.Actions {
		n := len(s.Actions[i].Name)
		l.actions[all[:n]] = uint16(i)
		all = all[n:]
	}
	compiled := make([]pattern, 0, len(s.Resources))
	for i, r := range s.Resources {
		for _, text := range r.ARN {
			p, err := compilePattern(text)
			if err != nil {
				return nil, fmt.Errorf("resource type %q: ARN %q: %w", r.Name, text, err)
			}
			p.kind = i
			compiled = append(compiled, p)
		}
	}
	findVersions(compiled)
	for _, p := range compiled {
		l.patterns.add(p)
	}
	l.patterns.sort()
	return l, nil
}

// AWS returns AWS's catalogue. A service's entries are decoded when they are
// first asked for.
func AWS() *Catalog { return aws() }

// Prefixes returns the prefixes of all services, sorted.
func (c *Catalog) Prefixes() []string {
	if c == nil {
		return nil
	}
	return slices.Clone(c.prefixes)
}

// Globals returns the global condition keys.
func (c *Catalog) Globals() []Key {
	if c == nil {
		return nil
	}
	return slices.Clone(c.globals)
}

// Service finds a service by its prefix, in any case.
func (c *Catalog) Service(prefix string) (*Service, bool) {
	e := c.entry(prefix)
	if e == nil {
		return nil, false
	}
	return &e.get().Service, true
}

// ServicesOf returns the services with a type of resources whose ARNs have this
// service field.
func (c *Catalog) ServicesOf(namespace string) []*Service {
	if c == nil {
		return nil
	}
	var services []*Service
	for _, e := range c.namespaces[namespace] {
		services = append(services, &e.get().Service)
	}
	return services
}

// entry finds a service by its prefix, in any case; nil if there is none.
func (c *Catalog) entry(prefix string) *entry {
	if c == nil || len(prefix) > maxPrefixBytes {
		return nil
	}
	var buf [maxPrefixBytes]byte
	for i := range len(prefix) {
		buf[i] = lowerByte(prefix[i])
	}
	return c.services[string(buf[:len(prefix)])]
}

// Action finds an action by its whole name, for example "s3:GetObject", in any
// case. Patterns are not names.
func (c *Catalog) Action(name string) (*Service, *Action, bool) {
	l, a := c.action(name)
	if a == nil {
		return nil, nil, false
	}
	return &l.Service, a, true
}

// action finds an action; nil if there is none.
func (c *Catalog) action(name string) (*loaded, *Action) {
	prefix, rest, ok := strings.Cut(name, ":")
	if !ok || len(rest) > maxActionBytes {
		return nil, nil
	}
	e := c.entry(prefix)
	if e == nil {
		return nil, nil
	}
	l := e.get()
	var buf [maxActionBytes]byte
	for i := range len(rest) {
		buf[i] = lowerByte(rest[i])
	}
	i, ok := l.actions[string(buf[:len(rest)])]
	if !ok {
		return nil, nil
	}
	return l, &l.Actions[i]
}

// Key finds a condition key in any case: a global one ("aws:SourceIp",
// "aws:PrincipalTag/team") or a service's. For one of a template, such as
// aws:RequestTag/${TagKey}, the Name is the template's.
//
// See https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
// for the global keys.
func (c *Catalog) Key(name string) (Key, bool) {
	if c == nil {
		return Key{}, false
	}
	if k, ok := findKey(c.globals, name); ok {
		return k, true
	}
	prefix, _, ok := strings.Cut(name, ":")
	if !ok {
		return Key{}, false
	}
	if e := c.entry(prefix); e != nil {
		if k, ok := findKey(e.get().Keys, name); ok {
			return k, true
		}
	}
	for _, entries := range [...][]*entry{c.keyOwners[arn.Lower(prefix)], c.templated} {
		for _, e := range entries {
			if k, ok := findKey(e.get().Keys, name); ok {
				return k, true
			}
		}
	}
	return Key{}, false
}

// findKey returns the key or template that stands for the name with the most
// literal characters.
func findKey(keys []Key, name string) (found Key, ok bool) {
	best := -1
	for _, k := range keys {
		if literal, matches := matchesKey(k.Name, name); matches && literal > best {
			found, best = k, literal
		}
	}
	return found, best >= 0
}

// ActionHasKey says whether an action's requests may carry the key: global keys
// always, else the action's and its resource types' keys. The service and the
// action are ones that Action returned.
func (c *Catalog) ActionHasKey(service *Service, action *Action, key string) bool {
	if c != nil {
		if _, ok := findKey(c.globals, key); ok {
			return true
		}
	}
	has := func(names []string) bool {
		return slices.ContainsFunc(names, func(name string) bool {
			_, ok := matchesKey(name, key)
			return ok
		})
	}
	return has(action.Keys) || slices.ContainsFunc(action.Resources, func(r ActionResource) bool {
		if has(r.Keys) {
			return true
		}
		t := service.resourceType(r.Name)
		return t != nil && has(t.Keys)
	})
}

// Applicability is whether an action can be asked on a resource.
type Applicability uint8

const (
	// Unknown: the action, its service or the resource's type is not
	// catalogued, the resource is "*" or "" or another text that is no ARN, or
	// the action names no resource types. Policies alone decide.
	Unknown Applicability = iota
	// Applicable: the resource is of a type that the action supports.
	Applicable
	// Inapplicable: the resource is of a catalogued type, of this service or of
	// another, that the action does not support.
	Inapplicable
)

// String gives the constant's name.
func (a Applicability) String() string {
	switch a {
	case Applicable:
		return "Applicable"
	case Inapplicable:
		return "Inapplicable"
	}
	return "Unknown"
}

// Applies says whether an action can be asked on a resource. It does not
// allocate once the service is decoded. The package comment says which type a
// resource is of.
//
// See https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html.
func (c *Catalog) Applies(action, resource string) Applicability {
	if c == nil {
		return Unknown
	}
	l, a := c.action(action)
	if a == nil || len(a.Resources) == 0 {
		return Unknown
	}
	f, ok := splitARN(resource)
	if !ok {
		return Unknown
	}
	found, supported := l.patterns.best(&f, func(p *pattern) bool {
		return a.supports(l.Resources[p.kind].Name) || p.unqualified >= 0 && a.supports(l.Resources[p.unqualified].Name)
	})
	switch {
	case supported:
		return Applicable
	case f.Service() == "iam" && f.Resource() == "root":
		// STS lists the root user as what AssumeRoot is asked on. That IAM's actions
		// are asked on it, as when it manages its own keys, nobody lists.
		return Unknown
	case a.Name == "TagSession" && f.Service() == "sts" && strings.HasPrefix(f.Resource(), "federated-user/"):
		// STS lists roles alone, but sessions of federated users have tags too.
		return Unknown
	case found || c.catalogued(&f):
		return Inapplicable
	}
	return Unknown
}

func (a *Action) supports(kind string) bool {
	for i := range a.Resources {
		if a.Resources[i].Name == kind {
			return true
		}
	}
	return false
}

// catalogued reports whether a resource is of a type of any service.
func (c *Catalog) catalogued(f *arn.Target) bool {
	for _, e := range c.namespaces[f.Service()] {
		if found, _ := e.get().patterns.best(f, func(*pattern) bool { return true }); found {
			return true
		}
	}
	return false
}

// KeysUnder lists what follows the first colon of the action's own condition keys,
// where what precedes it stands for the prefix: of an identity provider's host,
// the claims that are keys.
func (a *Action) KeysUnder(prefix string) []string {
	var names []string
	for _, key := range a.Keys {
		head, name, _ := strings.Cut(key, ":")
		if _, ok := matchesKey(head, prefix); ok {
			names = append(names, name)
		}
	}
	return names
}
