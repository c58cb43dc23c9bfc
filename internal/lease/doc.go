// Package lease lets several nodes serve one shared journal as if they were one:
// a change is acknowledged when every node that may still answer requests shows
// it.
//
// It owns the protocol by which nodes know of each other. It does not own how a
// lease is stored (the drivers of package journal) or what showing a change means
// (package state, through [Config.Apply]).
//
// # Protocol
//
// Each node keeps a lease in the store and renews it several times in its TTL. A
// renewal is a counter: no node compares another's clock, or the database's, with
// its own.
//
//   - After a renewal is durable the node reads how far the journal is, applies
//     all of it, and only then may answer requests, until 6/10 of the TTL have
//     passed since it set out to renew ([Node.Check]). It refuses from then on.
//   - A node that can't apply what is there, such as an entry of a later version,
//     does not renew.
//   - Between renewals it applies what other nodes commit as soon as it learns of
//     it, and reports how far it is.
//   - A node that has committed a change reads all leases. For each other node it
//     waits until the node reports to have applied the change, or until it has
//     seen the node's lease at one and the same renewal for 7/10 of the TTL
//     ([Node.Settle]). Then it answers its client. It looks at the leases several
//     times in a TTL, whatever a commit waits for, so that what the commit itself
//     waits for a node that has died counts too.
//
// Why a request that starts after the answer never meets an older state: take
// another node N and the last renewal it made before the change was committed. If
// N renewed again after the commit, it applied the change before it used that
// renewal. If it did not, the lease the writer reads after the commit shows the
// last renewal, begun before the writer first saw it; 7/10 of a TTL later N, which
// counts from when it began, has refused requests for a tenth of a TTL. That tenth
// is what the clocks of two machines may differ in speed over one TTL.
//
// This takes a store that is one. With servers that replace each other, a replaced
// one may go on answering, and not know of the newest commits and renewals. The
// store sees to it ([journal.Shared]): the leases a writer reads are of a server that
// has its commit, and what a node applies after a renewal is of one that has all that
// was there when the renewal became durable. A renewal or commit that a replaced
// server alone has is not durable, and not acknowledged.
//
// The clock is one that goes on while the machine is suspended. It need not be
// right, only steady.
//
// A store that has lost commits (a standby promoted that was not synchronous) is
// behind what nodes have shown ([journal.ErrBehind]). A node that sees that refuses
// for good.
package lease
