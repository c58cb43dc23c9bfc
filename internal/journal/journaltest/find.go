package journaltest

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"sallyport/internal/journal"
)

// blocksByEnd compares FindBlocks with sorting everything, from every place, with
// blocks that end at the same time, of several accounts and nodes, in any order of
// their coming.
func (s *suite) blocksByEnd() {
	ctx := context.Background()
	random := rand.New(rand.NewPCG(1, 2))
	accounts := []string{"111122223333", "444455556666", ""}
	for i := range 120 {
		b := block(fmt.Sprint("n", i%3), uint64(i), fmt.Sprint("data ", i))
		b.Account = accounts[random.IntN(3)]
		b.First = epoch.Add(time.Duration(random.IntN(20)) * time.Second)
		b.Last = b.First.Add(time.Duration(random.IntN(3)))
		s.must(s.AppendBlocks(ctx, []journal.Block{b}))
		if i == 60 {
			s.Store = s.reopen()
		}
	}
	all, err := s.ReadBlocks(ctx, 0, 1000)
	s.must(err)
	slices.SortFunc(all, func(a, b journal.Block) int { return cmp.Or(b.Last.Compare(a.Last), cmp.Compare(b.Cursor, a.Cursor)) })
	for _, account := range append(accounts, "999999999999") {
		whole := journal.BlockQuery{Account: account, Last: epoch.Add(time.Hour), Cursor: 1<<64 - 1, Since: epoch, Limit: 1000}
		s.findBlocks(all, whole)
		for _, b := range all {
			q := journal.BlockQuery{Account: account, Last: b.Last, Cursor: b.Cursor, Since: epoch, Limit: 7}
			s.findBlocks(all, q)
			q.Cursor--
			s.findBlocks(all, q)
			q.Since = b.Last.Add(-4 * time.Second)
			s.findBlocks(all, q)
		}
	}
	_, err = s.FindBlocks(ctx, journal.BlockQuery{Account: "111122223333"})
	s.wantError(err, journal.ErrInvalid)
	_, err = s.FindBlocks(ctx, journal.BlockQuery{Account: "x", Limit: 1})
	s.wantError(err, journal.ErrInvalid)
}

// findBlocks compares the answer to q with what q says of all blocks, in its order.
func (s *suite) findBlocks(all []journal.Block, q journal.BlockQuery) {
	s.Helper()
	want := []journal.Block{}
	for _, b := range all {
		before := cmp.Or(b.Last.Compare(q.Last), cmp.Compare(b.Cursor, q.Cursor)) <= 0
		if b.Account == q.Account && before && !b.Last.Before(q.Since) && len(want) < q.Limit {
			want = append(want, b)
		}
	}
	got, err := s.FindBlocks(context.Background(), q)
	s.must(err)
	s.diff(fmt.Sprintf("blocks of %+v", q), append([]journal.Block{}, got...), want)
}
