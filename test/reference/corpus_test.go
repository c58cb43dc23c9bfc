package reference

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
)

// corpusCases is the least number of cases, so that a lost file is noticed.
const corpusCases = 2000

// TestCorpus holds the reference to the cases whose answers are AWS's pages'.
func TestCorpus(t *testing.T) {
	files, err := filepath.Glob("../corpus/*.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	count := 0
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for line := range bytes.Lines(content) {
			count++
			checkCorpus(t, line)
		}
	}
	if count < corpusCases {
		t.Errorf("%d cases, want %d", count, corpusCases)
	}
}

func checkCorpus(t *testing.T, line []byte) {
	t.Helper()
	var c struct {
		ID     string
		Expect struct {
			Decision  string
			DecidedBy *struct {
				Layer                    string
				Level, Policy, Statement *int
			}
		}
		Why string
	}
	if err := json.Unmarshal(line, &c); err != nil {
		t.Errorf("%.80s: %v", line, err)
		return
	}
	got := Decide(line, Reached{})
	if c.Expect.Decision == "error" {
		if got.Invalid == "" {
			t.Errorf("%s: %+v, want an error: %s", c.ID, got, c.Why)
		}
		return
	}
	wrong := got.Decision != c.Expect.Decision
	if by := c.Expect.DecidedBy; by != nil {
		wrong = wrong || got.Layer != by.Layer
		for want, is := range map[*int]int{by.Level: got.Level, by.Policy: got.Policy, by.Statement: got.Statement} {
			wrong = wrong || want != nil && *want != is
		}
	}
	if wrong {
		t.Errorf("%s: %+v, want %s: %s\n%s", c.ID, got, c.Expect.Decision, c.Why, line)
	}
}
