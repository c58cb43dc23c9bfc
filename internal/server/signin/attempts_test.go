package signin_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"sallyport/internal/app"
	"sallyport/internal/credential"
	"sallyport/internal/journal"
	"sallyport/internal/journal/memory"
	"sallyport/test/inprocess"
)

// counted is a journal that shows what attempts it is told of, and may refuse to
// take any.
type counted struct {
	journal.Store
	mu   sync.Mutex
	fail bool
	told func() // when an attempt is
	keys []string
}

func (c *counted) note(key string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !strings.HasPrefix(key, "attempt/") {
		return nil
	}
	c.keys = append(c.keys, key)
	if c.told != nil {
		c.told()
	}
	if c.fail {
		return errors.New("the disk is full")
	}
	return nil
}

func (c *counted) breaks(fail bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.fail = fail
}

func (c *counted) Once(ctx context.Context, key string, expires time.Time) (bool, error) {
	if err := c.note(key); err != nil {
		return false, err
	}
	return c.Store.Once(ctx, key, expires)
}

func (c *counted) DeleteFact(ctx context.Context, key string) error {
	if err := c.note(key); err != nil {
		return err
	}
	return c.Store.DeleteFact(ctx, key)
}

// TestAttackUncountedSignIn: when attempts can't be counted for all nodes, no
// password is looked at. What is kept of them doesn't tell names.
func TestAttackUncountedSignIn(t *testing.T) {
	facts := &counted{Store: memory.New()}
	s := inprocess.New(t, func(c *app.Config) { c.Journal = facts })
	alice(s)
	b := s.Browser()
	facts.breaks(true)
	hashes := credential.Hashes()
	for range 7 {
		if page := b.SignIn("alice", password); page.Status < 500 || credential.Hashes() != hashes {
			t.Fatalf("got %d, with %d hashes", page.Status, credential.Hashes()-hashes)
		}
	}
	facts.breaks(false)
	at(t, b.SignIn("alice", "wrong"), "/signin", 403, wrong)
	inside(t, b, b.SignIn("alice", password), "user/alice")
	if len(facts.keys) < 7+3+3+3 {
		t.Errorf("attempts are counted by %q", facts.keys)
	}
	for _, key := range facts.keys {
		if strings.Contains(key, "alice") || strings.Contains(key, account) || strings.Contains(key, "127.0.0.1") {
			t.Errorf("%q tells a name", key)
		}
	}
}

// TestAttackCancelledSignIns: who goes away has their password checked all the same,
// so that writing attempts down can't be had without the wait for a hash.
func TestAttackCancelledSignIns(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	gone := make(chan struct{})
	facts := &counted{Store: memory.New(), told: func() { cancel(); <-gone }}
	s := inprocess.New(t, func(c *app.Config) { c.Journal = facts })
	alice(s)
	b := s.Browser()
	b.Get("/signin")
	hashes := credential.Hashes()
	r := b.Form("/signin", p{"account": account, "username": "alice", "password": "wrong"})
	_, err := b.TrySend(r.WithContext(ctx))
	close(gone)
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("the request ended with %v", err)
	}
	for deadline := time.Now().Add(30 * time.Second); credential.Hashes() == hashes; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("no password was checked")
		}
	}
}
