package postgres

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"sallyport/internal/journal"
	"sallyport/internal/journal/group"
)

// pending is one caller's batch on its way through the committer.
type pending struct {
	ctx    context.Context
	batch  *journal.Batch
	digest [sha256.Size]byte
	since  time.Time
	unsure bool // a transaction it was in may have been committed
	err    error
	*group.Ticket
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
	size := 0
	for i := range b.Entries {
		size += 64 + len(b.Entries[i].Data)
	}
	for i := range b.Secrets {
		size += 64 + len(b.Secrets[i].Sealed)
	}
	p := &pending{ctx: ctx, batch: &b, since: time.Now(), Ticket: group.NewTicket(size)}
	if p.remembered() {
		p.digest = b.Digest()
	}
	if err := s.enqueue(p); err != nil {
		return err
	}
	return p.Wait(ctx)
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
	return &committer{store: s, queue: make(chan *pending, group.QueueLength), stopped: make(chan struct{})}
}

func (c *committer) run() {
	defer close(c.stopped)
	for first := range c.queue {
		if batches := group.Collect(first, c.queue); len(batches) > 0 {
			c.commit(batches)
		}
	}
	c.disconnect()
}

// commit has a group decided on and made durable, and answers every batch in it.
func (c *committer) commit(batches []*pending) {
	for n := 0; len(batches) > 0; n++ {
		err := c.try(batches)
		var t *transient
		switch {
		case err == nil:
			c.settle()
			for _, p := range batches {
				p.Answer(p.err)
			}
			return
		case errors.As(err, &t):
			if t.lost {
				c.giveUp()
			}
			pause := t.pause(n)
			if batches = c.remaining(batches, err, pause); len(batches) > 0 {
				time.Sleep(pause)
			} else {
				c.settle()
			}
		case len(batches) > 1 && c.conn != nil:
			// One batch that can't be stored must not fail those that can. Without a
			// connection none could.
			for _, p := range batches {
				c.commit([]*pending{p})
			}
			return
		default:
			c.settle()
			for _, p := range batches {
				if p.unsure {
					p.Answer(gaveUp(true, err))
				} else {
					p.Answer(err)
				}
			}
			return
		}
	}
}

// remaining answers the batches of a failed group that are not to be tried again
// after the pause, and returns the others.
func (c *committer) remaining(batches []*pending, cause error, pause time.Duration) []*pending {
	var rest []*pending
	for _, p := range batches {
		switch {
		case p.unsure && !p.remembered():
			p.Answer(gaveUp(true, cause)) // nothing would tell it from another one
		case !p.unsure && p.ctx.Err() != nil:
			p.Answer(p.ctx.Err())
		case time.Since(p.since)+pause > c.store.options.Patience:
			p.Answer(gaveUp(p.unsure, cause))
		default:
			rest = append(rest, p)
		}
	}
	return rest
}

// try runs the group's transaction. It returns nil when the group is decided, and
// durable where it was accepted; each batch has its answer then.
func (c *committer) try(batches []*pending) error {
	ctx := context.Background()
	if err := c.connect(ctx); err != nil {
		return err
	}
	seen := c.store.newest.load()
	t := newTransaction()
	if err := failure(c.conn, t.begin(ctx, c.conn, batches)); err != nil {
		return sure(err)
	}
	if before := journal.Position(t.before); before < seen {
		return behind(before, seen)
	}
	for _, p := range batches {
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
	c.store.newest.raise(journal.Position(t.position))
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

// giveUp ends a connection that is of no more use. Those of the pool lead to the
// same server, which may not be the one that takes writes any more.
func (c *committer) giveUp() {
	if c.conn != nil {
		c.store.giveUpPool(time.Now())
	}
	c.disconnect()
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
