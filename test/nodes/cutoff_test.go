//go:build linux

package nodes

import (
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"sallyport/internal/journal/postgres/pgtest"
	"sallyport/test/process"
)

// short is the setting of nodes that are cut off.
var short = "SALLYPORT_LEASE=" + shortLease.String()

// TestCutOffStopped: a node's process is stopped. Writes on the other wait for its
// lease to end, once. When the process goes on, it answers nothing with what it
// knew when it was stopped, requests that were waiting for it included.
func TestCutOffStopped(t *testing.T) {
	url := pgtest.Start(t).NewDatabase(t)
	a, b := node(t, url, short), node(t, url, short)
	for round := range 5 {
		m := newMember(a, name("user", 0, round))
		if r, err := m.lists(b); err != nil || r.Status != http.StatusOK {
			t.Fatalf("before: %v %d %s", err, r.Status, r.Body)
		}
		b.Pause()
		mustRevoke(t, a, m)
		again := time.Now()
		a.MustAdmin("CreateGroup", "GroupName", name("group", 0, round))
		if took := time.Since(again); took > shortLease/2 {
			t.Errorf("the second write waited for %v more", took)
		}
		var waiting sync.WaitGroup
		for range 8 { // they start before the node goes on
			waiting.Go(func() { neverAnswered(t, m, b) })
		}
		time.Sleep(50 * time.Millisecond)
		b.Signal(syscall.SIGCONT)
		for range 50 {
			neverAnswered(t, m, b)
		}
		waiting.Wait()
		back := await(t, "the node that was stopped is ready", ready(b))
		if r, err := m.lists(b); err != nil || r.Status != http.StatusForbidden {
			t.Errorf("after: %v %d %s", err, r.Status, r.Body)
		}
		t.Logf("round %d: ready %v after it went on", round, back)
	}
}

// TestCutOffWriting: a node is stopped while it writes, in the middle of a commit
// too. The other's write waits no longer than the lease for that, and every change
// the stopped node was told of is there.
func TestCutOffWriting(t *testing.T) {
	url := pgtest.StartDurable(t).NewDatabase(t)
	a, b := node(t, url, short), node(t, url, short)
	var done atomic.Bool
	var count atomic.Int64
	var running sync.WaitGroup
	workers := make([]*worker, 16)
	for i := range workers {
		workers[i] = &worker{id: i, nodes: []*process.Server{b}}
		running.Go(func() { workers[i].work(t, &done, &count) })
	}
	for round := range 10 {
		before := count.Load()
		await(t, "changes on the node that will be stopped", func() bool { return count.Load() >= before+20 })
		time.Sleep(time.Duration(round) * time.Millisecond)
		b.Pause()
		began := time.Now()
		a.MustAdmin("CreateGroup", "GroupName", name("group", 1, round))
		if took := time.Since(began); took > shortLease {
			t.Errorf("the write waited for %v, the lease is %v", took, shortLease)
		} else {
			t.Logf("the write waited for %v", took)
		}
		b.Signal(syscall.SIGCONT)
		await(t, "the node that was stopped is ready", ready(b))
	}
	done.Store(true)
	running.Wait()
	missing(t, []*process.Server{a, b}, workers)
	for _, s := range []*process.Server{a, b} {
		if err := s.Stop(); err != nil {
			t.Errorf("SIGTERM: %v\n%s", err, s.Stderr())
		}
	}
	once(t, url, workers)
}

// mustRevoke makes the member's key inactive, within the lease.
func mustRevoke(t *testing.T, s *process.Server, m member) {
	t.Helper()
	began := time.Now()
	s.MustAdmin("UpdateAccessKey", "UserName", m.name, "AccessKeyId", m.key, "Status", "Inactive")
	took := time.Since(began)
	if took > shortLease {
		t.Errorf("the write waited for %v, the lease is %v", took, shortLease)
	}
	t.Logf("the write waited for %v", took)
}

// neverAnswered has a member whose key was revoked ask: it is refused, or there is
// nobody to answer.
func neverAnswered(t *testing.T, m member, s *process.Server) {
	t.Helper()
	r, err := m.lists(s)
	if err == nil && !refused(r) && r.Status != http.StatusServiceUnavailable {
		t.Errorf("a revoked key was answered %d %s", r.Status, r.Body)
	}
}

// TestCutOffBlocked: a node's connection to the database is blocked. It refuses
// within the lease, and /readyz says so; the other's write waits no longer than
// that; the node is back, up to date, when its connection is.
func TestCutOffBlocked(t *testing.T) {
	server := pgtest.Start(t)
	url := server.NewDatabase(t)
	proxy := pgtest.NewProxy(t, server)
	a, b := node(t, url, short), node(t, proxy.URL(t, url), short)
	for round := range 3 {
		m := newMember(a, name("user", 0, round))
		var last atomic.Int64 // when the last request that was answered began
		var done atomic.Bool
		var asking sync.WaitGroup
		for range 4 {
			asking.Go(func() {
				for !done.Load() {
					began := time.Now()
					if r, err := m.lists(b); err == nil && r.Status == http.StatusOK {
						last.Store(max(last.Load(), began.UnixNano()))
					}
				}
			})
		}
		time.Sleep(100 * time.Millisecond)
		proxy.Stall()
		stalled := time.Now()
		mustRevoke(t, a, m)
		acknowledged := time.Now()
		time.Sleep(200 * time.Millisecond)
		if answered := time.Unix(0, last.Load()); answered.After(acknowledged) || answered.Before(stalled.Add(-time.Second)) {
			t.Errorf("the last request that was answered began %v after the acknowledgement", answered.Sub(acknowledged))
		}
		done.Store(true)
		asking.Wait()
		status, body := b.Ready()
		if status != http.StatusServiceUnavailable || !strings.Contains(body, "lost the store") {
			t.Errorf("/readyz of a node without its store: %d %s", status, body)
		}
		if r, err := b.Admin("ListUsers"); err != nil || r.Status != http.StatusServiceUnavailable || r.Code != "ServiceUnavailable" {
			t.Errorf("a node without its store answers %d %s, %v", r.Status, r.Code, err)
		}
		proxy.Resume()
		back := await(t, "the node that was cut off is ready", ready(b))
		if r, err := m.lists(b); err != nil || r.Status != http.StatusForbidden {
			t.Errorf("after: %v %d %s", err, r.Status, r.Body)
		}
		t.Logf("round %d: ready %v after its connection was", round, back)
	}
}
