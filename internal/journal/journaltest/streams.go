package journaltest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"sallyport/internal/journal"
)

func (s *suite) appendAndRead() {
	ctx := context.Background()
	s.must(s.Commit(ctx, batch("1", "a", 0, "one", "two")))
	s.must(s.Commit(ctx, batch("2", "a", 2, "")))
	s.must(s.Commit(ctx, batch("3", "b", 0, "other")))
	s.must(s.Commit(ctx, batch("4", "a", 3, "four")))
	s.wantData("a", "one", "two", "", "four")
	s.wantData("b", "other")
	heads, err := s.Heads(ctx)
	s.must(err)
	s.diff("heads", heads, map[journal.StreamID]journal.Revision{"a": 4, "b": 1})
}

func (s *suite) readBounds() {
	ctx := context.Background()
	want := make([]string, 25)
	for i := range want {
		want[i] = strconv.Itoa(i + 1)
	}
	s.must(s.Commit(ctx, batch("1", "a", 0, want...)))
	for _, c := range []struct {
		after       journal.Revision
		limit       int
		first, last string
		count       int
	}{
		{0, 1, "1", "1", 1}, {0, 25, "1", "25", 25}, {0, 1000, "1", "25", 25}, {0, math.MaxInt32, "1", "25", 25},
		{10, 5, "11", "15", 5}, {24, 10, "25", "25", 1}, {25, 10, "", "", 0}, {26, 10, "", "", 0},
		{journal.MaxRevision, 10, "", "", 0}, {math.MaxUint64, 10, "", "", 0},
	} {
		entries, err := s.Read(ctx, "a", c.after, c.limit)
		s.must(err)
		if len(entries) != c.count {
			s.Fatalf("Read(after %d, limit %d) gave %d entries, want %d", c.after, c.limit, len(entries), c.count)
		}
		if c.count > 0 && (string(entries[0].Data) != c.first || string(entries[c.count-1].Data) != c.last) {
			s.Fatalf("Read(after %d, limit %d) = %s to %s", c.after, c.limit, entries[0].Data, entries[c.count-1].Data)
		}
	}
	for _, limit := range []int{0, -1, math.MinInt} {
		_, err := s.Read(ctx, "a", 0, limit)
		s.wantError(err, journal.ErrInvalid)
	}
}

func (s *suite) unknownStream() {
	ctx := context.Background()
	entries, err := s.Read(ctx, "nowhere", 0, 10)
	s.must(err)
	if len(entries) != 0 {
		s.Fatalf("%d entries of an unknown stream", len(entries))
	}
	heads, err := s.Heads(ctx)
	s.must(err)
	s.diff("heads", heads, map[journal.StreamID]journal.Revision{})
	// Guarding a stream does not make it.
	s.must(s.Commit(ctx, batch("1", "nowhere", 0)))
	heads, err = s.Heads(ctx)
	s.must(err)
	s.diff("heads", heads, map[journal.StreamID]journal.Revision{})
}

func (s *suite) conflict() {
	ctx := context.Background()
	s.must(s.Commit(ctx, batch("1", "a", 0, "one", "two")))
	for _, at := range []journal.Revision{0, 1, 3, 1 << 40} {
		err := s.Commit(ctx, batch("", "a", at, "no"))
		s.wantConflict(err, journal.ConflictError{Stream: "a", Expected: at, Actual: 2})
	}
	s.wantConflict(s.Commit(ctx, batch("", "new", 1, "no")), journal.ConflictError{Stream: "new", Expected: 1, Actual: 0})
	s.wantData("a", "one", "two")
	s.wantData("new")
	// A refused id was not used.
	s.wantConflict(s.Commit(ctx, batch("x", "a", 0, "no")), journal.ConflictError{Stream: "a", Expected: 0, Actual: 2})
	s.must(s.Commit(ctx, batch("x", "a", 2, "three")))
	s.wantData("a", "one", "two", "three")
}

func (s *suite) atomicOverStreams() {
	ctx := context.Background()
	s.must(s.Commit(ctx, join(batch("1", "a", 0, "a1"), batch("", "b", 0, "b1", "b2"), batch("", "c", 0))))
	s.wantData("a", "a1")
	s.wantData("b", "b1", "b2")
	// The last expectation fails: nothing of the others may be there.
	err := s.Commit(ctx, join(batch("2", "a", 1, "no"), batch("", "d", 0, "no"), batch("", "b", 1, "no")))
	s.wantConflict(err, journal.ConflictError{Stream: "b", Expected: 1, Actual: 2})
	s.wantData("a", "a1")
	s.wantData("b", "b1", "b2")
	s.wantData("d")
	// Entries of several streams may alternate.
	mixed := join(batch("3", "a", 1, "a2", "a3"), batch("", "b", 2, "b3", "b4"))
	mixed.Entries[1], mixed.Entries[2] = mixed.Entries[2], mixed.Entries[1]
	s.must(s.Commit(ctx, mixed))
	s.wantData("a", "a1", "a2", "a3")
	s.wantData("b", "b1", "b2", "b3", "b4")
}

func (s *suite) guards() {
	ctx := context.Background()
	s.must(s.Commit(ctx, batch("1", "guard", 0, "g1")))
	s.must(s.Commit(ctx, join(batch("2", "a", 0, "a1"), batch("", "guard", 1))))
	s.must(s.Commit(ctx, batch("3", "guard", 1, "g2")))
	err := s.Commit(ctx, join(batch("4", "a", 1, "no"), batch("", "guard", 1)))
	s.wantConflict(err, journal.ConflictError{Stream: "guard", Expected: 1, Actual: 2})
	s.wantData("a", "a1")
	s.wantData("guard", "g1", "g2")
	// Alone, a guard is a question.
	s.must(s.Commit(ctx, batch("5", "guard", 2)))
	s.wantConflict(s.Commit(ctx, batch("5", "guard", 1)), journal.ConflictError{Stream: "guard", Expected: 1, Actual: 2})
}

func (s *suite) emptyBatch() {
	ctx := context.Background()
	s.must(s.Commit(ctx, journal.Batch{}))
	s.must(s.Commit(ctx, journal.Batch{ID: "x"}))
	// It wrote nothing, so its id is free.
	s.must(s.Commit(ctx, batch("x", "a", 0, "one")))
	s.wantData("a", "one")
}

func (s *suite) invalidBatches() {
	long := strings.Repeat("x", journal.MaxName+1)
	entry := func(stream journal.StreamID, at journal.Revision) journal.Entry {
		return journal.Entry{Stream: stream, Revision: at, Data: []byte("no")}
	}
	expect := []journal.Expectation{{Stream: "a", At: 0}}
	for name, c := range map[string]struct {
		batch journal.Batch
		want  error
	}{
		"unexpected stream":  {journal.Batch{Entries: []journal.Entry{entry("a", 1)}}, journal.ErrInvalid},
		"gap":                {journal.Batch{Expect: expect, Entries: []journal.Entry{entry("a", 2)}}, journal.ErrInvalid},
		"inner gap":          {journal.Batch{Expect: expect, Entries: []journal.Entry{entry("a", 1), entry("a", 3)}}, journal.ErrInvalid},
		"repeated":           {journal.Batch{Expect: expect, Entries: []journal.Entry{entry("a", 1), entry("a", 1)}}, journal.ErrInvalid},
		"revision 0":         {journal.Batch{Expect: expect, Entries: []journal.Entry{entry("a", 0)}}, journal.ErrInvalid},
		"expected twice":     {journal.Batch{Expect: append(expect, expect...)}, journal.ErrInvalid},
		"no stream":          {journal.Batch{Expect: []journal.Expectation{{At: 0}}}, journal.ErrInvalid},
		"last revision":      {journal.Batch{Expect: []journal.Expectation{{Stream: "a", At: math.MaxUint64}}}, journal.ErrInvalid},
		"long stream":        {journal.Batch{Expect: []journal.Expectation{{Stream: journal.StreamID(long)}}}, journal.ErrTooLarge},
		"long id":            {journal.Batch{ID: long}, journal.ErrTooLarge},
		"unexpected secret":  {journal.Batch{Secrets: []journal.Secret{{Stream: "a", ID: "s"}}}, journal.ErrInvalid},
		"nameless secret":    {journal.Batch{Expect: expect, Secrets: []journal.Secret{{Stream: "a"}}}, journal.ErrInvalid},
		"secret twice":       {journal.Batch{Expect: expect, Secrets: []journal.Secret{{Stream: "a", ID: "s"}, {Stream: "a", ID: "s"}}}, journal.ErrInvalid},
		"large secret":       {journal.Batch{Expect: expect, Secrets: []journal.Secret{{Stream: "a", ID: "s", Sealed: make([]byte, journal.MaxSecret+1)}}}, journal.ErrTooLarge},
		"large entry":        {journal.Batch{Expect: expect, Entries: []journal.Entry{{Stream: "a", Revision: 1, Data: make([]byte, journal.MaxEntry+1)}}}, journal.ErrTooLarge},
		"second half broken": {join(batch("", "b", 0, "no"), journal.Batch{Expect: expect, Entries: []journal.Entry{entry("a", 7)}}), journal.ErrInvalid},
	} {
		if err := s.Commit(context.Background(), c.batch); !errors.Is(err, c.want) {
			s.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	heads, err := s.Heads(context.Background())
	s.must(err)
	s.diff("heads", heads, map[journal.StreamID]journal.Revision{})
}

func (s *suite) oneWinner() {
	const callers, rounds = 16, 20
	for round := range rounds {
		var won atomic.Int32
		var all sync.WaitGroup
		for caller := range callers {
			all.Go(func() {
				b := batch(fmt.Sprint(round, " ", caller), "a", journal.Revision(round), fmt.Sprint(caller))
				err := s.Commit(context.Background(), b)
				var conflict *journal.ConflictError
				if err == nil {
					won.Add(1)
				} else if !errors.As(err, &conflict) {
					s.Error(err)
				}
			})
		}
		all.Wait()
		if won.Load() != 1 {
			s.Fatalf("round %d: %d commits at one revision succeeded", round, won.Load())
		}
	}
	if n := len(s.data("a")); n != rounds {
		s.Fatalf("%d entries after %d rounds", n, rounds)
	}
}

// concurrentStreams has independent writers, one of them always wrong: nobody's
// error may spoil a neighbour's commit.
func (s *suite) concurrentStreams() {
	const writers, each = 12, 40
	var all sync.WaitGroup
	for w := range writers {
		all.Go(func() {
			stream := journal.StreamID(fmt.Sprint("account/", w))
			for i := range each {
				if err := s.Commit(context.Background(), batch(fmt.Sprint(w, " ", i), stream, journal.Revision(i), fmt.Sprint(i))); err != nil {
					s.Errorf("writer %d, entry %d: %v", w, i, err)
					return
				}
				var conflict *journal.ConflictError
				if err := s.Commit(context.Background(), batch("", stream, journal.Revision(i), "no")); !errors.As(err, &conflict) {
					s.Errorf("writer %d committed twice at revision %d: %v", w, i, err)
					return
				}
			}
		})
	}
	all.Wait()
	want := make([]string, each)
	for i := range want {
		want[i] = fmt.Sprint(i)
	}
	for w := range writers {
		s.wantData(journal.StreamID(fmt.Sprint("account/", w)), want...)
	}
}

// opposedStreams has writers that change a and b together, naming them in either
// order, retrying on conflict: both streams end equal, entry by entry.
func (s *suite) opposedStreams() {
	const writers, each = 6, 15
	var all sync.WaitGroup
	for w := range writers {
		all.Go(func() {
			for i := range each {
				for done := false; !done; {
					heads, err := s.Heads(context.Background())
					if err != nil {
						s.Error(err)
						return
					}
					data := fmt.Sprint(w, " ", i)
					both := join(batch(data, "a", heads["a"], data), batch("", "b", heads["b"], data))
					if w%2 == 1 {
						both.Expect[0], both.Expect[1] = both.Expect[1], both.Expect[0]
						both.Entries[0], both.Entries[1] = both.Entries[1], both.Entries[0]
					}
					err = s.Commit(context.Background(), both)
					var conflict *journal.ConflictError
					if done = err == nil; !done && !errors.As(err, &conflict) {
						s.Error(err)
						return
					}
				}
			}
		})
	}
	all.Wait()
	a, b := s.data("a"), s.data("b")
	s.diff("streams changed together", b, a)
	if len(a) != writers*each {
		s.Fatalf("%d entries, want %d", len(a), writers*each)
	}
}

func (s *suite) replay() {
	ctx := context.Background()
	first := join(batch("lost reply", "a", 0, "one"), batch("", "b", 0, "other"))
	first.Secrets = []journal.Secret{{Stream: "a", ID: "s", Sealed: []byte("sealed")}}
	s.must(s.Commit(ctx, first))
	s.must(s.Commit(ctx, first))
	s.must(s.Commit(ctx, batch("next", "a", 1, "two")))
	s.must(s.Commit(ctx, first)) // also after the streams went on
	s.wantData("a", "one", "two")
	s.wantData("b", "other")
	s.Store = s.reopen()
	s.must(s.Commit(ctx, first)) // and after a restart
	s.wantData("a", "one", "two")

	other := batch("lost reply", "a", 2, "three")
	s.wantError(s.Commit(ctx, other), journal.ErrBatchReused)
	other = first
	other.Secrets = []journal.Secret{{Stream: "a", ID: "s", Sealed: nil}}
	s.wantError(s.Commit(ctx, other), journal.ErrBatchReused)
	s.wantData("a", "one", "two")

	// Sent twice at the same time, it still happens once.
	var all sync.WaitGroup
	for range 16 {
		all.Go(func() {
			if err := s.Commit(ctx, batch("twins", "a", 2, "three")); err != nil {
				s.Error(err)
			}
		})
	}
	all.Wait()
	s.wantData("a", "one", "two", "three")
}

func (s *suite) replayRemembers() {
	ctx := context.Background()
	const streams = 64
	first := batch("first", "first", 0, "one")
	s.must(s.Commit(ctx, first))
	// Stay just under the promise, then look back past a restart.
	var all sync.WaitGroup
	for n := range streams {
		all.Go(func() {
			stream := journal.StreamID(fmt.Sprint(n))
			for i := range journal.RememberedBatches/streams - 1 {
				if err := s.Commit(ctx, batch(fmt.Sprint(n, " ", i), stream, journal.Revision(i), "")); err != nil {
					s.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
	s.must(s.Commit(ctx, first))
	s.Store = s.reopen()
	s.must(s.Commit(ctx, first))
	s.wantData("first", "one")
}

func (s *suite) bigEntries() {
	ctx := context.Background()
	big := bytes.Repeat([]byte("0123456789abcdef"), 1<<16)
	for i := range journal.Revision(4) {
		s.must(s.Commit(ctx, batch(fmt.Sprint(i), "big", i, string(big[i:]))))
	}
	most := bytes.Repeat([]byte{0xa5}, journal.MaxEntry)
	s.must(s.Commit(ctx, batch("most", "most", 0, string(most))))
	s.Store = s.reopen()
	for i, got := range s.data("big") {
		if got != string(big[i:]) {
			s.Fatalf("entry %d came back different", i+1)
		}
	}
	if got := s.data("most"); len(got) != 1 || got[0] != string(most) {
		s.Fatal("the largest entry came back different")
	}
}

// copies checks that neither side can reach into the other's memory.
func (s *suite) copies() {
	ctx := context.Background()
	b := batch("1", "a", 0, "entry")
	b.Secrets = []journal.Secret{{Stream: "a", ID: "s", Sealed: []byte("secret")}}
	s.must(s.Commit(ctx, b))
	value, block := []byte("value"), journal.Block{Node: "n", Sequence: 1, First: epoch, Last: epoch, Count: 1, Data: []byte("block")}
	s.must(s.Put(ctx, "f", value, time.Time{}))
	s.must(s.AppendBlocks(ctx, []journal.Block{block}))
	s.must(s.SaveSnapshot(ctx, "a", 1, strings.NewReader("snapshot")))
	for _, given := range [][]byte{b.Entries[0].Data, b.Secrets[0].Sealed, value, block.Data} {
		clear(given)
	}
	for range 2 {
		entries, err := s.Read(ctx, "a", 0, 1)
		s.must(err)
		secret, err := s.LoadSecret(ctx, "a", "s")
		s.must(err)
		fact, err := s.Get(ctx, "f", epoch)
		s.must(err)
		blocks, err := s.ReadBlocks(ctx, 0, 1)
		s.must(err)
		_, snapshot, err := s.LoadSnapshot(ctx, "a", 1)
		s.must(err)
		for want, got := range map[string][]byte{"entry": entries[0].Data, "secret": secret, "value": fact, "block": blocks[0].Data, "snapshot": snapshot} {
			if string(got) != want {
				s.Fatalf("%q, want %q", got, want)
			}
			clear(got)
		}
	}
}

func (s *suite) hostileNames() {
	ctx := context.Background()
	heads := map[journal.StreamID]journal.Revision{}
	for _, name := range hostile {
		stream := journal.StreamID(name)
		b := batch(name, stream, 0, name, name+name)
		b.Secrets = []journal.Secret{{Stream: stream, ID: name, Sealed: []byte(name)}}
		s.must(s.Commit(ctx, b))
		s.must(s.Put(ctx, name, []byte(name), time.Time{}))
		s.must(s.SaveSnapshot(ctx, stream, 1, strings.NewReader(name)))
		s.must(s.AppendBlocks(ctx, []journal.Block{{Node: name, Sequence: 1, First: epoch, Last: epoch, Count: 1, Data: []byte(name)}}))
		heads[stream] = 2
	}
	s.Store = s.reopen()
	got, err := s.Heads(ctx)
	s.must(err)
	s.diff("heads", got, heads)
	blocks, err := s.ReadBlocks(ctx, 0, 2*len(hostile))
	s.must(err)
	for i, name := range hostile {
		stream := journal.StreamID(name)
		s.wantData(stream, name, name+name)
		secret, err := s.LoadSecret(ctx, stream, name)
		s.must(err)
		fact, err := s.Get(ctx, name, epoch)
		s.must(err)
		_, snapshot, err := s.LoadSnapshot(ctx, stream, 9)
		s.must(err)
		s.diff("values of "+strconv.Quote(name), []string{string(secret), string(fact), string(snapshot), blocks[i].Node, string(blocks[i].Data)},
			[]string{name, name, name, name, name})
	}
}
