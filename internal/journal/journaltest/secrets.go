package journaltest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"sallyport/internal/journal"
)

func secret(b journal.Batch, id string, sealed []byte) journal.Batch {
	b.Secrets = append(b.Secrets, journal.Secret{Stream: b.Expect[0].Stream, ID: id, Sealed: sealed})
	return b
}

func (s *suite) wantSecret(stream journal.StreamID, id, want string) {
	s.Helper()
	got, err := s.LoadSecret(context.Background(), stream, id)
	s.must(err)
	if string(got) != want || got == nil {
		s.Fatalf("secret %q of %q is %q, want %q", id, stream, got, want)
	}
}

func (s *suite) wantNoSecret(stream journal.StreamID, id string) {
	s.Helper()
	got, err := s.LoadSecret(context.Background(), stream, id)
	if !errors.Is(err, journal.ErrNotFound) || got != nil {
		s.Fatalf("secret %q of %q: %q, %v; want ErrNotFound", id, stream, got, err)
	}
}

func (s *suite) secrets() {
	ctx := context.Background()
	s.wantNoSecret("a", "k")
	s.must(s.Commit(ctx, secret(secret(batch("1", "a", 0, "one"), "k", []byte("v1")), "empty", []byte{})))
	s.must(s.Commit(ctx, secret(batch("2", "b", 0, "one"), "k", []byte("of b"))))
	s.wantSecret("a", "k", "v1")
	s.wantSecret("a", "empty", "")
	s.wantSecret("b", "k", "of b")
	s.must(s.Commit(ctx, secret(batch("3", "a", 1, "two"), "k", []byte("v2"))))
	s.wantSecret("a", "k", "v2")
	s.must(s.Commit(ctx, secret(secret(batch("4", "a", 2, "three"), "k", nil), "absent", nil)))
	s.wantNoSecret("a", "k")
	s.wantSecret("b", "k", "of b")
	// A secret may change without an entry, under its stream's expectation.
	s.must(s.Commit(ctx, secret(batch("5", "a", 3), "k", []byte("v3"))))
	s.wantSecret("a", "k", "v3")
	s.must(s.Commit(ctx, secret(batch("6", "empty stream", 0), "k", []byte("v"))))
	s.Store = s.reopen()
	s.wantSecret("a", "k", "v3")
	s.wantSecret("empty stream", "k", "v")
	s.wantData("empty stream")
	s.must(s.Commit(ctx, batch("7", "empty stream", 0, "one")))
	large := strings.Repeat("s", journal.MaxSecret)
	s.must(s.Commit(ctx, secret(batch("8", "a", 3), "large", []byte(large))))
	s.wantSecret("a", "large", large)
}

func (s *suite) secretsAreAtomic() {
	ctx := context.Background()
	s.must(s.Commit(ctx, secret(batch("1", "a", 0, "one"), "k", []byte("v1"))))
	b := join(secret(secret(batch("2", "a", 1, "no"), "k", nil), "new", []byte("no")), batch("", "b", 5, "no"))
	s.wantConflict(s.Commit(ctx, b), journal.ConflictError{Stream: "b", Expected: 5, Actual: 0})
	s.wantSecret("a", "k", "v1")
	s.wantNoSecret("a", "new")
}

func (s *suite) cancelled() {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for name, call := range s.calls(ctx) {
		if err := call(); !errors.Is(err, context.Canceled) {
			s.Errorf("%s with a cancelled context: %v", name, err)
		}
	}
	s.wantData("a")
	s.wantNoSecret("a", "s")

	// A commit whose context ends while it runs has a definite answer: an error
	// means that it is not there, success that it is.
	var all sync.WaitGroup
	for n := range 32 {
		all.Go(func() {
			stream := journal.StreamID(fmt.Sprint("racing ", n))
			ctx, cancel := context.WithTimeout(context.Background(), time.Duration(n)*50*time.Microsecond)
			defer cancel()
			err := s.Commit(ctx, batch(string(stream), stream, 0, "x"))
			entries, readErr := s.Read(context.Background(), stream, 0, 10)
			if readErr != nil {
				s.Error(readErr)
			} else if (err == nil) != (len(entries) == 1) {
				s.Errorf("commit said %v, and %d entries are there", err, len(entries))
			}
		})
	}
	all.Wait()
}

// calls returns one valid call of every method that takes a context.
func (s *suite) calls(ctx context.Context) map[string]func() error {
	return map[string]func() error{
		"Commit":          func() error { return s.Commit(ctx, secret(batch("c", "a", 0, "x"), "s", []byte("x"))) },
		"Read":            func() error { _, err := s.Read(ctx, "a", 0, 1); return err },
		"Heads":           func() error { _, err := s.Heads(ctx); return err },
		"SaveSnapshot":    func() error { return s.SaveSnapshot(ctx, "a", 1, strings.NewReader("x")) },
		"LoadSnapshot":    func() error { _, _, err := s.LoadSnapshot(ctx, "a", 1); return err },
		"DeleteSnapshots": func() error { return s.DeleteSnapshots(ctx, "a", 1) },
		"LoadSecret":      func() error { _, err := s.LoadSecret(ctx, "a", "s"); return err },
		"Once":            func() error { _, err := s.Once(ctx, "k", epoch); return err },
		"Put":             func() error { return s.Put(ctx, "k", nil, epoch) },
		"Get":             func() error { _, err := s.Get(ctx, "k", epoch); return err },
		"DeleteFact":      func() error { return s.DeleteFact(ctx, "k") },
		"Sweep":           func() error { return s.Sweep(ctx, epoch) },
		"AppendBlocks": func() error {
			return s.AppendBlocks(ctx, []journal.Block{{Node: "n", Sequence: 1, First: epoch, Last: epoch, Count: 1}})
		},
		"ReadBlocks": func() error { _, err := s.ReadBlocks(ctx, 0, 1); return err },
		"FindBlocks": func() error { _, err := s.FindBlocks(ctx, journal.BlockQuery{Limit: 1}); return err },
	}
}

func (s *suite) closed() {
	ctx := context.Background()
	s.must(s.Commit(ctx, batch("1", "kept", 0, "one")))
	// Close while commits run: each is either acknowledged and there, or refused.
	var acknowledged sync.Map
	var all sync.WaitGroup
	for n := range 16 {
		all.Go(func() {
			stream := journal.StreamID(fmt.Sprint(n))
			for i := range journal.Revision(1000) {
				err := s.Commit(ctx, batch(fmt.Sprint(n, " ", i), stream, i, "x"))
				if errors.Is(err, journal.ErrClosed) {
					return
				} else if err != nil {
					s.Error(err)
					return
				}
				acknowledged.Store(stream, i+1)
			}
		})
	}
	time.Sleep(5 * time.Millisecond)
	for range 3 {
		all.Go(func() {
			if err := s.Close(); err != nil {
				s.Errorf("Close: %v", err)
			}
		})
	}
	all.Wait()
	s.must(s.Close())
	for name, call := range s.calls(ctx) {
		if err := call(); !errors.Is(err, journal.ErrClosed) {
			s.Errorf("%s after Close: %v", name, err)
		}
	}
	s.Store = s.reopen()
	heads, err := s.Heads(ctx)
	s.must(err)
	want := map[journal.StreamID]journal.Revision{"kept": 1}
	acknowledged.Range(func(stream, at any) bool { want[stream.(journal.StreamID)] = at.(journal.Revision); return true })
	s.diff("heads", heads, want)
}
