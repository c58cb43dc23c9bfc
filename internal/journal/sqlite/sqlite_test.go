package sqlite_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"sallyport/internal/journal"
	"sallyport/internal/journal/journaltest"
	"sallyport/internal/journal/sqlite"
)

func TestConformance(t *testing.T) { journaltest.Run(t, onFile) }

func TestExport(t *testing.T) { journaltest.RunExport(t, onFile) }

// onFile gives a test a store of its own.
func onFile(t *testing.T) (journal.Store, func() journal.Store) {
	path := filepath.Join(t.TempDir(), "journal.db")
	store := open(t, path)
	return store, func() journal.Store {
		must(t, store.Close())
		store = open(t, path)
		return store
	}
}

func open(t testing.TB, path string) *sqlite.Store {
	t.Helper()
	store, err := sqlite.Open(context.Background(), path, sqlite.Options{Check: true})
	must(t, err)
	t.Cleanup(func() { store.Close() })
	return store
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// execute changes a closed journal's file behind the driver's back.
func execute(t *testing.T, path, statement string) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	must(t, err)
	_, err = db.Exec(statement)
	must(t, err)
	must(t, db.Close())
}

func TestFilesArePrivate(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "journal.db")
	store := open(t, path)
	must(t, store.Commit(context.Background(), entry("1", 0, "one")))
	wantPrivate := func() {
		t.Helper()
		files, err := os.ReadDir(dir)
		must(t, err)
		if len(files) < 4 {
			t.Fatalf("only %d files", len(files))
		}
		for _, f := range files {
			if info, err := f.Info(); err != nil || info.Mode().Perm() != 0o600 {
				t.Errorf("%s has mode %v, %v", f.Name(), info.Mode(), err)
			}
		}
	}
	wantPrivate()
	must(t, store.Close())
	must(t, os.Chmod(path, 0o644))
	store = open(t, path)
	must(t, store.Commit(context.Background(), entry("2", 1, "two")))
	wantPrivate()
}

func TestOddPaths(t *testing.T) {
	for _, name := range []string{"a b", "a?b", "a#b", "100%", "%41", "a&mode=memory", "ключ", "a:b", ":memory:", "file:x"} {
		dir := t.TempDir()
		path := filepath.Join(dir, name)
		store := open(t, path)
		must(t, store.Commit(context.Background(), entry("1", 0, "one")))
		must(t, store.Close())
		if info, err := os.Stat(path); err != nil || info.Size() == 0 {
			t.Errorf("%q: no such file was written: %v", name, err)
		}
		wantHead(t, open(t, path), 1)
	}
	if _, err := sqlite.Open(context.Background(), filepath.Join(t.TempDir(), "absent", "journal.db"), sqlite.Options{}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("in an absent folder: %v", err)
	}
	if _, err := sqlite.Open(context.Background(), t.TempDir(), sqlite.Options{}); err == nil {
		t.Error("a folder was opened")
	}
}

// TestDamage: a file that contradicts itself is refused, never repaired silently.
func TestDamage(t *testing.T) {
	for name, c := range map[string]struct {
		statement string
		want      error
	}{
		"missing entry":     {"DELETE FROM entries WHERE revision = 2", journal.ErrCorrupt},
		"missing tail":      {"DELETE FROM entries WHERE revision = 3", journal.ErrCorrupt},
		"missing entries":   {"DELETE FROM entries", journal.ErrCorrupt},
		"additional entry":  {"INSERT INTO entries VALUES (1, 4, x'00')", journal.ErrCorrupt},
		"orphan entry":      {"PRAGMA foreign_keys = 0; DELETE FROM streams", journal.ErrCorrupt},
		"wrong head":        {"UPDATE streams SET head = 7", journal.ErrCorrupt},
		"odd digest":        {"UPDATE batches SET digest = x'00'", journal.ErrCorrupt},
		"newer version":     {"PRAGMA user_version = 1000", journal.ErrInvalid},
		"version 0":         {"PRAGMA user_version = 0", journal.ErrCorrupt},
		"other application": {"PRAGMA application_id = 1", journal.ErrCorrupt},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "journal.db")
			store := open(t, path)
			for at := range journal.Revision(3) {
				must(t, store.Commit(context.Background(), entry(fmt.Sprint(at), at, "x")))
			}
			must(t, store.Close())
			execute(t, path, c.statement)
			for range 2 {
				if _, err := sqlite.Open(context.Background(), path, sqlite.Options{}); !errors.Is(err, c.want) {
					t.Fatalf("Open: %v, want %v", err, c.want)
				}
			}
		})
	}
}

func TestNotAJournal(t *testing.T) {
	dir := t.TempDir()
	text := filepath.Join(dir, "text")
	must(t, os.WriteFile(text, []byte(strings.Repeat("not a database ", 1000)), 0o600))
	other := filepath.Join(dir, "other.db")
	execute(t, other, "CREATE TABLE theirs (x)")
	for _, path := range []string{text, other} {
		before, err := os.ReadFile(path)
		must(t, err)
		if _, err := sqlite.Open(context.Background(), path, sqlite.Options{}); !errors.Is(err, journal.ErrCorrupt) {
			t.Errorf("%s: %v", path, err)
		}
		if path == text {
			after, err := os.ReadFile(path)
			must(t, err)
			if string(before) != string(after) {
				t.Error("a file that is not a database was changed")
			}
		}
	}
}

// TestFlippedBytes damages pages of the file: every outcome is an error or the
// right data, never other data. (Entries carry no checksum here; their readers
// chain hashes. So only the structure is damaged: the pages' headers.)
func TestFlippedBytes(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal.db")
	store := open(t, path)
	for at := range journal.Revision(50) {
		must(t, store.Commit(context.Background(), entry(fmt.Sprint(at), at, strings.Repeat("x", 1000))))
	}
	must(t, store.Close())
	good, err := os.ReadFile(path)
	must(t, err)
	refused := 0
	for page := 1; page < len(good)/4096; page++ {
		bad := append([]byte(nil), good...)
		for i := range 8 {
			bad[page*4096+i] ^= 0x55
		}
		must(t, os.WriteFile(path, bad, 0o600))
		store, err := sqlite.Open(context.Background(), path, sqlite.Options{Check: true})
		if err != nil {
			if !errors.Is(err, journal.ErrCorrupt) {
				t.Fatalf("page %d: %v", page, err)
			}
			refused++
			continue
		}
		entries, err := store.Read(context.Background(), "a", 0, 100)
		if err == nil && len(entries) != 50 {
			t.Fatalf("page %d: %d entries and no error", page, len(entries))
		}
		must(t, store.Close())
	}
	if refused == 0 {
		t.Fatal("no damage was noticed")
	}
}

// TestForgetsOldBatches: remembered ids don't grow without bound, here or in the
// file, and the newest stay.
func TestForgetsOldBatches(t *testing.T) {
	if testing.Short() {
		t.Skip("commits 33,000 batches")
	}
	path := filepath.Join(t.TempDir(), "journal.db")
	store := open(t, path)
	commitMany(t, store, 64, 2*journal.RememberedBatches+1000)
	must(t, store.Commit(context.Background(), entry("newest", 0, "x")))
	must(t, store.Close())
	db, err := sql.Open("sqlite", path)
	must(t, err)
	var kept int
	must(t, db.QueryRow("SELECT count(*) FROM batches").Scan(&kept))
	must(t, db.Close())
	if kept < journal.RememberedBatches || kept >= 2*journal.RememberedBatches {
		t.Fatalf("%d batches are remembered", kept)
	}
	store = open(t, path)
	must(t, store.Commit(context.Background(), entry("newest", 0, "x")))
	wantHead(t, store, 1)
}

func entry(id string, at journal.Revision, data string) journal.Batch {
	return journal.Batch{ID: id, Expect: []journal.Expectation{{Stream: "a", At: at}},
		Entries: []journal.Entry{{Stream: "a", Revision: at + 1, Data: []byte(data)}}}
}

func wantHead(t *testing.T, store journal.Store, want journal.Revision) {
	t.Helper()
	heads, err := store.Heads(context.Background())
	must(t, err)
	if heads["a"] != want {
		t.Fatalf("head %d, want %d", heads["a"], want)
	}
}

// commitMany has callers commit n batches of one 1 KB entry, each on a stream of
// its own.
func commitMany(t testing.TB, store journal.Store, callers, n int) {
	t.Helper()
	data := make([]byte, 1024)
	var started atomic.Int64
	var all sync.WaitGroup
	for caller := range callers {
		all.Go(func() {
			stream := journal.StreamID(fmt.Sprint("account/", caller))
			for at := journal.Revision(0); started.Add(1) <= int64(n); at++ {
				err := store.Commit(context.Background(), journal.Batch{
					ID: fmt.Sprint(caller, " ", at), Expect: []journal.Expectation{{Stream: stream, At: at}},
					Entries: []journal.Entry{{Stream: stream, Revision: at + 1, Data: data}},
				})
				if err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
}

func BenchmarkCommit(b *testing.B) {
	for _, callers := range []int{1, 16, 64} {
		b.Run(fmt.Sprint(callers), func(b *testing.B) {
			store := open(b, filepath.Join(b.TempDir(), "journal.db"))
			b.ResetTimer()
			commitMany(b, store, callers, b.N)
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "commits/s")
		})
	}
}

func BenchmarkRead(b *testing.B) {
	store := open(b, filepath.Join(b.TempDir(), "journal.db"))
	commitMany(b, store, 1, 10_000)
	b.ResetTimer()
	for b.Loop() {
		entries, err := store.Read(context.Background(), "account/0", 0, 10_000)
		if err != nil || len(entries) != 10_000 {
			b.Fatal(len(entries), err)
		}
	}
	b.ReportMetric(10_000*float64(b.N)/b.Elapsed().Seconds(), "entries/s")
}
