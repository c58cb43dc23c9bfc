package app

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"time"

	"sallyport/internal/federation/oidc"
	"sallyport/internal/journal"
	"sallyport/internal/state"
)

// A Config says what an App is made of. The zero value with a Data folder is a
// server on SQLite.
type Config struct {
	// Data is the folder of everything the server keeps: the SQLite journal
	// unless Store says otherwise, the seal key, admin's profile.
	Data string
	// Store is "sqlite:PATH", "postgres://…" or "memory:"; empty is SQLite under
	// Data.
	Store string
	// Journal is used in place of Store when it is set. The App closes it.
	Journal journal.Store
	// PublicURL is what users and identity providers see.
	PublicURL string
	// SealKey is the base64 of the 32-byte key that seals secrets, SealKeyFile
	// a file that holds it. With neither, one is made under Data.
	SealKey, SealKeyFile string
	// Snapshot says when accounts' states are saved, so that a start need not
	// replay all of the journal. The zero value is right.
	Snapshot state.SnapshotPolicy
	// Lease is how long the other nodes of a shared store wait for this one when
	// it does not answer; 0 is lease.DefaultTTL.
	Lease time.Duration
	// Quotas replace AWS's default quotas, by name.
	Quotas map[string]int
	// MaxConnections bounds the connections that are open at a time; 0 is
	// DefaultMaxConnections.
	MaxConnections int
	// MetricsToken is the bearer token of /metrics; empty makes one under Data.
	MetricsToken   string
	TrustedProxies []netip.Prefix
	// OIDC says which OpenID Connect issuers can be reached, and how. Its Logger is
	// the app's.
	OIDC oidc.Options
	// HideDenyingPolicy leaves policy ARNs out of denial messages.
	HideDenyingPolicy bool
	// FirstAccount says how the account of the first start is made.
	FirstAccount FirstAccount

	Logger *slog.Logger     // nil discards
	Now    func() time.Time // nil is the system's clock
	Rand   io.Reader        // nil is the system's randomness
	// Clock is what leases are measured by; nil is lease.BootClock.
	Clock func() time.Duration
}

// DefaultMaxConnections is how many connections may be open at a time.
const DefaultMaxConnections = 4096

// FirstAccount fixes what first start would otherwise make up.
type FirstAccount struct {
	ID, Alias                     string
	RootEmail, RootPassword       string
	RootAccessKeyID, RootSecret   string
	AdminPassword                 string
	AdminAccessKeyID, AdminSecret string
	WithoutAdmin                  bool
}

func (c Config) withDefaults() (Config, error) {
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.MaxConnections == 0 {
		c.MaxConnections = DefaultMaxConnections
	}
	if c.SealKey != "" && c.SealKeyFile != "" {
		return c, errors.New("the seal key is given twice, as a value and as a file; give one")
	}
	if c.Data == "" && c.Store != "memory:" && c.Journal == nil {
		return c, errors.New("no data folder: give --data")
	}
	if c.Data != "" {
		if err := privateFolder(c.Data); err != nil {
			return c, err
		}
	}
	if c.Store == "" {
		c.Store = "sqlite:" + filepath.Join(c.Data, "sallyport.db")
	}
	return c, nil
}

// privateFolder makes the data folder, and refuses one that others may write
// to: whoever can replace the journal or the seal key is root.
func privateFolder(path string) error {
	if err := makeFolder(path); err != nil {
		return fmt.Errorf("data folder: %w", err)
	}
	info, err := os.Stat(path)
	if err != nil {
		return fmt.Errorf("data folder: %w", err)
	}
	if !info.IsDir() {
		return fmt.Errorf("data folder: %s is not a folder", path)
	}
	if perm := info.Mode().Perm(); perm&0o022 != 0 {
		return fmt.Errorf("data folder %s can be written to by others (mode %04o): chmod it to 0700", path, perm)
	}
	return nil
}

// makeFolder is os.MkdirAll whose folders outlast a power cut: a folder's name
// is on disk only when the folder that holds it was synced.
func makeFolder(path string) error {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return nil
	}
	parent := filepath.Dir(path)
	if parent != path {
		if err := makeFolder(parent); err != nil {
			return err
		}
	}
	if err := os.Mkdir(path, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return syncFolder(parent)
}

// DefaultData is the data folder when none is given: the user's data directory
// (XDG Base Directory Specification).
func DefaultData() string {
	if dir := os.Getenv("XDG_DATA_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "sallyport")
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return ""
	}
	return filepath.Join(home, ".local", "share", "sallyport")
}

// splitStore takes a store URL apart. What is left of PostgreSQL's is all of it.
func splitStore(url string) (driver, rest string, err error) {
	driver, rest, ok := strings.Cut(url, ":")
	switch {
	case ok && driver == "memory" && rest == "":
		return driver, "", nil
	case ok && driver == "sqlite" && rest != "":
		return driver, strings.TrimPrefix(rest, "//"), nil
	case ok && (driver == "postgres" || driver == "postgresql") && strings.HasPrefix(rest, "//"):
		return "postgres", url, nil
	}
	// The URL of a database may hold a password: only its scheme is shown.
	return "", "", fmt.Errorf("store %q: it must be sqlite:PATH, postgres://USER:PASSWORD@HOST/DATABASE or memory:", driver+":…")
}
