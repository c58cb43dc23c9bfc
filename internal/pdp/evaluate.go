package pdp

import (
	"strings"
	"time"

	"sallyport/arn"
	"sallyport/authz"
	"sallyport/internal/api"
	"sallyport/internal/api/iamapi"
	"sallyport/internal/api/sallyportapi"
	"sallyport/internal/iam"
	"sallyport/internal/operation"
	"sallyport/internal/state"
	"sallyport/policy/condition"
	"sallyport/policy/validate"
)

// evaluatedSession names the role session that stands for a role whose
// permissions are evaluated without one.
const evaluatedSession = "Evaluate"

// Operations lists what the decision point serves.
func (p *PDP) Operations() []operation.Definition {
	return []operation.Definition{
		operation.Reads(sallyportapi.OpEvaluate, authorizeEvaluate, p.evaluate),
		operation.Reads(sallyportapi.OpEvaluateAt, authorizeEvaluateAt, p.evaluateAt),
		operation.Reads(iamapi.OpSimulateCustomPolicy, authorizeCustom[iamapi.SimulateCustomPolicyRequest]("iam:SimulateCustomPolicy"), p.simulateCustom),
		operation.Reads(iamapi.OpSimulatePrincipalPolicy, authorizeSimulatePrincipal, p.simulatePrincipal),
		operation.Reads(iamapi.OpGetContextKeysForCustomPolicy, authorizeCustom[iamapi.GetContextKeysForCustomPolicyRequest]("iam:GetContextKeysForCustomPolicy"), p.customContextKeys),
		operation.Reads(iamapi.OpGetContextKeysForPrincipalPolicy, authorizePrincipalKeys, p.principalContextKeys),
	}
}

// authorizeEvaluate asks for sallyport:Evaluate on the principal whose
// permissions are looked at.
func authorizeEvaluate(_ *operation.Call, _ state.Reader, in *sallyportapi.EvaluateRequest) ([]operation.Check, error) {
	return []operation.Check{{Action: "sallyport:Evaluate", Resource: *in.PrincipalArn}}, nil
}

// evaluate decides a request that nobody made, with the policies in force. It
// is the decision that enforcement would take.
func (p *PDP) evaluate(c *operation.Call, r state.Reader, in *sallyportapi.EvaluateRequest) (*sallyportapi.EvaluateResponse, error) {
	caller, err := findPrincipal(c, r, *in.PrincipalArn)
	if err != nil {
		return nil, err
	}
	if in.SessionPolicy != nil {
		if caller.Session == nil {
			return nil, api.ValidationError(c.Op.Service, "A session policy limits a role's session, and %s is none.", *in.PrincipalArn)
		}
		if err := validate.Identity([]byte(*in.SessionPolicy), false); err != nil {
			return nil, sallyportapi.MalformedPolicyDocumentException("%s", err.Error())
		}
		caller.Session.Policies = []string{*in.SessionPolicy}
	}
	check := operation.Check{Action: *in.Action, Resource: "*", Account: api.Value(in.ResourceAccount)}
	if in.ResourceArn != nil {
		check.Resource = *in.ResourceArn
	}
	if check.Account == "" {
		check.Account = resourceAccount(check.Resource, caller.Account())
	}
	if in.ResourcePolicy != nil {
		if _, err := p.resourceSet(&operation.ResourcePolicy{Document: *in.ResourcePolicy}); err != nil {
			return nil, sallyportapi.MalformedPolicyDocumentException("%s", err.Error())
		}
		check.Trust = &operation.ResourcePolicy{Document: *in.ResourcePolicy}
	} else {
		check.Trust = trustPolicy(r, caller.Account(), &check)
	}
	if check.Keys, err = contextKeys(c, in.Context); err != nil {
		return nil, err
	}
	// The evaluated request is made now, by the principal, from nowhere: what
	// it would carry besides is for the context to say.
	evaluated := &operation.Call{Op: c.Op, Caller: caller, Now: c.Now, RequestID: c.RequestID, Evaluated: true}
	if !api.Value(in.Explain) {
		d, err := p.Decide(evaluated, r, &check)
		if err != nil {
			return nil, err
		}
		return evaluation(d, check.Action), nil
	}
	x, err := p.Explain(evaluated, r, &check)
	if err != nil {
		return nil, err
	}
	out := evaluation(x.Decision, check.Action)
	out.Explanation = p.explained(&x, caller, r)
	return out, nil
}

func evaluation(d authz.Decision, action string) *sallyportapi.EvaluateResponse {
	return &sallyportapi.EvaluateResponse{
		Decision: new(decisionName(d.Effect)), DecidedBy: reference(d), Reason: new(reason(d, action)),
	}
}

// findPrincipal makes a caller of the account's user, role, role session or
// root user that the ARN names.
func findPrincipal(c *operation.Call, r state.Reader, principal string) (*operation.Caller, error) {
	missing := sallyportapi.NoSuchEntityException("The principal %s cannot be found.", principal)
	account := c.Caller.Account()
	a, err := arn.Parse(principal)
	if err != nil || a.Account != account {
		return nil, missing
	}
	kind, rest, _ := strings.Cut(a.Resource, "/")
	name := rest[strings.LastIndexByte(rest, '/')+1:]
	switch {
	case a.Service == "iam" && a.Resource == "root":
		return iam.RootCaller(account), nil
	case a.Service == "iam" && kind == "user":
		if u, err := iam.FindUser(r, name); err == nil && iam.UserARN(account, u) == principal {
			return iam.UserCaller(account, u), nil
		}
	case a.Service == "iam" && kind == "role":
		if role, err := iam.FindRole(r, name); err == nil && iam.RoleARN(account, role) == principal {
			return sessionOf(c, account, role, evaluatedSession), nil
		}
	case a.Service == "sts" && kind == "assumed-role":
		roleName, session, ok := strings.Cut(rest, "/")
		if role, err := iam.FindRole(r, roleName); ok && err == nil && role.Name == roleName {
			return sessionOf(c, account, role, session), nil
		}
	}
	return nil, missing
}

// sessionOf is a session of the role that began now and has no session policy yet.
func sessionOf(c *operation.Call, account string, role *iam.Role, name string) *operation.Caller {
	caller := iam.RoleCaller(account, role, name)
	caller.Session = &operation.Session{Name: name, Issued: c.Now.Truncate(time.Second)}
	return caller
}

// trustPolicy is the trust policy that decides about taking on a role of the
// account. Nil for any other request, and for a role that is not there.
func trustPolicy(r state.Reader, account string, check *operation.Check) *operation.ResourcePolicy {
	a, err := arn.Parse(check.Resource)
	if err != nil || a.Service != "iam" || a.Account != account || !authz.ResourceDecides(check.Action, check.Resource) {
		return nil
	}
	role, err := iam.FindRole(r, a.Resource[strings.LastIndexByte(a.Resource, '/')+1:])
	if err != nil || iam.RoleARN(account, role) != check.Resource {
		return nil
	}
	return &operation.ResourcePolicy{Document: role.TrustDocument(), ARN: check.Resource}
}

// resourceAccount is the account in the resource's ARN, or else the
// principal's.
func resourceAccount(resource, principalAccount string) string {
	if a, err := arn.Parse(resource); err == nil && a.Account != "" {
		return a.Account
	}
	return principalAccount
}

func contextKeys(c *operation.Call, entries []sallyportapi.ContextEntry) (condition.Map, error) {
	keys := make(condition.Map, len(entries))
	for _, e := range entries {
		name := strings.ToLower(*e.Key)
		if _, twice := keys[name]; twice {
			return nil, api.ValidationError(c.Op.Service, "The context key %s is given twice.", *e.Key)
		}
		if len(e.Values) == 1 {
			keys[name] = condition.One(e.Values[0])
		} else {
			keys[name] = condition.Many(e.Values...)
		}
	}
	return keys, nil
}

func decisionName(e authz.Effect) string {
	switch e {
	case authz.Allow:
		return "allow"
	case authz.ExplicitDeny:
		return "explicitDeny"
	default:
		return "implicitDeny"
	}
}

// layerNames are the layers as the model spells them.
var layerNames = map[authz.Layer]string{
	authz.LayerSCP: "serviceControlPolicy", authz.LayerRCP: "resourceControlPolicy",
	authz.LayerResource: "resourcePolicy", authz.LayerACL: "accessControlList",
	authz.LayerIdentity: "identityPolicy", authz.LayerBoundary: "permissionsBoundary",
	authz.LayerSession: "sessionPolicy", authz.LayerRoot: "rootUser",
	authz.LayerNone: "resourceType", // the action does not apply to it
}

// reference says which layer, policy and statement decided.
func reference(d authz.Decision) *sallyportapi.StatementReference {
	ref := &sallyportapi.StatementReference{Layer: new(layerNames[d.Layer])}
	if d.Policy == nil {
		return ref
	}
	ref.PolicyArn, ref.PolicyName = policyNames(d.Policy)
	statement := d.Policy.Statement(d.Statement)
	if statement.Sid != "" {
		ref.StatementId = &statement.Sid
	}
	ref.StatementIndex = new(int64(d.Statement + 1))
	ref.Line = new(int64(statement.Position.Line))
	return ref
}

func reason(d authz.Decision, action string) string {
	if d.Allowed() {
		return "allowed by " + d.Layer.String()
	}
	return d.Reason(action)
}
