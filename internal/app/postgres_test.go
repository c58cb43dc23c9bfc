package app

import (
	"context"
	"errors"
	"path/filepath"
	"testing"

	"sallyport/internal/journal"
	"sallyport/internal/journal/postgres/pgtest"
	"sallyport/internal/state"
)

// TestPostgres: a start on an empty database makes the first account, a restart
// finds it, and offline commands read it.
func TestPostgres(t *testing.T) {
	ctx := context.Background()
	url := pgtest.Start(t).NewDatabase(t)
	data := filepath.Join(t.TempDir(), "data")
	if _, err := OpenExisting(ctx, data, url); !errors.Is(err, journal.ErrNotFound) {
		t.Fatalf("an empty database, offline: %v", err)
	}
	first, err := Open(ctx, Config{Data: data, Store: url})
	if err != nil {
		t.Fatal(err)
	}
	id := first.Created.AccountID
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	second := open(t, Config{Data: data, Store: "postgresql" + url[len("postgres"):]})
	if second.Created != nil {
		t.Error("the second start made an account")
	}
	if _, ok := second.account(id); !ok {
		t.Error("the account is gone")
	}
	if err := second.ready.answer(ctx); err != nil {
		t.Error(err)
	}
	// Beside a running server, unlike a file.
	store, err := OpenExisting(ctx, data, url)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	report, err := state.Verify(ctx, store, Schema())
	if err != nil || len(report.Streams) < 2 {
		t.Errorf("%d streams, %v", len(report.Streams), err)
	}
}
