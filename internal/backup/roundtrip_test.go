package backup

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
	"time"

	"sallyport/internal/journal"
	"sallyport/internal/state"
)

// TestRoundTrip: what is restored, from a file or straight from the store, is
// the same in every byte, on every driver from every driver.
func TestRoundTrip(t *testing.T) {
	for _, from := range stores {
		t.Run("from "+from.name, func(t *testing.T) {
			source := from.open(t)()
			fill(t, source, 40)
			file, sum := written(t, source)
			if sum.Streams != 3 || sum.Entries != 120 || sum.Secrets != 12 || sum.Facts != 5 || sum.Blocks != 10 ||
				sum.Bytes != int64(len(file)) || !bytes.HasSuffix(file, sum.SHA256[:]) || !sum.Newest.After(epoch) {
				t.Fatalf("summary %+v of %d bytes", sum, len(file))
			}
			for _, to := range stores {
				t.Run("file to "+to.name, func(t *testing.T) {
					roundTrip(t, source, NewFile(bytes.NewReader(file)), to.open(t))
				})
				t.Run("store to "+to.name, func(t *testing.T) { roundTrip(t, source, source, to.open(t)) })
			}
		})
	}
}

// roundTrip restores what is a source's, by itself or by a file, and compares.
func roundTrip(t *testing.T, source Target, by journal.Exports, open func() Target) {
	ctx := context.Background()
	target := open()
	must(t, restore(by, target))
	must(t, target.Close())
	target = open()
	must(t, Finished(ctx, target))
	if got, want := contents(t, target), contents(t, source); !slices.Equal(got, want) {
		t.Errorf("%d records became %d others", len(want), len(got))
	}
	if dumped(t, target) != dumped(t, source) {
		t.Error("the state is another")
	}
	was, _ := written(t, source)
	if is, _ := written(t, target); !bytes.Equal(is, was) {
		t.Error("a backup of it is another file")
	}
	if first, err := target.Once(ctx, onceKey(epoch.Add(time.Minute)), time.Time{}); first || err != nil {
		t.Errorf("a code that was used can be used again: %v", err)
	}
}

// TestLargestRecords: everything a journal takes fits into a backup, also when
// it can't be compressed.
func TestLargestRecords(t *testing.T) {
	random := rand.NewChaCha8([32]byte{1})
	noise := make([]byte, journal.MaxEntry)
	random.Read(noise) //nolint:errcheck // it never fails
	id := longest(journal.MaxName, "s")
	e := crafted(id, 1, nil, epoch)
	e.Data = append(e.Data, noise[:journal.MaxEntry-len(e.Data)]...)
	source := &fake{
		entries: []journal.Entry{e},
		secrets: []journal.Secret{{Stream: id, ID: string(longest(journal.MaxName, "i")), Sealed: noise[:journal.MaxSecret]}},
		facts:   []journal.Fact{{Key: string(longest(journal.MaxFactKey, "f")), Value: noise[:journal.MaxFact], Expires: time.Unix(0, 1<<63-1)}, {Key: "z", Value: []byte{}, Expires: time.Unix(0, -1<<63)}},
		blocks:  []journal.Block{{Node: string(longest(journal.MaxName, "n")), Sequence: 1<<63 - 1, First: epoch, Last: epoch, Count: 1<<31 - 1, Data: noise}},
	}
	file, sum := written(t, source)
	for _, to := range stores {
		t.Run(to.name, func(t *testing.T) {
			target := to.open(t)()
			must(t, restore(NewFile(bytes.NewReader(file)), target))
			if again, err := Check(context.Background(), target, schema, soon); err != nil || again.digest != sum.digest {
				t.Errorf("it came back different: %v", err)
			}
		})
	}
}

func longest(n int, s string) state.StreamID {
	return state.StreamID(bytes.Repeat([]byte(s), n))
}

// TestMemoryIsBounded: neither side holds more than a few records, however many
// there are.
func TestMemoryIsBounded(t *testing.T) {
	const blocks, size, most = 400, 1 << 20, 40 << 20
	e := crafted("directory", 1, nil, epoch)
	inUse := func() int64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc)
	}
	inUse() // what is pooled goes with the second collection
	before, peak := inUse(), int64(0)
	sample := func(n int) {
		if n%20 == 0 {
			peak = max(peak, inUse()-before)
		}
	}
	source := exportFunc(func(_ context.Context, v journal.Visitor) error {
		if err := v.Entry(e); err != nil {
			return err
		}
		random := rand.NewChaCha8([32]byte{2})
		for n := range blocks {
			b := journal.Block{Node: "n", Sequence: uint64(n), First: epoch, Last: epoch, Count: 1, Data: make([]byte, size)}
			random.Read(b.Data[:64]) //nolint:errcheck // it never fails
			if err := v.Block(b); err != nil {
				return err
			}
			sample(n)
		}
		return nil
	})
	path := filepath.Join(t.TempDir(), "large.backup")
	must(t, Save(path, false, func(w io.Writer) error {
		_, err := Write(context.Background(), source, w)
		return err
	}))
	f, err := os.Open(path)
	must(t, err)
	defer f.Close()
	seen := 0
	must(t, NewFile(f).Export(context.Background(), journal.Visitor{
		Entry: func(journal.Entry) error { return nil },
		Block: func(journal.Block) error { seen++; sample(seen); return nil },
	}))
	if seen != blocks {
		t.Fatalf("%d blocks were read", seen)
	}
	if peak > most {
		t.Errorf("%d MiB were in use for %d MiB of blocks", peak>>20, blocks*size>>20)
	}
	t.Logf("at most %d MiB were in use, beside %d MiB of other tests", peak>>20, before>>20)
}

// TestDamagedJournal: a journal whose chain is broken gives no backup.
func TestDamagedJournal(t *testing.T) {
	one := crafted("directory", 1, nil, epoch)
	two := crafted("directory", 2, &one, epoch)
	other := crafted("directory", 2, &one, epoch.Add(1))
	for name, entries := range map[string][]journal.Entry{
		"a gap":             {two},
		"a changed entry":   {{Stream: one.Stream, Revision: 1, Data: append(bytes.Clone(one.Data), ' ')}, two},
		"a repeated entry":  {one, one},
		"not an entry":      {one, {Stream: one.Stream, Revision: 2, Data: []byte("{}")}},
		"older than before": {one, crafted("directory", 2, &one, epoch.Add(-1))},
		"another's head":    {one, other, crafted("directory", 3, &two, epoch)},
	} {
		path := filepath.Join(t.TempDir(), "backup")
		err := Save(path, false, func(w io.Writer) error {
			_, err := Write(context.Background(), &fake{entries: entries}, w)
			return err
		})
		if !errors.Is(err, journal.ErrCorrupt) {
			t.Errorf("%s: %v", name, err)
		}
		if list, err := os.ReadDir(filepath.Dir(path)); err != nil || len(list) != 0 {
			t.Errorf("%s: %d files are left, %v", name, len(list), err)
		}
	}
	if _, err := Write(context.Background(), &fake{}, io.Discard); !errors.Is(err, ErrEmpty) {
		t.Errorf("an empty store: %v", err)
	}
}

func TestSave(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a.backup")
	text := func(s string) func(io.Writer) error {
		return func(w io.Writer) error { _, err := io.WriteString(w, s); return err }
	}
	want := func(s string) {
		t.Helper()
		got, err := os.ReadFile(path)
		must(t, err)
		info, err := os.Stat(path)
		must(t, err)
		list, err := os.ReadDir(dir)
		must(t, err)
		if string(got) != s || info.Mode().Perm() != 0o600 || len(list) != 1 {
			t.Errorf("the file holds %q with mode %v among %d", got, info.Mode(), len(list))
		}
	}
	must(t, Save(path, false, text("one")))
	want("one")
	if err := Save(path, false, text("two")); !errors.Is(err, os.ErrExist) {
		t.Errorf("a file was there: %v", err)
	}
	want("one")
	must(t, Save(path, true, text("three")))
	want("three")
	mine := errors.New("mine")
	if err := Save(path, true, func(w io.Writer) error { io.WriteString(w, "half"); return mine }); !errors.Is(err, mine) { //nolint:errcheck // the test's own
		t.Errorf("a write that fails: %v", err)
	}
	want("three")
	// One that appears while it is written is kept, too.
	other := filepath.Join(dir, "b.backup")
	err := Save(other, false, func(io.Writer) error { return os.WriteFile(other, []byte("theirs"), 0o600) })
	if got, _ := os.ReadFile(other); !errors.Is(err, os.ErrExist) || string(got) != "theirs" {
		t.Errorf("a file that appeared meanwhile holds %q: %v", got, err)
	}
	link := filepath.Join(dir, "link")
	must(t, os.Symlink(path, link))
	if err := Save(link, true, text("four")); err == nil {
		t.Error("a symbolic link was replaced")
	}
	if err := Save(dir, true, text("four")); err == nil {
		t.Error("a folder was replaced")
	}
}
