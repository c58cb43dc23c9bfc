package cloudtrail

import (
	"context"
	"fmt"
	"time"

	"sallyport/internal/journal"
	"sallyport/internal/state"
)

// changes are the records in an account's entries, the newest first. A change stands
// where it took effect.
type changes struct {
	store  Entries
	stream state.StreamID
	next   state.Revision // of the next entry; 0 when there is none
	since  time.Time
	// read are entries up to next, the oldest first.
	read         []state.Entry
	count, bytes int // of what was read last
	spent        int
}

// peek returns the next entry that has a record; nil when there is none.
func (c *changes) peek(ctx context.Context) (*state.Entry, error) {
	for c.next > 0 {
		if len(c.read) == 0 {
			if err := c.fetch(ctx); err != nil {
				return nil, err
			}
		}
		e := &c.read[len(c.read)-1]
		switch {
		case e.Time.Before(c.since):
			c.next = 0
			return nil, nil
		case e.Audit != nil:
			return e, nil
		}
		c.pass()
	}
	return nil, nil
}

func (c *changes) fetch(ctx context.Context) error {
	n := min(c.next, state.Revision(batch(c.count, c.bytes)))
	entries, err := c.store.Entries(ctx, c.stream, c.next-n, int(n))
	if err != nil {
		return err
	}
	if len(entries) != int(n) {
		return fmt.Errorf("cloudtrail: stream %s: %w: %d of %d entries up to revision %d", c.stream, journal.ErrCorrupt, len(entries), n, c.next)
	}
	c.read, c.count, c.bytes = entries, len(entries), 0
	for i := range entries {
		c.bytes += overhead + len(entries[i].Audit)
		for j := range entries[i].Changes {
			c.bytes += len(entries[i].Changes[j].Value)
		}
	}
	return nil
}

func (c *changes) pass() {
	e := &c.read[len(c.read)-1]
	c.spent += overhead + len(e.Audit)
	c.read, c.next = c.read[:len(c.read)-1], c.next-1
}
