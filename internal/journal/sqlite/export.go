package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"sallyport/internal/journal"
)

var (
	_ journal.Exports = (*Store)(nil)
	_ journal.Exports = (*ReadOnly)(nil)
)

// Export implements [journal.Exports], in one read transaction. Meanwhile the
// log grows by what is committed.
func (s *Store) Export(ctx context.Context, v journal.Visitor) error {
	if err := s.readable(ctx); err != nil {
		return err
	}
	tx, err := s.reading.BeginTx(ctx, nil)
	if err != nil {
		return s.readError(err)
	}
	defer tx.Rollback() //nolint:errcheck // nothing was written
	err = export(ctx, tx, v)
	var own *visitorError
	if errors.As(err, &own) {
		return own.err
	}
	return s.readError(err)
}

// visitorError is an error of a visitor, which is returned as it is.
type visitorError struct{ err error }

func (e *visitorError) Error() string { return e.err.Error() }

func visited(err error) error {
	if err != nil {
		return &visitorError{err}
	}
	return nil
}

// export hands v what the transaction sees, row by row.
func export(ctx context.Context, tx *sql.Tx, v journal.Visitor) error {
	x := &exporter{ctx: ctx, tx: tx, v: v}
	for _, step := range []func() error{x.listStreams, x.entries, x.secrets, x.facts, x.blocks} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

type exporter struct {
	ctx     context.Context
	tx      *sql.Tx
	v       journal.Visitor
	streams []exported
}

// exported is a stream being exported.
type exported struct {
	id journal.StreamID
	stream
}

// each calls scan for every row of a query.
func (x *exporter) each(scan func(*sql.Rows) error, query string, args ...any) error {
	rows, err := x.tx.QueryContext(x.ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close() //nolint:errcheck // rows.Err says more
	for rows.Next() {
		if err := scan(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

func (x *exporter) listStreams() error {
	return x.each(func(rows *sql.Rows) error {
		var name []byte
		var s exported
		if err := rows.Scan(&name, &s.number, &s.head); err != nil {
			return err
		}
		s.id = journal.StreamID(name)
		x.streams = append(x.streams, s)
		return nil
	}, "SELECT name, number, head FROM streams ORDER BY name")
}

// entries checks what Open does, for a file that was not opened by it: every
// stream has exactly the entries 1 to head, and there are no others.
func (x *exporter) entries() error {
	total := int64(0)
	for _, s := range x.streams {
		next := journal.Revision(1)
		err := x.each(func(rows *sql.Rows) error {
			e := journal.Entry{Stream: s.id}
			if err := rows.Scan(&e.Revision, &e.Data); err != nil {
				return err
			}
			if e.Revision != next {
				return fmt.Errorf("stream %q has revision %d where %d belongs: %w", string(s.id), e.Revision, next, journal.ErrCorrupt)
			}
			next++
			e.Data = blob(e.Data)
			return visited(x.v.Entry(e))
		}, "SELECT revision, data FROM entries WHERE stream = ? ORDER BY revision", s.number)
		if err != nil {
			return err
		}
		if next != s.head+1 {
			return fmt.Errorf("stream %q has head %d and %d entries: %w", string(s.id), s.head, next-1, journal.ErrCorrupt)
		}
		total += int64(s.head)
	}
	return x.noMore("entries", total)
}

func (x *exporter) secrets() error {
	total := int64(0)
	for _, s := range x.streams {
		err := x.each(func(rows *sql.Rows) error {
			var id []byte
			secret := journal.Secret{Stream: s.id}
			if err := rows.Scan(&id, &secret.Sealed); err != nil {
				return err
			}
			total++
			secret.ID, secret.Sealed = string(id), blob(secret.Sealed)
			return visited(x.v.Secret(secret))
		}, "SELECT id, sealed FROM secrets WHERE stream = ? ORDER BY id", s.number)
		if err != nil {
			return err
		}
	}
	return x.noMore("secrets", total)
}

// noMore checks that the rows found by stream were all the table has.
func (x *exporter) noMore(table string, found int64) error {
	return x.each(func(rows *sql.Rows) error {
		var all int64
		if err := rows.Scan(&all); err != nil {
			return err
		}
		if all != found {
			return fmt.Errorf("%d of %d %s are of no stream: %w", all-found, all, table, journal.ErrCorrupt)
		}
		return nil
	}, "SELECT count(*) FROM "+table)
}

func (x *exporter) facts() error {
	return x.each(func(rows *sql.Rows) error {
		var key []byte
		var expires sql.NullInt64
		var f journal.Fact
		if err := rows.Scan(&key, &f.Value, &expires); err != nil {
			return err
		}
		f.Key, f.Value = string(key), blob(f.Value)
		if expires.Valid {
			f.Expires = time.Unix(0, expires.Int64).UTC()
		}
		return visited(x.v.Fact(f))
	}, "SELECT key, value, expires FROM facts ORDER BY key")
}

func (x *exporter) blocks() error {
	return x.each(func(rows *sql.Rows) error {
		b, err := scanBlock(rows)
		if err != nil {
			return err
		}
		return visited(x.v.Block(b))
	}, "SELECT "+blockColumns+" FROM blocks ORDER BY cursor")
}
