package sqlite

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"sync/atomic"

	sqlite3 "modernc.org/sqlite/lib"

	"sallyport/internal/journal"
)

const (
	queueLength   = 1024
	maxGroup      = 512     // writes of one transaction
	maxGroupBytes = 8 << 20 // after which no further write is taken into it

	// checkpointPages is about how many pages of log accumulate before they are
	// moved into the database: 4 MiB, SQLite's own default.
	checkpointPages = 1000
)

// write is one caller's write on its way through the writer goroutine.
type write struct {
	// apply checks, then executes. A returned [fault] spoils the transaction; any
	// other error refuses this write alone, and apply must not have executed
	// anything by then.
	apply func(t *transaction) error
	size  int // bytes, about

	claimed atomic.Bool // by the writer when it takes it, or by a caller giving up
	err     error
	done    chan struct{}
}

// write has apply executed in the next transaction and waits until it is durable.
// Once it is taken the context no longer matters: the answer is always definite.
func (s *Store) write(ctx context.Context, size int, apply func(*transaction) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	w := &write{apply: apply, size: size, done: make(chan struct{})}
	if err := s.enqueue(ctx, w); err != nil {
		return err
	}
	select {
	case <-w.done:
		return w.err
	case <-ctx.Done():
		if w.claimed.CompareAndSwap(false, true) {
			return ctx.Err()
		}
		<-w.done
		return w.err
	}
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
		if group := w.collect(first); len(group) > 0 {
			w.commit(group)
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

// collect takes what is waiting, up to the bounds of a group.
func (w *writer) collect(next *write) []*write {
	var group []*write
	for size := 0; ; {
		if next.claimed.CompareAndSwap(false, true) {
			group = append(group, next)
			size += next.size
		}
		if len(group) == maxGroup || size >= maxGroupBytes {
			return group
		}
		select {
		case more, open := <-w.queue:
			if !open {
				return group
			}
			next = more
		default:
			return group
		}
	}
}

// commit executes a group in one transaction and answers every write in it.
func (w *writer) commit(group []*write) {
	err := w.try(group)
	if errors.Is(err, journal.ErrFull) && len(group) > 1 {
		// One large write must not fail the small ones that still fit.
		for _, one := range group {
			w.commit([]*write{one})
		}
		return
	}
	for _, one := range group {
		if err != nil {
			// Also for a refused write: it was refused on a state that never came to be.
			one.err = err
		}
		close(one.done)
	}
}

// try runs the group's transaction. It returns nil when the group is durable
// (except for writes refused by themselves), else an error for all of it.
func (w *writer) try(group []*write) error {
	if cause := w.store.failure.Load(); cause != nil {
		return fmt.Errorf("%w: %w", journal.ErrFailed, *cause)
	}
	t := &transaction{w: w, streams: make(map[journal.StreamID]stream), digests: make(map[string][sha256.Size]byte)}
	if err := w.exec("BEGIN IMMEDIATE"); primaryCode(err) == sqlite3.SQLITE_BUSY {
		return err // a foreign program holds the database; nothing has happened
	} else if err != nil {
		return w.fail(err)
	}
	for _, one := range group {
		one.err = one.apply(t)
		var f *fault
		if errors.As(one.err, &f) {
			return w.fail(w.rollback(f))
		}
		w.pages += 2 + one.size/2048
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
