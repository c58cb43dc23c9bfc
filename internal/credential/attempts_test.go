package credential

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"sallyport/internal/journal"
	"sallyport/internal/journal/memory"
)

const testWindow = 5 * time.Minute

var testStart = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// nodes are counts that share a journal.
func nodes(facts journal.Facts, n int) []*Attempts {
	all := make([]*Attempts, n)
	for i := range all {
		all[i] = NewAttempts(facts, "test", 5, testWindow)
	}
	return all
}

// begins says whether an attempt may be made.
func begins(t *testing.T, a *Attempts, holder string, now time.Time) *Attempt {
	t.Helper()
	attempt, wait, err := a.Begin(context.Background(), holder, now)
	if err != nil || (attempt == nil) != (wait > 0) || wait > testWindow {
		t.Fatalf("an attempt %v, to wait %v, %v", attempt, wait, err)
	}
	return attempt
}

func TestAttempts(t *testing.T) {
	a := nodes(memory.New(), 1)[0]
	for i := range 5 {
		if begins(t, a, "alice", testStart) == nil {
			t.Fatalf("attempt %d was refused", i)
		}
	}
	for after, want := range map[time.Duration]time.Duration{0: testWindow, testWindow - 1: time.Second} {
		if _, wait, err := a.Begin(context.Background(), "alice", testStart.Add(after)); wait != want || err != nil {
			t.Errorf("a sixth attempt after %v: to wait %v, %v", after, wait, err)
		}
	}
	if begins(t, a, "bob", testStart) == nil {
		t.Error("bob was refused for alice's attempts")
	}
	if begins(t, a, "alice", testStart.Add(testWindow)) == nil {
		t.Error("refused when the time was over")
	}
}

// TestAttackAttemptsOnOtherNodes: what was tried at one node counts at the others,
// until five minutes are over, and a node that starts anew knows of it.
func TestAttackAttemptsOnOtherNodes(t *testing.T) {
	facts := memory.New()
	n := nodes(facts, 3)
	for i := range 5 {
		if begins(t, n[i%2], "alice", testStart) == nil {
			t.Fatalf("attempt %d was refused", i)
		}
	}
	for i, a := range append(n, nodes(facts, 1)...) {
		if begins(t, a, "alice", testStart.Add(time.Duration(i)*time.Minute/10)) != nil {
			t.Errorf("node %d allowed a sixth attempt", i)
		}
		if begins(t, a, "bob", testStart) == nil {
			t.Errorf("node %d refused bob", i)
		}
	}
	for i := range 5 {
		if begins(t, n[2], "alice", testStart.Add(testWindow)) == nil {
			t.Errorf("attempt %d after five minutes was refused", i)
		}
	}
	if begins(t, n[1], "alice", testStart.Add(testWindow)) != nil {
		t.Error("a sixth after five minutes was allowed")
	}
}

// TestAttackParallelAttempts: at the same time no more are allowed, at one node or
// at four.
func TestAttackParallelAttempts(t *testing.T) {
	for _, count := range []int{1, 4} {
		n := nodes(memory.New(), count)
		var allowed atomic.Int32
		var all sync.WaitGroup
		for i := range 100 {
			all.Go(func() {
				attempt, _, err := n[i%count].Begin(context.Background(), "alice", testStart)
				if err != nil {
					t.Error(err)
				}
				if attempt != nil {
					allowed.Add(1)
				}
			})
		}
		all.Wait()
		if n := allowed.Load(); n != 5 {
			t.Errorf("%d nodes allowed %d attempts", count, n)
		}
	}
}

// TestAttemptsGivenBack: right ones don't count, at any node; those before them do.
func TestAttemptsGivenBack(t *testing.T) {
	n := nodes(memory.New(), 2)
	for range 4 {
		begins(t, n[0], "192.0.2.1", testStart)
	}
	for i := range 20 {
		attempt := begins(t, n[i%2], "192.0.2.1", testStart)
		if attempt == nil {
			t.Fatalf("attempt %d was refused after right ones", i)
		}
		if err := attempt.GiveBack(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	last := begins(t, n[0], "192.0.2.1", testStart)
	if last == nil || begins(t, n[1], "192.0.2.1", testStart) != nil {
		t.Fatal("not five wrong ones are allowed")
	}
	// The other node asks again after a second.
	if err := last.GiveBack(context.Background()); err != nil {
		t.Fatal(err)
	}
	if begins(t, n[1], "192.0.2.1", testStart.Add(believed)) == nil {
		t.Error("refused after one was given back at another node")
	}
}

// broken are facts that can't be written.
type broken struct{ journal.Facts }

var errBroken = errors.New("broken")

func (broken) Once(context.Context, string, time.Time) (bool, error) { return false, errBroken }
func (broken) DeleteFact(context.Context, string) error              { return errBroken }

// asked counts what the journal is asked.
type asked struct {
	journal.Facts
	n atomic.Int32
}

func (a *asked) Once(ctx context.Context, key string, expires time.Time) (bool, error) {
	a.n.Add(1)
	return a.Facts.Once(ctx, key, expires)
}

// TestAttackAttemptsWithoutStore: what can't be counted for all nodes is not tried,
// and what can't be given back counts.
func TestAttackAttemptsWithoutStore(t *testing.T) {
	facts := memory.New()
	n := append(nodes(broken{facts}, 1), nodes(facts, 1)...)
	for range 10 {
		if attempt, _, err := n[0].Begin(context.Background(), "alice", testStart); attempt != nil || !errors.Is(err, errBroken) {
			t.Fatalf("%v, %v", attempt, err)
		}
	}
	for range 5 {
		attempt := begins(t, n[1], "alice", testStart)
		if attempt == nil {
			t.Fatal("attempts that were not made count")
		}
		attempt.of.facts = broken{facts}
		if err := attempt.GiveBack(context.Background()); !errors.Is(err, errBroken) {
			t.Fatal(err)
		}
		attempt.of.facts = facts
	}
	if begins(t, n[1], "alice", testStart) != nil {
		t.Error("attempts that were not given back don't count")
	}
}

// TestAttackAskingTheStore: a flood of attempts at one holder is refused without
// asking the journal.
func TestAttackAskingTheStore(t *testing.T) {
	facts := &asked{Facts: memory.New()}
	n := nodes(facts, 2)
	for range 1000 {
		begins(t, n[0], "alice", testStart)
		begins(t, n[1], "alice", testStart)
	}
	if got := facts.n.Load(); got > 25 {
		t.Errorf("the journal was asked %d times", got)
	}
}

func TestAttemptsAreForgotten(t *testing.T) {
	a := nodes(memory.New(), 1)[0]
	for i := range prunedAbove + 1 {
		begins(t, a, strconv.Itoa(i), testStart)
	}
	begins(t, a, "alice", testStart.Add(testWindow))
	if n := len(a.holders); n != 1 {
		t.Errorf("%d holders are remembered", n)
	}
}

// TestAttackMemoryOfAttempts: names that nobody has can't fill the memory.
func TestAttackMemoryOfAttempts(t *testing.T) {
	a := nodes(memory.New(), 1)[0]
	for i := range maxHolders + 10 {
		a.Begin(context.Background(), strconv.Itoa(i), testStart)
	}
	if n := len(a.holders); n != maxHolders {
		t.Errorf("%d holders are remembered", n)
	}
	if begins(t, a, "one more", testStart) != nil {
		t.Error("an attempt that could not be counted was allowed")
	}
}
