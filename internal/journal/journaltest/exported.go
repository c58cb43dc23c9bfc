package journaltest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"sallyport/internal/journal"
)

// RunExports runs the cases of [journal.Exports], which the stores that open
// gives must implement.
func RunExports(t *testing.T, open Open) {
	for _, c := range []struct {
		name string
		run  func(*suite)
	}{
		{"Everything", (*suite).exportsEverything},
		{"Empty", (*suite).exportsEmpty},
		{"OwnBytes", (*suite).exportsOwnBytes},
		{"Errors", (*suite).exportErrors},
		{"OneMoment", (*suite).exportsOneMoment},
		{"CommitsGoOn", (*suite).exportBesideCommits},
	} {
		t.Run(c.name, func(t *testing.T) {
			store, reopen := open(t)
			c.run(&suite{T: t, Store: store, reopen: reopen})
		})
	}
}

// everything is what an export handed over, as text: cmp tells nil from empty
// bytes, text does not, and an export need not either.
type everything struct {
	Entries, Secrets, Facts, Blocks []string
}

func (e *everything) visitor() journal.Visitor {
	return journal.Visitor{
		Entry: func(x journal.Entry) error {
			e.Entries = append(e.Entries, fmt.Sprintf("%q %d %q", x.Stream, x.Revision, x.Data))
			return nil
		},
		Secret: func(x journal.Secret) error {
			if x.Sealed == nil {
				return errors.New("a secret without bytes, which would delete it")
			}
			e.Secrets = append(e.Secrets, fmt.Sprintf("%q %q %q", x.Stream, x.ID, x.Sealed))
			return nil
		},
		Fact: func(x journal.Fact) error {
			e.Facts = append(e.Facts, exportedFact(x.Key, string(x.Value), x.Expires))
			return nil
		},
		Block: func(x journal.Block) error {
			e.Blocks = append(e.Blocks, exportedBlock(x))
			return nil
		},
	}
}

func exportedFact(key, value string, expires time.Time) string {
	return fmt.Sprintf("%q %q %v", key, value, expires)
}

func exportedBlock(b journal.Block) string {
	return fmt.Sprintf("%q %d %q %v %v %d %q", b.Node, b.Sequence, b.Account, b.First, b.Last, b.Count, b.Data)
}

// export runs an export, whose calls must come kind by kind.
func (s *suite) export() everything {
	s.Helper()
	var got everything
	s.must(s.exports().Export(context.Background(), s.inOrder(got.visitor())))
	return got
}

func (s *suite) exports() journal.Exports {
	s.Helper()
	exports, ok := s.Store.(journal.Exports)
	if !ok {
		s.Fatalf("%T does not export", s.Store)
	}
	return exports
}

// inOrder fails the test when a kind comes after a later one.
func (s *suite) inOrder(v journal.Visitor) journal.Visitor {
	at := 0
	kind := func(n int) {
		if n < at {
			s.Errorf("kind %d after kind %d", n, at)
		}
		at = n
	}
	return journal.Visitor{
		Entry:  func(x journal.Entry) error { kind(0); return v.Entry(x) },
		Secret: func(x journal.Secret) error { kind(1); return v.Secret(x) },
		Fact:   func(x journal.Fact) error { kind(2); return v.Fact(x) },
		Block:  func(x journal.Block) error { kind(3); return v.Block(x) },
	}
}

// exportsEverything stores one of everything under hostile names and expects it
// back in the order of their bytes.
func (s *suite) exportsEverything() {
	ctx := context.Background()
	var want everything
	names := slices.Clone(hostile)
	for i, name := range names {
		stream := journal.StreamID(name)
		b := batch("", stream, 0, "one", "", fmt.Sprint("three ", i))
		b.Secrets = []journal.Secret{{Stream: stream, ID: name, Sealed: []byte{}}, {Stream: stream, ID: "\xff", Sealed: []byte("sealed")}, {Stream: stream, ID: "gone", Sealed: []byte("x")}}
		s.must(s.Commit(ctx, b))
		s.must(s.Commit(ctx, journal.Batch{Expect: []journal.Expectation{{Stream: stream, At: 3}}, Secrets: []journal.Secret{{Stream: stream, ID: "gone"}}}))
		s.must(s.Put(ctx, name, []byte(name), epoch.Add(time.Duration(i)).In(time.FixedZone("west", -3600))))
		block := block(strings.Repeat("n", 1+i), uint64(100-i), name)
		s.must(s.AppendBlocks(ctx, []journal.Block{block}))
		want.Blocks = append(want.Blocks, exportedBlock(block))
	}
	_, err := s.Once(ctx, "~once", epoch.Add(-time.Hour)) // expired, and not swept
	s.must(err)
	_, err = s.Once(ctx, "~once for ever", time.Time{})
	s.must(err)
	s.must(s.SaveSnapshot(ctx, "a", 1, strings.NewReader("a cache")))
	slices.Sort(names)
	for _, name := range names {
		i := slices.Index(hostile, name)
		for r, data := range []string{"one", "", fmt.Sprint("three ", i)} {
			want.Entries = append(want.Entries, fmt.Sprintf("%q %d %q", name, r+1, data))
		}
		ids := []string{fmt.Sprintf("%q %q %q", name, name, ""), fmt.Sprintf("%q %q %q", name, "\xff", "sealed")}
		if name > "\xff" {
			slices.Reverse(ids)
		}
		want.Secrets = append(want.Secrets, ids...)
		want.Facts = append(want.Facts, exportedFact(name, name, epoch.Add(time.Duration(i))))
	}
	want.Facts = append(want.Facts, exportedFact("~once", "", epoch.Add(-time.Hour)), exportedFact("~once for ever", "", time.Time{}))
	slices.SortFunc(want.Facts, func(a, b string) int { return strings.Compare(unquoted(a), unquoted(b)) })
	s.diff("export", s.export(), want)
	s.Store = s.reopen()
	s.diff("export of the reopened store", s.export(), want)
}

// unquoted is the key that a fact's text begins with.
func unquoted(text string) string {
	var key string
	if _, err := fmt.Sscanf(text, "%q", &key); err != nil {
		panic(err)
	}
	return key
}

func (s *suite) exportsEmpty() { s.diff("export of an empty store", s.export(), everything{}) }

// exportsOwnBytes: what a visitor is handed is its own, to change and to keep.
func (s *suite) exportsOwnBytes() {
	ctx := context.Background()
	b := batch("", "a", 0, "one", "two")
	b.Secrets = []journal.Secret{{Stream: "a", ID: "x", Sealed: []byte("sealed")}, {Stream: "a", ID: "y", Sealed: []byte("sealed")}}
	s.must(s.Commit(ctx, b))
	s.must(s.Put(ctx, "f", []byte("value"), time.Time{}))
	s.must(s.AppendBlocks(ctx, []journal.Block{block("n", 1, "data"), block("n", 2, "data")}))
	before := s.export()
	var kept [][]byte
	keep := func(data []byte) error {
		for i := range data {
			data[i] = '!'
		}
		kept = append(kept, data)
		return nil
	}
	s.must(s.exports().Export(ctx, journal.Visitor{
		Entry:  func(x journal.Entry) error { return keep(x.Data) },
		Secret: func(x journal.Secret) error { return keep(x.Sealed) },
		Fact:   func(x journal.Fact) error { return keep(x.Value) },
		Block:  func(x journal.Block) error { return keep(x.Data) },
	}))
	s.diff("export after a visitor changed what it got", s.export(), before)
	for _, data := range kept {
		if strings.Trim(string(data), "!") != "" || len(data) == 0 {
			s.Fatalf("what a visitor kept became %q", data)
		}
	}
	if len(kept) != 7 {
		s.Fatalf("%d values were handed over, want 7", len(kept))
	}
}

// exportErrors: a visitor's error ends the export and comes back as it is.
func (s *suite) exportErrors() {
	ctx := context.Background()
	b := batch("", "a", 0, "one", "two")
	b.Secrets = []journal.Secret{{Stream: "a", ID: "x", Sealed: []byte("sealed")}}
	s.must(s.Commit(ctx, b))
	s.must(s.Put(ctx, "f", nil, time.Time{}))
	s.must(s.AppendBlocks(ctx, []journal.Block{block("n", 1, "data")}))
	mine := errors.New("the visitor's own")
	for kind := range 4 {
		calls := 0
		refuse := func(n int) error {
			if n < kind {
				return nil
			}
			calls++
			return mine
		}
		err := s.exports().Export(ctx, journal.Visitor{
			Entry:  func(journal.Entry) error { return refuse(0) },
			Secret: func(journal.Secret) error { return refuse(1) },
			Fact:   func(journal.Fact) error { return refuse(2) },
			Block:  func(journal.Block) error { return refuse(3) },
		})
		if err != mine || calls != 1 { //nolint:errorlint // as it is, not wrapped
			s.Errorf("kind %d: %v after %d calls", kind, err, calls)
		}
	}
	cancelled, cancel := context.WithCancel(ctx)
	v := new(everything).visitor()
	v.Entry = func(journal.Entry) error { cancel(); return nil }
	s.wantError(s.exports().Export(cancelled, v), context.Canceled)
	s.wantError(s.exports().Export(cancelled, new(everything).visitor()), context.Canceled)
	s.must(s.Close())
	s.wantError(s.exports().Export(ctx, new(everything).visitor()), journal.ErrClosed)
}

// exportsOneMoment: commits over two streams, with a secret that counts them
// and blocks behind them, are in an export wholly or not at all.
func (s *suite) exportsOneMoment() {
	ctx := context.Background()
	stop := make(chan struct{})
	var writers sync.WaitGroup
	for n := range 4 {
		a, z := journal.StreamID(fmt.Sprint("a", n)), journal.StreamID(fmt.Sprint("z", n))
		writers.Go(func() {
			for at := journal.Revision(0); ; at++ {
				select {
				case <-stop:
					return
				default:
				}
				b := join(batch("", a, at, "x"), batch("", z, at, "x"))
				b.Secrets = []journal.Secret{{Stream: a, ID: "count", Sealed: fmt.Append(nil, at+1)}}
				if err := s.Commit(ctx, b); err != nil {
					s.Error(err)
					return
				}
			}
		})
	}
	defer writers.Wait()
	defer close(stop)
	for range 10 {
		before, err := s.Heads(ctx)
		s.must(err)
		heads, counts := make(map[journal.StreamID]journal.Revision), make(map[journal.StreamID]string)
		v := new(everything).visitor()
		v.Entry = func(x journal.Entry) error {
			if x.Revision != heads[x.Stream]+1 {
				return fmt.Errorf("revision %d of %s after %d", x.Revision, x.Stream, heads[x.Stream])
			}
			heads[x.Stream] = x.Revision
			return nil
		}
		v.Secret = func(x journal.Secret) error { counts[x.Stream] = string(x.Sealed); return nil }
		s.must(s.exports().Export(ctx, v))
		for n := range 4 {
			a, z := journal.StreamID(fmt.Sprint("a", n)), journal.StreamID(fmt.Sprint("z", n))
			if heads[a] != heads[z] || heads[a] > 0 && counts[a] != fmt.Sprint(heads[a]) {
				s.Fatalf("%s is at %d, %s at %d, the secret at %q", a, heads[a], z, heads[z], counts[a])
			}
			if heads[a] < before[a] {
				s.Fatalf("%s is at %d, and was at %d before", a, heads[a], before[a])
			}
		}
	}
}

// exportBesideCommits writes from within an export, which must neither wait for
// it nor see it.
func (s *suite) exportBesideCommits() {
	ctx := context.Background()
	s.must(s.Commit(ctx, batch("", "a", 0, "one")))
	s.must(s.AppendBlocks(ctx, []journal.Block{block("n", 1, "x")}))
	v := new(everything).visitor()
	entries, blocks := 0, 0
	v.Entry = func(x journal.Entry) error {
		entries++
		b := join(batch("", x.Stream, 1, "later"), batch("", "b", 0, "later"))
		b.Secrets = []journal.Secret{{Stream: x.Stream, ID: "later", Sealed: []byte("x")}}
		if err := s.Commit(ctx, b); err != nil {
			return err
		}
		if err := s.Put(ctx, "later", nil, time.Time{}); err != nil {
			return err
		}
		return s.AppendBlocks(ctx, []journal.Block{block("n", 2, "later")})
	}
	v.Secret = func(x journal.Secret) error { return fmt.Errorf("a later secret %q", x.ID) }
	v.Fact = func(x journal.Fact) error { return fmt.Errorf("a later fact %q", x.Key) }
	v.Block = func(journal.Block) error { blocks++; return nil }
	done := make(chan error, 1)
	go func() { done <- s.exports().Export(ctx, v) }()
	select {
	case err := <-done:
		s.must(err)
	case <-time.After(30 * time.Second):
		s.Fatal("an export holds up commits")
	}
	if entries != 1 || blocks != 1 {
		s.Fatalf("%d entries and %d blocks, want those of before the export", entries, blocks)
	}
}
