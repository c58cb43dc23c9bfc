package sqlite

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"golang.org/x/sys/windows"

	"sallyport/internal/journal"
)

// acquire takes an exclusive lock on path, creating the file. The lock vanishes
// with the process.
func acquire(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	const flags = windows.LOCKFILE_EXCLUSIVE_LOCK | windows.LOCKFILE_FAIL_IMMEDIATELY
	err = windows.LockFileEx(windows.Handle(f.Fd()), flags, 0, 1, 0, new(windows.Overlapped))
	if err == nil {
		return f, nil
	}
	f.Close()
	if errors.Is(err, windows.ERROR_LOCK_VIOLATION) {
		return nil, fmt.Errorf("%s is held: %w", path, journal.ErrLocked)
	}
	return nil, fmt.Errorf("locking %s: %w", path, err)
}

// share takes the lock on path together with others that read. It reports
// whether a store holds it instead. Without the file there is nothing to take.
func share(path string) (f *os.File, held bool, err error) {
	f, err = os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, err
	}
	err = windows.LockFileEx(windows.Handle(f.Fd()), windows.LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, new(windows.Overlapped))
	if err == nil {
		return f, false, nil
	}
	f.Close() //nolint:errcheck // opened for reading
	if errors.Is(err, windows.ERROR_LOCK_VIOLATION) {
		return nil, true, nil
	}
	return nil, false, fmt.Errorf("locking %s: %w", path, err)
}

// pin keeps the log beside the database at path from being removed: files that
// are open can't be here.
func pin(path string) (*os.File, error) { return os.Open(path) }
