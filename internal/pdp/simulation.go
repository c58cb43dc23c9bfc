package pdp

import (
	"slices"
	"strconv"
	"strings"

	"sallyport/arn"
	"sallyport/authz"
	"sallyport/internal/api/iamapi"
	"sallyport/internal/iam"
	"sallyport/internal/operation"
	"sallyport/internal/state"
	"sallyport/policy"
	"sallyport/policy/condition"
)

// simulateCustom decides requests by policies given as text
// (https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulateCustomPolicy.html).
func (p *PDP) simulateCustom(c *operation.Call, _ state.Reader, in *iamapi.SimulateCustomPolicyRequest) (*iamapi.SimulateCustomPolicyResponse, error) {
	s, err := newSimulation(c, in)
	if err != nil {
		return nil, err
	}
	identity, err := inputPolicies("PolicyInputList", in.PolicyInputList)
	if err != nil {
		return nil, err
	}
	if s.caller == nil {
		if in.ResourcePolicy != nil {
			return nil, iamapi.InvalidInputException("CallerArn is required with ResourcePolicy.")
		}
		s.caller = &operation.Caller{Principal: policy.Principal{Kind: policy.User, Account: c.Caller.Account()}}
	}
	s.use(&s.policies.Identity, identity)
	return s.run(in.Marker, in.MaxItems)
}

// simulatePrincipal decides requests by the policies of a user, group or role, and
// others given as text. A boundary that is given takes the place of the entity's
// (https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html).
func (p *PDP) simulatePrincipal(c *operation.Call, r state.Reader, in *iamapi.SimulatePrincipalPolicyRequest) (*iamapi.SimulatePrincipalPolicyResponse, error) {
	source, err := findSource(c, r, *in.PolicySourceArn)
	if err != nil {
		return nil, err
	}
	s, err := newSimulation(c, &iamapi.SimulateCustomPolicyRequest{
		ActionNames: in.ActionNames, ResourceArns: in.ResourceArns, ResourcePolicy: in.ResourcePolicy,
		ResourceOwner: in.ResourceOwner, CallerArn: in.CallerArn, ContextEntries: in.ContextEntries,
		ResourceHandlingOption:             in.ResourceHandlingOption,
		PermissionsBoundaryPolicyInputList: in.PermissionsBoundaryPolicyInputList,
	})
	if err != nil {
		return nil, err
	}
	identity, err := p.sourcePolicies(c, r, source)
	if err != nil {
		return nil, err
	}
	inputs, err := inputPolicies("PolicyInputList", in.PolicyInputList)
	if err != nil {
		return nil, err
	}
	s.use(&s.policies.Identity, append(identity, inputs...))
	if s.policies.Boundary == nil && source.boundary != "" {
		limit := documents{pdp: p, home: r, account: c.Caller.Account()}
		if limit.managed(source.boundary); limit.err != nil {
			return nil, limit.err
		}
		s.use(&s.policies.Boundary, limit.list)
	}
	switch {
	case s.caller != nil && source.caller != nil && s.caller.Principal.ARN == source.caller.Principal.ARN, s.caller == nil && source.kind == "user":
		s.caller = source.caller
	case s.caller != nil:
	case in.ResourcePolicy != nil:
		return nil, iamapi.InvalidInputException("CallerArn is required with ResourcePolicy when PolicySourceArn is not the ARN of a user.")
	case source.caller != nil:
		s.caller = source.caller
	default:
		s.caller = &operation.Caller{Principal: policy.Principal{Kind: policy.User, Account: c.Caller.Account()}}
	}
	return s.run(in.Marker, in.MaxItems)
}

// A simulation is actions and resources, each pair of which is a request.
type simulation struct {
	call               *operation.Call
	caller             *operation.Caller
	actions, resources []string
	owner              string // of resources whose ARN does not say; "" for the caller's account
	keys               condition.Map
	policies           authz.Policies
	all                []*policy.Policy // of every layer
}

// run answers one page; no other request is decided.
func (s *simulation) run(marker *string, maxItems *int64) (*iamapi.SimulatePolicyResponse, error) {
	page, err := iam.NewPage(marker, maxItems)
	if err != nil {
		return nil, err
	}
	from := 0
	if page.From != "" {
		if from, err = strconv.Atoi(page.From); err != nil || from < 0 {
			return nil, iam.ValidationError("Invalid Marker.")
		}
	}
	written := keyNames(s.all).written
	out := &iamapi.SimulatePolicyResponse{EvaluationResults: []iamapi.EvaluationResult{}}
	for i := from; i < len(s.actions)*len(s.resources); i++ {
		more := page.Add(strconv.Itoa(i), func() {
			action, resource := s.actions[i/len(s.resources)], s.resources[i%len(s.resources)]
			out.EvaluationResults = append(out.EvaluationResults, s.decide(action, resource, written))
		})
		if !more {
			break
		}
		if err := s.call.Context.Err(); err != nil {
			return nil, err // nobody waits any more
		}
	}
	out.IsTruncated, out.Marker = page.Result()
	return out, nil
}

// decide answers one request.
func (s *simulation) decide(action, resource string, written map[string]string) iamapi.EvaluationResult {
	account := s.owner
	if a, err := arn.Parse(resource); err == nil && policy.IsAccountID(a.Account) {
		account = a.Account
	}
	if account == "" {
		account = s.caller.Principal.Account
	}
	ctx := &simulatedContext{
		keys: s.keys, missing: map[string]bool{},
		real: requestContext{
			call:  &operation.Call{Caller: s.caller, Now: s.call.Now, Evaluated: true},
			check: &operation.Check{Action: action, Resource: resource}, owner: account,
		},
	}
	request := &authz.Request{
		Request:         policy.Request{Principal: s.caller.Principal, Action: action, Resource: resource, Context: ctx},
		ResourceAccount: account,
	}
	policies := s.policies
	policies.ResourceDecides = policies.Resource != nil && authz.ResourceDecides(action, resource)
	d := authz.Decide(request, &policies)
	missing := ctx.names(written)

	q := policy.NewQuery(&request.Request)
	q.Bounded = policies.Boundary != nil
	decision := simulated(d.Effect)
	result := iamapi.EvaluationResult{
		EvalActionName: &action, EvalResourceName: &resource, EvalDecision: &decision,
		MatchedStatements: s.matched(&q, d), MissingContextValues: missing,
	}
	if policies.Boundary != nil {
		m := policies.Boundary.Match(&q)
		result.PermissionsBoundaryDecisionDetail = &iamapi.PermissionsBoundaryDecisionDetail{
			AllowedByPermissionsBoundary: new(m.Effect == policy.Allow),
		}
	}
	if policies.SCPs != nil {
		allowed := !slices.ContainsFunc(policies.SCPs, func(level *policy.Set) bool { return level.Match(&q).Effect != policy.Allow })
		result.OrganizationsDecisionDetail = &iamapi.OrganizationsDecisionDetail{AllowedByOrganizations: &allowed}
	}
	if resource == "*" {
		return result
	}
	if d.Layer != authz.LayerSCP {
		result.EvalDecisionDetails = s.details(&q, account)
	}
	// With resources, what is missing is said of each.
	result.MissingContextValues = []string{}
	result.ResourceSpecificResults = []iamapi.ResourceSpecificResult{{
		EvalResourceName: &resource, EvalResourceDecision: &decision,
		MatchedStatements: result.MatchedStatements, MissingContextValues: missing,
		EvalDecisionDetails:               result.EvalDecisionDetails,
		PermissionsBoundaryDecisionDetail: result.PermissionsBoundaryDecisionDetail,
	}}
	return result
}

// details are what each side says of a request across accounts; empty within one.
func (s *simulation) details(q *policy.Query, account string) map[string]string {
	details := map[string]string{}
	if account == s.caller.Principal.Account {
		return details
	}
	said := func(m policy.Match) string {
		switch m.Effect {
		case policy.Allow:
			return iamapi.PolicyEvaluationDecisionTypeAllowed
		case policy.Deny:
			return iamapi.PolicyEvaluationDecisionTypeExplicitDeny
		}
		return iamapi.PolicyEvaluationDecisionTypeImplicitDeny
	}
	details["IAM Policy"] = said(s.policies.Identity.Match(q))
	details["Resource Policy"] = said(s.policies.Resource.MatchResource(q))
	return details
}

func simulated(e authz.Effect) string {
	switch e {
	case authz.Allow:
		return iamapi.PolicyEvaluationDecisionTypeAllowed
	case authz.ExplicitDeny:
		return iamapi.PolicyEvaluationDecisionTypeExplicitDeny
	}
	return iamapi.PolicyEvaluationDecisionTypeImplicitDeny
}

// matched are the statements that make the result: the denials of the layer that
// denies, or all that allow.
func (s *simulation) matched(q *policy.Query, d authz.Decision) []iamapi.Statement {
	all := []iamapi.Statement{}
	add := func(set *policy.Set, effect policy.Effect, ofResource bool, kind string) {
		for _, m := range set.Applying(q, effect, ofResource) {
			all = append(all, statementOf(m, kind))
		}
	}
	switch {
	case d.Effect == authz.Allow:
		add(s.policies.Identity, policy.Allow, false, "IAM Policy")
		add(s.policies.Resource, policy.Allow, true, "Resource Policy")
	case d.Effect != authz.ExplicitDeny:
	case d.Layer == authz.LayerIdentity:
		add(s.policies.Identity, policy.Deny, false, "IAM Policy")
	case d.Layer == authz.LayerResource:
		add(s.policies.Resource, policy.Deny, true, "Resource Policy")
	case d.Layer == authz.LayerBoundary:
		add(s.policies.Boundary, policy.Deny, false, "IAM Policy")
	}
	return all
}

// statementOf says where a statement is. AWS's simulator has it begin where its
// parser stands before it: behind the bracket or brace that opens Statement, or
// behind the statement before.
func statementOf(m policy.Match, kind string) iamapi.Statement {
	ref, doc := m.Policy.Ref(), m.Policy.Document()
	start := doc.StatementsPosition
	start.Column++
	if m.Statement > 0 {
		start = doc.Statements[m.Statement-1].End
	}
	name := ref.Name
	if name == "" {
		name = ref.ARN[strings.LastIndexByte(ref.ARN, '/')+1:]
	}
	return iamapi.Statement{
		SourcePolicyId: &name, SourcePolicyType: &kind,
		StartPosition: placed(start), EndPosition: placed(doc.Statements[m.Statement].End),
	}
}

func placed(p policy.Position) *iamapi.Position {
	return &iamapi.Position{Line: new(int64(p.Line)), Column: new(int64(p.Column))}
}

// A simulatedContext has the keys given, and those that follow from who calls and
// on what, and takes note of what the policies ask for beyond them.
type simulatedContext struct {
	keys    condition.Map
	real    requestContext
	missing map[string]bool
}

// Lookup implements condition.Context.
func (c *simulatedContext) Lookup(key string) (condition.Values, bool) {
	if v, ok := c.keys[key]; ok {
		return v, true
	}
	switch key {
	case "aws:principalarn", "aws:principalaccount", "aws:principaltype", "aws:userid", "aws:username", "aws:resourceaccount":
		if v, ok := c.real.Lookup(key); ok && (v.Len() != 1 || v.At(0) != "") {
			return v, true
		}
	default:
		if strings.HasPrefix(key, "aws:principaltag/") {
			if v, ok := c.real.Lookup(key); ok {
				return v, true
			}
		}
	}
	c.missing[key] = true
	return condition.Values{}, false
}

// names are the missing keys as policies write them, sorted.
func (c *simulatedContext) names(written map[string]string) []string {
	list := []string{}
	for key := range c.missing {
		if name, ok := written[key]; ok {
			key = name
		}
		list = append(list, key)
	}
	slices.Sort(list)
	return list
}
