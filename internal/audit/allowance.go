package audit

import (
	"errors"
	"sync"
	"time"
)

// What callers whom nobody knows may have recorded, in bytes of records before they
// are compressed: so much at once, and so much a second for good. Whoever has no
// credentials could fill the disk otherwise.
const (
	sourceBurst, sourceRate = 16 << 20, 4 << 10
	allBurst, allRate       = 64 << 20, 32 << 10
)

// maxSources bounds the memory for sources; further ones share what is for all.
const maxSources = 100_000

// ErrTooMany says that a call of nobody known is not recorded, because there were too
// many. Its caller must be told nothing else.
var ErrTooMany = errors.New("audit: too many calls of callers that are not known")

// An allowance is what callers that are not known may still have recorded.
type allowance struct {
	mu      sync.Mutex
	all     bucket
	sources map[string]*bucket
	pruned  time.Time
	refused uint64
}

// A bucket is what is left of a burst. The zero value is full.
type bucket struct {
	used int64
	at   time.Time
}

// fill gives back what has come in since the last time. A clock that was set back
// gives nothing.
func (b *bucket) fill(rate int64, now time.Time) {
	if seconds := int64(now.Sub(b.at) / time.Second); seconds > 0 {
		b.used = max(0, b.used-min(seconds, allBurst)*rate)
		b.at = now
	} else if seconds < 0 {
		b.at = now
	}
}

// take takes so many bytes for a source, if there are as many.
func (a *allowance) take(source string, bytes int, now time.Time) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	n := int64(bytes)
	a.all.fill(allRate, now)
	b := a.source(source, now)
	if a.all.used+n > allBurst || b != nil && b.used+n > sourceBurst {
		a.refused++
		return false
	}
	a.all.used += n
	if b != nil {
		b.used += n
	}
	return true
}

// source is a source's bucket; nil when there are too many.
func (a *allowance) source(name string, now time.Time) *bucket {
	if b := a.sources[name]; b != nil {
		b.fill(sourceRate, now)
		return b
	}
	if len(a.sources) >= maxSources {
		a.prune(now)
	}
	if len(a.sources) >= maxSources {
		return nil
	}
	if a.sources == nil {
		a.sources = make(map[string]*bucket)
	}
	b := &bucket{at: now}
	a.sources[name] = b
	return b
}

// prune forgets the sources that have used nothing, once a minute at most.
func (a *allowance) prune(now time.Time) {
	if since := now.Sub(a.pruned); since >= 0 && since < time.Minute {
		return
	}
	a.pruned = now
	for name, b := range a.sources {
		if b.fill(sourceRate, now); b.used == 0 {
			delete(a.sources, name)
		}
	}
}

// AppendUnknown is Append for a call whose caller is not known: it proved nothing.
// source is where it comes from. Beyond what such callers may have recorded it is
// ErrTooMany.
func (l *Log) AppendUnknown(source, account string, record []byte) error {
	if !l.unknown.take(source, len(record), l.now()) {
		return ErrTooMany
	}
	return l.Append(account, record)
}

// Unrecorded is how many calls were refused with ErrTooMany.
func (l *Log) Unrecorded() uint64 {
	l.unknown.mu.Lock()
	defer l.unknown.mu.Unlock()
	return l.unknown.refused
}
