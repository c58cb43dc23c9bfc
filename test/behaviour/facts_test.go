package behaviour

import (
	"bufio"
	"bytes"
	"encoding/json"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"sallyport/internal/api"
	"sallyport/internal/app"
	"sallyport/internal/server"
	"sallyport/test/inprocess"
)

// factCount is the number of facts, so that a lost one is noticed.
const factCount = 119

// A fact is a line of testdata/facts.jsonl.
type fact struct {
	ID       string `json:"id"`
	Evidence string `json:"evidence"`
	Recorded string `json:"recorded"`
	Setup    string `json:"setup"`
	Calls    []call `json:"calls"`
}

// A call is made once with each operation and each of its requests. Of a request
// that several operations share, each takes the members that it has.
type call struct {
	Operations []string         `json:"operations"`
	Requests   []map[string]any `json:"requests"`
	Expect     expectation      `json:"expect"`
}

// An expectation is what a reply must be. Text may hold {account}, {caller}, the
// name of a parameter of the call or of a value that the setup made.
type expectation struct {
	Status       int    `json:"status"`
	ContentType  string `json:"content_type"`
	Code         string `json:"code"`
	Type         string `json:"type"`
	Message      string `json:"message"`
	MessageMatch string `json:"message_match"` // a regular expression
	NoMessage    bool   `json:"no_message"`

	// Keys are all members that the structures they are in have in the reply.
	Keys      []string          `json:"keys"`
	Fields    map[string]any    `json:"fields"`
	Match     map[string]string `json:"match"` // regular expressions
	Documents map[string]any    `json:"documents"`
	Absent    []string          `json:"absent"`
	CSV       *csvExpectation   `json:"csv"` // of Content

	Headers   map[string]string `json:"headers"` // regular expressions
	Body      string            `json:"body"`
	Length    int               `json:"length"`
	Lengths   map[string]int    `json:"lengths"`   // by operation
	Resources map[string]string `json:"resources"` // {resource} by operation
}

// waiting are the facts whose operation is not served yet.
var waiting = map[string]string{
	"iam-241": "organizations:AttachPolicy",
	"iam-246": "organizations:AttachPolicy",
}

// differs are the facts that Sallyport does not follow, with the reason. It must
// differ from each.
var differs = map[string]string{
	"iam-047": "wire-013 is newer: IAM leaves the value out",
	"iam-240": "there is no page of authorization details to link to; docs/divergences.md",
	"sts-025": "there are no Regions to activate STS in",
}

func TestFacts(t *testing.T) {
	facts := readFacts(t)
	ids := make(map[string]bool, len(facts))
	for _, f := range facts {
		if ids[f.ID] {
			t.Errorf("two facts are called %s", f.ID)
		}
		ids[f.ID] = true
	}
	if len(facts) != factCount {
		t.Errorf("%d facts, want %d", len(facts), factCount)
	}
	for _, list := range []map[string]string{waiting, differs, namesOf(setups)} {
		for id := range list {
			if !ids[id] {
				t.Errorf("%s is not the id of a fact", id)
			}
		}
	}
	for _, f := range facts {
		t.Run(f.ID, func(t *testing.T) {
			t.Parallel()
			if name, waits := waiting[f.ID]; waits {
				notServed(t, name)
				return
			}
			r := newRun(t, f)
			if setup := setups[f.ID]; setup != nil {
				setup(r)
			}
			if _, other := differs[f.ID]; other {
				r.differs()
				return
			}
			r.all()
		})
	}
}

func namesOf(m map[string]func(*run)) map[string]string {
	names := make(map[string]string, len(m))
	for name := range m {
		names[name] = ""
	}
	return names
}

func readFacts(t *testing.T) []fact {
	text, err := os.ReadFile("testdata/facts.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	var facts []fact
	lines := bufio.NewScanner(bytes.NewReader(text))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var f fact
		strict := json.NewDecoder(bytes.NewReader(lines.Bytes()))
		strict.DisallowUnknownFields()
		if err := strict.Decode(&f); err != nil {
			t.Fatalf("%s: %v", lines.Text(), err)
		}
		if len(f.Calls) == 0 || !strings.Contains("ABC", f.Evidence) {
			t.Errorf("%s has no calls or no evidence", f.ID)
		}
		facts = append(facts, f)
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return facts
}

// served finds an operation of a served API; the operation is nil when the API is
// not served, and isServed false when the operation is not.
func served(name string) (op *api.Operation, isServed bool) {
	prefix, operation, _ := strings.Cut(name, ":")
	services := server.Services()
	i := slices.IndexFunc(services, func(s *api.Service) bool { return s.SigningName == prefix })
	if i < 0 {
		return nil, false
	}
	op, ok := services[i].Operation(operation)
	if !ok {
		return nil, false
	}
	_, isServed = app.Operations().Lookup(op)
	return op, isServed
}

// notServed holds an operation that facts wait for to not being served.
func notServed(t *testing.T, name string) {
	op, isServed := served(name)
	if isServed {
		t.Errorf("%s is served: its facts must not wait", name)
	}
	if op != nil && !isServed {
		inprocess.New(t).Admin.Refused(name, nil, http.StatusNotImplemented, "NotImplemented")
	}
}
