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
	for i := range defaultAttempts {
		request := strconv.Itoa(i)
		if a.Begin("alice", request, now) > 0 || a.Begin("alice", request, now) > 0 {
			t.Fatalf("attempt %d was refused", i)
		}
	}
	if a.Begin("alice", "one more", now) != defaultWindow || a.Begin("alice", "one more", now.Add(defaultWindow-1)) != time.Second {
		t.Error("a sixth attempt was allowed")
	}
	if a.Begin("bob", "his", now) > 0 {
		t.Error("bob was refused for alice's attempts")
	}
	if a.Begin("alice", "later", now.Add(defaultWindow)) > 0 {
		t.Error("refused when the time was over")
	}
	a.Right("alice")
	for i := range defaultAttempts {
		if a.Begin("alice", "again"+strconv.Itoa(i), now.Add(defaultWindow)) > 0 {
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
			if a.Begin("alice", strconv.Itoa(i), now) == 0 {
				allowed.Add(1)
			}
		})
	}
	wait.Wait()
	if n := allowed.Load(); n != defaultAttempts {
		t.Errorf("%d attempts were allowed", n)
	}
}

func TestAttemptsAreForgotten(t *testing.T) {
	var a Attempts
	now := time.Now()
	for i := range prunedAbove + 1 {
		a.Begin(strconv.Itoa(i), "r", now)
	}
	a.Begin("alice", "r", now.Add(defaultWindow))
	if n := len(a.holders); n != 1 {
		t.Errorf("%d holders are remembered", n)
	}
}

// TestAttemptsGivenBack: who knows one password can't have the attempts at others
// forgotten.
func TestAttemptsGivenBack(t *testing.T) {
	a := Attempts{Max: 2, Window: time.Minute}
	now := time.Now()
	a.Begin("192.0.2.1", "wrong", now)
	for i := range 10 {
		if a.Begin("192.0.2.1", strconv.Itoa(i), now) > 0 {
			t.Fatalf("attempt %d was refused after right ones", i)
		}
		a.GiveBack("192.0.2.1")
	}
	a.Begin("192.0.2.1", "wrong again", now)
	if a.Begin("192.0.2.1", "another", now) == 0 {
		t.Error("a third wrong attempt was allowed")
	}
}

// TestAttackMemoryOfAttempts: names that nobody has can't fill the memory.
func TestAttackMemoryOfAttempts(t *testing.T) {
	var a Attempts
	now := time.Now()
	for i := range maxHolders + 10 {
		a.Begin(strconv.Itoa(i), "r", now)
	}
	if n := len(a.holders); n != maxHolders {
		t.Errorf("%d holders are remembered", n)
	}
	if a.Begin("one more", "r", now) == 0 {
		t.Error("an attempt that could not be counted was allowed")
	}
}
