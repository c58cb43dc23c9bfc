package state

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"sallyport/internal/journal"
	"sallyport/internal/journal/memory"
)

// TestSettle: a change is published at once and answered when the other nodes show
// it; the stream's writer goes on meanwhile; a decision that changed nothing waits
// for nobody.
func TestSettle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := config(t, memory.New())
		release := make(chan struct{})
		var asked atomic.Int32
		cfg.Settle = func(context.Context) error {
			asked.Add(1)
			<-release
			return nil
		}
		s := open(t, cfg)
		var answered atomic.Int32
		for _, name := range []string{"u1", "u2", "u3"} {
			go func() {
				do(t, s, accountA, func(tx *Tx) { putUser(tx, name, name) })
				answered.Add(1)
			}()
			synctest.Wait()
			if v, ok := s.View(accountA); !ok || !users.Has(v, name) {
				t.Fatalf("%s is not published while other nodes catch up", name)
			}
		}
		refused := errors.New("refused")
		_, err := s.Update(context.Background(), accountA, Command{Run: func(*Tx) error { return refused }})
		if !errors.Is(err, refused) {
			t.Fatalf("a refused command: %v", err)
		}
		if answered.Load() != 0 || asked.Load() != 1 {
			t.Fatalf("%d changes answered, %d times asked before the other nodes showed them", answered.Load(), asked.Load())
		}
		close(release)
		synctest.Wait()
		if answered.Load() != 3 || asked.Load() != 2 {
			t.Fatalf("%d changes answered, %d times asked", answered.Load(), asked.Load())
		}
	})
}

// TestSettled: what is told of a change is the time since it was durable, that of
// the settling it came too late for included; nothing is told of one that failed.
func TestSettled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const takes, later = 100 * time.Millisecond, 30 * time.Millisecond
		cfg := config(t, memory.New())
		cfg.Now = time.Now
		var fail atomic.Bool
		cfg.Settle = func(context.Context) error {
			time.Sleep(takes)
			if fail.Load() {
				return errors.New("lost")
			}
			return nil
		}
		var told []time.Duration
		cfg.Settled = func(d time.Duration) { told = append(told, d) }
		s := open(t, cfg)
		go func() { do(t, s, accountA, func(tx *Tx) { putUser(tx, "u1", "u1") }) }()
		time.Sleep(later)
		do(t, s, accountA, func(tx *Tx) { putUser(tx, "u2", "u2") })
		fail.Store(true)
		_, err := s.Update(context.Background(), accountA, command(func(tx *Tx) error { putUser(tx, "u3", "u3"); return nil }))
		if !errors.Is(err, ErrOutcomeUnknown) {
			t.Error(err)
		}
		if want := []time.Duration{takes, 2*takes - later}; !slices.Equal(told, want) {
			t.Errorf("told %v, want %v", told, want)
		}
	})
}

func TestSettleFails(t *testing.T) {
	cfg := config(t, memory.New())
	lost := errors.New("lost")
	cfg.Settle = func(context.Context) error { return lost }
	s := open(t, cfg)
	_, err := s.Update(context.Background(), accountA, Command{Run: func(tx *Tx) error {
		putUser(tx, "u1", "alice")
		return nil
	}})
	if !errors.Is(err, ErrOutcomeUnknown) || !errors.Is(err, lost) {
		t.Fatalf("a change that other nodes may not show: %v", err)
	}
	if v, ok := s.View(accountA); !ok || !users.Has(v, "u1") {
		t.Fatal("it is durable, but not shown here")
	}
}

// TestCatchUp: a second store on the same journal shows another's changes when it
// is told of them.
func TestCatchUp(t *testing.T) {
	j := memory.New()
	leader, other := open(t, config(t, j)), open(t, config(t, j))
	do(t, leader, accountA, func(tx *Tx) { putUser(tx, "u1", "alice") })
	if err := other.CatchUp(context.Background(), map[StreamID]Revision{accountA: 1}); err != nil {
		t.Fatal(err)
	}
	if v, ok := other.View(accountA); !ok || !users.Has(v, "u1") {
		t.Fatal("another store's change is not shown")
	}
	if err := other.CatchUp(context.Background(), map[StreamID]Revision{accountA: 2}); err == nil {
		t.Fatal("a revision that the journal does not have was reached")
	}
}

// TestCatchUpBehind: only what does not continue what is shown says that the journal
// has lost changes; what can't be read says nothing of that.
func TestCatchUpBehind(t *testing.T) {
	put := func(names ...string) *memory.Store {
		j := memory.New()
		for _, name := range names {
			do(t, open(t, config(t, j)), accountA, func(tx *Tx) { putUser(tx, name, name) })
		}
		return j
	}
	first := readAll(t, put("u1"), accountA)
	later := bytes.Replace(readAll(t, put("u1", "u2"), accountA)[1].Data, []byte(`{"v":1,`), []byte(`{"v":2,`), 1)
	for name, c := range map[string]struct {
		journal journal.Store
		behind  bool
	}{
		"another first entry": {put("other", "u2"), true},
		"of a later version":  {journalOf(t, accountA, first[0].Data, later), false},
		"damaged":             {journalOf(t, accountA, first[0].Data, []byte("?")), false},
		"no entry":            {journalOf(t, accountA, first[0].Data), false},
	} {
		s := open(t, config(t, put("u1")))
		s.journal = c.journal
		err := s.CatchUp(context.Background(), map[StreamID]Revision{accountA: 2})
		if err == nil || errors.Is(err, journal.ErrBehind) != c.behind {
			t.Errorf("%s: %v", name, err)
		}
	}
}
