package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"sallyport/internal/journal"
)

type blockKey struct {
	node     string
	sequence uint64
}

// AppendBlocks implements [journal.Blocks]. Cursors are taken from the one row of
// table cursor, which is locked until the transaction ends: whoever reads a block
// has been shown all that have a lower cursor.
func (s *Store) AppendBlocks(ctx context.Context, blocks []journal.Block) error {
	for i := range blocks {
		if err := blocks[i].Validate(); err != nil {
			return err
		}
	}
	if len(blocks) == 0 {
		return s.usable(ctx)
	}
	return s.write(ctx, func(ctx context.Context, c *pgx.Conn, _ bool) error {
		err := appendBlocks(ctx, c, blocks)
		rollback(ctx, c)
		return err
	})
}

func appendBlocks(ctx context.Context, c *pgx.Conn, blocks []journal.Block) error {
	last, there, err := beginAppend(ctx, c, blocks)
	if err != nil {
		return err
	}
	next := last - int64(len(blocks)) + 1
	var b pgx.Batch
	for i := range blocks {
		one := &blocks[i]
		key := blockKey{one.Node, one.Sequence}
		if old := there[key]; old != nil {
			if !old.Same(one) {
				return fmt.Errorf("block %d of node %q: %w", one.Sequence, one.Node, journal.ErrBlockReused)
			}
			continue
		}
		there[key] = one
		b.Queue(`INSERT INTO sallyport.blocks (cursor, node, sequence, account, first, last, records, data)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`, next, []byte(one.Node), int64(one.Sequence), one.Account,
			one.First.UnixNano(), one.Last.UnixNano(), int64(one.Count), blob(one.Data))
		next++
	}
	// Committed even if there is nothing new: that makes sure of what was found.
	b.Queue("COMMIT").Exec(func(tag pgconn.CommandTag) error { return commitTag(tag.String()) })
	return c.SendBatch(ctx, &b).Close()
}

// beginAppend begins the transaction, takes cursors, and returns the last of them
// and those of the blocks that are there already.
func beginAppend(ctx context.Context, c *pgx.Conn, blocks []journal.Block) (last int64, there map[blockKey]*journal.Block, err error) {
	nodes, sequences := make([][]byte, len(blocks)), make([]int64, len(blocks))
	for i := range blocks {
		nodes[i], sequences[i] = []byte(blocks[i].Node), int64(blocks[i].Sequence)
	}
	there = make(map[blockKey]*journal.Block)
	var b pgx.Batch
	b.Queue(beginWriting)
	b.Queue("UPDATE sallyport.cursor SET cursor = cursor + $1 RETURNING cursor", len(blocks)).
		QueryRow(func(row pgx.Row) error { return row.Scan(&last) })
	b.Queue("SELECT "+blockColumns+` FROM sallyport.blocks b
		JOIN unnest($1::bytea[], $2::bigint[]) AS k (node, sequence) ON b.node = k.node AND b.sequence = k.sequence`, nodes, sequences).
		Query(func(rows pgx.Rows) error {
			for rows.Next() {
				one, err := scanBlock(rows)
				if err != nil {
					return err
				}
				there[blockKey{one.Node, one.Sequence}] = &one
			}
			return rows.Err()
		})
	err = c.SendBatch(ctx, &b).Close()
	return last, there, err
}

const blockColumns = "b.cursor, b.node, b.sequence, b.account, b.first, b.last, b.records, b.data"

// ReadBlocks implements [journal.Blocks].
func (s *Store) ReadBlocks(ctx context.Context, after journal.BlockCursor, limit int) ([]journal.Block, error) {
	if err := journal.CheckRead(limit); err != nil {
		return nil, err
	}
	return s.readBlocks(ctx, "WHERE b.cursor > $1 ORDER BY b.cursor LIMIT $2",
		int64(min(after, journal.BlockCursor(journal.MaxRevision))), limit)
}

// FindBlocks implements [journal.Blocks].
func (s *Store) FindBlocks(ctx context.Context, q journal.BlockQuery) ([]journal.Block, error) {
	if err := q.Validate(); err != nil {
		return nil, err
	}
	return s.readBlocks(ctx, `WHERE b.account = $1 AND b.last >= $2 AND (b.last, b.cursor) <= ($3, $4)
		ORDER BY b.last DESC, b.cursor DESC LIMIT $5`,
		q.Account, journal.Nanoseconds(q.Since), journal.Nanoseconds(q.Last), int64(min(q.Cursor, journal.BlockCursor(journal.MaxRevision))), q.Limit)
}

// readBlocks returns the blocks of a query, which where ends.
func (s *Store) readBlocks(ctx context.Context, where string, args ...any) ([]journal.Block, error) {
	var blocks []journal.Block
	err := s.read(ctx, func(ctx context.Context, c *pgx.Conn) error {
		blocks = nil
		rows, err := c.Query(ctx, "SELECT "+blockColumns+" FROM sallyport.blocks b "+where, args...)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			b, err := scanBlock(rows)
			if err != nil {
				return err
			}
			blocks = append(blocks, b)
		}
		rows.Close()
		return rows.Err()
	})
	if err != nil {
		return nil, err
	}
	return blocks, nil
}

func scanBlock(rows pgx.Rows) (b journal.Block, err error) {
	var node []byte
	var cursor, sequence, first, last int64
	err = rows.Scan(&cursor, &node, &sequence, &b.Account, &first, &last, &b.Count, &b.Data)
	b.Cursor, b.Sequence = journal.BlockCursor(cursor), uint64(sequence)
	b.Node, b.First, b.Last, b.Data = string(node), time.Unix(0, first).UTC(), time.Unix(0, last).UTC(), blob(b.Data)
	return b, err
}
