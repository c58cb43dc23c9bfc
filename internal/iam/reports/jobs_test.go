package reports

import (
	"testing"
	"time"
)

// TestAttackJobsWithoutEnd: who asks for report after report can't fill the store with
// what is kept of them, nor keep other accounts from theirs.
func TestAttackJobsWithoutEnd(t *testing.T) {
	j, now := newAccessJobs(nil), time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	begin := func(account string) bool {
		ok := j.enter(account, now)
		if ok {
			j.leave(account)
		}
		return ok
	}
	n := 0
	for ; begin("111122223333"); n++ {
		if n == 100_000 {
			t.Fatal("jobs begin without end")
		}
	}
	if n != jobsInLife {
		t.Errorf("%d jobs began", n)
	}
	if !begin("444455556666") {
		t.Error("another account is refused")
	}
	now = now.Add(jobLife - time.Second)
	if begin("111122223333") {
		t.Error("a job begins while all are kept")
	}
	now = now.Add(time.Second)
	if !begin("111122223333") {
		t.Error("no job begins a day later")
	}
}
