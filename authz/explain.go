package authz

import "sallyport/policy"

// An Explanation is a decision with everything that led to it.
type Explanation struct {
	Decision Decision
	// Exempt says that no organization policy restricts the caller, a session of
	// a service-linked role.
	Exempt bool
	// Layers are those that were asked, in order; of service and resource control
	// policies each level is one.
	Layers []LayerAnswer
	// Missing is the smallest change that would have the request allowed; empty
	// when it is, and when no policy could allow it. All of it is needed.
	Missing []Remedy

	principal *policy.Principal
}

// A LayerAnswer is what one layer, or one level of it, said.
type LayerAnswer struct {
	Layer Layer
	Level int
	// Effect is NoMatch for a layer that fails to allow.
	Effect policy.Effect
	// Set holds the layer's policies; nil when there are none.
	Set *policy.Set
	// Outcomes tells how every statement of every policy fared, in order.
	Outcomes []policy.Outcome

	allows policy.Match // without its Deny statements
}

// Explain is Decide with its reasons in full. It visits every statement, so it
// takes longer the more there are. The values it quotes are bounded; see
// policy.Failure.
func Explain(r *Request, p *Policies) Explanation {
	x := Explanation{Exempt: isServiceLinked(&r.Principal), principal: &r.Principal}
	e := evaluation{explains: &x}
	e.evaluate(r, p)
	x.Decision = e.decision
	if !x.Decision.Allowed() {
		x.Missing = x.missing(r, p)
	}
	return x
}

// answered takes the answer of a layer. One without policies was asked only if
// its silence counts.
func (x *Explanation) answered(q *policy.Query, layer Layer, level int, set *policy.Set, m policy.Match) {
	a := LayerAnswer{Layer: layer, Level: level, Effect: m.Effect, Set: set}
	if len(set.Policies()) > 0 {
		a.Outcomes, a.allows = q.Tracer.Outcomes, q.Tracer.Allows
	}
	if set == nil && !x.counts(layer) {
		return
	}
	x.Layers = append(x.Layers, a)
}

// counts reports whether a layer limits or grants even when it has no policies.
func (x *Explanation) counts(layer Layer) bool {
	switch layer {
	case LayerSCP, LayerRCP:
		return true
	case LayerIdentity:
		return x.principal.Kind.HasAccount()
	case LayerResource:
		return !x.principal.Kind.HasAccount()
	case LayerSession:
		return x.principal.Kind == policy.FederatedUser
	}
	return false
}
