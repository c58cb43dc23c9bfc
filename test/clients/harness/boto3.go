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
	return startDriver(t, "boto3", pythonDriver(t, "boto3", "boto3", boto3Driver))
}

// pythonDriver is a process with the text of a driver, for which python3 needs the
// module.
func pythonDriver(t *testing.T, client, module, text string) *exec.Cmd {
	t.Helper()
	python, err := exec.LookPath("python3")
	if err != nil {
		Missing(t, client, err)
	}
	if output, err := exec.Command(python, "-c", "import "+module).CombinedOutput(); err != nil {
		Missing(t, client, fmt.Errorf("import %s: %w\n%s", module, err, output))
	}
	process := exec.Command(python, "-c", text)
	process.Env = clientEnvironment(modelFolder(t))
	return process
}
