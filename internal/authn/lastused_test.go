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
	facts := memory.New()
	logger := slog.New(slog.DiscardHandler)
	l := NewLastUsed(facts, logger)
	at := time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC)
	user := &operation.Caller{Principal: policy.Principal{Kind: policy.User}, AccessKeyID: "AKIAEXAMPLE", EntityID: "AIDAEXAMPLE"}
	session := &operation.Caller{Principal: policy.Principal{Kind: policy.RoleSession}, AccessKeyID: "ASIAEXAMPLE", EntityID: "AROAEXAMPLE", Session: &operation.Session{}}

	l.Used(user, "iam", "us-east-1", at)
	l.Used(session, "sts", "eu-west-1", at)
	want := iam.LastUsed{At: at.Truncate(time.Second), Service: "iam", Region: "us-east-1"}
	if got, ok := l.KeyLastUsed("AKIAEXAMPLE"); !ok || got != want {
		t.Errorf("key: %v, %t", got, ok)
	}
	if _, ok := l.KeyLastUsed("ASIAEXAMPLE"); ok {
		t.Error("the use of a temporary key was noted as a key's")
	}
	l.Used(user, "iam", "us-east-1", at.Add(-time.Hour)) // a request that took long
	if got, _ := l.KeyLastUsed("AKIAEXAMPLE"); got != want {
		t.Errorf("an earlier use replaced a later one: %v", got)
	}
	if err := l.Flush(context.Background()); err != nil {
		t.Fatal(err)
	}
	next := NewLastUsed(facts, logger)
	if got, ok := next.KeyLastUsed("AKIAEXAMPLE"); !ok || !got.At.Equal(want.At) || got.Service != "iam" {
		t.Errorf("after a restart: %v, %t", got, ok)
	}
	if got, ok := next.RoleLastUsed("AROAEXAMPLE"); !ok || got.Region != "eu-west-1" {
		t.Errorf("role after a restart: %v, %t", got, ok)
	}
	if _, ok := next.KeyLastUsed("AKIAOTHER"); ok {
		t.Error("a key that was never used has a last use")
	}
}

// TestLastUsedOfTwoNodes: of uses on two nodes the later one is known to both once
// it is written, and an earlier one written after it does not replace it.
func TestLastUsedOfTwoNodes(t *testing.T) {
	facts := memory.New()
	a, b := NewLastUsed(facts, slog.New(slog.DiscardHandler)), NewLastUsed(facts, slog.New(slog.DiscardHandler))
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	user := &operation.Caller{Principal: policy.Principal{Kind: policy.User}, AccessKeyID: "AKIAEXAMPLE", EntityID: "AIDAEXAMPLE"}
	a.Used(user, "iam", "us-east-1", at.Add(time.Minute))
	b.Used(user, "sts", "us-east-1", at)
	for _, node := range []*LastUsed{a, b} {
		if err := node.Flush(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	for name, node := range map[string]*LastUsed{"a": a, "b": b, "a third": NewLastUsed(facts, slog.New(slog.DiscardHandler))} {
		if got, ok := node.KeyLastUsed("AKIAEXAMPLE"); !ok || !got.At.Equal(at.Add(time.Minute)) || got.Service != "iam" {
			t.Errorf("node %s knows %v, %t", name, got, ok)
		}
	}
}

// unwritable are facts that take nothing.
type unwritable struct{ journal.Facts }

func (unwritable) Put(context.Context, string, []byte, time.Time) error { return journal.ErrFull }

// TestLastUsedIsKept: what could not be written is written the next time.
func TestLastUsedIsKept(t *testing.T) {
	store := memory.New()
	l := NewLastUsed(unwritable{store}, slog.New(slog.DiscardHandler))
	l.Used(&operation.Caller{AccessKeyID: "AKIAEXAMPLE"}, "iam", "us-east-1", time.Unix(1, 0))
	if err := l.Flush(context.Background()); !errors.Is(err, journal.ErrFull) {
		t.Fatalf("Flush: %v", err)
	}
	l.facts = store
	if err := l.Flush(context.Background()); err != nil {
		t.Fatal(err)
	}
	if _, ok := NewLastUsed(store, l.logger).KeyLastUsed("AKIAEXAMPLE"); !ok {
		t.Error("the use was lost")
	}
}
