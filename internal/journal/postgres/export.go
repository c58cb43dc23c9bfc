package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"sallyport/internal/journal"
)

// Export implements [journal.Exports] in one transaction, which sees one moment,
// on a connection of its own. Rows are handed on as they arrive, so memory holds
// one at a time. A connection that is lost ends the export: what was handed out
// can't be taken back.
func (s *Store) Export(ctx context.Context, v journal.Visitor) error {
	var c *pgx.Conn
	err := s.retry(ctx, func(bool) (err error) {
		if c, err = pgx.ConnectConfig(ctx, s.config.Copy()); err != nil && ctx.Err() == nil {
			return connectFailure(err)
		}
		return err
	})
	if err != nil {
		return err
	}
	// Closed at once, also in the middle of a result.
	defer c.PgConn().Conn().Close() //nolint:errcheck // nothing was written
	e := &export{ctx: ctx, c: c, v: v}
	err = e.run()
	var lost *transient
	switch classified := failure(c, err); {
	case e.refused != nil:
		return e.refused
	case err != nil && ctx.Err() != nil:
		return ctx.Err()
	case errors.As(classified, &lost):
		return gaveUp(false, classified)
	default:
		return classified
	}
}

// export is one run of Export.
type export struct {
	ctx     context.Context
	c       *pgx.Conn
	v       journal.Visitor
	refused error // what a visitor's function returned
}

func (e *export) run() error {
	for _, statement := range []string{
		"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
		"SET LOCAL statement_timeout = 0", // however long the visitor takes
		"SET LOCAL idle_in_transaction_session_timeout = 0",
	} {
		if _, err := e.c.Exec(e.ctx, statement); err != nil {
			return err
		}
	}
	for _, step := range []func() error{e.streams, e.secrets, e.facts, e.blocks} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// visit keeps apart errors of the visitor from those of the database. With the
// connection it drops the rest of the result, which would be read to its end.
func (e *export) visit(err error) error {
	if err != nil {
		e.refused = err
		e.c.PgConn().Conn().Close() //nolint:errcheck // given up
	}
	return err
}

// each calls fn for every row of a query, which scans into args.
func (e *export) each(fn func() error, into []any, query string, args ...any) error {
	rows, err := e.c.Query(e.ctx, query, args...)
	if err != nil {
		return err
	}
	_, err = pgx.ForEachRow(rows, into, fn)
	return err
}

// namePage is how many streams are listed at a time.
const namePage = 1000

func (e *export) streams() error {
	after, more := []byte{}, true
	for more {
		var page []stream
		var name []byte
		var number, head int64
		err := e.each(func() error {
			page = append(page, stream{name: journal.StreamID(name), number: number, head: journal.Revision(head)})
			return nil
		}, []any{&name, &number, &head}, "SELECT name, number, head FROM sallyport.streams WHERE name > $1 ORDER BY name LIMIT $2", after, namePage)
		if err != nil {
			return err
		}
		for i := range page {
			if err := e.entries(&page[i]); err != nil {
				return err
			}
			after = []byte(page[i].name)
		}
		more = len(page) == namePage
	}
	return nil
}

func (e *export) entries(at *stream) error {
	var revision int64
	var data []byte
	last := journal.Revision(0)
	err := e.each(func() error {
		if journal.Revision(revision) != last+1 {
			return fmt.Errorf("stream %q has revision %d where %d belongs: %w", string(at.name), revision, last+1, journal.ErrCorrupt)
		}
		last++
		return e.visit(e.v.Entry(journal.Entry{Stream: at.name, Revision: last, Data: blob(data)}))
	}, []any{&revision, &data}, "SELECT revision, data FROM sallyport.entries WHERE stream = $1 ORDER BY revision", at.number)
	if err == nil && last != at.head {
		err = fmt.Errorf("stream %q is at revision %d, and entry %d is the last: %w", string(at.name), at.head, last, journal.ErrCorrupt)
	}
	return err
}

func (e *export) secrets() error {
	var name, id, sealed []byte
	return e.each(func() error {
		return e.visit(e.v.Secret(journal.Secret{Stream: journal.StreamID(name), ID: string(id), Sealed: blob(sealed)}))
	}, []any{&name, &id, &sealed}, `SELECT s.name, x.id, x.sealed FROM sallyport.secrets x
		JOIN sallyport.streams s ON s.number = x.stream ORDER BY s.name, x.id`)
}

func (e *export) facts() error {
	var key, value []byte
	var expires *int64
	return e.each(func() error {
		f := journal.Fact{Key: string(key), Value: blob(value)}
		if expires != nil {
			f.Expires = time.Unix(0, *expires).UTC()
		}
		return e.visit(e.v.Fact(f))
	}, []any{&key, &value, &expires}, "SELECT key, value, expires FROM sallyport.facts ORDER BY key")
}

func (e *export) blocks() error {
	rows, err := e.c.Query(e.ctx, "SELECT "+blockColumns+" FROM sallyport.blocks b ORDER BY b.cursor")
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		b, err := scanBlock(rows)
		if err != nil {
			return err
		}
		if err := e.visit(e.v.Block(b)); err != nil {
			return err
		}
	}
	rows.Close()
	return rows.Err()
}
