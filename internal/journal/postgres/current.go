package postgres

import (
	"context"
	"fmt"
	"sync/atomic"

	"github.com/jackc/pgx/v5"

	"sallyport/internal/journal"
)

// newest is the highest position that the store has seen, on whichever of its
// connections. Two of them may lead to different servers: to a primary that was
// replaced and still answers the sessions it has, and to the one that took over.
type newest struct{ position atomic.Uint64 }

func (n *newest) raise(to journal.Position) {
	for {
		now := n.position.Load()
		if now >= uint64(to) || n.position.CompareAndSwap(now, uint64(to)) {
			return
		}
	}
}

func (n *newest) load() journal.Position { return journal.Position(n.position.Load()) }

// behind is the error of a server that lacks what the store has seen. Another
// connection may lead to the one that has it.
func behind(at, seen journal.Position) *transient {
	err := fmt.Errorf("the server that answers is at position %d, another was at %d: %w", at, seen, journal.ErrBehind)
	return &transient{err: err, lost: true}
}

// readCurrent is read for queries that return the journal's position, or -1 if they
// found none. A position that is too low is one of a connection made long ago, and
// asked for again on a new one. If that shows no better, the server that is to be
// used has lost commits: [journal.ErrBehind]. It must be told at once, for later
// commits will have the positions of those that are lost.
func (s *Store) readCurrent(ctx context.Context, query func(context.Context, *pgx.Conn) (int64, error)) (journal.Position, error) {
	var position journal.Position
	again := false
	err := s.read(ctx, func(ctx context.Context, c *pgx.Conn) error {
		seen := s.newest.load()
		at, err := query(ctx, c)
		if err != nil {
			return err
		}
		if at < 0 {
			return fmt.Errorf("the journal has no position: %w", journal.ErrCorrupt)
		}
		position = journal.Position(at)
		if position >= seen {
			s.newest.raise(position)
			return nil
		}
		stale := behind(position, seen)
		if again {
			return stale.err
		}
		again = true
		return stale
	})
	return position, err
}
