package journal

import (
	"context"
	"fmt"
	"math"
	"time"
)

// Position orders the commits of a shared store over all its streams. Every
// commit that writes has a position above those of the commits that became
// visible before it. 0 is before the first.
type Position uint64

// MaxLease bounds [Lease.TTL]: for so long every writer waits for a node that died.
const MaxLease = time.Minute

// Lease is what one node says of itself in a shared store. Package lease owns
// the protocol; a driver only keeps it.
type Lease struct {
	// Node is chosen anew by each start of a server.
	Node string
	// Renewal counts the renewals: 1 when the node joined.
	Renewal uint64
	// TTL is how long after a renewal the others take the node for alive, in
	// whole milliseconds; at most MaxLease.
	TTL time.Duration
	// Applied is the position up to which the node shows every commit.
	Applied Position
}

// Shared is a store that several nodes have open at once. Its clocks are the
// callers': no method compares times.
//
// A storage of several servers is one to the caller: what Advanced and Leases
// return holds every commit that was made or read through this store before the
// call, and every one that was there when a renewal made through it became durable.
// A moment without them is [ErrBehind].
type Shared interface {
	Store

	// Advanced returns, of one moment not before the call, the position of the
	// newest commit and the newest revision of every stream that a commit after
	// the given position appended to.
	Advanced(ctx context.Context, after Position) (map[StreamID]Revision, Position, error)

	// Renew makes l durable in place of the node's lease, whose Renewal must be
	// one less; renewal 1 makes the lease. A renewal that is there already, equal
	// in every field but Applied, is left alone, so that one whose reply was lost
	// can be sent again. [ErrNotFound]: the node has no lease, or another
	// renewal.
	Renew(ctx context.Context, l Lease) error

	// Report raises Applied of the node's lease. It need not be durable, and
	// does nothing for a node without a lease.
	Report(ctx context.Context, node string, applied Position) error

	// Leases returns every lease and the position of the newest commit, of one
	// moment not before the call.
	Leases(ctx context.Context) ([]Lease, Position, error)

	// Release deletes the node's lease if it is at that renewal.
	Release(ctx context.Context, node string, renewal uint64) error

	// Stirred returns a channel of hints that another node committed or
	// reported. Hints are coalesced, may be spurious and may never come;
	// correctness never relies on them. The channel is closed when ctx is done or
	// the store is closed.
	Stirred(ctx context.Context) (<-chan struct{}, error)
}

// Validate checks a lease handed to Renew.
func (l *Lease) Validate() error {
	if err := checkName("node id", l.Node); err != nil {
		return err
	}
	switch {
	case l.Renewal == 0 || l.Renewal > math.MaxInt64:
		return fmt.Errorf("renewal %d: %w", l.Renewal, ErrInvalid)
	case l.TTL <= 0 || l.TTL > MaxLease || l.TTL%time.Millisecond != 0:
		return fmt.Errorf("lease of %v: %w", l.TTL, ErrInvalid)
	case l.Applied > math.MaxInt64:
		return fmt.Errorf("applied position %d: %w", l.Applied, ErrInvalid)
	}
	return nil
}
