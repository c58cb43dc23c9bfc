package pdp

import (
	"sallyport/authz"
	"sallyport/internal/api/sallyportapi"
	"sallyport/internal/iam"
	"sallyport/internal/operation"
	"sallyport/internal/state"
	"sallyport/policy"
)

// maxExplained is how many policies, statements, conditions and parts of the
// smallest change an explanation holds, all together.
const maxExplained = 1000

// Explain is Decide with its reasons in full.
func (p *PDP) Explain(call *operation.Call, home state.Reader, check *operation.Check) (authz.Explanation, error) {
	var ctx requestContext
	var request authz.Request
	policies, err := p.prepare(call, home, check, &ctx, &request)
	if err != nil {
		return authz.Explanation{}, err
	}
	return authz.Explain(&request, &policies), nil
}

// An explainer words an explanation. It gives no value of a policy or a request:
// whoever may evaluate may not therefore read policies or a principal's tags.
type explainer struct {
	// owners are the ARNs of who has the identity-based policies, in their order.
	owners []string
	left   int // of maxExplained
	out    sallyportapi.Explanation
}

// explained words an explanation of a request of the caller.
func (p *PDP) explained(x *authz.Explanation, caller *operation.Caller, home state.Reader) *sallyportapi.Explanation {
	return explanationOf(x, p.owners(caller, home))
}

func explanationOf(x *authz.Explanation, owners []string) *sallyportapi.Explanation {
	e := explainer{owners: owners, left: maxExplained}
	e.out.Layers, e.out.Missing = []sallyportapi.ExplainedLayer{}, []sallyportapi.MissingPermission{}
	// What is missing is short, and comes first where not everything has room.
	for i := range x.Missing {
		if e.takes() {
			e.out.Missing = append(e.out.Missing, missingPermission(&x.Missing[i]))
		}
	}
	for i := range x.Layers {
		e.out.Layers = append(e.out.Layers, e.layer(&x.Layers[i]))
	}
	e.out.Truncated = new(e.left < 0)
	return &e.out
}

// takes reports whether there is room for one more.
func (e *explainer) takes() bool {
	if e.left <= 0 {
		e.left = -1
		return false
	}
	e.left--
	return true
}

// layerEffects are the answers of a layer as the model spells them.
var layerEffects = map[policy.Effect]string{
	policy.Allow: sallyportapi.LayerEffectTypeAllow, policy.Deny: sallyportapi.LayerEffectTypeDeny, policy.NoMatch: sallyportapi.LayerEffectTypeNone,
}

// layer words a layer's answer, whose outcomes are in the order of its policies
// and their statements.
func (e *explainer) layer(a *authz.LayerAnswer) sallyportapi.ExplainedLayer {
	out := sallyportapi.ExplainedLayer{
		Layer: new(layerNames[a.Layer]), Level: level(a.Layer, a.Level), Effect: new(layerEffects[a.Effect]),
		Policies: []sallyportapi.ExplainedPolicy{},
	}
	outcomes := a.Outcomes
	for i, p := range a.Set.Policies() {
		own := outcomes[:p.Len()]
		outcomes = outcomes[p.Len():]
		if !e.takes() {
			break
		}
		described := e.policy(p, own)
		if a.Layer == authz.LayerIdentity && i < len(e.owners) {
			described.AttachedTo = &e.owners[i]
		}
		if owner := p.Ref().ARN; a.Layer == authz.LayerResource && owner != "" {
			described.AttachedTo = &owner
		}
		out.Policies = append(out.Policies, described)
	}
	return out
}

func (e *explainer) policy(p *policy.Policy, outcomes []policy.Outcome) sallyportapi.ExplainedPolicy {
	out := sallyportapi.ExplainedPolicy{StatementCount: new(int64(p.Len())), Statements: []sallyportapi.ExplainedStatement{}}
	out.PolicyArn, out.PolicyName = policyNames(p)
	for i := range outcomes {
		if o := &outcomes[i]; (o.Matched() || o.NearMiss()) && e.takes() {
			out.Statements = append(out.Statements, e.statement(o))
		}
	}
	return out
}

func (e *explainer) statement(o *policy.Outcome) sallyportapi.ExplainedStatement {
	s := o.Policy.Statement(o.Statement)
	out := sallyportapi.ExplainedStatement{
		StatementIndex: new(int64(o.Statement + 1)), Effect: &s.Effect, Matched: new(o.Matched()),
		Line: new(int64(s.Position.Line)), Column: new(int64(s.Position.Column)), EndLine: new(int64(s.End.Line)),
		Failures: []sallyportapi.ExplainedFailure{},
	}
	if s.Sid != "" {
		out.StatementId = &s.Sid
	}
	for i := range o.Failures {
		if !e.takes() {
			break
		}
		f := &o.Failures[i]
		failure := sallyportapi.ExplainedFailure{
			Element: new(string(f.Element)), Absent: &f.Absent, Unresolved: &f.Unresolved,
			Line: new(int64(f.Position.Line)), Column: new(int64(f.Position.Column)),
		}
		if f.Element == policy.ConditionElementName {
			failure.Operator, failure.Key = &f.Operator, &f.Key
		}
		out.Failures = append(out.Failures, failure)
	}
	return out
}

// missingPermission words a remedy. The statement to be added says no more than
// the request.
func missingPermission(m *authz.Remedy) sallyportapi.MissingPermission {
	out := sallyportapi.MissingPermission{Layer: new(layerNames[m.Layer]), Level: level(m.Layer, m.Level)}
	place := func(o *policy.Outcome) *sallyportapi.StatementReference {
		if o == nil {
			return nil
		}
		return reference(authz.Decision{Layer: m.Layer, Policy: o.Policy, Statement: o.Statement})
	}
	out.Remove, out.Near = place(m.Deny), place(m.Near)
	if m.Add != nil {
		if text, err := m.Add.MarshalJSON(); err == nil {
			out.Add = new(string(text))
		}
	}
	return out
}

// level counts an organization's levels from 1; other layers have none.
func level(l authz.Layer, index int) *int64 {
	if l == authz.LayerSCP || l == authz.LayerRCP {
		return new(int64(index + 1))
	}
	return nil
}

// policyNames are the ARN and name of a policy, where it has them.
func policyNames(p *policy.Policy) (arn, name *string) {
	source := p.Ref()
	if source.ARN != "" && source.Kind == policy.RefManaged {
		arn = &source.ARN
	}
	if source.Name != "" {
		name = &source.Name
	}
	return arn, name
}

// owners are the ARNs of the users, groups and roles that have the caller's
// identity-based policies, in the order in which gather has these.
func (p *PDP) owners(caller *operation.Caller, home state.Reader) (owners []string) {
	account := caller.Account()
	docs := documents{pdp: p, home: home, account: account}
	add := func(id, arn string) {
		docs.entity(id)
		for len(owners) < len(docs.list) {
			owners = append(owners, arn)
		}
	}
	if user, ok := iam.Users.Get(home, caller.EntityID); ok {
		add(user.ID, iam.UserARN(account, user))
		iam.Memberships.AscendPrefix(home, user.ID+"/", func(_ string, m *iam.Membership) bool {
			if group, ok := iam.Groups.Get(home, m.Group); ok {
				add(group.ID, iam.GroupARN(account, group))
			}
			return true
		})
	} else if role, ok := iam.Roles.Get(home, caller.EntityID); ok {
		add(role.ID, iam.RoleARN(account, role))
	}
	return owners
}
