package authn

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"sallyport/internal/iam"
	"sallyport/internal/journal"
	"sallyport/internal/journal/memory"
	"sallyport/internal/operation"
	"sallyport/policy"
)

// TestLastUsed: a use is known at once, and to the next server once written.
func TestLastUsed(t *testing.T) {
	ctx := context.Background()
	facts := memory.New()
	logger := slog.New(slog.DiscardHandler)
	l := NewLastUsed(facts, logger)
	at := time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC)
	user := &operation.Caller{Principal: policy.Principal{Kind: policy.User}, AccessKeyID: "AKIAEXAMPLE", EntityID: "AIDAEXAMPLE"}
	session := &operation.Caller{Principal: policy.Principal{Kind: policy.RoleSession}, AccessKeyID: "ASIAEXAMPLE", EntityID: "AROAEXAMPLE", Session: &operation.Session{}}

	l.Attempted(user, "iam", "GetUser", "us-east-1", at)
	l.Attempted(session, "sts", "GetUser", "eu-west-1", at)
	want := iam.LastUsed{At: at.Truncate(time.Second), Service: "iam", Region: "us-east-1"}
	if got, ok, err := l.KeyLastUsed(ctx, "AKIAEXAMPLE"); !ok || got != want || err != nil {
		t.Errorf("key: %v, %t, %v", got, ok, err)
	}
	if _, ok, _ := l.KeyLastUsed(ctx, "ASIAEXAMPLE"); ok {
		t.Error("the use of a temporary key was noted as a key's")
	}
	l.Attempted(user, "iam", "GetUser", "us-east-1", at.Add(-time.Hour)) // a request that took long
	if got, _, _ := l.KeyLastUsed(ctx, "AKIAEXAMPLE"); got != want {
		t.Errorf("an earlier use replaced a later one: %v", got)
	}
	if err := l.Flush(ctx); err != nil {
		t.Fatal(err)
	}
	next := NewLastUsed(facts, logger)
	if got, ok, _ := next.KeyLastUsed(ctx, "AKIAEXAMPLE"); !ok || !got.At.Equal(want.At) || got.Service != "iam" {
		t.Errorf("after a restart: %v, %t", got, ok)
	}
	if got, ok, _ := next.RoleLastUsed(ctx, "AROAEXAMPLE"); !ok || got.Region != "eu-west-1" {
		t.Errorf("role after a restart: %v, %t", got, ok)
	}
	if _, ok, err := next.KeyLastUsed(ctx, "AKIAOTHER"); ok || err != nil {
		t.Errorf("a key that was never used: %t, %v", ok, err)
	}
}

// TestLastUsedOfTwoNodes: of uses on two nodes the later one is known to both once
// it is written, and an earlier one written after it does not replace it.
func TestLastUsedOfTwoNodes(t *testing.T) {
	ctx := context.Background()
	facts := memory.New()
	a, b := NewLastUsed(facts, slog.New(slog.DiscardHandler)), NewLastUsed(facts, slog.New(slog.DiscardHandler))
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	user := &operation.Caller{Principal: policy.Principal{Kind: policy.User}, AccessKeyID: "AKIAEXAMPLE", EntityID: "AIDAEXAMPLE"}
	a.Attempted(user, "iam", "GetUser", "us-east-1", at.Add(time.Minute))
	b.Attempted(user, "sts", "GetUser", "us-east-1", at)
	for _, node := range []*LastUsed{a, b} {
		if err := node.Flush(ctx); err != nil {
			t.Fatal(err)
		}
	}
	for name, node := range map[string]*LastUsed{"a": a, "b": b, "a third": NewLastUsed(facts, slog.New(slog.DiscardHandler))} {
		if got, ok, _ := node.KeyLastUsed(ctx, "AKIAEXAMPLE"); !ok || !got.At.Equal(at.Add(time.Minute)) || got.Service != "iam" {
			t.Errorf("node %s knows %v, %t", name, got, ok)
		}
	}
}

// unwritable are facts that take nothing.
type unwritable struct{ journal.Facts }

func (unwritable) Put(context.Context, string, []byte, time.Time) error { return journal.ErrFull }

// TestLastUsedIsKept: what could not be written is written the next time.
func TestLastUsedIsKept(t *testing.T) {
	ctx := context.Background()
	store := memory.New()
	l := NewLastUsed(unwritable{store}, slog.New(slog.DiscardHandler))
	l.Attempted(&operation.Caller{AccessKeyID: "AKIAEXAMPLE"}, "iam", "GetUser", "us-east-1", time.Unix(1, 0))
	if err := l.Flush(ctx); !errors.Is(err, journal.ErrFull) {
		t.Fatalf("Flush: %v", err)
	}
	l.facts = store
	if err := l.Flush(ctx); err != nil {
		t.Fatal(err)
	}
	if _, ok, _ := NewLastUsed(store, l.logger).KeyLastUsed(ctx, "AKIAEXAMPLE"); !ok {
		t.Error("the use was lost")
	}
}

// unreadable are facts that can't be read.
type unreadable struct{ journal.Facts }

func (unreadable) Get(ctx context.Context, _ string, _ time.Time) ([]byte, error) {
	return nil, errors.Join(journal.ErrUnavailable, ctx.Err())
}

// TestLastUsedUnreadable: what can't be read is neither never used nor last used
// on this node, a caller that is gone stops the read, and nothing is written
// over what another node may have written.
func TestLastUsedUnreadable(t *testing.T) {
	ctx := context.Background()
	store := memory.New()
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	user := &operation.Caller{Principal: policy.Principal{Kind: policy.User}, AccessKeyID: "AKIAEXAMPLE", EntityID: "AIDAEXAMPLE"}
	other, l := NewLastUsed(store, slog.New(slog.DiscardHandler)), NewLastUsed(unreadable{store}, slog.New(slog.DiscardHandler))
	other.Attempted(user, "iam", "GetUser", "us-east-1", at.Add(time.Minute))
	if err := other.Flush(ctx); err != nil {
		t.Fatal(err)
	}
	l.Attempted(user, "sts", "GetUser", "us-east-1", at)
	for _, key := range []string{"AKIAEXAMPLE", "AKIAOTHER"} {
		if got, ok, err := l.KeyLastUsed(ctx, key); ok || !errors.Is(err, journal.ErrUnavailable) {
			t.Errorf("key %s: %v, %t, %v", key, got, ok, err)
		}
	}
	if _, ok, err := l.RoleLastUsed(ctx, "AROAEXAMPLE"); ok || !errors.Is(err, journal.ErrUnavailable) {
		t.Errorf("role: %t, %v", ok, err)
	}
	gone, cancel := context.WithCancel(ctx)
	cancel()
	if _, _, err := l.KeyLastUsed(gone, "AKIAEXAMPLE"); !errors.Is(err, context.Canceled) {
		t.Errorf("for a caller that is gone: %v", err)
	}
	if err := l.Flush(ctx); !errors.Is(err, journal.ErrUnavailable) {
		t.Errorf("Flush: %v", err)
	}
	l.facts = store
	if err := l.Flush(ctx); err != nil {
		t.Fatal(err)
	}
	if got, _, err := l.KeyLastUsed(ctx, "AKIAEXAMPLE"); err != nil || got.Service != "iam" {
		t.Errorf("an earlier use replaced a later one: %v, %v", got, err)
	}
}
