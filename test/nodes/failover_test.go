//go:build linux

package nodes

import (
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"sallyport/internal/journal/postgres/pgtest"
	"sallyport/test/process"
)

// worker makes users on its nodes in turn, and keeps what it was told.
type worker struct {
	id    int
	nodes []*process.Server

	made         []string // acknowledged
	acknowledged []string // request ids
	unknown      int
}

// work makes users until done; count is told of every acknowledgement.
func (w *worker) work(t *testing.T, done *atomic.Bool, count *atomic.Int64) {
	for n := 0; !done.Load(); n++ {
		user := name("user", w.id, n)
		r, err := w.nodes[n%len(w.nodes)].Admin("CreateUser", "UserName", user)
		switch {
		case err == nil && r.Status == http.StatusOK:
			w.made = append(w.made, user)
			w.acknowledged = append(w.acknowledged, r.RequestID)
			count.Add(1)
		case err != nil || r.Status == http.StatusServiceUnavailable:
			w.unknown++ // it may be there
			time.Sleep(20 * time.Millisecond)
		default:
			t.Errorf("creating %s was answered %d %s", user, r.Status, r.Body)
			return
		}
	}
}

// TestFailover: under load on two nodes the primary is killed with SIGKILL and its
// synchronous standby promoted. No acknowledged change is lost, none is there twice,
// and the same processes go on.
func TestFailover(t *testing.T) {
	pair := pgtest.StartPair(t)
	url := pair.NewDatabase(t)
	nodes := []*process.Server{node(t, url), node(t, url)}
	var done atomic.Bool
	var count atomic.Int64
	var running sync.WaitGroup
	workers := make([]*worker, 12)
	for i := range workers {
		workers[i] = &worker{id: i, nodes: nodes}
		running.Go(func() { workers[i].work(t, &done, &count) })
	}
	await(t, "200 changes", func() bool { return count.Load() >= 200 })
	pair.KillPrimary(t)
	killed := time.Now()
	time.Sleep(200 * time.Millisecond)
	pair.Promote(t)
	promoted := time.Now()
	before := count.Load()
	await(t, "a change after the failover", func() bool { return count.Load() > before })
	t.Logf("changes are answered %v after the promotion, %v after the kill", time.Since(promoted), time.Since(killed))
	await(t, "200 changes after the failover", func() bool { return count.Load() >= before+200 })
	done.Store(true)
	running.Wait()
	for _, s := range nodes {
		await(t, "ready", ready(s))
	}
	missing(t, nodes, workers)
	for _, s := range nodes {
		if err := s.Stop(); err != nil {
			t.Errorf("SIGTERM: %v\n%s", err, s.Stderr())
		}
	}
	once(t, url, workers)
}

// missing asks both nodes for every user that was acknowledged.
func missing(t *testing.T, nodes []*process.Server, workers []*worker) {
	t.Helper()
	for _, w := range workers {
		for i, user := range w.made {
			r, err := nodes[i%len(nodes)].Admin("GetUser", "UserName", user)
			if err != nil || r.Status != http.StatusOK {
				t.Errorf("%s, which was acknowledged: %v %d %s", user, err, r.Status, r.Code)
			}
		}
	}
}

// once looks for every acknowledged request in the journal, once.
func once(t *testing.T, url string, workers []*worker) {
	t.Helper()
	requests := inspect(t, url)
	total, unknown := 0, 0
	for _, w := range workers {
		total, unknown = total+len(w.acknowledged), unknown+w.unknown
		for _, id := range w.acknowledged {
			if requests[id] != 1 {
				t.Errorf("the acknowledged request %s is %d times in the journal", id, requests[id])
			}
		}
	}
	for id, n := range requests {
		if n != 1 {
			t.Errorf("request %s is %d times in the journal", id, n)
		}
	}
	t.Logf("%d acknowledged, %d unknown, %d in the journal", total, unknown, len(requests))
}
