package console

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

// Folders of the console, from this package's.
const (
	sources = "../../console"
	e2e     = "../../console/e2e"
)

// node is a command in a folder, without the settings of whoever runs the test.
func node(ctx context.Context, folder, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = folder
	cmd.Env = append(os.Environ(), "NO_COLOR=1", "NODE_OPTIONS=")
	cmd.WaitDelay = 10 * time.Second
	return cmd
}

// installing lets one npm at a time write a folder.
var installing sync.Mutex

// installed has a folder's node_modules be what its lock file says. They are kept,
// with a note of the lock file they are of.
func installed(t testing.TB, folder string) {
	t.Helper()
	for _, tool := range []string{"node", "npm"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Fatalf("the console is built and tested with Node 20 and npm, and %s is not here: %v", tool, err)
		}
	}
	installing.Lock()
	defer installing.Unlock()
	lock, err := os.ReadFile(filepath.Join(folder, "package-lock.json"))
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(lock)
	want, note := hex.EncodeToString(sum[:]), filepath.Join(folder, "node_modules", ".installed")
	if have, err := os.ReadFile(note); err == nil && string(have) == want {
		return
	}
	output, err := node(t.Context(), folder, "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline").CombinedOutput()
	if err != nil {
		t.Fatalf("npm ci in %s: %v\n%s", folder, err, output)
	}
	if err := os.WriteFile(note, []byte(want), 0o600); err != nil {
		t.Fatal(err)
	}
}

// read opens every file of a folder that a test runs without importing it, so that
// the go command counts them among its inputs.
func read(t testing.TB, folder string) (files map[string][]byte) {
	t.Helper()
	files = make(map[string][]byte)
	err := filepath.WalkDir(folder, func(path string, entry os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && entry.Name() == "node_modules" {
			return filepath.SkipDir
		}
		if !entry.Type().IsRegular() {
			return nil
		}
		name, err := filepath.Rel(folder, path)
		if err != nil {
			return err
		}
		files[filepath.ToSlash(name)], err = os.ReadFile(path)
		return err
	})
	if err != nil || len(files) == 0 {
		t.Fatal(fmt.Errorf("%d files in %s: %w", len(files), folder, err))
	}
	return files
}
