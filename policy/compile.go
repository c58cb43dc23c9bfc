package policy

import (
	"fmt"
	"strings"

	"sallyport/arn"
	"sallyport/policy/condition"
)

// RefKind is what a policy is attached to.
type RefKind uint8

// The kinds of policies.
const (
	RefUnknown  RefKind = iota
	RefManaged          // managed policy: ARN and Name are the policy's
	RefInline           // inline policy: Name is the policy's, ARN its owner's
	RefSession          // passed when the session was made
	RefTrust            // of a role: ARN is the role's
	RefResource         // of a resource: ARN is the resource's
	RefSCP              // service control policy
	RefRCP              // resource control policy
)

// A Ref says where a policy comes from, for explanations and messages.
type Ref struct {
	ARN  string
	Name string
	Kind RefKind
}

// A CompileError says which part of a document can't be in force.
type CompileError struct {
	Statement int // index; -1 when the document itself is at fault
	Position  Position
	Msg       string
}

// Error implements error.
func (e *CompileError) Error() string {
	at := "policy: "
	if e.Statement >= 0 {
		at += fmt.Sprintf("statement %d: ", e.Statement)
	}
	if e.Position.Line > 0 {
		at += fmt.Sprintf("line %d, column %d: ", e.Position.Line, e.Position.Column)
	}
	return at + e.Msg
}

// A Policy is a compiled document. It is immutable.
type Policy struct {
	ref        Ref
	doc        *Document
	statements []statement
}

// Ref returns where the policy comes from.
func (p *Policy) Ref() Ref { return p.ref }

// Document returns the document the policy was compiled from, which callers
// must not change.
func (p *Policy) Document() *Document { return p.doc }

// Statement returns the syntax of statement i, as a Match numbers them.
func (p *Policy) Statement(i int) *Statement { return &p.doc.Statements[i] }

// Len returns the number of statements.
func (p *Policy) Len() int { return len(p.statements) }

// A statement is a compiled statement.
type statement struct {
	index int
	deny  bool

	actions   []arn.Glob // of Action or NotAction
	notAction bool

	resources   []resource // of Resource or NotResource; empty when anyResource
	notResource bool
	anyResource bool

	principals   *principals // nil without Principal and NotPrincipal
	notPrincipal bool

	conditions condition.Block
}

// A resource is a compiled pattern of Resource or NotResource.
type resource struct {
	condition.Template
	pattern arn.Pattern
	// unresolved marks a variable before the fifth colon, where AWS doesn't
	// allow one: it never has a value.
	unresolved bool
}

// Compile compiles a document. The document must not change afterwards. Errors
// are of type *CompileError; see the package comment for what they cover.
func Compile(doc *Document, ref Ref) (*Policy, error) {
	switch doc.Version {
	case "", Version2008, Version2012:
	default:
		return nil, &CompileError{Statement: -1, Position: doc.VersionPosition, Msg: "unknown version"}
	}
	if len(doc.Statements) == 0 {
		return nil, &CompileError{Statement: -1, Position: doc.Position, Msg: "no statements"}
	}
	p := &Policy{ref: ref, doc: doc, statements: make([]statement, len(doc.Statements))}
	for i := range doc.Statements {
		c := compiler{src: &doc.Statements[i], out: &p.statements[i], variables: doc.Version == Version2012}
		if err := c.compile(i); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// A compiler compiles one statement.
type compiler struct {
	src       *Statement
	out       *statement
	variables bool
}

func (c *compiler) fail(at Position, format string, args ...any) error {
	return &CompileError{Statement: c.out.index, Position: at, Msg: fmt.Sprintf(format, args...)}
}

func (c *compiler) compile(index int) error {
	c.out.index = index
	switch c.src.Effect {
	case "Allow":
	case "Deny":
		c.out.deny = true
	case "":
		return c.fail(c.src.Position, "missing element Effect")
	default:
		return c.fail(c.src.EffectPosition, "effect %q is neither Allow nor Deny", c.src.Effect)
	}
	for _, step := range []func() error{c.principal, c.action, c.resource, c.condition} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

func (c *compiler) principal() (err error) {
	element := c.src.Principal
	if c.src.NotPrincipal != nil {
		if element != nil {
			return c.fail(c.src.Position, "both Principal and NotPrincipal")
		}
		if !c.out.deny {
			return c.fail(c.src.NotPrincipal.Position, "NotPrincipal with Allow")
		}
		element, c.out.notPrincipal = c.src.NotPrincipal, true
	}
	if element == nil {
		return nil
	}
	if !element.Everyone && len(element.Entries) == 0 {
		return c.fail(element.Position, "no principals")
	}
	if c.out.principals, err = compilePrincipals(element); err != nil {
		return c.fail(element.Position, "%v", err)
	}
	return nil
}

func (c *compiler) action() error {
	list := c.src.Action
	if c.src.NotAction != nil {
		if list != nil {
			return c.fail(c.src.Position, "both Action and NotAction")
		}
		list, c.out.notAction = c.src.NotAction, true
	}
	if list == nil || len(list.Items) == 0 {
		return c.fail(c.src.Position, "no actions")
	}
	for _, item := range list.Items {
		service, name, found := strings.Cut(item.Text, ":")
		switch {
		case item.Text == "*":
		case !found || service == "" || name == "" || strings.Contains(name, ":"):
			return c.fail(item.Position, "action %q is not of the form service:name", item.Text)
		}
		c.out.actions = append(c.out.actions, arn.ParseGlob(item.Text, true))
	}
	return nil
}

// resource compiles Resource or NotResource. A statement with principals may
// have neither: it belongs to a resource, whose policy is then about itself, as
// a role's trust policy is.
func (c *compiler) resource() error {
	list := c.src.Resource
	if c.src.NotResource != nil {
		if list != nil {
			return c.fail(c.src.Position, "both Resource and NotResource")
		}
		list, c.out.notResource = c.src.NotResource, true
	}
	if list == nil {
		if c.out.principals == nil {
			return c.fail(c.src.Position, "no resources")
		}
		c.out.anyResource = true
		return nil
	}
	if len(list.Items) == 0 {
		return c.fail(list.Position, "no resources")
	}
	for _, item := range list.Items {
		r, err := compileResource(item.Text, c.variables, c.out.deny != c.out.notResource)
		if err != nil {
			return c.fail(item.Position, "resource %q: %v", item.Text, err)
		}
		if r.pattern.Everything() && !c.out.notResource {
			c.out.anyResource = true
		}
		c.out.resources = append(c.out.resources, r)
	}
	if c.out.anyResource {
		c.out.resources = nil
	}
	return nil
}

// compileResource compiles a pattern; takes says that what it matches is taken
// away.
func compileResource(text string, variables, takes bool) (r resource, err error) {
	if r.Template, err = condition.ParseTemplate(text, true, variables); err != nil {
		return r, err
	}
	if r.pattern, err = arn.NewPattern(r.Parts, takes); err != nil {
		return r, err
	}
	fields := arn.SplitFields(r.Parts)
	for _, field := range fields[:min(len(fields), 5)] {
		for _, part := range field {
			r.unresolved = r.unresolved || part.Kind == arn.Slot
		}
	}
	return r, nil
}

// condition compiles Condition. An operator without keys tests nothing, as AWS
// has it.
func (c *compiler) condition() error {
	if c.src.Condition == nil {
		return nil
	}
	for i := range c.src.Condition.Operators {
		op := &c.src.Condition.Operators[i]
		keys := make(map[string]bool, len(op.Keys))
		for j := range op.Keys {
			key := &op.Keys[j]
			lower := condition.LowerKey(key.Name)
			if keys[lower] {
				return c.fail(key.Position, "condition key %q is given twice to %s", key.Name, op.Name)
			}
			keys[lower] = true
			test, err := condition.Compile(op.Name, key.Name, key.Values.Texts(), c.variables)
			if err != nil {
				return c.fail(key.Position, "%v", err)
			}
			c.out.conditions = append(c.out.conditions, test)
		}
	}
	return nil
}
