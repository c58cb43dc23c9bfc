package authz

import (
	"strings"

	"sallyport/arn"
	"sallyport/catalog"
	"sallyport/policy"
)

// Policies are all the policies that apply to a request.
type Policies struct {
	// Identity is the principal's own policies, its groups' included. nil means
	// that it has none, which grants nothing.
	Identity *policy.Set
	// Boundary is the permissions boundary; nil means that none applies.
	Boundary *policy.Set
	// Session is the session policies, inline and managed together; nil means
	// that none was passed. A federated-user session without one has only what
	// resource policies grant it.
	Session *policy.Set
	// Resource is the policy of the resource; nil means that it has none.
	Resource *policy.Set
	// ACL is the grants of the resource's access control list, as Allow
	// statements that name principals; nil means that it has none.
	ACL *policy.Set
	// ResourceDecides marks requests for which Resource must allow even within one
	// account: role trust policies and KMS key policies.
	ResourceDecides bool
	// SCPs are the service control policies of the principal's account, one set
	// per level, root first. nil means that they don't apply, as to the
	// management account; a nil or empty set within allows nothing.
	SCPs []*policy.Set
	// RCPs are the resource control policies of the resource's account, like
	// SCPs. They apply only to the services that the catalogue says support them.
	RCPs []*policy.Set
	// Catalog says on which types of resources an action can be asked; nil knows
	// of none.
	Catalog *catalog.Catalog
}

// A Request is a request with the account that owns the resource.
type Request struct {
	policy.Request
	// ResourceAccount owns the resource. Empty means unknown, which is treated
	// as another account than the principal's: both sides must then allow.
	ResourceAccount string
}

// A Decision is the outcome of a request and its reasons.
type Decision struct {
	Effect Effect
	// Layer decided: where the deny is, which layer granted, or for an implicit
	// deny the first that failed to allow.
	Layer Layer
	// Level is the index into SCPs or RCPs, when Layer is one of those.
	Level int
	// Policy and Statement are the statement that denied or granted; Policy is
	// nil for an implicit deny and for LayerRoot.
	Policy    *policy.Policy
	Statement int
	// Missing holds, for an implicit deny, every layer that failed to allow and
	// whose allow would have been needed or enough.
	Missing Layers
	// Inapplicable says that the policies would allow, but the action can't be
	// asked on a resource of this type. Layer is LayerNone.
	Inapplicable bool
}

// Allowed reports whether the request is allowed.
func (d Decision) Allowed() bool { return d.Effect == Allow }

// evaluation is the answer of every layer to one request.
type evaluation struct {
	resource, acl, identity, boundary, session policy.Match

	scp, rcp           bool // every level allows
	scpLevel, rcpLevel int  // the first that doesn't

	decision Decision     // the first explicit deny, until all answers are combined
	explains *Explanation // nil when only the decision is wanted
}

// Decide combines the policies that apply to a request.
func Decide(r *Request, p *Policies) Decision {
	var e evaluation
	e.evaluate(r, p)
	return e.decision
}

func (e *evaluation) evaluate(r *Request, p *Policies) {
	q := policy.NewQuery(&r.Request)
	if e.explains != nil {
		q.Tracer = &policy.Tracer{}
	}
	if !e.ask(&q, r, p) {
		e.conclude(r, p)
	}
}

// conclude is combine, and what the catalogue has against an allow.
func (e *evaluation) conclude(r *Request, p *Policies) {
	e.combine(r, p)
	if e.decision.Effect == Allow && p.Catalog.Applies(r.Action, r.Resource) == catalog.Inapplicable {
		e.decision = Decision{Inapplicable: true}
	}
}

// combine makes a decision of answers among which there is no explicit deny.
func (e *evaluation) combine(r *Request, p *Policies) {
	switch {
	case !e.scp:
		e.decision = Decision{Layer: LayerSCP, Level: e.scpLevel, Missing: Layers(0).With(LayerSCP)}
	case !e.rcp:
		e.decision = Decision{Layer: LayerRCP, Level: e.rcpLevel, Missing: Layers(0).With(LayerRCP)}
	case !r.Principal.Kind.HasAccount():
		e.decideOutsider(p)
	case r.Principal.Account == "" || r.Principal.Account != r.ResourceAccount:
		e.decideAcross(r, p)
	default:
		e.decideWithin(r, p)
	}
}

// ask asks every layer, and reports whether one of them denies.
func (e *evaluation) ask(q *policy.Query, r *Request, p *Policies) bool {
	e.scp, e.rcp = true, true
	if !isServiceLinked(&r.Principal) {
		if e.levels(q, p.SCPs, LayerSCP, &e.scp, &e.scpLevel) {
			return true
		}
		if len(p.RCPs) > 0 && rcpsApply(p.Catalog, r) && e.levels(q, p.RCPs, LayerRCP, &e.rcp, &e.rcpLevel) {
			return true
		}
	}
	q.Bounded = p.Boundary != nil
	if e.resource = p.Resource.MatchResource(q); e.settles(q, LayerResource, 0, p.Resource, &e.resource) {
		return true
	}
	if e.identity = p.Identity.Match(q); e.settles(q, LayerIdentity, 0, p.Identity, &e.identity) {
		return true
	}
	if e.boundary = p.Boundary.Match(q); e.settles(q, LayerBoundary, 0, p.Boundary, &e.boundary) {
		return true
	}
	if e.session = p.Session.Match(q); e.settles(q, LayerSession, 0, p.Session, &e.session) {
		return true
	}
	e.acl = p.ACL.MatchResource(q)
	return e.settles(q, LayerACL, 0, p.ACL, &e.acl) || e.decision.Effect == ExplicitDeny
}

// levels asks each level of an organization's policies. A deny at any level is
// final, so all are asked even when one fails to allow.
func (e *evaluation) levels(q *policy.Query, sets []*policy.Set, layer Layer, allows *bool, level *int) bool {
	for i, set := range sets {
		m := set.Match(q)
		if e.settles(q, layer, i, set, &m) {
			return true
		}
		if m.Effect != policy.Allow && *allows {
			*allows, *level = false, i
		}
	}
	return false
}

// settles takes a layer's answer and reports whether no other needs asking: the
// first deny is final, but an explanation tells of all layers.
func (e *evaluation) settles(q *policy.Query, layer Layer, level int, set *policy.Set, m *policy.Match) bool {
	if m.Effect != policy.Deny && e.explains == nil {
		return false
	}
	return e.heard(q, layer, level, set, m)
}

// heard is settles for what is rarer than silence and allows; apart from it, so
// that the compiler makes the latter part of its callers.
func (e *evaluation) heard(q *policy.Query, layer Layer, level int, set *policy.Set, m *policy.Match) bool {
	if e.explains != nil {
		e.explains.answered(q, layer, level, set, *m)
	}
	if m.Effect != policy.Deny {
		return false
	}
	if e.decision.Effect != ExplicitDeny {
		e.decide(ExplicitDeny, layer, m)
		e.decision.Level = level
	}
	return e.explains == nil
}

// decide makes the decision in place: copies of it took a third of the time.
func (e *evaluation) decide(effect Effect, layer Layer, m *policy.Match) {
	e.decision = Decision{Effect: effect, Layer: layer, Policy: m.Policy, Statement: m.Statement}
}

// isServiceLinked reports whether the caller is a session of a service-linked
// role, which no organization policy restricts.
//
// Only the beginning of the resource field tells: a role's path may hold colons,
// so that any customer could have the text elsewhere in the ARN.
func isServiceLinked(p *policy.Principal) bool {
	if p.Kind != policy.RoleSession {
		return false
	}
	role := arn.Split(p.RoleARN)
	return isServiceLinkedRole(&role)
}

func isServiceLinkedRole(t *arn.Target) bool {
	return strings.HasPrefix(t.Resource(), "role/aws-service-role/")
}

// rcpsApply reports whether resource control policies restrict a request: of the
// services that AWS lists, for actions that are about resources, but for one that
// KMS exempts and a service's assuming its service-linked role; and of services that
// the catalogue does not know, such as one's own.
//
// See https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html
// and https://docs.aws.amazon.com/kms/latest/developerguide/resource-control-policies.html.
func rcpsApply(c *catalog.Catalog, r *Request) bool {
	prefix, name, _ := strings.Cut(r.Action, ":")
	if arn.EqualFold(prefix, "kms") && arn.EqualFold(name, "RetireGrant") {
		return false
	}
	if r.Principal.Kind == policy.Service && arn.EqualFold(prefix, "sts") {
		if role := arn.Split(r.Resource); role.Service() == "iam" && isServiceLinkedRole(&role) {
			return false
		}
	}
	service, known := c.Service(prefix)
	if !known {
		return true
	}
	_, action, catalogued := c.Action(r.Action)
	return service.RCP && !(catalogued && len(action.Resources) == 0)
}

// ResourceDecides reports whether the policy of the resource must allow even within
// its account: a role's trust policy and a key's policy.
//
// See https://docs.aws.amazon.com/kms/latest/developerguide/key-policies.html and
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-basics-req-context.html.
func ResourceDecides(action, resource string) bool {
	target := arn.Split(resource)
	service, name, _ := strings.Cut(strings.ToLower(action), ":")
	switch {
	case target.Service() == "iam" && service == "sts":
		return strings.HasPrefix(target.Resource(), "role/") &&
			(strings.HasPrefix(name, "assumerole") || name == "tagsession" || name == "setsourceidentity" || name == "setcontext")
	case target.Service() == "kms":
		return strings.HasPrefix(target.Resource(), "key/")
	}
	return false
}

// limits returns those of boundary and session policies that don't allow.
// A federated-user session always has the session layer: one made without a
// session policy has no permissions of its own (GetFederationToken).
func (e *evaluation) limits(r *Request, p *Policies) (missing Layers) {
	if p.Boundary != nil && e.boundary.Effect != policy.Allow {
		missing = missing.With(LayerBoundary)
	}
	if (p.Session != nil || r.Principal.Kind == policy.FederatedUser) && e.session.Effect != policy.Allow {
		missing = missing.With(LayerSession)
	}
	return missing
}

// own says which layer of the principal's side grants, and which of that side fail
// to allow: the grant counts if none does.
func (e *evaluation) own(r *Request, p *Policies) (grant Layer, missing Layers) {
	missing = e.limits(r, p)
	switch {
	case e.identity.Effect == policy.Allow:
		return LayerIdentity, missing
	case r.Principal.OfRoot():
		return LayerRoot, missing
	}
	return LayerNone, missing.With(LayerIdentity)
}

// offered says which layer of the resource's side grants, if any, and how it names
// the principal. The stronger naming of policy and ACL counts, the policy before
// the ACL. An ACL is no trust or key policy: where one of those decides it does not
// count.
func (e *evaluation) offered(p *Policies) (grant Layer, named policy.PrincipalMatch) {
	if e.resource.Effect == policy.Allow {
		grant, named = LayerResource, e.resource.Named
	}
	if e.acl.Effect == policy.Allow && !p.ResourceDecides && (grant == LayerNone || e.acl.Named > named) {
		grant, named = LayerACL, e.acl.Named
	}
	return grant, named
}

// allow decides by a layer's grant.
func (e *evaluation) allow(by Layer) {
	switch by {
	case LayerIdentity:
		e.decide(Allow, by, &e.identity)
	case LayerResource:
		e.decide(Allow, by, &e.resource)
	case LayerACL:
		e.decide(Allow, by, &e.acl)
	default:
		e.decision = Decision{Effect: Allow, Layer: by}
	}
}

// lack decides that layers failed to allow. The layer it names is the first to be
// asked.
func (e *evaluation) lack(missing Layers) {
	e.decision = Decision{Missing: missing}
	for _, layer := range [...]Layer{LayerIdentity, LayerBoundary, LayerSession, LayerResource} {
		if missing.Has(layer) {
			e.decision.Layer = layer
			return
		}
	}
}

// decideOutsider decides for principals without policies of their own.
func (e *evaluation) decideOutsider(p *Policies) {
	if offer, _ := e.offered(p); offer != LayerNone {
		e.allow(offer)
		return
	}
	e.lack(Layers(0).With(LayerResource))
}

// decideAcross decides between two accounts.
func (e *evaluation) decideAcross(r *Request, p *Policies) {
	own, missing := e.own(r, p)
	offer, _ := e.offered(p)
	if offer == LayerNone {
		missing = missing.With(LayerResource)
	}
	switch {
	case missing != 0:
		e.lack(missing)
	case own == LayerRoot:
		e.allow(offer)
	default:
		e.allow(own)
	}
}

// decideWithin decides within one account.
func (e *evaluation) decideWithin(r *Request, p *Policies) {
	own, missing := e.own(r, p)
	if p.ResourceDecides && e.resource.Effect != policy.Allow {
		// The principal's own policies don't count alone.
		e.decision = Decision{Layer: LayerResource, Missing: missing.With(LayerResource)}
		return
	}
	offer, named := e.offered(p)
	switch {
	case named > policy.NamedRole:
		e.allow(offer)
		return
	case missing == 0:
		e.allow(own)
		return
	case named == policy.NamedRole:
		// The role is granted as if by its own policies: what limits those
		// limits this.
		if missing = e.limits(r, p); missing == 0 {
			e.allow(offer)
			return
		}
	}
	e.lack(missing)
}
