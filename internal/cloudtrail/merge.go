package cloudtrail

import (
	"cmp"
	"context"
	"math"

	"sallyport/internal/journal"
	"sallyport/internal/state"
)

// endOfTime is later than every time that a block can have, in nanoseconds.
const endOfTime = math.MaxInt64

// A cursor says where a page begins, in both sources: each is read in its own order,
// and of what is next in them the later comes first.
type cursor struct {
	revision state.Revision // of the next change; 0 when there is none
	block    place          // of the first block that may hold a record that was not passed
	passed   position       // of the last record of a block that was passed
}

// A place is that of a block in the order of ends ([journal.BlockQuery]).
type place struct {
	last   int64 // nanoseconds since 1970
	cursor journal.BlockCursor
}

// before reports whether p comes before o, which is later in time or cursor.
func (p place) before(o place) bool {
	return cmp.Or(cmp.Compare(p.last, o.last), cmp.Compare(p.cursor, o.cursor)) > 0
}

// A position is that of a record in the order of all records of blocks. The zero
// position is before all of them.
type position struct {
	key    int64 // its time in nanoseconds, or the end of its block's span that is nearer
	cursor journal.BlockCursor
	index  int // in its block
}

// before reports whether p comes before o, which is later in time.
func (p position) before(o position) bool {
	if p == (position{}) || o == (position{}) {
		return p == (position{}) && o != p
	}
	return cmp.Or(cmp.Compare(p.key, o.key), cmp.Compare(p.cursor, o.cursor), cmp.Compare(p.index, o.index)) > 0
}

// merge is the records of both sources in their common order.
type merge struct {
	changes changes
	blocks  blocks
	// change says that the record that peek returned is a change's.
	change bool
}

func (s *Service) merge(account string, q *query, from cursor) *merge {
	since := q.since
	return &merge{
		changes: changes{store: s.entries, stream: state.AccountStream(account), next: from.revision, since: since},
		blocks:  blocks{store: s.blocks, account: account, from: from.block, passed: from.passed, since: since},
	}
}

// peek returns the next record; nil when there is none.
func (m *merge) peek(ctx context.Context) ([]byte, error) {
	change, err := m.changes.peek(ctx)
	if err != nil {
		return nil, err
	}
	record, err := m.blocks.peek(ctx)
	if err != nil {
		return nil, err
	}
	m.change = change != nil && (record == nil || change.Time.UnixNano() >= record.key)
	switch {
	case m.change:
		return change.Audit, nil
	case record != nil:
		return record.raw, nil
	}
	return nil, nil
}

// pass goes on behind the record that peek returned.
func (m *merge) pass() {
	if m.change {
		m.changes.pass()
	} else {
		m.blocks.pass()
	}
}

// cursor is the place of the record that peek returned.
func (m *merge) cursor() cursor {
	return cursor{revision: m.changes.next, block: m.blocks.place(), passed: m.blocks.passed}
}

// spent is how many bytes were read so far.
func (m *merge) spent() int { return m.changes.spent + m.blocks.spent }
