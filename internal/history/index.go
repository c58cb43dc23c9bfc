package history

import (
	"context"
	"crypto/sha256"
	"fmt"
	"hash/maphash"
	"sort"
	"sync"
	"sync/atomic"

	"sallyport/internal/iam"
	"sallyport/internal/journal"
	"sallyport/internal/state"
)

// pageEntries is how many entries are read from the journal at a time.
const pageEntries = 256

// index says where the changes of an account's entities are in its journal.
type index struct {
	account string
	seed    maphash.Seed
	// turn holds one token: whoever has it may extend the index.
	turn chan struct{}

	mu   sync.RWMutex
	at   state.Revision
	head [sha256.Size]byte // hash of the entry at
	// failed is why the index can't go on: an entry that it can't take.
	failed error
	// entities by unique id, the account by its own id.
	entities map[string]*entity
	// bearers are the entities that had a resource part of an ARN, such as
	// "user/alice", in the order they came to it.
	bearers map[string][]*entity
	// keys are the owners of the access keys there are, and those whom the MFA
	// devices there are are assigned to.
	keys, devices map[string]string
	// last is when a row that exists was put last.
	last map[rowID]state.Revision
	// touches counts those of all entities.
	touches atomic.Int64
}

// A rowID is the hash of a row's table and key.
type rowID uint64

// An entity is a user, group, role, instance profile, customer managed policy,
// server certificate, MFA device, identity provider or the account.
type entity struct {
	id      string
	names   []name
	touched []touch
}

// A name is the resource part of an entity's ARN from a revision on; empty from
// its deletion on.
type name struct {
	from     state.Revision
	resource string
}

// A touch is one row of an entity that an entry changed.
type touch struct {
	at state.Revision
	// before is the revision that put the row's value before; 0 when the row
	// was made.
	before state.Revision
	row    rowID
}

func newIndex(account string) *index {
	return &index{
		account: account, seed: maphash.MakeSeed(), turn: make(chan struct{}, 1),
		entities: make(map[string]*entity), bearers: make(map[string][]*entity),
		keys: make(map[string]string), devices: make(map[string]string), last: make(map[rowID]state.Revision),
	}
}

func (x *index) row(table, key string) rowID {
	var h maphash.Hash
	h.SetSeed(x.seed)
	h.WriteString(table)
	h.WriteByte(0)
	h.WriteString(key)
	return rowID(h.Sum64())
}

// extend reads entries until the index has reached a revision or has read
// budget of them, and reports whether it has reached it.
func (x *index) extend(ctx context.Context, s Store, to state.Revision, budget int) (bool, error) {
	if x.reached(to) {
		return true, nil
	}
	select {
	case x.turn <- struct{}{}:
		defer func() { <-x.turn }()
	case <-ctx.Done():
		return false, ctx.Err()
	}
	for !x.reached(to) && budget > 0 {
		if err := ctx.Err(); err != nil {
			return false, err
		}
		limit := min(pageEntries, budget, int(to-x.at))
		entries, err := s.Entries(ctx, state.AccountStream(x.account), x.at, limit)
		if err == nil && len(entries) == 0 {
			err = fmt.Errorf("stream of account %s: %w: no revision %d", x.account, journal.ErrCorrupt, x.at+1)
		}
		if err != nil {
			return false, err
		}
		if err := x.take(entries); err != nil {
			return false, err
		}
		budget -= len(entries)
	}
	return x.reached(to), nil
}

func (x *index) reached(to state.Revision) bool {
	x.mu.RLock()
	defer x.mu.RUnlock()
	return x.at >= to
}

// take adds entries, which follow the ones before. After an error the index is
// of no use.
func (x *index) take(entries []state.Entry) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.failed == nil {
		x.failed = x.addAll(entries)
	}
	return x.failed
}

func (x *index) addAll(entries []state.Entry) error {
	for i := range entries {
		e := &entries[i]
		if e.Revision != x.at+1 || e.Previous != x.head {
			return fmt.Errorf("history of account %s: %w: revision %d does not follow revision %d",
				x.account, journal.ErrCorrupt, e.Revision, x.at)
		}
		if err := x.add(e); err != nil {
			return fmt.Errorf("history of account %s, revision %d: %w", x.account, e.Revision, err)
		}
		x.at, x.head = e.Revision, e.Hash
	}
	return nil
}

// add takes one entry apart. Entities come first and go last, so that what the
// same entry does to what they own finds them.
func (x *index) add(e *state.Entry) error {
	type step struct {
		change *state.Change
		part   part
	}
	var named, owned, gone []step
	for i := range e.Changes {
		c := &e.Changes[i]
		p, ok := parts[c.Table]
		switch {
		case !ok:
			return fmt.Errorf("table %q is not known to history", c.Table)
		case p.resource == nil:
			owned = append(owned, step{c, p})
		case c.Value == nil:
			gone = append(gone, step{c, p})
		default:
			named = append(named, step{c, p})
		}
	}
	for _, steps := range [][]step{named, owned, gone} {
		for _, s := range steps {
			if err := x.addChange(e.Revision, s.change, s.part); err != nil {
				return fmt.Errorf("%s %q: %w", s.change.Table, s.change.Key, err)
			}
		}
	}
	return nil
}

func (x *index) addChange(at state.Revision, c *state.Change, p part) error {
	owners, err := p.owners(x, c.Key, c.Value)
	if err != nil {
		return err
	}
	row := x.row(c.Table, c.Key)
	for i, id := range owners {
		e := x.entities[id]
		if e == nil {
			e = &entity{id: id}
			x.entities[id] = e
		}
		if p.resource != nil && i == 0 {
			resource := ""
			if c.Value != nil {
				if resource, err = p.resource(c.Value); err != nil {
					return err
				}
			}
			x.rename(e, at, resource)
		}
		e.touched = append(e.touched, touch{at: at, before: x.last[row], row: row})
		x.touches.Add(1)
	}
	if c.Value == nil {
		delete(x.last, row)
	} else {
		x.last[row] = at
	}
	if c.Table == iam.AccessKeys.Name() {
		if c.Value == nil {
			delete(x.keys, c.Key)
		} else {
			x.keys[c.Key] = owners[0]
		}
	}
	if c.Table == iam.MFADevices.Name() {
		return x.assign(c)
	}
	return nil
}

// assign notes whose an MFA device is.
func (x *index) assign(c *state.Change) error {
	if c.Value == nil {
		delete(x.devices, c.Key)
		return nil
	}
	holder, err := holderOf(x, c.Value)
	x.devices[c.Key] = holder
	return err
}

// rename says which resource the entity is from a revision on.
func (x *index) rename(e *entity, at state.Revision, resource string) {
	if n := len(e.names); n > 0 && e.names[n-1].resource == resource {
		return
	}
	e.names = append(e.names, name{at, resource})
	if resource == "" {
		return
	}
	bearers := x.bearers[resource]
	for _, b := range bearers {
		if b == e {
			return
		}
	}
	x.bearers[resource] = append(bearers, e)
}

// bearer is the entity that is a resource now; nil when none is.
func (x *index) bearer(resource string) *entity {
	bearers := x.bearers[resource]
	for i := len(bearers) - 1; i >= 0; i-- {
		names := bearers[i].names
		if names[len(names)-1].resource == resource {
			return bearers[i]
		}
	}
	return nil
}

// resourceAt is the entity's resource at a revision, or the last one it had by
// then.
func (e *entity) resourceAt(at state.Revision) string {
	after := sort.Search(len(e.names), func(i int) bool { return e.names[i].from > at })
	for i := after - 1; i >= 0; i-- {
		if e.names[i].resource != "" {
			return e.names[i].resource
		}
	}
	return ""
}

// until is the last revision at which the entity is shown as a resource: the
// one that made it another or deleted it; 0 when there is none.
func (e *entity) until(resource string) state.Revision {
	for i := len(e.names) - 1; i >= 0; i-- {
		if e.names[i].resource != resource {
			continue
		}
		if i+1 < len(e.names) {
			return e.names[i+1].from
		}
		return 0
	}
	return 0
}

// arnAt is an entity's ARN at a revision, or the last one it had by then. The
// caller does not hold mu.
func (x *index) arnAt(id string, at state.Revision) string {
	x.mu.RLock()
	defer x.mu.RUnlock()
	e := x.entities[id]
	if e == nil {
		return ""
	}
	return iam.EntityARN(x.account, e.resourceAt(at), "", "")
}
