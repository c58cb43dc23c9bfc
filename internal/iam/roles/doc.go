// Package roles owns IAM's operations on roles: their life, description,
// session length, tags and permissions boundary, and the trust policy that says
// who may assume them.
//
// It does not own what roles may do (package policies), their assumption
// (internal/sts) or the grammar of trust policies (policy/validate).
//
// # Trust
//
// A trust policy is kept exactly as submitted. Every principal it names must
// exist when it is written. Users, roles and role sessions are pinned to their
// unique ids at that moment (iam.Role.TrustPins), so that deleting a principal
// ends its trust for good: one created again under the same name has another
// id. Replies show the policy with pinned principals by their present ARN, or
// by unique id once they are gone (ShownTrust)
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html).
//
// # Service-linked roles
//
// A service-linked role is made by name of its service, whose template
// (service-linked-roles.txt) says how the role is called, which service it trusts
// and which AWS managed policy is attached to it. iam.Modifiable keeps it from any
// change but of its description and tags, in every package that changes roles. No
// service of AWS's is here to use one; it goes at once when it is deleted, and the
// task that clients ask about afterwards is kept for a day (deletion.go)
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/using-service-linked-roles.html).
package roles
