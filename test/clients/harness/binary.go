package harness

import (
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// BinaryVariable names an environment variable with the path of a sallyport
// binary to test in place of the one built from this module.
const BinaryVariable = "SALLYPORT_TEST_BINARY"

// RequireAllVariable names an environment variable that, set to 1, makes a
// missing client a failure where it would otherwise skip the test.
const RequireAllVariable = "SALLYPORT_TEST_REQUIRE_ALL"

// build makes the binary once per test process. Its folder is removed by
// [Main], after every test that uses it.
var build = sync.OnceValues(func() (built string, err error) {
	root, err := moduleRoot()
	if err != nil {
		return "", err
	}
	if err := readSources(root); err != nil {
		return "", err
	}
	folder, err := temporaryFolder("sallyport-clients-")
	if err != nil {
		return "", err
	}
	built = filepath.Join(folder, "sallyport")
	compile := exec.Command("go", "build", "-o", built, "./cmd/sallyport")
	compile.Dir = root
	compile.Env = append(os.Environ(), "CGO_ENABLED=0")
	if output, err := compile.CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build ./cmd/sallyport: %w\n%s", err, output)
	}
	return built, nil
})

// temporary are folders that [Main] removes after every test.
var temporary struct {
	sync.Mutex
	folders []string
}

func temporaryFolder(prefix string) (string, error) {
	folder, err := os.MkdirTemp("", prefix)
	if err != nil {
		return "", err
	}
	temporary.Lock()
	defer temporary.Unlock()
	temporary.folders = append(temporary.folders, folder)
	return folder, nil
}

// Main runs the tests of a package and removes what the harness built for
// them. Call it from TestMain.
func Main(m *testing.M) {
	Exit(m.Run())
}

// Exit ends the process after its tests, for a package whose TestMain has more
// to do than [Main].
func Exit(code int) {
	for _, folder := range temporary.folders {
		os.RemoveAll(folder)
	}
	os.Exit(code)
}

// Binary returns the path of the server binary: the one that BinaryVariable
// names, else one built from this module.
func Binary(t testing.TB) string {
	t.Helper()
	if given := os.Getenv(BinaryVariable); given != "" {
		return given
	}
	built, err := build()
	if err != nil {
		t.Fatal(err)
	}
	return built
}

// readSources lists every folder of the module. The go command counts what a
// test opens among its inputs, so a test's cached result is not taken for one
// of the changed product, which the test does not import.
func readSources(root string) error {
	return filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.IsDir() && path != root && strings.HasPrefix(entry.Name(), ".") {
			return fs.SkipDir
		}
		if os.IsNotExist(err) { // another test's temporary file
			return nil
		}
		return err
	})
}

// moduleRoot finds the folder of go.mod above the working folder.
func moduleRoot() (string, error) {
	folder, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(folder, "go.mod")); err == nil {
			return folder, nil
		}
		parent := filepath.Dir(folder)
		if parent == folder {
			return "", fmt.Errorf("no go.mod above the working folder")
		}
		folder = parent
	}
}

// Missing ends the test of a client that cannot run here: a failure if every
// client is required, else a skip with the reason.
func Missing(t *testing.T, client string, reason error) {
	t.Helper()
	if os.Getenv(RequireAllVariable) == "1" {
		t.Fatalf("%s is required by %s=1: %v", client, RequireAllVariable, reason)
	}
	t.Skipf("%s is not available: %v", client, reason)
}

// modelFolder lays out models/sallyport.json the way botocore looks for
// services, in a new folder for AWS_DATA_PATH.
func modelFolder(t *testing.T) string {
	t.Helper()
	root, err := moduleRoot()
	if err != nil {
		t.Fatal(err)
	}
	model, err := os.ReadFile(filepath.Join(root, "models", "sallyport.json"))
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	version := filepath.Join(folder, "sallyport", "2026-11-01")
	if err := os.MkdirAll(version, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(version, "service-2.json"), model, 0o644); err != nil {
		t.Fatal(err)
	}
	return folder
}
