package app

import (
	"context"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"sallyport/internal/backup"
	"sallyport/internal/journal"
	"sallyport/internal/journal/postgres"
	"sallyport/internal/journal/postgres/pgtest"
)

// TestMoveOfAStoreInUse: a server that starts while its store is moved makes the
// move fail, whether it changes something or not, and nothing starts on the target.
func TestMoveOfAStoreInUse(t *testing.T) {
	ctx := context.Background()
	url := pgtest.Start(t).NewDatabase(t)
	data := filepath.Join(t.TempDir(), "data")
	first, err := Open(ctx, Config{Data: data, Store: url})
	if err != nil {
		t.Fatal(err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	other, err := postgres.Open(ctx, url, postgres.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	for _, c := range []struct {
		name   string
		during func() error
		want   error
	}{
		{"nobody", func() error { return nil }, nil},
		{"a server joins", func() error {
			return other.Renew(ctx, journal.Lease{Node: "n", Renewal: 1, TTL: time.Millisecond})
		}, backup.ErrChanged},
		{"a commit of a server that left", func() error {
			return other.Commit(ctx, journal.Batch{Secrets: []journal.Secret{{Stream: "late", ID: "x", Sealed: []byte("x")}},
				Expect: []journal.Expectation{{Stream: "late"}}})
		}, backup.ErrChanged},
	} {
		source, err := OpenToMove(ctx, url)
		if err != nil {
			t.Fatal(err)
		}
		sum, err := backup.Check(ctx, source, Schema(), time.Now())
		if err != nil {
			t.Fatal(err)
		}
		target, err := OpenTarget(ctx, filepath.Join(t.TempDir(), "target"), "")
		if err != nil {
			t.Fatal(err)
		}
		late := &lateTarget{Target: target, late: c.during}
		if err := backup.Restore(ctx, source, sum, late, Schema()); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
		if err := backup.Finished(ctx, target); (err != nil) != (c.want != nil) {
			t.Errorf("%s: of the target: %v", c.name, err)
		}
		if err := errors.Join(source.Close(), target.Close()); err != nil {
			t.Error(err)
		}
	}
}

// lateTarget has something happen when the source has been read, before what was
// restored is verified.
type lateTarget struct {
	backup.Target
	late     func() error
	exported int
}

func (l *lateTarget) Export(ctx context.Context, v journal.Visitor) error {
	if l.exported++; l.exported == 2 { // the first finds that it is empty
		if err := l.late(); err != nil {
			return err
		}
	}
	return l.Target.Export(ctx, v)
}
