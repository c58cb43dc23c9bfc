package credential

import (
	"sync"
	"time"
)

// How many wrong secrets may be tried for one holder, and in what time, unless
// said otherwise.
const (
	defaultAttempts = 5
	defaultWindow   = 5 * time.Minute
)

const (
	// prunedAbove is how many holders are remembered before those whose time is
	// over are forgotten.
	prunedAbove = 1000
	// maxHolders bounds the memory. Beyond it nobody new may try.
	maxHolders = 200_000
)

// Attempts bounds how often a holder's secret is guessed. An attempt counts as
// wrong from its beginning, so that parallel ones are bounded too, and whatever
// becomes of it. It is safe for concurrent use, and its zero value is ready.
type Attempts struct {
	// Max is how many wrong ones there may be in a Window; 0 is five in five
	// minutes.
	Max    int
	Window time.Duration

	mu      sync.Mutex
	holders map[string]*attempts
	pruned  time.Time
}

type attempts struct {
	since   time.Time
	wrong   int
	request string // the last one, which may come again
}

func (a *Attempts) limits() (most int, window time.Duration) {
	if a.Max == 0 {
		return defaultAttempts, defaultWindow
	}
	return a.Max, a.Window
}

// Begin counts an attempt of a request, once however often that is carried out.
// It returns 0 when it may be made, else how long it must wait, because there were
// too many wrong ones.
func (a *Attempts) Begin(holder, request string, now time.Time) (wait time.Duration) {
	a.mu.Lock()
	defer a.mu.Unlock()
	most, window := a.limits()
	a.prune(now, window)
	h := a.holders[holder]
	if h == nil && len(a.holders) >= maxHolders {
		return window
	}
	if h == nil || now.Sub(h.since) >= window {
		if a.holders == nil {
			a.holders = make(map[string]*attempts)
		}
		h = &attempts{since: now}
		a.holders[holder] = h
	}
	if h.request != request {
		h.request = request
		h.wrong = min(h.wrong+1, most+1)
	}
	if h.wrong > most {
		return max(h.since.Add(window).Sub(now), time.Second)
	}
	return 0
}

// prune forgets holders whose time is over, now and then. It is called with mu
// held.
func (a *Attempts) prune(now time.Time, window time.Duration) {
	if len(a.holders) <= prunedAbove || now.Sub(a.pruned) < window/10 {
		return
	}
	a.pruned = now
	for name, h := range a.holders {
		if now.Sub(h.since) >= window {
			delete(a.holders, name)
		}
	}
}

// Right says that the holder's last attempt was not wrong: it and those before it
// are forgotten.
func (a *Attempts) Right(holder string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.holders, holder)
}

// GiveBack says that one attempt of the holder was not wrong, and leaves those
// before it: for a holder that many share, such as an address.
func (a *Attempts) GiveBack(holder string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if h := a.holders[holder]; h != nil && h.wrong > 0 {
		h.wrong--
	}
}
