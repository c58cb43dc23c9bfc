package sqlite_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"sync"
	"testing"
	"time"

	"sallyport/internal/journal"
	"sallyport/internal/journal/sqlite"
)

// workload is what the durability tests run: writers that commit to two streams
// and put a secret in one batch, use a one-time fact, and append an audit block,
// while snapshots are saved; and the check of what must be there afterwards.
type workload struct {
	acknowledged [writers]progress
}

const writers = 6

// progress is what one writer has been told is durable: how many batches, and
// that the fact and the block of the last are.
type progress struct{ batches, facts, blocks uint64 }

var epoch = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// content is the data of a writer's n-th entry; some entries are large enough to
// have the log moved into the database often.
func content(writer int, n uint64) []byte {
	random := rand.New(rand.NewPCG(uint64(writer), n))
	size := random.IntN(3000)
	if random.IntN(20) == 0 {
		size = random.IntN(200_000)
	}
	return append(fmt.Appendf(nil, "%d %d ", writer, n), bytes.Repeat([]byte{byte(n)}, size)...)
}

func streams(writer int) (account, pair journal.StreamID) {
	return journal.StreamID(fmt.Sprint("account/", writer)), journal.StreamID(fmt.Sprint("pair/", writer))
}

// step makes batch n of a writer, with its fact and its block.
func step(store journal.Store, writer int, n uint64) journal.Batch {
	account, pair := streams(writer)
	at, data := journal.Revision(n-1), content(writer, n)
	return journal.Batch{
		ID:      fmt.Sprint(writer, "/", n),
		Expect:  []journal.Expectation{{Stream: account, At: at}, {Stream: pair, At: at}},
		Entries: []journal.Entry{{Stream: account, Revision: at + 1, Data: data}, {Stream: pair, Revision: at + 1, Data: data}},
		Secrets: []journal.Secret{{Stream: account, ID: "last", Sealed: strconv.AppendUint(nil, n, 10)}},
	}
}

// run works until stop is closed or writes fail; told is called after each
// acknowledgement.
func (w *workload) run(store journal.Store, stop <-chan struct{}, told func(writer int, p progress)) (failures []error) {
	ctx := context.Background()
	var mu sync.Mutex
	var all sync.WaitGroup
	for writer := range writers {
		all.Go(func() {
			p := &w.acknowledged[writer]
			for {
				select {
				case <-stop:
					return
				default:
				}
				if err := w.advance(ctx, store, writer, p); err != nil {
					mu.Lock()
					failures = append(failures, err)
					mu.Unlock()
					return
				}
				if told != nil {
					told(writer, *p)
				}
			}
		})
	}
	all.Go(func() {
		for at := journal.Revision(1); ; at++ {
			select {
			case <-stop:
				return
			case <-time.After(10 * time.Millisecond):
			}
			data := bytes.Repeat(fmt.Appendf(nil, "%04d ", at), 220_000) // two chunks
			if store.SaveSnapshot(ctx, "account/0", at, bytes.NewReader(data)) != nil ||
				store.DeleteSnapshots(ctx, "account/0", 2) != nil {
				return
			}
		}
	})
	all.Wait()
	return failures
}

func (w *workload) advance(ctx context.Context, store journal.Store, writer int, p *progress) error {
	n := p.batches + 1
	if err := store.Commit(ctx, step(store, writer, n)); err != nil {
		return err
	}
	p.batches = n
	if _, err := store.Once(ctx, fmt.Sprint(writer, " ", n), time.Time{}); err != nil {
		return err
	}
	p.facts = n
	err := store.AppendBlocks(ctx, []journal.Block{{Node: fmt.Sprint(writer), Sequence: n, First: epoch, Last: epoch, Count: 1, Data: content(writer, n)}})
	if err == nil {
		p.blocks = n
	}
	return err
}

// check holds what is stored against what was acknowledged: all of that, at most
// the one batch each writer was not told about, and nothing half-made. It then
// takes what survived as acknowledged.
func (w *workload) check(t *testing.T, store *sqlite.Store) {
	t.Helper()
	ctx := context.Background()
	blocks := w.blocks(t, store)
	for writer := range writers {
		p := &w.acknowledged[writer]
		account, pair := streams(writer)
		n := w.entries(t, store, writer, account)
		if n != w.entries(t, store, writer, pair) {
			t.Fatalf("writer %d: a batch is half-made", writer)
		}
		if n < p.batches || n > p.batches+1 {
			t.Fatalf("writer %d was told of %d batches, %d are there", writer, p.batches, n)
		}
		last, err := store.LoadSecret(ctx, account, "last")
		if n > 0 && (err != nil || string(last) != strconv.FormatUint(n, 10)) {
			t.Fatalf("writer %d: secret of batch %d is %q, %v", writer, n, last, err)
		}
		if p.facts > 0 {
			if first, err := store.Once(ctx, fmt.Sprint(writer, " ", p.facts), time.Time{}); first || err != nil {
				t.Fatalf("writer %d: fact %d: %v, %v", writer, p.facts, first, err)
			}
		}
		if have := blocks[fmt.Sprint(writer)]; have < p.blocks || have > n {
			t.Fatalf("writer %d was told of block %d, the last is %d", writer, p.blocks, have)
		}
		// Sent again, the batch nobody knows about is either taken or recognised.
		for _, again := range []uint64{n, n + 1, n + 1} {
			if again == 0 {
				continue
			}
			if err := store.Commit(ctx, step(store, writer, again)); err != nil {
				t.Fatalf("writer %d: batch %d sent again: %v", writer, again, err)
			}
		}
		p.batches = n + 1
		if n+1 != w.entries(t, store, writer, account) {
			t.Fatalf("writer %d: a batch sent again was taken twice", writer)
		}
	}
	if _, _, err := store.LoadSnapshot(ctx, "account/0", journal.MaxRevision); err != nil {
		t.Fatal(err)
	}
}

// entries checks the newest entries of a stream and returns its length.
func (w *workload) entries(t *testing.T, store *sqlite.Store, writer int, stream journal.StreamID) uint64 {
	t.Helper()
	heads, err := store.Heads(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	head := heads[stream]
	entries, err := store.Read(context.Background(), stream, max(head, 50)-50, 50)
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != int(min(head, 50)) {
		t.Fatalf("stream %q has head %d and %d entries", stream, head, len(entries))
	}
	for _, e := range entries {
		if !bytes.Equal(e.Data, content(writer, uint64(e.Revision))) {
			t.Fatalf("entry %d of stream %q is not what was written", e.Revision, stream)
		}
	}
	return uint64(head)
}

// blocks returns the last sequence of every node, whose blocks must be whole.
func (w *workload) blocks(t *testing.T, store *sqlite.Store) map[string]uint64 {
	t.Helper()
	last := make(map[string]uint64)
	for cursor := journal.BlockCursor(0); ; {
		blocks, err := store.ReadBlocks(context.Background(), cursor, 500)
		if err != nil {
			t.Fatal(err)
		}
		if len(blocks) == 0 {
			return last
		}
		for _, b := range blocks {
			writer, err := strconv.Atoi(b.Node)
			if err != nil || b.Sequence <= last[b.Node] || !bytes.Equal(b.Data, content(writer, b.Sequence)) {
				t.Fatalf("block %d of node %q after %d is not what was written", b.Sequence, b.Node, last[b.Node])
			}
			last[b.Node], cursor = b.Sequence, b.Cursor
		}
	}
}

// wantFailures checks that every error a writer got is one the seam names.
func wantFailures(t *testing.T, failures []error, allowed ...error) {
	t.Helper()
	for _, err := range failures {
		named := false
		for _, a := range allowed {
			named = named || errors.Is(err, a)
		}
		if !named {
			t.Fatalf("a writer got: %v", err)
		}
	}
}
