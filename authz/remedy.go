package authz

import (
	"strings"

	"sallyport/arn"
	"sallyport/catalog"
	"sallyport/policy"
)

// A Remedy is one part of the smallest change that would have a denied request
// allowed: a Deny statement that would have to go, or a statement to be added.
type Remedy struct {
	Layer Layer
	Level int // of SCPs and RCPs
	// Deny is a statement that denies the request.
	Deny *policy.Outcome
	// Near is an Allow statement of the layer that only its conditions keep from
	// granting: that they hold would do as well as adding a statement.
	Near *policy.Outcome
	// Add is a statement that grants; nil if Deny is set.
	Add *policy.Statement
}

// limitable are the layers of the principal's side, as they may have to grant:
// fewer before more.
var limitable = [...]Layers{
	0,
	Layers(0).With(LayerIdentity), Layers(0).With(LayerBoundary), Layers(0).With(LayerSession),
	Layers(0).With(LayerIdentity).With(LayerBoundary), Layers(0).With(LayerIdentity).With(LayerSession),
	Layers(0).With(LayerBoundary).With(LayerSession),
	Layers(0).With(LayerIdentity).With(LayerBoundary).With(LayerSession),
}

// missing finds the smallest change. A grant to the principal comes before one
// by the resource, which can go round what limits the principal: the resource's
// is taken only where nothing else does.
func (x *Explanation) missing(r *Request, p *Policies) []Remedy {
	if p.Catalog.Applies(r.Action, r.Resource) == catalog.Inapplicable {
		return nil // no policy could
	}
	all, e := x.obstacles(r)
	for _, named := range [...]policy.PrincipalMatch{policy.NotNamed, policy.NamedRole, policy.NamedPrincipal} {
		if named == policy.NamedRole && r.Principal.RoleARN == "" && r.Principal.UserARN == "" {
			continue
		}
		for _, layers := range limitable {
			if !e.granting(layers, named).allows(r, p) {
				continue
			}
			for i := range x.Layers {
				a := &x.Layers[i]
				if layers.Has(a.Layer) {
					all = append(all, Remedy{Layer: a.Layer, Near: a.near(), Add: grantOf(r, nil)})
				}
			}
			if named != policy.NotNamed {
				all = append(all, x.byResource(r, p, e.granting(0, policy.NotNamed), named))
			}
			return all
		}
	}
	return all
}

// obstacles are the remedies that there is no choice about: Deny statements, and
// levels of an organization's policies that don't allow. The evaluation is the
// one that remains without them.
func (x *Explanation) obstacles(r *Request) (all []Remedy, e *evaluation) {
	e = &evaluation{scp: true, rcp: true}
	for i := range x.Layers {
		a := &x.Layers[i]
		for j := range a.Outcomes {
			if o := &a.Outcomes[j]; o.Deny && o.Matched() {
				all = append(all, Remedy{Layer: a.Layer, Level: a.Level, Deny: o})
			}
		}
		switch a.Layer {
		case LayerSCP, LayerRCP:
			if a.allows.Effect == policy.Allow {
				continue
			}
			remedy := Remedy{Layer: a.Layer, Level: a.Level, Near: a.near(), Add: grantOf(r, nil)}
			if a.Layer == LayerRCP {
				remedy.Add = grantOf(r, everyone())
			}
			all = append(all, remedy)
		case LayerResource:
			e.resource = a.allows
		case LayerIdentity:
			e.identity = a.allows
		case LayerBoundary:
			e.boundary = a.allows
		case LayerSession:
			e.session = a.allows
		case LayerACL:
			e.acl = a.allows
		}
	}
	return all, e
}

// granting is the evaluation if some layers granted the request, and the policy
// of the resource named the principal.
func (e *evaluation) granting(layers Layers, named policy.PrincipalMatch) *evaluation {
	then := *e
	granted := policy.Match{Effect: policy.Allow}
	if layers.Has(LayerIdentity) {
		then.identity = granted
	}
	if layers.Has(LayerBoundary) {
		then.boundary = granted
	}
	if layers.Has(LayerSession) {
		then.session = granted
	}
	if named != policy.NotNamed {
		then.resource = policy.Match{Effect: policy.Allow, Named: named}
	}
	return &then
}

// allows reports whether the answers combine to an allow.
func (e *evaluation) allows(r *Request, p *Policies) bool {
	e.combine(r, p)
	return e.decision.Allowed()
}

// byResource is a grant of the resource's policy that names the principal.
func (x *Explanation) byResource(r *Request, p *Policies, e *evaluation, named policy.PrincipalMatch) Remedy {
	remedy := Remedy{Layer: LayerResource, Add: grantOf(r, principalElement(&r.Principal, named))}
	if target := arn.Split(r.Resource); p.ResourceDecides && target.Service() == "iam" {
		remedy.Add.Resource = nil // a role's trust policy is about the role
	}
	for i := range x.Layers {
		if a := &x.Layers[i]; a.Layer == LayerResource {
			// What names the account only would not be enough where the principal's
			// own policies don't grant.
			if near := a.near(); near != nil && e.granting(0, near.Named).allows(r, p) {
				remedy.Near = near
			}
		}
	}
	return remedy
}

// near is the Allow statement that the fewest conditions, and nothing else, keep
// from matching.
func (a *LayerAnswer) near() (best *policy.Outcome) {
	for i := range a.Outcomes {
		o := &a.Outcomes[i]
		if o.NearMiss() && !o.Deny && (best == nil || len(o.Failures) < len(best.Failures)) {
			best = o
		}
	}
	return best
}

// grantOf is a statement that allows the request and nothing else. Its resource
// is "*" for a request about none.
func grantOf(r *Request, principal *policy.PrincipalElement) *policy.Statement {
	s := &policy.Statement{Effect: "Allow", Principal: principal, Action: one(r.Action), Resource: one(literal(r.Resource))}
	doc := &policy.Document{Version: policy.Version2012, Statements: []policy.Statement{*s}}
	if _, err := policy.Compile(doc, policy.Ref{}); err != nil {
		s.Resource = one("*")
	}
	return s
}

func one(text string) *policy.List {
	return &policy.List{Single: true, Items: []policy.Item{{Text: text}}}
}

// literal writes text so that a Resource element means just it.
var literal = strings.NewReplacer("*", "${*}", "?", "${?}", "$", "${$}").Replace

func everyone() *policy.PrincipalElement { return &policy.PrincipalElement{Everyone: true} }

// principalElement names a principal as strongly as asked for.
func principalElement(who *policy.Principal, named policy.PrincipalMatch) *policy.PrincipalElement {
	kind, name := "AWS", who.ARN
	switch {
	case who.Kind == policy.Service:
		kind, name = "Service", who.Service
	case who.Kind == policy.Federated:
		kind, name = "Federated", who.Federated
	case who.ARN == "":
		return everyone()
	case named == policy.NamedRole && who.Kind == policy.RoleSession:
		name = who.RoleARN
	case named == policy.NamedRole && who.Kind == policy.FederatedUser:
		name = who.UserARN
	}
	return &policy.PrincipalElement{Entries: []policy.PrincipalEntry{{Type: kind, List: *one(name)}}}
}
