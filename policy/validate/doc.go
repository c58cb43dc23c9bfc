// Package validate checks policies. When they are stored it gives AWS's own
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
//
// [Findings] is the other half: what IAM Access Analyzer's ValidatePolicy says
// about a policy, written or not. A check is a [Rule], one entry of a table, in
// the file of its family:
//
//	src ──readTree──▶ nodes with places ──build──▶ statements taken apart ──rules──▶ []Finding
//
// The tree is of any shape, so that every fault is found and not only the first.
// What the catalogue does not know is not a fault unless AWS's would know it.
package validate
