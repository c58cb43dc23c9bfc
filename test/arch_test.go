// Package test holds the tests that are about the repository as a whole.
package test

import (
	"bufio"
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// layers is the layout: a package imports only packages of earlier lines, or
// packages below itself. A line ending in "/..." is a package and all below it;
// packages of one such line may import each other. See docs/architecture.md.
var layers = []string{
	"arn",
	"sigv4",
	"catalog/...",
	"policy/condition",
	"policy",
	"policy/validate",
	"policy/reason",
	"authz",
	"internal/policycase",
	"internal/apigen/...",
	"internal/cataloggen/...",
	"internal/api/...",
	"internal/protocol/...",
	"internal/ident",
	"internal/seal",
	"internal/journal/...",
	"internal/lease",
	"internal/state",
	"internal/backup",
	"internal/operation",
	"internal/audit",
	"internal/credential",
	"internal/federation/...",
	"internal/iam/...",
	"internal/organizations",
	"internal/resource/...",
	"internal/history",
	"internal/pdp",
	"internal/sts",
	"internal/identitycenter",
	"internal/cloudtrail",
	"internal/accessanalyzer",
	"internal/authn",
	"internal/session",
	"console/...",
	"internal/server/...",
	"internal/decision",
	"internal/gateway",
	"internal/app",
	"sallyporttest",
	"cmd/sallyport",
	"test/...",
}

// pure packages do no I/O, read no clock, log nothing and start no goroutine.
var pure = []string{"arn", "sigv4", "catalog", "policy", "policy/condition", "policy/validate", "policy/reason", "authz", "internal/federation/saml"}

// impure are imports that a pure package must not have.
var impure = []string{"os", "net", "log", "log/slog", "math/rand", "math/rand/v2", "crypto/rand", "database/sql", "os/exec"}

// impureAllowed are exceptions to impure, with the reason.
var impureAllowed = map[string]string{
	"sigv4 log/slog": "secrets implement slog.LogValuer to mask themselves; nothing is logged",
}

// Budgets, in lines, with the exceptions and their reasons.
const (
	fileBudget      = 500
	functionBudget  = 80
	packageBudget   = 3000
	interfaceBudget = 8
)

var overBudget = map[string]string{
	"policy/validate": "140 checks of a few lines each, one table; what runs them is a fifth of it",
}

type goFile struct {
	path   string // relative to the module, with slashes
	pkg    string // folder
	syntax *ast.File
	fset   *token.FileSet
	lines  int
	test   bool
	gen    bool
}

func TestArchitecture(t *testing.T) {
	files := parseModule(t)
	if len(files) < 100 {
		t.Fatalf("only %d Go files were found: the test looks in the wrong place", len(files))
	}
	t.Run("layers", func(t *testing.T) { checkLayers(t, files) })
	t.Run("pure", func(t *testing.T) { checkPure(t, files) })
	t.Run("comments", func(t *testing.T) { checkComments(t, files) })
	t.Run("budgets", func(t *testing.T) { checkBudgets(t, files) })
	t.Run("console", checkConsole)
	t.Run("clock", func(t *testing.T) { checkClock(t, files) })
	t.Run("exceptions", func(t *testing.T) { checkExceptions(t) })
}

func parseModule(t *testing.T) []goFile {
	t.Helper()
	var files []goFile
	root := ".."
	err := filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := d.Name()
		if d.IsDir() {
			if p != root && (strings.HasPrefix(name, ".") || name == "testdata" || name == "node_modules") {
				return filepath.SkipDir
			}
			// A folder with a go.mod of its own is another module.
			if _, err := os.Stat(filepath.Join(p, "go.mod")); err == nil && p != root {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(name, ".go") {
			return nil
		}
		source, err := os.ReadFile(p)
		if err != nil {
			return err
		}
		fset := token.NewFileSet()
		syntax, err := parser.ParseFile(fset, p, source, parser.ParseComments)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, p)
		if err != nil {
			return err
		}
		rel = filepath.ToSlash(rel)
		files = append(files, goFile{
			path: rel, pkg: path.Dir(rel), syntax: syntax, fset: fset, lines: bytes.Count(source, []byte{'\n'}),
			test: strings.HasSuffix(name, "_test.go"), gen: strings.HasSuffix(name, ".gen.go"),
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// layerOf is the index of the package's line; -1 when it has none.
func layerOf(pkg string) int {
	best, length := -1, -1
	for i, line := range layers {
		prefix, tree := strings.CutSuffix(line, "/...")
		if pkg == prefix || tree && strings.HasPrefix(pkg, prefix+"/") {
			if len(prefix) > length {
				best, length = i, len(prefix)
			}
		}
	}
	return best
}

func checkLayers(t *testing.T, files []goFile) {
	for _, f := range files {
		own := layerOf(f.pkg)
		if own < 0 {
			t.Errorf("%s: the package is in no layer; add it to the table and to docs/architecture.md", f.path)
			continue
		}
		if f.test {
			continue // tests may use what is below them to set themselves up
		}
		for _, imported := range f.imports() {
			pkg, ours := strings.CutPrefix(imported, "sallyport/")
			if !ours || pkg == f.pkg {
				continue
			}
			if other := layerOf(pkg); other > own || other == own && !strings.HasSuffix(layers[own], "/...") {
				t.Errorf("%s imports %s, which is below it in the layout", f.path, pkg)
			}
		}
	}
}

func (f *goFile) imports() []string {
	var imports []string
	for _, i := range f.syntax.Imports {
		imports = append(imports, strings.Trim(i.Path.Value, `"`))
	}
	return imports
}

func isPure(pkg string) bool {
	return slices.ContainsFunc(pure, func(p string) bool {
		return pkg == p || strings.HasPrefix(pkg, p+"/") && !strings.HasSuffix(pkg, "/gen")
	})
}

func checkPure(t *testing.T, files []goFile) {
	for _, f := range files {
		if f.test || !isPure(f.pkg) || f.syntax.Name.Name == "main" {
			continue
		}
		for _, imported := range f.imports() {
			if slices.Contains(impure, imported) && impureAllowed[f.pkg+" "+imported] == "" {
				t.Errorf("%s imports %s; its package is pure", f.path, imported)
			}
		}
		ast.Inspect(f.syntax, func(n ast.Node) bool {
			if _, ok := n.(*ast.GoStmt); ok {
				t.Errorf("%s starts a goroutine; its package is pure", f.fset.Position(n.Pos()))
			}
			return true
		})
	}
}

func checkComments(t *testing.T, files []goFile) {
	commented := make(map[string]bool)
	for _, f := range files {
		if !f.test {
			commented[f.pkg] = commented[f.pkg] || f.syntax.Doc != nil
		}
	}
	for pkg, ok := range commented {
		if !ok {
			t.Errorf("%s: the package has no comment that says what it owns", pkg)
		}
	}
}

func checkBudgets(t *testing.T, files []goFile) {
	packages := make(map[string]int)
	for _, f := range files {
		if f.gen {
			continue
		}
		if f.lines > fileBudget && overBudget[f.path] == "" {
			t.Errorf("%s has %d lines; the budget is %d", f.path, f.lines, fileBudget)
		}
		if !f.test {
			packages[f.pkg] += f.lines
		}
		f.checkDeclarations(t)
	}
	for pkg, lines := range packages {
		if lines > packageBudget && overBudget[pkg] == "" {
			t.Errorf("%s has %d lines; the budget is %d", pkg, lines, packageBudget)
		}
	}
}

// checkConsole holds the console's sources to the budget of a file; what is
// generated from the models apart, as in Go.
func checkConsole(t *testing.T) {
	seen := 0
	root := filepath.Join("..", "console", "src")
	err := filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		source, err := os.ReadFile(p)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel("..", p)
		if err != nil {
			return err
		}
		seen++
		rel = filepath.ToSlash(rel)
		generated := strings.HasSuffix(rel, ".gen.ts")
		if lines := bytes.Count(source, []byte{'\n'}); lines > fileBudget && !generated && overBudget[rel] == "" {
			t.Errorf("%s has %d lines; the budget is %d", rel, lines, fileBudget)
		}
		return nil
	})
	if err != nil || seen < 30 {
		t.Errorf("%d files of the console were found (%v)", seen, err)
	}
}

func (f *goFile) checkDeclarations(t *testing.T) {
	ast.Inspect(f.syntax, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncDecl:
			lines := f.fset.Position(n.End()).Line - f.fset.Position(n.Pos()).Line + 1
			if lines > functionBudget && !f.test && overBudget[f.path+" "+n.Name.Name] == "" {
				t.Errorf("%s: %s has %d lines; the budget is %d", f.path, n.Name.Name, lines, functionBudget)
			}
		case *ast.InterfaceType:
			methods := 0
			for _, m := range n.Methods.List {
				methods += len(m.Names)
			}
			if methods > interfaceBudget {
				t.Errorf("%s: an interface has %d methods; the budget is %d", f.fset.Position(n.Pos()), methods, interfaceBudget)
			}
		}
		return true
	})
}

// noClock are the packages whose code is run again from the journal, or is
// given its time: they never ask for it.
var noClock = []string{"internal/federation/saml", "arn", "sigv4", "catalog", "policy", "authz", "internal/state", "internal/iam", "internal/organizations", "internal/history", "internal/pdp", "internal/sts", "internal/operation", "internal/audit", "internal/authn", "internal/session", "internal/protocol", "internal/server"}

func checkClock(t *testing.T, files []goFile) {
	for _, f := range files {
		within := slices.ContainsFunc(noClock, func(p string) bool { return f.pkg == p || strings.HasPrefix(f.pkg, p+"/") })
		if f.test || !within || f.syntax.Name.Name == "main" || strings.HasSuffix(f.pkg, "test") {
			continue
		}
		ast.Inspect(f.syntax, func(n ast.Node) bool {
			call, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			if x, ok := call.X.(*ast.Ident); ok && x.Name == "time" && slices.Contains([]string{"Now", "Since", "Until"}, call.Sel.Name) {
				t.Errorf("%s reads the clock; time is given to this package", f.fset.Position(n.Pos()))
			}
			return true
		})
	}
}

// checkExceptions fails for an exception that nothing needs any more.
func checkExceptions(t *testing.T) {
	for entry, reason := range overBudget {
		file, _, _ := strings.Cut(entry, " ")
		if _, err := os.Stat(filepath.Join("..", filepath.FromSlash(file))); err != nil || reason == "" {
			t.Errorf("the exception for %s has no file, or no reason", entry)
		}
	}
}

// TestDocumentedLayout holds docs/architecture.md to the table above.
func TestDocumentedLayout(t *testing.T) {
	f, err := os.Open("../docs/architecture.md")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var documented []string
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if row, ok := strings.CutPrefix(lines.Text(), "| `"); ok {
			name, _, _ := strings.Cut(row, "`")
			documented = append(documented, name)
		}
	}
	for _, line := range layers {
		pkg := strings.TrimSuffix(line, "/...")
		if _, err := os.Stat(filepath.Join("..", filepath.FromSlash(pkg))); err != nil {
			continue // not there yet
		}
		if !slices.Contains(documented, pkg) {
			t.Errorf("docs/architecture.md does not say what %s is", pkg)
		}
	}
}

// TestDivergencesNameTheirTests: each row of docs/divergences.md names a test
// that exists.
func TestDivergencesNameTheirTests(t *testing.T) {
	defined := make(map[string]bool)
	for _, f := range parseModule(t) {
		for _, d := range f.syntax.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && f.test {
				defined[fn.Name.Name] = true
			}
		}
	}
	text, err := os.ReadFile("../docs/divergences.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := 0
	for line := range strings.Lines(string(text)) {
		if !strings.HasPrefix(line, "| ") || strings.HasPrefix(line, "| what") || strings.HasPrefix(line, "| ---") {
			continue
		}
		rows++
		cells := strings.Split(strings.TrimSpace(line), "|")
		name := strings.Trim(cells[len(cells)-2], " `")
		if !defined[name] {
			t.Errorf("the row on %s names the test %q, which does not exist", strings.TrimSpace(cells[1]), name)
		}
	}
	if rows == 0 {
		t.Fatal("no row was found")
	}
}
