package pdp

import (
	"cmp"

	"sallyport/authz"
	"sallyport/internal/api"
	"sallyport/internal/operation"
)

// denial words a decision that is not an allow, as the operation's service does.
// Callers without credentials are told nothing of the policy.
func (p *PDP) denial(call *operation.Call, check *operation.Check, d authz.Decision) *Denial {
	if call.Caller.Assertion != nil {
		return &Denial{api.AccessDenied(call.Op.Service, "Not authorized to perform %s", check.Action), call, check, d}
	}
	resource, reason := cmp.Or(check.Name, check.Resource), ""
	if check.Unnamed {
		resource = ""
	}
	if !check.Terse || d.Effect == authz.ExplicitDeny {
		reason = d.Reason(check.Action, p.reasonOptions...)
	}
	message := authz.DenialMessage(call.Caller.Principal.ARN, check.Action, resource, reason)
	return &Denial{api.AccessDenied(call.Op.Service, "%s", message), call, check, d}
}
