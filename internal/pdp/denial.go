package pdp

import (
	"strings"

	"sallyport/authz"
	"sallyport/internal/api"
	"sallyport/internal/operation"
)

// denial words a decision that is not an allow, as AWS does
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html).
func (p *PDP) denial(call *operation.Call, check *operation.Check, d authz.Decision) *Denial {
	resource := check.Name
	if resource == "" {
		resource = check.Resource
	}
	var b strings.Builder
	b.WriteString("User: ")
	b.WriteString(call.Caller.Principal.ARN)
	b.WriteString(" is not authorized to perform: ")
	b.WriteString(check.Action)
	if !check.Unnamed {
		b.WriteString(" on resource: ")
		b.WriteString(resource)
	}
	if !check.Terse || d.Effect == authz.ExplicitDeny {
		b.WriteByte(' ')
		b.WriteString(d.Reason(check.Action, p.reasonOptions...))
	}
	return &Denial{api.AccessDenied(call.Op.Service, "%s", b.String()), call, check, d}
}
