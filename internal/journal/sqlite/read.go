package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"sallyport/internal/journal"
)

// readable refuses reads of a closed store; a read that runs while Close begins
// finishes or fails by itself.
func (s *Store) readable(ctx context.Context) error {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.closed {
		return journal.ErrClosed
	}
	return ctx.Err()
}

// readError classifies an error of a read; those of a store closed meanwhile are
// [journal.ErrClosed].
func (s *Store) readError(err error) error {
	if err == nil {
		return nil
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.closed {
		return journal.ErrClosed
	}
	return storageError(err)
}

// query calls scan for every row.
func (s *Store) query(ctx context.Context, scan func(*sql.Rows) error, query string, args ...any) error {
	if err := s.readable(ctx); err != nil {
		return err
	}
	rows, err := s.reading.QueryContext(ctx, query, args...)
	if err != nil {
		return s.readError(err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return s.readError(err)
		}
	}
	return s.readError(rows.Err())
}

// value returns the single BLOB a query finds, or [journal.ErrNotFound].
func (s *Store) value(ctx context.Context, query string, args ...any) ([]byte, error) {
	if err := s.readable(ctx); err != nil {
		return nil, err
	}
	var value []byte
	err := s.reading.QueryRowContext(ctx, query, args...).Scan(&value)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, journal.ErrNotFound
	}
	if err != nil {
		return nil, s.readError(err)
	}
	return blob(value), nil
}

// Read implements [journal.Streams].
func (s *Store) Read(ctx context.Context, id journal.StreamID, after journal.Revision, limit int) ([]journal.Entry, error) {
	if err := journal.CheckRead(limit); err != nil {
		return nil, err
	}
	if after >= journal.MaxRevision {
		return nil, s.readable(ctx)
	}
	var entries []journal.Entry
	next := after + 1
	err := s.query(ctx, func(rows *sql.Rows) error {
		e := journal.Entry{Stream: id}
		if err := rows.Scan(&e.Revision, &e.Data); err != nil {
			return err
		}
		if e.Revision != next {
			return fmt.Errorf("stream %q has revision %d where %d belongs: %w", string(id), e.Revision, next, journal.ErrCorrupt)
		}
		next++
		e.Data = blob(e.Data)
		entries = append(entries, e)
		return nil
	}, `SELECT revision, data FROM entries WHERE stream = (SELECT number FROM streams WHERE name = ?) AND revision > ?
		ORDER BY revision LIMIT ?`, []byte(id), int64(after), limit)
	if err != nil {
		return nil, err
	}
	return entries, nil
}

// Heads implements [journal.Streams].
func (s *Store) Heads(ctx context.Context) (map[journal.StreamID]journal.Revision, error) {
	heads := make(map[journal.StreamID]journal.Revision)
	err := s.query(ctx, func(rows *sql.Rows) error {
		var name []byte
		var head journal.Revision
		if err := rows.Scan(&name, &head); err != nil {
			return err
		}
		heads[journal.StreamID(name)] = head
		return nil
	}, "SELECT name, head FROM streams WHERE head > 0")
	if err != nil {
		return nil, err
	}
	return heads, nil
}

// LoadSecret implements [journal.Secrets].
func (s *Store) LoadSecret(ctx context.Context, id journal.StreamID, secret string) ([]byte, error) {
	return s.value(ctx, "SELECT sealed FROM secrets WHERE stream = (SELECT number FROM streams WHERE name = ?) AND id = ?",
		[]byte(id), []byte(secret))
}

// Once implements [journal.Facts].
func (s *Store) Once(ctx context.Context, key string, expires time.Time) (first bool, err error) {
	if err := journal.CheckFact(key, nil); err != nil {
		return false, err
	}
	err = s.write(ctx, len(key)+64, func(t *transaction) error {
		affected, err := t.exec("INSERT INTO facts (key, value, expires) VALUES (?, x'', ?) ON CONFLICT (key) DO NOTHING",
			[]byte(key), expiry(expires))
		first = affected == 1
		return err
	})
	return first && err == nil, err
}

// Put implements [journal.Facts].
func (s *Store) Put(ctx context.Context, key string, value []byte, expires time.Time) error {
	if err := journal.CheckFact(key, value); err != nil {
		return err
	}
	return s.write(ctx, len(key)+len(value)+64, func(t *transaction) error {
		_, err := t.exec(`INSERT INTO facts (key, value, expires) VALUES (?, ?, ?)
			ON CONFLICT (key) DO UPDATE SET value = excluded.value, expires = excluded.expires`,
			[]byte(key), blob(value), expiry(expires))
		return err
	})
}

// Get implements [journal.Facts].
func (s *Store) Get(ctx context.Context, key string, now time.Time) ([]byte, error) {
	return s.value(ctx, "SELECT value FROM facts WHERE key = ? AND (expires IS NULL OR expires > ?)", []byte(key), journal.Nanoseconds(now))
}

// DeleteFact implements [journal.Facts].
func (s *Store) DeleteFact(ctx context.Context, key string) error {
	return s.write(ctx, len(key)+64, func(t *transaction) error {
		_, err := t.exec("DELETE FROM facts WHERE key = ?", []byte(key))
		return err
	})
}

// sweepRows bounds one transaction of Sweep, so that commits go on in between.
const sweepRows = 1000

// Sweep implements [journal.Facts].
func (s *Store) Sweep(ctx context.Context, now time.Time) error {
	for {
		var swept int64
		err := s.write(ctx, sweepRows*64, func(t *transaction) (err error) {
			swept, err = t.exec("DELETE FROM facts WHERE key IN (SELECT key FROM facts WHERE expires <= ? LIMIT ?)", journal.Nanoseconds(now), sweepRows)
			return err
		})
		if err != nil || swept < sweepRows {
			return err
		}
	}
}

// expiry is NULL for a fact that never expires.
func expiry(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return journal.Nanoseconds(t)
}
