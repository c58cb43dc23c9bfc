package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"sallyport/internal/journal"
)

// value returns the single bytea a query finds, or [journal.ErrNotFound].
func (s *Store) value(ctx context.Context, query string, args ...any) ([]byte, error) {
	var value []byte
	err := s.read(ctx, func(ctx context.Context, c *pgx.Conn) error {
		value = nil
		err := c.QueryRow(ctx, query, args...).Scan(&value)
		if errors.Is(err, pgx.ErrNoRows) {
			return journal.ErrNotFound
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return blob(value), nil
}

// Read implements [journal.Streams]. What is read is held against the stream's
// head, so that missing entries are noticed.
func (s *Store) Read(ctx context.Context, id journal.StreamID, after journal.Revision, limit int) ([]journal.Entry, error) {
	if err := journal.CheckRead(limit); err != nil {
		return nil, err
	}
	if after >= journal.MaxRevision {
		return nil, s.usable(ctx)
	}
	last := after + journal.Revision(min(uint64(limit), uint64(journal.MaxRevision-after)))
	var entries []journal.Entry
	err := s.read(ctx, func(ctx context.Context, c *pgx.Conn) error {
		entries = nil
		rows, err := c.Query(ctx, `SELECT s.head, e.revision, e.data FROM sallyport.streams s
			LEFT JOIN sallyport.entries e ON e.stream = s.number AND e.revision > $2 AND e.revision <= $3
			WHERE s.name = $1 ORDER BY e.revision`, []byte(id), int64(after), int64(last))
		if err != nil {
			return err
		}
		entries, err = scanEntries(rows, id, after, last)
		return err
	})
	if err != nil {
		return nil, err
	}
	return entries, nil
}

// scanEntries takes the entries after+1 to last of a stream, or to its head.
func scanEntries(rows pgx.Rows, id journal.StreamID, after, last journal.Revision) ([]journal.Entry, error) {
	defer rows.Close()
	var entries []journal.Entry
	head, next := int64(0), after+1
	for rows.Next() {
		var revision *int64
		var data []byte
		if err := rows.Scan(&head, &revision, &data); err != nil {
			return nil, err
		}
		if revision == nil {
			break // the stream has none after the given one
		}
		if journal.Revision(*revision) != next {
			return nil, fmt.Errorf("stream %q has revision %d where %d belongs: %w", string(id), *revision, next, journal.ErrCorrupt)
		}
		next++
		entries = append(entries, journal.Entry{Stream: id, Revision: journal.Revision(*revision), Data: blob(data)})
	}
	rows.Close()
	if err := rows.Err(); err != nil {
		return nil, err
	}
	if end := min(last, journal.Revision(head)); next <= end || next > after+1 && next-1 > end {
		return nil, fmt.Errorf("stream %q is at revision %d, and entry %d is the last: %w", string(id), head, next-1, journal.ErrCorrupt)
	}
	return entries, nil
}

// Heads implements [journal.Streams].
func (s *Store) Heads(ctx context.Context) (map[journal.StreamID]journal.Revision, error) {
	var heads map[journal.StreamID]journal.Revision
	err := s.read(ctx, func(ctx context.Context, c *pgx.Conn) error {
		heads = make(map[journal.StreamID]journal.Revision)
		rows, err := c.Query(ctx, "SELECT name, head FROM sallyport.streams WHERE head > 0")
		if err != nil {
			return err
		}
		var name []byte
		var head int64
		_, err = pgx.ForEachRow(rows, []any{&name, &head}, func() error {
			heads[journal.StreamID(name)] = journal.Revision(head)
			return nil
		})
		return err
	})
	if err != nil {
		return nil, err
	}
	return heads, nil
}

// LoadSecret implements [journal.Secrets].
func (s *Store) LoadSecret(ctx context.Context, id journal.StreamID, secret string) ([]byte, error) {
	return s.value(ctx, `SELECT x.sealed FROM sallyport.secrets x JOIN sallyport.streams s ON x.stream = s.number
		WHERE s.name = $1 AND x.id = $2`, []byte(id), []byte(secret))
}
