// Package state is the memory of the server: for each stream of the journal an
// immutable view of typed tables, one writer that changes it, and its history.
//
// It owns the format of journal entries and of snapshots, the hash chain over
// entries, the tables and their indexes, and the order in which commands are
// decided, made durable and published. It does not own what the rows mean (the
// domain packages declare tables and write commands), how bytes are stored
// (package journal), or the audit of calls that change nothing (package audit).
//
// # Reading
//
// [Store.View] returns a [View] without locks; a [Table] or an [Index] reads
// rows from it. A view never changes and holds nothing uncommitted. Rows are
// shared: copy one before changing it.
//
// # Changing
//
// [Store.Update] queues a [Command] on its home stream. The stream's writer
// takes what is queued as one batch, runs the commands one after another, each
// on a copy-on-write view of what the ones before it left, and commits all
// their entries with one journal commit. Then it publishes the new view and
// answers. A command that fails leaves no trace and does not disturb the
// others. A command may touch further streams with [Tx.Other]; their entries
// and the revisions it read them at are part of the same commit.
//
// Within a process, the writer holds the right to append to every stream of
// its batch. A stream met while a command runs is taken if it is free; if not,
// the batch begins again with all it needs taken in order of stream ids, so
// writers cannot wait for each other in a circle. Between processes the
// journal decides: on a conflict the batch catches up and is decided again.
//
// # Entries
//
// One command makes one entry in each stream it changes: a JSON envelope of
// one line with version, stream, revision, time, request, caller, operation,
// the hash of the previous entry's stored bytes and the rows changed (a null
// row is a deletion); a line feed; the audit record as the command gave it.
// Time, ids and randomness are decided by the command and are in the entry:
// applying it needs nothing else, and a row in memory is always the one
// decoded from the bytes the entry holds. What cannot be understood (a later
// version, an unknown table or member, a broken chain) is an error, never
// skipped.
//
// # Snapshots and history
//
// A snapshot is a view's rows, compressed and checksummed, naming the hash of
// the entry it ends in. It saves time and nothing else: one with any defect is
// ignored with a warning. [Store.ViewAt] and [Store.Entries] read history,
// [Verify] checks all of it, [Dump] writes a view in a canonical form.
package state
