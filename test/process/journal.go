package process

import (
	"context"
	"testing"
	"time"

	"sallyport/internal/app"
	"sallyport/internal/journal"
	"sallyport/internal/state"
)

// Journal is what a store says when its servers have ended.
type Journal struct {
	Store journal.Store
	State *state.Store
	// Entries are those of the first account.
	Entries []state.Entry
}

// Inspect opens the store of servers that have ended, verifies its hash chains and
// rows, and closes it after use.
func Inspect(t testing.TB, url string, use func(*Journal)) {
	t.Helper()
	ctx := context.Background()
	store, err := app.OpenExisting(ctx, "", url)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close() //nolint:errcheck // read only
	if _, err := state.Verify(ctx, store, app.Schema()); err != nil {
		t.Fatal(err)
	}
	loaded, err := state.Open(ctx, state.Config{Store: store, Schema: app.Schema(), Now: time.Now, Snapshot: state.SnapshotPolicy{Disabled: true}})
	if err != nil {
		t.Fatal(err)
	}
	defer loaded.Close() //nolint:errcheck // read only
	j := &Journal{Store: store, State: loaded}
	for {
		const page = 1000
		entries, err := loaded.Entries(ctx, state.AccountStream(Account), state.Revision(len(j.Entries)), page)
		if err != nil {
			t.Fatal(err)
		}
		j.Entries = append(j.Entries, entries...)
		if len(entries) < page {
			break
		}
	}
	use(j)
}
