package lease

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"sallyport/internal/journal"
)

// DefaultTTL is a TTL that survives the pauses of an ordinary database, and is
// still short to wait for when a node dies.
const DefaultTTL = 5 * time.Second

// MinTTL is the shortest TTL: below it, a garbage collection or a slow disk would
// make nodes refuse.
const MinTTL = 300 * time.Millisecond

// MaxTTL is the longest TTL: all writers wait for so long when a node dies.
const MaxTTL = journal.MaxLease

// Tenths of the TTL; see the package comment.
const (
	usable = 6 // since the node set out to renew, it may answer so long
	gone   = 7 // seen unchanged for so long, a lease is over
)

const (
	// renewals is how many renewals begin in one TTL.
	renewals = 6
	// forgotten is after how many TTLs the lease of a node that died is deleted.
	forgotten = 10
	// pollInterval is how often a node looks for commits of others when no hint
	// comes.
	pollInterval = 25 * time.Millisecond
	// A writer that waits for other nodes looks again after 1 ms, and then less
	// and less often, when no hint comes.
	minWait, maxWait = time.Millisecond, 16 * time.Millisecond
)

var (
	// ErrLost: the node could not renew its lease in time, and must not answer. The
	// store could not be reached, or what it holds could not be applied.
	ErrLost = errors.New("lease: this node has lost the store, or can't apply what it holds")
	// ErrBehind: the store lacks commits that this node has shown. The node must
	// not answer any more; an operator has to look.
	ErrBehind = errors.New("lease: the store has lost changes that were acknowledged")
	// ErrLeft: the node has left.
	ErrLeft = errors.New("lease: this node has left")
)

// Config is what [Join] needs. Store, Node and Apply are required.
type Config struct {
	Store journal.Shared
	// Node names this start of the server; it is never used again.
	Node string
	// Apply makes the node show the streams at these revisions or later ones.
	// [journal.ErrBehind]: what is there does not continue what the node shows.
	Apply func(context.Context, map[journal.StreamID]journal.Revision) error
	// TTL is from MinTTL to MaxTTL; 0 is DefaultTTL. Nodes may have different ones.
	TTL time.Duration
	// Clock is steady and goes on in suspension; nil is [BootClock].
	Clock  func() time.Duration
	Logger *slog.Logger // nil discards
}

// Node is this process's place among the nodes of a store. Its methods may be
// called from any number of goroutines.
type Node struct {
	config Config
	store  journal.Shared
	log    *slog.Logger

	until  atomic.Int64 // on Clock: requests are answered before it
	failed atomic.Pointer[error]

	following chan struct{} // holds a token while somebody applies
	reported  journal.Position
	applied   atomic.Uint64
	alone     atomic.Bool // no other lease was seen last

	name    atomic.Pointer[string]
	renewal renewal // of the goroutine that renews

	seen    sightings
	stirs   broadcast
	metrics metrics

	stop context.CancelFunc
	done sync.WaitGroup
}

// renewal is the newest one that is known to be stored, and the one under way.
type renewal struct {
	joined int // how often the node has joined
	stored uint64
	began  time.Duration // when the first try of the one after stored began
	trying bool
}

// join takes a name of its own for each time the node joins: were renewals counted
// from 1 again under one name, another node could take them for the old ones.
func (n *Node) join() {
	n.renewal = renewal{joined: n.renewal.joined + 1}
	n.name.Store(new(fmt.Sprintf("%s.%d", n.config.Node, n.renewal.joined)))
}

// Join makes the process a node of the store: its lease is there, and everything
// committed before that is applied, when it returns.
func Join(ctx context.Context, c Config) (*Node, error) {
	switch {
	case c.Store == nil || c.Node == "" || c.Apply == nil:
		return nil, errors.New("lease: Config lacks Store, Node or Apply")
	case c.TTL == 0:
		c.TTL = DefaultTTL
	}
	if c.TTL < MinTTL || c.TTL > MaxTTL {
		return nil, fmt.Errorf("lease: %v must be from %v to %v", c.TTL, MinTTL, MaxTTL)
	}
	c.TTL = c.TTL.Truncate(time.Millisecond)
	if c.Clock == nil {
		c.Clock = BootClock
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	n := &Node{config: c, store: c.Store, log: c.Logger, metrics: newMetrics(), following: make(chan struct{}, 1)}
	n.join()
	background, stop := context.WithCancel(context.WithoutCancel(ctx))
	n.stop = stop
	stirred, err := c.Store.Stirred(background)
	if err != nil {
		stop()
		return nil, fmt.Errorf("lease: %w", err)
	}
	err = n.renew(ctx)
	if err == nil {
		err = n.look(ctx)
	}
	if err != nil {
		stop()
		return nil, fmt.Errorf("lease: joining the other nodes: %w", err)
	}
	n.done.Go(func() { n.spread(stirred) })
	n.done.Go(func() { n.keepRenewing(background) })
	n.done.Go(func() { n.keepLooking(background) })
	n.done.Go(func() { n.keepFollowing(background) })
	return n, nil
}

// Check says whether the node may answer a request that has arrived: nil, or why
// not. What the node shows when Check returns nil is not older than what any node
// had acknowledged when Check was called.
func (n *Node) Check() error {
	if failed := n.failed.Load(); failed != nil {
		return *failed
	}
	if late := n.config.Clock() - time.Duration(n.until.Load()); late >= 0 {
		return fmt.Errorf("%w: its lease ended %v ago", ErrLost, late.Round(time.Millisecond))
	}
	return nil
}

// Left is how long the node may answer without another renewal; 0 or less when it
// may not.
func (n *Node) Left() time.Duration {
	if n.failed.Load() != nil {
		return 0
	}
	return time.Duration(n.until.Load()) - n.config.Clock()
}

// Leave gives the lease up, so that no writer waits for it. The node must have
// stopped answering.
func (n *Node) Leave(ctx context.Context) error {
	n.stop()
	n.done.Wait()
	n.fail(ErrLeft)
	if err := n.store.Release(ctx, *n.name.Load(), n.renewal.stored); err != nil {
		return fmt.Errorf("lease: %w", err)
	}
	return nil
}

// fail makes the node refuse for good. The first reason stays.
func (n *Node) fail(err error) { n.failed.CompareAndSwap(nil, &err) }

// keepRenewing renews until ctx is done.
func (n *Node) keepRenewing(ctx context.Context) {
	interval := n.config.TTL / renewals
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	lost := false
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		err := n.renew(ctx)
		if err == nil && n.Left() <= 0 {
			err = n.renew(ctx) // it was a late answer to an early try
		}
		if ctx.Err() != nil || errors.Is(err, journal.ErrClosed) {
			return
		}
		if err != nil {
			n.log.Warn("the node's lease was not renewed", "left", n.Left().Round(time.Millisecond), "error", err)
		}
		if refusing := n.Check() != nil; refusing != lost {
			lost = refusing
			if lost {
				n.metrics.refusals.Inc()
				n.log.Error("this node has lost the store and refuses requests until it is back")
			} else {
				n.log.Info("the node's lease is renewed; requests are answered again")
			}
		}
	}
}

// renew renews the lease, applies what the journal holds by then, and extends the
// time in which requests are answered. A node that can't apply what is there lets
// its lease run out, or every writer would wait for it for ever.
func (n *Node) renew(ctx context.Context) error {
	if failed := n.failed.Load(); failed != nil {
		return *failed
	}
	if err := n.follow(ctx); err != nil {
		return err
	}
	r := &n.renewal
	if !r.trying {
		// Tries of one renewal count from the first: it may have been stored.
		r.began, r.trying = n.config.Clock(), true
	}
	began := r.began
	try, cancel := context.WithTimeout(ctx, n.config.TTL)
	defer cancel()
	err := n.store.Renew(try, journal.Lease{
		Node: *n.name.Load(), Renewal: r.stored + 1, TTL: n.config.TTL, Applied: journal.Position(n.applied.Load()),
	})
	if errors.Is(err, journal.ErrNotFound) {
		n.join() // the others have taken this node for dead
		return err
	}
	if err != nil {
		return err
	}
	r.stored, r.trying = r.stored+1, false
	// Again: others may have gone on without this node until it was renewed.
	if err := n.follow(ctx); err != nil {
		return err
	}
	n.until.Store(int64(began + n.config.TTL*usable/10))
	return nil
}

// keepLooking looks at the other nodes' leases until ctx is done. It waits for
// nothing else: a commit of this node that waits for a node that has died keeps the
// node from following, and so from renewing, and the time until that commit goes
// through must count for the lease of the node that has died.
func (n *Node) keepLooking(ctx context.Context) {
	ticker := time.NewTicker(n.config.TTL / renewals)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		err := n.look(ctx)
		if ctx.Err() != nil || errors.Is(err, journal.ErrClosed) {
			return
		}
		if err != nil {
			n.log.Warn("the other nodes' leases were not read", "error", err)
		}
	}
}

// look learns of the other nodes, and forgets those that died long ago.
func (n *Node) look(ctx context.Context) error {
	leases, _, err := n.store.Leases(ctx)
	if err != nil {
		return err
	}
	n.see(leases)
	for _, l := range leases {
		if l.Node == *n.name.Load() || n.seen.unchanged(l, n.config.Clock()) < forgotten*l.TTL {
			continue
		}
		if err := n.store.Release(ctx, l.Node, l.Renewal); err != nil {
			return err
		}
		n.log.Info("a node that died was forgotten", "node", l.Node)
	}
	return nil
}
