package policycase

import (
	"errors"
	"fmt"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"sallyport/arn"
	"sallyport/authz"
	"sallyport/catalog"
	"sallyport/policy"
)

// Limits of one case.
const (
	// MaxBytes is the longest case.
	MaxBytes = 8 << 20
	// maxPolicies is how many policies, levels and grants a case may have in each
	// list.
	maxPolicies = 1000
)

// A Case is a question that can be decided.
type Case struct {
	Request  authz.Request
	Policies authz.Policies

	layers map[authz.Layer][][]*policy.Policy // by level; one level but for SCPs and RCPs
}

// document is a case as written. What a corpus says of the outcome is skipped.
type document struct {
	ID      jsontext.Value `json:"id"`
	Request *struct {
		Principal       string                    `json:"principal"`
		SessionIssuer   string                    `json:"sessionIssuer"`
		CanonicalUser   string                    `json:"canonicalUser"`
		PrincipalTags   map[string]*string        `json:"principalTags"`
		Action          string                    `json:"action"`
		Resource        string                    `json:"resource"`
		ResourceAccount string                    `json:"resourceAccount"`
		Context         map[string]jsontext.Value `json:"context"`
	} `json:"request"`
	Policies *struct {
		Identity []jsontext.Value    `json:"identity"`
		Boundary jsontext.Value      `json:"boundary"`
		Session  []jsontext.Value    `json:"session"`
		Resource jsontext.Value      `json:"resource"`
		SCPs     *[][]jsontext.Value `json:"scps"`
		RCPs     *[][]jsontext.Value `json:"rcps"`
		ACL      *[]grant            `json:"acl"`
	} `json:"policies"`

	Expect jsontext.Value `json:"expect"`
	Source jsontext.Value `json:"source"`
	Why    jsontext.Value `json:"why"`
}

// Parse reads a case. A member that is unknown or given twice is an error, as is a
// policy that could not be in force. The catalogue is the one to decide by.
func Parse(services *catalog.Catalog, text []byte) (*Case, error) {
	if len(text) > MaxBytes {
		return nil, fmt.Errorf("longer than %d bytes", MaxBytes)
	}
	var d document
	if err := json.Unmarshal(text, &d, json.RejectUnknownMembers(true)); err != nil {
		return nil, readable(err)
	}
	switch {
	case d.Request == nil || d.Policies == nil:
		return nil, errors.New("request and policies are required")
	case d.Request.Action == "":
		return nil, errors.New("request.action is required")
	}
	c := &Case{Policies: authz.Policies{Catalog: services}, layers: map[authz.Layer][][]*policy.Policy{}}
	if err := c.readRequest(&d); err != nil {
		return nil, fmt.Errorf("request: %w", err)
	}
	if err := c.readPolicies(&d); err != nil {
		return nil, fmt.Errorf("policies: %w", err)
	}
	return c, nil
}

// readable leaves out what the JSON library says about Go.
func readable(err error) error {
	var semantic *json.SemanticError
	if errors.As(err, &semantic) {
		at := string(semantic.JSONPointer)
		switch {
		case errors.Is(err, json.ErrUnknownName):
			return fmt.Errorf("unknown member %s", at)
		case semantic.Err != nil && semantic.GoType == nil:
			return fmt.Errorf("%s: %w", at, semantic.Err)
		}
		return fmt.Errorf("%s: unexpected %v", at, semantic.JSONKind)
	}
	return err
}

func (c *Case) readRequest(d *document) (err error) {
	r := d.Request
	if c.Request.Principal, err = parsePrincipal(r.Principal, r.SessionIssuer); err != nil {
		return err
	}
	c.Request.Principal.CanonicalUser = r.CanonicalUser
	c.Request.Action, c.Request.Resource = r.Action, r.Resource
	if service, name, ok := strings.Cut(r.Action, ":"); !ok || service == "" || name == "" || strings.Contains(name, ":") || strings.ContainsAny(r.Action, "*?") {
		return fmt.Errorf("action %q is not of the form service:name", r.Action)
	}
	c.Request.ResourceAccount = r.ResourceAccount
	if r.ResourceAccount == "" {
		c.Request.ResourceAccount = c.Request.Principal.Account
		if target := arn.Split(r.Resource); policy.IsAccountID(target.Account()) {
			c.Request.ResourceAccount = target.Account()
		}
	} else if !policy.IsAccountID(r.ResourceAccount) {
		return fmt.Errorf("resourceAccount %q is not an account id", r.ResourceAccount)
	}
	keys, err := contextKeys(r.Context)
	if err != nil {
		return err
	}
	if err := c.fill(keys, r.PrincipalTags); err != nil {
		return err
	}
	c.Request.Context = keys
	return nil
}

func (c *Case) readPolicies(d *document) (err error) {
	p := d.Policies
	attached := func(kind policy.RefKind, layer authz.Layer, documents []jsontext.Value) (*policy.Set, error) {
		if documents == nil {
			return nil, nil
		}
		return c.compile(kind, layer, documents)
	}
	if c.Policies.Identity, err = attached(policy.RefManaged, authz.LayerIdentity, p.Identity); err != nil {
		return err
	}
	if c.Policies.Boundary, err = attached(policy.RefManaged, authz.LayerBoundary, single(p.Boundary)); err != nil {
		return err
	}
	if c.Policies.Session, err = attached(policy.RefSession, authz.LayerSession, p.Session); err != nil {
		return err
	}
	if c.Policies.Resource, err = attached(policy.RefResource, authz.LayerResource, single(p.Resource)); err != nil {
		return err
	}
	c.Policies.ResourceDecides = c.Policies.Resource != nil && authz.ResourceDecides(c.Request.Action, c.Request.Resource)
	if c.Policies.SCPs, err = c.levels(policy.RefSCP, authz.LayerSCP, p.SCPs); err != nil {
		return err
	}
	if c.Policies.RCPs, err = c.levels(policy.RefRCP, authz.LayerRCP, p.RCPs); err != nil {
		return err
	}
	if p.ACL != nil {
		c.Policies.ACL, err = c.acl(*p.ACL)
	}
	return err
}

// single is the list of a member that is one policy. null is an absent member, in
// all lists too.
func single(v jsontext.Value) []jsontext.Value {
	if v.Kind() == jsontext.KindNull || len(v) == 0 {
		return nil
	}
	return []jsontext.Value{v}
}

func (c *Case) levels(kind policy.RefKind, layer authz.Layer, levels *[][]jsontext.Value) ([]*policy.Set, error) {
	if levels == nil {
		return nil, nil
	}
	if len(*levels) > maxPolicies {
		return nil, fmt.Errorf("%v: more than %d levels", layer, maxPolicies)
	}
	sets := make([]*policy.Set, 0, len(*levels))
	for _, documents := range *levels {
		set, err := c.compile(kind, layer, documents)
		if err != nil {
			return nil, err
		}
		sets = append(sets, set)
	}
	if len(sets) == 0 {
		sets = append(sets, policy.NewSet()) // no level, and so no policy that allows
	}
	return sets, nil
}

// compile makes the policies of one layer, or of one level of it.
func (c *Case) compile(kind policy.RefKind, layer authz.Layer, documents []jsontext.Value) (*policy.Set, error) {
	if len(documents) > maxPolicies {
		return nil, fmt.Errorf("%v: more than %d policies", layer, maxPolicies)
	}
	compiled := make([]*policy.Policy, len(documents))
	for i, text := range documents {
		parsed, err := policy.Parse(text)
		if err == nil {
			err = attachable(parsed, kind)
		}
		if err == nil {
			compiled[i], err = policy.Compile(parsed, policy.Ref{Kind: kind})
		}
		if err != nil {
			return nil, fmt.Errorf("%v policy %d: %w", layer, i, err)
		}
	}
	c.layers[layer] = append(c.layers[layer], compiled)
	return policy.NewSet(compiled...), nil
}

// attachable reports a policy that could never be attached where it is given: one
// with principals, to a principal; one with NotPrincipal, to an organization.
func attachable(d *policy.Document, kind policy.RefKind) error {
	for i := range d.Statements {
		s := &d.Statements[i]
		switch {
		case kind == policy.RefResource:
		case kind == policy.RefRCP:
			if s.NotPrincipal != nil {
				return fmt.Errorf("statement %d: a resource control policy has no NotPrincipal element", i)
			}
		case s.Principal != nil || s.NotPrincipal != nil:
			return fmt.Errorf("statement %d: only the policies of resources have a Principal element", i)
		}
	}
	return nil
}
