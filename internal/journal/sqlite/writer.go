package sqlite

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"

	sqlite3 "modernc.org/sqlite/lib"

	"sallyport/internal/journal"
	"sallyport/internal/journal/group"
)

// checkpointPages is about how many pages of log accumulate before they are moved
// into the database: 4 MiB, SQLite's own default.
const checkpointPages = 1000

// write is one caller's write on its way through the writer goroutine.
type write struct {
	// apply checks, then executes. A returned [fault] spoils the transaction; any
	// other error refuses this write alone, and apply must not have executed
	// anything by then.
	apply func(t *transaction) error
	err   error
	*group.Ticket
}

// write has apply executed in the next transaction and waits until it is durable.
// Once it is taken the context no longer matters: the answer is always definite.
func (s *Store) write(ctx context.Context, size int, apply func(*transaction) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	w := &write{apply: apply, Ticket: group.NewTicket(size)}
	if err := s.enqueue(ctx, w); err != nil {
		return err
	}
	return w.Wait(ctx)
}

func (s *Store) enqueue(ctx context.Context, w *write) error {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.closed {
		return journal.ErrClosed
	}
	select {
	case s.writer.queue <- w:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// writer is the goroutine that owns the writing connection.
type writer struct {
	store   *Store
	conn    *sql.Conn
	queue   chan *write
	stopped chan struct{}

	statements map[string]*sql.Stmt
	pages      int // of log, about, since the last checkpoint

	// The committed state that decisions are made on. This process alone writes
	// the file, so memory is as good as a query.
	streams map[journal.StreamID]stream
	digests map[string][sha256.Size]byte // remembered batches
	ids     []string                     // their ids, oldest first
	batch   int64                        // number of the newest
}

type stream struct {
	number int64
	head   journal.Revision
}

func (w *writer) run() {
	defer close(w.stopped)
	for first := range w.queue {
		if writes := group.Collect(first, w.queue); len(writes) > 0 {
			w.commit(writes)
			w.checkpoint()
		}
	}
	// SQLite moves the log into the database when its last connection closes, and
	// a connection with statements left never does.
	for _, stmt := range w.statements {
		stmt.Close() //nolint:errcheck // it holds nothing
	}
	w.conn.Close()
}

// commit executes a group in one transaction and answers every write in it.
func (w *writer) commit(writes []*write) {
	err := w.try(writes)
	if errors.Is(err, journal.ErrFull) && len(writes) > 1 {
		// One large write must not fail the small ones that still fit.
		for _, one := range writes {
			w.commit([]*write{one})
		}
		return
	}
	for _, one := range writes {
		if err != nil {
			// Also for a refused write: it was refused on a state that never came to be.
			one.err = err
		}
		one.Answer(one.err)
	}
}

// try runs the group's transaction. It returns nil when the group is durable
// (except for writes refused by themselves), else an error for all of it.
func (w *writer) try(writes []*write) error {
	if cause := w.store.failure.Load(); cause != nil {
		return fmt.Errorf("%w: %w", journal.ErrFailed, *cause)
	}
	t := &transaction{w: w, streams: make(map[journal.StreamID]stream), digests: make(map[string][sha256.Size]byte)}
	if err := w.exec("BEGIN IMMEDIATE"); primaryCode(err) == sqlite3.SQLITE_BUSY {
		return err // a foreign program holds the database; nothing has happened
	} else if err != nil {
		return w.fail(err)
	}
	for _, one := range writes {
		one.err = one.apply(t)
		var f *fault
		if errors.As(one.err, &f) {
			return w.fail(w.rollback(f))
		}
		w.pages += 2 + one.Bytes()/2048
	}
	if !t.wrote {
		return w.fail(w.rollback(nil))
	}
	if err := t.finish(); err != nil {
		return w.fail(w.rollback(err))
	}
	if err := w.exec("COMMIT"); err != nil {
		// A full disk keeps the log from receiving the frame that marks the commit,
		// so nothing is there. With any other error it may be.
		if !errors.Is(err, journal.ErrFull) {
			err = fmt.Errorf("%w: %w", journal.ErrOutcomeUnknown, err)
		}
		return w.fail(w.rollback(err))
	}
	w.pages += 8
	t.publish()
	return nil
}

// fail closes the store to writes unless err is nil or a full disk, and returns
// err as the seam names it: unless it came from COMMIT, nothing was written.
func (w *writer) fail(err error) error {
	if err == nil || errors.Is(err, journal.ErrFull) {
		return err
	}
	w.store.failure.CompareAndSwap(nil, &err)
	if errors.Is(err, journal.ErrOutcomeUnknown) {
		return err
	}
	return fmt.Errorf("%w: %w", journal.ErrFailed, err)
}

// rollback ends the transaction and returns cause. Some errors have SQLite roll
// back by itself, after which there is no transaction to end (SQLITE_ERROR).
func (w *writer) rollback(cause error) error {
	if err := w.exec("ROLLBACK"); err != nil && (cause == nil || primaryCode(err) != sqlite3.SQLITE_ERROR) {
		// Not wrapped as what it was: a failed rollback must not pass as a full disk,
		// after which the store would go on.
		return &fault{fmt.Errorf("rolling back: %v (after: %v)", err, cause)}
	}
	return cause
}

// checkpoint moves the log into the database when enough has accumulated. The
// callers have been answered; only the next group waits.
func (w *writer) checkpoint() {
	if w.pages < checkpointPages || w.store.failure.Load() != nil {
		return
	}
	w.pages = 0
	var busy, inLog, moved int
	err := w.conn.QueryRowContext(context.Background(), "PRAGMA wal_checkpoint(PASSIVE)").Scan(&busy, &inLog, &moved)
	w.fail(storageError(err))
}

// exec executes one statement, prepared on first use.
func (w *writer) exec(query string, args ...any) error {
	_, err := w.execResult(query, args...)
	return err
}

func (w *writer) execResult(query string, args ...any) (sql.Result, error) {
	stmt, ok := w.statements[query]
	if !ok {
		var err error
		if stmt, err = w.conn.PrepareContext(context.Background(), query); err != nil {
			return nil, storageError(err)
		}
		w.statements[query] = stmt
	}
	result, err := stmt.Exec(args...)
	return result, storageError(err)
}
