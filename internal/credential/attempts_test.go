package credential

import (
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func TestAttempts(t *testing.T) {
	var a Attempts
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for i := range maxAttempts {
		request := strconv.Itoa(i)
		if !a.Begin("alice", request, now) || !a.Begin("alice", request, now) {
			t.Fatalf("attempt %d was refused", i)
		}
	}
	if a.Begin("alice", "one more", now) || a.Begin("alice", "one more", now.Add(attemptWindow-1)) {
		t.Error("a sixth attempt was allowed")
	}
	if !a.Begin("bob", "his", now) {
		t.Error("bob was refused for alice's attempts")
	}
	if !a.Begin("alice", "later", now.Add(attemptWindow)) {
		t.Error("refused when the time was over")
	}
	a.Right("alice")
	for i := range maxAttempts {
		if !a.Begin("alice", "again"+strconv.Itoa(i), now.Add(attemptWindow)) {
			t.Fatalf("attempt %d after a right one was refused", i)
		}
	}
}

// TestAttackParallelAttempts: at the same time no more are allowed.
func TestAttackParallelAttempts(t *testing.T) {
	var a Attempts
	var allowed atomic.Int32
	var wait sync.WaitGroup
	now := time.Now()
	for i := range 100 {
		wait.Go(func() {
			if a.Begin("alice", strconv.Itoa(i), now) {
				allowed.Add(1)
			}
		})
	}
	wait.Wait()
	if n := allowed.Load(); n != maxAttempts {
		t.Errorf("%d attempts were allowed", n)
	}
}

func TestAttemptsAreForgotten(t *testing.T) {
	var a Attempts
	now := time.Now()
	for i := range prunedAbove + 1 {
		a.Begin(strconv.Itoa(i), "r", now)
	}
	a.Begin("alice", "r", now.Add(attemptWindow))
	if n := len(a.holders); n != 1 {
		t.Errorf("%d holders are remembered", n)
	}
}
