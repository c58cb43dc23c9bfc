// Package history answers who changed an entity, when, and what was there
// before and after: the operation GetEntityHistory.
//
// Everything it says comes from the entries of the account's stream in the
// journal, which package state owns; it keeps no record of its own. It owns
// which rows belong to which entity (parts.go) and how a row is shown
// (documents.go): as JSON with the member names of the IAM API, a form of its
// own that the stored rows may change under.
//
//	what was asked (asked.go) → the account's index (index.go) → a page of its revisions (page.go) → their entries (read.go) → events
//
// The index of an account says at which revisions an entity was changed, and
// for each row when it was changed before. It is a cache in memory, built from
// the entries in steps of bounded size when history is first asked for, then
// carried on by each call; documents are read from the journal when they are
// shown. Losing it loses nothing but the time to build it.
//
// Secrets are sealed apart from the rows and are never read here.
package history
