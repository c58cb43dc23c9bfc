//go:build unix

package sqlite

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"golang.org/x/sys/unix"

	"sallyport/internal/journal"
)

// acquire takes an exclusive lock on path, creating the file. The lock is the
// process's own (flock) and vanishes with it; the file stays, because removing a
// lock file lets two processes lock two different files of one name.
func acquire(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	for {
		err = unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		if !errors.Is(err, unix.EINTR) {
			break
		}
	}
	if err == nil {
		return f, nil
	}
	f.Close()
	if errors.Is(err, unix.EWOULDBLOCK) {
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
	for {
		err = unix.Flock(int(f.Fd()), unix.LOCK_SH|unix.LOCK_NB)
		if !errors.Is(err, unix.EINTR) {
			break
		}
	}
	if err == nil {
		return f, false, nil
	}
	f.Close() //nolint:errcheck // opened for reading
	if errors.Is(err, unix.EWOULDBLOCK) {
		return nil, true, nil
	}
	return nil, false, fmt.Errorf("locking %s: %w", path, err)
}

// The bytes that SQLite's readers of a database hold locked (its file format's
// "shared range"). Whoever closes it last removes the log only when nobody does.
const (
	sharedFirst = 0x40000000 + 2
	sharedSize  = 510
)

// pin keeps the log beside the database at path from being removed.
func pin(path string) (*os.File, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	lock := unix.Flock_t{Type: unix.F_RDLCK, Start: sharedFirst, Len: sharedSize}
	err = unix.FcntlFlock(f.Fd(), unix.F_SETLK, &lock)
	if err == nil {
		return f, nil
	}
	f.Close() //nolint:errcheck // opened for reading
	if errors.Is(err, unix.EAGAIN) || errors.Is(err, unix.EACCES) {
		return nil, errMoving
	}
	return nil, fmt.Errorf("locking %s: %w", path, err)
}
