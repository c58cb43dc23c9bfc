//go:build linux

package backup

import (
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestBackupUnderLoad: clients change things as fast as they can while a backup
// is made. Restored into every store, it is a prefix of what the server went on
// to, with all that was acknowledged before the backup began; and a server on it
// lets in the keys of then.
func TestBackupUnderLoad(t *testing.T) {
	for _, from := range stores {
		t.Run(from.name, func(t *testing.T) {
			source := from.make(t)
			file := filepath.Join(t.TempDir(), "busy.backup")
			all, before := underLoad(t, source, file)
			later := entries(t, source)
			for _, to := range stores {
				t.Run("to "+to.name, func(t *testing.T) {
					target := to.make(t)
					out := mustRun(t, "restore", "-i", file, "--store", target)
					if !strings.Contains(out, "verified") || strings.Contains(out, "password@") {
						t.Errorf("it says:\n%s", out)
					}
					restored, total := entries(t, target), 0
					for id, now := range restored {
						if was := later[id]; len(now) > len(was) || !slices.Equal(now, was[:len(now)]) {
							t.Errorf("the %d entries of %s are not the first of %d", len(now), id, len(was))
						}
						total += len(now)
					}
					if total == 0 {
						t.Fatal("nothing was restored")
					}
					s := serve(t, target)
					for i, w := range all {
						w.holds(t, s, before[i])
					}
					s.MustAdmin("CreateUser", "UserName", "after-the-restore")
					must(t, s.Stop())
				})
			}
		})
	}
}

// underLoad has eight clients work while a backup is made, and returns them
// with how much each had been told before it began. The server is stopped then.
func underLoad(t *testing.T, store, file string) (all []*writer, before []int) {
	t.Helper()
	s := serve(t, store)
	stop := make(chan struct{})
	var working sync.WaitGroup
	for id := range 8 {
		w := &writer{id: id}
		all = append(all, w)
		working.Go(func() { w.work(s, stop) })
	}
	wait := func(steps int) {
		t.Helper()
		for deadline := time.Now().Add(time.Minute); ; time.Sleep(time.Millisecond) {
			if !slices.ContainsFunc(all, func(w *writer) bool { return w.done() < steps }) {
				return
			}
			if time.Now().After(deadline) {
				t.Fatalf("the clients get nothing done: %s", s.Stderr())
			}
		}
	}
	wait(8)
	for _, w := range all {
		before = append(before, w.done())
	}
	mustRun(t, "backup", "--store", store, "-o", file)
	at := 0
	for _, w := range all {
		at = max(at, w.done())
	}
	wait(at + 4) // clients went on meanwhile, and after
	close(stop)
	working.Wait()
	must(t, s.Stop())
	for _, w := range all {
		if w.refused != "" {
			t.Errorf("a client was refused: %s", w.refused)
		}
	}
	return all, before
}

// TestMove: one command moves a store, and there and back again it is the same.
// A store that a server uses is not moved.
func TestMove(t *testing.T) {
	for _, from := range stores {
		for _, to := range stores {
			t.Run(from.name+" to "+to.name, func(t *testing.T) {
				source, target, back := from.make(t), to.make(t), from.make(t)
				s := serve(t, source)
				w := &writer{}
				stop := make(chan struct{})
				go func() {
					for w.done() < 12 {
						time.Sleep(time.Millisecond)
					}
					close(stop)
				}()
				w.work(s, stop)
				if w.refused != "" || w.done() < 12 {
					t.Fatalf("%d steps: %s", w.done(), w.refused)
				}
				if _, failure, err := run(t, "restore", "--from", source, "--store", target); err == nil ||
					!strings.Contains(failure, "open in another process") && !strings.Contains(failure, "a server is running") {
					t.Errorf("moving a store in use: %v: %s", err, failure)
				}
				must(t, s.Stop())
				mustRun(t, "restore", "--from", source, "--store", target)
				moved := serve(t, target)
				w.holds(t, moved, w.done())
				must(t, moved.Stop())
				mustRun(t, "restore", "--from", target, "--store", back)
				was, is := entries(t, source), entries(t, back)
				for id := range was {
					if !slices.Equal(was[id], is[id]) {
						t.Errorf("%s has %d entries, had %d", id, len(is[id]), len(was[id]))
					}
				}
			})
		}
	}
}
