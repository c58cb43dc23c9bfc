package lease

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"sallyport/internal/journal"
)

// keepFollowing applies what other nodes commit until ctx is done.
func (n *Node) keepFollowing(ctx context.Context) {
	timer := time.NewTimer(pollInterval)
	defer timer.Stop()
	said := ""
	for {
		stirred := n.stirs.next()
		err := n.follow(ctx)
		if ctx.Err() != nil || errors.Is(err, journal.ErrClosed) {
			return
		}
		if err == nil {
			said = ""
		} else if text := err.Error(); text != said { // once, not at every look
			said = text
			n.log.Warn("what other nodes committed could not be applied", "error", err)
		}
		timer.Reset(pollInterval)
		select {
		case <-ctx.Done():
			return
		case <-stirred:
		case <-timer.C:
		}
	}
}

// follow applies everything committed before the call, and reports it.
func (n *Node) follow(ctx context.Context) error {
	select {
	case n.following <- struct{}{}:
		defer func() { <-n.following }()
	case <-ctx.Done():
		return ctx.Err()
	}
	applied := journal.Position(n.applied.Load())
	streams, at, err := n.store.Advanced(ctx, applied)
	if err == nil && at < applied {
		err = fmt.Errorf("%w: it is at position %d, this node at %d", journal.ErrBehind, at, applied)
	}
	if err == nil && len(streams) > 0 {
		err = n.config.Apply(ctx, streams)
	}
	if errors.Is(err, journal.ErrBehind) {
		n.fail(fmt.Errorf("%w: %w", ErrBehind, err))
	}
	if err != nil {
		return err
	}
	n.applied.Store(uint64(at))
	if at == n.reported || n.alone.Load() {
		return nil
	}
	if err := n.store.Report(ctx, *n.name.Load(), at); err != nil {
		return err
	}
	n.reported = at
	return nil
}

// Settle returns when every other node that may answer requests shows what this
// store committed before the call. An error means that this is not known: the
// store could not be asked.
func (n *Node) Settle(ctx context.Context) error {
	stirred := n.stirs.next()
	leases, target, err := n.store.Leases(ctx)
	if err != nil {
		return fmt.Errorf("lease: asking for the other nodes: %w", err)
	}
	for wait := minWait; ; wait = min(2*wait, maxWait) {
		n.see(leases)
		if n.settled(leases, target) {
			return nil
		}
		timer := time.NewTimer(wait)
		select {
		case <-stirred:
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		}
		timer.Stop()
		stirred = n.stirs.next()
		if leases, _, err = n.store.Leases(ctx); err != nil {
			return fmt.Errorf("lease: asking for the other nodes: %w", err)
		}
	}
}

func (n *Node) settled(leases []journal.Lease, target journal.Position) bool {
	now, self := n.config.Clock(), *n.name.Load()
	for _, l := range leases {
		if l.Node != self && l.Applied < target && n.seen.unchanged(l, now) < l.TTL*gone/10 {
			return false
		}
	}
	return true
}

// see notes leases that were just read.
func (n *Node) see(leases []journal.Lease) {
	n.seen.note(leases, n.config.Clock())
	n.metrics.nodes.Set(float64(len(leases)))
	alone := true
	for _, l := range leases {
		alone = alone && l.Node == *n.name.Load()
	}
	if n.alone.Swap(alone) && !alone {
		n.stirs.send() // report what was not reported to nobody
	}
}

// spread hands hints of the store on to all who wait.
func (n *Node) spread(stirred <-chan struct{}) {
	for range stirred {
		n.stirs.send()
	}
}

// sightings are when leases were first seen at the renewal they are at.
type sightings struct {
	mu    sync.Mutex
	nodes map[string]sighting
}

type sighting struct {
	renewal uint64
	first   time.Duration
}

// note replaces the sightings by those of leases read before now.
func (s *sightings) note(leases []journal.Lease, now time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	nodes := make(map[string]sighting, len(leases))
	for _, l := range leases {
		// Of two reads the one that began first may be noted last: an older
		// renewal then counts as seen now, which only makes a writer wait.
		if before, ok := s.nodes[l.Node]; ok && before.renewal == l.Renewal {
			nodes[l.Node] = before
		} else {
			nodes[l.Node] = sighting{l.Renewal, now}
		}
	}
	s.nodes = nodes
}

// unchanged is how long the lease has been at its renewal, as far as this node has
// seen.
func (s *sightings) unchanged(l journal.Lease, now time.Duration) time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	seen, ok := s.nodes[l.Node]
	if !ok || seen.renewal != l.Renewal {
		return 0
	}
	return now - seen.first
}

// broadcast wakes everybody who took its channel before the send.
type broadcast struct {
	mu sync.Mutex
	ch chan struct{}
}

func (b *broadcast) next() <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.ch == nil {
		b.ch = make(chan struct{})
	}
	return b.ch
}

func (b *broadcast) send() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.ch != nil {
		close(b.ch)
		b.ch = nil
	}
}
