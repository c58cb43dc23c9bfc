package postgres_test

import (
	"context"
	"testing"

	"sallyport/internal/journal"
	"sallyport/internal/journal/journaltest"
	"sallyport/internal/journal/postgres"
	"sallyport/internal/journal/postgres/pgtest"
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func open(t testing.TB, url string, opts postgres.Options) *postgres.Store {
	t.Helper()
	store, err := postgres.Open(context.Background(), url, opts)
	must(t, err)
	t.Cleanup(func() { store.Close() })
	return store
}

func TestConformance(t *testing.T) { journaltest.Run(t, fresh) }

func TestExport(t *testing.T) { journaltest.RunExport(t, fresh) }

// fresh opens a store on a database of its own.
func fresh(t *testing.T) (journal.Store, func() journal.Store) {
	url := pgtest.Start(t).NewDatabase(t)
	store := open(t, url, postgres.Options{})
	return store, func() journal.Store {
		must(t, store.Close())
		store = open(t, url, postgres.Options{})
		return store
	}
}

func TestShared(t *testing.T) {
	server := pgtest.Start(t)
	journaltest.RunShared(t, func(t *testing.T) func() journal.Shared {
		url := server.NewDatabase(t)
		return func() journal.Shared { return open(t, url, postgres.Options{}) }
	})
}
