package journaltest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sallyport/internal/journal"
)

// RunExport runs what [journal.Exports] promises, each case on a store of its own.
func RunExport(t *testing.T, open Open) {
	for _, c := range exportCases {
		t.Run(c.name, func(t *testing.T) {
			store, reopen := open(t)
			exports, ok := store.(journal.Exports)
			if !ok {
				t.Fatalf("%T does not implement journal.Exports", store)
			}
			c.run(&exportSuite{&suite{T: t, Store: store, reopen: reopen}, exports})
		})
	}
}

type exportSuite struct {
	*suite
	journal.Exports
}

var exportCases = []struct {
	name string
	run  func(*exportSuite)
}{
	{"Empty", (*exportSuite).exportEmpty},
	{"Everything", (*exportSuite).exportEverything},
	{"Many", (*exportSuite).exportMany},
	{"OneMoment", (*exportSuite).exportOneMoment},
	{"BesideCommits", (*exportSuite).exportBesideCommits},
	{"Copies", (*exportSuite).exportCopies},
	{"VisitorFails", (*exportSuite).exportVisitorFails},
	{"Cancelled", (*exportSuite).exportCancelled},
}

// exported is what an export handed over, in its order.
type exported struct {
	Entries []journal.Entry
	Secrets []journal.Secret
	Facts   []journal.Fact
	Blocks  []journal.Block
}

// visitor collects; it fails when the kinds come in another order.
func (s *exportSuite) visitor(e *exported) journal.Visitor {
	kind := 0
	in := func(k int) error {
		if k < kind {
			return fmt.Errorf("kind %d after kind %d", k, kind)
		}
		kind = k
		return nil
	}
	return journal.Visitor{
		Entry:  func(x journal.Entry) error { e.Entries = append(e.Entries, x); return in(1) },
		Secret: func(x journal.Secret) error { e.Secrets = append(e.Secrets, x); return in(2) },
		Fact:   func(x journal.Fact) error { e.Facts = append(e.Facts, x); return in(3) },
		Block:  func(x journal.Block) error { e.Blocks = append(e.Blocks, x); return in(4) },
	}
}

func (s *exportSuite) export() exported {
	s.Helper()
	var e exported
	s.must(s.Export(context.Background(), s.visitor(&e)))
	return e
}

func (s *exportSuite) exportEmpty() {
	s.diff("an empty store", s.export(), exported{})
}

func (s *exportSuite) exportEverything() {
	ctx := context.Background()
	var want exported
	names := slices.Clone(hostile)
	slices.Sort(names)
	for i := range names {
		// Written in the opposite order.
		name := names[len(names)-1-i]
		stream := journal.StreamID(name)
		b := batch(name, stream, 0, name, "")
		b.Secrets = []journal.Secret{{Stream: stream, ID: "z", Sealed: []byte(name)}, {Stream: stream, ID: name, Sealed: []byte{}}}
		s.must(s.Commit(ctx, b))
		s.must(s.Put(ctx, name, []byte(name), epoch.Add(time.Duration(i))))
		s.must(s.AppendBlocks(ctx, []journal.Block{block(name, 1, name)}))
		s.must(s.SaveSnapshot(ctx, stream, 1, strings.NewReader("a cache")))
		want.Blocks = append(want.Blocks, block(name, 1, name))
	}
	for i, name := range names {
		stream := journal.StreamID(name)
		want.Entries = append(want.Entries, journal.Entry{Stream: stream, Revision: 1, Data: []byte(name)}, journal.Entry{Stream: stream, Revision: 2, Data: []byte{}})
		secrets := []journal.Secret{{Stream: stream, ID: "z", Sealed: []byte(name)}, {Stream: stream, ID: name, Sealed: []byte{}}}
		slices.SortFunc(secrets, func(a, b journal.Secret) int { return strings.Compare(a.ID, b.ID) })
		want.Secrets = append(want.Secrets, secrets...)
		want.Facts = append(want.Facts, journal.Fact{Key: name, Value: []byte(name), Expires: epoch.Add(time.Duration(len(names) - 1 - i))})
	}
	// Deleted, used, guarded, expired long ago, never expiring.
	b := batch("more", "only secrets", 0)
	b.Expect = append(b.Expect, journal.Expectation{Stream: "guarded"})
	s.must(s.Commit(ctx, secret(b, "k", []byte("v"))))
	s.must(s.Commit(ctx, secret(batch("deleted", "a", 2), "z", nil)))
	want.Secrets = slices.DeleteFunc(want.Secrets, func(x journal.Secret) bool { return x.Stream == "a" && x.ID == "z" })
	want.Secrets = append(want.Secrets, journal.Secret{Stream: "only secrets", ID: "k", Sealed: []byte("v")})
	slices.SortStableFunc(want.Secrets, func(a, b journal.Secret) int { return strings.Compare(string(a.Stream), string(b.Stream)) })
	_, err := s.Once(ctx, "zz once", epoch)
	s.must(err)
	s.must(s.Put(ctx, "zz never", nil, time.Time{}))
	s.must(s.Put(ctx, "zz gone", nil, epoch))
	s.must(s.DeleteFact(ctx, "zz gone"))
	want.Facts = append(want.Facts, journal.Fact{Key: "zz never", Value: []byte{}}, journal.Fact{Key: "zz once", Value: []byte{}, Expires: epoch})
	slices.SortFunc(want.Facts, func(a, b journal.Fact) int { return strings.Compare(a.Key, b.Key) })

	for range 2 {
		got := s.export()
		for i := range got.Blocks {
			if i > 0 && got.Blocks[i].Cursor <= got.Blocks[i-1].Cursor {
				s.Fatalf("cursor %d after %d", got.Blocks[i].Cursor, got.Blocks[i-1].Cursor)
			}
		}
		for i := range got.Blocks {
			got.Blocks[i].Cursor = 0
		}
		s.diff("export", got, want)
		s.Store = s.reopen()
		s.Exports = s.Store.(journal.Exports)
	}
}

// exportMany crosses any plausible size of a page.
func (s *exportSuite) exportMany() {
	ctx := context.Background()
	const streams, length = 2100, 2100
	var all sync.WaitGroup
	for part := range 16 {
		all.Go(func() {
			for n := part; n < streams; n += 16 {
				if err := s.Commit(ctx, batch(fmt.Sprint(n), journal.StreamID(fmt.Sprint("s", n)), 0, fmt.Sprint(n))); err != nil {
					s.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
	long := make([]string, length)
	for i := range long {
		long[i] = strconv.Itoa(i + 1)
	}
	s.must(s.Commit(ctx, batch("long", "long", 0, long...)))
	entries, last := 0, journal.Entry{}
	v := s.visitor(&exported{})
	v.Entry = func(e journal.Entry) error {
		if e.Stream < last.Stream || e.Stream == last.Stream && e.Revision != last.Revision+1 || e.Stream != last.Stream && e.Revision != 1 {
			return fmt.Errorf("entry %d of %q after %d of %q", e.Revision, e.Stream, last.Revision, last.Stream)
		}
		if e.Stream == "long" && string(e.Data) != fmt.Sprint(e.Revision) || e.Stream != "long" && "s"+string(e.Data) != string(e.Stream) {
			return fmt.Errorf("entry %d of %q is %q", e.Revision, e.Stream, e.Data)
		}
		last = e
		entries++
		return nil
	}
	s.must(s.Export(ctx, v))
	if entries != streams+length {
		s.Fatalf("%d entries, want %d", entries, streams+length)
	}
}

// exportOneMoment exports while two streams and a secret are changed together, and
// a fact and a block after them: what is handed over fits together.
func (s *exportSuite) exportOneMoment() {
	ctx := context.Background()
	stop := make(chan struct{})
	var all sync.WaitGroup
	committed := make(chan journal.Revision, 1)
	all.Go(func() {
		for at := journal.Revision(0); ; at++ {
			select {
			case <-stop:
				return
			default:
			}
			data := fmt.Sprint(at + 1)
			b := secret(join(batch(data, "a", at, data), batch("", "z", at, data)), "last", []byte(data))
			if err := s.Commit(ctx, b); err != nil {
				s.Error(err)
				return
			}
			select {
			case <-committed:
			default:
			}
			committed <- at + 1
		}
	})
	for range 20 {
		before := <-committed
		got := s.export()
		lengths := map[journal.StreamID]journal.Revision{}
		for _, e := range got.Entries {
			lengths[e.Stream] = e.Revision
		}
		if lengths["a"] != lengths["z"] || len(got.Secrets) != 1 || string(got.Secrets[0].Sealed) != fmt.Sprint(lengths["a"]) {
			s.Fatalf("an export has %v and secrets %v", lengths, got.Secrets)
		}
		if lengths["a"] < before {
			s.Fatalf("an export has %d entries, %d had been committed", lengths["a"], before)
		}
	}
	close(stop)
	all.Wait()
}

// exportBesideCommits commits in the middle of an export: neither waits for the
// other.
func (s *exportSuite) exportBesideCommits() {
	ctx := context.Background()
	s.must(s.Commit(ctx, batch("1", "a", 0, "one", "two", "three")))
	at, entries := journal.Revision(3), 0
	v := s.visitor(&exported{})
	v.Entry = func(journal.Entry) error {
		entries++
		at++
		return s.Commit(ctx, batch(fmt.Sprint("beside ", at), "a", at-1, "more"))
	}
	done := make(chan error, 1)
	go func() { done <- s.Export(ctx, v) }()
	select {
	case err := <-done:
		s.must(err)
	case <-time.After(30 * time.Second):
		s.Fatal("an export holds up commits")
	}
	if entries != 3 {
		s.Fatalf("%d entries were exported, want the 3 of its moment", entries)
	}
	if n := len(s.data("a")); n != 6 {
		s.Fatalf("%d entries are there, want 6", n)
	}
}

func (s *exportSuite) exportCopies() {
	ctx := context.Background()
	s.must(s.Commit(ctx, secret(batch("1", "a", 0, "entry"), "s", []byte("secret"))))
	s.must(s.Put(ctx, "f", []byte("value"), time.Time{}))
	s.must(s.AppendBlocks(ctx, []journal.Block{block("n", 1, "block")}))
	want := s.export()
	spoiled := s.export()
	for _, data := range [][]byte{spoiled.Entries[0].Data, spoiled.Secrets[0].Sealed, spoiled.Facts[0].Value, spoiled.Blocks[0].Data} {
		if len(data) == 0 || bytes.Equal(data, make([]byte, len(data))) {
			s.Fatal("nothing to spoil")
		}
		clear(data)
	}
	s.diff("what a visitor changed", s.export(), want)
}

func (s *exportSuite) exportVisitorFails() {
	ctx := context.Background()
	s.must(s.Commit(ctx, secret(batch("1", "a", 0, "entry", "second"), "s", []byte("secret"))))
	s.must(s.Put(ctx, "f", []byte("value"), time.Time{}))
	s.must(s.AppendBlocks(ctx, []journal.Block{block("n", 1, "block"), block("n", 2, "block")}))
	whole := s.export()
	broken := errors.New("the visitor is full")
	for name, c := range map[string]struct {
		change func(*journal.Visitor, *int)
		before exported
	}{
		"entry":  {func(v *journal.Visitor, n *int) { v.Entry = func(journal.Entry) error { *n++; return broken } }, exported{}},
		"secret": {func(v *journal.Visitor, n *int) { v.Secret = func(journal.Secret) error { *n++; return broken } }, exported{Entries: whole.Entries}},
		"fact":   {func(v *journal.Visitor, n *int) { v.Fact = func(journal.Fact) error { *n++; return broken } }, exported{Entries: whole.Entries, Secrets: whole.Secrets}},
		"block":  {func(v *journal.Visitor, n *int) { v.Block = func(journal.Block) error { *n++; return broken } }, exported{Entries: whole.Entries, Secrets: whole.Secrets, Facts: whole.Facts}},
	} {
		var got exported
		calls := 0
		v := s.visitor(&got)
		c.change(&v, &calls)
		if err := s.Export(ctx, v); err != broken { //nolint:errorlint // returned as it is
			s.Errorf("a failing %s: %v", name, err)
		}
		if calls != 1 {
			s.Errorf("a failing %s was called %d times", name, calls)
		}
		if d := cmp.Diff(c.before, got); d != "" {
			s.Errorf("before a failing %s (-want +got):\n%s", name, d)
		}
	}
	s.diff("export after failures", s.export(), whole)
}

func (s *exportSuite) exportCancelled() {
	ctx, cancel := context.WithCancel(context.Background())
	s.must(s.Commit(ctx, batch("1", "a", 0, "one", "two")))
	v := s.visitor(&exported{})
	cancel()
	s.wantError(s.Export(ctx, v), context.Canceled)
	s.must(s.Close())
	s.wantError(s.Export(context.Background(), v), journal.ErrClosed)
}
