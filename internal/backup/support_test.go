package backup

import (
	"bytes"
	"context"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"sallyport/internal/journal"
	"sallyport/internal/journal/memory"
	"sallyport/internal/journal/postgres"
	"sallyport/internal/journal/postgres/pgtest"
	"sallyport/internal/journal/sqlite"
	"sallyport/internal/seal"
	"sallyport/internal/state"
)

type row struct {
	Name string `json:"name"`
}

var (
	rows   = state.NewTable[row]("rows")
	schema = state.NewSchema(rows)
	epoch  = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	soon   = epoch.Add(time.Hour)
)

// stores are the drivers that everything here is shown on. Each opens a store of
// its own, and opens it again after it was closed.
var stores = []struct {
	name string
	open func(t testing.TB) func() Target
}{
	{"memory", func(t testing.TB) func() Target {
		medium := memory.NewMedium()
		return func() Target {
			store, err := medium.Open()
			must(t, err)
			t.Cleanup(func() { store.Close() })
			return store
		}
	}},
	{"sqlite", func(t testing.TB) func() Target {
		path := filepath.Join(t.TempDir(), "sallyport.db")
		return func() Target {
			store, err := sqlite.Open(context.Background(), path, sqlite.Options{})
			must(t, err)
			t.Cleanup(func() { store.Close() })
			return store
		}
	}},
	{"postgres", func(t testing.TB) func() Target {
		url := pgtest.Start(t).NewDatabase(t)
		return func() Target {
			store, err := postgres.Open(context.Background(), url, postgres.Options{})
			must(t, err)
			t.Cleanup(func() { store.Close() })
			return store
		}
	}},
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// fill gives a store two accounts and a directory with some history, secrets,
// facts of each sort and blocks of two nodes.
func fill(t testing.TB, store Target, entries int) {
	t.Helper()
	ctx := context.Background()
	sealer, err := seal.New(seal.GenerateKey())
	must(t, err)
	now := epoch
	s, err := state.Open(ctx, state.Config{Store: store, Sealer: sealer, Schema: schema, Now: func() time.Time { now = now.Add(time.Second); return now }})
	must(t, err)
	for _, id := range []state.StreamID{state.AccountStream("111122223333"), state.AccountStream("444455556666"), state.Directory} {
		for n := range entries {
			_, err := s.Update(ctx, id, state.Command{Operation: "Put", Run: func(tx *state.Tx) error {
				rows.Put(tx, fmt.Sprint("key ", n), &row{Name: fmt.Sprint("row ", n)})
				if n > 2 && n%3 == 0 {
					rows.Delete(tx, fmt.Sprint("key ", n-1))
				}
				tx.PutSecret(fmt.Sprint("secret ", n%4), fmt.Appendf(nil, "plain %d", n))
				tx.Record(fmt.Appendf(nil, `{"eventName":"Put%d"}`, n))
				return nil
			}})
			must(t, err)
		}
	}
	must(t, s.Close())
	must(t, store.Put(ctx, "last-used/key/AKIAIOSFODNN7EXAMPLE", []byte(`{"at":"2026-01-02T03:04:05Z"}`), time.Time{}))
	must(t, store.Put(ctx, "session/1", []byte("value"), epoch.Add(time.Hour+1)))
	for _, expires := range []time.Time{{}, epoch.Add(-time.Hour), epoch.Add(time.Minute)} {
		_, err := store.Once(ctx, onceKey(expires), expires)
		must(t, err)
	}
	for n := range uint64(5) {
		must(t, store.AppendBlocks(ctx, []journal.Block{
			{Node: "b", Sequence: 10 - n, Account: "111122223333", First: epoch, Last: epoch.Add(1), Count: 1, Data: []byte("records")},
			{Node: "a", Sequence: n, First: epoch, Last: soon, Count: 1 << 20, Data: []byte{}},
		}))
	}
}

// filled is a store of the first kind with some contents.
func filled(t testing.TB, entries int) Target {
	t.Helper()
	store := memory.New()
	fill(t, store, entries)
	return store
}

func written(t testing.TB, source journal.Exports) ([]byte, Summary) {
	t.Helper()
	var file bytes.Buffer
	sum, err := Write(context.Background(), source, &file)
	must(t, err)
	return file.Bytes(), sum
}

// contents is everything a store exports, as text, cursors aside.
func contents(t testing.TB, from journal.Exports) []string {
	t.Helper()
	var all []string
	must(t, from.Export(context.Background(), journal.Visitor{
		Entry: func(x journal.Entry) error {
			all = append(all, fmt.Sprintf("%q %d %q", x.Stream, x.Revision, x.Data))
			return nil
		},
		Secret: func(x journal.Secret) error {
			all = append(all, fmt.Sprintf("%q %q %q", x.Stream, x.ID, x.Sealed))
			return nil
		},
		Fact: func(x journal.Fact) error {
			all = append(all, fmt.Sprintf("%q %q %v", x.Key, x.Value, x.Expires))
			return nil
		},
		Block: func(x journal.Block) error {
			x.Cursor = 0
			all = append(all, fmt.Sprintf("%+v", x))
			return nil
		},
	}))
	return all
}

// dumped is the state that a store's journal adds up to.
func dumped(t testing.TB, store journal.Store) string {
	t.Helper()
	s, err := state.Open(context.Background(), state.Config{Store: store, Schema: schema, Now: time.Now, Snapshot: state.SnapshotPolicy{Disabled: true}})
	must(t, err)
	var out bytes.Buffer
	for _, id := range s.Streams() {
		view, _ := s.View(id)
		must(t, state.Dump(&out, view))
	}
	must(t, s.Close())
	return out.String()
}

// restore checks a source and fills a target from it.
func restore(source journal.Exports, target Target) error {
	ctx := context.Background()
	sum, err := Check(ctx, source, schema, soon)
	if err != nil {
		return err
	}
	return Restore(ctx, source, sum, target, schema)
}
