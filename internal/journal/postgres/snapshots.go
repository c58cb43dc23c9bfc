package postgres

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"sallyport/internal/journal"
)

// deleteAbandoned removes what nodes that stopped while they saved a snapshot left
// behind. By the database's clock, since another node may be saving one now.
func (s *Store) deleteAbandoned(ctx context.Context) error {
	_, err := s.execute(ctx, "DELETE FROM sallyport.snapshots WHERE "+abandoned)
	return err
}

const abandoned = "sha256 IS NULL AND started < now() - interval '1 hour'"

// SaveSnapshot implements [journal.Snapshots]. Chunks go in one at a time; the last
// write makes them visible. Of several nodes that save the same revision, the one
// that ends last stays.
func (s *Store) SaveSnapshot(ctx context.Context, id journal.StreamID, at journal.Revision, data io.Reader) error {
	if err := journal.CheckSnapshot(id, at); err != nil {
		return err
	}
	var number int64
	// When the reply is lost the row is abandoned, and another one is made.
	err := s.write(ctx, func(ctx context.Context, c *pgx.Conn, _ bool) error {
		return c.QueryRow(ctx, "INSERT INTO sallyport.snapshots (stream, revision) VALUES ($1, $2) RETURNING number",
			[]byte(id), int64(at)).Scan(&number)
	})
	if err != nil {
		return err
	}
	size, sum, err := journal.SplitSnapshot(data, func(position int, chunk []byte) error {
		_, err := s.execute(ctx, `INSERT INTO sallyport.snapshot_chunks (snapshot, position, data) VALUES ($1, $2, $3)
			ON CONFLICT (snapshot, position) DO NOTHING`, number, position, chunk)
		return err
	})
	if err == nil {
		err = s.complete(ctx, number, id, at, size, sum)
	}
	if err != nil {
		_, cleanup := s.execute(context.WithoutCancel(ctx), "DELETE FROM sallyport.snapshots WHERE number = $1 AND sha256 IS NULL", number)
		if cleanup != nil {
			err = fmt.Errorf("%w (removing what was saved: %v)", err, cleanup)
		}
	}
	return err
}

// complete makes a snapshot visible in place of another of the same revision.
func (s *Store) complete(ctx context.Context, number int64, id journal.StreamID, at journal.Revision, size int64, sum []byte) error {
	return s.write(ctx, func(ctx context.Context, c *pgx.Conn, unsure bool) error {
		var b pgx.Batch
		b.Queue(beginWriting)
		b.Queue("DELETE FROM sallyport.snapshots WHERE stream = $1 AND revision = $2 AND sha256 IS NOT NULL AND number <> $3",
			[]byte(id), int64(at), number)
		var completed int64
		b.Queue("UPDATE sallyport.snapshots SET size = $2, sha256 = $3 WHERE number = $1", number, size, sum).
			Exec(func(tag pgconn.CommandTag) error { completed = tag.RowsAffected(); return nil })
		b.Queue("COMMIT").Exec(func(tag pgconn.CommandTag) error { return commitTag(tag.String()) })
		err := c.SendBatch(ctx, &b).Close()
		rollback(ctx, c)
		switch {
		case hasCode(err, codeUniqueViolation):
			return &transient{err: err} // another node completed one in between
		case err == nil && completed == 0 && !unsure:
			return fmt.Errorf("snapshot of stream %q at revision %d: %w", string(id), at, errVanished)
		}
		return err
	})
}

var errVanished = errors.New("it was deleted while it was saved")

// LoadSnapshot implements [journal.Snapshots].
func (s *Store) LoadSnapshot(ctx context.Context, id journal.StreamID, atMost journal.Revision) (at journal.Revision, data []byte, err error) {
	err = s.read(ctx, func(ctx context.Context, c *pgx.Conn) error {
		at, data = 0, nil
		// One transaction: the chunks must be those of the row, whatever is deleted
		// meanwhile.
		return inSnapshot(ctx, c, func() error {
			at, data, err = loadSnapshot(ctx, c, id, atMost)
			return err
		})
	})
	if err != nil {
		return 0, nil, err
	}
	return at, data, nil
}

// inSnapshot runs fn in a transaction that sees the database as of one moment.
func inSnapshot(ctx context.Context, c *pgx.Conn, fn func() error) error {
	if _, err := c.Exec(ctx, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"); err != nil {
		return err
	}
	err := fn()
	rollback(context.WithoutCancel(ctx), c)
	return err
}

func loadSnapshot(ctx context.Context, c *pgx.Conn, id journal.StreamID, atMost journal.Revision) (journal.Revision, []byte, error) {
	var number, at, size int64
	var sum []byte
	err := c.QueryRow(ctx, `SELECT number, revision, size, sha256 FROM sallyport.snapshots
		WHERE stream = $1 AND revision <= $2 AND sha256 IS NOT NULL ORDER BY revision DESC LIMIT 1`,
		[]byte(id), int64(min(atMost, journal.MaxRevision))).Scan(&number, &at, &size, &sum)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, nil, nil
	}
	if err != nil {
		return 0, nil, err
	}
	data, err := loadChunks(ctx, c, number, size)
	if err != nil {
		return 0, nil, err
	}
	if actual := sha256.Sum256(data); string(actual[:]) != string(sum) || int64(len(data)) != size {
		return 0, nil, fmt.Errorf("snapshot of stream %q at revision %d: %w", string(id), at, journal.ErrCorrupt)
	}
	return journal.Revision(at), data, nil
}

// loadChunks never allocates more than a snapshot may have, whatever is stored.
func loadChunks(ctx context.Context, c *pgx.Conn, number, size int64) ([]byte, error) {
	if size < 0 || size > journal.MaxSnapshot {
		return nil, fmt.Errorf("snapshot of %d bytes: %w", size, journal.ErrCorrupt)
	}
	rows, err := c.Query(ctx, "SELECT data FROM sallyport.snapshot_chunks WHERE snapshot = $1 ORDER BY position", number)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	data := make([]byte, 0, size)
	for rows.Next() {
		chunk := rows.RawValues()[0]
		if len(data)+len(chunk) > cap(data) {
			return nil, fmt.Errorf("snapshot is longer than its %d bytes: %w", size, journal.ErrCorrupt)
		}
		data = append(data, chunk...)
	}
	rows.Close()
	return data, rows.Err()
}

// DeleteSnapshots implements [journal.Snapshots].
func (s *Store) DeleteSnapshots(ctx context.Context, id journal.StreamID, keep int) error {
	if keep < 0 {
		return fmt.Errorf("keeping %d snapshots: %w", keep, journal.ErrInvalid)
	}
	_, err := s.execute(ctx, `DELETE FROM sallyport.snapshots WHERE number IN (SELECT number FROM sallyport.snapshots
		WHERE stream = $1 AND sha256 IS NOT NULL ORDER BY revision DESC OFFSET $2) OR `+abandoned, []byte(id), keep)
	return err
}
