package credential

import (
	"context"
	"fmt"
	"sync"
	"time"

	"sallyport/internal/journal"
)

const (
	// prunedAbove is how many holders are remembered before those whose time is
	// over are forgotten.
	prunedAbove = 1000
	// maxHolders bounds the memory. Beyond it nobody new may try.
	maxHolders = 200_000
	// believed is for how long all places of a holder are known to be taken before
	// the journal is asked again: one may be given back meanwhile.
	believed = time.Second
)

// Attempts bounds how often a holder's secret is guessed, on all nodes together. An
// attempt counts as wrong from its beginning, so that parallel ones are bounded
// too, and whatever becomes of it.
//
// It is counted twice. Each node counts in memory, from a holder's first attempt
// on: beyond the limit there it asks nobody. Within it the attempt must also take
// one of the holder's places among the journal's facts, of which there are as many
// in each window as there may be wrong secrets; windows are the same for all nodes
// and begin at whole multiples of their length. So in any time of that length there
// are at most twice as many, on however many nodes.
//
// It is safe for concurrent use.
type Attempts struct {
	facts  journal.Facts
	name   string
	most   int
	window time.Duration

	mu      sync.Mutex
	holders map[string]*attempts
	pruned  time.Time
}

type attempts struct {
	since time.Time
	wrong int
	full  time.Time // until when no place is free, as far as is known
}

// NewAttempts returns a count of so many wrong secrets in each window. The name
// tells it from others in the journal.
func NewAttempts(facts journal.Facts, name string, most int, window time.Duration) *Attempts {
	return &Attempts{facts: facts, name: name, most: most, window: window, holders: make(map[string]*attempts)}
}

// An Attempt is one that was counted.
type Attempt struct {
	of           *Attempts
	holder, fact string
}

// Begin counts an attempt. When there were too many wrong ones it returns none, and
// how long it must wait. The holder's name is a part of a fact's key, so it has to
// be short and may be read by who reads the store. An error is the journal's; then
// the attempt must not be made.
func (a *Attempts) Begin(ctx context.Context, holder string, now time.Time) (*Attempt, time.Duration, error) {
	n, wait := a.count(holder, now)
	if wait > 0 {
		return nil, wait, nil
	}
	fact, err := a.take(ctx, holder, n, now)
	if err != nil {
		a.uncount(holder)
		return nil, 0, err
	}
	if fact == "" {
		a.uncount(holder)
		return nil, a.believeFull(holder, now), nil
	}
	return &Attempt{a, holder, fact}, 0, nil
}

// count counts an attempt on this node, and returns how many were counted before.
func (a *Attempts) count(holder string, now time.Time) (n int, wait time.Duration) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.prune(now)
	h := a.holders[holder]
	if h == nil && len(a.holders) >= maxHolders {
		return 0, a.window
	}
	if h == nil || now.Sub(h.since) >= a.window {
		h = &attempts{since: now}
		a.holders[holder] = h
	}
	if h.wrong >= a.most {
		return 0, max(h.since.Add(a.window).Sub(now), time.Second)
	}
	if now.Before(h.full) {
		return 0, a.untilNext(now)
	}
	h.wrong++
	return h.wrong - 1, 0
}

func (a *Attempts) uncount(holder string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if h := a.holders[holder]; h != nil {
		h.wrong, h.full = max(h.wrong-1, 0), time.Time{}
	}
}

// take takes the first of the holder's places in the window that is free, looking
// from the nth on, where it is if this node alone took any; none when all are taken.
func (a *Attempts) take(ctx context.Context, holder string, n int, now time.Time) (fact string, err error) {
	from := now.Truncate(a.window)
	for i := range a.most {
		fact := fmt.Sprintf("attempt/%s/%s/%d/%d", a.name, holder, from.Unix(), (n+i)%a.most)
		// Another node's clock may be behind.
		first, err := a.facts.Once(ctx, fact, from.Add(a.window+time.Minute))
		if first || err != nil {
			return fact, err
		}
	}
	return "", nil
}

// believeFull remembers that a holder has no place, and returns for how long at
// most.
func (a *Attempts) believeFull(holder string, now time.Time) time.Duration {
	a.mu.Lock()
	defer a.mu.Unlock()
	wait := a.untilNext(now)
	if h := a.holders[holder]; h != nil {
		h.full = now.Add(min(wait, believed))
	}
	return wait
}

// untilNext is how long the nodes' window still lasts.
func (a *Attempts) untilNext(now time.Time) time.Duration {
	return max(now.Truncate(a.window).Add(a.window).Sub(now), time.Second)
}

// prune forgets holders whose time is over, now and then. It is called with mu
// held.
func (a *Attempts) prune(now time.Time) {
	if len(a.holders) <= prunedAbove || now.Sub(a.pruned) < a.window/10 {
		return
	}
	a.pruned = now
	for name, h := range a.holders {
		if now.Sub(h.since) >= a.window {
			delete(a.holders, name)
		}
	}
}

// GiveBack says that the attempt was not wrong; those before it still count. When
// it is an error, which is the journal's, so does this one.
func (t *Attempt) GiveBack(ctx context.Context) error {
	if err := t.of.facts.DeleteFact(ctx, t.fact); err != nil {
		return err
	}
	t.of.uncount(t.holder)
	return nil
}
