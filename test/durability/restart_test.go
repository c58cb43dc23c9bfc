//go:build linux

package durability

import (
	"bytes"
	"context"
	"net/http"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sallyport/internal/app"
	"sallyport/internal/journal"
	"sallyport/internal/journal/faultfs"
	"sallyport/internal/state"
	"sallyport/test/clients/harness"
	"sallyport/test/process"
)

// offline runs an offline command on a stopped server's data.
func offline(t *testing.T, data string, args ...string) string {
	t.Helper()
	command := exec.Command(harness.Binary(t), append(args, "--data", data)...)
	var out, failure bytes.Buffer
	command.Stdout, command.Stderr = &out, &failure
	if err := command.Run(); err != nil {
		t.Fatalf("%v: %v: %s", args, err, failure.String())
	}
	return out.String()
}

// worked is the data of a server that was stopped well after some work.
func worked(t *testing.T) string {
	t.Helper()
	data := filepath.Join(t.TempDir(), "data")
	s := process.Run(t, data)
	load(t, s, crew(t, s), func() {
		if err := s.Stop(); err != nil {
			t.Errorf("SIGTERM: %v: %s", err, s.Stderr())
		}
	})
	return data
}

// withJournal opens the stopped server's journal.
func withJournal(t *testing.T, data string, use func(journal.Store)) {
	t.Helper()
	store, err := app.OpenExisting(context.Background(), data, "")
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close() //nolint:errcheck // the test reads what was written
	use(store)
}

// snapshots is at which revisions the account has snapshots.
func snapshots(t *testing.T, store journal.Store) []journal.Revision {
	t.Helper()
	var all []journal.Revision
	for atMost := journal.MaxRevision; atMost > 0; atMost-- {
		at, _, err := store.LoadSnapshot(context.Background(), state.AccountStream(account), atMost)
		if err != nil {
			t.Fatal(err)
		}
		if at == 0 {
			break
		}
		all, atMost = append(all, at), at
	}
	return all
}

// TestRestartFromTheJournalAlone: with every snapshot deleted, the state is
// the same to the last byte.
func TestRestartFromTheJournalAlone(t *testing.T) {
	data := worked(t)
	s := process.Run(t, data) // from a snapshot, and back to one
	if r, err := s.Admin("CreateUser", "UserName", "last"); err != nil || r.Status != http.StatusOK {
		t.Fatalf("%v %s", err, r.Body)
	}
	if err := s.Stop(); err != nil {
		t.Fatal(err)
	}
	before := offline(t, data, "journal", "dump", "--state")
	withJournal(t, data, func(store journal.Store) {
		if n := len(snapshots(t, store)); n < 2 {
			t.Fatalf("there are %d snapshots, want at least 2", n)
		}
		for _, stream := range []state.StreamID{state.AccountStream(account), state.Directory} {
			if err := store.DeleteSnapshots(context.Background(), stream, 0); err != nil {
				t.Fatal(err)
			}
		}
		if n := len(snapshots(t, store)); n != 0 {
			t.Fatalf("%d snapshots are left", n)
		}
	})
	if after := offline(t, data, "journal", "dump", "--state"); after != before || !strings.Contains(before, `"last"`) {
		t.Error("the journal alone gives another state")
	}
	s = process.Run(t, data)
	if r, err := s.Admin("GetUser", "UserName", "last"); err != nil || r.Status != http.StatusOK {
		t.Errorf("%v %s", err, r.Body)
	}
}

// TestDamagedSnapshot: one that is not sound is ignored, with a warning.
func TestDamagedSnapshot(t *testing.T) {
	data := worked(t)
	before := offline(t, data, "journal", "dump", "--state")
	withJournal(t, data, func(store journal.Store) {
		for _, at := range snapshots(t, store) {
			if err := store.SaveSnapshot(context.Background(), state.AccountStream(account), at, strings.NewReader("not a snapshot")); err != nil {
				t.Fatal(err)
			}
		}
	})
	s := process.Run(t, data)
	if err := s.Stop(); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(s.Stderr(), "WARN") {
		t.Errorf("nobody was warned: %s", s.Stderr())
	}
	if after := offline(t, data, "journal", "dump", "--state"); after != before {
		t.Error("the state is another")
	}
}

// TestTerminate: SIGTERM under load. Every acknowledged change is there, and
// the process ends well.
func TestTerminate(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	s := process.Run(t, data)
	all := crew(t, s)
	load(t, s, all, func() {
		if err := s.Stop(); err != nil {
			t.Errorf("SIGTERM: %v: %s", err, s.Stderr())
		}
	})
	inspect(t, data, func(i *inspection) {
		for _, w := range all {
			w.check(t, i)
		}
	})
}

// TestAttack24FailedJournal: when a sync has failed, no change is told to have
// succeeded, and the server says that it is not ready.
func TestAttack24FailedJournal(t *testing.T) {
	fs, dir := faultfs.ForTest(t)
	data := filepath.Join(dir, "data")
	s := process.Run(t, data)
	if err := fs.FailSyncs(1); err != nil {
		t.Fatal(err)
	}
	for n := range 3 {
		r, err := s.Admin("CreateUser", "UserName", "alice")
		if err != nil || r.Status != http.StatusServiceUnavailable || r.Code != "ServiceUnavailable" {
			t.Errorf("change %d on a failed journal: %d %s, %v", n, r.Status, r.Code, err)
		}
	}
	// It may say for a second what was so before.
	for deadline := time.Now().Add(patience); ; time.Sleep(100 * time.Millisecond) {
		status, body := s.Ready()
		if status == http.StatusServiceUnavailable {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("/readyz of a failed journal: %d %s", status, body)
		}
	}
	s.Kill()
	again := process.Run(t, data)
	for deadline := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) {
		r, err := again.Admin("ListUsers")
		if err == nil && r.Status == http.StatusOK {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("the server did not come back: %v %s", err, r.Body)
		}
	}
}
