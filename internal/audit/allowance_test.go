package audit

import (
	"fmt"
	"testing"
	"time"
)

// TestAllowance: one source has its burst and then its rate, all together have
// theirs, and a clock that is set back gives nothing.
func TestAllowance(t *testing.T) {
	a, now := new(allowance), time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	take := func(want bool, source string, bytes int) {
		t.Helper()
		if got := a.take(source, bytes, now); got != want {
			t.Errorf("%d bytes for %s: %v, want %v", bytes, source, got, want)
		}
	}
	take(true, "one", sourceBurst-1)
	take(false, "one", 2)
	take(true, "one", 1)
	take(true, "two", sourceBurst)
	now = now.Add(-time.Hour)
	take(false, "one", 1)
	now = now.Add(time.Second)
	take(true, "one", sourceRate)
	take(false, "one", 1)
	now = now.Add(48 * time.Hour)
	for i := range allBurst / sourceBurst {
		take(true, fmt.Sprintf("of all %d", i), sourceBurst)
	}
	take(false, "another", 1)
	now = now.Add(time.Second)
	take(true, "another", allRate)
	take(false, "yet another", 1)
	if a.refused != 5 {
		t.Errorf("%d were refused", a.refused)
	}
}

// TestAttackManySources: sources beyond the bound cost no memory, and share what is for
// all.
func TestAttackManySources(t *testing.T) {
	a, now := new(allowance), time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for i := range maxSources + 1000 {
		if !a.take(fmt.Sprint(i), 100, now) {
			t.Fatalf("source %d was refused", i)
		}
	}
	if len(a.sources) != maxSources {
		t.Errorf("%d sources are kept", len(a.sources))
	}
	now = now.Add(time.Hour)
	if !a.take("later", 100, now) || len(a.sources) != 1 {
		t.Errorf("%d sources are kept an hour later", len(a.sources))
	}
}
