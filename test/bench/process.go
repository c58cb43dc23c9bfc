package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// A process is a server that was started.
type process struct {
	command *exec.Cmd
	addr    string
	took    time.Duration // from its start to being ready
}

// patience is how long a server may take to be ready.
const patience = 5 * time.Minute

// serve starts a sallyport on a data folder and returns when it is ready.
func serve(o *options, data string, more ...string) (*process, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	addr := listener.Addr().String()
	if err := listener.Close(); err != nil {
		return nil, err
	}
	child := exec.Command(o.server, append([]string{"serve", "--addr", addr, "--data", data, "--quota", "UsersPerAccount=10000000"}, more...)...)
	child.Env = append(os.Environ(),
		"SALLYPORT_ACCOUNT_ID="+account,
		"SALLYPORT_ADMIN_ACCESS_KEY_ID="+adminKey,
		"SALLYPORT_ADMIN_SECRET_ACCESS_KEY="+adminSecret,
	)
	child.Stderr = os.Stderr
	began := time.Now()
	if err := child.Start(); err != nil {
		return nil, err
	}
	p := &process{command: child, addr: addr}
	if err := p.ready(began.Add(patience)); err != nil {
		return nil, errors.Join(err, p.kill())
	}
	p.took = time.Since(began)
	return p, nil
}

// ready waits for /readyz to answer 200.
func (p *process) ready(until time.Time) error {
	for time.Now().Before(until) {
		conn, err := net.Dial("tcp", p.addr)
		if err != nil {
			time.Sleep(time.Millisecond)
			continue
		}
		defer conn.Close() //nolint:errcheck // answered by then
		if err := conn.SetDeadline(until); err != nil {
			return err
		}
		if _, err := io.WriteString(conn, "GET /readyz HTTP/1.1\r\nHost: "+host+"\r\nConnection: close\r\n\r\n"); err != nil {
			return err
		}
		reply, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			return fmt.Errorf("the server did not become ready: %w", err)
		}
		reply.Body.Close() //nolint:errcheck // not read
		if reply.StatusCode == http.StatusOK {
			return nil
		}
		return fmt.Errorf("/readyz answered %s", reply.Status)
	}
	return errors.New("the server is not ready after " + patience.String())
}

// stop ends the server as an operator would.
func (p *process) stop() error {
	if err := p.command.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	return p.command.Wait()
}

// kill ends the server without a chance to write anything.
func (p *process) kill() error {
	if err := p.command.Process.Kill(); err != nil {
		return err
	}
	p.command.Wait() //nolint:errcheck // it says that it was killed
	return nil
}

// resident is the memory the process holds, in bytes.
func (p *process) resident() (float64, error) {
	status, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(p.command.Process.Pid), "status"))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(status)) {
		if value, found := strings.CutPrefix(line, "VmRSS:"); found {
			kb, err := strconv.ParseFloat(strings.Fields(value)[0], 64)
			return kb * 1024, err
		}
	}
	return 0, errors.New("the kernel does not tell VmRSS")
}

// empty starts the server that does nothing.
func empty() (*process, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	child := exec.Command(self, "empty")
	child.Stderr = os.Stderr
	out, err := child.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := child.Start(); err != nil {
		return nil, err
	}
	p := &process{command: child}
	addr, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		return nil, errors.Join(err, p.kill())
	}
	p.addr = strings.TrimSpace(addr)
	return p, nil
}

// runEmpty is the server that does nothing, with the settings of the real one.
func runEmpty(out io.Writer) error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintln(out, listener.Addr()); err != nil {
		return err
	}
	server := &http.Server{
		Handler:           http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}),
		ReadHeaderTimeout: 10 * time.Second, ReadTimeout: time.Minute, WriteTimeout: 2 * time.Minute,
		IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10,
	}
	return server.Serve(listener)
}
