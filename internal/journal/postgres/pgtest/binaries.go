package pgtest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
)

// RequireAllVariable makes a missing PostgreSQL a failure.
const RequireAllVariable = "SALLYPORT_TEST_REQUIRE_ALL"

// program finds one of PostgreSQL's programs: on the PATH, or where Debian and
// Homebrew put those that are not; there the newest version.
func program(name string) (string, error) {
	if path, err := exec.LookPath(name); err == nil {
		return path, nil
	}
	var found []string
	for _, pattern := range []string{"/usr/lib/postgresql/*/bin/", "/usr/local/bin/", "/opt/homebrew/opt/postgresql@*/bin/"} {
		matches, err := filepath.Glob(pattern + name)
		if err != nil {
			return "", err
		}
		found = append(found, matches...)
	}
	if len(found) == 0 {
		return "", fmt.Errorf("PostgreSQL's %s was not found", name)
	}
	return slices.MaxFunc(found, func(a, b string) int { return version(a) - version(b) }), nil
}

// version is the number in a path like /usr/lib/postgresql/15/bin/initdb.
func version(path string) int {
	digits := ""
	for _, r := range path {
		if r >= '0' && r <= '9' {
			digits += string(r)
		}
	}
	n, err := strconv.Atoi(digits)
	if err != nil {
		return 0
	}
	return n
}

// Require skips the test, or fails it, without PostgreSQL.
func Require(t testing.TB) {
	t.Helper()
	err := supported
	for _, name := range []string{"initdb", "postgres"} {
		if err == nil {
			_, err = program(name)
		}
	}
	if err == nil {
		return
	}
	if os.Getenv(RequireAllVariable) != "" {
		t.Fatal(err)
	}
	t.Skip(err)
}
