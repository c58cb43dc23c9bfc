package sqlite

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"time"

	"sallyport/internal/journal"
)

// SaveSnapshot implements [journal.Snapshots]. Chunks go in one at a time, each
// in a group with whatever else is waiting; the last write makes them visible.
func (s *Store) SaveSnapshot(ctx context.Context, id journal.StreamID, at journal.Revision, data io.Reader) error {
	if err := journal.CheckSnapshot(id, at); err != nil {
		return err
	}
	var number int64
	err := s.write(ctx, 256, func(t *transaction) error {
		t.wrote = true
		result, err := t.w.execResult("INSERT INTO snapshots (stream, revision) VALUES (?, ?)", []byte(id), int64(at))
		if err != nil {
			return err
		}
		number, err = result.LastInsertId()
		return storageError(err)
	})
	if err != nil {
		return err
	}
	size, sum, err := journal.SplitSnapshot(data, func(position int, chunk []byte) error {
		return s.write(ctx, len(chunk), func(t *transaction) error {
			_, err := t.exec("INSERT INTO snapshot_chunks (snapshot, position, data) VALUES (?, ?, ?)", number, position, chunk)
			return err
		})
	})
	if err == nil {
		err = s.write(ctx, 256, func(t *transaction) error {
			if _, err := t.exec("DELETE FROM snapshots WHERE stream = ? AND revision = ? AND sha256 IS NOT NULL", []byte(id), int64(at)); err != nil {
				return err
			}
			_, err := t.exec("UPDATE snapshots SET size = ?, sha256 = ? WHERE number = ?", size, sum, number)
			return err
		})
	}
	if err != nil {
		// What is left unfinished here is deleted by the next Open.
		cleanup := s.write(context.WithoutCancel(ctx), 256, func(t *transaction) error {
			_, err := t.exec("DELETE FROM snapshots WHERE number = ? AND sha256 IS NULL", number)
			return err
		})
		if cleanup != nil {
			err = fmt.Errorf("%w (removing what was saved: %v)", err, cleanup)
		}
	}
	return err
}

// LoadSnapshot implements [journal.Snapshots].
func (s *Store) LoadSnapshot(ctx context.Context, id journal.StreamID, atMost journal.Revision) (journal.Revision, []byte, error) {
	if err := s.readable(ctx); err != nil {
		return 0, nil, err
	}
	// One transaction: the chunks must be those of the row, whatever is deleted
	// meanwhile.
	tx, err := s.reading.BeginTx(ctx, nil)
	if err != nil {
		return 0, nil, s.readError(err)
	}
	defer tx.Rollback()
	var number, size int64
	var at journal.Revision
	var sum []byte
	err = tx.QueryRowContext(ctx, `SELECT number, revision, size, sha256 FROM snapshots
		WHERE stream = ? AND revision <= ? AND sha256 IS NOT NULL ORDER BY revision DESC LIMIT 1`,
		[]byte(id), int64(min(atMost, journal.MaxRevision))).Scan(&number, &at, &size, &sum)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil, nil
	}
	if err != nil {
		return 0, nil, s.readError(err)
	}
	data, err := loadChunks(ctx, tx, number, size)
	if err != nil {
		return 0, nil, s.readError(err)
	}
	if actual := sha256.Sum256(data); string(actual[:]) != string(sum) || int64(len(data)) != size {
		return 0, nil, fmt.Errorf("snapshot of stream %q at revision %d: %w", string(id), at, journal.ErrCorrupt)
	}
	return at, data, nil
}

// loadChunks never allocates more than a snapshot may have, whatever is stored.
func loadChunks(ctx context.Context, tx *sql.Tx, number, size int64) ([]byte, error) {
	if size < 0 || size > journal.MaxSnapshot {
		return nil, fmt.Errorf("snapshot of %d bytes: %w", size, journal.ErrCorrupt)
	}
	rows, err := tx.QueryContext(ctx, "SELECT data FROM snapshot_chunks WHERE snapshot = ? ORDER BY position", number)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	data := make([]byte, 0, size)
	for rows.Next() {
		var chunk sql.RawBytes
		if err := rows.Scan(&chunk); err != nil {
			return nil, err
		}
		if len(data)+len(chunk) > cap(data) {
			return nil, fmt.Errorf("snapshot is longer than its %d bytes: %w", size, journal.ErrCorrupt)
		}
		data = append(data, chunk...)
	}
	return data, rows.Err()
}

// DeleteSnapshots implements [journal.Snapshots].
func (s *Store) DeleteSnapshots(ctx context.Context, id journal.StreamID, keep int) error {
	if keep < 0 {
		return fmt.Errorf("keeping %d snapshots: %w", keep, journal.ErrInvalid)
	}
	return s.write(ctx, 256, func(t *transaction) error {
		_, err := t.exec(`DELETE FROM snapshots WHERE number IN (SELECT number FROM snapshots
			WHERE stream = ? AND sha256 IS NOT NULL ORDER BY revision DESC LIMIT -1 OFFSET ?)`, []byte(id), keep)
		return err
	})
}

// AppendBlocks implements [journal.Blocks].
func (s *Store) AppendBlocks(ctx context.Context, blocks []journal.Block) error {
	size := 0
	for i := range blocks {
		if err := blocks[i].Validate(); err != nil {
			return err
		}
		size += 128 + len(blocks[i].Data)
	}
	return s.write(ctx, size, func(t *transaction) error { return t.appendBlocks(blocks) })
}

// appendBlocks checks all blocks before it executes anything, as apply must.
func (t *transaction) appendBlocks(blocks []journal.Block) error {
	type key struct {
		node     string
		sequence uint64
	}
	fresh, seen := make([]*journal.Block, 0, len(blocks)), make(map[key]*journal.Block, len(blocks))
	for i := range blocks {
		b := &blocks[i]
		there, err := seen[key{b.Node, b.Sequence}], error(nil)
		if there == nil {
			if there, err = t.block(b.Node, b.Sequence); err != nil {
				return err
			}
		}
		if there == nil {
			fresh = append(fresh, b)
			seen[key{b.Node, b.Sequence}] = b
		} else if !there.Same(b) {
			return fmt.Errorf("block %d of node %q: %w", b.Sequence, b.Node, journal.ErrBlockReused)
		}
	}
	for _, b := range fresh {
		_, err := t.exec("INSERT INTO blocks (node, sequence, account, first, last, records, data) VALUES (?, ?, ?, ?, ?, ?, ?)",
			[]byte(b.Node), int64(b.Sequence), b.Account, b.First.UnixNano(), b.Last.UnixNano(), b.Count, blob(b.Data))
		if err != nil {
			return err
		}
	}
	return nil
}

const blockColumns = "cursor, node, sequence, account, first, last, records, data"

// block returns a stored block, or nil.
func (t *transaction) block(node string, sequence uint64) (*journal.Block, error) {
	rows, err := t.w.conn.QueryContext(context.Background(), "SELECT "+blockColumns+" FROM blocks WHERE node = ? AND sequence = ?", []byte(node), int64(sequence))
	if err != nil {
		return nil, storageError(err)
	}
	defer rows.Close()
	if !rows.Next() {
		return nil, storageError(rows.Err())
	}
	b, err := scanBlock(rows)
	return &b, storageError(err)
}

// ReadBlocks implements [journal.Blocks].
func (s *Store) ReadBlocks(ctx context.Context, after journal.BlockCursor, limit int) ([]journal.Block, error) {
	if err := journal.CheckRead(limit); err != nil {
		return nil, err
	}
	var blocks []journal.Block
	err := s.query(ctx, func(rows *sql.Rows) error {
		b, err := scanBlock(rows)
		blocks = append(blocks, b)
		return err
	}, "SELECT "+blockColumns+" FROM blocks WHERE cursor > ? ORDER BY cursor LIMIT ?",
		int64(min(after, journal.BlockCursor(journal.MaxRevision))), limit)
	if err != nil {
		return nil, err
	}
	return blocks, nil
}

// FindBlocks implements [journal.Blocks].
func (s *Store) FindBlocks(ctx context.Context, q journal.BlockQuery) ([]journal.Block, error) {
	if err := q.Validate(); err != nil {
		return nil, err
	}
	var blocks []journal.Block
	err := s.query(ctx, func(rows *sql.Rows) error {
		b, err := scanBlock(rows)
		blocks = append(blocks, b)
		return err
	}, "SELECT "+blockColumns+` FROM blocks WHERE account = ? AND last >= ? AND (last, cursor) <= (?, ?)
		ORDER BY last DESC, cursor DESC LIMIT ?`,
		q.Account, journal.Nanoseconds(q.Since), journal.Nanoseconds(q.Last), int64(min(q.Cursor, journal.BlockCursor(journal.MaxRevision))), q.Limit)
	if err != nil {
		return nil, err
	}
	return blocks, nil
}

func scanBlock(rows *sql.Rows) (b journal.Block, err error) {
	var node []byte
	var first, last int64
	err = rows.Scan(&b.Cursor, &node, &b.Sequence, &b.Account, &first, &last, &b.Count, &b.Data)
	b.Node, b.First, b.Last, b.Data = string(node), time.Unix(0, first).UTC(), time.Unix(0, last).UTC(), blob(b.Data)
	return b, err
}
