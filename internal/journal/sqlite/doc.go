// Package sqlite is the embedded driver of package journal: one SQLite file (and
// its write-ahead log) on a local disk.
//
// It owns the schema and its migrations, the group commit, and what happens when
// the disk misbehaves. The rules of the seam are in package journal.
//
// The flow of a write: callers hand their write to one goroutine, which owns the
// only writing connection. It takes everything that is waiting, begins one
// transaction, checks each write against the stream heads it keeps in memory
// (refusing a conflicting one alone), executes the rest, commits with one fsync,
// and answers all of them. Reads use a pool of their own and never wait.
//
// Durability: WAL with synchronous=FULL, so COMMIT returns after fsync. Moving
// the log into the database (the checkpoint) is done by the writer, not by
// SQLite's automatic one, because that one ignores errors. When the disk is full
// a write is refused and can be repeated. After any other storage error the store
// refuses all writes until it is opened again: an fsync that failed once may
// "succeed" the next time without the data being on disk. Opening runs a full
// checkpoint, so what the new store read is on disk before it acknowledges more.
//
// One process at a time: a lock on a file beside the database is held while the
// store is open. The files have mode 0600.
package sqlite
