package harness

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"sallyport/internal/journal/postgres/pgtest"
)

const (
	startTimeout = time.Minute
	stopTimeout  = time.Minute
)

// What the first start of every server creates.
const (
	AccountID = "111122223333"
	Region    = "us-east-1"
)

// Admin and Root are the credentials that the first start is told to make.
// They are AWS's documented example keys.
var (
	Admin = Credentials{AccessKeyID: "AKIAIOSFODNN7EXAMPLE", SecretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"}
	Root  = Credentials{AccessKeyID: "AKIAI44QH8DHBEXAMPLE", SecretAccessKey: "je7MtGbClwBF/2Zp9Utk/h3yCo8nvbEXAMPLEKEY"}
)

// Store names a storage driver of the server.
type Store string

const (
	Memory   Store = "memory"
	SQLite   Store = "sqlite"
	Postgres Store = "postgres"
)

// Stores are all drivers.
var Stores = []Store{SQLite, Postgres, Memory}

// url makes the value of --store for a new server with this data folder. On
// PostgreSQL it is a database of its own.
func (s Store) url(t testing.TB, data string) string {
	t.Helper()
	switch s {
	case SQLite:
		return "sqlite:" + filepath.Join(data, "sallyport.db")
	case Postgres:
		return pgtest.Start(t).NewDatabase(t)
	default:
		return "memory:"
	}
}

// Server is a running server process.
type Server struct {
	// URL is the endpoint for clients, without a trailing slash.
	URL string
	// Data is the server's data folder.
	Data string

	store    string   // the value of --store
	settings []string // further environment of the process
	home     string   // set by StartWithDefaults, in place of a store
	binary   string
	process  *exec.Cmd
	exited   chan error
	output   lockedBuffer
}

// StartServer starts a server with an empty store, and further settings in its
// environment, and stops it when the test ends. It fails the test if the server is
// not ready within a minute, and if it does not exit cleanly at the end.
func StartServer(t *testing.T, store Store, settings ...string) *Server {
	t.Helper()
	data := t.TempDir()
	s := &Server{Data: data, store: store.url(t, data), settings: settings, binary: Binary(t)}
	s.startForTest(t)
	return s
}

// StartWithDefaults is [StartServer] for a first start as the README shows it:
// "serve" alone, which chooses the account and its credentials by itself and
// keeps its data under the home folder. Only the port is chosen here, because
// tests share the machine.
func StartWithDefaults(t *testing.T, home string) *Server {
	t.Helper()
	s := &Server{Data: filepath.Join(home, ".local", "share", "sallyport"), home: home, binary: Binary(t)}
	s.startForTest(t)
	return s
}

// startForTest starts the server and stops it when the test ends.
func (s *Server) startForTest(t *testing.T) {
	t.Helper()
	s.start(t)
	t.Cleanup(func() {
		s.stop(t, syscall.SIGTERM)
		if t.Failed() {
			t.Logf("output of the server:\n%s", s.Output())
		}
	})
}

// Output returns everything the server has printed so far, over all restarts.
func (s *Server) Output() string { return s.output.String() }

// Restart ends the process with the signal and starts another on the same data
// folder. The endpoint's port may change.
func (s *Server) Restart(t *testing.T, signal syscall.Signal) {
	t.Helper()
	s.stop(t, signal)
	s.start(t)
}

func (s *Server) start(t *testing.T) {
	t.Helper()
	// The port is free when it is chosen, not reserved: another process may
	// take it before the server does, which is worth two more attempts.
	var err error
	for range 3 {
		if err = s.startOnce(t); err == nil {
			return
		}
		if !strings.Contains(s.Output(), "address already in use") {
			break
		}
	}
	t.Fatalf("start the server: %v\n%s", err, s.Output())
}

func (s *Server) startOnce(t *testing.T) error {
	t.Helper()
	address, err := FreeAddress()
	if err != nil {
		return err
	}
	s.URL = "http://" + address
	s.process = s.command(address)
	s.process.Stdout, s.process.Stderr = &s.output, &s.output
	if err := s.process.Start(); err != nil {
		return err
	}
	s.exited = make(chan error, 1)
	go func(process *exec.Cmd, exited chan<- error) { exited <- process.Wait() }(s.process, s.exited)
	if err := s.awaitReady(); err != nil {
		_ = s.process.Process.Kill()
		return err
	}
	return nil
}

// command is the server's command line and environment.
func (s *Server) command(address string) *exec.Cmd {
	if s.home != "" {
		command := exec.Command(s.binary, "serve")
		command.Env = append(cleanEnvironment(), "HOME="+s.home, "SALLYPORT_ADDR="+address)
		return command
	}
	command := exec.Command(s.binary, "serve", "--addr", address, "--data", s.Data, "--store", s.store)
	command.Env = append(cleanEnvironment(),
		"SALLYPORT_ACCOUNT_ID="+AccountID,
		"SALLYPORT_ROOT_EMAIL=root@example.com",
		"SALLYPORT_LEASE=10s", // machines that run tests can be very busy
		"SALLYPORT_ROOT_ACCESS_KEY_ID="+Root.AccessKeyID,
		"SALLYPORT_ROOT_SECRET_ACCESS_KEY="+Root.SecretAccessKey,
		"SALLYPORT_ADMIN_ACCESS_KEY_ID="+Admin.AccessKeyID,
		"SALLYPORT_ADMIN_SECRET_ACCESS_KEY="+Admin.SecretAccessKey,
	)
	command.Env = append(command.Env, s.settings...)
	return command
}

// awaitReady polls /readyz until it answers 200.
func (s *Server) awaitReady() error {
	ctx, cancel := context.WithTimeout(context.Background(), startTimeout)
	defer cancel()
	for {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL+"/readyz", nil)
		if err != nil {
			return err
		}
		if response, err := http.DefaultClient.Do(request); err == nil {
			response.Body.Close()
			if response.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case err := <-s.exited:
			s.exited <- err
			return fmt.Errorf("the server exited: %v", err)
		case <-ctx.Done():
			return fmt.Errorf("not ready after %s", startTimeout)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// stop signals the process and waits for it. After SIGTERM the exit must be
// clean; after SIGKILL it cannot be.
func (s *Server) stop(t *testing.T, signal syscall.Signal) {
	t.Helper()
	if err := s.process.Process.Signal(signal); err != nil && !errors.Is(err, os.ErrProcessDone) {
		t.Errorf("signal the server: %v", err)
	}
	select {
	case err := <-s.exited:
		if signal == syscall.SIGTERM && err != nil {
			t.Errorf("the server's exit on SIGTERM: %v", err)
		}
	case <-time.After(stopTimeout):
		_ = s.process.Process.Kill()
		<-s.exited
		t.Errorf("the server had not exited %s after %s", stopTimeout, signal)
	}
}

// FreeAddress is a loopback address with a port that is free, for a process that is
// told its port, or started again on it. The port is below the range that outgoing
// connections take theirs from, so that of all that tests do hardly anything takes it.
func FreeAddress() (string, error) {
	for {
		address := net.JoinHostPort("127.0.0.1", strconv.Itoa(15000+rand.IntN(15000)))
		listener, err := net.Listen("tcp", address)
		if errors.Is(err, syscall.EADDRINUSE) {
			continue
		}
		if err != nil {
			return "", err
		}
		return address, listener.Close()
	}
}

// cleanEnvironment is the environment without anything that would configure
// the server or an AWS client.
func cleanEnvironment() []string {
	var kept []string
	for _, setting := range os.Environ() {
		name, _, _ := strings.Cut(setting, "=")
		upper := strings.ToUpper(name)
		if strings.HasPrefix(upper, "AWS_") || strings.HasPrefix(upper, "BOTO") ||
			strings.HasPrefix(upper, "SALLYPORT_") || strings.HasPrefix(upper, "XDG_") || strings.HasSuffix(upper, "_PROXY") {
			continue
		}
		kept = append(kept, setting)
	}
	return kept
}

// lockedBuffer is a bytes.Buffer for a writer and readers in different
// goroutines.
type lockedBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

// Command runs the server's binary with these arguments, the server's data
// folder and these further settings in the environment, and returns what it
// printed on standard output. It fails the test if the command fails.
func (s *Server) Command(t *testing.T, settings []string, args ...string) string {
	t.Helper()
	settings = append([]string{"SALLYPORT_DATA=" + s.Data}, settings...)
	stdout, stderr, err := run(t, "", settings, s.binary, args...)
	if err != nil {
		t.Fatalf("sallyport %s: %v\n%s%s", strings.Join(args, " "), err, stdout, stderr)
	}
	return stdout
}

// Shell runs lines by a POSIX shell in the module's root folder, with these
// settings added to an environment that configures no AWS client. The shell
// ends at the first command that fails, which err then says.
func Shell(t *testing.T, settings []string, lines string) (stdout, stderr string, err error) {
	t.Helper()
	root, err := moduleRoot()
	if err != nil {
		t.Fatal(err)
	}
	return run(t, root, settings, "sh", "-ec", lines)
}

func run(t *testing.T, folder string, settings []string, name string, args ...string) (stdout, stderr string, err error) {
	ctx, cancel := context.WithTimeout(t.Context(), callTimeout)
	defer cancel()
	command := exec.CommandContext(ctx, name, args...)
	command.Dir = folder
	command.Env = append(cleanEnvironment(), settings...)
	var printed, complained bytes.Buffer
	command.Stdout, command.Stderr = &printed, &complained
	err = command.Run()
	return printed.String(), complained.String(), err
}
