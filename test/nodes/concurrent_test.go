//go:build linux

package nodes

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"sallyport/internal/journal/postgres/pgtest"
	"sallyport/test/process"
)

// TestOneNameOnTwoNodes: both nodes are asked for one user at the same time. One
// makes it; the other decides again and says that it is there.
func TestOneNameOnTwoNodes(t *testing.T) {
	url := pgtest.Start(t).NewDatabase(t)
	nodes := []*process.Server{node(t, url), node(t, url)}
	for n := range 50 {
		user := fmt.Sprint("user-", n)
		var made, there atomic.Int64
		var all sync.WaitGroup
		for i := range 4 {
			all.Go(func() {
				r, err := nodes[i%2].Admin("CreateUser", "UserName", user)
				switch {
				case err == nil && r.Status == http.StatusOK:
					made.Add(1)
				case err == nil && r.Code == "EntityAlreadyExists":
					there.Add(1)
				default:
					t.Errorf("%v %d %s", err, r.Status, r.Body)
				}
			})
		}
		all.Wait()
		if made.Load() != 1 || there.Load() != 3 {
			t.Fatalf("one user was made %d times and there %d times", made.Load(), there.Load())
		}
	}
}

// TestQuotaOverTwoNodes: a quota holds over both nodes: what a command decided on
// another state of the account is decided again.
func TestQuotaOverTwoNodes(t *testing.T) {
	url := pgtest.Start(t).NewDatabase(t)
	nodes := []*process.Server{node(t, url), node(t, url)}
	nodes[0].MustAdmin("CreateUser", "UserName", "alice")
	const quota = 2 // access keys of a user
	for range 20 {
		var mu sync.Mutex
		var keys []string
		var all sync.WaitGroup
		for i := range 6 {
			all.Go(func() {
				r, err := nodes[i%2].Admin("CreateAccessKey", "UserName", "alice")
				mu.Lock()
				defer mu.Unlock()
				switch {
				case err == nil && r.Status == http.StatusOK:
					keys = append(keys, r.Element("AccessKeyId"))
				case err != nil || r.Code != "LimitExceeded":
					t.Errorf("%v %d %s", err, r.Status, r.Body)
				}
			})
		}
		all.Wait()
		for i, s := range nodes {
			if list := s.MustAdmin("ListAccessKeys", "UserName", "alice"); strings.Count(list.Body, "<AccessKeyId>") != quota {
				t.Fatalf("node %d: %s", i, list.Body)
			}
		}
		if len(keys) != quota {
			t.Fatalf("%d keys were made, the quota is %d", len(keys), quota)
		}
		for i, id := range keys {
			nodes[i%2].MustAdmin("DeleteAccessKey", "UserName", "alice", "AccessKeyId", id)
		}
	}
}

// TestTwoNodesUnderLoad: both nodes write to one account. Both show the same in the
// end, and the journal is whole, with every change once.
func TestTwoNodesUnderLoad(t *testing.T) {
	url := pgtest.StartDurable(t).NewDatabase(t)
	nodes := []*process.Server{node(t, url), node(t, url)}
	var done atomic.Bool
	var count atomic.Int64
	var running sync.WaitGroup
	workers := make([]*worker, 16)
	for i := range workers {
		workers[i] = &worker{id: i, nodes: []*process.Server{nodes[i%2]}}
		running.Go(func() { workers[i].work(t, &done, &count) })
	}
	await(t, "1000 changes", func() bool { return count.Load() >= 1000 })
	done.Store(true)
	running.Wait()
	if a, b := nodes[0].MustAdmin("GetAccountSummary"), nodes[1].MustAdmin("GetAccountSummary"); users(a) != users(b) {
		t.Errorf("the nodes show %s and %s users", users(a), users(b))
	}
	missing(t, []*process.Server{nodes[1], nodes[0]}, workers)
	for _, s := range nodes {
		if err := s.Stop(); err != nil {
			t.Errorf("SIGTERM: %v\n%s", err, s.Stderr())
		}
	}
	once(t, url, workers)
}

func users(r process.Reply) string {
	_, rest, _ := strings.Cut(r.Body, "<key>Users</key>")
	_, rest, _ = strings.Cut(rest, "<value>")
	value, _, _ := strings.Cut(rest, "</value>")
	return value
}

// TestFirstStartOfTwo: two servers are started at once on an empty database. One
// makes the first account and shows it; both serve it.
func TestFirstStartOfTwo(t *testing.T) {
	for range 5 {
		url := pgtest.Start(t).NewDatabase(t)
		nodes := []*process.Server{prepare(t, url), prepare(t, url)}
		var started sync.WaitGroup
		for _, s := range nodes {
			t.Cleanup(s.Kill)
			started.Go(func() {
				if err := s.Start(); err != nil {
					t.Error(err)
				}
			})
		}
		started.Wait()
		if t.Failed() {
			return
		}
		for _, s := range nodes {
			s.MustAdmin("ListUsers")
		}
		for _, s := range nodes { // all that a server prints is there when it has ended
			if err := s.Stop(); err != nil {
				t.Errorf("SIGTERM: %v\n%s", err, s.Stderr())
			}
		}
		if shown := strings.Count(nodes[0].Stdout()+nodes[1].Stdout(), "was created. This is shown once"); shown != 1 {
			t.Errorf("the first account was shown %d times", shown)
		}
	}
}

// TestNodeLeaves: a node that ends in order is not waited for.
func TestNodeLeaves(t *testing.T) {
	url := pgtest.Start(t).NewDatabase(t)
	a, b := node(t, url), node(t, url)
	a.MustAdmin("CreateUser", "UserName", "alice")
	if err := b.Stop(); err != nil {
		t.Fatalf("SIGTERM: %v\n%s", err, b.Stderr())
	}
	began := time.Now()
	a.MustAdmin("CreateUser", "UserName", "bob")
	if took := time.Since(began); took > lease/2 {
		t.Errorf("a write waited %v for a node that had left", took)
	}
}
