package postgres_test

import (
	"context"
	"testing"
	"time"

	"sallyport/internal/journal"
	"sallyport/internal/journal/postgres"
	"sallyport/internal/journal/postgres/pgtest"
)

// replaced is a store behind an address that has moved from a primary, which still
// runs and answers, to the standby that was promoted. Both have one commit.
func replaced(t *testing.T, opts postgres.Options) (store *postgres.Store, pair *pgtest.Pair, proxy *pgtest.Proxy, name string) {
	t.Helper()
	pair = pgtest.StartPair(t)
	proxy = pgtest.NewProxy(t, pair.Primary)
	url := pair.Primary.NewDatabase(t)
	store = open(t, proxy.URL(t, url), opts)
	must(t, store.Commit(context.Background(), entry("1", 0, "one")))
	pair.Promote(t)
	proxy.Lead(pair.Standby)
	return store, pair, proxy, database(url)
}

func wantPosition(t *testing.T, store *postgres.Store, want journal.Position) {
	t.Helper()
	_, at, err := store.Leases(context.Background())
	must(t, err)
	_, advanced, err := store.Advanced(context.Background(), 0)
	must(t, err)
	if at != want || advanced != want {
		t.Fatalf("leases are of position %d, what advanced is of %d; want %d", at, advanced, want)
	}
}

// TestAttackReplacedPrimary: after a commit nothing is read from a primary that
// lacks it, whatever connections to it there still are.
func TestAttackReplacedPrimary(t *testing.T) {
	ctx := context.Background()
	store, pair, proxy, _ := replaced(t, postgres.Options{RoundTrip: time.Second})
	wantHead(t, store, 1) // on a connection to the old primary, which is kept
	// The old primary waits for its standby, so the committer goes elsewhere.
	must(t, store.Commit(ctx, entry("2", 1, "two")))
	wantHead(t, store, 2)
	wantPosition(t, store, 2)

	proxy.Cut()
	proxy.Lead(pair.Primary)
	wantHead(t, store, 1)
	proxy.Lead(pair.Standby)
	wantPosition(t, store, 2)
}

// TestAttackStoreWentBack: when new connections lead to a server without what was
// committed, that is said at once, and nothing is committed there.
func TestAttackStoreWentBack(t *testing.T) {
	ctx := context.Background()
	opts := postgres.Options{RoundTrip: 500 * time.Millisecond, Patience: 3 * time.Second}
	store, pair, proxy, _ := replaced(t, opts)
	must(t, store.Commit(ctx, entry("2", 1, "two")))
	must(t, store.Commit(ctx, entry("3", 2, "three")))
	proxy.Lead(pair.Primary)
	proxy.Cut()
	began := time.Now()
	_, _, err := store.Leases(ctx)
	wantError(t, err, journal.ErrBehind)
	proxy.Cut()
	_, _, err = store.Advanced(ctx, 2)
	wantError(t, err, journal.ErrBehind)
	if took := time.Since(began); took > opts.Patience/2 {
		t.Errorf("it took %v", took)
	}
	// The old primary waits for its standby with the row locked that every commit
	// wants.
	pair.Primary.Query(t, "postgres", "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'")
	err = store.Commit(ctx, journal.Batch{ID: "4", Expect: []journal.Expectation{{Stream: "b"}},
		Entries: []journal.Entry{{Stream: "b", Revision: 1}}})
	wantError(t, err, journal.ErrBehind)
	wantError(t, err, journal.ErrUnavailable)
}

// TestAttackRenewedElsewhere: what is read after a renewal is not older than it.
func TestAttackRenewedElsewhere(t *testing.T) {
	ctx := context.Background()
	store, pair, proxy, name := replaced(t, postgres.Options{RoundTrip: time.Second})
	other := open(t, pair.Standby.URL(name), postgres.Options{})
	must(t, other.Commit(ctx, entry("2", 1, "two")))
	proxy.Cut()
	must(t, store.Renew(ctx, journal.Lease{Node: "n", Renewal: 1, TTL: time.Second}))
	proxy.Lead(pair.Primary)
	proxy.Cut()
	_, _, err := store.Advanced(ctx, 0)
	wantError(t, err, journal.ErrBehind)
	proxy.Lead(pair.Standby)
	proxy.Cut()
	wantPosition(t, store, 2)
}
