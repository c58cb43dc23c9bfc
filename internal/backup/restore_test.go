package backup

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"sallyport/internal/journal"
	"sallyport/internal/journal/memory"
	"sallyport/internal/state"
)

// TestNotEmpty: a store that holds anything is refused and stays as it is.
func TestNotEmpty(t *testing.T) {
	ctx := context.Background()
	file, _ := written(t, filled(t, 3))
	for name, put := range map[string]func(Target) error{
		"a stream": func(s Target) error {
			e := crafted("directory", 1, nil, epoch)
			return s.Commit(ctx, journal.Batch{Expect: []journal.Expectation{{Stream: e.Stream}}, Entries: []journal.Entry{e}})
		},
		"a secret": func(s Target) error {
			return s.Commit(ctx, journal.Batch{Expect: []journal.Expectation{{Stream: "a"}}, Secrets: []journal.Secret{{Stream: "a", ID: "x", Sealed: []byte("x")}}})
		},
		"a fact": func(s Target) error { return s.Put(ctx, "key", nil, epoch) },
		"a block": func(s Target) error {
			return s.AppendBlocks(ctx, []journal.Block{{Node: "n", First: epoch, Last: epoch, Count: 1}})
		},
	} {
		for _, to := range stores {
			t.Run(to.name+" with "+name, func(t *testing.T) {
				target := to.open(t)()
				must(t, put(target))
				before := contents(t, target)
				if err := restore(NewFile(bytes.NewReader(file)), target); !errors.Is(err, ErrNotEmpty) {
					t.Error(err)
				}
				if after := contents(t, target); !slices.Equal(after, before) {
					t.Error("it was changed")
				}
				must(t, Finished(ctx, target))
			})
		}
	}
}

var errCrash = errors.New("the process ends here")

// crashing is a store whose process ends before, or right after, the write of
// that number.
type crashing struct {
	Target
	left  int
	after bool
}

func (c *crashing) write(do func() error) error {
	if c.left--; c.left > 0 {
		return do()
	}
	if c.left == 0 && c.after {
		if err := do(); err != nil {
			return err
		}
	}
	return errCrash
}

func (c *crashing) Commit(ctx context.Context, b journal.Batch) error {
	return c.write(func() error { return c.Target.Commit(ctx, b) })
}

func (c *crashing) Put(ctx context.Context, key string, value []byte, expires time.Time) error {
	return c.write(func() error { return c.Target.Put(ctx, key, value, expires) })
}

func (c *crashing) DeleteFact(ctx context.Context, key string) error {
	return c.write(func() error { return c.Target.DeleteFact(ctx, key) })
}

func (c *crashing) AppendBlocks(ctx context.Context, blocks []journal.Block) error {
	return c.write(func() error { return c.Target.AppendBlocks(ctx, blocks) })
}

// TestInterrupted ends a restore at every single write. The store says that it
// is unfinished, only the same restore goes on with it, and that one completes
// it. Facts are put one after another here, so that writes have an order.
func TestInterrupted(t *testing.T) {
	ctx := context.Background()
	source := filled(t, 500) // two batches of entries
	must(t, source.DeleteFact(ctx, "session/1"))
	for _, expires := range []time.Time{{}, epoch.Add(-time.Hour), epoch.Add(time.Minute)} {
		must(t, source.DeleteFact(ctx, onceKey(expires)))
	}
	want := contents(t, source)
	file, _ := written(t, source)
	other, _ := written(t, filled(t, 2))
	checked, err := Check(ctx, source, schema, soon)
	must(t, err)
	crashes, unfinished := 0, 0
	for n := 1; ; n++ {
		done := false
		for _, after := range []bool{false, true} {
			medium := memory.NewMedium()
			open := func() *memory.Store {
				store, err := medium.Open()
				must(t, err)
				return store
			}
			store := open()
			err := Restore(ctx, NewFile(bytes.NewReader(file)), checked, &crashing{store, n, after}, schema)
			if err == nil {
				done = true
				break
			}
			if !errors.Is(err, errCrash) {
				t.Fatalf("write %d: %v", n, err)
			}
			crashes++
			must(t, store.Close())
			store = open()
			switch err := Finished(ctx, store); {
			case errors.Is(err, ErrUnfinished):
				unfinished++
				if err := restore(NewFile(bytes.NewReader(other)), store); !errors.Is(err, ErrUnfinished) {
					t.Fatalf("write %d: another backup was restored onto it: %v", n, err)
				}
			case err != nil:
				t.Fatal(err)
			case n > 1 && !slices.Equal(contents(t, store), want):
				t.Fatalf("write %d: it passes for finished and is not", n)
			case n > 1:
				must(t, store.Close())
				continue // ended after its last write
			}
			if err := restore(NewFile(bytes.NewReader(file)), store); err != nil {
				t.Fatalf("write %d: going on: %v", n, err)
			}
			must(t, Finished(ctx, store))
			if !slices.Equal(contents(t, store), want) {
				t.Fatalf("write %d: going on gave something else", n)
			}
			must(t, store.Close())
		}
		if done {
			break
		}
	}
	if crashes < 10 || unfinished < crashes-3 {
		t.Errorf("%d crashes, %d of them left an unfinished store: too few to show anything", crashes, unfinished)
	}
}

// onceKey is the key of a fact that fill has recorded by Once.
func onceKey(expires time.Time) string { return fmt.Sprint("once/", expires.Unix()) }

// TestUnfinishedSource: an unfinished store can't be saved or moved.
func TestUnfinishedSource(t *testing.T) {
	store := filled(t, 2)
	must(t, store.Put(context.Background(), unfinishedKey, []byte("x"), time.Time{}))
	if _, err := Write(context.Background(), store, new(bytes.Buffer)); !errors.Is(err, ErrUnfinished) {
		t.Errorf("saving: %v", err)
	}
	if err := restore(store, memory.New()); !errors.Is(err, ErrUnfinished) {
		t.Errorf("moving: %v", err)
	}
}

// TestChangedSource: a source that is not what was checked leaves the target
// marked.
func TestChangedSource(t *testing.T) {
	ctx := context.Background()
	source := filled(t, 3)
	checked, err := Check(ctx, source, schema, soon)
	must(t, err)
	must(t, source.Put(ctx, "another", nil, time.Time{}))
	target := memory.New()
	if err := Restore(ctx, source, checked, target, schema); !errors.Is(err, ErrChanged) {
		t.Errorf("%v", err)
	}
	if err := Finished(ctx, target); !errors.Is(err, ErrUnfinished) {
		t.Errorf("the target passes for finished: %v", err)
	}
}

// forgetful loses one thing of what it is given.
type forgetful struct {
	Target
	lost bool
}

func (f *forgetful) AppendBlocks(ctx context.Context, blocks []journal.Block) error {
	f.lost = true
	return f.Target.AppendBlocks(ctx, blocks[1:])
}

// TestReadBack: a store that does not hold what it was given is noticed, and
// stays marked.
func TestReadBack(t *testing.T) {
	target := &forgetful{Target: memory.New()}
	if err := restore(filled(t, 3), target); !errors.Is(err, journal.ErrCorrupt) || !target.lost {
		t.Errorf("%v", err)
	}
	if err := Finished(context.Background(), target); !errors.Is(err, ErrUnfinished) {
		t.Errorf("the target passes for finished: %v", err)
	}
}

// TestSnapshotsAreNotRestored: a cache is made anew by whoever needs it.
func TestSnapshotsAreNotRestored(t *testing.T) {
	source := filled(t, 3)
	must(t, source.SaveSnapshot(context.Background(), state.Directory, 1, bytes.NewReader([]byte("x"))))
	target := memory.New()
	must(t, restore(source, target))
	if at, _, err := target.LoadSnapshot(context.Background(), state.Directory, journal.MaxRevision); at != 0 || err != nil {
		t.Errorf("a snapshot at %d: %v", at, err)
	}
}
