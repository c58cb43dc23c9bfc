package harness

import (
	"bufio"
	"bytes"
	"context"
	_ "embed"
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

//go:embed driver_boto3.py
var boto3Driver string

// Boto3 is one python3 process that calls services through boto3. Calls are
// made one after another.
type Boto3 struct {
	mu      sync.Mutex // held for one request and its answer
	process *exec.Cmd
	input   io.WriteCloser
	answers *bufio.Reader
	stderr  lockedBuffer
}

// NewBoto3 starts the process; it ends with the test.
func NewBoto3(t *testing.T) Client {
	t.Helper()
	python, err := exec.LookPath("python3")
	if err != nil {
		Missing(t, "boto3", err)
	}
	if output, err := exec.Command(python, "-c", "import boto3").CombinedOutput(); err != nil {
		Missing(t, "boto3", fmt.Errorf("import boto3: %w\n%s", err, output))
	}
	c := &Boto3{process: exec.Command(python, "-c", boto3Driver)}
	c.process.Env = clientEnvironment(modelFolder(t))
	c.process.Stderr = &c.stderr
	if c.input, err = c.process.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	output, err := c.process.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	c.answers = bufio.NewReader(output)
	if err := c.process.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.close(t) })
	return c
}

// close ends the process by closing its input.
func (c *Boto3) close(t *testing.T) {
	c.input.Close()
	late := time.AfterFunc(stopTimeout, func() { _ = c.process.Process.Kill() })
	defer late.Stop()
	if err := c.process.Wait(); err != nil {
		t.Errorf("boto3 driver: %v\n%s", err, c.stderr.String())
	}
}

func (*Boto3) Name() string { return "boto3" }

func (c *Boto3) Call(ctx context.Context, call Call) (Reply, error) {
	request, err := json.Marshal(map[string]any{
		"endpoint":    call.Endpoint,
		"region":      Region,
		"service":     call.Service,
		"method":      words(call.Operation, "_"),
		"params":      call.Params,
		"page_size":   call.PageSize,
		"credentials": call.Credentials,
	})
	if err != nil {
		return Reply{}, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	// A driver that hangs is killed, which ends the read below.
	late := context.AfterFunc(ctx, func() { _ = c.process.Process.Kill() })
	defer late()
	if _, err := c.input.Write(append(request, '\n')); err != nil {
		return Reply{}, c.failure(err)
	}
	line, err := c.answers.ReadBytes('\n')
	if err != nil {
		return Reply{}, c.failure(err)
	}
	var answer struct {
		Output  map[string]any
		Error   *ServiceError
		Failure string
	}
	if err := json.NewDecoder(bytes.NewReader(line)).Decode(&answer); err != nil {
		return Reply{}, c.failure(err)
	}
	switch {
	case answer.Failure != "":
		return Reply{}, errors.New("boto3: " + strings.TrimSpace(answer.Failure))
	case answer.Error != nil:
		return Reply{Err: answer.Error}, nil
	}
	return Reply{Output: neutral(answer.Output)}, nil
}

func (c *Boto3) failure(err error) error {
	return fmt.Errorf("boto3 driver: %w\n%s", err, c.stderr.String())
}
