package postgres

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"sallyport/internal/journal"
)

// Options of Open. The zero value is what production uses.
type Options struct {
	// Logger is told what an operator should know; nil discards it.
	Logger *slog.Logger
	// Patience is how long a call tries to reach the database; 0 means 20 s.
	Patience time.Duration
	// RoundTrip is how long the database may be silent while something is expected
	// of it, before the connection is given up; 0 means 5 s. A second is added for
	// every megabyte that was sent.
	RoundTrip time.Duration
	// Existing has Open make nothing: a database without a journal is
	// [journal.ErrNotFound].
	Existing bool
	// MaxConns bounds the connections of everything but commits and hints, which
	// have one each; 0 means 8.
	MaxConns int
}

func (o Options) withDefaults() (Options, error) {
	if o.Patience < 0 || o.RoundTrip < 0 || o.MaxConns < 0 {
		return o, fmt.Errorf("options %v, %v, %d: %w", o.Patience, o.RoundTrip, o.MaxConns, journal.ErrInvalid)
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Patience == 0 {
		o.Patience = 20 * time.Second
	}
	if o.RoundTrip == 0 {
		o.RoundTrip = 5 * time.Second
	}
	if o.MaxConns == 0 {
		o.MaxConns = 8
	}
	return o, nil
}

// Store implements [journal.Shared] and [journal.Exports].
type Store struct {
	options   Options
	config    *pgx.ConnConfig // of connections outside the pool; copied, never changed
	pool      *pgxpool.Pool
	committer *committer
	hints     *hints

	newest newest

	resetting sync.Mutex
	reset     time.Time // when the pool's connections were last given up

	mu     sync.RWMutex // held for reading while handing a batch to the committer
	closed bool
	done   chan struct{} // closed when Close has finished
}

var (
	_ journal.Shared  = (*Store)(nil)
	_ journal.Exports = (*Store)(nil)
)

// Open opens the journal in the database that a URL names, making schema
// "sallyport" in it if there is none:
//
//	postgres://USER:PASSWORD@HOST:PORT/DATABASE?sslmode=verify-full
//
// Several hosts, separated by commas, are tried in order until one takes writes.
// The URL's other options are those of libpq; environment variables (PGPASSWORD,
// …) and the password file count where the URL is silent. Errors never hold the
// password. [journal.ErrInvalid]: the URL can't be used, or the journal was written
// by a newer version. [journal.ErrUnavailable]: no server could be reached, or one
// let nobody in. [journal.ErrCorrupt]: the schema is not a journal or contradicts itself.
func Open(ctx context.Context, url string, opts Options) (*Store, error) {
	s, err := open(ctx, url, opts)
	if err != nil {
		return nil, fmt.Errorf("opening journal in PostgreSQL: %w", err)
	}
	return s, nil
}

func open(ctx context.Context, url string, opts Options) (*Store, error) {
	opts, err := opts.withDefaults()
	if err != nil {
		return nil, err
	}
	config, err := parse(url, opts)
	if err != nil {
		return nil, err
	}
	s := &Store{options: opts, config: config.ConnConfig.Copy(), done: make(chan struct{})}
	// The pool connects when it is first used; its context ends nothing.
	if s.pool, err = pgxpool.NewWithConfig(ctx, config); err != nil {
		return nil, errUnusable
	}
	s.hints = newHints(s, rand.Text())
	if err := s.prepare(ctx); err != nil {
		s.pool.Close()
		return nil, err
	}
	s.committer = newCommitter(s)
	go s.committer.run()
	return s, nil
}

// prepare brings the database to what this code expects, and checks it.
func (s *Store) prepare(ctx context.Context) error {
	if err := s.migrate(ctx); err != nil {
		return err
	}
	if err := s.verify(ctx); err != nil {
		return err
	}
	if err := s.deleteAbandoned(ctx); err != nil {
		return err
	}
	if err := s.hints.try(ctx); err != nil {
		return err
	}
	var fsync, fullPages string
	err := s.read(ctx, func(ctx context.Context, c *pgx.Conn) error {
		return c.QueryRow(ctx, "SELECT coalesce(current_setting('fsync', true), 'on'), coalesce(current_setting('full_page_writes', true), 'on')").
			Scan(&fsync, &fullPages)
	})
	if err != nil {
		return err
	}
	if fsync != "on" {
		s.options.Logger.Warn("the database runs with fsync=off: what it acknowledges does not outlast a power cut")
	}
	if fullPages != "on" {
		s.options.Logger.Warn("the database runs with full_page_writes=off: a power cut may damage it, unless its file system writes pages whole")
	}
	return nil
}

// verify checks cheaply that the tables belong together.
func (s *Store) verify(ctx context.Context) error {
	var rows, position, streams, number, newest, cursors, cursor, block int64
	err := s.read(ctx, func(ctx context.Context, c *pgx.Conn) error {
		return c.QueryRow(ctx, `SELECT
			(SELECT count(*) FROM sallyport.position),
			(SELECT coalesce(max(position), -1) FROM sallyport.position),
			(SELECT coalesce(max(streams), -1) FROM sallyport.position),
			(SELECT count(*) FROM sallyport.streams),
			(SELECT coalesce(max(position), 0) FROM sallyport.streams),
			(SELECT count(*) FROM sallyport.cursor),
			(SELECT coalesce(max(cursor), -1) FROM sallyport.cursor),
			(SELECT coalesce(max(cursor), 0) FROM sallyport.blocks)`).
			Scan(&rows, &position, &streams, &number, &newest, &cursors, &cursor, &block)
	})
	if err != nil {
		return err
	}
	if rows != 1 || cursors != 1 || newest > position || number != streams || block > cursor {
		return fmt.Errorf("%d positions (%d, of a stream %d), %d streams of %d, %d cursors (%d, of a block %d): %w",
			rows, position, newest, number, streams, cursors, cursor, block, journal.ErrCorrupt)
	}
	return nil
}

// Close implements [journal.Store]: waiting batches are answered, which takes up
// to Options.Patience when the database can't be reached.
func (s *Store) Close() error {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		<-s.done
		return nil
	}
	s.closed = true
	close(s.committer.queue)
	s.mu.Unlock()
	<-s.committer.stopped
	s.hints.close()
	s.pool.Close()
	close(s.done)
	return nil
}

// usable refuses calls of a closed store; one that runs while Close begins
// finishes or fails by itself.
func (s *Store) usable(ctx context.Context) error {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.closed {
		return journal.ErrClosed
	}
	return ctx.Err()
}

var errUnusable = errors.New("the URL can't be used")
