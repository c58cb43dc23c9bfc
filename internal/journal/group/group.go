package group

import (
	"context"
	"sync/atomic"
)

const (
	// QueueLength is how many writes may wait; further callers wait to queue theirs.
	QueueLength = 1024

	maxWrites = 512     // of one transaction
	maxBytes  = 8 << 20 // after which no further write is taken into it
)

// Ticket is what a caller waits with. Drivers embed it in their writes.
type Ticket struct {
	size    int
	claimed atomic.Bool // by who commits, or by a caller giving up
	done    chan struct{}
	err     error
}

// NewTicket returns the ticket of a write of about so many bytes.
func NewTicket(size int) *Ticket { return &Ticket{size: size, done: make(chan struct{})} }

// Wait returns the answer. Once the write is taken ctx no longer matters: the
// answer is the transaction's.
func (t *Ticket) Wait(ctx context.Context) error {
	select {
	case <-t.done:
	case <-ctx.Done():
		if t.claim() {
			return ctx.Err()
		}
		<-t.done
	}
	return t.err
}

// Answer gives the caller its answer. It is called once for each write of a group.
func (t *Ticket) Answer(err error) {
	t.err = err
	close(t.done)
}

// Bytes is about how many bytes the write has.
func (t *Ticket) Bytes() int { return t.size }

func (t *Ticket) claim() bool { return t.claimed.CompareAndSwap(false, true) }

// Write is a queued write: whatever embeds a [*Ticket].
type Write interface {
	claim() bool
	Bytes() int
}

// Collect takes the write given and what waits behind it, up to the bounds of a
// transaction. Writes whose callers gave up are left out, so that there may be none.
func Collect[W Write](next W, queue <-chan W) []W {
	var group []W
	for size := 0; ; {
		if next.claim() {
			group = append(group, next)
			size += next.Bytes()
		}
		if len(group) == maxWrites || size >= maxBytes {
			return group
		}
		select {
		case more, open := <-queue:
			if !open {
				return group
			}
			next = more
		default:
			return group
		}
	}
}
