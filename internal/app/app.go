package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"runtime/debug"
	"sync"
	"time"

	"sallyport/internal/audit"
	"sallyport/internal/authn"
	"sallyport/internal/backup"
	"sallyport/internal/federation/oidc"
	"sallyport/internal/iam"
	"sallyport/internal/ident"
	"sallyport/internal/journal"
	"sallyport/internal/journal/memory"
	"sallyport/internal/journal/postgres"
	"sallyport/internal/journal/sqlite"
	"sallyport/internal/lease"
	"sallyport/internal/seal"
	"sallyport/internal/server"
	"sallyport/internal/state"
)

const (
	// auditInterval is the longest a record of a read or a denial waits before
	// it is written.
	auditInterval = 200 * time.Millisecond
	// usageInterval is how often last uses are written.
	usageInterval = time.Minute
	// sweepInterval is how often expired facts are deleted.
	sweepInterval = time.Minute
	// signingKeys is how many derived signing keys are remembered.
	signingKeys = 1 << 16
)

// An App is a running Sallyport without its listener.
type App struct {
	// Created is the account made by this start; nil when there was one.
	Created *Created
	// MetricsToken opens /metrics.
	MetricsToken string
	// Connections must be told of the listener's connections.
	Connections *server.Connections

	config   Config
	journal  journal.Store
	state    *state.Store
	node     *lease.Node // nil when no other process shares the journal
	audit    *audit.Log
	lastUsed *authn.LastUsed
	issuers  *oidc.Verifier
	handler  http.Handler
	ready    probe

	background sync.WaitGroup
	running    context.Context // of everything in the background
	stop       context.CancelFunc
	closeOnce  sync.Once
	closeErr   error
}

// Schema is the schema of every stream.
func Schema() *state.Schema {
	return state.NewSchema(append(iam.Tables(), iam.DirectoryTables()...)...)
}

// Open opens the store, loads the state, makes the first account if there is
// none, and returns an app that is ready to serve. Close must be called.
func Open(ctx context.Context, c Config) (*App, error) {
	c, err := c.withDefaults()
	if err != nil {
		return nil, err
	}
	limits, err := iam.DefaultLimits().With(c.Quotas)
	if err != nil {
		return nil, err
	}
	c.OIDC.Logger = c.Logger
	issuers, err := oidc.New(c.OIDC)
	if err != nil {
		return nil, fmt.Errorf("identity providers: %w", err)
	}
	sealer, err := openSealer(c)
	if err != nil {
		return nil, err
	}
	store := c.Journal
	if store == nil {
		if store, err = OpenStore(ctx, c.Store, c.Logger); err != nil {
			return nil, err
		}
	}
	a := &App{Connections: server.NewConnections(c.MaxConnections), config: c, journal: store, issuers: issuers}
	a.ready = probe{ask: a.takesChanges, start: a.background.Go}
	if err := a.start(ctx, sealer, limits); err != nil {
		return nil, errors.Join(err, a.Close())
	}
	return a, nil
}

func (a *App) start(ctx context.Context, sealer *seal.Sealer, limits iam.Limits) error {
	c := a.config
	if err := backup.Finished(ctx, a.journal); err != nil {
		return err
	}
	ids := ident.New(c.Rand)
	node := ids.Token(12)
	if err := a.openState(ctx, sealer, node); err != nil {
		return err
	}
	var err error
	a.audit, err = audit.NewLog(audit.LogConfig{
		Store: a.journal, Node: node, Interval: auditInterval, Now: c.Now, Logger: c.Logger,
	})
	if err != nil {
		return err
	}
	if a.MetricsToken, err = metricsToken(c, ids); err != nil {
		return err
	}
	if err := a.firstStart(ctx, ids); err != nil {
		return err
	}
	a.running, a.stop = context.WithCancel(context.Background())
	a.lastUsed = authn.NewLastUsed(a.journal, c.Logger)
	a.background.Go(func() { a.lastUsed.Run(a.running, usageInterval) })
	a.background.Go(func() { a.sweep(a.running) })
	return a.wire(ids, sealer, limits)
}

// sweep deletes expired facts of the journal until ctx is done.
func (a *App) sweep(ctx context.Context) {
	ticker := time.NewTicker(sweepInterval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			if err := a.journal.Sweep(ctx, a.config.Now()); err != nil && ctx.Err() == nil {
				a.config.Logger.Warn("expired facts could not be deleted", "error", err)
			}
		}
	}
}

// inBackground runs a task until the app is closed. It outlives the call that
// began it, so that nobody else hears how it ended.
func (a *App) inBackground(name string, task func(ctx context.Context) error) {
	a.background.Go(func() {
		defer func() {
			if v := recover(); v != nil {
				a.config.Logger.Error("a task panicked", "task", name, "panic", fmt.Sprint(v), "stack", string(debug.Stack()))
			}
		}()
		if err := task(a.running); err != nil && a.running.Err() == nil {
			a.config.Logger.Warn("a task failed", "task", name, "error", err)
		}
	})
}

// takesChanges asks the journal whether it takes changes, with a batch that has none:
// after a storage error it refuses that one too.
func (a *App) takesChanges(ctx context.Context) error {
	return a.journal.Commit(ctx, journal.Batch{})
}

// Handler serves the AWS protocols, health and metrics.
func (a *App) Handler() http.Handler { return a.handler }

// State is the app's state, for tests and offline commands.
func (a *App) State() *state.Store { return a.state }

// Close writes what is pending, syncs the journal and releases it. In-flight
// requests must have finished.
func (a *App) Close() error {
	a.closeOnce.Do(func() {
		if a.stop != nil {
			a.stop()
		}
		a.background.Wait()
		var errs []error
		if a.lastUsed != nil {
			errs = append(errs, a.lastUsed.Flush(context.Background()))
		}
		if a.audit != nil {
			errs = append(errs, a.audit.Close())
		}
		if a.state != nil {
			errs = append(errs, a.state.Close())
		}
		if a.node != nil {
			errs = append(errs, a.leave())
		}
		errs = append(errs, a.journal.Close())
		a.closeErr = errors.Join(errs...)
	})
	return a.closeErr
}

// OpenStore opens the store that a URL names. The logger, which may be nil, is told
// what an operator should know of it.
func OpenStore(ctx context.Context, url string, logger *slog.Logger) (journal.Store, error) {
	driver, rest, err := splitStore(url)
	if err != nil {
		return nil, err
	}
	switch driver {
	case "memory":
		return memory.New(), nil
	case "postgres":
		return postgres.Open(ctx, rest, postgres.Options{Logger: logger})
	default:
		return sqlite.Open(ctx, rest, sqlite.Options{})
	}
}

// openSealer finds the key that seals secrets, or makes one.
func openSealer(c Config) (*seal.Sealer, error) {
	var key seal.Key
	var err error
	switch {
	case c.SealKey != "":
		key, err = seal.FromEnv(c.SealKey)
	case c.SealKeyFile != "":
		key, err = seal.FromFile(c.SealKeyFile)
	case c.Data == "":
		key = seal.GenerateKey() // nothing outlives the process
	default:
		key, err = seal.FromFileOrCreate(filepath.Join(c.Data, "seal.key"))
	}
	if err != nil {
		return nil, fmt.Errorf("seal key: %w", err)
	}
	return seal.New(key)
}

// OpenExisting opens the journal of a stopped server, or the one that running
// servers share in PostgreSQL. Unlike a start it makes nothing: a journal that is
// not there is an error.
func OpenExisting(ctx context.Context, data, url string) (journal.Store, error) {
	if url == "" {
		url = "sqlite:" + filepath.Join(data, "sallyport.db")
	}
	driver, path, err := splitStore(url)
	if err != nil {
		return nil, err
	}
	switch driver {
	case "memory":
		return nil, errors.New("a journal in memory is gone when its server has stopped")
	case "sqlite":
		if _, err := os.Stat(path); err != nil {
			return nil, fmt.Errorf("journal: %w", err)
		}
		return sqlite.Open(ctx, path, sqlite.Options{})
	default:
		return postgres.Open(ctx, path, postgres.Options{Existing: true})
	}
}
