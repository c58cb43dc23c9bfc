package authz

import "sallyport/policy"

// A ReasonOption changes what Decision.Reason says.
type ReasonOption uint8

// WithPolicyARN appends the ARN of the policy to an explicit deny, as AWS does
// since early 2026 where the policy belongs to the caller's own account or
// organization. Only policies that have an ARN of their own are named.
const WithPolicyARN ReasonOption = 1

// Reason returns the clause in which AWS says why access was denied ("Troubleshoot
// access denied error messages" in the IAM User Guide), such as "because no
// identity-based policy allows the iam:CreateUser action" or "with an explicit
// deny in a service control policy". It is empty for an allowed request. AWS has
// no words for an action that the resource's type does not support; ours say so.
func (d Decision) Reason(action string, options ...ReasonOption) string {
	if d.Inapplicable {
		return "because the " + action + " action does not apply to resources of this type"
	}
	noun := ""
	if int(d.Layer) < len(layers) {
		noun = layers[d.Layer].noun
	}
	switch {
	case noun == "" || d.Effect == Allow:
		return ""
	case d.Effect == ImplicitDeny:
		return "because no " + noun + " allows the " + action + " action"
	}
	reason := "with an explicit deny in " + layers[d.Layer].article + noun
	for _, option := range options {
		if arn := d.policyARN(); option == WithPolicyARN && arn != "" {
			reason += ": " + arn
		}
	}
	return reason
}

// DenialMessage returns the sentence with which AWS denies a principal's request, on
// the page that Reason follows. The reason is what Reason returns; AWS leaves it or the
// resource out for some actions, and so does the sentence where they are empty.
func DenialMessage(principal, action, resource, reason string) string {
	message := "User: " + principal + " is not authorized to perform: " + action
	if resource != "" {
		message += " on resource: " + resource
	}
	if reason != "" {
		message += " " + reason
	}
	return message
}

// policyARN returns the ARN of the policy that decided; inline, session, trust
// and resource policies have none.
func (d Decision) policyARN() string {
	if d.Policy == nil {
		return ""
	}
	switch ref := d.Policy.Ref(); ref.Kind {
	case policy.RefManaged, policy.RefSCP, policy.RefRCP:
		return ref.ARN
	}
	return ""
}
