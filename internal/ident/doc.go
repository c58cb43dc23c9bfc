// Package ident makes the identifiers and secrets that AWS's services make:
// unique ids (AIDA…, AROA…), access key ids, secret access keys, account ids,
// request ids, passwords and tokens.
//
// It owns their alphabets, lengths and prefixes ("IAM identifiers" in the IAM
// User Guide) and the way an access key id encodes its account. It does not check
// that an id is unused; 85 random bits make a collision of unique ids a matter of
// theory, and who stores a shorter one checks.
//
// All randomness comes from one [Source], so a test that injects a reader gets
// the same ids every time.
package ident
