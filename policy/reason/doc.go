// Package reason answers static questions about policies: what they could allow
// to anybody at all, without a request to decide on.
//
// It owns what of a service identity policies reach ([Reach], [Granting]). It
// decides no request: that is package authz's. Its answers lean to one side and
// say so: what a policy could allow is never left out.
//
// The flow is
//
//	*policy.Document ──NewReach──▶ *Reach ──Action, Service──▶ whether it can be allowed
//
// Patterns are compared as languages: a statement reaches an action when its
// pattern and a template of the action's resource types have an ARN in common,
// and a denial takes that away when it holds for every such ARN.
package reason
