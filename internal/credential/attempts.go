package credential

import (
	"sync"
	"time"
)

// How many wrong secrets may be tried for one holder, and in what time.
const (
	maxAttempts   = 5
	attemptWindow = 5 * time.Minute
)

// prunedAbove is how many holders are remembered before those whose time is over
// are forgotten.
const prunedAbove = 1000

// Attempts bounds how often a holder's secret is guessed. An attempt counts as
// wrong from its beginning, so that parallel ones are bounded too. It is safe for
// concurrent use, and its zero value is ready.
type Attempts struct {
	mu      sync.Mutex
	holders map[string]*attempts
}

type attempts struct {
	since   time.Time
	wrong   int
	request string // the last one, which may come again
}

// Begin counts an attempt of a request, once however often that is carried out,
// and reports whether it may be made: there were fewer than five wrong ones in the
// last five minutes.
func (a *Attempts) Begin(holder, request string, now time.Time) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.holders) > prunedAbove {
		for name, h := range a.holders {
			if now.Sub(h.since) >= attemptWindow {
				delete(a.holders, name)
			}
		}
	}
	h := a.holders[holder]
	if h == nil || now.Sub(h.since) >= attemptWindow {
		if a.holders == nil {
			a.holders = make(map[string]*attempts)
		}
		h = &attempts{since: now}
		a.holders[holder] = h
	}
	if h.request == request {
		return h.wrong <= maxAttempts
	}
	h.request = request
	h.wrong = min(h.wrong+1, maxAttempts+1)
	return h.wrong <= maxAttempts
}

// Right says that the holder's last attempt was not wrong: it and those before it
// are forgotten.
func (a *Attempts) Right(holder string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.holders, holder)
}
