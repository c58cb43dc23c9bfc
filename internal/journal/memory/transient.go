package memory

import (
	"context"
	"fmt"
	"io"
	"slices"
	"time"

	"sallyport/internal/journal"
)

type fact struct {
	value   []byte
	expires time.Time // zero: never
}

func (f fact) expired(now time.Time) bool { return !f.expires.IsZero() && !now.Before(f.expires) }

// Once implements [journal.Facts].
func (s *Store) Once(ctx context.Context, key string, expires time.Time) (bool, error) {
	if err := journal.CheckFact(key, nil); err != nil {
		return false, err
	}
	if err := s.lock(ctx); err != nil {
		return false, err
	}
	defer s.m.mu.Unlock()
	if _, there := s.m.facts[key]; there {
		return false, nil
	}
	s.m.facts[key] = fact{expires: expires}
	return true, nil
}

// Put implements [journal.Facts].
func (s *Store) Put(ctx context.Context, key string, value []byte, expires time.Time) error {
	if err := journal.CheckFact(key, value); err != nil {
		return err
	}
	if err := s.lock(ctx); err != nil {
		return err
	}
	defer s.m.mu.Unlock()
	s.m.facts[key] = fact{value: clone(value), expires: expires}
	return nil
}

// Get implements [journal.Facts].
func (s *Store) Get(ctx context.Context, key string, now time.Time) ([]byte, error) {
	if err := s.lock(ctx); err != nil {
		return nil, err
	}
	defer s.m.mu.Unlock()
	f, ok := s.m.facts[key]
	if !ok || f.expired(now) {
		return nil, journal.ErrNotFound
	}
	return clone(f.value), nil
}

// DeleteFact implements [journal.Facts].
func (s *Store) DeleteFact(ctx context.Context, key string) error {
	if err := s.lock(ctx); err != nil {
		return err
	}
	defer s.m.mu.Unlock()
	delete(s.m.facts, key)
	return nil
}

// Sweep implements [journal.Facts].
func (s *Store) Sweep(ctx context.Context, now time.Time) error {
	if err := s.lock(ctx); err != nil {
		return err
	}
	defer s.m.mu.Unlock()
	for key, f := range s.m.facts {
		if f.expired(now) {
			delete(s.m.facts, key)
		}
	}
	return nil
}

// SaveSnapshot implements [journal.Snapshots].
func (s *Store) SaveSnapshot(ctx context.Context, id journal.StreamID, at journal.Revision, data io.Reader) error {
	if err := journal.CheckSnapshot(id, at); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	// Read outside the lock: the reader may be slow, or itself use the store.
	all, err := io.ReadAll(io.LimitReader(data, journal.MaxSnapshot+1))
	if err != nil {
		return fmt.Errorf("reading snapshot: %w", err)
	}
	if len(all) > journal.MaxSnapshot {
		return fmt.Errorf("snapshot of more than %d bytes: %w", journal.MaxSnapshot, journal.ErrTooLarge)
	}
	if err := s.lock(ctx); err != nil {
		return err
	}
	defer s.m.mu.Unlock()
	if s.m.snapshots[id] == nil {
		s.m.snapshots[id] = make(map[journal.Revision][]byte)
	}
	s.m.snapshots[id][at] = all
	return nil
}

// LoadSnapshot implements [journal.Snapshots].
func (s *Store) LoadSnapshot(ctx context.Context, id journal.StreamID, atMost journal.Revision) (journal.Revision, []byte, error) {
	if err := s.lock(ctx); err != nil {
		return 0, nil, err
	}
	defer s.m.mu.Unlock()
	var newest journal.Revision
	for at := range s.m.snapshots[id] {
		if at <= atMost && at > newest {
			newest = at
		}
	}
	if newest == 0 {
		return 0, nil, nil
	}
	return newest, clone(s.m.snapshots[id][newest]), nil
}

// DeleteSnapshots implements [journal.Snapshots].
func (s *Store) DeleteSnapshots(ctx context.Context, id journal.StreamID, keep int) error {
	if keep < 0 {
		return fmt.Errorf("keeping %d snapshots: %w", keep, journal.ErrInvalid)
	}
	if err := s.lock(ctx); err != nil {
		return err
	}
	defer s.m.mu.Unlock()
	revisions := make([]journal.Revision, 0, len(s.m.snapshots[id]))
	for at := range s.m.snapshots[id] {
		revisions = append(revisions, at)
	}
	slices.Sort(revisions)
	for _, at := range revisions[:max(0, len(revisions)-keep)] {
		delete(s.m.snapshots[id], at)
	}
	return nil
}
