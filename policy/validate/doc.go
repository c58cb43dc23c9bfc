// Package validate checks policies when they are stored and gives AWS's own
// MalformedPolicyDocument messages, in the order in which AWS finds faults.
//
// [Identity] is for managed and inline policies of principals, [Trust] for the
// trust policies of roles. What either accepts, policy.Compile accepts too, so
// that a stored policy can always be in force; where AWS would store text that
// the engine can't understand, it is refused here.
//
// AWS reads a policy twice: a first reading checks the syntax, a second, which
// its messages call legacy parsing, checks the values. The checks here follow
// that order. Quotas of size and the characters a request may carry belong to
// the operations.
package validate
