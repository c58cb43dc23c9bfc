package journaltest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"sync"
	"time"

	"sallyport/internal/journal"
)

func (s *suite) wantSnapshot(stream journal.StreamID, atMost, at journal.Revision, want string) {
	s.Helper()
	gotAt, got, err := s.LoadSnapshot(context.Background(), stream, atMost)
	s.must(err)
	if gotAt != at || string(got) != want {
		s.Fatalf("newest snapshot of %q up to %d is at %d (%d bytes), want %d (%d bytes)", stream, atMost, gotAt, len(got), at, len(want))
	}
	if at == 0 && got != nil {
		s.Fatal("data without a snapshot")
	}
}

func (s *suite) snapshots() {
	ctx := context.Background()
	save := func(stream journal.StreamID, at journal.Revision, data string) {
		s.Helper()
		s.must(s.SaveSnapshot(ctx, stream, at, strings.NewReader(data)))
	}
	s.wantSnapshot("a", 100, 0, "")
	save("a", 30, "thirty")
	save("a", 10, "ten")
	save("a", 20, "twenty")
	save("b", 15, "other")
	save("a", 5, "")
	for atMost, want := range map[journal.Revision]struct {
		at   journal.Revision
		data string
	}{
		0: {}, 4: {}, 5: {5, ""}, 9: {5, ""}, 10: {10, "ten"}, 19: {10, "ten"}, 29: {20, "twenty"},
		30: {30, "thirty"}, 1 << 50: {30, "thirty"}, 1<<64 - 1: {30, "thirty"},
	} {
		s.wantSnapshot("a", atMost, want.at, want.data)
	}
	save("a", 20, "twenty again")
	s.wantSnapshot("a", 20, 20, "twenty again")
	s.must(s.DeleteSnapshots(ctx, "a", 2))
	s.wantSnapshot("a", 19, 0, "")
	s.wantSnapshot("a", 29, 20, "twenty again")
	s.wantSnapshot("a", 30, 30, "thirty")
	s.must(s.DeleteSnapshots(ctx, "a", 5))
	s.Store = s.reopen()
	s.wantSnapshot("a", 30, 30, "thirty")
	s.must(s.DeleteSnapshots(ctx, "a", 0))
	s.wantSnapshot("a", 30, 0, "")
	s.wantSnapshot("b", 30, 15, "other")
	s.must(s.DeleteSnapshots(ctx, "unknown", 0))

	s.wantError(s.DeleteSnapshots(ctx, "a", -1), journal.ErrInvalid)
	s.wantError(s.SaveSnapshot(ctx, "a", 0, strings.NewReader("")), journal.ErrInvalid)
	s.wantError(s.SaveSnapshot(ctx, "", 1, strings.NewReader("")), journal.ErrInvalid)
	s.wantError(s.SaveSnapshot(ctx, "a", 1<<63, strings.NewReader("")), journal.ErrInvalid)
}

// snapshotChunks stores sizes around any plausible chunk size, and a large one.
func (s *suite) snapshotChunks() {
	random := rand.NewChaCha8([32]byte{1})
	data := make([]byte, 17<<20+12345)
	random.Read(data)
	for i, size := range []int{1, 65535, 65536, 65537, 1<<20 - 1, 1 << 20, 1<<20 + 1, 4 << 20, len(data)} {
		stream := journal.StreamID(fmt.Sprint(i))
		// A reader that returns odd pieces must not matter.
		pieces := io.MultiReader(bytes.NewReader(data[:size/3]), bytes.NewReader(data[size/3:size/3]), bytes.NewReader(data[size/3:size]))
		s.must(s.SaveSnapshot(context.Background(), stream, 1, pieces))
		s.wantSnapshot(stream, 1, 1, string(data[:size]))
	}
}

type brokenReader struct{ after io.Reader }

var errBroken = errors.New("the source broke")

func (r brokenReader) Read(p []byte) (int, error) {
	if n, err := r.after.Read(p); err == nil {
		return n, nil
	}
	return 0, errBroken
}

func (s *suite) snapshotFails() {
	ctx := context.Background()
	s.must(s.SaveSnapshot(ctx, "a", 1, strings.NewReader("good")))
	for _, at := range []journal.Revision{1, 2} {
		err := s.SaveSnapshot(ctx, "a", at, brokenReader{strings.NewReader(strings.Repeat("x", 3<<20))})
		s.wantError(err, errBroken)
		s.wantSnapshot("a", 2, 1, "good")
	}
	s.Store = s.reopen()
	s.wantSnapshot("a", 2, 1, "good")
}

// commitReader commits between the pieces it returns: saving a snapshot must not
// hold up the writer.
type commitReader struct {
	s      *suite
	pieces int
}

func (r *commitReader) Read(p []byte) (int, error) {
	if r.pieces == 0 {
		return 0, io.EOF
	}
	r.pieces--
	head := journal.Revision(len(r.s.data("busy")))
	if err := r.s.Commit(context.Background(), batch(fmt.Sprint(head), "busy", head, "x")); err != nil {
		return 0, err
	}
	clear(p)
	return len(p), nil
}

func (s *suite) snapshotBesideCommits() {
	done := make(chan error, 1)
	go func() { done <- s.SaveSnapshot(context.Background(), "a", 1, &commitReader{s, 4}) }()
	select {
	case err := <-done:
		s.must(err)
	case <-time.After(30 * time.Second):
		s.Fatal("saving a snapshot holds up commits")
	}
	if n := len(s.data("busy")); n != 4 {
		s.Fatalf("%d commits beside the snapshot, want 4", n)
	}
}

func block(node string, sequence uint64, data string) journal.Block {
	return journal.Block{Node: node, Sequence: sequence, Account: "111122223333", First: epoch, Last: epoch.Add(time.Second + 1), Count: 3, Data: []byte(data)}
}

// readBlocks reads all blocks, a few at a time, and returns them without cursors.
func (s *suite) readBlocks() []journal.Block {
	s.Helper()
	all := []journal.Block{}
	for cursor := journal.BlockCursor(0); ; {
		some, err := s.ReadBlocks(context.Background(), cursor, 3)
		s.must(err)
		if len(some) == 0 {
			return all
		}
		for _, b := range some {
			if b.Cursor <= cursor {
				s.Fatalf("cursor %d after %d", b.Cursor, cursor)
			}
			cursor = b.Cursor
			b.Cursor = 0
			all = append(all, b)
		}
	}
}

func (s *suite) blocks() {
	ctx := context.Background()
	s.diff("blocks", s.readBlocks(), []journal.Block{})
	s.must(s.AppendBlocks(ctx, nil))
	first := []journal.Block{block("n2", 7, "a"), block("n1", 1, "b"), block("n2", 3, "")}
	first[1].Account = ""
	s.must(s.AppendBlocks(ctx, first))
	second := []journal.Block{block("n1", 2, "d"), block("n1", 1<<63-1, strings.Repeat("large", 1<<12))}
	s.must(s.AppendBlocks(ctx, second))
	want := append(append([]journal.Block{}, first...), second...)
	s.diff("blocks", s.readBlocks(), want)
	// Sent again after a lost reply, also among new ones, in another zone.
	again := first[1]
	again.First, again.Last = again.First.In(time.FixedZone("west", -3600)), again.Last.Local()
	s.must(s.AppendBlocks(ctx, []journal.Block{again, block("n1", 3, "new"), again}))
	want = append(want, block("n1", 3, "new"))
	s.diff("blocks", s.readBlocks(), want)
	s.Store = s.reopen()
	s.diff("blocks", s.readBlocks(), want)
	s.must(s.AppendBlocks(ctx, []journal.Block{block("n1", 4, "last")}))
	s.diff("blocks", s.readBlocks(), append(want, block("n1", 4, "last")))
	_, err := s.ReadBlocks(ctx, 0, 0)
	s.wantError(err, journal.ErrInvalid)
	past, err := s.ReadBlocks(ctx, 1<<64-1, 5)
	s.must(err)
	if len(past) != 0 {
		s.Fatalf("%d blocks past the last cursor", len(past))
	}

	// Concurrent appends, each seen once by a reader that follows.
	var all sync.WaitGroup
	for n := range 8 {
		all.Go(func() {
			for i := range 20 {
				if err := s.AppendBlocks(ctx, []journal.Block{block(fmt.Sprint("c", n), uint64(i), "x")}); err != nil {
					s.Error(err)
					return
				}
			}
		})
	}
	seen, cursor := 0, journal.BlockCursor(0)
	for deadline := time.Now().Add(30 * time.Second); seen < len(want)+1+160; {
		some, err := s.ReadBlocks(ctx, cursor, 16)
		s.must(err)
		for _, b := range some {
			cursor = b.Cursor
			seen++
		}
		if time.Now().After(deadline) {
			s.Fatalf("a following reader saw %d of %d blocks", seen, len(want)+1+160)
		}
	}
	all.Wait()
}

func (s *suite) blocksAreAtomic() {
	ctx := context.Background()
	s.must(s.AppendBlocks(ctx, []journal.Block{block("n", 1, "a")}))
	other := func(change func(*journal.Block)) []journal.Block {
		b := block("n", 1, "a")
		change(&b)
		return []journal.Block{block("n", 2, "no"), b, block("n", 3, "no")}
	}
	for name, blocks := range map[string][]journal.Block{
		"data":    other(func(b *journal.Block) { b.Data = []byte("b") }),
		"account": other(func(b *journal.Block) { b.Account = "" }),
		"first":   other(func(b *journal.Block) { b.First = b.First.Add(-1) }),
		"last":    other(func(b *journal.Block) { b.Last = b.Last.Add(1) }),
		"count":   other(func(b *journal.Block) { b.Count++ }),
		"itself":  {block("n", 2, "no"), block("n", 2, "other")},
	} {
		if err := s.AppendBlocks(ctx, blocks); !errors.Is(err, journal.ErrBlockReused) {
			s.Errorf("different %s: %v", name, err)
		}
	}
	for name, change := range map[string]func(*journal.Block){
		"no node":      func(b *journal.Block) { b.Node = "" },
		"odd account":  func(b *journal.Block) { b.Account = "12345678901x" },
		"no records":   func(b *journal.Block) { b.Count = 0 },
		"backwards":    func(b *journal.Block) { b.Last = b.First.Add(-1) },
		"ancient":      func(b *journal.Block) { b.First = time.Time{} },
		"big sequence": func(b *journal.Block) { b.Sequence = 1 << 63 },
	} {
		b := block("n", 9, "no")
		change(&b)
		if err := s.AppendBlocks(ctx, []journal.Block{block("n", 2, "no"), b}); !errors.Is(err, journal.ErrInvalid) {
			s.Errorf("%s: %v", name, err)
		}
	}
	most := block("most", 1, strings.Repeat("m", journal.MaxBlock))
	s.must(s.AppendBlocks(ctx, []journal.Block{most}))
	if got := s.readBlocks(); len(got) != 2 || !got[1].Same(&most) {
		s.Fatal("the largest block came back different")
	}
	large := block("n", 9, "")
	large.Data = make([]byte, journal.MaxBlock+1)
	s.wantError(s.AppendBlocks(ctx, []journal.Block{large}), journal.ErrTooLarge)
	if got := s.readBlocks(); len(got) != 2 {
		s.Fatalf("%d blocks after refused appends, want 2", len(got))
	}
}

// reopenKeepsAll writes one of everything and reads it back twice reopened.
func (s *suite) reopenKeepsAll() {
	ctx := context.Background()
	b := join(batch("1", "a", 0, "one", "two"), batch("", "b", 0, "three"))
	b.Secrets = []journal.Secret{{Stream: "b", ID: "s", Sealed: []byte("sealed")}}
	s.must(s.Commit(ctx, b))
	s.must(s.Put(ctx, "fact", []byte("value"), epoch.Add(time.Hour)))
	s.must(s.SaveSnapshot(ctx, "a", 2, strings.NewReader("snapshot")))
	s.must(s.AppendBlocks(ctx, []journal.Block{block("n", 1, "x")}))
	for range 2 {
		s.Store = s.reopen()
		s.wantData("a", "one", "two")
		s.wantData("b", "three")
		s.wantSecret("b", "s", "sealed")
		s.wantFact("fact", epoch, "value")
		s.wantSnapshot("a", 2, 2, "snapshot")
		s.diff("blocks", s.readBlocks(), []journal.Block{block("n", 1, "x")})
		s.wantConflict(s.Commit(ctx, batch("2", "a", 1, "no")), journal.ConflictError{Stream: "a", Expected: 1, Actual: 2})
	}
	s.must(s.Commit(ctx, batch("3", "a", 2, "more")))
	s.wantData("a", "one", "two", "more")
}
