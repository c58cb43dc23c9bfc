package state

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"sallyport/internal/journal"
	"sallyport/internal/journal/memory"
)

// Two stores on one journal are two nodes: each acknowledged change is there
// exactly once, whoever was first.
func TestTwoStoresOnOneJournal(t *testing.T) {
	j := memory.New()
	stores := []*Store{open(t, config(t, j)), open(t, config(t, j))}
	const workers, each = 6, 40
	var acknowledged sync.Map
	var wg sync.WaitGroup
	for n, s := range stores {
		for w := range workers {
			wg.Go(func() {
				for i := range each {
					mark := fmt.Sprintf("%d/%d/%d", n, w, i)
					home, other := accountA, accountB
					if i%3 == 0 {
						home, other = other, home
					}
					_, err := s.Update(context.Background(), home, command(func(tx *Tx) error {
						count(tx, "c", mark)
						if i%4 != 0 {
							return nil
						}
						o, err := tx.Other(other)
						if err != nil {
							return err
						}
						count(o, "d", mark)
						return nil
					}))
					if err != nil {
						t.Errorf("%s: %v", mark, err)
						continue
					}
					acknowledged.Store(mark, true)
				}
			})
		}
	}
	wg.Wait()
	for _, s := range stores {
		refresh(t, s)
	}
	if a, b := dumpAll(t, stores[0]), dumpAll(t, stores[1]); a != b {
		t.Error("the stores differ")
	}
	if a, b := dumpAll(t, stores[0]), dumpAll(t, open(t, config(t, j))); a != b {
		t.Error("a store opened afterwards differs")
	}
	check := func(key string, want int) {
		seen := make(map[string]int)
		total := 0
		for _, id := range []StreamID{accountA, accountB} {
			c, _ := counters.Get(view(t, stores[0], id), key)
			total += c.N
			for _, m := range c.Seen {
				seen[m]++
			}
		}
		if total != want || len(seen) != want {
			t.Errorf("counter %s: %d counted, %d marks, want %d", key, total, len(seen), want)
		}
		for m := range seen {
			if _, ok := acknowledged.Load(m); !ok {
				t.Errorf("%s was not acknowledged", m)
			}
		}
	}
	check("c", 2*workers*each)
	check("d", 2*workers*each/4)
}

// Money moved between accounts in both directions at once is neither made nor
// lost, and writers never wait for each other in a circle.
func TestCrossStreamAtomicity(t *testing.T) {
	j := &hooked{Store: memory.New()}
	s := open(t, config(t, j))
	ids := []StreamID{accountA, accountB, Directory}
	for _, id := range ids {
		do(t, s, id, func(tx *Tx) { counters.Put(tx, "money", &counter{N: 1000}) })
	}
	var refused atomic.Int32
	j.commit = func(_ context.Context, b journal.Batch, next func() error) error {
		if len(b.ID) > 0 && b.ID[0] == 'A' { // one in 32
			refused.Add(1)
			return journal.ErrFull
		}
		return next()
	}
	move := func(tx *Tx, by int) {
		c, _ := counters.Get(tx, "money")
		counters.Put(tx, "money", &counter{N: c.N + by})
	}
	var wg sync.WaitGroup
	for w := range 12 {
		wg.Go(func() {
			from, to := ids[w%3], ids[(w+1+w%2)%3]
			for range 60 {
				_, err := s.Update(context.Background(), from, command(func(tx *Tx) error {
					move(tx, -1)
					o, err := tx.Other(to)
					if err != nil {
						return err
					}
					move(o, 1)
					return nil
				}))
				if err != nil && !errors.Is(err, journal.ErrFull) {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if refused.Load() == 0 {
		t.Error("no commit was refused; the test shows less than it says")
	}
	total := 0
	for _, id := range ids {
		c, _ := counters.Get(view(t, s, id), "money")
		total += c.N
	}
	if total != 3000 {
		t.Errorf("%d in all, want 3000", total)
	}
	if got, want := dumpAll(t, open(t, config(t, j))), dumpAll(t, s); got != want {
		t.Error("replay differs")
	}
}

// A read of another stream holds until the commit: when it changed meanwhile,
// on another node, the command decides again.
func TestOtherGuardsReads(t *testing.T) {
	shared := memory.New()
	j := &hooked{Store: shared}
	s, node := open(t, config(t, j)), open(t, config(t, shared))
	do(t, s, Directory, func(tx *Tx) { counters.Put(tx, "open", &counter{N: 1}) })
	refresh(t, node)
	first := true
	j.commit = func(_ context.Context, _ journal.Batch, next func() error) error {
		if first {
			first = false
			do(t, node, Directory, func(tx *Tx) { counters.Delete(tx, "open") })
		}
		return next()
	}
	shut := errors.New("shut")
	runs := 0
	_, err := s.Update(context.Background(), accountA, command(func(tx *Tx) error {
		runs++
		o, err := tx.Other(Directory)
		if err != nil {
			return err
		}
		if !counters.Has(o, "open") {
			return shut
		}
		putUser(tx, "u1", "alice")
		return nil
	}))
	if err != shut || runs != 2 {
		t.Errorf("%d runs, %v", runs, err)
	}
	if _, ok := s.View(accountA); ok {
		t.Error("committed on a stale read")
	}
}

func TestOther(t *testing.T) {
	s, j := openMemory(t)
	do(t, s, accountA, func(tx *Tx) {
		tx.Record([]byte(`"home"`))
		o, err := tx.Other(accountB)
		if err != nil {
			t.Fatal(err)
		}
		same, _ := tx.Other(accountB)
		home, _ := o.Other(accountA)
		if same != o || home != tx || o.Revision() != 0 || o.Stream() != accountB {
			t.Error("Other does not give one Tx for each stream")
		}
		putUser(o, "u1", "alice")
		o.Record([]byte(`"other"`))
		o.PutSecret("s", []byte("hidden"))
	})
	a, b := readAll(t, j, accountA), readAll(t, j, accountB)
	if len(a) != 1 || len(b) != 1 || !strings.HasSuffix(string(a[0].Data), "\n\"home\"") || !strings.HasSuffix(string(b[0].Data), "\n\"other\"") {
		t.Errorf("entries %v and %v", a, b)
	}
	if got, err := s.Secret(context.Background(), accountB, "s"); err != nil || string(got) != "hidden" {
		t.Errorf("secret %q, %v", got, err)
	}
}
