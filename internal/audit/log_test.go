package audit

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"sallyport/internal/journal"
	"sallyport/internal/journal/memory"
)

// failing is a store that takes blocks only when it is told to.
type failing struct {
	journal.Blocks
	mu   sync.Mutex
	fail bool
}

func (f *failing) set(fail bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.fail = fail
}

func (f *failing) AppendBlocks(ctx context.Context, blocks []journal.Block) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.fail {
		return journal.ErrFull
	}
	return f.Blocks.AppendBlocks(ctx, blocks)
}

func newLog(t *testing.T, store journal.Blocks, interval time.Duration) *Log {
	t.Helper()
	l, err := NewLog(LogConfig{Store: store, Node: "node", Interval: interval, Now: time.Now, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

// recorded are all records of an account, in order.
func recorded(t *testing.T, store journal.Blocks, account string) []string {
	t.Helper()
	blocks, err := store.ReadBlocks(context.Background(), 0, 10000)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, b := range blocks {
		records, err := Records(b)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range records {
			if b.Account == account {
				all = append(all, string(r))
			}
		}
	}
	return all
}

func TestLogKeepsEveryRecordInOrder(t *testing.T) {
	store := memory.New()
	l := newLog(t, store, time.Millisecond)
	const n = 5000
	for i := range n {
		if err := l.Append("111122223333", fmt.Appendf(nil, `{"n":%d}`, i)); err != nil {
			t.Fatal(err)
		}
		if err := l.Append("444455556666", []byte(`{}`)); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	got := recorded(t, store, "111122223333")
	if len(got) != n || len(recorded(t, store, "444455556666")) != n {
		t.Fatalf("%d records, want %d", len(got), n)
	}
	for i, r := range got {
		if r != fmt.Sprintf(`{"n":%d}`, i) {
			t.Fatalf("record %d is %s", i, r)
		}
	}
	if err := l.Append("111122223333", []byte("{}")); err == nil {
		t.Error("a closed log took a record")
	}
}

// TestClockSetBack: records are taken and written also while the clock is
// behind the one of the record before.
func TestClockSetBack(t *testing.T) {
	store, at := memory.New(), time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	l, err := NewLog(LogConfig{
		Store: store, Node: "node", Interval: time.Hour, Logger: slog.New(slog.DiscardHandler),
		Now: func() time.Time { at = at.Add(-time.Minute); return at },
	})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 3 {
		if err := l.Append("111122223333", fmt.Appendf(nil, "%d", i)); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(recorded(t, store, "111122223333"), " "); got != "0 1 2" {
		t.Errorf("recorded %q", got)
	}
}

func TestAppendWaitIsDurable(t *testing.T) {
	store := memory.New()
	l := newLog(t, store, time.Hour) // nothing is written by itself
	if err := l.AppendWait(context.Background(), "111122223333", []byte(`{"issued":true}`)); err != nil {
		t.Fatal(err)
	}
	if got := recorded(t, store, "111122223333"); len(got) != 1 {
		t.Errorf("on disk: %q", got)
	}
}

// TestAttackAuditCanNotBeSkipped: while the store takes no records, none is
// lost, those who wait are told, and when there is no more room the next is
// refused.
func TestAttackAuditCanNotBeSkipped(t *testing.T) {
	store := &failing{Blocks: memory.New(), fail: true}
	l := newLog(t, store, time.Millisecond)
	if err := l.AppendWait(context.Background(), "111122223333", []byte(`{"n":0}`)); !errors.Is(err, journal.ErrFull) {
		t.Errorf("AppendWait: %v, want the store's error", err)
	}
	record := []byte(`"` + strings.Repeat("x", 1<<20-3) + `"`)
	taken := 0
	for ; taken < 1000; taken++ {
		if err := l.Append("111122223333", record); errors.Is(err, ErrFull) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
	if taken < maxPending>>20-2 || taken > maxPending>>20 {
		t.Errorf("%d records of a mebibyte were taken, want about %d", taken, maxPending>>20)
	}
	store.set(false)
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if got := recorded(t, store.Blocks, "111122223333"); len(got) != taken+1 {
		t.Errorf("%d records are on disk, want %d", len(got), taken+1)
	}
}

func TestDamagedBlock(t *testing.T) {
	store := memory.New()
	l := newLog(t, store, time.Hour)
	if err := l.AppendWait(context.Background(), "", []byte(`{}`)); err != nil {
		t.Fatal(err)
	}
	blocks, err := store.ReadBlocks(context.Background(), 0, 1)
	if err != nil {
		t.Fatal(err)
	}
	b := blocks[0]
	b.Count = 2
	if _, err := Records(b); err == nil {
		t.Error("a block with a record missing was read")
	}
	b.Data = b.Data[:len(b.Data)-1]
	if _, err := Records(b); err == nil {
		t.Error("a cut block was read")
	}
}
