package pgtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// User and Password open every server. The password has what a URL must escape.
const (
	User     = "sallyport"
	Password = "p@ss/w:rd#1"
)

// Server is one PostgreSQL server.
type Server struct {
	dir, log string
	port     int
	settings []string

	cmd     *exec.Cmd // nil while it is stopped
	exited  chan struct{}
	release func(keep bool)
}

var shared struct {
	once   sync.Once
	server *Server
	err    error
}

// Start returns the server that all tests of the program share. It syncs nothing,
// so it is fast, and must not be killed. It ends with the program.
func Start(t testing.TB) *Server {
	t.Helper()
	Require(t)
	shared.once.Do(func() {
		shared.server, shared.err = newServer("fsync=off", "full_page_writes=off")
	})
	if shared.err != nil {
		t.Fatal(shared.err)
	}
	return shared.server
}

// StartDurable starts a server of the test's own, which syncs what it commits and
// may be killed. The settings, "name=value", are added to its own.
func StartDurable(t testing.TB, settings ...string) *Server {
	t.Helper()
	Require(t)
	s, err := newServer(settings...)
	if err != nil {
		t.Fatal(err)
	}
	s.cleanup(t)
	return s
}

// cleanup stops the server after the test, and shows the end of its log if it failed.
func (s *Server) cleanup(t testing.TB) {
	t.Cleanup(func() {
		if t.Failed() {
			text, _ := os.ReadFile(s.log)
			t.Logf("the server's log ends:\n%s", text[max(0, len(text)-4000):])
		}
		if err := s.stop(false); err != nil {
			t.Error(err)
		}
	})
}

// folder makes a folder that whoever PostgreSQL runs as can get into.
func folder() (string, error) {
	dir, err := os.MkdirTemp("", "sallyport-postgres-")
	if err != nil {
		return "", err
	}
	return dir, os.Chmod(dir, 0o755)
}

// initialise makes a data folder.
func initialise(data string) error {
	path, err := program("initdb")
	if err != nil {
		return err
	}
	password := filepath.Join(filepath.Dir(data), "password")
	if err := os.WriteFile(password, []byte(Password+"\n"), 0o600); err != nil {
		return err
	}
	if err := own(filepath.Dir(data)); err != nil {
		return err
	}
	return run(path, "--pgdata="+data, "--username="+User, "--pwfile="+password, "--auth=scram-sha-256",
		"--encoding=UTF8", "--no-locale", "--no-sync", "--data-checksums")
}

// run runs one of PostgreSQL's programs to its end.
func run(path string, args ...string) error {
	cmd := exec.Command(path, args...)
	prepare(cmd)
	cmd.Dir = "/"
	cmd.Env = append(os.Environ(), "LC_ALL=C", "PGPASSWORD="+Password)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", filepath.Base(path), err, out)
	}
	return nil
}

func newServer(settings ...string) (*Server, error) {
	dir, err := folder()
	if err != nil {
		return nil, err
	}
	data := filepath.Join(dir, "data")
	if err := initialise(data); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	s := &Server{dir: dir, settings: settings}
	if err := s.startAnywhere(); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	return s, nil
}

// startAnywhere starts the server on a port that is free. Between looking and
// using it somebody else may take it.
func (s *Server) startAnywhere() error {
	var err error
	for range 5 {
		// Below the range that outgoing connections take theirs from.
		s.port = 15000 + rand.IntN(15000)
		listener, busy := net.Listen("tcp", s.address())
		if busy != nil {
			continue
		}
		listener.Close()
		if err = s.start(); err == nil {
			return nil
		}
	}
	return fmt.Errorf("no server could be started: %w", err)
}

func (s *Server) address() string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(s.port)) }

// start starts the postmaster and waits until it takes connections.
func (s *Server) start() error {
	path, err := program("postgres")
	if err != nil {
		return err
	}
	s.log = filepath.Join(s.dir, "log")
	log, err := os.OpenFile(s.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	cmd := exec.Command(path, "-D", filepath.Join(s.dir, "data"))
	for _, setting := range append([]string{
		"port=" + strconv.Itoa(s.port), "listen_addresses=127.0.0.1", "unix_socket_directories=",
		"max_connections=80", "shared_buffers=32MB", "max_wal_size=256MB", "log_line_prefix=%m [%p] %a ", "logging_collector=off",
	}, s.settings...) {
		cmd.Args = append(cmd.Args, "-c", setting)
	}
	prepare(cmd)
	cmd.Dir, cmd.Env = "/", append(os.Environ(), "LC_ALL=C")
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		return err
	}
	exited := make(chan struct{})
	go func() {
		cmd.Wait() //nolint:errcheck // being killed is what it is for
		close(exited)
	}()
	s.cmd, s.exited = cmd, exited
	if s.release, err = guard(cmd.Process.Pid, s.dir); err != nil {
		return errors.Join(err, s.stop(true))
	}
	if err := s.awaitReady(); err != nil {
		text, _ := os.ReadFile(s.log)
		return errors.Join(fmt.Errorf("%w; its log ends:\n%s", err, text[max(0, len(text)-2000):]), s.stop(true))
	}
	return nil
}

func (s *Server) awaitReady() error {
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		select {
		case <-s.exited:
			return errors.New("the server ended as it started")
		default:
		}
		_, err := s.query("postgres", "SELECT 1")
		if err == nil {
			return nil
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("the server does not take connections: %w", err)
		}
	}
}

// stop ends the server at once and removes its data unless told to keep it.
func (s *Server) stop(keep bool) error {
	if s.cmd == nil {
		if !keep {
			return os.RemoveAll(s.dir)
		}
		return nil
	}
	err := shutdown(s.cmd.Process.Pid)
	s.await(keep)
	return err
}

// await waits for the end of the postmaster, which has been told to.
func (s *Server) await(keep bool) {
	<-s.exited
	if s.release != nil {
		s.release(keep)
	}
	s.cmd, s.release = nil, nil
}

// Kill ends the server as a crash does: all of its processes, at once.
func (s *Server) Kill(t testing.TB) {
	t.Helper()
	if s == shared.server {
		t.Fatal("the shared server must not be killed")
	}
	if err := kill(s.cmd.Process.Pid); err != nil {
		t.Fatal(err)
	}
	s.await(true)
}

// Restart starts a killed server again, on its port, and waits until it has
// recovered.
func (s *Server) Restart(t testing.TB) {
	t.Helper()
	if err := s.start(); err != nil {
		t.Fatal(err)
	}
}

// URL names a database of the server.
func (s *Server) URL(database string) string { return databaseURL(database, s.address()) }

func databaseURL(database string, addresses ...string) string {
	u := url.URL{Scheme: "postgres", User: url.UserPassword(User, Password), Host: strings.Join(addresses, ","), Path: database, RawQuery: "sslmode=disable"}
	return u.String()
}

var databases atomic.Int64

// spare are databases of the shared server that a test is done with. Emptying one
// is several times faster than making one.
var spare struct {
	mu    sync.Mutex
	names []string
}

// NewDatabase returns the URL of an empty database, which is the test's alone.
func (s *Server) NewDatabase(t testing.TB) string {
	t.Helper()
	if s != shared.server {
		return s.URL(s.create(t)) // it goes with the server
	}
	spare.mu.Lock()
	name, last := "", len(spare.names)-1
	if last >= 0 {
		name, spare.names = spare.names[last], spare.names[:last]
	}
	spare.mu.Unlock()
	if name == "" {
		name = s.create(t)
	}
	t.Cleanup(func() {
		if _, err := s.query("postgres", "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '"+name+"'; ALTER DATABASE "+name+" RESET ALL"); err != nil {
			t.Error(err)
		} else if _, err := s.query(name, "DROP SCHEMA IF EXISTS sallyport CASCADE; DROP SCHEMA public CASCADE; CREATE SCHEMA public"); err != nil {
			t.Error(err)
		} else {
			spare.mu.Lock()
			spare.names = append(spare.names, name)
			spare.mu.Unlock()
		}
	})
	return s.URL(name)
}

func (s *Server) create(t testing.TB) string {
	t.Helper()
	name := "test" + strconv.FormatInt(databases.Add(1), 10)
	if _, err := s.query("postgres", "CREATE DATABASE "+name); err != nil {
		t.Fatal(err)
	}
	return name
}

// Query runs one statement in a database and returns what it gave, as text: rows
// as lines, columns separated by "|".
func (s *Server) Query(t testing.TB, database, statement string) string {
	t.Helper()
	text, err := s.query(database, statement)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func (s *Server) query(database, statement string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	c, err := pgx.Connect(ctx, s.URL(database))
	if err != nil {
		return "", err
	}
	defer c.Close(ctx)
	results, err := c.PgConn().Exec(ctx, statement).ReadAll()
	if err != nil {
		return "", err
	}
	var text strings.Builder
	for _, r := range results {
		for _, row := range r.Rows {
			text.Write(bytes.Join(row, []byte("|")))
			text.WriteByte('\n')
		}
	}
	return strings.TrimSuffix(text.String(), "\n"), nil
}
