package state

import (
	"context"
	"fmt"
	"sort"
	"time"

	"sallyport/internal/journal"
)

// ErrNoRevision: the stream has never been at the revision asked for. It wraps
// [journal.ErrNotFound].
var ErrNoRevision = fmt.Errorf("state: no such revision: %w", journal.ErrNotFound)

// ViewAt returns the stream's view as of a revision, at least 1: the nearest
// snapshot, then replay. It costs accordingly and is not cached.
func (s *Store) ViewAt(ctx context.Context, id StreamID, at Revision) (*View, error) {
	current, ok := s.View(id)
	if !ok || at == 0 || at > current.revision {
		return nil, fmt.Errorf("stream %s, revision %d: %w", id, at, ErrNoRevision)
	}
	if at == current.revision {
		return current, nil
	}
	v, _, err := s.load(ctx, id, at, at)
	if err != nil {
		return nil, err
	}
	if v.revision != at {
		return nil, fmt.Errorf("state: stream %s: %w: ends at revision %d, was at %d",
			id, journal.ErrCorrupt, v.revision, current.revision)
	}
	return v, nil
}

// RevisionAt returns the last revision whose entry's time is not after t, 0
// when the stream did not exist then.
func (s *Store) RevisionAt(ctx context.Context, id StreamID, t time.Time) (Revision, error) {
	current, ok := s.View(id)
	if !ok {
		return 0, nil
	}
	if !current.time.After(t) {
		return current.revision, nil
	}
	// Times never go back within a stream, so that halving finds it.
	var failed error
	n := sort.Search(int(current.revision), func(i int) bool {
		if failed != nil {
			return true
		}
		entries, err := s.Entries(ctx, id, Revision(i), 1)
		if err == nil && len(entries) == 0 {
			err = fmt.Errorf("state: stream %s: %w: no revision %d", id, journal.ErrCorrupt, i+1)
		}
		if err != nil {
			failed = err
			return true
		}
		return entries[0].Time.After(t)
	})
	if failed != nil {
		return 0, failed
	}
	return Revision(n), nil
}

// Entries returns decoded entries with revisions after+1, after+2, …, at most
// limit, which must be positive. Each is checked to follow the one before it
// in the result.
func (s *Store) Entries(ctx context.Context, id StreamID, after Revision, limit int) ([]Entry, error) {
	stored, err := s.journal.Read(ctx, id, after, limit)
	if err != nil {
		return nil, fmt.Errorf("state: read stream %s after revision %d: %w", id, after, err)
	}
	entries := make([]Entry, len(stored))
	for i := range stored {
		e, err := decodeEntry(stored[i])
		if err != nil {
			return nil, err
		}
		previous := e.Previous
		if i > 0 {
			previous = entries[i-1].Hash
		}
		if err := checkLink(id, after+Revision(i), previous, &e); err != nil {
			return nil, err
		}
		entries[i] = e
	}
	return entries, nil
}

// Decode reads a row of the table as a [Change] of an entry holds it.
func (t *Table[V]) Decode(value []byte) (*V, error) {
	row, err := t.decode(value)
	if err != nil {
		return nil, err
	}
	return row.(*V), nil
}
