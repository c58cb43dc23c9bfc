package sqlite_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"sallyport/internal/journal"
	"sallyport/internal/journal/sqlite"
)

// worker is a process that writes to a journal until it is killed.
type worker struct {
	cmd  *exec.Cmd
	told chan struct{} // closed after some acknowledgements
	done chan struct{}
}

func work(t *testing.T, path string) *worker {
	t.Helper()
	w := &worker{cmd: exec.Command(os.Args[0]), told: make(chan struct{}), done: make(chan struct{})}
	w.cmd.Env = append(os.Environ(), asked+"="+path)
	out, err := w.cmd.StdoutPipe()
	must(t, err)
	must(t, w.cmd.Start())
	lines := bufio.NewScanner(out)
	if !lines.Scan() || lines.Text() != "ready" {
		t.Fatalf("the worker said %q", lines.Text())
	}
	go func() {
		defer close(w.done)
		for n := 0; lines.Scan(); n++ {
			if n == 20 {
				close(w.told)
			}
		}
	}()
	t.Cleanup(w.kill)
	select {
	case <-w.told:
	case <-time.After(30 * time.Second):
		t.Fatal("the worker gets nothing done")
	}
	return w
}

func (w *worker) kill() {
	if w.cmd.ProcessState == nil {
		w.cmd.Process.Kill() //nolint:errcheck // it may have ended by itself
		<-w.done
		w.cmd.Wait() //nolint:errcheck // killed
	}
}

func forBackup(t *testing.T, path string) *sqlite.ReadOnly {
	t.Helper()
	r, err := sqlite.OpenForBackup(context.Background(), path)
	must(t, err)
	t.Cleanup(func() { r.Close() })
	return r
}

// exported counts what an export hands over, checking that streams have no
// gaps and the pairs of batches are whole.
func exported(t *testing.T, from journal.Exports) map[journal.StreamID]journal.Revision {
	t.Helper()
	heads := make(map[journal.StreamID]journal.Revision)
	must(t, from.Export(context.Background(), journal.Visitor{
		Entry: func(e journal.Entry) error {
			if e.Revision != heads[e.Stream]+1 {
				return fmt.Errorf("revision %d of %s after %d", e.Revision, e.Stream, heads[e.Stream])
			}
			heads[e.Stream] = e.Revision
			return nil
		},
		Secret: func(journal.Secret) error { return nil },
		Fact:   func(journal.Fact) error { return nil },
		Block:  func(journal.Block) error { return nil },
	}))
	return heads
}

// folder is what a folder's files are, to the byte.
func folder(t *testing.T, path string) map[string]string {
	t.Helper()
	files := make(map[string]string)
	list, err := os.ReadDir(path)
	must(t, err)
	for _, f := range list {
		info, err := f.Info()
		must(t, err)
		data, err := os.ReadFile(filepath.Join(path, f.Name()))
		must(t, err)
		files[f.Name()] = fmt.Sprintf("%v %v %x", info.Mode(), info.ModTime(), data)
	}
	return files
}

func wantUntouched(t *testing.T, path string, before map[string]string) {
	t.Helper()
	after := folder(t, path)
	for name := range after {
		if before[name] == "" {
			t.Errorf("%s was created", name)
		}
	}
	for name, was := range before {
		if after[name] != was {
			t.Errorf("%s was changed or removed", name)
		}
	}
}

// TestBackupOfRunning: two exports of one opening are equal while a process
// writes, and a later opening sees more.
func TestBackupOfRunning(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "journal.db")
	w := work(t, path)
	total := journal.Revision(0)
	for round := range 3 {
		r := forBackup(t, path)
		first := exported(t, r)
		time.Sleep(100 * time.Millisecond)
		if second := exported(t, r); fmt.Sprint(second) != fmt.Sprint(first) {
			t.Fatalf("round %d: one opening shows %v, then %v", round, first, second)
		}
		must(t, r.Close())
		sum := journal.Revision(0)
		for _, head := range first {
			sum += head
		}
		if sum <= total {
			t.Fatalf("round %d: %d entries after %d: the writer stands still", round, sum, total)
		}
		total = sum
		if err := r.Export(context.Background(), journal.Visitor{}); !errors.Is(err, journal.ErrClosed) {
			t.Errorf("export after Close: %v", err)
		}
	}
	w.kill()
	if list := folder(t, dir); len(list) != 4 {
		t.Errorf("the folder holds %d files, want those of the store", len(list))
	}
	must(t, open(t, path).Close())
}

// TestBackupOfDead: what a killed process committed is read from its log, and
// every file stays as it is. Meanwhile no store opens.
func TestBackupOfDead(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "journal.db")
	work(t, path).kill()
	if info, err := os.Stat(path + "-wal"); err != nil || info.Size() == 0 {
		t.Fatalf("there is no log to read: %v", err)
	}
	before := folder(t, dir)
	r := forBackup(t, path)
	heads := exported(t, r)
	if _, err := sqlite.Open(context.Background(), path, sqlite.Options{}); !errors.Is(err, journal.ErrLocked) {
		t.Errorf("a store was opened beside the backup: %v", err)
	}
	must(t, r.Close())
	wantUntouched(t, dir, before)
	store := open(t, path)
	actual, err := store.Heads(context.Background())
	must(t, err)
	if fmt.Sprint(actual) != fmt.Sprint(heads) {
		t.Errorf("the backup saw %v, the store has %v", heads, actual)
	}
	must(t, store.Close())

	// Stopped cleanly: there is no log, and none is made.
	before = folder(t, dir)
	if len(before) != 2 {
		t.Fatalf("the stopped store left %d files, want the database and its lock", len(before))
	}
	r = forBackup(t, path)
	if again := exported(t, r); fmt.Sprint(again) != fmt.Sprint(heads) {
		t.Errorf("the backup of the stopped store saw %v, want %v", again, heads)
	}
	if _, err := sqlite.Open(context.Background(), path, sqlite.Options{}); !errors.Is(err, journal.ErrLocked) {
		t.Errorf("a store was opened beside the backup: %v", err)
	}
	must(t, r.Close())
	wantUntouched(t, dir, before)

	// Without the log's index nothing can be read unless something is made.
	work(t, path).kill()
	must(t, os.Remove(path+"-shm"))
	before = folder(t, dir)
	if _, err := sqlite.OpenForBackup(context.Background(), path); !errors.Is(err, journal.ErrUnavailable) {
		t.Errorf("a log without its index: %v", err)
	}
	wantUntouched(t, dir, before)
}

// TestRestartBesideBackup: a server may die and start again while a backup
// reads; the backup goes on with what it saw.
func TestRestartBesideBackup(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal.db")
	first := work(t, path)
	r := forBackup(t, path)
	heads := exported(t, r)
	first.kill()
	started := time.Now()
	second := work(t, path)
	if took := time.Since(started); took > 8*time.Second {
		t.Errorf("the start beside a backup took %v", took)
	}
	if again := exported(t, r); fmt.Sprint(again) != fmt.Sprint(heads) {
		t.Errorf("the backup saw %v, then %v", heads, again)
	}
	must(t, r.Close())
	second.kill()
	store := open(t, path)
	actual, err := store.Heads(context.Background())
	must(t, err)
	for id, head := range heads {
		if actual[id] < head {
			t.Errorf("%s is at %d, the backup saw %d", id, actual[id], head)
		}
	}
}

// TestBackupWithoutLockFile: a copied file has no lock file, and gets none; a
// first server that starts on it meanwhile spoils the export.
func TestBackupWithoutLockFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "journal.db")
	store := open(t, path)
	must(t, store.Commit(context.Background(), entry("1", 0, "one")))
	must(t, store.Close())
	must(t, os.Remove(path+".lock"))
	before := folder(t, dir)
	r := forBackup(t, path)
	if heads := exported(t, r); heads["a"] != 1 {
		t.Errorf("heads %v", heads)
	}
	wantUntouched(t, dir, before)
	work(t, path) // it finds no lock, and makes one
	err := r.Export(context.Background(), journal.Visitor{
		Entry:  func(journal.Entry) error { return nil },
		Secret: func(journal.Secret) error { return nil },
		Fact:   func(journal.Fact) error { return nil },
		Block:  func(journal.Block) error { return nil },
	})
	if !errors.Is(err, journal.ErrUnavailable) && !errors.Is(err, journal.ErrCorrupt) {
		t.Errorf("an export beside a server that just started: %v", err)
	}
}

func TestBackupRefusals(t *testing.T) {
	dir := t.TempDir()
	for name, c := range map[string]struct {
		make func(path string)
		want error
	}{
		"absent":            {func(string) {}, fs.ErrNotExist},
		"a folder":          {func(path string) { must(t, os.Mkdir(path, 0o700)) }, journal.ErrInvalid},
		"empty":             {func(path string) { must(t, os.WriteFile(path, nil, 0o600)) }, journal.ErrCorrupt},
		"text":              {func(path string) { must(t, os.WriteFile(path, []byte("not a database, not at all"), 0o600)) }, journal.ErrCorrupt},
		"other application": {func(path string) { execute(t, path, "CREATE TABLE theirs (x)") }, journal.ErrCorrupt},
		"newer version": {func(path string) {
			must(t, open(t, path).Close())
			execute(t, path, "PRAGMA user_version = 1000")
		}, journal.ErrInvalid},
	} {
		path := filepath.Join(dir, name)
		c.make(path)
		before := folderOf(t, path)
		if _, err := sqlite.OpenForBackup(context.Background(), path); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
		if after := folderOf(t, path); after != before {
			t.Errorf("%s: the files beside it changed from %s to %s", name, before, after)
		}
	}
}

// folderOf lists the files whose names begin like path.
func folderOf(t *testing.T, path string) string {
	t.Helper()
	list, err := filepath.Glob(path + "*")
	must(t, err)
	return fmt.Sprint(list)
}

// TestExportOfDamage: an export of a file that contradicts itself is an error.
func TestExportOfDamage(t *testing.T) {
	for name, statement := range map[string]string{
		"missing entry":    "DELETE FROM entries WHERE revision = 2",
		"missing tail":     "DELETE FROM entries WHERE revision = 3",
		"additional entry": "INSERT INTO entries VALUES (1, 4, x'00')",
		"orphan entries":   "PRAGMA foreign_keys = 0; DELETE FROM streams; DELETE FROM secrets",
		"orphan secret":    "PRAGMA foreign_keys = 0; INSERT INTO secrets VALUES (77, x'00', x'00')",
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "journal.db")
			store := open(t, path)
			for at := range journal.Revision(3) {
				b := entry(fmt.Sprint(at), at, "x")
				b.Secrets = []journal.Secret{{Stream: "a", ID: "x", Sealed: []byte("x")}}
				must(t, store.Commit(context.Background(), b))
			}
			must(t, store.Close())
			execute(t, path, statement)
			r := forBackup(t, path)
			err := r.Export(context.Background(), journal.Visitor{
				Entry:  func(journal.Entry) error { return nil },
				Secret: func(journal.Secret) error { return nil },
				Fact:   func(journal.Fact) error { return nil },
				Block:  func(journal.Block) error { return nil },
			})
			if !errors.Is(err, journal.ErrCorrupt) {
				t.Errorf("%v, want ErrCorrupt", err)
			}
		})
	}
}
