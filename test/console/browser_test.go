package console

import (
	"context"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"sallyport/test/clients/harness"
	"sallyport/test/debian"
	"sallyport/test/process"
)

func TestMain(m *testing.M) { harness.Main(m) }

// Who can sign in to each test's server.
const (
	adminPassword = "Correct-Horse-Battery-1"
	rootEmail     = "root@example.com"
	rootPassword  = "Root-Correct-Horse-1"
	rootKey       = "AKIAROOTEXAMPLE00001"
	rootSecret    = "RootSecretEXAMPLEKEY/bPxRfiCYzzzzzzzzz01"
)

// serve starts a server with an empty account, and returns what a script of
// console/e2e is told of it.
func serve(t testing.TB) []string {
	t.Helper()
	chromium, err := debian.Chromium()
	if err != nil {
		t.Fatal(err)
	}
	s := process.Run(t, t.TempDir(), "SALLYPORT_ADMIN_PASSWORD="+adminPassword, "SALLYPORT_ROOT_EMAIL="+rootEmail, "SALLYPORT_ROOT_PASSWORD="+rootPassword,
		"SALLYPORT_ROOT_ACCESS_KEY_ID="+rootKey, "SALLYPORT_ROOT_SECRET_ACCESS_KEY="+rootSecret)
	return []string{
		"SALLYPORT_URL=" + strings.Replace(s.URL, "127.0.0.1", "localhost", 1), "SALLYPORT_ACCOUNT=" + process.Account, "SALLYPORT_CHROMIUM=" + chromium,
		"SALLYPORT_ADMIN_PASSWORD=" + adminPassword, "SALLYPORT_ROOT_EMAIL=" + rootEmail, "SALLYPORT_ROOT_PASSWORD=" + rootPassword,
		"SALLYPORT_ADMIN_ACCESS_KEY_ID=" + process.AdminKey, "SALLYPORT_ADMIN_SECRET_ACCESS_KEY=" + process.AdminSecret,
		"SALLYPORT_ROOT_ACCESS_KEY_ID=" + rootKey, "SALLYPORT_ROOT_SECRET_ACCESS_KEY=" + rootSecret,
	}
}

var counts = regexp.MustCompile(`(?m)^# (tests|pass|skipped|todo|cancelled) (\d+)$`)

// patience is how long a file of browser tests may take.
const patience = 8 * time.Minute

var chosen = flag.String("files", "*.test.mjs", "the files of console/e2e to run")

// figures are what speed.mjs measured.
var figures = regexp.MustCompile(`(?m)^# (\w+: first .*)$`)

// TestBrowser runs each file of console/e2e against a server of its own. A test that
// did not run, or that was left out, is a failure.
func TestBrowser(t *testing.T) {
	if testing.Short() {
		t.Skip("the server is a process of its own, built without the race detector")
	}
	read(t, filepath.Join(sources, "dist"))
	read(t, e2e)
	installed(t, e2e)
	files, err := fs.Glob(os.DirFS(e2e), *chosen)
	if err != nil || len(files) == 0 {
		t.Fatalf("%d files of browser tests: %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(strings.TrimSuffix(file, ".mjs"), ".test"), func(t *testing.T) {
			t.Parallel()
			env := serve(t)
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			cmd := node(ctx, e2e, "node", "--test", "--test-reporter=tap", file)
			cmd.Env = append(cmd.Env, env...)
			output, err := cmd.CombinedOutput()
			n := make(map[string]int)
			for _, m := range counts.FindAllStringSubmatch(string(output), -1) {
				n[m[1]], _ = strconv.Atoi(m[2])
			}
			if err != nil || n["tests"] == 0 || n["pass"] != n["tests"] {
				t.Errorf("%v: %v\n%s", err, n, output)
			}
			for _, m := range figures.FindAllStringSubmatch(string(output), -1) {
				t.Log(m[1])
			}
		})
	}
}
