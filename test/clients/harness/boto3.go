package harness

import (
	_ "embed"
	"fmt"
	"os/exec"
	"testing"
)

//go:embed driver_boto3.py
var boto3Driver string

// NewBoto3 is one python3 process that calls services through boto3.
func NewBoto3(t *testing.T) Client {
	t.Helper()
	python, err := exec.LookPath("python3")
	if err != nil {
		Missing(t, "boto3", err)
	}
	if output, err := exec.Command(python, "-c", "import boto3").CombinedOutput(); err != nil {
		Missing(t, "boto3", fmt.Errorf("import boto3: %w\n%s", err, output))
	}
	process := exec.Command(python, "-c", boto3Driver)
	process.Env = clientEnvironment(modelFolder(t))
	return startDriver(t, "boto3", process)
}
