package app

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"sallyport/internal/backup"
	"sallyport/internal/journal"
	"sallyport/internal/journal/sqlite"
)

// A BackupSource is a store opened to be read as a whole.
type BackupSource interface {
	journal.Exports
	Close() error
}

// storeURL is the store that a command's flags name: SQLite under the data
// folder unless they say otherwise.
func storeURL(data, store string) (string, error) {
	if store != "" {
		return store, nil
	}
	if data == "" {
		return "", errors.New("no data folder: give --data or --store")
	}
	return "sqlite:" + filepath.Join(data, "sallyport.db"), nil
}

// OpenForBackup opens a store to read all of it, while servers go on using it.
func OpenForBackup(ctx context.Context, data, store string) (BackupSource, error) {
	store, err := storeURL(data, store)
	if err != nil {
		return nil, err
	}
	driver, path, err := splitStore(store)
	if err != nil {
		return nil, err
	}
	if driver == "sqlite" {
		return sqlite.OpenForBackup(ctx, path)
	}
	return openWhole(ctx, driver, store)
}

// moving is a store that servers may have open beside this process, as it was found
// without any.
type moving struct {
	backup.Target
	shared   journal.Shared
	position journal.Position
	leases   map[string]uint64 // node → renewal
}

// Unchanged implements [backup.Shared].
func (m *moving) Unchanged(ctx context.Context) error {
	leases, position, err := m.shared.Leases(ctx)
	if err != nil {
		return err
	}
	if position != m.position || renewed(m.leases, leases) {
		return backup.ErrChanged
	}
	return nil
}

// renewed reports whether a node has joined or renewed its lease.
func renewed(before map[string]uint64, now []journal.Lease) bool {
	for _, l := range now {
		if before[l.Node] != l.Renewal {
			return true
		}
	}
	return false
}

// OpenToMove opens the store of stopped servers to read all of it, and refuses
// one whose servers run: what they add would not be moved. A SQLite file stays
// locked; of a shared store [backup.Restore] asks at its end if a server has
// started meanwhile.
func OpenToMove(ctx context.Context, store string) (BackupSource, error) {
	driver, path, err := splitStore(store)
	if err != nil {
		return nil, err
	}
	if driver == "sqlite" {
		if _, err := os.Stat(path); err != nil {
			return nil, fmt.Errorf("journal: %w", err)
		}
	}
	whole, err := openWhole(ctx, driver, store)
	if err != nil {
		return nil, err
	}
	shared, ok := whole.(journal.Shared)
	if !ok {
		return whole, nil
	}
	m := &moving{Target: whole, shared: shared}
	if err := m.find(ctx); err != nil {
		return nil, errors.Join(err, whole.Close())
	}
	return m, nil
}

// find notes what the store is like, and refuses one that a server uses. One that
// died has left its lease behind, and no longer renews it.
func (m *moving) find(ctx context.Context) error {
	before, _, err := m.shared.Leases(ctx)
	if err != nil {
		return err
	}
	var wait time.Duration
	m.leases = make(map[string]uint64, len(before))
	for _, l := range before {
		wait = max(wait, l.TTL)
		m.leases[l.Node] = l.Renewal
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(wait):
	}
	after, position, err := m.shared.Leases(ctx)
	if err != nil {
		return err
	}
	if renewed(m.leases, after) {
		return fmt.Errorf("a server is running on the store; stop it first, so that nothing is added to what is moved: %w", journal.ErrLocked)
	}
	m.position = position
	return nil
}

// OpenTarget opens the store to restore into, making a SQLite file and the data
// folder if need be.
func OpenTarget(ctx context.Context, data, store string) (backup.Target, error) {
	if store == "" && data != "" {
		if err := privateFolder(data); err != nil {
			return nil, err
		}
	}
	store, err := storeURL(data, store)
	if err != nil {
		return nil, err
	}
	driver, _, err := splitStore(store)
	if err != nil {
		return nil, err
	}
	return openWhole(ctx, driver, store)
}

// openWhole opens a store that outlives the process and can be read as a whole.
func openWhole(ctx context.Context, driver, store string) (backup.Target, error) {
	if driver == "memory" {
		return nil, errors.New("a store in memory is gone when its process ends: there is nothing to back up, and nowhere to restore to")
	}
	opened, err := OpenStore(ctx, store, nil)
	if err != nil {
		return nil, err
	}
	whole, ok := opened.(backup.Target)
	if !ok {
		return nil, errors.Join(fmt.Errorf("the store %s can't be read as a whole", StoreName(store)), opened.Close())
	}
	return whole, nil
}

// StoreName is a store's URL without what may be secret in it: user, password
// and parameters.
func StoreName(store string) string {
	driver, path, err := splitStore(store)
	if err != nil {
		return "?"
	}
	if driver == "sqlite" {
		return path
	}
	u, err := url.Parse(store)
	if err != nil {
		return driver
	}
	u.User, u.RawQuery, u.Fragment = nil, "", ""
	return u.String()
}

// DataStore is [StoreName] of the store that a command's flags name.
func DataStore(data, store string) string {
	store, err := storeURL(data, store)
	if err != nil {
		return "?"
	}
	return StoreName(store)
}
