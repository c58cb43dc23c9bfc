package main

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"strings"
	"testing"
)

const sourcePath = "../../../models/aws-managed-policies.json.gz"

func readFile(t *testing.T, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// The committed catalogue is what the generator makes of the committed source.
func TestCommittedFileIsGenerated(t *testing.T) {
	want, err := build(readFile(t, sourcePath))
	if err != nil {
		t.Fatal(err)
	}
	if got := readFile(t, "../policies.bin"); !bytes.Equal(got, want) {
		t.Errorf("policies.bin (%d bytes) differs from what the generator writes (%d bytes); run go generate ./catalog/managed",
			len(got), len(want))
	}
}

func TestSourceHash(t *testing.T) {
	sum := sha256.Sum256(readFile(t, sourcePath))
	want := hex.EncodeToString(sum[:]) + "  aws-managed-policies.json.gz"
	found := false
	for line := range strings.Lines(string(readFile(t, "../../../models/SOURCES.managed"))) {
		found = found || strings.TrimSpace(line) == want
	}
	if !found {
		t.Errorf("models/SOURCES.managed has no line %q", want)
	}
}

func TestBuildRefuses(t *testing.T) {
	entry := func(change ...string) string {
		text := `{"P":{"CreateDate":"2020-01-01T00:00:00+00:00","UpdateDate":"2020-01-02T00:00:00+00:00",` +
			`"DefaultVersionId":"v1","Path":"/","PermissionsBoundaryUsageCount":0,` +
			`"Document":{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"a:b","Resource":"*"}}}}`
		return strings.NewReplacer(change...).Replace(text)
	}
	tests := []struct {
		name, source, want string
	}{
		{"well-formed", entry(), ""},
		{"unknown statement element", entry(`"Effect"`, `"Principle":"*","Effect"`), `unknown field "Principle"`},
		{"unknown document element", entry(`"Version":`, `"Id":"x","Version":`), `unknown field "Id"`},
		{"unknown member", entry(`"Path"`, `"Arn":"x","Path"`), `unknown field "Arn"`},
		{"version", entry(`"v1"`, `"latest"`), `version "latest"`},
		{"dates", entry("2020-01-02", "2019-01-02"), "updated before it was created"},
		{"not JSON", "{", "unexpected EOF"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := build(zipped(t, test.source))
			switch {
			case test.want == "" && err != nil:
				t.Errorf("build: %v", err)
			case test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)):
				t.Errorf("build: error %v, want one with %q", err, test.want)
			}
		})
	}
}

func zipped(t *testing.T, text string) []byte {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}
