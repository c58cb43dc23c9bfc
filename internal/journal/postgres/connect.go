package postgres

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"sallyport/internal/journal"
)

// parse makes the settings of all connections from a URL.
func parse(url string, opts Options) (*pgxpool.Config, error) {
	if !strings.HasPrefix(url, "postgres://") && !strings.HasPrefix(url, "postgresql://") {
		return nil, fmt.Errorf("the URL must begin with postgres:// or postgresql://: %w", journal.ErrInvalid)
	}
	config, err := pgxpool.ParseConfig(url)
	if err != nil || ambiguous(url) {
		// Not with the cause: in a URL that can't be taken apart nobody knows where the
		// password is.
		return nil, fmt.Errorf("the URL can't be understood; its form is postgres://USER:PASSWORD@HOST:PORT/DATABASE?OPTION=VALUE, "+
			"with special characters escaped (%%40 is @): %w", journal.ErrInvalid)
	}
	config.MaxConns, config.MinConns, config.MinIdleConns = int32(min(opts.MaxConns, 1<<20)), 0, 0
	config.PingTimeout = opts.RoundTrip
	config.MaxConnIdleTime = 5 * time.Minute

	c := config.ConnConfig
	c.DefaultQueryExecMode = pgx.QueryExecModeCacheStatement
	if c.ConnectTimeout == 0 || c.ConnectTimeout > opts.RoundTrip {
		c.ConnectTimeout = opts.RoundTrip
	}
	// Also for a single host, which may have become a standby: what it shows is old.
	c.ValidateConnect = pgconn.ValidateConnectTargetSessionAttrsReadWrite
	c.AfterConnect = settle
	c.OnNotice = noteUnreplicated
	c.DialFunc = dialer(opts.RoundTrip)
	limit := func(d time.Duration) string { return strconv.FormatInt(max(1, d.Milliseconds()), 10) }
	for name, value := range map[string]string{
		"default_transaction_isolation": "read committed",
		"default_transaction_read_only": "off",
		"client_encoding":               "UTF8",
		"client_min_messages":           "warning", // for noteUnreplicated
		// Every statement here is a short one. PostgreSQL takes some for long ones while
		// it has no statistics, and compiling one takes longer than the whole commit.
		"jit": "off",
		// A node that was cut off must not keep the others from the row it has locked,
		// nor may what it gave up go on waiting for one. The server gives up first.
		"idle_in_transaction_session_timeout": limit(min(opts.RoundTrip, between)),
		"lock_timeout":                        limit(opts.RoundTrip * 3 / 4),
		"statement_timeout":                   "60000",
	} {
		c.RuntimeParams[name] = value
	}
	if c.RuntimeParams["application_name"] == "" {
		c.RuntimeParams["application_name"] = "sallyport"
	}
	if plaintext(&c.Config) {
		opts.Logger.Warn("the connection to the database may be unencrypted; sslmode=verify-full in the URL of the store forbids that")
	}
	return config, nil
}

// ambiguous reports whether a character of the password that was not escaped may
// have made a part of it something else, such as a host, which errors name.
func ambiguous(url string) bool {
	_, rest, _ := strings.Cut(url, "://")
	before, after, found := strings.Cut(rest, "@")
	return found && (strings.ContainsAny(before, "/?#") || strings.Contains(after, "@"))
}

// between is how long a node may take between the two round trips of a commit, in
// which it only computes. One that was stopped there keeps all others from
// committing for so long. They wait for its lease meanwhile, not after it.
const between = time.Second

// plaintext reports whether a host other than this machine may be talked to
// without TLS.
func plaintext(c *pgconn.Config) bool {
	hosts := append([]*pgconn.FallbackConfig{{Host: c.Host, TLSConfig: c.TLSConfig}}, c.Fallbacks...)
	for _, h := range hosts {
		ip := net.ParseIP(h.Host)
		local := strings.HasPrefix(h.Host, "/") || h.Host == "localhost" || ip != nil && ip.IsLoopback()
		if h.TLSConfig == nil && !local {
			return true
		}
	}
	return false
}

// settle makes a COMMIT on this connection mean what it says, whatever the role,
// the database or the URL sets. A stronger setting stays.
func settle(ctx context.Context, c *pgconn.PgConn) error {
	_, err := c.Exec(ctx, `SELECT set_config('synchronous_commit', 'on', false)
		WHERE current_setting('synchronous_commit', true) NOT IN ('on', 'remote_apply')`).ReadAll()
	return err
}

// unreplicated marks a connection whose server gave up waiting for a standby.
const unreplicated = "unreplicated"

// noteUnreplicated catches the one case in which PostgreSQL reports a commit as
// done that is not: an administrator cancelled its wait for the standby. The
// server says so in a warning without a code of its own; what tells it from others
// is the function it comes from.
func noteUnreplicated(c *pgconn.PgConn, n *pgconn.Notice) {
	if n.Routine == "SyncRepWaitForLSN" {
		c.CustomData()[unreplicated] = true
	}
}

// errUnreplicated is an acknowledgement that is not worth anything.
var errUnreplicated = errors.New("the server gave up waiting for its standby")

// replicated returns an error if what the connection did since it was made was
// not waited for. The connection is of no more use then.
func replicated(ctx context.Context, c *pgx.Conn) error {
	if c.PgConn().CustomData()[unreplicated] == nil {
		return nil
	}
	c.Close(ctx) //nolint:errcheck // given up
	return errUnreplicated
}

// dialer connects with links that notice a peer that has died silently.
func dialer(silence time.Duration) pgconn.DialFunc {
	d := net.Dialer{KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: 15 * time.Second, Interval: 5 * time.Second, Count: 3}}
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := d.DialContext(ctx, network, address)
		if err != nil {
			return nil, err
		}
		return &link{Conn: conn, silence: silence}, nil
	}
}

// link is a connection that fails, and is closed, when its peer is silent for too
// long while it is read from or written to.
type link struct {
	net.Conn
	silence time.Duration // 0: any

	mu    sync.Mutex
	limit time.Time // set from outside
	moved time.Time // when bytes last went either way
	owed  int64     // bytes sent since the last that were received
}

// errSilent is not a timeout in net's sense, which pgconn would take for one that
// the connection outlives.
var errSilent = errors.New("the database does not answer")

// writePiece bounds what is written under one deadline.
const writePiece = 64 << 10

// allowed is how long the peer may be silent: the time to take in what it was
// sent is added, at a megabyte a second.
func (l *link) allowed() time.Duration {
	return l.silence + time.Duration(l.owed)*time.Microsecond
}

func (l *link) Read(p []byte) (int, error) {
	l.mu.Lock()
	l.moved = time.Now()
	l.mu.Unlock()
	for {
		l.mu.Lock()
		deadline := l.limit
		if own := l.moved.Add(l.allowed()); l.silence > 0 && (deadline.IsZero() || own.Before(deadline)) {
			deadline = own
		}
		err := l.SetReadDeadline(deadline)
		l.mu.Unlock()
		if err != nil {
			return 0, err
		}
		n, err := l.Conn.Read(p)
		if n > 0 || !errors.Is(err, os.ErrDeadlineExceeded) {
			l.mu.Lock()
			l.owed = 0
			l.mu.Unlock()
			return n, err
		}
		if l.expired() {
			return 0, err
		}
		if l.silent() {
			l.Conn.Close() //nolint:errcheck // given up
			return 0, errSilent
		}
	}
}

// expired reports whether the deadline set from outside has passed.
func (l *link) expired() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return !l.limit.IsZero() && !time.Now().Before(l.limit)
}

func (l *link) silent() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.silence > 0 && time.Since(l.moved) >= l.allowed()
}

func (l *link) Write(p []byte) (written int, err error) {
	for {
		l.mu.Lock()
		deadline := l.limit
		if own := time.Now().Add(l.silence); l.silence > 0 && (deadline.IsZero() || own.Before(deadline)) {
			deadline = own
		}
		err := l.SetWriteDeadline(deadline)
		l.mu.Unlock()
		if err != nil {
			return written, err
		}
		n, err := l.Conn.Write(p[written:min(len(p), written+writePiece)])
		written += n
		l.mu.Lock()
		l.moved, l.owed = time.Now(), l.owed+int64(n)
		l.mu.Unlock()
		if errors.Is(err, os.ErrDeadlineExceeded) && !l.expired() {
			l.Conn.Close() //nolint:errcheck // given up
			err = errSilent
		}
		if err != nil || written == len(p) {
			return written, err
		}
	}
}

// SetDeadline is how pgconn has a context end what is being waited for.
func (l *link) SetDeadline(t time.Time) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.limit = t
	return l.Conn.SetDeadline(t)
}

// RemoteAddr keeps pgconn, which would dial the address when a connection breaks,
// from asking the server to cancel what it is doing; see the package comment.
func (l *link) RemoteAddr() net.Addr { return undialable{} }

type undialable struct{}

func (undialable) Network() string { return "undialable" }
func (undialable) String() string  { return "undialable" }
