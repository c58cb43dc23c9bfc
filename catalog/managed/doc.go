// Package managed is the catalogue of AWS managed policies: the policies that
// AWS owns, publishes under arn:aws:iam::aws:policy and lets every account
// attach but not change.
//
// The package owns their metadata and default-version documents. It does not
// own attachments, counts of use or the operations that serve policies; those
// belong to the account that attaches them. Only the default version of each
// policy is known, as in the published source.
//
// # Flow
//
// The command in gen reads models/aws-managed-policies.json.gz and writes
// policies.bin, which is embedded here. The file holds one small index and the
// documents in compressed blocks, both ordered by policy name. Nothing is read
// when the program starts: the first call of [Lookup], [LookupName], [All] or
// [Len] expands the index (a few hundred kilobytes), and [Policy.Document]
// expands one block at a time through a cache of fixed size.
//
// All functions are safe for concurrent use.
//
// See https://docs.aws.amazon.com/aws-managed-policy/latest/reference/about-managed-policy-reference.html.
package managed
