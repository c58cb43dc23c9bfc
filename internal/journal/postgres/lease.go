package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"sallyport/internal/journal"
)

// Advanced implements [journal.Shared]. A single statement sees one moment.
func (s *Store) Advanced(ctx context.Context, after journal.Position) (map[journal.StreamID]journal.Revision, journal.Position, error) {
	var heads map[journal.StreamID]journal.Revision
	position, err := s.readCurrent(ctx, func(ctx context.Context, c *pgx.Conn) (position int64, err error) {
		heads, position = make(map[journal.StreamID]journal.Revision), -1
		rows, err := c.Query(ctx, `SELECT p.position, s.name, coalesce(s.head, 0)
			FROM sallyport.position p LEFT JOIN sallyport.streams s ON s.position > $1`,
			int64(min(after, journal.Position(journal.MaxRevision))))
		if err != nil {
			return 0, err
		}
		var name []byte
		var head int64
		_, err = pgx.ForEachRow(rows, []any{&position, &name, &head}, func() error {
			if name != nil {
				heads[journal.StreamID(name)] = journal.Revision(head)
			}
			return nil
		})
		return position, err
	})
	if err != nil {
		return nil, 0, err
	}
	return heads, position, nil
}

// Renew implements [journal.Shared]. Applied is never lowered by it: a report may
// have overtaken the renewal. A renewal that is found there is written again as it
// is, see the package comment. Where the journal is once it is durable is asked of
// the same server: what is read after it must not be older.
func (s *Store) Renew(ctx context.Context, l journal.Lease) error {
	if err := l.Validate(); err != nil {
		return err
	}
	query := `UPDATE sallyport.nodes SET renewal = $2, ttl = $3,
			applied = CASE WHEN renewal = $2 THEN applied ELSE greatest(applied, $4) END
		WHERE node = $1 AND (renewal = $2 - 1 OR renewal = $2 AND ttl = $3)`
	if l.Renewal == 1 {
		query = `INSERT INTO sallyport.nodes AS n (node, renewal, ttl, applied) VALUES ($1, $2, $3, $4)
			ON CONFLICT (node) DO UPDATE SET renewal = n.renewal WHERE n.renewal = excluded.renewal AND n.ttl = excluded.ttl`
	}
	var affected, position int64
	err := s.write(ctx, func(ctx context.Context, c *pgx.Conn, _ bool) error {
		tag, err := c.Exec(ctx, query, []byte(l.Node), int64(l.Renewal), l.TTL.Milliseconds(), int64(l.Applied))
		if affected = tag.RowsAffected(); err != nil || affected == 0 {
			return err
		}
		return c.QueryRow(ctx, "SELECT position FROM sallyport.position").Scan(&position)
	})
	if err == nil {
		s.newest.raise(journal.Position(position))
	}
	if err == nil && affected == 0 {
		err = fmt.Errorf("renewal %d of the lease of node %q: %w", l.Renewal, l.Node, journal.ErrNotFound)
	}
	return err
}

// Report implements [journal.Shared]. It waits for no disk.
func (s *Store) Report(ctx context.Context, node string, applied journal.Position) error {
	return s.write(ctx, func(ctx context.Context, c *pgx.Conn, _ bool) error {
		var b pgx.Batch
		committed := false
		b.Queue("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE")
		b.Queue(`SELECT set_config('synchronous_commit', 'off', true) WHERE current_setting('synchronous_commit', true) IS NOT NULL`)
		b.Queue("UPDATE sallyport.nodes SET applied = $2 WHERE node = $1 AND applied < $2", []byte(node),
			int64(min(applied, journal.Position(journal.MaxRevision))))
		b.Queue(commit).Exec(func(tag pgconn.CommandTag) error {
			committed = tag.String() == "COMMIT"
			return commitTag(tag.String())
		})
		s.hints.queue(&b)
		err := c.SendBatch(ctx, &b).Close()
		rollback(ctx, c)
		if committed {
			return nil
		}
		return err
	})
}

// Leases implements [journal.Shared]. A single statement sees one moment.
func (s *Store) Leases(ctx context.Context) ([]journal.Lease, journal.Position, error) {
	var leases []journal.Lease
	position, err := s.readCurrent(ctx, func(ctx context.Context, c *pgx.Conn) (position int64, err error) {
		leases, position = nil, -1
		rows, err := c.Query(ctx, `SELECT p.position, n.node, coalesce(n.renewal, 0), coalesce(n.ttl, 0), coalesce(n.applied, 0)
			FROM sallyport.position p LEFT JOIN sallyport.nodes n ON true ORDER BY n.node`)
		if err != nil {
			return 0, err
		}
		var node []byte
		var renewal, ttl, applied int64
		_, err = pgx.ForEachRow(rows, []any{&position, &node, &renewal, &ttl, &applied}, func() error {
			if node != nil {
				leases = append(leases, journal.Lease{Node: string(node), Renewal: uint64(renewal),
					TTL: time.Duration(ttl) * time.Millisecond, Applied: journal.Position(applied)})
			}
			return nil
		})
		return position, err
	})
	if err != nil {
		return nil, 0, err
	}
	return leases, position, nil
}

// Release implements [journal.Shared].
func (s *Store) Release(ctx context.Context, node string, renewal uint64) error {
	if renewal > uint64(journal.MaxRevision) {
		return s.usable(ctx)
	}
	_, err := s.execute(ctx, "DELETE FROM sallyport.nodes WHERE node = $1 AND renewal = $2", []byte(node), int64(renewal))
	return err
}

// Stirred implements [journal.Shared].
func (s *Store) Stirred(ctx context.Context) (<-chan struct{}, error) {
	if err := s.usable(ctx); err != nil {
		return nil, err
	}
	return s.hints.subscribe(ctx)
}
