// Package pdp is the policy decision point: it gathers every policy that
// applies to a caller and a resource, fills the request context, asks authz,
// and words the answer.
//
// Everything that decides in Sallyport comes through here: the server's own
// operations, Evaluate, and whatever else asks on behalf of a service. It
// decides nothing itself; authz does.
//
//	Check + Caller → gather (policies.go) → context (context.go) → authz.Decide → denial (denial.go)
//
// Evaluate can have authz.Explain in place of Decide, worded without the values of
// policies and requests (explanation.go).
//
// A [Denial] also tells, for those who may know more than the caller, what was
// denied and by which statement (message.go).
//
// Compiled documents are cached by content, sets by the documents they hold,
// so that a cached answer can never outlive the policies it came from: a
// policy changed in a transaction that is later undone leaves no trace.
package pdp
