package history

import (
	"sort"

	"sallyport/internal/state"
)

// A query asks an index for one page, the newest first.
type query struct {
	asked       asked
	first, last state.Revision // of the changes wanted
	cursor      cursor
	limit       int
}

// A cursor says where a page ends: at the change of an entity at a revision,
// or before the newest one when at is 0. Changes after upTo came while pages
// were being turned, and are in none of them. Changes of one revision come in
// the order of the entities' ids.
type cursor struct {
	upTo state.Revision
	at   state.Revision
	id   string
}

// planned is one event of a page: what an entry changed of an entity.
type planned struct {
	entity  *entity
	at      state.Revision
	touched []touch
}

// has reports whether an entity with the id had come to be by a revision.
func (x *index) has(id string, by state.Revision) bool {
	x.mu.RLock()
	defer x.mu.RUnlock()
	e := x.entities[id]
	return e != nil && e.touched[0].at <= by
}

// page plans one page. found is false when no entity is what was asked for.
// The slices it returns are never written to.
func (x *index) page(q query) (plan []planned, more, found bool) {
	x.mu.RLock()
	defer x.mu.RUnlock()
	runs := x.runs(q)
	for {
		r := newest(runs)
		switch {
		case r == nil:
			return plan, false, len(runs) > 0
		case len(plan) == q.limit:
			return plan, true, true
		}
		plan = append(plan, r.take())
	}
}

// A run is what is left of an entity's changes: those before the index end,
// back to first.
type run struct {
	entity *entity
	end    int
	first  state.Revision
}

// runs are the entities asked for, each at its newest change that the page may
// show.
func (x *index) runs(q query) []*run {
	var runs []*run
	last := min(q.last, q.cursor.upTo)
	add := func(e *entity, last state.Revision) {
		if e.touched[0].at > q.cursor.upTo {
			return
		}
		if q.cursor.at != 0 {
			// Of the cursor's own revision, entities with greater ids are left.
			if e.id > q.cursor.id {
				last = min(last, q.cursor.at)
			} else {
				last = min(last, q.cursor.at-1)
			}
		}
		end := sort.Search(len(e.touched), func(i int) bool { return e.touched[i].at > last })
		runs = append(runs, &run{e, end, q.first})
	}
	if e := x.entities[q.asked.id]; e != nil {
		add(e, last)
	}
	for _, e := range x.bearers[q.asked.resource] {
		if until := e.until(q.asked.resource); until != 0 {
			add(e, min(last, until))
		} else {
			add(e, last)
		}
	}
	return runs
}

// newest is the run whose next change is the newest; nil when all are at their
// end.
func newest(runs []*run) *run {
	var best *run
	for _, r := range runs {
		switch {
		case r.end == 0 || r.at() < r.first:
		case best == nil, r.at() > best.at(), r.at() == best.at() && r.entity.id < best.entity.id:
			best = r
		}
	}
	return best
}

func (r *run) at() state.Revision { return r.entity.touched[r.end-1].at }

// take is the run's next event: all that its entry changed of the entity.
func (r *run) take() planned {
	at, end := r.at(), r.end
	for r.end > 0 && r.at() == at {
		r.end--
	}
	return planned{r.entity, at, r.entity.touched[r.end:end]}
}
