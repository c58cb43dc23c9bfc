package backup

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"sync"
	"time"

	"sallyport/internal/journal"
	"sallyport/internal/state"
)

// Errors callers tell apart.
var (
	// ErrUnfinished: a restore into the store was begun and has not finished.
	ErrUnfinished = errors.New("the store holds a restore that has not finished: run the same \"sallyport restore\" again, or remove the store and restore anew")
	// ErrNotEmpty: the store to restore into holds something.
	ErrNotEmpty = errors.New("the store to restore into is not empty")
	// ErrEmpty: the source holds nothing to save or restore.
	ErrEmpty = errors.New("there is nothing to save")
	// ErrChanged: the source is not what it was when it was checked.
	ErrChanged = errors.New("the source changed while it was read; stop every server on it and try again")
)

// unfinishedKey is the fact that marks a store. Its value names what is being
// restored.
const unfinishedKey = "restore/unfinished"

// Finished returns [ErrUnfinished] for a store that a restore has begun to fill.
// A server must not start on one.
func Finished(ctx context.Context, store journal.Facts) error {
	_, err := store.Get(ctx, unfinishedKey, time.Time{})
	switch {
	case err == nil:
		return ErrUnfinished
	case errors.Is(err, journal.ErrNotFound):
		return nil
	}
	return fmt.Errorf("looking for an unfinished restore: %w", err)
}

// Target is a store that can be read back.
type Target interface {
	journal.Store
	journal.Exports
}

// Shared is a source that servers may have open while it is read.
type Shared interface {
	// Unchanged returns [ErrChanged] if a server has used the source since it was
	// opened.
	Unchanged(ctx context.Context) error
}

// Restore fills target, which must be empty, with everything source holds, and
// verifies what is in it then: by its hash chains, by applying every row, and by
// comparing all of it with the source. checked is what [Check] found in it.
// Nobody else may use the target meanwhile. A source that is [Shared] is asked at the
// end. A store that is not empty is refused
// with [ErrNotEmpty] and left as it is; after any other error the target may be
// marked as unfinished.
func Restore(ctx context.Context, source journal.Exports, checked Summary, target Target, schema *state.Schema) error {
	if err := begin(ctx, target, checked); err != nil {
		return err
	}
	at, err := target.Heads(ctx)
	if err != nil {
		return err
	}
	l := &loader{ctx: ctx, target: target, at: at}
	next := journal.Visitor{Entry: l.entry, Secret: l.secret, Fact: l.fact, Block: l.block}
	c := newChecker(nil)
	c.next = &next
	if err := source.Export(ctx, c.visitor()); err != nil {
		return err
	}
	sum, err := c.finish()
	if err != nil {
		return err
	}
	if sum.digest != checked.digest {
		return ErrChanged
	}
	if err := l.flush(); err != nil {
		return err
	}
	if err := verify(ctx, checked, target, schema); err != nil {
		return err
	}
	if shared, ok := source.(Shared); ok {
		if err := shared.Unchanged(ctx); err != nil {
			return err
		}
	}
	if err := target.DeleteFact(ctx, unfinishedKey); err != nil {
		return fmt.Errorf("removing the mark of the restore: %w", err)
	}
	return nil
}

// begin marks an empty target, or finds the mark of the same restore.
func begin(ctx context.Context, target Target, checked Summary) error {
	name := hex.EncodeToString(checked.digest[:])
	there, err := target.Get(ctx, unfinishedKey, time.Time{})
	if err == nil {
		if string(there) != name {
			return fmt.Errorf("this is not what the restore was begun with: %w", ErrUnfinished)
		}
		return nil
	}
	if !errors.Is(err, journal.ErrNotFound) {
		return err
	}
	if err := empty(ctx, target); err != nil {
		return err
	}
	return target.Put(ctx, unfinishedKey, []byte(name), time.Time{})
}

func empty(ctx context.Context, target Target) error {
	return target.Export(ctx, journal.Visitor{
		Entry:  func(journal.Entry) error { return ErrNotEmpty },
		Secret: func(journal.Secret) error { return ErrNotEmpty },
		Fact:   func(journal.Fact) error { return ErrNotEmpty },
		Block:  func(journal.Block) error { return ErrNotEmpty },
	})
}

// verify checks the filled target by itself and against the source.
func verify(ctx context.Context, checked Summary, target Target, schema *state.Schema) error {
	if _, err := state.Verify(ctx, target, schema); err != nil {
		return fmt.Errorf("what was restored is not sound: %w", err)
	}
	c := newChecker(nil)
	v := c.visitor()
	v.Fact = func(f journal.Fact) error {
		if f.Key == unfinishedKey {
			return nil
		}
		return c.visitFact(f)
	}
	if err := target.Export(ctx, v); err != nil {
		return fmt.Errorf("what was restored can't be read back: %w", err)
	}
	sum, err := c.finish()
	if err != nil {
		return err
	}
	if sum.digest != checked.digest {
		return fmt.Errorf("what was restored is not what the source holds: %w", journal.ErrCorrupt)
	}
	return nil
}

// Bounds of what is handed to the target at once.
const (
	batchItems = 1000
	batchBytes = 4 << 20
	// parallelFacts have one sync between them on a store that groups commits.
	parallelFacts = 64
)

// loader gathers what comes and hands it to the target in batches. Everything in
// it at a time is of one kind.
type loader struct {
	ctx    context.Context
	target journal.Store
	at     map[journal.StreamID]journal.Revision // the target's heads

	batch  journal.Batch
	facts  []journal.Fact
	blocks []journal.Block
	size   int
	kind   kind
}

// room hands over what is there before another kind begins or a batch grows too
// large.
func (l *loader) room(k kind, size int) error {
	items := len(l.batch.Entries) + len(l.batch.Secrets) + len(l.facts) + len(l.blocks)
	if k == l.kind && items < batchItems && l.size+size <= batchBytes {
		l.size += size
		return nil
	}
	if err := l.flush(); err != nil {
		return err
	}
	l.kind, l.size = k, size
	return nil
}

// expect has the batch find the stream where it is.
func (l *loader) expect(id journal.StreamID) {
	if n := len(l.batch.Expect); n == 0 || l.batch.Expect[n-1].Stream != id {
		l.batch.Expect = append(l.batch.Expect, journal.Expectation{Stream: id, At: l.at[id]})
	}
}

func (l *loader) entry(e journal.Entry) error {
	if e.Revision <= l.at[e.Stream] {
		return nil // an earlier try committed it
	}
	if err := l.room(entryKind, len(e.Data)); err != nil {
		return err
	}
	l.expect(e.Stream)
	l.batch.Entries = append(l.batch.Entries, e)
	l.at[e.Stream] = e.Revision
	return nil
}

func (l *loader) secret(s journal.Secret) error {
	if err := l.room(secretKind, len(s.Sealed)); err != nil {
		return err
	}
	l.expect(s.Stream)
	l.batch.Secrets = append(l.batch.Secrets, s)
	return nil
}

func (l *loader) fact(f journal.Fact) error {
	if err := l.room(factKind, len(f.Key)+len(f.Value)); err != nil {
		return err
	}
	l.facts = append(l.facts, f)
	return nil
}

func (l *loader) block(b journal.Block) error {
	if err := l.room(blockKind, len(b.Data)); err != nil {
		return err
	}
	l.blocks = append(l.blocks, b)
	return nil
}

func (l *loader) flush() error {
	var err error
	switch {
	case l.batch.Writes():
		l.batch.ID = "restore/" + rand.Text()
		err = l.target.Commit(l.ctx, l.batch)
	case len(l.facts) > 0:
		err = l.putFacts()
	case len(l.blocks) > 0:
		err = l.target.AppendBlocks(l.ctx, l.blocks)
	}
	l.batch, l.facts, l.blocks, l.size = journal.Batch{}, l.facts[:0], l.blocks[:0], 0
	return err
}

// putFacts puts facts side by side. One that Once recorded is one without a
// value, and Once finds it.
func (l *loader) putFacts() error {
	var (
		wg     sync.WaitGroup
		slots  = make(chan struct{}, parallelFacts)
		failed = make([]error, len(l.facts))
	)
	for i, f := range l.facts {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			failed[i] = l.target.Put(l.ctx, f.Key, f.Value, f.Expires)
		})
	}
	wg.Wait()
	return errors.Join(failed...)
}
