// Package backup saves what a store holds to one file, and restores a store from
// such a file or straight from another store.
//
// It owns the file's format, the checks of what goes into and comes out of it,
// and the mark of a restore that has not finished. It does not own how a store
// is read as of one moment ([journal.Exports]) or what makes a hash chain sound
// (package state).
//
// # Saving
//
// [Write] hands everything a store exports through a check to the file: every
// stream's entries must form a sound hash chain, names must come in order, and
// no size may exceed the journal's limits. A journal that is damaged gives an
// error, not a backup. Secrets are written as they are stored: sealed, by a key
// that is not in the file.
//
// # The file
//
// A header, frames of records, and an end; integers are big-endian:
//
//	header  "SALLYPORT-BACKUP", version (4 bytes)
//	frame   1 (1 byte), packed length (4 bytes), unpacked length (4 bytes),
//	        whole records, packed by Zstandard
//	end     2 (1 byte), length (4 bytes), counts of streams, entries, secrets,
//	        facts and blocks (8 bytes each), SHA-256 of everything before it
//
// A record is its kind (1 byte), the length of its body (uvarint) and the body:
// entries by stream and revision, secrets by stream and id, facts by key, blocks
// in the order they were appended, then every stream's head: its last revision
// and that entry's hash. Anything else is an error: another version or kind, a
// missing end, bytes after it. The hash shows damage, not tampering: who can
// write the file can compute it.
//
// Reading needs memory for one frame and for the ids of all streams, however
// large the file is, and no length is believed before it was held against a
// limit.
//
// # Restoring
//
// [Check] reads the whole source first, replaying every row, so that a bad one
// leaves the target as it is. [Restore] then fills an empty store in bounded
// batches. A fact marks the store as unfinished from before the first batch
// until everything was read back, verified and found equal to the source; a
// server refuses a store with that mark ([Finished]), and the same restore, run
// again, goes on where it ended.
package backup
