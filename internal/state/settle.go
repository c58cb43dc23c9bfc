package state

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// settler answers commands when the other nodes show what they changed. Streams'
// writers go on meanwhile: they hold their streams, and the other nodes may be
// waiting for just that to apply what they must show.
type settler struct {
	settle  func(context.Context) error // nil: there are no other nodes
	settled func(time.Duration)         // nil: nobody asks

	mu      sync.Mutex
	queue   []*pending
	running bool
}

// answer tells the callers of commands whose outcome is set and published, those
// that succeeded not before the change is in force on every node.
func (s *Store) answer(commands []*pending) {
	r := &s.settler
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, p := range commands {
		if r.settle == nil || p.err != nil {
			close(p.done)
			continue
		}
		p.durable = s.now()
		r.queue = append(r.queue, p)
	}
	if len(r.queue) > 0 && !r.running {
		r.running = true
		s.writers.Go(s.settleAll)
	}
}

// settleAll answers queued commands, all that are there at a time, until the queue
// is empty.
func (s *Store) settleAll() {
	r := &s.settler
	for {
		r.mu.Lock()
		commands := r.queue
		r.queue = nil
		if len(commands) == 0 {
			r.running = false
			r.mu.Unlock()
			return
		}
		r.mu.Unlock()
		err := r.settle(s.ctx)
		if err != nil {
			s.log.Error("whether other nodes show a change is not known", "commands", len(commands), "error", err)
		}
		for _, p := range commands {
			if err != nil {
				p.revision, p.err = 0, fmt.Errorf("%w: other nodes could not be asked if they show it: %w", ErrOutcomeUnknown, err)
			} else if r.settled != nil {
				r.settled(s.now().Sub(p.durable))
			}
			close(p.done)
		}
	}
}
