// Package policy is the policy language: parse a document with positions, print
// it, compile it, and match one request against many compiled policies.
//
// The flow is
//
//	src ──Parse──▶ *Document ──Compile──▶ *Policy ──NewSet──▶ *Set ──Match──▶ Match
//
// [Parse] holds the grammar of the IAM User Guide, "Grammar of the IAM JSON
// policy language": which elements there are, of which JSON types, none twice
// and none in another case. [Compile] holds what the elements must say for a
// policy to be in force: a known version, effect and operators, actions,
// resources that are ARN patterns, principals that exist in the language. What
// can't be understood is an error, never skipped.
//
// A [Set] is what applies to a principal, a resource or an organization level
// as one layer. It indexes statements by action and, where many share an
// action, by resource, so that statements about other things cost nothing.
// Evaluating allocates nothing.
//
// [Set.Match] is for policies attached to principals and organizations,
// [Set.MatchResource] for those attached to resources, which also says how the
// policy named the principal: a grant to an account, to a role and to a session
// combine differently with the other layers.
//
// A [Query] with a [Tracer] has the same functions visit every statement instead
// of those the index finds, and tell which elements and conditions failed on
// which values.
//
// Two rules of AWS deserve mention here:
//
//   - NotPrincipal with Deny exempts a principal only if every identity in its
//     chain is listed: the account, the user or role, and the session
//     ("AWS JSON policy elements: NotPrincipal"), and never one that has a
//     permissions boundary. With Allow it is refused.
//   - A policy variable that has no value makes its statement not apply. The one
//     exception is a Deny statement with NotResource or a negated operator: it
//     applies, since otherwise a missing tag would lift the denial.
//
// The package doesn't combine layers (package authz) and doesn't reproduce the
// messages AWS gives when a policy is stored (package policy/validate).
package policy
