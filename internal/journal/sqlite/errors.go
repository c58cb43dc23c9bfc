package sqlite

import (
	"context"
	"errors"
	"fmt"

	driver "modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"sallyport/internal/journal"
)

// fault is an error of the storage itself, as opposed to a refusal of one write.
type fault struct{ err error }

func (f *fault) Error() string { return f.err.Error() }
func (f *fault) Unwrap() error { return f.err }

// storageError classifies an error of SQLite. SQLite's messages name tables and
// columns, never values.
func storageError(err error) error {
	if err == nil {
		return nil
	}
	var f *fault
	if errors.As(err, &f) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	switch primaryCode(err) {
	case sqlite3.SQLITE_FULL:
		err = fmt.Errorf("%w: %w", journal.ErrFull, err)
	case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CONSTRAINT:
		// Every constraint is checked before it could fail, so a violation means
		// that the file does not hold what was written.
		err = fmt.Errorf("%w: %w", journal.ErrCorrupt, err)
	}
	return &fault{fmt.Errorf("sqlite: %w", err)}
}

// primaryCode returns SQLite's primary result code, or 0.
func primaryCode(err error) int {
	var e *driver.Error
	if errors.As(err, &e) {
		return e.Code() & 0xff
	}
	return 0
}
