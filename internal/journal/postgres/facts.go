package postgres

import (
	"context"
	"crypto/rand"
	"time"

	"github.com/jackc/pgx/v5"

	"sallyport/internal/journal"
)

// execute runs one statement that may run twice, and returns how many rows it
// affected.
func (s *Store) execute(ctx context.Context, query string, args ...any) (affected int64, err error) {
	err = s.write(ctx, func(ctx context.Context, c *pgx.Conn, _ bool) error {
		tag, err := c.Exec(ctx, query, args...)
		affected = tag.RowsAffected()
		return err
	})
	return affected, err
}

// Once implements [journal.Facts]. A token in the row tells an insert of this very
// call, whose reply was lost, from another's. It is written again before it counts,
// see the package comment.
func (s *Store) Once(ctx context.Context, key string, expires time.Time) (first bool, err error) {
	if err := journal.CheckFact(key, nil); err != nil {
		return false, err
	}
	token := []byte(rand.Text())
	err = s.write(ctx, func(ctx context.Context, c *pgx.Conn, unsure bool) error {
		tag, err := c.Exec(ctx, `INSERT INTO sallyport.facts (key, value, expires, token) VALUES ($1, '', $2, $3)
			ON CONFLICT (key) DO NOTHING`, []byte(key), expiry(expires), token)
		if err == nil && tag.RowsAffected() == 0 && unsure {
			tag, err = c.Exec(ctx, "UPDATE sallyport.facts SET token = token WHERE key = $1 AND token = $2", []byte(key), token)
		}
		first = tag.RowsAffected() == 1
		return err
	})
	return first && err == nil, err
}

// Put implements [journal.Facts].
func (s *Store) Put(ctx context.Context, key string, value []byte, expires time.Time) error {
	if err := journal.CheckFact(key, value); err != nil {
		return err
	}
	_, err := s.execute(ctx, `INSERT INTO sallyport.facts (key, value, expires) VALUES ($1, $2, $3)
		ON CONFLICT (key) DO UPDATE SET value = excluded.value, expires = excluded.expires, token = NULL`,
		[]byte(key), blob(value), expiry(expires))
	return err
}

// Get implements [journal.Facts].
func (s *Store) Get(ctx context.Context, key string, now time.Time) ([]byte, error) {
	return s.value(ctx, "SELECT value FROM sallyport.facts WHERE key = $1 AND (expires IS NULL OR expires > $2)",
		[]byte(key), journal.Nanoseconds(now))
}

// confirm is a write that changes nothing. Once it is committed, so is all that
// could be seen before it, see the package comment.
const confirm = "UPDATE sallyport.version SET version = version"

// DeleteFact implements [journal.Facts]. A key that is absent may have been deleted
// by a commit that no standby has.
func (s *Store) DeleteFact(ctx context.Context, key string) error {
	return s.write(ctx, func(ctx context.Context, c *pgx.Conn, _ bool) error {
		tag, err := c.Exec(ctx, "DELETE FROM sallyport.facts WHERE key = $1", []byte(key))
		if err == nil && tag.RowsAffected() == 0 {
			_, err = c.Exec(ctx, confirm)
		}
		return err
	})
}

// sweepRows bounds one transaction of Sweep.
const sweepRows = 1000

// Sweep implements [journal.Facts]. Other nodes may be sweeping as well, so it
// goes on until nothing is left. The expiry is asked for twice: a fact may be put
// anew while its old row is about to be deleted.
func (s *Store) Sweep(ctx context.Context, now time.Time) error {
	for {
		swept, err := s.execute(ctx, `DELETE FROM sallyport.facts WHERE expires <= $1
			AND key IN (SELECT key FROM sallyport.facts WHERE expires <= $1 LIMIT $2)`, journal.Nanoseconds(now), sweepRows)
		if err != nil || swept == 0 {
			return err
		}
	}
}

// expiry is NULL for a fact that never expires.
func expiry(t time.Time) *int64 {
	if t.IsZero() {
		return nil
	}
	n := journal.Nanoseconds(t)
	return &n
}
