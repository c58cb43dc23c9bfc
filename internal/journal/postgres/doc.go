// Package postgres is the driver of package journal for several nodes: all of
// them have one PostgreSQL database open, which may be replicated.
//
// It owns the schema and its migrations, the group commit, the order of commits
// over all nodes, and what happens when the database can't be reached. The rules
// of the seam are in package journal.
//
// The flow of a commit: callers hand their batch to one goroutine, which takes
// everything that is waiting into one SERIALIZABLE transaction of two round trips.
// The first advances the one row of table position, which lets a single node in at
// a time, and reads the heads and batch ids concerned. Each batch is then decided
// on by itself; the second round trip writes what was accepted and commits. A node
// that loses the race for the row gets SQLSTATE 40001 and tries again at once.
//
// Nothing but plain SQL is required: no advisory locks, no LOCK TABLE. LISTEN and
// NOTIFY carry hints, which may be lost.
//
// A connection that is lost, silent for [Options].RoundTrip, or to a server that
// takes no writes is given up, and the call is tried again for up to
// [Options].Patience. When the reply to a COMMIT was lost, the batch is looked for
// under its id. What is found there is acknowledged only after another write was
// committed: a primary shows, after a crash or a cancelled wait, commits that its
// standby never got, and only a commit that is on both proves that those before it
// are too. For the same reason nothing here ever asks the server to cancel a
// statement: it would let a COMMIT go that waits for the standby.
//
// Connections may lead to different servers while a primary that was replaced still
// answers. So the store keeps the highest position it has seen on any of them, when
// it committed, renewed a lease, or read where the journal is. A server that is not
// so far takes no commit and answers neither Advanced nor Leases: its connection is
// given up, with the pool. If a new one shows no better, the database has lost
// commits, which is [journal.ErrBehind].
package postgres
