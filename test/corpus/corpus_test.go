// Package corpus holds cases of policy evaluation that any implementation could
// run, with what AWS's documentation says of their outcome.
package corpus

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"sallyport/catalog"
	"sallyport/internal/policycase"
)

// caseCount is the least number of cases, so that a lost file is noticed.
const caseCount = 2000

// A line is what the corpus adds to a case.
type line struct {
	ID     string `json:"id"`
	Expect struct {
		Decision  string         `json:"decision"` // or "error"
		DecidedBy map[string]any `json:"decidedBy"`
	} `json:"expect"`
	Source string `json:"source"`
	Why    string `json:"why"`
}

func TestCorpus(t *testing.T) {
	files, err := filepath.Glob("*.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, file := range files {
		t.Run(strings.TrimSuffix(file, ".jsonl"), func(t *testing.T) {
			for _, text := range lines(t, file) {
				check(t, text, seen)
			}
		})
	}
	if len(seen) < caseCount {
		t.Errorf("%d cases, want %d", len(seen), caseCount)
	}
}

func lines(t *testing.T, file string) [][]byte {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var all [][]byte
	s := bufio.NewScanner(bytes.NewReader(content))
	s.Buffer(nil, policycase.MaxBytes)
	for s.Scan() {
		all = append(all, bytes.Clone(s.Bytes()))
	}
	if s.Err() != nil || len(all) == 0 {
		t.Fatalf("%s: %d cases, %v", file, len(all), s.Err())
	}
	return all
}

// check decides one case and compares the answer with what is expected of it: of
// what decided, as much as the case says.
func check(t *testing.T, text []byte, seen map[string]bool) {
	t.Helper()
	var l line
	// The case itself may hold a member twice, which this decoder accepts.
	if err := json.Unmarshal(text, &l); err != nil {
		t.Errorf("%.80s: %v", text, err)
		return
	}
	switch {
	case l.ID == "" || l.Why == "" || !strings.HasPrefix(l.Source, "https://docs.aws.amazon.com/"):
		t.Errorf("%s: id, why and the AWS page in source are required", l.ID)
	case seen[l.ID]:
		t.Errorf("%s: two cases have this id", l.ID)
	}
	seen[l.ID] = true
	a := policycase.Decide(catalog.AWS(), text)
	got := a.Decision
	if a.Error != "" {
		got = "error"
	}
	if got != l.Expect.Decision {
		t.Errorf("%s: got %s %s, want %s\n%s\n%s", l.ID, got, a.Error, l.Expect.Decision, l.Why, l.Source)
		return
	}
	by := map[string]any{}
	if encoded, err := json.Marshal(a.DecidedBy); err != nil || json.Unmarshal(encoded, &by) != nil {
		t.Errorf("%s: %v", l.ID, err)
	}
	for name, want := range l.Expect.DecidedBy {
		if !reflect.DeepEqual(by[name], want) {
			t.Errorf("%s: decided by %v, want %v", l.ID, by, l.Expect.DecidedBy)
			return
		}
	}
}
