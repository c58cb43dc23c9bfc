package postgres

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"sallyport/internal/journal"
)

// SQLSTATE codes that something depends on.
const (
	codeQueryCanceled    = "57014"
	codeAdminShutdown    = "57P01"
	codeDiskFull         = "53100"
	codeUniqueViolation  = "23505"
	codeUndefinedTable   = "42P01"
	codeDuplicateSchema  = "42P06"
	codeDuplicateTable   = "42P07"
	codeInvalidSchema    = "3F000"
	codeUndefinedRoutine = "42883"
	codeNotSupported     = "0A000"
	codePrivilege        = "42501"
)

// again are the codes after which the same is tried again on the same connection:
// serialization failure, deadlock, lock timeout, cancelled statement.
var again = map[string]bool{"40001": true, "40P01": true, "55P03": true, codeQueryCanceled: true}

// elsewhere are the codes after which it is tried on another connection, of another
// server perhaps: read-only transaction, idle in transaction for too long, out of
// memory, too many connections, and the shutdowns and starts of class 57.
var elsewhere = map[string]bool{"25006": true, "25P03": true, "53200": true, "53300": true,
	codeAdminShutdown: true, "57P02": true, "57P03": true, "57P05": true}

// A transient error is one after which the same may be tried again.
type transient struct {
	err     error
	lost    bool // with the connection
	applied bool // the server may have done what it was asked to
}

func (t *transient) Error() string { return t.err.Error() }
func (t *transient) Unwrap() error { return t.err }

// failure classifies an error of a connection that was used. PgError's text has no
// values in it; the fields that may (Detail, Where) are not shown.
func failure(c *pgx.Conn, err error) error {
	var server *pgconn.PgError
	code := ""
	if errors.As(err, &server) {
		code = server.Code
	}
	switch {
	case err == nil:
		return nil
	case c.IsClosed():
		return &transient{err: fmt.Errorf("postgres: %w", err), lost: true, applied: true}
	case again[code]:
		return &transient{err: fmt.Errorf("postgres: %w", err)}
	case elsewhere[code] || strings.HasPrefix(code, "08"):
		return &transient{err: fmt.Errorf("postgres: %w", err), lost: true}
	case code == codeDiskFull:
		return fmt.Errorf("%w: postgres: %w", journal.ErrFull, err)
	case code == codeUniqueViolation:
		// Every constraint is checked before it could fail.
		return fmt.Errorf("%w: postgres: %w", journal.ErrCorrupt, err)
	case code != "":
		return fmt.Errorf("postgres: %w", err)
	}
	return err // of this package, or of a caller's function
}

// connectFailure classifies an error of making a connection: all may pass but
// those in which a server said no, which are told at once. Nothing was sent.
func connectFailure(err error) error {
	var server *pgconn.PgError
	err = fmt.Errorf("postgres: %w", err)
	if errors.As(err, &server) && !elsewhere[server.Code] && !again[server.Code] && !strings.HasPrefix(server.Code, "08") {
		return gaveUp(false, err)
	}
	return &transient{err: err, lost: true}
}

// hasCode reports whether the server gave one of the codes.
func hasCode(err error, codes ...string) bool {
	var server *pgconn.PgError
	if errors.As(err, &server) {
		for _, code := range codes {
			if server.Code == code {
				return true
			}
		}
	}
	return false
}

// gaveUp is the error of a call whose patience has ended.
func gaveUp(unsure bool, err error) error {
	if unsure {
		return fmt.Errorf("%w: %w", journal.ErrOutcomeUnknown, err)
	}
	return fmt.Errorf("%w: %w", journal.ErrUnavailable, err)
}

// pause is how long to wait before attempt n+1. Who lost a race tries again at
// once, or would lose the next one too; who found no server leaves it time to come.
func (t *transient) pause(n int) time.Duration {
	if !t.lost {
		return rand.N(time.Millisecond << min(n, 3) / 4)
	}
	most := min(20*time.Millisecond<<min(n, 10), 500*time.Millisecond)
	return most/2 + rand.N(most/2+1)
}

// retry calls try until it succeeds or fails for good, for as long as the store's
// patience and ctx last. unsure tells try that the server may have done it already.
func (s *Store) retry(ctx context.Context, try func(unsure bool) error) error {
	started, unsure := time.Now(), false
	for n := 0; ; n++ {
		if err := s.usable(ctx); err != nil {
			return refused(unsure, err)
		}
		err := try(unsure)
		var t *transient
		if !errors.As(err, &t) {
			if err != nil && unsure {
				return gaveUp(true, err)
			}
			return err
		}
		unsure = unsure || t.applied
		pause := t.pause(n)
		if time.Since(started)+pause > s.options.Patience {
			return gaveUp(unsure, err)
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return refused(unsure, ctx.Err())
		}
	}
}

// refused is the error of a call that ended between two attempts.
func refused(unsure bool, err error) error {
	if unsure {
		return gaveUp(true, err)
	}
	return err
}

// read runs fn, which changes nothing, on a connection of the pool. It may run
// again when it fails, so it sets its results anew.
func (s *Store) read(ctx context.Context, fn func(context.Context, *pgx.Conn) error) error {
	return s.retry(ctx, func(bool) error {
		err := s.withConn(ctx, func(c *pgx.Conn) error { return fn(ctx, c) })
		var t *transient
		if ctx.Err() != nil && err != nil {
			return ctx.Err() // whose doing the connection's end was
		}
		if errors.As(err, &t) {
			t.applied = false
		}
		return err
	})
}

// write runs fn on a connection of the pool. Once it runs, ctx no longer ends it:
// the outcome would be unknown.
func (s *Store) write(ctx context.Context, fn func(ctx context.Context, c *pgx.Conn, unsure bool) error) error {
	return s.retry(ctx, func(unsure bool) error {
		return s.withConn(ctx, func(c *pgx.Conn) error {
			ctx := context.WithoutCancel(ctx)
			if err := fn(ctx, c, unsure); err != nil {
				return err
			}
			return replicated(ctx, c)
		})
	})
}

// withConn runs fn on a connection of the pool.
func (s *Store) withConn(ctx context.Context, fn func(*pgx.Conn) error) error {
	limited, cancel := context.WithTimeout(ctx, s.options.Patience)
	defer cancel()
	c, err := s.pool.Acquire(limited)
	if err != nil {
		if err := s.usable(ctx); err != nil {
			return err
		}
		return connectFailure(err)
	}
	acquired := time.Now()
	defer c.Release()
	err = failure(c.Conn(), fn(c.Conn()))
	var t *transient
	if errors.As(err, &t) && t.lost && ctx.Err() == nil {
		c.Conn().Close(context.WithoutCancel(ctx)) //nolint:errcheck // given up
		s.giveUpPool(acquired)
	}
	return err
}

// giveUpPool drops the pool's connections after one of them, acquired at that
// time, was found dead: the others lead to the same server.
func (s *Store) giveUpPool(acquired time.Time) {
	s.resetting.Lock()
	defer s.resetting.Unlock()
	if acquired.After(s.reset) {
		s.reset = time.Now()
		s.pool.Reset()
	}
}
