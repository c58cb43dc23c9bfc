//go:build linux

package sqlite_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"sallyport/internal/journal"
	"sallyport/internal/journal/faultfs"
	"sallyport/internal/journal/sqlite"
)

func TestMain(m *testing.M) {
	faultfs.ServeIfAsked()
	workIfAsked()
	os.Exit(m.Run())
}

// TestAttackPowerCut cuts the power under load, round after round on the same
// journal, with every kind of fault before it. SALLYPORT_TEST_POWER_ROUNDS sets
// another number of rounds.
func TestAttackPowerCut(t *testing.T) {
	fs, dir := faultfs.ForTest(t)
	rounds := 100
	if testing.Short() {
		rounds = 25
	}
	if n, err := strconv.Atoi(os.Getenv("SALLYPORT_TEST_POWER_ROUNDS")); err == nil {
		rounds = n
	}
	kinds := []struct {
		name  string
		cut   bool
		fault func(random *rand.Rand) error
	}{
		{"cut", true, func(*rand.Rand) error { return fs.PowerCut() }},
		{"torn", true, func(random *rand.Rand) error { return fs.PowerCutTorn(random.Uint64()) }},
		{"sync fails", false, func(*rand.Rand) error { return fs.FailSyncs(1) }},
		{"write fails", false, func(*rand.Rand) error { return fs.FailWrites(1) }},
		{"disk fills", false, func(random *rand.Rand) error { return fs.Quota(random.Int64N(1 << 20)) }},
	}
	var w workload
	path, failed, told := filepath.Join(dir, "journal.db"), 0, uint64(0)
	for round := range rounds {
		// A new journal now and then, so that creating one is cut as well.
		if round%12 == 11 {
			path, w = filepath.Join(dir, "journal"+strconv.Itoa(round)+".db"), workload{}
		}
		random := rand.New(rand.NewPCG(1, uint64(round)))
		kind := kinds[round%len(kinds)]
		store, err := sqlite.Open(context.Background(), path, sqlite.Options{})
		must(t, err)
		for _, p := range w.acknowledged {
			told -= p.batches
		}
		done := make(chan []error, 1)
		go func() { done <- w.run(store, make(chan struct{}), nil) }()
		time.Sleep(time.Duration(random.IntN(25)) * time.Millisecond)
		must(t, kind.fault(random))
		failures := <-done
		failed += len(failures)
		for _, p := range w.acknowledged {
			told += p.batches
		}
		// After a cut the open files are gone, and SQLite calls a page it can't read
		// (EIO) corrupt.
		allowed := []error{journal.ErrOutcomeUnknown, journal.ErrFailed, journal.ErrFull}
		if kind.cut {
			allowed = append(allowed, journal.ErrCorrupt)
		}
		wantFailures(t, failures, allowed...)
		store.Close() // its errors are the disk's
		if random.IntN(2) == 0 {
			must(t, fs.PowerCut())
		} else {
			must(t, fs.PowerCutTorn(random.Uint64()))
		}
		t.Logf("round %d: %s after %d batches", round, kind.name, told)
		store = open(t, path)
		w.check(t, store)
		must(t, store.Close())
	}
	stats, err := fs.Stats()
	must(t, err)
	t.Logf("%d rounds, %d batches acknowledged, %d writers failed, %+v", rounds, told, failed, stats)
	if told < uint64(rounds) || failed < rounds*writers || stats.LostSectors == 0 || stats.FailedSyncs == 0 || stats.NoSpc == 0 {
		t.Fatal("the faults did not bite")
	}
}

// TestAttackFullDisk: a full disk refuses writes, loses nothing, and the store
// goes on by itself when there is space again.
func TestAttackFullDisk(t *testing.T) {
	fs, dir := faultfs.ForTest(t)
	ctx := context.Background()
	store := open(t, filepath.Join(dir, "journal.db"))
	must(t, store.Commit(ctx, entry("1", 0, "one")))
	must(t, fs.Quota(50_000))
	large := entry("large", 1, string(make([]byte, 1<<20)))
	for range 3 {
		if err := store.Commit(ctx, large); !errors.Is(err, journal.ErrFull) || errors.Is(err, journal.ErrOutcomeUnknown) {
			t.Fatalf("a batch larger than the disk: %v", err)
		}
		wantHead(t, store, 1)
	}
	// One large write does not keep small ones out, also not from its own group.
	results := make(chan error, 8)
	for i := range cap(results) {
		go func() {
			b := large
			if i%2 == 0 {
				stream := journal.StreamID(strconv.Itoa(i))
				b = journal.Batch{Expect: []journal.Expectation{{Stream: stream}}, Secrets: []journal.Secret{{Stream: stream, ID: "s", Sealed: []byte("x")}}}
			}
			results <- store.Commit(ctx, b)
		}()
	}
	full := 0
	for range cap(results) {
		if err := <-results; errors.Is(err, journal.ErrFull) {
			full++
		} else {
			must(t, err)
		}
	}
	if full < 4 {
		t.Fatalf("%d of 4 large batches were refused", full)
	}
	must(t, fs.Quota(-1))
	must(t, store.Commit(ctx, large))
	wantHead(t, store, 2)
	store.Close()
	must(t, fs.PowerCut())
	wantHead(t, open(t, filepath.Join(dir, "journal.db")), 2)
}

// TestAttackSyncFails: after a sync that failed the store takes no more writes,
// although the next sync would succeed; opening it again settles the outcome.
func TestAttackSyncFails(t *testing.T) {
	fs, dir := faultfs.ForTest(t)
	ctx := context.Background()
	for name, fail := range map[string]func() error{
		"sync":  func() error { return fs.FailSyncs(1) },
		"write": func() error { return fs.FailWrites(1) },
	} {
		path := filepath.Join(dir, name)
		store := open(t, path)
		must(t, store.Commit(ctx, entry("1", 0, "one")))
		must(t, fail())
		if err := store.Commit(ctx, entry("2", 1, "two")); !errors.Is(err, journal.ErrOutcomeUnknown) {
			t.Fatalf("%s fails: %v", name, err)
		}
		for range 3 {
			if err := store.Commit(ctx, entry("3", 1, "other")); !errors.Is(err, journal.ErrFailed) {
				t.Fatalf("after a failed %s: %v", name, err)
			}
			if _, err := store.Once(ctx, "k", time.Time{}); !errors.Is(err, journal.ErrFailed) {
				t.Fatalf("after a failed %s: %v", name, err)
			}
		}
		wantHead(t, store, 1)
		store.Close()
		again := open(t, path)
		must(t, again.Commit(ctx, entry("2", 1, "two")))
		wantHead(t, again, 2)
		must(t, again.Close())
		must(t, fs.PowerCut())
		last := open(t, path)
		wantHead(t, last, 2)
		must(t, last.Commit(ctx, entry("2", 1, "two")))
		must(t, last.Close())
	}
}

// TestCheckpointFails: moving the log into the database is the writer's own work,
// and its errors are not overlooked.
func TestCheckpointFails(t *testing.T) {
	fs, dir := faultfs.ForTest(t)
	ctx := context.Background()
	path := filepath.Join(dir, "journal.db")
	store := open(t, path)
	var at journal.Revision
	var failure error
	for range 20 {
		// The commit's own sync succeeds; the checkpoint after it fails. A group of
		// one large entry reaches the checkpoint's threshold.
		must(t, store.Commit(ctx, entry(strconv.Itoa(int(at)), at, string(make([]byte, 2<<20)))))
		at++
		must(t, fs.FailSyncs(1))
		if failure = store.Commit(ctx, entry("next", at, "x")); failure != nil {
			break
		}
		at++
	}
	if !errors.Is(failure, journal.ErrFailed) && !errors.Is(failure, journal.ErrOutcomeUnknown) {
		t.Fatalf("after a failing checkpoint: %v", failure)
	}
	store.Close()
	must(t, fs.PowerCut())
	again := open(t, path)
	heads, err := again.Heads(ctx)
	must(t, err)
	if heads["a"] < at || heads["a"] > at+1 {
		t.Fatalf("head %d, want %d or one more", heads["a"], at)
	}
}
