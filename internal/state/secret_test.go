package state

import (
	"bytes"
	"context"
	"errors"
	"testing"

	"sallyport/internal/journal"
	"sallyport/internal/journal/memory"
)

func TestSecrets(t *testing.T) {
	ctx := context.Background()
	j := memory.New()
	s := open(t, config(t, j))
	plain := []byte("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
	given := bytes.Clone(plain)
	do(t, s, accountA, func(tx *Tx) {
		tx.PutSecret("AKIA1", given)
		clear(given)
		tx.PutSecret("AKIA2", nil)
		if got, err := tx.Secret("AKIA1"); err != nil || !bytes.Equal(got, plain) {
			t.Errorf("own secret: %q, %v", got, err)
		}
	})
	if rev := view(t, s, accountA).Revision(); rev != 1 {
		t.Errorf("a change of secrets alone made revision %d", rev)
	}
	read := func(s *Store, id string) ([]byte, error) { return s.Secret(ctx, accountA, id) }
	if got, err := read(s, "AKIA1"); err != nil || !bytes.Equal(got, plain) {
		t.Errorf("secret %q, %v", got, err)
	}
	if got, err := read(s, "AKIA2"); err != nil || len(got) != 0 {
		t.Errorf("empty secret %q, %v", got, err)
	}
	if got, err := read(open(t, config(t, j)), "AKIA1"); err != nil || !bytes.Equal(got, plain) {
		t.Errorf("after a restart: %q, %v", got, err)
	}

	// It is sealed, and nowhere in history or snapshots.
	sealed, err := j.LoadSecret(ctx, accountA, "AKIA1")
	if err != nil || bytes.Contains(sealed, plain[:8]) {
		t.Errorf("stored as %q, %v", sealed, err)
	}
	if err := s.Snapshot(ctx); err != nil {
		t.Fatal(err)
	}
	_, snapshot, _ := j.LoadSnapshot(ctx, accountA, journal.MaxRevision)
	for _, e := range readAll(t, j, accountA) {
		if bytes.Contains(e.Data, plain[:8]) || bytes.Contains(e.Data, sealed) {
			t.Error("a secret is in history")
		}
	}
	if len(snapshot) == 0 || bytes.Contains(snapshot, plain[:8]) || bytes.Contains(snapshot, sealed) {
		t.Error("a secret is in a snapshot, or there is none")
	}

}

// A command sees the secrets of the ones before it in its batch, of those that
// hold only; a deleted secret is gone from the store.
func TestSecretsInBatches(t *testing.T) {
	ctx := context.Background()
	j := memory.New()
	s := open(t, config(t, j))
	read := func(id string) ([]byte, error) { return s.Secret(ctx, accountA, id) }
	do(t, s, accountA, func(tx *Tx) {
		tx.PutSecret("AKIA1", []byte("first"))
		tx.PutSecret("AKIA2", nil)
	})
	release := hold(t, s, accountA)
	wait := queue(t, s, accountA,
		command(func(tx *Tx) error { tx.PutSecret("AKIA1", []byte("second")); return nil }),
		command(func(tx *Tx) error { tx.PutSecret("AKIA1", []byte("third")); return errors.New("no") }),
		command(func(tx *Tx) error {
			got, err := tx.Secret("AKIA1")
			if string(got) != "second" {
				t.Errorf("in a batch: %q, %v", got, err)
			}
			old, err := tx.Secret("AKIA2")
			if err != nil || len(old) != 0 {
				t.Errorf("from the journal: %q, %v", old, err)
			}
			tx.DeleteSecret("AKIA2")
			if _, err := tx.Secret("AKIA2"); !errors.Is(err, journal.ErrNotFound) {
				t.Errorf("deleted by the command: %v", err)
			}
			return nil
		}),
		command(func(tx *Tx) error {
			if _, err := tx.Secret("AKIA2"); !errors.Is(err, journal.ErrNotFound) {
				t.Errorf("deleted in the batch: %v", err)
			}
			return nil
		}),
	)
	release()
	wait()
	if got, err := read("AKIA1"); string(got) != "second" {
		t.Errorf("after the batch: %q, %v", got, err)
	}
	do(t, s, accountA, func(tx *Tx) { tx.DeleteSecret("AKIA1") })
	for _, id := range []string{"AKIA1", "AKIA2", "AKIA3"} {
		if _, err := read(id); !errors.Is(err, journal.ErrNotFound) {
			t.Errorf("%s: %v", id, err)
		}
		if _, err := j.LoadSecret(ctx, accountA, id); !errors.Is(err, journal.ErrNotFound) {
			t.Errorf("%s is still stored: %v", id, err)
		}
	}
}

// Sealed bytes moved to another secret or stream do not open.
func TestAttackSecretsDoNotMove(t *testing.T) {
	ctx := context.Background()
	j := memory.New()
	s := open(t, config(t, j))
	do(t, s, accountA, func(tx *Tx) { tx.PutSecret("AKIA1", []byte("attacker's own")) })
	sealed, err := j.LoadSecret(ctx, accountA, "AKIA1")
	if err != nil {
		t.Fatal(err)
	}
	err = j.Commit(ctx, journal.Batch{
		Expect:  []journal.Expectation{{Stream: accountA, At: 1}, {Stream: accountB}},
		Secrets: []journal.Secret{{Stream: accountA, ID: "AKIA2", Sealed: sealed}, {Stream: accountB, ID: "AKIA1", Sealed: sealed}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if got, err := s.Secret(ctx, accountA, "AKIA2"); err == nil {
		t.Errorf("opened as another id: %q", got)
	}
	if got, err := s.Secret(ctx, accountB, "AKIA1"); err == nil {
		t.Errorf("opened in another stream: %q", got)
	}
}
