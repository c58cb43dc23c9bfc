package memory

import (
	"context"
	"fmt"

	"sallyport/internal/journal"
)

// Shared is a store that may be open beside others on one medium.
type Shared struct {
	*Store
	hints stirs
}

var _ journal.Shared = (*Shared)(nil)

// Share returns a store for one of several nodes, or [journal.ErrLocked] while one
// that does not share has the medium open.
func (m *Medium) Share() (*Shared, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.open {
		return nil, journal.ErrLocked
	}
	s := &Shared{Store: &Store{m: m}}
	s.shared = s
	m.sharing[s] = struct{}{}
	return s, nil
}

// Close implements [journal.Store].
func (s *Shared) Close() error {
	err := s.Store.Close()
	s.hints.close()
	return err
}

// stir hints to every other node that something happened. The caller holds m.mu.
func (m *Medium) stir(self *Shared) {
	for s := range m.sharing {
		if s != self {
			s.hints.stir()
		}
	}
}

// Advanced implements [journal.Shared].
func (s *Shared) Advanced(ctx context.Context, after journal.Position) (map[journal.StreamID]journal.Revision, journal.Position, error) {
	if err := s.lock(ctx); err != nil {
		return nil, 0, err
	}
	defer s.m.mu.Unlock()
	streams := make(map[journal.StreamID]journal.Revision)
	for id, at := range s.m.advanced {
		if at > after {
			streams[id] = journal.Revision(len(s.m.streams[id]))
		}
	}
	return streams, s.m.position, nil
}

// Renew implements [journal.Shared].
func (s *Shared) Renew(ctx context.Context, l journal.Lease) error {
	if err := l.Validate(); err != nil {
		return err
	}
	if err := s.lock(ctx); err != nil {
		return err
	}
	defer s.m.mu.Unlock()
	old := s.m.leases[l.Node] // the zero lease when there is none
	if old.Renewal == l.Renewal && old.TTL == l.TTL {
		return nil
	}
	if old.Renewal+1 != l.Renewal {
		return fmt.Errorf("renewal %d of node %q, whose lease is at %d: %w", l.Renewal, l.Node, old.Renewal, journal.ErrNotFound)
	}
	s.m.leases[l.Node] = l
	return nil
}

// Report implements [journal.Shared].
func (s *Shared) Report(ctx context.Context, node string, applied journal.Position) error {
	if err := s.lock(ctx); err != nil {
		return err
	}
	defer s.m.mu.Unlock()
	if l, ok := s.m.leases[node]; ok && l.Applied < applied {
		l.Applied = applied
		s.m.leases[node] = l
		s.m.stir(s)
	}
	return nil
}

// Leases implements [journal.Shared].
func (s *Shared) Leases(ctx context.Context) ([]journal.Lease, journal.Position, error) {
	if err := s.lock(ctx); err != nil {
		return nil, 0, err
	}
	defer s.m.mu.Unlock()
	leases := make([]journal.Lease, 0, len(s.m.leases))
	for _, l := range s.m.leases {
		leases = append(leases, l)
	}
	return leases, s.m.position, nil
}

// Release implements [journal.Shared].
func (s *Shared) Release(ctx context.Context, node string, renewal uint64) error {
	if err := s.lock(ctx); err != nil {
		return err
	}
	defer s.m.mu.Unlock()
	if l, ok := s.m.leases[node]; ok && l.Renewal == renewal {
		delete(s.m.leases, node)
		s.m.stir(s)
	}
	return nil
}

// Stirred implements [journal.Shared].
func (s *Shared) Stirred(ctx context.Context) (<-chan struct{}, error) {
	return s.hints.subscribe(ctx)
}
