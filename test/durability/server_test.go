//go:build linux

package durability

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"sallyport/internal/journal/faultfs"
	"sallyport/sigv4"
)

const (
	account     = "111122223333"
	adminKey    = "AKIAADMINEXAMPLE0001"
	adminSecret = "AdminSecretEXAMPLEKEY/bPxRfiCYzzzzzzzz01"
	patience    = 30 * time.Second
)

// binary is the server under test, built once.
var binary string

func TestMain(m *testing.M) {
	faultfs.ServeIfAsked()
	os.Exit(func() int {
		folder, err := os.MkdirTemp("", "sallyport-crash-")
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		defer os.RemoveAll(folder) //nolint:errcheck // a temporary folder
		binary = filepath.Join(folder, "sallyport")
		build := exec.Command("go", "build", "-o", binary, "sallyport/cmd/sallyport")
		build.Stderr = os.Stderr
		if err := build.Run(); err != nil {
			fmt.Fprintln(os.Stderr, "building the server:", err)
			return 1
		}
		return m.Run()
	}())
}

// server is one process of the server.
type server struct {
	t      *testing.T
	cmd    *exec.Cmd
	url    string
	client *http.Client
	stderr bytes.Buffer
}

// launch starts a process and does not wait for it.
func launch(t *testing.T, data string, env ...string) *server {
	t.Helper()
	s := &server{t: t, client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}, Timeout: patience}}
	s.cmd = exec.Command(binary, "serve", "--addr", "127.0.0.1:0", "--data", data, "--quota", "UsersPerAccount=1000000,PoliciesPerAccount=1000000")
	s.cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"),
		"SALLYPORT_ACCOUNT_ID=" + account, "SALLYPORT_ADMIN_ACCESS_KEY_ID=" + adminKey, "SALLYPORT_ADMIN_SECRET_ACCESS_KEY=" + adminSecret,
		"SALLYPORT_SNAPSHOT_ENTRIES=40"}, env...)
	s.cmd.Stderr = &s.stderr
	return s
}

// start runs a process until it serves. It returns an error when it ends first.
func (s *server) start() error {
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := s.cmd.Start(); err != nil {
		return err
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		return fmt.Errorf("the server ended: %v: %s", s.cmd.Wait(), s.stderr.String())
	}
	go io.Copy(io.Discard, out) //nolint:errcheck // ends with the process
	s.url = strings.TrimSpace(strings.TrimPrefix(line, "Sallyport is serving at "))
	s.url = strings.Replace(s.url, "localhost", "127.0.0.1", 1)
	return nil
}

// run starts a process that must serve.
func run(t *testing.T, data string, env ...string) *server {
	t.Helper()
	s := launch(t, data, env...)
	if err := s.start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.kill)
	return s
}

// kill ends the process with SIGKILL and waits for it.
func (s *server) kill() {
	if s.cmd.Process == nil || s.cmd.ProcessState != nil {
		return
	}
	s.cmd.Process.Kill() //nolint:errcheck // it may have ended by itself
	s.cmd.Wait()         //nolint:errcheck // killed
	s.client.CloseIdleConnections()
}

// stop asks the process to end and returns how it did.
func (s *server) stop() error {
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	return s.cmd.Wait()
}

// reply is an answer of the server.
type reply struct {
	status    int
	code      string
	requestID string
	body      string
}

// errUnanswered says that nothing was acknowledged.
var errUnanswered = errors.New("no answer")

// call makes one signed call of IAM or STS.
func (s *server) call(key, secret, service, action string, pairs ...string) (reply, error) {
	version := map[string]string{"iam": "2010-05-08", "sts": "2011-06-15"}[service]
	form := url.Values{"Action": {action}, "Version": {version}}
	for i := 0; i < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	body := form.Encode()
	request, err := http.NewRequest(http.MethodPost, s.url+"/", strings.NewReader(body))
	if err != nil {
		return reply{}, err
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	credentials := sigv4.Credentials{AccessKeyID: key, SecretAccessKey: sigv4.Secret(secret)}
	if err := sigv4.SignHTTP(request, credentials, sigv4.HashBody([]byte(body)), service, "us-east-1", time.Now()); err != nil {
		return reply{}, err
	}
	response, err := s.client.Do(request)
	if err != nil {
		return reply{}, errUnanswered
	}
	defer response.Body.Close() //nolint:errcheck // read to its end
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return reply{}, errUnanswered
	}
	return reply{
		status: response.StatusCode, code: element(string(text), "Code"),
		requestID: response.Header.Get("X-Amzn-Requestid"), body: string(text),
	}, nil
}

// admin makes a call of IAM as the administrator.
func (s *server) admin(action string, pairs ...string) (reply, error) {
	return s.call(adminKey, adminSecret, "iam", action, pairs...)
}

// element is the text of the first XML element of that name.
func element(body, name string) string {
	_, rest, ok := strings.Cut(body, "<"+name+">")
	if !ok {
		return ""
	}
	text, _, _ := strings.Cut(rest, "</"+name+">")
	return text
}
