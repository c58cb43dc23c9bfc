// Package authz combines the policies that apply to a request into one
// decision, as the IAM User Guide has it in "How AWS enforcement code logic
// evaluates requests to allow or deny access", "Cross-account policy evaluation
// logic", "Permissions boundaries for IAM entities" and "AWS JSON policy
// elements: Principal".
//
// The caller gathers the policies ([Policies]); [Decide] asks each layer once
// and combines the answers:
//
//  1. An explicit deny in any layer is final.
//  2. Every level of service control policies and of resource control policies
//     must allow. Service-linked roles are exempt from both, and services that
//     don't support resource control policies from those.
//  3. Within one account, an allow from the resource's policy or from the
//     principal's own is enough; across accounts both are needed.
//  4. Boundary and session policies limit what the principal's own policies
//     grant. In one account they don't limit a resource policy that names the
//     user, the session, or everyone, but they do limit one that names the
//     session's role. A resource policy that names the account only delegates
//     to the principal's own policies. Across accounts they always limit.
//  5. Where the resource decides (role trust policies, KMS keys) its policy must
//     allow even within one account.
//  6. The root user needs no policy in its own account. Service principals,
//     identity providers and anonymous callers have only the resource's policy.
//  7. An access control list grants as the resource's policy does, but where that
//     decides.
//  8. An action that the catalogue says is not asked on resources of a type is not
//     allowed on them.
//
// docs/evaluation.md has the rules one by one.
//
// A [Decision] carries its reasons as values: which layer and statement decided,
// or which layers failed to allow. Deciding allocates nothing. [Explain] decides in
// the same way with tracing on, and tells how every statement of every layer fared
// and the smallest change that would have a denied request allowed. The package does
// not gather policies, fill contexts or render whole error messages.
package authz
