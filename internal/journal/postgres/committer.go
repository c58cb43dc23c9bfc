package postgres

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"

	"sallyport/internal/journal"
)

const (
	queueLength   = 1024
	maxGroup      = 512     // batches of one transaction
	maxGroupBytes = 8 << 20 // after which no further batch is taken into it
)

// pending is one caller's batch on its way through the committer.
type pending struct {
	ctx    context.Context
	batch  *journal.Batch
	digest [sha256.Size]byte
	size   int // bytes, about
	since  time.Time

	claimed atomic.Bool // by the committer when it takes it, or by a caller giving up
	unsure  bool        // a transaction it was in may have been committed
	err     error
	done    chan struct{}
}

func (p *pending) answer(err error) {
	p.err = err
	close(p.done)
}

// remembered reports whether the batch's id is.
func (p *pending) remembered() bool { return p.batch.ID != "" && p.batch.Writes() }

// Commit implements [journal.Streams]. Once the batch is taken into a transaction
// its context ends it only while it is certain that nothing was written.
func (s *Store) Commit(ctx context.Context, b journal.Batch) error {
	if err := b.Validate(); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	p := &pending{ctx: ctx, batch: &b, since: time.Now(), done: make(chan struct{})}
	for i := range b.Entries {
		p.size += 64 + len(b.Entries[i].Data)
	}
	for i := range b.Secrets {
		p.size += 64 + len(b.Secrets[i].Sealed)
	}
	if p.remembered() {
		p.digest = b.Digest()
	}
	if err := s.enqueue(p); err != nil {
		return err
	}
	select {
	case <-p.done:
		return p.err
	case <-ctx.Done():
		if p.claimed.CompareAndSwap(false, true) {
			return ctx.Err()
		}
		<-p.done
		return p.err
	}
}

func (s *Store) enqueue(p *pending) error {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.closed {
		return journal.ErrClosed
	}
	select {
	case s.committer.queue <- p:
		return nil
	case <-p.ctx.Done():
		return p.ctx.Err()
	}
}

// committer is the goroutine that commits, on a connection of its own.
type committer struct {
	store   *Store
	conn    *pgx.Conn // nil while there is none
	queue   chan *pending
	stopped chan struct{}
}

func newCommitter(s *Store) *committer {
	return &committer{store: s, queue: make(chan *pending, queueLength), stopped: make(chan struct{})}
}

func (c *committer) run() {
	defer close(c.stopped)
	for first := range c.queue {
		if group := c.collect(first); len(group) > 0 {
			c.commit(group)
		}
	}
	c.disconnect()
}

// collect takes what is waiting, up to the bounds of a group.
func (c *committer) collect(next *pending) []*pending {
	var group []*pending
	for size := 0; ; {
		if next.claimed.CompareAndSwap(false, true) {
			group = append(group, next)
			size += next.size
		}
		if len(group) == maxGroup || size >= maxGroupBytes {
			return group
		}
		select {
		case more, open := <-c.queue:
			if !open {
				return group
			}
			next = more
		default:
			return group
		}
	}
}

// commit has a group decided on and made durable, and answers every batch in it.
func (c *committer) commit(group []*pending) {
	for n := 0; len(group) > 0; n++ {
		err := c.try(group)
		var t *transient
		switch {
		case err == nil:
			c.settle()
			for _, p := range group {
				p.answer(p.err)
			}
			return
		case errors.As(err, &t):
			if t.lost {
				c.disconnect()
			}
			pause := t.pause(n)
			if group = c.remaining(group, err, pause); len(group) > 0 {
				time.Sleep(pause)
			} else {
				c.settle()
			}
		case len(group) > 1:
			// One batch that can't be stored must not fail those that can.
			for _, p := range group {
				c.commit([]*pending{p})
			}
			return
		default:
			c.settle()
			if group[0].unsure {
				err = gaveUp(true, err)
			}
			group[0].answer(err)
			return
		}
	}
}

// remaining answers the batches of a failed group that are not to be tried again
// after the pause, and returns the others.
func (c *committer) remaining(group []*pending, cause error, pause time.Duration) []*pending {
	var rest []*pending
	for _, p := range group {
		switch {
		case p.unsure && !p.remembered():
			p.answer(gaveUp(true, cause)) // nothing would tell it from another one
		case !p.unsure && p.ctx.Err() != nil:
			p.answer(p.ctx.Err())
		case time.Since(p.since)+pause > c.store.options.Patience:
			p.answer(gaveUp(p.unsure, cause))
		default:
			rest = append(rest, p)
		}
	}
	return rest
}

// try runs the group's transaction. It returns nil when the group is decided, and
// durable where it was accepted; each batch has its answer then.
func (c *committer) try(group []*pending) error {
	ctx := context.Background()
	if err := c.connect(ctx); err != nil {
		return err
	}
	t := newTransaction()
	if err := failure(c.conn, t.begin(ctx, c.conn, group)); err != nil {
		return sure(err)
	}
	for _, p := range group {
		p.unsure = false // a transaction that gets here has outlived the one before
		p.err = t.decide(p)
	}
	if len(t.accepted)+len(t.found) == 0 {
		return nil
	}
	t.trim()
	if err := failure(c.conn, t.write(ctx, c.conn, c.store.hints.queue)); err != nil {
		var lost *transient
		if errors.As(err, &lost) && lost.applied {
			doubt(t.accepted)
		}
		doubt(t.found)
		return err
	}
	c.announce(t)
	return nil
}

// doubt marks batches of which nobody can say that they were not written.
func doubt(batches []*pending) {
	for _, p := range batches {
		p.unsure = true
	}
}

// sure strips an error of the transaction's first half of doubt.
func sure(err error) error {
	var t *transient
	if errors.As(err, &t) {
		t.applied = false
	}
	return err
}

// announce tells the watchers which streams advanced.
func (c *committer) announce(t *transaction) {
	if streams := t.advanced(); len(streams) > 0 {
		c.store.feed.Announce(streams...)
	}
}

// settle ends a transaction that is still open, and with it the lock.
func (c *committer) settle() {
	if c.conn != nil {
		rollback(context.Background(), c.conn)
	}
}

func (c *committer) connect(ctx context.Context) error {
	if c.conn != nil && !c.conn.IsClosed() {
		return nil
	}
	conn, err := pgx.ConnectConfig(ctx, c.store.config.Copy())
	if err != nil {
		return connectFailure(err)
	}
	// Prepared by name: what pgx prepares by itself it prepares anew after an error,
	// and losing a race is one.
	for _, statement := range statements {
		if _, err := conn.Prepare(ctx, statement, statement); err != nil {
			err = failure(conn, err)
			conn.Close(ctx) //nolint:errcheck // given up
			return sure(err)
		}
	}
	c.conn = conn
	return nil
}

func (c *committer) disconnect() {
	if c.conn != nil {
		ctx, cancel := context.WithTimeout(context.Background(), c.store.options.RoundTrip)
		defer cancel()
		c.conn.Close(ctx) //nolint:errcheck // given up
		c.conn = nil
	}
}

var errNotCommitted = errors.New("the server rolled back instead of committing")

// commitTag checks what COMMIT answered: in a failed transaction it rolls back and
// reports no error.
func commitTag(tag string) error {
	if tag != "COMMIT" {
		return &transient{err: fmt.Errorf("postgres: %w", errNotCommitted)}
	}
	return nil
}
