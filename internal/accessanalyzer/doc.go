// Package accessanalyzer is what is served of IAM Access Analyzer: ValidatePolicy,
// which says what could be better in a policy
// (https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_ValidatePolicy.html).
//
// The checks are those of package policy/validate, which `sallyport policy lint` runs
// too; this package owns the operation, its pages and its shape on the wire. It reads
// no state and keeps none: a page is part of an answer that is made anew each time.
package accessanalyzer
