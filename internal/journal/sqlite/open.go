package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	sqlite3 "modernc.org/sqlite/lib"

	"sallyport/internal/journal"
)

// Options of Open. The zero value is what production uses.
type Options struct {
	// Readers bounds the reading connections; 0 means one per CPU and at least 4.
	Readers int
	// Check runs SQLite's full integrity check before the store is used. It reads
	// the whole file.
	Check bool
}

// Store implements [journal.Store].
type Store struct {
	path    string
	lock    *os.File
	writing *sql.DB // one connection, owned by the writer goroutine
	reading *sql.DB
	writer  *writer

	failure atomic.Pointer[error] // the storage error that closed the store to writes

	mu       sync.RWMutex // held for reading while handing a write to the writer
	closed   bool
	closeErr error
	done     chan struct{} // closed when Close has finished
}

var _ journal.Store = (*Store)(nil)

// Open opens the journal at path, creating it (its folder must exist). Errors:
// [journal.ErrLocked] while another process has it open, [journal.ErrCorrupt] when
// the file is not a journal or contradicts itself.
func Open(ctx context.Context, path string, opts Options) (*Store, error) {
	s, err := open(ctx, path, opts)
	if err != nil {
		return nil, fmt.Errorf("opening journal %s: %w", path, err)
	}
	return s, nil
}

func open(ctx context.Context, path string, opts Options) (_ *Store, err error) {
	if path, err = resolve(path); err != nil {
		return nil, err
	}
	s := &Store{path: path, done: make(chan struct{})}
	if s.lock, err = acquire(path + ".lock"); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			s.release()
		}
	}()
	if err := prepareFile(path); err != nil {
		return nil, err
	}
	if s.writing, err = sql.Open("sqlite", dsn(path, "immediate",
		"journal_mode(WAL)", "wal_autocheckpoint(0)", "cache_size(-16384)", "secure_delete(FAST)", "journal_size_limit(67108864)")); err != nil {
		return nil, err
	}
	s.writing.SetMaxOpenConns(1)
	conn, err := s.writing.Conn(ctx)
	if err != nil {
		return nil, storageError(err)
	}
	if err := prepareDatabase(ctx, conn, path, opts); err != nil {
		return nil, err
	}
	if err := syncFolder(path); err != nil {
		return nil, err
	}
	if s.reading, err = sql.Open("sqlite", dsn(path, "deferred", "query_only(1)")); err != nil {
		return nil, err
	}
	readers := opts.Readers
	if readers <= 0 {
		readers = max(4, runtime.NumCPU())
	}
	s.reading.SetMaxOpenConns(readers)
	s.reading.SetMaxIdleConns(readers)
	if s.writer, err = newWriter(ctx, s, conn); err != nil {
		return nil, err
	}
	go s.writer.run()
	return s, nil
}

// resolve returns one name for one file, so that the lock beside it is one too.
func resolve(path string) (string, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	resolved, err := filepath.EvalSymlinks(path)
	if errors.Is(err, fs.ErrNotExist) {
		var folder string
		if folder, err = filepath.EvalSymlinks(filepath.Dir(path)); err == nil {
			resolved = filepath.Join(folder, filepath.Base(path))
		}
	}
	return resolved, err
}

// prepareFile creates the database file with mode 0600, which SQLite gives the
// log too, or narrows the mode of one that is there.
func prepareFile(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err == nil {
		if err = f.Sync(); err == nil {
			err = syncFolder(path)
		}
		return errors.Join(err, f.Close())
	}
	if !errors.Is(err, fs.ErrExist) {
		return err
	}
	for _, name := range []string{path, path + "-wal", path + "-shm"} {
		info, err := os.Lstat(name)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			continue
		case err != nil:
			return err
		case !info.Mode().IsRegular():
			return fmt.Errorf("%s is not a regular file: %w", name, journal.ErrInvalid)
		case info.Mode().Perm()&0o077 != 0:
			if err := os.Chmod(name, 0o600); err != nil {
				return err
			}
		}
	}
	return nil
}

// busyTimeout is how long a statement waits for a foreign program's lock.
const busyTimeout = 10 * time.Second

// dsn names the database for database/sql; the path is escaped because a URI
// may hold '?', '#' and '%' only so.
func dsn(path, txlock string, pragmas ...string) string {
	query := url.Values{"_txlock": {txlock}}
	for _, p := range append([]string{fmt.Sprintf("busy_timeout(%d)", busyTimeout.Milliseconds()), "synchronous(FULL)", "foreign_keys(1)",
		"trusted_schema(0)", "cell_size_check(1)", "temp_store(MEMORY)"}, pragmas...) {
		query.Add("_pragma", p)
	}
	escaped := (&url.URL{Path: filepath.ToSlash(path)}).EscapedPath()
	if !strings.HasPrefix(escaped, "/") { // a drive letter
		escaped = "/" + escaped
	}
	return "file:" + escaped + "?" + query.Encode()
}

// prepareDatabase checks that the settings took effect, migrates, and settles the
// log: after a failed fsync the log that was just read may be in the kernel's
// memory only, and writing it again is the way to be sure.
func prepareDatabase(ctx context.Context, conn *sql.Conn, path string, opts Options) error {
	var mode string
	var synchronous int
	if err := conn.QueryRowContext(ctx, "PRAGMA journal_mode").Scan(&mode); err != nil {
		return storageError(err)
	}
	if err := conn.QueryRowContext(ctx, "PRAGMA synchronous").Scan(&synchronous); err != nil {
		return storageError(err)
	}
	if mode != "wal" || synchronous != 2 {
		return fmt.Errorf("SQLite runs with journal_mode=%s synchronous=%d, want wal and 2 (FULL)", mode, synchronous)
	}
	if opts.Check {
		var verdict string
		if err := conn.QueryRowContext(ctx, "PRAGMA integrity_check(1)").Scan(&verdict); err != nil {
			return storageError(err)
		}
		if verdict != "ok" {
			return fmt.Errorf("integrity check: %s: %w", verdict, journal.ErrCorrupt)
		}
	}
	if err := migrate(ctx, conn); err != nil {
		return err
	}
	// Snapshots a crash left unfinished.
	if _, err := conn.ExecContext(ctx, "DELETE FROM snapshots WHERE sha256 IS NULL"); err != nil {
		return storageError(err)
	}
	return settleLog(ctx, conn, path)
}

// settleLog moves the whole log into the database. A backup that reads what the
// log holds keeps it from that; then the log itself is written anew.
func settleLog(ctx context.Context, conn *sql.Conn, path string) error {
	if _, err := conn.ExecContext(ctx, "PRAGMA busy_timeout(500)"); err != nil {
		return storageError(err)
	}
	var busy, inLog, moved int
	if err := conn.QueryRowContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &inLog, &moved); err != nil {
		return storageError(err)
	}
	if busy != 0 {
		// A reader is welcome. A program that writes is not: this one takes its
		// memory for the file's content.
		switch _, err := conn.ExecContext(ctx, "BEGIN IMMEDIATE; ROLLBACK"); {
		case primaryCode(err) == sqlite3.SQLITE_BUSY:
			return fmt.Errorf("another program is writing to the database: %w", journal.ErrLocked)
		case err != nil:
			return storageError(err)
		}
		if err := rewrite(path + "-wal"); err != nil {
			return err
		}
	}
	_, err := conn.ExecContext(ctx, fmt.Sprintf("PRAGMA busy_timeout(%d)", busyTimeout.Milliseconds()))
	return storageError(err)
}

// rewrite puts a file's bytes where they are once more and syncs them, for those
// that the kernel has but the disk may not.
func rewrite(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer f.Close() //nolint:errcheck // synced below
	buffer := make([]byte, 1<<20)
	for at := int64(0); ; {
		n, err := f.ReadAt(buffer, at)
		if n > 0 {
			if _, err := f.WriteAt(buffer[:n], at); err != nil {
				return err
			}
			at += int64(n)
		}
		if errors.Is(err, io.EOF) {
			return f.Sync()
		}
		if err != nil {
			return err
		}
	}
}

// syncFolder makes the names of files in path's folder durable.
func syncFolder(path string) error {
	if runtime.GOOS == "windows" {
		return nil // folders can't be synced there; NTFS journals names itself
	}
	folder, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}

// Close implements [journal.Store]: waiting writes are done, the log is moved
// into the database, and the lock is released.
func (s *Store) Close() error {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		<-s.done
		return s.closeErr
	}
	s.closed = true
	close(s.writer.queue)
	s.mu.Unlock()
	<-s.writer.stopped
	s.closeErr = s.release()
	close(s.done)
	return s.closeErr
}

// release closes what Open opened, the lock last.
func (s *Store) release() error {
	var errs []error
	if s.reading != nil {
		errs = append(errs, s.reading.Close())
	}
	if s.writing != nil {
		errs = append(errs, s.writing.Close())
	}
	return errors.Join(append(errs, s.lock.Close())...)
}
