//go:build linux

package nodes

import (
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"sallyport/internal/journal/postgres/pgtest"
	"sallyport/test/process"
)

// TestAttack23TwoNodes: clients hammer both nodes with a key while one of the
// nodes, each in turn, makes it inactive or deletes it, detaches its policy,
// deletes its user. No request that starts after the acknowledgement succeeds on
// either.
func TestAttack23TwoNodes(t *testing.T) {
	rounds := 200
	if testing.Short() {
		rounds = 10
	}
	revocations := []struct {
		name   string
		revoke func(s *process.Server, m member)
	}{
		{"key inactive", func(s *process.Server, m member) {
			s.MustAdmin("UpdateAccessKey", "UserName", m.name, "AccessKeyId", m.key, "Status", "Inactive")
		}},
		{"key deleted", func(s *process.Server, m member) {
			s.MustAdmin("DeleteAccessKey", "UserName", m.name, "AccessKeyId", m.key)
		}},
		{"policy detached", func(s *process.Server, m member) {
			s.MustAdmin("DetachUserPolicy", "UserName", m.name, "PolicyArn", readOnly)
		}},
		{"user deleted", func(s *process.Server, m member) {
			s.MustAdmin("DetachUserPolicy", "UserName", m.name, "PolicyArn", readOnly)
			s.MustAdmin("DeleteAccessKey", "UserName", m.name, "AccessKeyId", m.key)
			s.MustAdmin("DeleteUser", "UserName", m.name)
		}},
	}
	url := pgtest.StartDurable(t).NewDatabase(t)
	a, b := node(t, url), node(t, url)
	for i, r := range revocations {
		t.Run(r.name, func(t *testing.T) {
			var before, after atomic.Int64
			for round := range rounds {
				revoker, other := a, b
				if round%2 == 1 {
					revoker, other = b, a
				}
				m := newMember(revoker, name("user", i, round))
				hammer(t, m, []*process.Server{revoker, other, other, other}, &before, &after, func() { r.revoke(revoker, m) })
			}
			if before.Load() == 0 || after.Load() == 0 {
				t.Errorf("%d requests succeeded before and %d were refused after: too few to show anything", before.Load(), after.Load())
			}
			t.Logf("%d rounds, %d requests succeeded before, %d were refused after", rounds, before.Load(), after.Load())
		})
	}
}

// refused says whether a caller was turned away: denied, or as one of too many that
// nobody knows, which is what who was deleted becomes.
func refused(r process.Reply) bool {
	return r.Status == http.StatusForbidden || r.Status == http.StatusBadRequest && r.Code == "Throttling"
}

// hammer has one client for each server call while revoke runs.
func hammer(t *testing.T, m member, servers []*process.Server, before, after *atomic.Int64, revoke func()) {
	t.Helper()
	var revoked atomic.Bool
	var ready, running sync.WaitGroup
	for _, s := range servers {
		ready.Add(1)
		running.Go(func() {
			once := sync.OnceFunc(ready.Done)
			defer once()
			for last := 0; last < 2; {
				late := revoked.Load() // before the request starts
				r, err := m.lists(s)
				switch {
				case err != nil:
					t.Errorf("a request was not answered: %v", err)
					return
				case r.Status == http.StatusOK && late:
					t.Errorf("a request that began after the acknowledgement succeeded on %s", s.URL)
					return
				case r.Status == http.StatusOK:
					before.Add(1)
				case !refused(r):
					t.Errorf("a request was answered %d %s", r.Status, r.Body)
					return
				case late:
					after.Add(1)
					last++
				}
				once()
			}
		})
	}
	ready.Wait()
	revoke()
	revoked.Store(true)
	running.Wait()
}

// TestMadeIsThere: what one node makes is there on the other when it says so.
func TestMadeIsThere(t *testing.T) {
	url := pgtest.Start(t).NewDatabase(t)
	a, b := node(t, url), node(t, url)
	began := time.Now()
	for n := range 40 {
		made, asked := a, b
		if n%2 == 1 {
			made, asked = b, a
		}
		m := newMember(made, fmt.Sprint("user-", n))
		if r, err := m.lists(asked); err != nil || r.Status != http.StatusOK {
			t.Fatalf("a key that one node made is answered by the other: %v %d %s", err, r.Status, r.Body)
		}
	}
	t.Logf("a change took %v on the average", time.Since(began)/120)
}
