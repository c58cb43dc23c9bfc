package cloudtrail

import (
	"cmp"
	"context"
	"slices"
	"time"

	"sallyport/internal/audit"
	"sallyport/internal/journal"
)

// blocks are the records in an account's blocks, the latest first. Blocks of several
// nodes overlap: those that hold what is next are open at once, and no others.
type blocks struct {
	store   Blocks
	account string
	since   time.Time
	from    place    // of the next block to fetch
	passed  position // of the last record passed

	fetched      []journal.Block // not opened yet, the latest first
	all          bool            // there are no more to fetch
	count, bytes int             // of what was fetched last
	open         []openBlock
	best         int // the open block whose record is next
	spent        int
}

// An openBlock is one with records that were not passed, the latest first.
type openBlock struct {
	place   place
	records []placed
}

type placed struct {
	position
	raw []byte
}

// peek returns the next record; nil when there is none.
func (b *blocks) peek(ctx context.Context) (*placed, error) {
	for {
		var next *placed
		for i := range b.open {
			if r := &b.open[i].records[0]; next == nil || r.before(next.position) {
				next, b.best = r, i
			}
		}
		block, err := b.head(ctx)
		if err != nil {
			return nil, err
		}
		// A block that ended before the record has none that is as late.
		if block == nil || next != nil && block.Last.UnixNano() < next.key {
			return next, nil
		}
		if err := b.unpack(block); err != nil {
			return nil, err
		}
		b.fetched = b.fetched[1:]
	}
}

// head is the next block that is not open yet; nil when there is none.
func (b *blocks) head(ctx context.Context) (*journal.Block, error) {
	if len(b.fetched) == 0 && !b.all {
		limit := batch(b.count, b.bytes)
		found, err := b.store.FindBlocks(ctx, journal.BlockQuery{
			Account: b.account, Last: time.Unix(0, b.from.last), Cursor: b.from.cursor, Since: b.since, Limit: limit,
		})
		if err != nil {
			return nil, err
		}
		b.fetched, b.all = found, len(found) < limit
		b.count, b.bytes = len(found), 0
		for i := range found {
			b.bytes += len(found[i].Data)
		}
		if n := len(found); n > 0 {
			b.from = after(&found[n-1])
		}
	}
	if len(b.fetched) == 0 {
		return nil, nil
	}
	return &b.fetched[0], nil
}

// after is the place behind a block.
func after(b *journal.Block) place { return place{b.Last.UnixNano(), b.Cursor - 1} }

// unpack opens a block, at its first record that was not passed.
func (b *blocks) unpack(block *journal.Block) error {
	first, last := block.First.UnixNano(), block.Last.UnixNano()
	b.spent += overhead
	if b.passed != (position{}) && first > b.passed.key {
		return nil // all of it was
	}
	raw, err := audit.Records(*block)
	if err != nil {
		return err
	}
	opened := openBlock{place: place{last, block.Cursor}}
	for i := range raw {
		b.spent += len(raw[i])
		at, err := timeOf(raw[i])
		if err != nil {
			return err
		}
		p := position{key: min(max(at.UnixNano(), first), last), cursor: block.Cursor, index: i}
		if b.passed.before(p) {
			opened.records = append(opened.records, placed{p, raw[i]})
		}
	}
	slices.SortFunc(opened.records, func(x, y placed) int {
		return cmp.Or(cmp.Compare(y.key, x.key), cmp.Compare(y.index, x.index))
	})
	if len(opened.records) > 0 {
		b.open = append(b.open, opened)
	}
	return nil
}

// pass goes on behind the record that peek returned.
func (b *blocks) pass() {
	o := &b.open[b.best]
	b.passed = o.records[0].position
	if o.records = o.records[1:]; len(o.records) == 0 {
		b.open = slices.Delete(b.open, b.best, b.best+1)
	}
}

// place is that of the first block with records that were not passed.
func (b *blocks) place() place {
	first := b.from
	if len(b.fetched) > 0 {
		first = place{b.fetched[0].Last.UnixNano(), b.fetched[0].Cursor}
	}
	for i := range b.open {
		if b.open[i].place.before(first) {
			first = b.open[i].place
		}
	}
	return first
}
