package journaltest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"sallyport/internal/journal"
)

func lease(node string, renewal uint64, applied journal.Position) journal.Lease {
	return journal.Lease{Node: node, Renewal: renewal, TTL: 1500 * time.Millisecond, Applied: applied}
}

// wantLeases compares the leases both stores show, in order of nodes.
func (s *sharedSuite) wantLeases(want ...journal.Lease) {
	s.Helper()
	for _, store := range []journal.Shared{s.a, s.b} {
		got, _, err := store.Leases(context.Background())
		s.must(err)
		slices.SortFunc(got, func(a, b journal.Lease) int { return strings.Compare(a.Node, b.Node) })
		s.diff("leases", append([]journal.Lease{}, got...), append([]journal.Lease{}, want...))
	}
}

func (s *sharedSuite) renew() {
	ctx := context.Background()
	s.wantLeases()
	s.wantError(s.a.Renew(ctx, lease("n", 2, 0)), journal.ErrNotFound)
	s.wantLeases()
	s.must(s.a.Renew(ctx, lease("n", 1, 5)))
	s.wantLeases(lease("n", 1, 5))
	// Sent again after a lost reply, it is left alone.
	s.must(s.b.Renew(ctx, lease("n", 1, 5)))
	s.must(s.a.Renew(ctx, lease("n", 1, 9)))
	s.wantLeases(lease("n", 1, 5))
	longer := lease("n", 1, 5)
	longer.TTL += time.Millisecond
	s.wantError(s.a.Renew(ctx, longer), journal.ErrNotFound)
	s.wantError(s.a.Renew(ctx, lease("n", 3, 5)), journal.ErrNotFound)
	s.wantLeases(lease("n", 1, 5))
	longer.Renewal, longer.Applied = 2, 7
	s.must(s.b.Renew(ctx, longer))
	s.wantLeases(longer)
	s.must(s.a.Renew(ctx, longer))
	s.wantError(s.a.Renew(ctx, lease("n", 2, 7)), journal.ErrNotFound)
	s.wantError(s.a.Renew(ctx, lease("n", 1, 7)), journal.ErrNotFound)
	s.wantLeases(longer)

	for _, name := range hostile {
		s.must(s.a.Renew(ctx, lease(name, 1, 1)))
	}
	leases, _, err := s.b.Leases(ctx)
	s.must(err)
	if len(leases) != len(hostile)+1 {
		s.Fatalf("%d leases, want %d", len(leases), len(hostile)+1)
	}
	for _, l := range leases {
		if l.Node != "n" && !slices.Contains(hostile, l.Node) {
			s.Fatalf("a lease of %q", l.Node)
		}
	}
}

// renewOnce: of renewals that say different things exactly one counts.
func (s *sharedSuite) renewOnce() {
	for round := range uint64(20) {
		var won atomic.Int32
		var all sync.WaitGroup
		for i := range 8 {
			store := s.a
			if i%2 == 1 {
				store = s.b
			}
			all.Go(func() {
				l := lease("n", round+1, 0)
				l.TTL = time.Duration(i+1) * time.Second
				if err := store.Renew(context.Background(), l); err == nil {
					won.Add(1)
				} else if !errors.Is(err, journal.ErrNotFound) {
					s.Error(err)
				}
			})
		}
		all.Wait()
		if won.Load() != 1 {
			s.Fatalf("%d different renewals %d succeeded", won.Load(), round+1)
		}
	}
}

func (s *sharedSuite) invalidLeases() {
	for name, c := range map[string]struct {
		change func(*journal.Lease)
		want   error
	}{
		"no node":     {func(l *journal.Lease) { l.Node = "" }, journal.ErrInvalid},
		"long node":   {func(l *journal.Lease) { l.Node = strings.Repeat("n", journal.MaxName+1) }, journal.ErrTooLarge},
		"renewal 0":   {func(l *journal.Lease) { l.Renewal = 0 }, journal.ErrInvalid},
		"big renewal": {func(l *journal.Lease) { l.Renewal = 1 << 63 }, journal.ErrInvalid},
		"no ttl":      {func(l *journal.Lease) { l.TTL = 0 }, journal.ErrInvalid},
		"negative":    {func(l *journal.Lease) { l.TTL = -time.Second }, journal.ErrInvalid},
		"hours":       {func(l *journal.Lease) { l.TTL = journal.MaxLease + time.Millisecond }, journal.ErrInvalid},
		"microsecond": {func(l *journal.Lease) { l.TTL += time.Microsecond }, journal.ErrInvalid},
		"big applied": {func(l *journal.Lease) { l.Applied = 1 << 63 }, journal.ErrInvalid},
	} {
		l := lease("n", 1, 1)
		c.change(&l)
		if err := s.a.Renew(context.Background(), l); !errors.Is(err, c.want) {
			s.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	s.wantLeases()
}

func (s *sharedSuite) report() {
	ctx := context.Background()
	s.must(s.a.Report(ctx, "nobody", 3))
	s.wantLeases()
	s.must(s.a.Renew(ctx, lease("n", 1, 5)))
	s.must(s.a.Renew(ctx, lease("other", 1, 1)))
	s.must(s.a.Report(ctx, "n", 8))
	s.wantLeases(lease("n", 1, 8), lease("other", 1, 1))
	// Late ones lower nothing.
	s.must(s.b.Report(ctx, "n", 6))
	s.wantLeases(lease("n", 1, 8), lease("other", 1, 1))
	s.must(s.a.Renew(ctx, lease("n", 2, 9)))
	s.wantLeases(lease("n", 2, 9), lease("other", 1, 1))
}

func (s *sharedSuite) release() {
	ctx := context.Background()
	s.must(s.a.Release(ctx, "n", 1))
	s.must(s.a.Renew(ctx, lease("n", 1, 5)))
	s.must(s.a.Renew(ctx, lease("other", 1, 1)))
	s.must(s.a.Renew(ctx, lease("n", 2, 5)))
	for _, renewal := range []uint64{0, 1, 3, 1<<64 - 1} {
		s.must(s.b.Release(ctx, "n", renewal))
		s.wantLeases(lease("n", 2, 5), lease("other", 1, 1))
	}
	s.must(s.b.Release(ctx, "n", 2))
	s.wantLeases(lease("other", 1, 1))
	s.wantError(s.a.Renew(ctx, lease("n", 3, 5)), journal.ErrNotFound)
	s.must(s.a.Report(ctx, "n", 6))
	s.must(s.b.Release(ctx, "n", 2))
	s.wantLeases(lease("other", 1, 1))
	s.must(s.a.Renew(ctx, lease("n", 1, 7)))
	s.wantLeases(lease("n", 1, 7), lease("other", 1, 1))
}

func (s *sharedSuite) leasesOutlastStores() {
	ctx := context.Background()
	s.must(s.a.Renew(ctx, lease("n", 1, 5)))
	s.must(s.a.Renew(ctx, lease("n", 2, 6)))
	s.must(s.a.Close())
	s.must(s.b.Close())
	s.a, s.b = s.open(), s.open()
	s.wantLeases(lease("n", 2, 6))
	s.must(s.b.Renew(ctx, lease("n", 3, 6)))
	s.wantLeases(lease("n", 3, 6))
}

// wantStir waits for a hint, making news by change until it comes: a hint may be
// lost, and is not what shows that the one before has been seen.
func (s *sharedSuite) wantStir(hints <-chan struct{}, change func(n int)) {
	s.Helper()
	for n := range 1000 {
		change(n)
		select {
		case _, open := <-hints:
			if !open {
				s.Fatal("the channel of hints is closed")
			}
			return
		case <-time.After(10 * time.Millisecond):
		}
	}
	s.Fatal("no hint came")
}

// quiet waits until no hint has come for a while.
func (s *sharedSuite) quiet(hints <-chan struct{}) (count int) {
	for {
		select {
		case <-hints:
			count++
		case <-time.After(300 * time.Millisecond):
			return count
		}
	}
}

func (s *sharedSuite) stirred() {
	ctx, cancel := context.WithCancel(context.Background())
	first, err := s.a.Stirred(ctx)
	s.must(err)
	second, err := s.a.Stirred(context.Background())
	s.must(err)
	at := journal.Revision(0)
	commit := func(int) {
		s.must(s.b.Commit(context.Background(), batch(fmt.Sprint(at), "a", at, "x")))
		at++
	}
	s.wantStir(first, commit)
	s.wantStir(second, commit)
	s.quiet(first)
	s.must(s.b.Renew(ctx, lease("n", 1, 0)))
	s.quiet(first)
	s.wantStir(first, func(n int) { s.must(s.b.Report(ctx, "n", journal.Position(n+1))) })
	cancel()
	s.drainStirs(first)
	s.must(s.a.Close())
	s.drainStirs(second)
	_, err = s.a.Stirred(context.Background())
	s.wantError(err, journal.ErrClosed)
}

func (s *sharedSuite) drainStirs(hints <-chan struct{}) {
	s.Helper()
	deadline := time.After(10 * time.Second)
	for {
		select {
		case _, open := <-hints:
			if !open {
				return
			}
		case <-deadline:
			s.Fatal("the channel of hints stays open")
		}
	}
}

// stirredCoalesces: who does not look holds nobody up, and is told once.
func (s *sharedSuite) stirredCoalesces() {
	hints, err := s.a.Stirred(context.Background())
	s.must(err)
	s.quiet(hints)
	for at := range journal.Revision(200) {
		s.must(s.b.Commit(context.Background(), batch(fmt.Sprint(at), "a", at, "x")))
	}
	time.Sleep(300 * time.Millisecond)
	if n := s.quiet(hints); n > 5 {
		s.Fatalf("%d hints were waiting", n)
	}
}

func (s *sharedSuite) sharedCalls(ctx context.Context) map[string]func() error {
	return map[string]func() error{
		"Advanced": func() error { _, _, err := s.a.Advanced(ctx, 0); return err },
		"Renew":    func() error { return s.a.Renew(ctx, lease("n", 1, 0)) },
		"Report":   func() error { return s.a.Report(ctx, "n", 1) },
		"Leases":   func() error { _, _, err := s.a.Leases(ctx); return err },
		"Release":  func() error { return s.a.Release(ctx, "n", 1) },
		"Stirred":  func() error { _, err := s.a.Stirred(ctx); return err },
	}
}

func (s *sharedSuite) sharedCancelled() {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for name, call := range s.sharedCalls(ctx) {
		if err := call(); !errors.Is(err, context.Canceled) {
			s.Errorf("%s with a cancelled context: %v", name, err)
		}
	}
	s.wantLeases()
}

// sharedClosed: one store's end is not the other's.
func (s *sharedSuite) sharedClosed() {
	ctx := context.Background()
	s.must(s.a.Commit(ctx, batch("1", "a", 0, "one")))
	s.must(s.a.Renew(ctx, lease("n", 1, 1)))
	s.must(s.a.Close())
	for name, call := range s.sharedCalls(ctx) {
		if err := call(); !errors.Is(err, journal.ErrClosed) {
			s.Errorf("%s after Close: %v", name, err)
		}
	}
	s.must(s.b.Commit(ctx, batch("2", "a", 1, "two")))
	heads, _, err := s.b.Advanced(ctx, 0)
	s.must(err)
	s.diff("heads", heads, map[journal.StreamID]journal.Revision{"a": 2})
	leases, _, err := s.b.Leases(ctx)
	s.must(err)
	s.diff("leases", leases, []journal.Lease{lease("n", 1, 1)})
}
