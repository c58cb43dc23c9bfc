package apigen_test

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sallyport/internal/apigen"
)

const root = "../.."

// TestGeneratedIsCurrent renders every package and compares it with the
// committed files: none missing, none left over, none edited.
func TestGeneratedIsCurrent(t *testing.T) {
	for _, p := range apigen.Packages {
		t.Run(p.Name, func(t *testing.T) {
			m, err := apigen.Load(filepath.Join(root, "models"), p.Model)
			if err != nil {
				t.Fatal(err)
			}
			want, err := apigen.Files(p, m)
			if err != nil {
				t.Fatal(err)
			}
			dir := filepath.Join(root, "internal", "api", p.Name)
			have, err := filepath.Glob(filepath.Join(dir, "*.gen.go"))
			if err != nil || len(have) != len(want) {
				t.Errorf("%d files, want %d (%v); run go generate ./internal/api", len(have), len(want), err)
			}
			for name, src := range want {
				got, err := os.ReadFile(filepath.Join(dir, name))
				if err != nil {
					t.Error(err)
				} else if string(got) != string(src) {
					t.Errorf("%s is not what the models give; run go generate ./internal/api", name)
				}
				if n := strings.Count(string(src), "\n"); n > 5000 {
					t.Errorf("%s has %d lines", name, n)
				}
			}
		})
	}
}

// TestConsoleTypesAreCurrent is TestGeneratedIsCurrent for the console.
func TestConsoleTypesAreCurrent(t *testing.T) {
	have, err := filepath.Glob(filepath.Join(root, apigen.ConsoleTypes, "*.gen.ts"))
	if err != nil || len(have) != len(apigen.Packages) {
		t.Errorf("%d files, want %d (%v); run go generate ./internal/api", len(have), len(apigen.Packages), err)
	}
	for _, p := range apigen.Packages {
		m, err := apigen.Load(filepath.Join(root, "models"), p.Model)
		if err != nil {
			t.Fatal(err)
		}
		want, err := apigen.TypeScript(p, m)
		if err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(filepath.Join(root, apigen.ConsoleTypes, p.Model+".gen.ts"))
		if err != nil || string(got) != string(want) {
			t.Errorf("%s.gen.ts is not what the models give; run go generate ./internal/api (%v)", p.Model, err)
		}
	}
}

// TestModelSources: the published models are byte for byte what SOURCES
// says, and SOURCES lists all of them.
func TestModelSources(t *testing.T) {
	f, err := os.Open(filepath.Join(root, "models", "SOURCES"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	listed := map[string]bool{"sallyport.json": true}
	for sc := bufio.NewScanner(f); sc.Scan(); {
		line := strings.TrimSpace(sc.Text())
		if line == "" || line[0] == '#' {
			continue
		}
		want, name, _ := strings.Cut(line, "  ")
		data, err := os.ReadFile(filepath.Join(root, "models", name))
		if err != nil {
			t.Error(err)
			continue
		}
		sum := sha256.Sum256(data)
		if hex.EncodeToString(sum[:]) != want {
			t.Errorf("%s differs from its source", name)
		}
		listed[name] = true
	}
	files, err := filepath.Glob(filepath.Join(root, "models", "*.json"))
	if err != nil || len(files) < 37 {
		t.Errorf("%d models, %v", len(files), err)
	}
	for _, path := range files {
		if !listed[filepath.Base(path)] {
			t.Errorf("%s is not in SOURCES", path)
		}
	}
}

// TestOwnModelIsDocumented: what people read about our own operations is
// written, since no published page says it.
func TestOwnModelIsDocumented(t *testing.T) {
	m, err := apigen.Load(filepath.Join(root, "models"), "sallyport")
	if err != nil {
		t.Fatal(err)
	}
	for name, op := range m.Operations {
		if op.Doc == "" {
			t.Errorf("operation %s has no documentation", name)
		}
	}
	for name, s := range m.Shapes {
		for _, mem := range s.Members {
			if mem.Doc == "" && !s.Exception {
				t.Errorf("%s.%s has no documentation", name, mem.Name)
			}
		}
	}
}

// load writes a base and an overlay to a folder and loads them.
func load(t *testing.T, base, overlay string) (*apigen.Model, error) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "overlays"), 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"m.json": base, "overlays/m.json": overlay} {
		if text == "" {
			continue
		}
		if !json.Valid([]byte(text)) {
			t.Fatalf("bad test data: %s", text)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return apigen.Load(dir, "m")
}

const base = `{"metadata":{"serviceId":"Test","protocol":"json","endpointPrefix":"test"},
	"operations":{"Get":{"name":"Get","http":{"method":"POST","requestUri":"/"},"input":{"shape":"GetRequest"}}},
	"shapes":{
		"GetRequest":{"type":"structure","members":{"Tree":{"shape":"Node"}}},
		"Node":{"type":"structure","members":{"Zulu":{"shape":"Text"},"Alpha":{"shape":"NodeMap"},"Kids":{"shape":"NodeList"}}},
		"NodeList":{"type":"list","member":{"shape":"Node"}},
		"NodeMap":{"type":"map","key":{"shape":"Text"},"value":{"shape":"Node"}},
		"Text":{"type":"string","max":9},
		"Gone":{"type":"structure","members":{},"exception":true}}}`

func TestOverlayOnlyAdds(t *testing.T) {
	for _, c := range []struct{ name, overlay, want string }{
		{"existing operation", `{"operations":{"Get":{"name":"Get"}}}`, "already in the model"},
		{"hint for nothing", `{"operations":{"Put":{"timestampPrecision":"milliseconds"}}}`, "unknown operation"},
		{"unknown hint", `{"operations":{"Get":{"timestampPrecision":"hours"}}}`, "unknown timestampPrecision"},
		{"changed scalar", `{"shapes":{"Text":{"type":"string","max":10}}}`, "optional members"},
		{"new required member", `{"shapes":{"Node":{"type":"structure","required":["New"],"members":{"New":{"shape":"Text"}}}}}`, "optional members"},
		{"existing member", `{"shapes":{"Node":{"type":"structure","members":{"Zulu":{"shape":"Text"}}}}}`, "already in the model"},
		{"missing shape", `{"shapes":{"Node":{"type":"structure","members":{"New":{"shape":"Nowhere"}}}}}`, "no shape named"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, err := load(t, base, c.overlay); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want one with %q", err, c.want)
			}
		})
	}
	m, err := load(t, base, `{"shapes":{"Node":{"type":"structure","members":{"New":{"shape":"Text"}}}}}`)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, mem := range m.Shapes["Node"].Members {
		names = append(names, mem.Name)
	}
	if diff := cmp.Diff([]string{"Zulu", "Alpha", "Kids", "New"}, names); diff != "" {
		t.Errorf("members are not in the model's order, additions last: %s", diff)
	}
}

// TestRecursiveShapes: a recursive model renders, its cycle closed in init.
func TestRecursiveShapes(t *testing.T) {
	m, err := load(t, base, "")
	if err != nil {
		t.Fatal(err)
	}
	files, err := apigen.Files(apigen.Package{Model: "m", Name: "testapi"}, m)
	if err != nil {
		t.Fatal(err)
	}
	shapes := string(files["shapes.gen.go"])
	if !strings.Contains(shapes, "func init() {") || !strings.Contains(shapes, "shapeNodeList.Elem = &shapeNode") {
		t.Errorf("no linking:\n%s", shapes)
	}
	types := string(files["types.gen.go"])
	for _, want := range []string{"Tree *Node", "Alpha map[string]Node", "Kids  []Node", "type GetResponse struct{}"} {
		if !strings.Contains(types, want) {
			t.Errorf("%q is not in\n%s", want, types)
		}
	}
}

func TestRefusedModels(t *testing.T) {
	for _, c := range []struct{ name, from, to, want string }{
		{"unknown type", `"type":"string","max":9`, `"type":"document"`, "unknown type"},
		{"fractional bound", `"max":9`, `"max":0.5`, "Max"},
		{"two shapes of one name", `"Gone":`, `"node":{"type":"structure","members":{}},"Gone":`, "two shapes become Node"},
	} {
		t.Run(c.name, func(t *testing.T) {
			m, err := load(t, strings.Replace(base, c.from, c.to, 1), "")
			if err != nil {
				t.Fatal(err)
			}
			if _, err := apigen.Files(apigen.Package{Model: "m", Name: "testapi"}, m); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want one with %q", err, c.want)
			}
		})
	}
}
