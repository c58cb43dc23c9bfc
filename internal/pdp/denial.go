package pdp

import (
	"cmp"

	"sallyport/authz"
	"sallyport/internal/api"
	"sallyport/internal/operation"
)

// denial words a decision that is not an allow, as the operation's service does.
func (p *PDP) denial(call *operation.Call, check *operation.Check, d authz.Decision) *Denial {
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
