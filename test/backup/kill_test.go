//go:build linux

package backup

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"sallyport/internal/app"
	"sallyport/internal/iam"
	"sallyport/internal/state"
	"sallyport/test/process"
)

// large is a backup of a store with that many more users, which takes a while
// to restore.
func large(t *testing.T, users int) string {
	t.Helper()
	ctx := context.Background()
	store := stores[0].make(t)
	must(t, serve(t, store).Stop())
	opened, err := app.OpenExisting(ctx, "", store)
	must(t, err)
	s, err := state.Open(ctx, state.Config{Store: opened, Schema: app.Schema(), Now: time.Now, Snapshot: state.SnapshotPolicy{Disabled: true}})
	must(t, err)
	const clients = 50 // whose changes share a sync
	var working sync.WaitGroup
	for first := range clients {
		working.Go(func() {
			for n := first; n < users; n += clients {
				_, err := s.Update(ctx, state.AccountStream(process.Account), state.Command{Operation: "iam:CreateUser", Run: func(tx *state.Tx) error {
					iam.Users.Put(tx, fmt.Sprintf("AIDA%017d", n), &iam.User{Name: fmt.Sprint("user-", n)})
					return nil
				}})
				if err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	working.Wait()
	must(t, s.Close())
	must(t, opened.Close())
	file := filepath.Join(t.TempDir(), "large.backup")
	mustRun(t, "backup", "--store", store, "-o", file)
	return file
}

// TestAttack24KilledRestore: SIGKILL in the middle of a restore. No server
// starts on what is there then, and the same restore completes it.
func TestAttack24KilledRestore(t *testing.T) {
	file := large(t, 3000)
	for _, to := range stores {
		t.Run(to.name, func(t *testing.T) {
			whole := to.make(t)
			started := time.Now()
			mustRun(t, "restore", "-i", file, "--store", whole)
			took := time.Since(started)
			want := entries(t, whole)
			random := rand.New(rand.NewPCG(24, 7))
			unfinished, enough := 0, 3
			if testing.Short() {
				enough = 1
			}
			for round := 0; unfinished < enough; round++ {
				if round == 20 {
					t.Fatalf("in %d rounds of %v only %d restores were killed in the middle", round, took, unfinished)
				}
				target := to.make(t)
				restore := command(t, "restore", "-i", file, "--store", target)
				must(t, restore.Start())
				time.Sleep(time.Duration(0.2*float64(took) + 0.75*random.Float64()*float64(took)))
				restore.Process.Kill() //nolint:errcheck // it may have ended by itself
				if restore.Wait() == nil {
					took = took * 4 / 5 // the machine is less busy than it was
					continue
				}
				if !refused(t, target) {
					took = took * 5 / 4 // it had not begun
					continue
				}
				unfinished++
				out := mustRun(t, "restore", "-i", file, "--store", target)
				if !strings.Contains(out, "verified") {
					t.Errorf("it says:\n%s", out)
				}
				if got := entries(t, target); fmt.Sprint(got) != fmt.Sprint(want) {
					t.Error("going on gave something else")
				}
				s := serve(t, target)
				s.MustAdmin("GetUser", "UserName", "user-2999")
				must(t, s.Stop())
			}
		})
	}
}

// refused says whether a server refuses the store as unfinished.
func refused(t *testing.T, store string) bool {
	t.Helper()
	s := process.Prepare(t, filepath.Join(t.TempDir(), "data"), "SALLYPORT_STORE="+store)
	err := s.Start()
	if err == nil {
		must(t, s.Stop())
		return false
	}
	if !strings.Contains(err.Error(), "has not finished") {
		t.Fatal(err)
	}
	if strings.Contains(s.Stdout(), "was created") || bytes.Contains([]byte(err.Error()), []byte("password")) {
		t.Errorf("it says %s %v", s.Stdout(), err)
	}
	return true
}
