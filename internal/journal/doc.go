// Package journal is the storage seam: what every driver must do, and nothing
// about what is stored.
//
// It owns the types of the seam, the rules of a well-formed [Batch], the limits
// and the errors callers tell apart. It does not own the format of entries, snapshots or audit blocks: to a driver
// those are opaque bytes, already sealed where they are secret.
//
// The flow of a change: a writer reads a stream's entries, decides on a
// tentative view, and calls Commit with the revisions it decided on. The driver
// checks every expectation, appends every entry and puts or deletes every secret
// in one durable step, or does nothing at all and returns a [ConflictError].
// The caller then catches up with Read, decides again and retries.
//
// Drivers live in the folders below; all of them pass the suite in journaltest
// without exclusions. Package faultfs holds the file system the durability tests
// cut the power of.
//
// No driver method reads a clock: time enters through parameters only, so expiry
// is the caller's decision.
package journal
