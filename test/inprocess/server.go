package inprocess

import (
	"bytes"
	"context"
	"log/slog"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"sallyport/internal/app"
	"sallyport/internal/journal"
	"sallyport/internal/journal/memory"
	"sallyport/internal/state"
	"sallyport/sigv4"
)

// Account is the first account of every server.
const Account = "111122223333"

// Credentials of the first account, fixed so that tests can look for them.
const (
	AdminKey      = "AKIAADMINEXAMPLE0001"
	AdminSecret   = "AdminSecretEXAMPLEKEY/bPxRfiCYzzzzzzzz01"
	AdminPassword = "Admin-pass-EXAMPLE-01"
	RootKey       = "AKIAROOTEXAMPLE00001"
	RootSecret    = "RootSecretEXAMPLEKEY/bPxRfiCYzzzzzzzzz01"
	RootPassword  = "Root-pass-EXAMPLE-001"
	MetricsToken  = "metrics-token-EXAMPLE"
)

// Stranger is a key that nobody has.
var Stranger = sigv4.Credentials{AccessKeyID: "AKIASTRANGEREXAMPLE1", SecretAccessKey: "StrangerSecretEXAMPLE/bPxRfiCYzzzzzzzz01"}

// Start is what a server's clock shows first.
var Start = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// A Server is a Sallyport that serves one test.
type Server struct {
	testing.TB
	App     *app.App
	URL     string
	Journal journal.Store
	// Admin and Root sign with the keys of the first account.
	Admin, Root *Client
	// Logs is everything logged, at debug level.
	Logs *Buffer

	http *httptest.Server

	stopped sync.Once

	mu    sync.Mutex
	now   time.Time
	calls []call
}

// call is what a client was told, to be found in the audit trail.
type call struct{ id, code string }

// New starts a server on a journal in memory and closes it when the test ends.
// Options may change how the app is configured.
func New(t testing.TB, options ...func(*app.Config)) *Server {
	t.Helper()
	s := &Server{TB: t, now: Start, Logs: new(Buffer)}
	s.Admin = s.Client(sigv4.Credentials{AccessKeyID: AdminKey, SecretAccessKey: AdminSecret})
	s.Root = s.Client(sigv4.Credentials{AccessKeyID: RootKey, SecretAccessKey: RootSecret})
	s.http = httptest.NewUnstartedServer(nil)
	config := app.Config{
		PublicURL: "http://" + s.http.Listener.Addr().String(),
		Journal:   memory.New(), MetricsToken: MetricsToken, Now: s.Now,
		Logger: slog.New(slog.NewJSONHandler(s.Logs, &slog.HandlerOptions{Level: slog.LevelDebug})),
		FirstAccount: app.FirstAccount{
			ID: Account, RootPassword: RootPassword, RootAccessKeyID: RootKey, RootSecret: RootSecret,
			AdminPassword: AdminPassword, AdminAccessKeyID: AdminKey, AdminSecret: AdminSecret,
		},
	}
	for _, option := range options {
		option(&config)
	}
	s.Journal = config.Journal
	var err error
	if s.App, err = app.Open(context.Background(), config); err != nil {
		t.Fatalf("opening the app: %v", err)
	}
	s.http.Config.Handler = s.App.Handler()
	s.http.Config.SetKeepAlivesEnabled(true)
	s.http.Start()
	s.URL = s.http.URL
	t.Cleanup(s.close)
	return s
}

// Now is the time on the server's clock, which stands still but for Advance.
func (s *Server) Now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now
}

// Advance moves the clock.
func (s *Server) Advance(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now = s.now.Add(d)
}

// Dump is the whole state in canonical form, every stream of it.
func (s *Server) Dump() string {
	s.Helper()
	var b bytes.Buffer
	for _, id := range s.App.State().Streams() {
		view, ok := s.App.State().View(id)
		if !ok {
			s.Fatalf("stream %s is gone", id)
		}
		if err := state.Dump(&b, view); err != nil {
			s.Fatal(err)
		}
	}
	return b.String()
}

// View is the committed state of an account.
func (s *Server) View(account string) *state.View {
	s.Helper()
	v, ok := s.App.State().View(state.AccountStream(account))
	if !ok {
		s.Fatalf("no account %s", account)
	}
	return v
}

// Stop ends the server before the test does, as its operator would.
func (s *Server) Stop() {
	s.Helper()
	s.stopped.Do(s.stop)
}

func (s *Server) close() { s.stopped.Do(s.stop) }

func (s *Server) stop() {
	s.http.Close()
	if !s.Failed() {
		s.checkTrail()
	}
	if err := s.App.Close(); err != nil {
		s.Errorf("closing the app: %v", err)
	}
}

// A Buffer is a bytes.Buffer for several goroutines.
type Buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

// Write implements io.Writer.
func (b *Buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

// String is what was written so far.
func (b *Buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}
