package harness

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"
)

// driver is a process that makes calls through an SDK of another language: one
// JSON object per line each way. Calls are made one after another.
type driver struct {
	name    string
	mu      sync.Mutex // held for one request and its answer
	process *exec.Cmd
	input   io.WriteCloser
	answers *bufio.Reader
	stderr  lockedBuffer
}

// startDriver starts the process; it ends with the test.
func startDriver(t *testing.T, name string, process *exec.Cmd) *driver {
	t.Helper()
	d := &driver{name: name, process: process}
	process.Stderr = &d.stderr
	var err error
	if d.input, err = process.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	output, err := process.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	d.answers = bufio.NewReader(output)
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.close(t) })
	return d
}

// close ends the process by closing its input.
func (d *driver) close(t *testing.T) {
	d.input.Close()
	late := time.AfterFunc(stopTimeout, func() { _ = d.process.Process.Kill() })
	defer late.Stop()
	if err := d.process.Wait(); err != nil {
		t.Errorf("%s driver: %v\n%s", d.name, err, d.stderr.String())
	}
}

// Name implements [Client].
func (d *driver) Name() string { return d.name }

// Call implements [Client].
func (d *driver) Call(ctx context.Context, call Call) (Reply, error) {
	request := map[string]any{
		"endpoint":    call.Endpoint,
		"region":      Region,
		"service":     call.Service,
		"operation":   call.Operation,
		"method":      words(call.Operation, "_"),
		"params":      call.Params,
		"page_size":   call.PageSize,
		"credentials": call.Credentials,
	}
	var answer struct {
		Output  map[string]any
		Error   *ServiceError
		Failure string
	}
	if err := d.ask(ctx, request, &answer); err != nil {
		return Reply{}, err
	}
	switch {
	case answer.Failure != "":
		return Reply{}, errors.New(d.name + ": " + strings.TrimSpace(answer.Failure))
	case answer.Error != nil:
		return Reply{Err: answer.Error}, nil
	}
	return Reply{Output: neutral(answer.Output)}, nil
}

// ask sends one request and reads what the process answers.
func (d *driver) ask(ctx context.Context, request, answer any) error {
	line, err := json.Marshal(request)
	if err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	// A driver that hangs is killed, which ends the read below.
	late := context.AfterFunc(ctx, func() { _ = d.process.Process.Kill() })
	defer late()
	if _, err := d.input.Write(append(line, '\n')); err != nil {
		return d.failure(err)
	}
	if line, err = d.answers.ReadBytes('\n'); err != nil {
		return d.failure(err)
	}
	if err := json.Unmarshal(line, answer); err != nil {
		return d.failure(err)
	}
	return nil
}

func (d *driver) failure(err error) error {
	return fmt.Errorf("%s driver: %w\n%s", d.name, err, d.stderr.String())
}
