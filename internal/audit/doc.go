// Package audit is the record of every API call, in CloudTrail's format
// (eventVersion 1.11,
// https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html).
//
// Event.Append writes one record. A record of a change is stored inside the
// change's own journal entry, by the state; the records of everything else
// (reads, denials, failed authentication) go through a Log, which gathers them
// into compressed blocks per account and appends these to the journal's audit
// streams. Calls that hand out credentials wait until their block is on disk.
//
// No record holds a secret: members that the model marks sensitive, session
// tokens and one-time codes are masked in requests and left out of replies.
package audit
