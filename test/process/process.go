package process

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"sallyport/sigv4"
	"sallyport/test/clients/harness"
)

// The first account of every server, and its administrator's key.
const (
	Account     = "111122223333"
	AdminKey    = "AKIAADMINEXAMPLE0001"
	AdminSecret = "AdminSecretEXAMPLEKEY/bPxRfiCYzzzzzzzz01"
)

// sealKey is one for all servers: nodes of one store share it.
const sealKey = "c2FsbHlwb3J0IHRlc3RzIHNlYWwga2V5IDAxMjM0NTY="

// patience is how long a call may take.
const patience = 30 * time.Second

// Server is one process of the server.
type Server struct {
	// URL is its endpoint, known when Start has returned.
	URL    string
	t      testing.TB
	cmd    *exec.Cmd
	client *http.Client
	stdout buffer
	stderr buffer

	reading sync.WaitGroup
}

// Prepare makes a process that is not started yet. Its data are in a folder; env
// adds to its environment.
func Prepare(t testing.TB, data string, env ...string) *Server {
	t.Helper()
	s := &Server{t: t, client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}, Timeout: patience}}
	s.cmd = exec.Command(harness.Binary(t), "serve", "--addr", "127.0.0.1:0", "--data", data,
		"--quota", "UsersPerAccount=1000000,PoliciesPerAccount=1000000,GroupsPerAccount=100000")
	s.cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "SALLYPORT_ACCOUNT_ID=" + Account, "SALLYPORT_SEAL_KEY=" + sealKey,
		"SALLYPORT_ADMIN_ACCESS_KEY_ID=" + AdminKey, "SALLYPORT_ADMIN_SECRET_ACCESS_KEY=" + AdminSecret,
		"SALLYPORT_SNAPSHOT_ENTRIES=40"}, env...)
	s.cmd.Stderr = &s.stderr
	return s
}

// Start runs the process until it serves. The error says how it ended before.
func (s *Server) Start() error {
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := s.cmd.Start(); err != nil {
		return err
	}
	reader := bufio.NewReader(out)
	line, err := reader.ReadString('\n')
	if err != nil {
		return fmt.Errorf("the server ended: %v: %s", s.cmd.Wait(), s.Stderr())
	}
	s.stdout.Write([]byte(line))
	s.reading.Go(func() { io.Copy(&s.stdout, reader) }) //nolint:errcheck // ends with the process
	s.URL = strings.TrimSpace(strings.TrimPrefix(line, "Sallyport is serving at "))
	s.URL = strings.Replace(s.URL, "localhost", "127.0.0.1", 1)
	return nil
}

// Begin starts the process and does not wait for it to serve.
func (s *Server) Begin() error { return s.cmd.Start() }

// Run starts a process that must serve, and kills it when the test ends.
func Run(t testing.TB, data string, env ...string) *Server {
	t.Helper()
	s := Prepare(t, data, env...)
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Kill)
	return s
}

// Kill ends the process with SIGKILL and waits for it.
func (s *Server) Kill() {
	if s.cmd.Process == nil || s.cmd.ProcessState != nil {
		return
	}
	s.cmd.Process.Kill() //nolint:errcheck // it may have ended by itself
	s.reading.Wait()
	s.cmd.Wait() //nolint:errcheck // killed
	s.client.CloseIdleConnections()
}

// Stop asks the process to end and returns how it did.
func (s *Server) Stop() error {
	s.Signal(syscall.SIGTERM)
	s.reading.Wait()
	return s.cmd.Wait()
}

// Signal sends the process a signal.
func (s *Server) Signal(signal syscall.Signal) {
	s.t.Helper()
	if err := s.cmd.Process.Signal(signal); err != nil {
		s.t.Fatalf("signal %v: %v", signal, err)
	}
}

// Pause stops the process, and returns when it stands still: for a moment after the
// signal its threads go on. [Server.Signal] with SIGCONT has it go on.
func (s *Server) Pause() {
	s.t.Helper()
	s.Signal(syscall.SIGSTOP)
	threads := fmt.Sprintf("/proc/%d/task", s.cmd.Process.Pid)
	for until := time.Now().Add(patience); ; time.Sleep(time.Millisecond) {
		all, err := os.ReadDir(threads)
		if err != nil {
			s.t.Fatal(err)
		}
		if !slices.ContainsFunc(all, func(thread os.DirEntry) bool { return runs(s.t, filepath.Join(threads, thread.Name(), "stat")) }) {
			return
		}
		if time.Now().After(until) {
			s.t.Fatalf("the process was not stopped within %v", patience)
		}
	}
}

// runs says whether a thread is in another state than stopped (proc(5), "stat").
func runs(t testing.TB, stat string) bool {
	t.Helper()
	line, err := os.ReadFile(stat)
	if errors.Is(err, os.ErrNotExist) {
		return false // it has ended
	}
	if err != nil {
		t.Fatal(err)
	}
	// The state comes after the name, which is in parentheses and may hold some.
	_, state, _ := strings.Cut(string(line[strings.LastIndexByte(string(line), ')')+1:]), " ")
	return !strings.HasPrefix(state, "T")
}

// Stdout is what the process has told its operator.
func (s *Server) Stdout() string { return s.stdout.String() }

// Stderr is what the process has logged.
func (s *Server) Stderr() string { return s.stderr.String() }

// Reply is an answer of the server.
type Reply struct {
	Status    int
	Code      string // of an error
	RequestID string
	Body      string
}

// Element is the text of the reply's first XML element of that name.
func (r Reply) Element(name string) string {
	_, rest, ok := strings.Cut(r.Body, "<"+name+">")
	if !ok {
		return ""
	}
	text, _, _ := strings.Cut(rest, "</"+name+">")
	return text
}

// ErrUnanswered says that nothing was acknowledged.
var ErrUnanswered = errors.New("no answer")

// Call makes one signed call of IAM or STS.
func (s *Server) Call(key, secret, service, action string, pairs ...string) (Reply, error) {
	version := map[string]string{"iam": "2010-05-08", "sts": "2011-06-15"}[service]
	form := url.Values{"Action": {action}, "Version": {version}}
	for i := 0; i < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	body := form.Encode()
	request, err := http.NewRequest(http.MethodPost, s.URL+"/", strings.NewReader(body))
	if err != nil {
		return Reply{}, err
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	credentials := sigv4.Credentials{AccessKeyID: key, SecretAccessKey: sigv4.Secret(secret)}
	if err := sigv4.SignHTTP(request, credentials, sigv4.HashBody([]byte(body)), service, "us-east-1", time.Now()); err != nil {
		return Reply{}, err
	}
	response, err := s.client.Do(request)
	if err != nil {
		return Reply{}, ErrUnanswered
	}
	defer response.Body.Close() //nolint:errcheck // read to its end
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return Reply{}, ErrUnanswered
	}
	r := Reply{Status: response.StatusCode, RequestID: response.Header.Get("X-Amzn-Requestid"), Body: string(text)}
	r.Code = r.Element("Code")
	return r, nil
}

// Admin makes a call of IAM as the administrator.
func (s *Server) Admin(action string, pairs ...string) (Reply, error) {
	return s.Call(AdminKey, AdminSecret, "iam", action, pairs...)
}

// MustAdmin makes a call of IAM as the administrator that must succeed.
func (s *Server) MustAdmin(action string, pairs ...string) Reply {
	s.t.Helper()
	r, err := s.Admin(action, pairs...)
	if err != nil || r.Status != http.StatusOK {
		s.t.Fatalf("%s %v: %v %d %s\n%s", action, pairs, err, r.Status, r.Body, s.Stderr())
	}
	return r
}

// Ready asks for /readyz.
func (s *Server) Ready() (status int, body string) {
	s.t.Helper()
	response, err := s.client.Get(s.URL + "/readyz")
	if err != nil {
		return 0, err.Error()
	}
	defer response.Body.Close() //nolint:errcheck // read to its end
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return 0, err.Error()
	}
	return response.StatusCode, string(text)
}

// buffer is a bytes.Buffer for several goroutines.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// CreateAccount makes another account and returns its administrator's key.
func (s *Server) CreateAccount(email string) (key, secret string) {
	s.t.Helper()
	body := []byte(fmt.Sprintf(`{"Email":%q,"Name":"AnyCompany"}`, email))
	request, err := http.NewRequest(http.MethodPost, s.URL+"/", bytes.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/x-amz-json-1.1")
	request.Header.Set("X-Amz-Target", "Sallyport_20261101.CreateAccount")
	credentials := sigv4.Credentials{AccessKeyID: AdminKey, SecretAccessKey: sigv4.Secret(AdminSecret)}
	if err := sigv4.SignHTTP(request, credentials, sigv4.HashBody(body), "sallyport", "us-east-1", time.Now()); err != nil {
		s.t.Fatal(err)
	}
	response, err := s.client.Do(request)
	if err != nil {
		s.t.Fatal(err)
	}
	defer response.Body.Close() //nolint:errcheck // read to its end
	text, err := io.ReadAll(response.Body)
	var made struct {
		AdminUser struct{ AccessKeyID, SecretAccessKey string }
	}
	if err != nil || response.StatusCode != http.StatusOK || json.Unmarshal(text, &made) != nil || made.AdminUser.AccessKeyID == "" {
		s.t.Fatalf("creating an account: %s, %v", response.Status, err)
	}
	return made.AdminUser.AccessKeyID, made.AdminUser.SecretAccessKey
}
