//go:build linux

package durability

import (
	"math/rand/v2"
	"net/http"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"sallyport/internal/journal/faultfs"
	"sallyport/test/process"
)

const (
	writers = 16
	// changes is how many acknowledged changes a round has at least.
	changes = 200
)

// crew makes the writers, and the group they use.
func crew(t *testing.T, s *process.Server) []*writer {
	t.Helper()
	if r, err := s.Admin("CreateGroup", "GroupName", "crew"); err != nil || r.Status != http.StatusOK {
		t.Fatalf("creating the group: %v %s", err, r.Body)
	}
	all := make([]*writer, writers)
	for i := range all {
		all[i] = newWriter(i, 1)
	}
	return all
}

// load has every writer work until end has ended the server. end is called
// when enough changes were acknowledged; it returns how many there were when
// the server had ended.
func load(t *testing.T, s *process.Server, all []*writer, end func()) int64 {
	t.Helper()
	var count atomic.Int64
	var running sync.WaitGroup
	for _, w := range all {
		running.Go(func() { w.work(s, &count) })
	}
	deadline := time.Now().Add(patience)
	for count.Load() < changes {
		if time.Now().After(deadline) {
			t.Fatalf("only %d changes were acknowledged: %s", count.Load(), s.Stderr())
		}
		time.Sleep(time.Millisecond)
	}
	end()
	running.Wait()
	return count.Load()
}

// TestAttack24Kill: SIGKILL under load, at random moments: in commits, during
// snapshots (one every 40 changes), during start-up.
func TestAttack24Kill(t *testing.T) {
	rounds := 20
	data := filepath.Join(t.TempDir(), "data")
	random := rand.New(rand.NewPCG(24, 0))
	var all []*writer
	for round := range rounds {
		s := process.Run(t, data)
		if round == 0 {
			all = crew(t, s)
		}
		n := load(t, s, all, func() {
			time.Sleep(time.Duration(random.IntN(30)) * time.Millisecond)
			s.Kill()
		})
		if round%2 == 1 { // and again while it starts
			starting := process.Prepare(t, data)
			if err := starting.Begin(); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Duration(random.IntN(12)) * time.Millisecond)
			starting.Kill()
		}
		inspect(t, data, func(i *inspection) {
			for _, w := range all {
				w.check(t, i)
			}
		})
		t.Logf("round %d: %d changes acknowledged", round, n)
		if t.Failed() {
			return
		}
	}
	s := process.Run(t, data)
	works(t, s, all)
	if err := s.Stop(); err != nil {
		t.Errorf("SIGTERM: %v: %s", err, s.Stderr())
	}
}

// works tries the keys of each writer: active ones open, inactive and deleted
// ones don't.
func works(t *testing.T, s *process.Server, all []*writer) {
	t.Helper()
	active, closed := 0, 0
	for _, w := range all {
		for _, e := range w.entities {
			for id, k := range keysOf(e) {
				if k.secret == "" {
					continue // of a change that was never answered
				}
				r, err := s.Call(id, k.secret, "sts", "GetCallerIdentity")
				if err != nil {
					t.Fatal(err)
				}
				if want := map[bool]int{true: http.StatusOK, false: http.StatusForbidden}[k.active]; r.Status != want {
					t.Errorf("access key %s (active %t) answered %d %s", id, k.active, r.Status, r.Code)
				}
				if k.active {
					active++
				} else {
					closed++
				}
			}
		}
	}
	if active == 0 || closed == 0 {
		t.Errorf("%d active and %d inactive keys were tried: too few to show anything", active, closed)
	}
}

// TestAttack24PowerCut: a disk that loses what was not synced, keeps a random
// part of it, fails to sync or to write, or is full.
func TestAttack24PowerCut(t *testing.T) {
	fs, dir := faultfs.ForTest(t)
	data := filepath.Join(dir, "data")
	random := rand.New(rand.NewPCG(24, 1))
	faults := []struct {
		name string
		make func() error
	}{
		{"cut", fs.PowerCut},
		{"torn", func() error { return fs.PowerCutTorn(random.Uint64()) }},
		{"sync fails", func() error { return fs.FailSyncs(1) }},
		{"write fails", func() error { return fs.FailWrites(1) }},
		{"disk fills", func() error { return fs.Quota(random.Int64N(1 << 18)) }},
	}
	rounds := 3 * len(faults)
	var all []*writer
	for round := range rounds {
		fault := faults[round%len(faults)]
		s := process.Run(t, data)
		if round == 0 {
			all = crew(t, s)
		}
		n := load(t, s, all, func() {
			time.Sleep(time.Duration(random.IntN(20)) * time.Millisecond)
			if err := fault.make(); err != nil {
				t.Fatal(err)
			}
			// The server refuses from then on, or has room left on the disk.
			time.Sleep(150 * time.Millisecond)
			s.Kill()
		})
		if err := fs.PowerCutTorn(random.Uint64()); err != nil {
			t.Fatal(err)
		}
		inspect(t, data, func(i *inspection) {
			for _, w := range all {
				w.check(t, i)
			}
		})
		t.Logf("round %d: %s after %d changes", round, fault.name, n)
		if t.Failed() {
			return
		}
	}
	works(t, process.Run(t, data), all)
}
