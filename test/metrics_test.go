package test

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"sallyport/internal/app"
	"sallyport/internal/journal/memory"
	"sallyport/test/inprocess"
)

// exposed are the names of the metrics that a node of a shared store shows.
func exposed(t *testing.T) []string {
	t.Helper()
	shared, err := memory.NewMedium().Share()
	if err != nil {
		t.Fatal(err)
	}
	s := inprocess.New(t, func(c *app.Config) { c.Journal = shared })
	s.Admin.Do("iam:ListUsers", nil)
	request, err := http.NewRequest(http.MethodGet, s.URL+"/metrics", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+inprocess.MetricsToken)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("%s %v", response.Status, err)
	}
	var names []string
	for _, m := range regexp.MustCompile(`(?m)^# TYPE (\S+) (\S+)$`).FindAllStringSubmatch(string(text), -1) {
		names = append(names, m[1])
		if m[2] == "histogram" {
			names = append(names, m[1]+"_bucket", m[1]+"_sum", m[1]+"_count")
		}
	}
	return names
}

// TestMetricsAreTrue: what the dashboard and the alerts ask for is exposed, and
// what Sallyport exposes of its own is in the operating guide, and no other.
func TestMetricsAreTrue(t *testing.T) {
	names := exposed(t)
	metric := regexp.MustCompile(`\b(sallyport|go|process)_[a-z_]+[a-z]\b`)
	for file, atLeast := range map[string]int{"grafana-dashboard.json": 12, "prometheus-rules.yml": 3} {
		text, err := os.ReadFile("../deploy/" + file)
		if err != nil {
			t.Fatal(err)
		}
		asked := make(map[string]bool)
		for _, name := range metric.FindAllString(string(text), -1) {
			asked[name] = true
			if !slices.Contains(names, name) {
				t.Errorf("%s asks for %s, which is not exposed", file, name)
			}
		}
		if len(asked) < atLeast {
			t.Errorf("%s asks for %d metrics only", file, len(asked))
		}
	}
	guide, err := os.ReadFile("../docs/operating.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := regexp.MustCompile("(?m)^\\| `(sallyport_[a-z_]+)` \\|").FindAllStringSubmatch(string(guide), -1)
	var documented []string
	for _, m := range rows {
		documented = append(documented, m[1])
		if !slices.Contains(names, m[1]) {
			t.Errorf("the guide speaks of %s, which is not exposed", m[1])
		}
	}
	for _, name := range names {
		base := strings.TrimSuffix(strings.TrimSuffix(strings.TrimSuffix(name, "_bucket"), "_sum"), "_count")
		if strings.HasPrefix(name, "sallyport_") && !slices.Contains(documented, base) {
			t.Errorf("the guide does not speak of %s", name)
		}
	}
	if len(documented) < 6 {
		t.Errorf("the guide speaks of %d metrics only", len(documented))
	}
}

// TestDashboardIsWhole: panels have titles and places of their own.
func TestDashboardIsWhole(t *testing.T) {
	text, err := os.ReadFile("../deploy/grafana-dashboard.json")
	if err != nil {
		t.Fatal(err)
	}
	var board struct {
		UID    string
		Panels []struct {
			ID      int
			Title   string
			GridPos struct{ X, Y, W, H int }
			Targets []struct{ Expr string }
		}
	}
	if err := json.Unmarshal(text, &board); err != nil {
		t.Fatal(err)
	}
	if board.UID != "sallyport" || len(board.Panels) < 12 {
		t.Fatalf("dashboard %q has %d panels", board.UID, len(board.Panels))
	}
	taken := make(map[[2]int]string)
	ids := make(map[int]bool)
	for _, p := range board.Panels {
		if p.Title == "" || len(p.Targets) == 0 || ids[p.ID] {
			t.Errorf("panel %d %q has no title, no query or another's id", p.ID, p.Title)
		}
		ids[p.ID] = true
		for x := p.GridPos.X; x < p.GridPos.X+p.GridPos.W; x++ {
			for y := p.GridPos.Y; y < p.GridPos.Y+p.GridPos.H; y++ {
				if other := taken[[2]int{x, y}]; other != "" || x >= 24 {
					t.Fatalf("%q lies over %q, or beside the page", p.Title, other)
				}
				taken[[2]int{x, y}] = p.Title
			}
		}
		for _, q := range p.Targets {
			if strings.Count(q.Expr, "(") != strings.Count(q.Expr, ")") || strings.Count(q.Expr, "{") != strings.Count(q.Expr, "}") || !strings.Contains(q.Expr, "$job") {
				t.Errorf("%q asks %s", p.Title, q.Expr)
			}
		}
	}
}
