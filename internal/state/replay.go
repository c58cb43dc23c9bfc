package state

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"runtime"
	"sync"

	"sallyport/internal/journal"
)

// pageEntries is how many entries are read at a time. A page is decoded by one
// goroutine while others are read and applied.
const pageEntries = 256

// load builds a stream's view: the newest sound snapshot at or below atMost,
// then the entries after it, up to revision upTo (0: all there are). It also
// returns how many entries it replayed.
func (s *Store) load(ctx context.Context, id StreamID, atMost, upTo Revision) (*View, int, error) {
	v, err := s.loadSnapshot(ctx, id, atMost)
	if err != nil {
		return nil, 0, err
	}
	if v == nil {
		v = emptyView(id, s.schema)
	}
	from := v.revision
	if err := replay(ctx, s.journal, v, upTo); err != nil {
		return nil, 0, err
	}
	return v, int(v.revision - from), nil
}

// catchUp applies what the journal holds beyond the published view and
// publishes the result. The caller holds st.appending. [journal.ErrBehind]: what
// follows there follows another entry than the last one shown.
func (s *Store) catchUp(ctx context.Context, st *stream) error {
	published := st.view.Load()
	if published == nil {
		published = emptyView(st.id, s.schema)
	}
	v := published.own()
	err := replay(ctx, s.journal, v, 0)
	if errors.Is(err, errUnlinked) && v.revision == published.revision {
		return fmt.Errorf("%w: %w", journal.ErrBehind, err)
	} else if err != nil {
		return err
	}
	if v.revision > published.revision {
		st.view.Store(v)
		s.grown(st, int(v.revision-published.revision), 0)
	}
	return nil
}

// CatchUp brings the views of the streams to these revisions or beyond.
// [journal.ErrBehind]: what the journal holds does not follow what the views show.
// Other errors, such as of damage or of a later version, say nothing of that.
func (s *Store) CatchUp(ctx context.Context, heads map[StreamID]Revision) error {
	var failed []error
	for id, head := range heads {
		if v, ok := s.View(id); ok && v.revision >= head {
			continue
		}
		if err := checkStream(id); err != nil {
			failed = append(failed, err)
			continue
		}
		if err := s.refresh(ctx, s.stream(id), head); err != nil {
			failed = append(failed, err)
		}
	}
	return errors.Join(failed...)
}

func (s *Store) refresh(ctx context.Context, st *stream, head Revision) error {
	// A commit under way is in the journal, but not yet in the view: wait for it.
	st.appending.Lock()
	defer st.appending.Unlock()
	if v := st.view.Load(); v != nil && v.revision >= head {
		return nil
	}
	if err := s.catchUp(ctx, st); err != nil {
		return err
	}
	if v := st.view.Load(); v == nil || v.revision < head {
		return fmt.Errorf("state: stream %s: %w: ends before revision %d", st.id, journal.ErrCorrupt, head)
	}
	return nil
}

// page is a run of entries being decoded.
type page struct {
	entries []*decodedEntry
	err     error
	decoded chan struct{}
}

// replay applies the entries after v's revision, up to upTo (0: all there
// are), to v, whose trees are its own. Reading and decoding run ahead of
// applying. After an error v is of no use.
func replay(ctx context.Context, j journal.Streams, v *View, upTo Revision) error {
	first, err := readPage(ctx, j, v.stream, v.revision, upTo)
	if err != nil {
		return err
	}
	if len(first) < pageEntries {
		var p page
		p.decode(v.schema, first)
		return v.applyPage(&p)
	}
	ctx, cancel := context.WithCancel(ctx)
	var wg sync.WaitGroup
	defer wg.Wait()
	defer cancel()
	pages := make(chan *page, 2*runtime.GOMAXPROCS(0))
	reader := pageReader{journal: j, schema: v.schema, stream: v.stream, after: v.revision, upTo: upTo}
	wg.Go(func() { reader.run(ctx, &wg, first, pages) })
	for p := range pages {
		<-p.decoded
		if err := v.applyPage(p); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// pageReader reads ahead of the one who applies.
type pageReader struct {
	journal     journal.Streams
	schema      *Schema
	stream      StreamID
	after, upTo Revision
}

// run sends pages in order, each decoded by a goroutine of its own, and closes
// the channel after the last one or an error.
func (r *pageReader) run(ctx context.Context, wg *sync.WaitGroup, entries []journal.Entry, pages chan<- *page) {
	defer close(pages)
	for len(entries) > 0 {
		p := &page{decoded: make(chan struct{})}
		work := entries
		wg.Go(func() {
			defer close(p.decoded)
			p.decode(r.schema, work)
		})
		select {
		case pages <- p:
		case <-ctx.Done():
			return
		}
		r.after += Revision(len(entries))
		var err error
		if entries, err = readPage(ctx, r.journal, r.stream, r.after, r.upTo); err != nil {
			failed := &page{err: err, decoded: make(chan struct{})}
			close(failed.decoded)
			select {
			case pages <- failed:
			case <-ctx.Done():
			}
			return
		}
	}
}

func readPage(ctx context.Context, j journal.Streams, id StreamID, after, upTo Revision) ([]journal.Entry, error) {
	limit := pageEntries
	if upTo != 0 {
		if after >= upTo {
			return nil, nil
		}
		limit = int(min(Revision(limit), upTo-after))
	}
	entries, err := j.Read(ctx, id, after, limit)
	if err != nil {
		return nil, fmt.Errorf("state: read stream %s after revision %d: %w", id, after, err)
	}
	return entries, nil
}

// decode fills the page, as far as the first entry that cannot be decoded.
func (p *page) decode(schema *Schema, entries []journal.Entry) {
	p.entries = make([]*decodedEntry, 0, len(entries))
	for _, stored := range entries {
		e, err := schema.decode(stored)
		if err != nil {
			p.err = err
			return
		}
		p.entries = append(p.entries, e)
	}
}

// applyPage applies decoded entries, each of which must follow the one before.
func (v *View) applyPage(p *page) error {
	for _, e := range p.entries {
		if err := v.follows(&e.Entry); err != nil {
			return err
		}
		if err := v.apply(e); err != nil {
			return err
		}
	}
	return p.err
}

// follows checks that e is the next entry of the view's stream.
func (v *View) follows(e *Entry) error {
	if e.Time.Before(v.time) && e.Previous == v.head {
		return fmt.Errorf("state: stream %s: %w: revision %d is older than revision %d",
			v.stream, journal.ErrCorrupt, e.Revision, v.revision)
	}
	return checkLink(v.stream, v.revision, v.head, e)
}

var errUnlinked = fmt.Errorf("%w: hash chain", journal.ErrCorrupt) // of an entry and the one before it

// checkLink checks an entry against the revision and hash of the one before.
func checkLink(id StreamID, revision Revision, head [sha256.Size]byte, e *Entry) error {
	switch {
	case e.Stream != id:
		return fmt.Errorf("state: stream %s: %w: holds an entry of stream %s", id, journal.ErrCorrupt, e.Stream)
	case e.Revision != revision+1:
		return fmt.Errorf("state: stream %s: %w: revision %d follows %d", id, journal.ErrCorrupt, e.Revision, revision)
	case e.Previous != head:
		return fmt.Errorf("state: stream %s: %w: revision %d does not carry the hash of revision %d",
			id, errUnlinked, e.Revision, revision)
	}
	return nil
}
