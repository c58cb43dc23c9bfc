package journaltest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"sallyport/internal/journal"
)

// OpenShared gives a test a function that opens one more store, each time it is
// called, on what is one shared journal, empty at first. The driver's own cleanup
// closes the stores the test has not closed.
type OpenShared func(t *testing.T) (open func() journal.Shared)

// RunShared runs what [journal.Shared] promises, each case on a journal of its own
// that two stores have open.
func RunShared(t *testing.T, open OpenShared) {
	for _, c := range sharedCases {
		t.Run(c.name, func(t *testing.T) {
			open := open(t)
			a, b := open(), open()
			c.run(&sharedSuite{suite: &suite{T: t, Store: a}, a: a, b: b, open: open})
		})
	}
}

type sharedSuite struct {
	*suite // on a
	a, b   journal.Shared
	open   func() journal.Shared
}

var sharedCases = []struct {
	name string
	run  func(*sharedSuite)
}{
	{"Positions", (*sharedSuite).positions},
	{"AdvancedAfterCommit", (*sharedSuite).advancedAfterCommit},
	{"AdvancedFollows", (*sharedSuite).advancedFollows},
	{"OneStream", (*sharedSuite).oneStream},
	{"OneWinner", (*sharedSuite).oneWinnerOverStores},
	{"Replay", (*sharedSuite).replayOverStores},
	{"Once", (*sharedSuite).onceOverStores},
	{"Blocks", (*sharedSuite).blocksOverStores},
	{"Snapshots", (*sharedSuite).snapshotsOverStores},
	{"Renew", (*sharedSuite).renew},
	{"RenewOnce", (*sharedSuite).renewOnce},
	{"InvalidLeases", (*sharedSuite).invalidLeases},
	{"Report", (*sharedSuite).report},
	{"Release", (*sharedSuite).release},
	{"LeasesOutlastStores", (*sharedSuite).leasesOutlastStores},
	{"Stirred", (*sharedSuite).stirred},
	{"StirredCoalesces", (*sharedSuite).stirredCoalesces},
	{"Cancelled", (*sharedSuite).sharedCancelled},
	{"Close", (*sharedSuite).sharedClosed},
}

func (s *sharedSuite) wantAdvanced(after journal.Position, want map[journal.StreamID]journal.Revision) journal.Position {
	s.Helper()
	var position journal.Position
	for _, store := range []journal.Shared{s.a, s.b} {
		got, at, err := store.Advanced(context.Background(), after)
		s.must(err)
		s.diff(fmt.Sprintf("streams advanced after %d", after), got, want)
		_, leases, err := store.Leases(context.Background())
		s.must(err)
		if leases != at || position != 0 && at != position {
			s.Fatalf("Advanced says position %d, Leases %d, the other store %d", at, leases, position)
		}
		position = at
	}
	return position
}

func (s *sharedSuite) positions() {
	ctx := context.Background()
	type heads = map[journal.StreamID]journal.Revision
	zero := s.wantAdvanced(0, heads{})
	s.must(s.a.Commit(ctx, batch("1", "a", 0, "one")))
	first := s.wantAdvanced(zero, heads{"a": 1})
	s.must(s.b.Commit(ctx, join(batch("2", "a", 1, "two", "three"), batch("", "b", 0, "one"))))
	second := s.wantAdvanced(first, heads{"a": 3, "b": 1})
	s.must(s.a.Commit(ctx, batch("3", "b", 1, "two")))
	third := s.wantAdvanced(second, heads{"b": 2})
	if zero >= first || first >= second || second >= third {
		s.Fatalf("positions %d, %d, %d, %d", zero, first, second, third)
	}
	s.wantAdvanced(0, heads{"a": 3, "b": 2})
	s.wantAdvanced(first, heads{"a": 3, "b": 2})

	// What writes nothing, or nothing new, has no position.
	s.must(s.a.Commit(ctx, journal.Batch{}))
	s.must(s.b.Commit(ctx, batch("guard", "a", 3)))
	s.must(s.b.Commit(ctx, batch("1", "a", 0, "one")))
	s.wantConflict(s.a.Commit(ctx, batch("4", "a", 1, "no")), journal.ConflictError{Stream: "a", Expected: 1, Actual: 3})
	s.must(s.a.Put(ctx, "fact", nil, epoch))
	s.must(s.a.AppendBlocks(ctx, []journal.Block{block("n", 1, "x")}))
	if at := s.wantAdvanced(third, heads{}); at != third {
		s.Fatalf("position %d after nothing was committed, want %d", at, third)
	}
	// A secret alone has one, and advances no stream.
	s.must(s.a.Commit(ctx, secret(batch("5", "a", 3), "k", []byte("v"))))
	if at := s.wantAdvanced(third, heads{}); at <= third {
		s.Fatalf("position %d after a secret was committed at %d", at, third)
	}
	for _, far := range []journal.Position{1 << 40, 1 << 63, 1<<64 - 1} {
		s.wantAdvanced(far, heads{})
	}
}

// advancedAfterCommit: what one store has acknowledged the other shows at once.
func (s *sharedSuite) advancedAfterCommit() {
	ctx := context.Background()
	position := journal.Position(0)
	for at := range journal.Revision(100) {
		from, to := s.a, s.b
		if at%2 == 1 {
			from, to = s.b, s.a
		}
		s.must(from.Commit(ctx, batch(fmt.Sprint(at), "a", at, fmt.Sprint(at))))
		heads, newest, err := to.Advanced(ctx, position)
		s.must(err)
		if heads["a"] != at+1 || newest <= position {
			s.Fatalf("after commit %d the other store shows %v at position %d, after %d", at+1, heads, newest, position)
		}
		entries, err := to.Read(ctx, "a", at, 10)
		s.must(err)
		if len(entries) != 1 || string(entries[0].Data) != fmt.Sprint(at) {
			s.Fatalf("the other store reads %d entries after %d", len(entries), at)
		}
		position = newest
	}
}

// advancedFollows has a follower learn of every commit of two stores by positions
// alone.
func (s *sharedSuite) advancedFollows() {
	ctx := context.Background()
	const streams, each = 8, 40
	var all sync.WaitGroup
	for n := range streams {
		store := s.a
		if n%2 == 1 {
			store = s.b
		}
		all.Go(func() {
			stream := journal.StreamID(fmt.Sprint(n))
			for at := range journal.Revision(each) {
				if err := store.Commit(ctx, batch(fmt.Sprint(n, " ", at), stream, at, "x")); err != nil {
					s.Error(err)
					return
				}
			}
		})
	}
	done := make(chan struct{})
	go func() { all.Wait(); close(done) }()
	follower := s.open()
	known, position := make(map[journal.StreamID]journal.Revision), journal.Position(0)
	for last := false; !last; {
		select {
		case <-done:
			last = true
		default:
		}
		heads, newest, err := follower.Advanced(ctx, position)
		s.must(err)
		if newest < position {
			s.Fatalf("position %d after %d", newest, position)
		}
		if newest == position && len(heads) > 0 {
			s.Fatalf("%d streams advanced while the position stayed", len(heads))
		}
		for stream, at := range heads {
			if at <= known[stream] {
				s.Fatalf("stream %q advanced from %d to %d", stream, known[stream], at)
			}
			known[stream] = at
		}
		position = newest
	}
	heads, err := s.b.Heads(ctx)
	s.must(err)
	s.diff("what a follower learned", known, heads)
	if len(heads) != streams {
		s.Fatalf("%d streams, want %d", len(heads), streams)
	}
}

// oneStream has both stores append to one stream: every acknowledged entry is
// there once, in the place it was acknowledged for.
func (s *sharedSuite) oneStream() {
	ctx := context.Background()
	const callers, each = 4, 25
	var acknowledged sync.Map // by revision
	var conflicts atomic.Int64
	var all sync.WaitGroup
	for caller := range 2 * callers {
		store := s.a
		if caller%2 == 1 {
			store = s.b
		}
		all.Go(func() {
			for i := range each {
				data := fmt.Sprint(caller, " ", i)
				at := journal.Revision(0)
				for {
					err := store.Commit(ctx, batch(data, "a", at, data))
					var conflict *journal.ConflictError
					if errors.As(err, &conflict) {
						conflicts.Add(1)
						at = conflict.Actual
						continue
					}
					if err != nil {
						s.Error(err)
						return
					}
					if other, twice := acknowledged.LoadOrStore(at+1, data); twice {
						s.Errorf("revision %d was acknowledged for %q and %q", at+1, other, data)
					}
					break
				}
			}
		})
	}
	all.Wait()
	entries := s.data("a")
	if len(entries) != 2*callers*each {
		s.Fatalf("%d entries, want %d", len(entries), 2*callers*each)
	}
	for i, got := range entries {
		if want, _ := acknowledged.Load(journal.Revision(i + 1)); want != got {
			s.Fatalf("revision %d is %q, acknowledged was %q", i+1, got, want)
		}
	}
	if conflicts.Load() == 0 {
		s.Fatal("the stores never met")
	}
}

func (s *sharedSuite) oneWinnerOverStores() {
	const callers, rounds = 16, 20
	for round := range journal.Revision(rounds) {
		var won atomic.Int32
		var all sync.WaitGroup
		for caller := range callers {
			store := s.a
			if caller%2 == 1 {
				store = s.b
			}
			all.Go(func() {
				err := store.Commit(context.Background(), batch(fmt.Sprint(round, " ", caller), "a", round, fmt.Sprint(caller)))
				var conflict *journal.ConflictError
				if err == nil {
					won.Add(1)
				} else if !errors.As(err, &conflict) || conflict.Actual != round+1 {
					s.Error(err)
				}
			})
		}
		all.Wait()
		if won.Load() != 1 {
			s.Fatalf("round %d: %d commits at one revision succeeded", round, won.Load())
		}
	}
}

func (s *sharedSuite) replayOverStores() {
	ctx := context.Background()
	first := batch("lost reply", "a", 0, "one")
	s.must(s.a.Commit(ctx, first))
	s.must(s.b.Commit(ctx, first))
	s.wantError(s.b.Commit(ctx, batch("lost reply", "a", 1, "two")), journal.ErrBatchReused)
	var all sync.WaitGroup
	for i := range 16 {
		store := s.a
		if i%2 == 1 {
			store = s.b
		}
		all.Go(func() {
			if err := store.Commit(ctx, batch("twins", "a", 1, "two")); err != nil {
				s.Error(err)
			}
		})
	}
	all.Wait()
	s.wantData("a", "one", "two")
}

func (s *sharedSuite) onceOverStores() {
	for round := range 20 {
		var firsts atomic.Int32
		var all sync.WaitGroup
		for i := range 16 {
			store := s.a
			if i%2 == 1 {
				store = s.b
			}
			all.Go(func() {
				first, err := store.Once(context.Background(), fmt.Sprint(round), epoch)
				if err != nil {
					s.Error(err)
				} else if first {
					firsts.Add(1)
				}
			})
		}
		all.Wait()
		if firsts.Load() != 1 {
			s.Fatalf("%d of 16 callers of two stores were first", firsts.Load())
		}
	}
}

// blocksOverStores has a reader follow the cursor while two stores append, one
// block of each node by both.
func (s *sharedSuite) blocksOverStores() {
	ctx := context.Background()
	const nodes, each = 6, 20
	var all sync.WaitGroup
	for n := range nodes {
		for _, store := range []journal.Shared{s.a, s.b} {
			all.Go(func() {
				for i := range each {
					if err := store.AppendBlocks(ctx, []journal.Block{block(fmt.Sprint(n), uint64(i), fmt.Sprint(n, " ", i))}); err != nil {
						s.Error(err)
						return
					}
				}
			})
		}
	}
	done := make(chan struct{})
	go func() { all.Wait(); close(done) }()
	seen, cursor := make(map[string]int), journal.BlockCursor(0)
	for last := false; !last; {
		select {
		case <-done:
			last = true
		default:
		}
		some, err := s.b.ReadBlocks(ctx, cursor, 1000)
		s.must(err)
		for _, b := range some {
			seen[string(b.Data)]++
			cursor = b.Cursor
		}
	}
	if len(seen) != nodes*each {
		s.Fatalf("a following reader saw %d of %d blocks", len(seen), nodes*each)
	}
	for data, times := range seen {
		if times != 1 {
			s.Fatalf("block %q was seen %d times", data, times)
		}
	}
}

func (s *sharedSuite) snapshotsOverStores() {
	ctx := context.Background()
	var all sync.WaitGroup
	for i := range 8 {
		store := s.a
		if i%2 == 1 {
			store = s.b
		}
		all.Go(func() {
			data := strings.Repeat(fmt.Sprint(i), 1<<20+100)
			if err := store.SaveSnapshot(ctx, "a", 7, strings.NewReader(data)); err != nil {
				s.Error(err)
			}
		})
	}
	all.Wait()
	for _, store := range []journal.Shared{s.a, s.b} {
		at, data, err := store.LoadSnapshot(ctx, "a", 10)
		s.must(err)
		if at != 7 || len(data) != 1<<20+100 || strings.Count(string(data), string(data[:1])) != len(data) {
			s.Fatalf("snapshot at %d of %d bytes is not one of those saved", at, len(data))
		}
	}
	s.must(s.a.DeleteSnapshots(ctx, "a", 0))
	at, _, err := s.b.LoadSnapshot(ctx, "a", 10)
	s.must(err)
	if at != 0 {
		s.Fatal("a snapshot is left of several of the same revision")
	}
}
