package authn

import (
	"hash/maphash"
	"maps"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"sallyport/internal/iam"
)

// lastUsedStep is how precisely the last use is kept: a use within it of the
// one noted, of the same service and Region, changes nothing.
const lastUsedStep = time.Second

// A target is what something was used for. The zero target is any.
type target struct{ service, action string }

// notes are the uses that are not written yet, or only just. The hot path, a use
// that changes nothing, takes a read lock of one shard and allocates nothing.
type notes struct{ shards [64]shard }

type shard struct {
	mu      sync.RWMutex
	records map[used]*record
}

// A record is what is noted of one key, user or role. Everything but cells, and
// what they hold, is guarded by the shard's lock.
type record struct {
	// cells are replaced when there is another target, and changed in place when
	// there is another use of one.
	cells atomic.Pointer[map[target]*atomic.Pointer[iam.LastUsed]]
	state recordState
	// changes counts them, so that one that comes during a write is seen.
	changes uint64
}

type recordState uint8

const (
	unwritten recordState = iota // has uses that the fact may lack
	unproven                     // was written, and not read back
	settled                      // the fact has all of it; dropped if it stays so
)

var seed = maphash.MakeSeed()

func (n *notes) shard(key used) *shard {
	return &n.shards[maphash.String(seed, key.id)%uint64(len(n.shards))]
}

// holds reports whether a use is as good as noted.
func (n *notes) holds(key used, t target, use iam.LastUsed) bool {
	s := n.shard(key)
	s.mu.RLock()
	r := s.records[key]
	s.mu.RUnlock()
	if r == nil {
		return false
	}
	cell := (*r.cells.Load())[t]
	if cell == nil {
		return false
	}
	old := cell.Load()
	return use.At.Sub(old.At) < lastUsedStep && old.Service == use.Service && old.Region == use.Region || use.At.Before(old.At)
}

// add notes a use, unless a later one is noted.
func (n *notes) add(key used, t target, use iam.LastUsed) {
	if !n.holds(key, t, use) {
		n.put(key, t, use)
	}
}

// put is apart from add because what it keeps is on the heap from the start.
func (n *notes) put(key used, t target, use iam.LastUsed) {
	s := n.shard(key)
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.records[key]
	if r == nil {
		r = new(record)
		r.cells.Store(&map[target]*atomic.Pointer[iam.LastUsed]{})
		if s.records == nil {
			s.records = make(map[used]*record)
		}
		s.records[used{key.kind, strings.Clone(key.id)}] = r
	}
	use.Region = strings.Clone(use.Region) // of the request's header
	cells := *r.cells.Load()
	if cell := cells[t]; cell == nil {
		more := maps.Clone(cells)
		cell = new(atomic.Pointer[iam.LastUsed])
		cell.Store(&use)
		more[t] = cell
		r.cells.Store(&more)
	} else if use.At.Before(cell.Load().At) {
		return
	} else {
		cell.Store(&use)
	}
	r.state = unwritten
	r.changes++
}

// of is what is noted of a key, user or role.
func (n *notes) of(key used) map[target]iam.LastUsed {
	s := n.shard(key)
	s.mu.RLock()
	defer s.mu.RUnlock()
	if r := s.records[key]; r != nil {
		return r.uses()
	}
	return nil
}

func (r *record) uses() map[target]iam.LastUsed {
	cells := *r.cells.Load()
	uses := make(map[target]iam.LastUsed, len(cells))
	for t, cell := range cells {
		uses[t] = *cell.Load()
	}
	return uses
}

// A noted record is one as it was when it was collected for writing.
type noted struct {
	key     used
	uses    map[target]iam.LastUsed
	changes uint64
}

// due collects what is to be written or read back, and drops what is settled and
// was not used since the last time.
func (n *notes) due() (all []noted) {
	for i := range n.shards {
		s := &n.shards[i]
		s.mu.Lock()
		for key, r := range s.records {
			if r.state == settled {
				delete(s.records, key)
			} else {
				all = append(all, noted{key, r.uses(), r.changes})
			}
		}
		s.mu.Unlock()
	}
	return all
}

// written says that the fact has what was collected; changed, that it had to be
// put there.
func (n *notes) written(w noted, changed bool) {
	s := n.shard(w.key)
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.records[w.key]
	switch {
	case r == nil || r.changes != w.changes:
	case changed:
		r.state = unproven
	default:
		r.state = settled
	}
}
