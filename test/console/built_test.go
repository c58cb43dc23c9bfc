package console

import (
	"bytes"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"
)

// TestBuilt: the committed dist is what the sources build to, byte for byte.
func TestBuilt(t *testing.T) {
	read(t, filepath.Join(sources, "src"))
	installed(t, sources)
	out := filepath.Join(t.TempDir(), "dist")
	if output, err := node(t.Context(), sources, "npm", "run", "build", "--", "--outDir", out, "--emptyOutDir").CombinedOutput(); err != nil {
		t.Fatalf("npm run build: %v\n%s", err, output)
	}
	built, committed := read(t, out), read(t, filepath.Join(sources, "dist"))
	for name, content := range built {
		if !bytes.Equal(content, committed[name]) {
			t.Errorf("%s is not what is committed", name)
		}
	}
	for name := range committed {
		if _, ok := built[name]; !ok {
			t.Errorf("%s is committed and not built", name)
		}
	}
	if t.Failed() {
		t.Log("run `make console` and commit console/dist")
	}
	if len(built) < 50 {
		t.Errorf("%d files were built", len(built))
	}
}

var passed = regexp.MustCompile(`Tests\s+(\d+) passed \((\d+)\)`)

// TestUnits: the sources' own tests.
func TestUnits(t *testing.T) {
	read(t, filepath.Join(sources, "src"))
	installed(t, sources)
	output, err := node(t.Context(), sources, "npm", "test").CombinedOutput()
	if err != nil {
		t.Fatalf("npm test: %v\n%s", err, output)
	}
	m := passed.FindSubmatch(output)
	if m == nil || !bytes.Equal(m[1], m[2]) {
		t.Fatalf("not every test ran and passed:\n%s", output)
	}
	if n, err := strconv.Atoi(string(m[1])); err != nil || n < 5 {
		t.Errorf("%s tests ran", m[1])
	}
}
