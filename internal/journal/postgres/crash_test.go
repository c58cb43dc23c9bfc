package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"sync"
	"testing"
	"time"

	"sallyport/internal/journal"
	"sallyport/internal/journal/postgres"
	"sallyport/internal/journal/postgres/pgtest"
)

// workload has callers of two stores write while the server is taken from under
// them: each appends to an account of its own and, with all others, to one stream
// that everybody wants, uses one-time facts and appends audit blocks.
type workload struct {
	stores []*postgres.Store
	stop   chan struct{}

	mu      sync.Mutex
	told    map[string]journal.Revision // account → acknowledged entries
	common  map[journal.Revision]string // revision → what was acknowledged there
	facts   map[string]int              // → how often it was first
	blocks  map[string]bool             // acknowledged
	longest time.Duration               // of a commit
	all     sync.WaitGroup
}

const callers = 12

func newWorkload(stores ...*postgres.Store) *workload {
	return &workload{stores: stores, stop: make(chan struct{}), told: make(map[string]journal.Revision),
		common: make(map[journal.Revision]string), facts: make(map[string]int), blocks: make(map[string]bool)}
}

func (w *workload) start(t *testing.T) {
	for caller := range callers {
		w.all.Go(func() {
			for n := uint64(1); ; n++ {
				select {
				case <-w.stop:
					return
				default:
				}
				if err := w.step(w.stores[caller%len(w.stores)], caller, n); err != nil {
					t.Errorf("caller %d, step %d: %v", caller, n, err)
					return
				}
			}
		})
	}
}

func (w *workload) step(store *postgres.Store, caller int, n uint64) error {
	ctx := context.Background()
	account := fmt.Sprint("account/", caller)
	data := fmt.Sprint(caller, " ", n)
	own := journal.Batch{
		ID:      "own " + data,
		Expect:  []journal.Expectation{{Stream: journal.StreamID(account), At: journal.Revision(n - 1)}},
		Entries: []journal.Entry{{Stream: journal.StreamID(account), Revision: journal.Revision(n), Data: []byte(data)}},
		Secrets: []journal.Secret{{Stream: journal.StreamID(account), ID: "last", Sealed: []byte(data)}},
	}
	started := time.Now()
	if err := store.Commit(ctx, own); err != nil {
		return fmt.Errorf("own stream: %w", err)
	}
	took := time.Since(started)
	at, err := w.appendCommon(store, data)
	if err != nil {
		return fmt.Errorf("common stream: %w", err)
	}
	first, err := store.Once(ctx, "fact "+data, time.Time{})
	if err != nil {
		return fmt.Errorf("fact: %w", err)
	}
	err = store.AppendBlocks(ctx, []journal.Block{{Node: strconv.Itoa(caller), Sequence: n, First: epoch, Last: epoch, Count: 1, Data: []byte(data)}})
	if err != nil {
		return fmt.Errorf("block: %w", err)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.longest = max(w.longest, took)
	w.told[account] = journal.Revision(n)
	if other, taken := w.common[at]; taken {
		return fmt.Errorf("revision %d of the common stream was acknowledged for %q and %q", at, other, data)
	}
	w.common[at] = data
	if first {
		w.facts["fact "+data]++
	}
	w.blocks[data] = true
	return nil
}

// appendCommon appends to the stream everybody appends to.
func (w *workload) appendCommon(store *postgres.Store, data string) (journal.Revision, error) {
	at := journal.Revision(0)
	for {
		err := store.Commit(context.Background(), journal.Batch{
			ID:      "common " + data,
			Expect:  []journal.Expectation{{Stream: "common", At: at}},
			Entries: []journal.Entry{{Stream: "common", Revision: at + 1, Data: []byte(data)}},
		})
		var conflict *journal.ConflictError
		if !errors.As(err, &conflict) {
			return at + 1, err
		}
		at = conflict.Actual
	}
}

func (w *workload) count() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.blocks)
}

// awaitProgress waits until everybody's work goes on.
func (w *workload) awaitProgress(t *testing.T) {
	t.Helper()
	before := w.count()
	for deadline := time.Now().Add(30 * time.Second); w.count() < before+3*callers; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) || t.Failed() {
			t.Fatal("the stores do not go on")
		}
	}
}

// finish stops the work and holds what is stored against what was acknowledged.
func (w *workload) finish(t *testing.T, store *postgres.Store) {
	t.Helper()
	close(w.stop)
	w.all.Wait()
	ctx := context.Background()
	heads, position, err := store.Advanced(ctx, 0)
	must(t, err)
	total := 0
	for account, told := range w.told {
		stream := journal.StreamID(account)
		if heads[stream] != told {
			t.Errorf("stream %q is at revision %d, %d were acknowledged", account, heads[stream], told)
		}
		entries, err := store.Read(ctx, stream, 0, 1<<20)
		must(t, err)
		for _, e := range entries {
			if want := fmt.Sprint(account[len("account/"):], " ", e.Revision); string(e.Data) != want {
				t.Fatalf("entry %d of stream %q is %q", e.Revision, account, e.Data)
			}
		}
		total += len(entries)
		last, err := store.LoadSecret(ctx, stream, "last")
		must(t, err)
		if want := fmt.Sprint(account[len("account/"):], " ", told); string(last) != want {
			t.Errorf("secret of %q is %q, want %q", account, last, want)
		}
	}
	w.checkCommon(t, store, total)
	if position != journal.Position(2*total) {
		t.Errorf("position %d after %d batches", position, 2*total)
	}
	w.checkRest(t, store, total)
}

// checkCommon: all entries of the stream that everybody appends to are where they
// were acknowledged, none twice, and there are no others.
func (w *workload) checkCommon(t *testing.T, store *postgres.Store, want int) {
	t.Helper()
	entries, err := store.Read(context.Background(), "common", 0, 1<<20)
	must(t, err)
	if len(entries) != want {
		t.Errorf("%d entries in the common stream, want %d", len(entries), want)
	}
	seen := make(map[string]bool)
	for _, e := range entries {
		if told, ok := w.common[e.Revision]; ok && told != string(e.Data) || seen[string(e.Data)] {
			t.Fatalf("entry %d of the common stream is %q, acknowledged was %q", e.Revision, e.Data, told)
		}
		seen[string(e.Data)] = true
	}
}

func (w *workload) checkRest(t *testing.T, store *postgres.Store, want int) {
	t.Helper()
	ctx := context.Background()
	if len(w.facts) != want {
		t.Errorf("%d one-time facts were first, want %d", len(w.facts), want)
	}
	for fact, times := range w.facts {
		if first, err := store.Once(ctx, fact, time.Time{}); first || err != nil || times != 1 {
			t.Fatalf("one-time fact %q: %v, %v, %d times", fact, first, err, times)
		}
	}
	blocks, err := store.ReadBlocks(ctx, 0, 1<<20)
	must(t, err)
	seen := make(map[string]bool)
	for _, b := range blocks {
		if seen[string(b.Data)] {
			t.Errorf("block %q is there twice", b.Data)
		}
		seen[string(b.Data)] = true
	}
	for told := range w.blocks {
		if !seen[told] {
			t.Errorf("block %q was acknowledged and is lost", told)
		}
	}
	t.Logf("%d steps; the longest commit took %v", want, w.longest)
}

// TestAttackServerKilled kills the server under load, again and again: nothing
// that was acknowledged is lost, nothing is there twice, and the stores go on.
func TestAttackServerKilled(t *testing.T) {
	server := pgtest.StartDurable(t)
	url := server.NewDatabase(t)
	opts := postgres.Options{RoundTrip: 2 * time.Second}
	w := newWorkload(open(t, url, opts), open(t, url, opts))
	w.start(t)
	rounds := 8
	if testing.Short() {
		rounds = 3
	}
	for range rounds {
		w.awaitProgress(t)
		time.Sleep(rand.N(50 * time.Millisecond))
		server.Kill(t)
		server.Restart(t)
	}
	w.awaitProgress(t)
	w.finish(t, w.stores[0])
}

// TestAttackFailover kills the primary under load and promotes its standby: the
// same holds, on the server that is left.
func TestAttackFailover(t *testing.T) {
	rounds := 3
	if testing.Short() {
		rounds = 1
	}
	for range rounds {
		pair := pgtest.StartPair(t)
		url := pair.NewDatabase(t)
		opts := postgres.Options{RoundTrip: 2 * time.Second}
		w := newWorkload(open(t, url, opts), open(t, url, opts))
		w.start(t)
		w.awaitProgress(t)
		time.Sleep(rand.N(50 * time.Millisecond))
		pair.KillPrimary(t)
		pair.Promote(t)
		w.awaitProgress(t)
		w.finish(t, w.stores[1])
		for _, s := range w.stores {
			must(t, s.Close())
		}
	}
}

// TestAttackStandbyLost: a primary that waits for its standby acknowledges
// nothing, whoever asks again and whatever an administrator cancels.
func TestAttackStandbyLost(t *testing.T) {
	ctx := context.Background()
	pair := pgtest.StartPair(t)
	url := pair.NewDatabase(t)
	store := open(t, url, postgres.Options{RoundTrip: 500 * time.Millisecond, Patience: 3 * time.Second})
	must(t, store.Commit(ctx, entry("1", 0, "one")))
	pair.Standby.Kill(t)

	wantError(t, store.Commit(ctx, entry("2", 1, "two")), journal.ErrOutcomeUnknown)
	// The primary gives up waiting, and shows what the standby does not have.
	waiting := "SELECT count(pg_cancel_backend(pid)) FROM pg_stat_activity WHERE wait_event = 'SyncRep'"
	pair.Primary.Query(t, "postgres", waiting)
	wantHead(t, store, 2)
	stop := make(chan struct{})
	var cancels sync.WaitGroup
	cancels.Go(func() {
		for {
			select {
			case <-stop:
				return
			case <-time.After(20 * time.Millisecond):
				pair.Primary.Query(t, "postgres", waiting)
			}
		}
	})
	for name, call := range map[string]func() error{
		"Commit again": func() error { return store.Commit(ctx, entry("2", 1, "two")) },
		"Commit":       func() error { return store.Commit(ctx, entry("3", 2, "three")) },
		"Put":          func() error { return store.Put(ctx, "k", nil, time.Time{}) },
		"Once":         func() error { _, err := store.Once(ctx, "once", time.Time{}); return err },
		"Renew":        func() error { return store.Renew(ctx, journal.Lease{Node: "n", Renewal: 1, TTL: time.Second}) },
	} {
		if err := call(); !errors.Is(err, journal.ErrOutcomeUnknown) {
			t.Errorf("%s without a standby: %v", name, err)
		}
	}
	close(stop)
	cancels.Wait()

	pair.Standby.Restart(t)
	must(t, store.Commit(ctx, entry("2", 1, "two")))
	must(t, store.Commit(ctx, entry("3", 2, "three")))
	pair.KillPrimary(t)
	pair.Promote(t)
	wantHead(t, store, 3)
	must(t, store.Commit(ctx, entry("4", 3, "four")))
}
