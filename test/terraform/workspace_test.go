package terraform

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"sallyport/test/clients/harness"
)

func TestMain(m *testing.M) {
	code := m.Run()
	if initialised.folder != "" {
		os.RemoveAll(initialised.folder)
	}
	harness.Exit(code)
}

const (
	// mirrorVariable names the folder of a filesystem mirror: the one that
	// holds registry.terraform.io.
	mirrorVariable  = "SALLYPORT_TEST_TF_PLUGINS"
	registry        = "registry.terraform.io"
	provider        = registry + "/hashicorp/aws"
	providerVersion = "5.100.0"

	// runTimeout bounds one run of terraform. A plan of the configuration takes
	// 10 to 30 seconds on two processors.
	runTimeout = 5 * time.Minute

	// shown is how many bytes of a failed run's output a test prints.
	shown = 8 << 10
)

// mirrors are the folders in which a mirror is looked for, in this order.
func mirrors() []string {
	folders := []string{"/opt/tf-plugins", "/usr/share/terraform/plugins", "/usr/local/share/terraform/plugins"}
	if home, err := os.UserHomeDir(); err == nil {
		folders = append([]string{filepath.Join(home, ".terraform.d", "plugins")}, folders...)
	}
	if given := os.Getenv(mirrorVariable); given != "" {
		return []string{given}
	}
	return folders
}

// initialised is the folder that terraform init has prepared once for all
// tests: the command's settings, the provider and its lock file.
var initialised struct {
	sync.Once
	folder, command string
	missing         error
	failed          error
}

func prepare() {
	command, err := exec.LookPath("terraform")
	if err != nil {
		initialised.missing = err
		return
	}
	folders := mirrors()
	i := slices.IndexFunc(folders, func(folder string) bool {
		found, err := filepath.Glob(filepath.Join(folder, provider, providerVersion, "*"))
		packed, packedErr := filepath.Glob(filepath.Join(folder, provider, "terraform-provider-aws_"+providerVersion+"_*.zip"))
		return err == nil && packedErr == nil && len(found)+len(packed) > 0
	})
	if i < 0 {
		initialised.missing = fmt.Errorf("no %s %s in %s; %s names another folder", provider, providerVersion, strings.Join(folders, ", "), mirrorVariable)
		return
	}
	initialised.command = command
	initialised.failed = initialise(folders[i])
}

func initialise(mirror string) error {
	folder, err := os.MkdirTemp("", "sallyport-terraform-")
	if err != nil {
		return err
	}
	initialised.folder = folder
	settings := fmt.Sprintf(`disable_checkpoint = true
provider_installation {
  filesystem_mirror {
    path    = %q
    include = ["registry.terraform.io/*/*"]
  }
}
`, mirror)
	if err := os.WriteFile(filepath.Join(folder, "terraform.rc"), []byte(settings), 0o600); err != nil {
		return err
	}
	if err := copyFile("testdata/provider.tf", filepath.Join(folder, "provider.tf")); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), runTimeout)
	defer cancel()
	output, code, err := terraform(ctx, folder, nil, "init", "-input=false")
	if err == nil && code != 0 {
		err = fmt.Errorf("terraform init ended with %d:\n%s", code, output)
	}
	return err
}

// A workspace is a configuration with a state of its own.
type workspace struct {
	t      *testing.T
	folder string
	env    map[string]string
}

// newWorkspace returns a workspace with these files of testdata, for a server
// and the credentials of the caller.
func newWorkspace(t *testing.T, server *harness.Server, caller harness.Credentials, files ...string) *workspace {
	t.Helper()
	need(t)
	w := &workspace{t: t, folder: t.TempDir(), env: map[string]string{
		"TF_VAR_endpoint": server.URL, "AWS_ACCESS_KEY_ID": caller.AccessKeyID, "AWS_SECRET_ACCESS_KEY": caller.SecretAccessKey,
	}}
	for _, name := range append([]string{"provider.tf"}, files...) {
		if err := copyFile(filepath.Join("testdata", name), filepath.Join(w.folder, name)); err != nil {
			t.Fatal(err)
		}
	}
	if err := copyFile(filepath.Join(initialised.folder, lockFile), filepath.Join(w.folder, lockFile)); err != nil {
		t.Fatal(err)
	}
	return w
}

const lockFile = ".terraform.lock.hcl"

// need skips the test where terraform or the provider is missing.
func need(t *testing.T) {
	t.Helper()
	initialised.Do(prepare)
	switch {
	case initialised.missing != nil:
		harness.Missing(t, "Terraform with its AWS provider", initialised.missing)
	case initialised.failed != nil:
		t.Fatal(initialised.failed)
	}
}

func (w *workspace) write(name, text string) {
	w.t.Helper()
	if err := os.WriteFile(filepath.Join(w.folder, name), []byte(text), 0o600); err != nil {
		w.t.Fatal(err)
	}
}

// run runs terraform and fails the test if it ends with another code.
func (w *workspace) run(want int, args ...string) string {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), runTimeout)
	defer cancel()
	began := time.Now()
	output, code, err := terraform(ctx, w.folder, w.env, args...)
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Logf("terraform %s: %.1f s", strings.Join(args, " "), time.Since(began).Seconds())
	if code != want {
		// Errors come last, after a plan of any length.
		w.t.Fatalf("terraform %s ended with %d, want %d:\n%s", strings.Join(args, " "), code, want, output[max(0, len(output)-shown):])
	}
	return output
}

// read is run for a command that prints JSON, into v.
func (w *workspace) read(v any, args ...string) {
	w.t.Helper()
	if err := json.Unmarshal([]byte(w.run(0, args...)), v); err != nil {
		w.t.Fatalf("terraform %s: %v", strings.Join(args, " "), err)
	}
}

// terraform runs the command with nothing of the environment that could
// configure it or an AWS client.
func terraform(ctx context.Context, folder string, env map[string]string, args ...string) (output string, code int, err error) {
	command := exec.CommandContext(ctx, initialised.command, args...)
	command.Dir = folder
	settings := map[string]string{
		"PATH": os.Getenv("PATH"), "HOME": folder, "TMPDIR": os.TempDir(),
		"TF_CLI_CONFIG_FILE": filepath.Join(initialised.folder, "terraform.rc"),
		"TF_DATA_DIR":        filepath.Join(initialised.folder, ".terraform"),
		"TF_IN_AUTOMATION":   "1", "TF_CLI_ARGS": "-no-color", "AWS_EC2_METADATA_DISABLED": "true",
	}
	maps.Copy(settings, env)
	for name, value := range settings {
		command.Env = append(command.Env, name+"="+value)
	}
	var stdout, stderr bytes.Buffer
	command.Stdout, command.Stderr = &stdout, &stderr
	err = command.Run()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok && ctx.Err() == nil {
		return stdout.String() + stderr.String(), exit.ExitCode(), nil
	}
	return stdout.String(), 0, err
}

func copyFile(from, to string) error {
	data, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, data, 0o600)
}
