// Package cloudtrail answers who called what: the operation LookupEvents over the
// records that package audit wrote
// (https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html).
//
// It keeps nothing of its own. Records of changes are in the account's journal
// entries, all others in the blocks of every node; both are read backwards and
// merged:
//
//	request → query (query.go) ┐
//	                           ├→ merge (merge.go) → a page of events (event.go, resources.go)
//	entries (changes.go), blocks (blocks.go) ┘
//
// The order is the time of the call to the second, the latest first. Where calls
// took longer than a block spans, they stand by when they were recorded: so every
// record has one place, whatever the clocks of nodes said, and a page can go on where
// the one before it ended (token.go).
//
// One call reads a bounded amount (limits.go), and answers with an empty or short
// page and a token when it has found no more by then.
//
// It owns neither the writing of records nor how long they are kept, and reads no
// record of an account but the caller's.
package cloudtrail
