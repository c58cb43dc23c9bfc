//go:build linux

package backup

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"sallyport/internal/app"
	"sallyport/internal/journal"
	"sallyport/internal/journal/postgres/pgtest"
	"sallyport/internal/state"
	"sallyport/test/clients/harness"
	"sallyport/test/process"
)

func TestMain(m *testing.M) { harness.Main(m) }

// stores are what everything here is shown on: each makes an empty one and
// returns its URL.
var stores = []struct {
	name string
	make func(t *testing.T) string
}{
	{"sqlite", func(t *testing.T) string { return "sqlite:" + filepath.Join(t.TempDir(), "sallyport.db") }},
	{"postgres", func(t *testing.T) string { return pgtest.Start(t).NewDatabase(t) }},
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// serve runs a server on a store. All servers here have one seal key.
func serve(t *testing.T, store string) *process.Server {
	t.Helper()
	return process.Run(t, filepath.Join(t.TempDir(), "data"), "SALLYPORT_STORE="+store)
}

// command is a command of the binary on data of its own, which it should not need.
func command(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	c := exec.Command(harness.Binary(t), args...)
	c.Env = []string{"PATH=" + os.Getenv("PATH"), "SALLYPORT_DATA=" + filepath.Join(t.TempDir(), "none")}
	return c
}

// run runs a command and returns what it printed and its error.
func run(t *testing.T, args ...string) (string, string, error) {
	t.Helper()
	c := command(t, args...)
	var out, failure bytes.Buffer
	c.Stdout, c.Stderr = &out, &failure
	err := c.Run()
	return out.String(), failure.String(), err
}

// mustRun runs a command that must succeed.
func mustRun(t *testing.T, args ...string) string {
	t.Helper()
	out, failure, err := run(t, args...)
	if err != nil {
		t.Fatalf("%v: %v: %s", args, err, failure)
	}
	return out
}

// step is one acknowledged change of a writer, which undoes its own at times.
type step struct {
	action string // CreateUser, CreateAccessKey, DeleteAccessKey
	name   string // of the user, or the key's id
	secret string
}

// writer makes users with keys, and deletes every third key.
type writer struct {
	id      int
	mu      sync.Mutex
	steps   []step
	refused string // the first answer that was no success
}

func (w *writer) done() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.steps)
}

// change makes a call and notes it when it was acknowledged.
func (w *writer) change(s *process.Server, action string, named func(process.Reply) step, pairs ...string) (step, bool) {
	r, err := s.Admin(action, pairs...)
	if err != nil {
		return step{}, false
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if r.Status != http.StatusOK {
		if w.refused == "" {
			w.refused = fmt.Sprintf("%s %v: %d %s", action, pairs, r.Status, r.Body)
		}
		return step{}, false
	}
	made := named(r)
	made.action = action
	w.steps = append(w.steps, made)
	return made, true
}

// work goes on until stop is closed.
func (w *writer) work(s *process.Server, stop <-chan struct{}) {
	for n := 0; ; n++ {
		select {
		case <-stop:
			return
		default:
		}
		name := fmt.Sprintf("user-%d-%d", w.id, n)
		if _, ok := w.change(s, "CreateUser", func(process.Reply) step { return step{name: name} }, "UserName", name); !ok {
			return
		}
		key, ok := w.change(s, "CreateAccessKey", func(r process.Reply) step {
			return step{name: r.Element("AccessKeyId"), secret: r.Element("SecretAccessKey")}
		}, "UserName", name)
		if !ok {
			return
		}
		if n%3 == 2 {
			_, ok := w.change(s, "DeleteAccessKey", func(process.Reply) step { return step{name: key.name} },
				"UserName", name, "AccessKeyId", key.name)
			if !ok {
				return
			}
		}
	}
}

// holds checks on a server that what the writer was told in its first n steps
// is in force. What it undid later may be either way.
func (w *writer) holds(t *testing.T, s *process.Server, n int) {
	t.Helper()
	status := func(key step) int {
		r, err := s.Call(key.name, key.secret, "sts", "GetCallerIdentity")
		must(t, err)
		return r.Status
	}
	for i, x := range w.steps[:n] {
		switch x.action {
		case "CreateUser":
			s.MustAdmin("GetUser", "UserName", x.name)
		case "CreateAccessKey":
			deleted := slices.IndexFunc(w.steps, func(y step) bool { return y.action == "DeleteAccessKey" && y.name == x.name })
			switch got := status(x); {
			case deleted < 0 && got != http.StatusOK:
				t.Errorf("step %d: the key %s of before the backup answers %d", i, x.name, got)
			case deleted >= 0 && deleted < n && got != http.StatusForbidden:
				t.Errorf("step %d: the key %s, deleted before the backup, answers %d", i, x.name, got)
			}
		}
	}
}

// entries are the bytes of every stream of a store nobody uses.
func entries(t *testing.T, store string) map[journal.StreamID][]string {
	t.Helper()
	ctx := context.Background()
	opened, err := app.OpenExisting(ctx, "", store)
	must(t, err)
	defer opened.Close() //nolint:errcheck // read only
	_, err = state.Verify(ctx, opened, app.Schema())
	must(t, err)
	all := make(map[journal.StreamID][]string)
	must(t, opened.(journal.Exports).Export(ctx, journal.Visitor{
		Entry:  func(e journal.Entry) error { all[e.Stream] = append(all[e.Stream], string(e.Data)); return nil },
		Secret: func(journal.Secret) error { return nil },
		Fact:   func(journal.Fact) error { return nil },
		Block:  func(journal.Block) error { return nil },
	}))
	return all
}
