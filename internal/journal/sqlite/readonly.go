package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	sqlite3 "modernc.org/sqlite/lib"

	"sallyport/internal/journal"
)

// ReadOnly is a journal opened for reading alone, whether or not a server has
// it open. It implements [journal.Exports].
type ReadOnly struct {
	path string
	db   *sql.DB
	tx   *sql.Tx
	// lock keeps a server from starting on a journal that had none; nil when a
	// server runs, or when there is no lock file because none ever did.
	lock   *os.File
	served bool
	pin    *os.File
}

// openPatience is how long OpenForBackup waits for a server that is just
// starting or stopping.
const openPatience = 10 * time.Second

// OpenForBackup opens the journal at path as it is at this moment. It neither
// creates nor changes a file. While a server has the journal open it goes on
// committing; on one that is not open, no server can start until Close.
//
// It must not be called in the process that has the store open ([Store.Export]
// is for that): closing a file there would drop the locks SQLite holds on it.
//
// Errors: [fs.ErrNotExist], and [journal.ErrCorrupt] when it is not a journal;
// [journal.ErrInvalid] when it is one of another schema version;
// [journal.ErrUnavailable] when a server is starting or stopping for longer than
// this waits.
func OpenForBackup(ctx context.Context, path string) (*ReadOnly, error) {
	r, err := openForBackup(ctx, path)
	if err != nil {
		return nil, fmt.Errorf("opening journal %s to read it: %w", path, err)
	}
	return r, nil
}

func openForBackup(ctx context.Context, path string) (*ReadOnly, error) {
	path, err := resolve(path)
	if err != nil {
		return nil, err
	}
	for deadline := time.Now().Add(openPatience); ; {
		r := &ReadOnly{path: path}
		err := r.open(ctx)
		if err == nil {
			return r, nil
		}
		r.Close() //nolint:errcheck // it could not be opened
		if !errors.Is(err, errMoving) {
			return nil, err
		}
		if time.Now().After(deadline) {
			return nil, fmt.Errorf("%w: %w", journal.ErrUnavailable, err)
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// errMoving: a server is starting or stopping, and a moment later all is clear.
var errMoving = errors.New("a server is starting or stopping")

func (r *ReadOnly) open(ctx context.Context) error {
	info, err := os.Stat(r.path)
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return fmt.Errorf("%s is not a regular file: %w", r.path, journal.ErrInvalid)
	}
	if r.lock, r.served, err = share(r.path + ".lock"); err != nil {
		return err
	}
	// From here on nobody removes the log, until SQLite has locks of its own.
	if r.pin, err = pin(r.path); err != nil {
		return err
	}
	how, err := r.how()
	if err != nil {
		return err
	}
	if r.db, err = sql.Open("sqlite", dsn(r.path, "deferred", "query_only(1)")+"&mode=ro&"+how); err != nil {
		return err
	}
	r.db.SetMaxOpenConns(1)
	if r.tx, err = r.db.BeginTx(ctx, nil); err != nil {
		return moving(err)
	}
	return r.check(ctx)
}

// how is what SQLite is told of a file that must not be touched. The log and
// its index are there while a server runs and after one has died. Without a log
// the database is whole by itself, and the lock keeps it as it is.
func (r *ReadOnly) how() (string, error) {
	log, err := sizeOf(r.path + "-wal")
	if err != nil {
		return "", err
	}
	index, err := sizeOf(r.path + "-shm")
	if err != nil {
		return "", err
	}
	switch {
	case r.served && (log < 0 || index < 0):
		return "", errMoving
	case !r.served && log <= 0:
		return "immutable=1", nil
	case index < 0:
		return "", fmt.Errorf("the log %s-wal has no index beside it; start the server once, or run \"sallyport journal verify\", which recovers it: %w", r.path, journal.ErrUnavailable)
	}
	return "readonly_shm=1", nil
}

// sizeOf is -1 for a file that is not there.
func sizeOf(path string) (int64, error) {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return -1, nil
	}
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

// check takes the read transaction's view, which lasts until Close, and refuses
// a file that is not a journal of this version.
func (r *ReadOnly) check(ctx context.Context) error {
	var app, version, tables int
	err := r.tx.QueryRowContext(ctx, `SELECT (SELECT application_id FROM pragma_application_id),
		(SELECT user_version FROM pragma_user_version), (SELECT count(*) FROM sqlite_schema)`).Scan(&app, &version, &tables)
	switch {
	case err != nil:
		return moving(err)
	case r.served && app == 0 && version == 0 && tables == 0:
		return errMoving // the first start, before it made its tables
	case app != applicationID:
		return fmt.Errorf("not a Sallyport journal: %w", journal.ErrCorrupt)
	case version != len(migrations):
		return fmt.Errorf("journal has schema version %d, this program reads %d; use the program that its server runs: %w", version, len(migrations), journal.ErrInvalid)
	}
	return nil
}

// moving tells errors that pass from those that stay.
func moving(err error) error {
	switch primaryCode(err) {
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PROTOCOL:
		return fmt.Errorf("%w: %w", errMoving, err)
	}
	return storageError(err)
}

// Export implements [journal.Exports] as of the moment the journal was opened.
func (r *ReadOnly) Export(ctx context.Context, v journal.Visitor) error {
	if r.tx == nil {
		return journal.ErrClosed
	}
	err := export(ctx, r.tx, v)
	var own *visitorError
	if errors.As(err, &own) {
		return own.err
	}
	if err != nil {
		return storageError(err)
	}
	return r.stillAlone()
}

// stillAlone catches the one thing no lock could prevent: the first server ever
// starting on a file that had no lock file yet.
func (r *ReadOnly) stillAlone() error {
	if r.served || r.lock != nil {
		return nil
	}
	size, err := sizeOf(r.path + ".lock")
	if err == nil && size >= 0 {
		err = fmt.Errorf("a server was started meanwhile: %w", journal.ErrUnavailable)
	}
	return err
}

// Close ends the reading.
func (r *ReadOnly) Close() error {
	var errs []error
	if r.tx != nil {
		errs = append(errs, r.tx.Rollback())
		r.tx = nil
	}
	if r.db != nil {
		errs = append(errs, r.db.Close())
		r.db = nil
	}
	// The pin goes after SQLite: closing it drops the process's locks.
	for _, f := range []*os.File{r.pin, r.lock} {
		if f != nil {
			errs = append(errs, f.Close())
		}
	}
	r.pin, r.lock = nil, nil
	return errors.Join(errs...)
}
