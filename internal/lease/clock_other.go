//go:build !linux

package lease

import (
	"sync"
	"time"
)

var boot struct {
	sync.Mutex
	last    time.Time
	elapsed time.Duration
}

// BootClock is the time since the first call, in suspension or not. Of the
// monotonic clock, which may stop while the machine sleeps, and the wall clock,
// which may be set, it goes with the one that went further: a lease may then seem
// older than it is, never younger.
func BootClock() time.Duration {
	boot.Lock()
	defer boot.Unlock()
	now := time.Now()
	if !boot.last.IsZero() {
		boot.elapsed += max(now.Sub(boot.last), now.Round(0).Sub(boot.last.Round(0)), 0)
	}
	boot.last = now
	return boot.elapsed
}
