package backup

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
)

// Save has write fill a file that appears under path only when it is complete
// and on disk, with mode 0600. A file that is there is replaced only if replace
// says so; what is not a regular file never is.
func Save(path string, replace bool, write func(io.Writer) error) (err error) {
	if err := free(path, replace); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".sallyport-backup-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			f.Close()           //nolint:errcheck // the first error counts
			os.Remove(f.Name()) //nolint:errcheck // likewise
		}
	}()
	if err := write(f); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	if err := free(path, replace); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(path))
}

// free says whether path may be written.
func free(path string, replace bool) error {
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case !info.Mode().IsRegular():
		return fmt.Errorf("%s is not a regular file", path)
	case !replace:
		return fmt.Errorf("%s is there already; --force replaces it: %w", path, fs.ErrExist)
	}
	return nil
}

// Spool copies a stream that can be read once to a file that can be read again.
// The caller calls remove when done with it.
func Spool(in io.Reader) (f *os.File, remove func(), err error) {
	f, err = os.CreateTemp("", "sallyport-restore-*")
	if err != nil {
		return nil, nil, err
	}
	os.Remove(f.Name()) //nolint:errcheck // where open files can't be removed, it is later
	remove = func() {
		f.Close()           //nolint:errcheck // nothing depends on its bytes any more
		os.Remove(f.Name()) //nolint:errcheck // it may be gone
	}
	if _, err := io.Copy(f, in); err != nil {
		remove()
		return nil, nil, fmt.Errorf("reading the backup: %w", err)
	}
	return f, remove, nil
}

// syncFolder puts the names of a folder's files on disk.
func syncFolder(path string) error {
	if runtime.GOOS == "windows" {
		return nil // folders can't be synced there
	}
	dir, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}
