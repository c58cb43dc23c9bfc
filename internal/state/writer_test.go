package state

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"sallyport/internal/journal"
	"sallyport/internal/journal/memory"
)

func TestBatchWithFailingCommand(t *testing.T) {
	j := &hooked{Store: memory.New()}
	s := open(t, config(t, j))
	var commits atomic.Int32
	j.commit = func(_ context.Context, b journal.Batch, next func() error) error {
		commits.Add(1)
		return next()
	}
	boom := errors.New("boom")
	release := hold(t, s, accountA)
	wait := queue(t, s, accountA,
		command(func(tx *Tx) error { putUser(tx, "u1", "alice"); return nil }),
		command(func(tx *Tx) error {
			if !users.Has(tx, "u1") {
				t.Error("a command does not see the one before it in its batch")
			}
			putUser(tx, "u2", "bob")
			users.Delete(tx, "u1")
			o, err := tx.Other(accountB)
			if err != nil {
				return err
			}
			putUser(o, "u9", "zoe")
			tx.PutSecret("s", []byte("x"))
			tx.Record([]byte("{}"))
			return boom
		}),
		command(func(tx *Tx) error { panic("oops") }),
		command(func(tx *Tx) error {
			if users.Has(tx, "u2") || !users.Has(tx, "u1") {
				t.Error("a failed command left changes")
			}
			putUser(tx, "u3", "carol")
			return nil
		}),
	)
	release()
	errs := wait()
	var panicked *PanicError
	if errs[0] != nil || errs[1] != boom || !errors.As(errs[2], &panicked) || errs[3] != nil {
		t.Fatalf("outcomes %v", errs)
	}
	v := view(t, s, accountA)
	if got := keysOf(users, v, ""); !slices.Equal(got, []string{"u1", "u3"}) || v.Revision() != 2 {
		t.Errorf("users %v at revision %d", got, v.Revision())
	}
	if _, ok := s.View(accountB); ok {
		t.Error("the failed command made another stream")
	}
	if _, err := s.Secret(context.Background(), accountA, "s"); !errors.Is(err, journal.ErrNotFound) {
		t.Errorf("secret of the failed command: %v", err)
	}
	if commits.Load() != 1 {
		t.Errorf("%d commits, want one batch", commits.Load())
	}
}

func TestReadersNeverSeeUncommitted(t *testing.T) {
	j := &hooked{Store: memory.New()}
	s := open(t, config(t, j))
	do(t, s, accountA, func(tx *Tx) { putUser(tx, "u1", "alice") })
	before := view(t, s, accountA)
	fail := errors.New("disk on fire")
	for _, outcome := range []error{journal.ErrFull, nil} {
		reached, proceed := make(chan struct{}), make(chan struct{})
		j.commit = func(_ context.Context, _ journal.Batch, next func() error) error {
			close(reached)
			<-proceed
			if outcome != nil {
				return fmt.Errorf("%w: %w", outcome, fail)
			}
			return next()
		}
		done := make(chan error)
		go func() {
			_, err := s.Update(context.Background(), accountA, command(func(tx *Tx) error {
				putUser(tx, "u1", "mallory")
				putUser(tx, "u2", "bob")
				return nil
			}))
			done <- err
		}()
		<-reached
		if view(t, s, accountA) != before {
			t.Error("an uncommitted view is published")
		}
		close(proceed)
		err := <-done
		if !errors.Is(err, outcome) {
			t.Errorf("outcome %v, want %v", err, outcome)
		}
		if got := view(t, s, accountA); (got != before) != (outcome == nil) {
			t.Errorf("after %v: revision %d", outcome, got.Revision())
		}
	}
	if u, _ := users.Get(before, "u1"); u.Name != "alice" || users.Has(before, "u2") {
		t.Error("a held view changed")
	}
}

func TestContextBeforeAndAfterTaken(t *testing.T) {
	j := &hooked{Store: memory.New()}
	s := open(t, config(t, j))
	canceled, cancel := context.WithCancel(context.Background())
	cancel()
	never := command(func(*Tx) error { t.Error("ran"); return nil })
	if _, err := s.Update(canceled, accountA, never); !errors.Is(err, context.Canceled) {
		t.Errorf("canceled before: %v", err)
	}

	release := hold(t, s, accountA)
	waiting, cancel := context.WithTimeout(context.Background(), 5*time.Millisecond)
	defer cancel()
	if _, err := s.Update(waiting, accountA, never); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("canceled in the queue: %v", err)
	}
	release()

	taken, cancel := context.WithCancel(context.Background())
	j.commit = func(ctx context.Context, _ journal.Batch, next func() error) error {
		cancel()
		time.Sleep(5 * time.Millisecond)
		if ctx.Err() != nil {
			t.Error("a caller's context reached the commit")
		}
		return next()
	}
	rev, err := s.Update(taken, accountA, command(func(tx *Tx) error { putUser(tx, "u1", "alice"); return nil }))
	if err != nil || rev != 1 || !users.Has(view(t, s, accountA), "u1") {
		t.Errorf("canceled while committing: revision %d, %v", rev, err)
	}
}

func TestOutcomeUnknown(t *testing.T) {
	lost := fmt.Errorf("%w: connection reset", journal.ErrOutcomeUnknown)
	add := command(func(tx *Tx) error { count(tx, "c", ""); return nil })
	for _, tc := range []struct {
		name    string
		commit  func(n int, next func() error) error
		unknown bool
		count   int // after one more command
	}{
		{"written, reply lost", func(n int, next func() error) error {
			if err := next(); err != nil || n > 1 {
				return err
			}
			return lost
		}, false, 2},
		{"not written, then sent again", func(n int, next func() error) error {
			if n == 1 {
				return lost
			}
			return next()
		}, false, 2},
		{"written, never answered", func(n int, next func() error) error {
			_ = next()
			return lost
		}, true, 2},
		{"never written, never answered", func(int, func() error) error { return lost }, true, 1},
		{"written, then closed to writes", func(n int, next func() error) error {
			if n == 1 {
				_ = next()
				return lost
			}
			return journal.ErrFailed
		}, true, 2},
		{"an error the journal does not define", func(int, func() error) error { return errors.New("eh") }, true, 1},
	} {
		t.Run(tc.name, func(t *testing.T) {
			j := &hooked{Store: memory.New()}
			s := open(t, config(t, j))
			n := 0
			j.commit = func(_ context.Context, _ journal.Batch, next func() error) error {
				n++
				return tc.commit(n, next)
			}
			_, err := s.Update(context.Background(), accountA, add)
			if errors.Is(err, ErrOutcomeUnknown) != tc.unknown || !tc.unknown && err != nil {
				t.Errorf("outcome %v, want unknown %v", err, tc.unknown)
			}
			j.commit = nil
			if _, err := s.Update(context.Background(), accountA, add); err != nil {
				t.Fatal(err)
			}
			if c, _ := counters.Get(view(t, s, accountA), "c"); c.N != tc.count {
				t.Errorf("count %d, want %d", c.N, tc.count)
			}
		})
	}
}

// count adds one to a counter, and a mark to what it has seen.
func count(tx *Tx, key, mark string) int {
	var c counter
	if old, ok := counters.Get(tx, key); ok {
		c = counter{N: old.N, Seen: slices.Clone(old.Seen)}
	}
	c.N++
	if mark != "" {
		c.Seen = append(c.Seen, mark)
	}
	counters.Put(tx, key, &c)
	return c.N
}

func TestTooLargeFailsAlone(t *testing.T) {
	s, _ := openMemory(t)
	release := hold(t, s, accountA)
	wait := queue(t, s, accountA,
		command(func(tx *Tx) error { putUser(tx, "u1", "alice"); return nil }),
		command(func(tx *Tx) error { putUser(tx, "u2", strings.Repeat("x", MaxEntryBytes)); return nil }),
		command(func(tx *Tx) error {
			for i := range 80 {
				tx.PutSecret(fmt.Sprint(i), make([]byte, MaxSecretBytes))
			}
			return nil
		}),
		command(func(tx *Tx) error { putUser(tx, "u3", "carol"); return nil }),
	)
	release()
	errs := wait()
	if errs[0] != nil || !errors.Is(errs[1], journal.ErrTooLarge) || !errors.Is(errs[2], journal.ErrTooLarge) || errs[3] != nil {
		t.Errorf("outcomes %v", errs)
	}
	if got := keysOf(users, view(t, s, accountA), ""); !slices.Equal(got, []string{"u1", "u3"}) {
		t.Errorf("users %v", got)
	}
}

func TestBigBatchIsSplit(t *testing.T) {
	s, j := openMemory(t)
	release := hold(t, s, accountA)
	var commands []Command
	for i := range 9 {
		commands = append(commands, command(func(tx *Tx) error {
			putUser(tx, userID(i), strings.Repeat("x", MaxEntryBytes/2))
			return nil
		}))
	}
	wait := queue(t, s, accountA, commands...)
	release()
	for i, err := range wait() {
		if err != nil {
			t.Errorf("command %d: %v", i, err)
		}
	}
	if n := len(readAll(t, j, accountA)); n != 9 {
		t.Errorf("%d entries", n)
	}
}

func TestTimeNeverGoesBack(t *testing.T) {
	c := newClock()
	j := memory.New()
	cfg := config(t, j)
	cfg.Now = c.now
	s := open(t, cfg)
	var last time.Time
	check := func(s *Store) {
		t.Helper()
		do(t, s, accountA, func(tx *Tx) {
			if tx.Now().Before(last) || tx.Now().Location() != time.UTC || !tx.Now().Equal(tx.Now()) {
				t.Errorf("now %v after %v", tx.Now(), last)
			}
			last = tx.Now()
			count(tx, "c", "")
		})
		if got := view(t, s, accountA).Time(); !got.Equal(last) {
			t.Errorf("view's time %v, want %v", got, last)
		}
	}
	for _, jump := range []time.Duration{time.Second, -time.Hour, 0, 30 * time.Minute, -365 * 24 * time.Hour, 2 * 365 * 24 * time.Hour} {
		c.add(jump)
		check(s)
	}
	s.Close()
	c.add(-24 * time.Hour)
	check(open(t, cfg))
	// Within one batch, too.
	s = open(t, cfg)
	release := hold(t, s, accountA)
	var cs []Command
	for range 3 {
		cs = append(cs, command(func(tx *Tx) error {
			if tx.Now().Before(last) {
				t.Errorf("now %v after %v", tx.Now(), last)
			}
			last = tx.Now()
			count(tx, "c", "")
			c.add(-time.Hour)
			return nil
		}))
	}
	wait := queue(t, s, accountA, cs...)
	release()
	wait()
}

func TestCloseUnderLoad(t *testing.T) {
	j := memory.New()
	cfg := config(t, j)
	cfg.Snapshot = SnapshotPolicy{Entries: 20, OnClose: 1}
	s := open(t, cfg)
	var acknowledged atomic.Int64
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			for {
				_, err := s.Update(context.Background(), accountA, command(func(tx *Tx) error { count(tx, "c", ""); return nil }))
				if errors.Is(err, ErrClosed) {
					return
				}
				if err != nil {
					t.Error(err)
					return
				}
				acknowledged.Add(1)
			}
		})
	}
	for acknowledged.Load() < 100 && !t.Failed() {
		time.Sleep(time.Millisecond)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	wg.Wait()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	again := open(t, cfg)
	c, _ := counters.Get(view(t, again, accountA), "c")
	if int64(c.N) != acknowledged.Load() || c.N == 0 {
		t.Errorf("%d counted, %d acknowledged", c.N, acknowledged.Load())
	}
	if at, _, _ := j.LoadSnapshot(context.Background(), accountA, journal.MaxRevision); at != view(t, again, accountA).Revision() {
		t.Errorf("last snapshot at %d of %d", at, view(t, again, accountA).Revision())
	}
}

func TestTxAfterRunPanics(t *testing.T) {
	s, _ := openMemory(t)
	var leaked *Tx
	do(t, s, accountA, func(tx *Tx) { leaked = tx })
	defer func() {
		if recover() == nil {
			t.Error("a Tx can be used after its command")
		}
	}()
	putUser(leaked, "u1", "alice")
}

func TestUpdateRefuses(t *testing.T) {
	s, _ := openMemory(t)
	ok := command(func(*Tx) error { return nil })
	for _, id := range []StreamID{"", "a\x00b", "\xff", StreamID(strings.Repeat("x", journal.MaxName+1))} {
		if _, err := s.Update(context.Background(), id, ok); !errors.Is(err, journal.ErrInvalid) {
			t.Errorf("stream %q: %v", id, err)
		}
	}
	if _, err := s.Update(context.Background(), accountA, Command{}); err == nil {
		t.Error("a command without Run is accepted")
	}
}

// What a command is called by and records must come back as it was.
func TestEntryFields(t *testing.T) {
	s, _ := openMemory(t)
	_, err := s.Update(context.Background(), accountA, Command{
		RequestID: "r\"1", Caller: "arn:aws:sts::111122223333:assumed-role/x/<y>", Operation: "iam:CreateUser",
		Run: func(tx *Tx) error {
			putUser(tx, "u1", "al\nice")
			tx.Record([]byte("{\n \"multi\": \"line\"\n}"))
			return nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	entries, err := s.Entries(context.Background(), accountA, 0, 10)
	if err != nil || len(entries) != 1 {
		t.Fatal(entries, err)
	}
	e := entries[0]
	var u user
	if err := json.Unmarshal(e.Changes[0].Value, &u); err != nil || u.Name != "al\nice" {
		t.Errorf("row %s, %v", e.Changes[0].Value, err)
	}
	if e.RequestID != "r\"1" || e.Caller != "arn:aws:sts::111122223333:assumed-role/x/<y>" || e.Operation != "iam:CreateUser" ||
		string(e.Audit) != "{\n \"multi\": \"line\"\n}" || e.Changes[0].Table != "users" || e.Changes[0].Key != "u1" {
		t.Errorf("entry %+v", e)
	}
}
