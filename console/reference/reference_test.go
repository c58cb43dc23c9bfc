package reference_test

import (
	"compress/gzip"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"sallyport/catalog"
	"sallyport/console/reference"
)

// file is AWS's format, as one who reads it would write it down.
type file struct {
	Name, Title, Version string
	Actions              []struct {
		Name                string
		ActionConditionKeys []string
		Annotations         struct{ Properties map[string]bool }
		Resources           []struct{ Name string }
	}
	ConditionKeys []struct {
		Name  string
		Types []string
	}
	Resources []struct {
		Name          string
		ARNFormats    []string
		ConditionKeys []string
	}
}

func ask(h http.Handler, method, path string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, nil)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func read[T any](t *testing.T, h http.Handler, path string) (out T) {
	t.Helper()
	w := ask(h, http.MethodGet, path)
	if w.Code != http.StatusOK || w.Header().Get("Content-Type") != "application/json" {
		t.Fatalf("%s: %d, %v", path, w.Code, w.Header())
	}
	if err := json.Unmarshal(w.Body.Bytes(), &out); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return out
}

// TestEveryService follows the list to every file, and counts that each has all
// that the catalogue knows.
func TestEveryService(t *testing.T) {
	c := catalog.AWS()
	h := reference.New(c)
	entries := read[[]struct{ Service, URL, Title string }](t, h, reference.Path+"service-list.json")
	if len(entries) != len(c.Prefixes()) || len(entries) < 456 {
		t.Fatalf("%d services are listed, the catalogue has %d", len(entries), len(c.Prefixes()))
	}
	actions := 0
	for _, e := range entries {
		f := read[file](t, h, e.URL)
		s, _ := c.Service(e.Service)
		if f.Name != e.Service || f.Title != s.Name || e.Title != s.Name || len(f.Actions) != len(s.Actions) || len(f.Resources) != len(s.Resources) || len(f.ConditionKeys) != len(s.Keys) {
			t.Errorf("%s: %q, %d actions, %d resource types, %d keys", e.Service, f.Name, len(f.Actions), len(f.Resources), len(f.ConditionKeys))
		}
		for i, a := range f.Actions {
			actions++
			if got := level(a.Annotations.Properties); got != s.Actions[i].Access.String() {
				t.Errorf("%s:%s has the access level %s; want %s", e.Service, a.Name, got, s.Actions[i].Access)
			}
		}
	}
	if actions < 15000 {
		t.Errorf("only %d actions", actions)
	}
}

// level is what AWS's page says of the four properties.
func level(p map[string]bool) string {
	set := 0
	out := "Read"
	for name, word := range map[string]string{"IsList": "List", "IsWrite": "Write", "IsPermissionManagement": "Permissions management", "IsTaggingOnly": "Tagging"} {
		is, ok := p[name]
		if !ok {
			return "without " + name
		}
		if is {
			set++
			out = word
		}
	}
	if set > 1 {
		return "several"
	}
	return out
}

func TestService(t *testing.T) {
	h := reference.New(catalog.AWS())
	f := read[file](t, h, "/console/reference/v1/s3/s3.json")
	i := slices.IndexFunc(f.Actions, func(a struct {
		Name                string
		ActionConditionKeys []string
		Annotations         struct{ Properties map[string]bool }
		Resources           []struct{ Name string }
	}) bool {
		return a.Name == "GetObject"
	})
	if i < 0 || len(f.Actions[i].Resources) == 0 || f.Actions[i].Resources[0].Name == "" {
		t.Fatalf("s3:GetObject is not there, or without resource types")
	}
	found := false
	for _, r := range f.Resources {
		found = found || r.Name == "bucket" && slices.Contains(r.ARNFormats, "arn:${Partition}:s3:::${BucketName}")
	}
	if !found {
		t.Error("the resource type bucket is not there")
	}
	found = false
	for _, k := range read[file](t, h, "/console/reference/v1/aws/aws.json").ConditionKeys {
		found = found || k.Name == "aws:TagKeys" && slices.Equal(k.Types, []string{"ArrayOfString"})
	}
	if !found {
		t.Error("aws:TagKeys is not there")
	}
}

func TestTransfer(t *testing.T) {
	h := reference.New(catalog.AWS())
	const path = reference.Path + "ec2/ec2.json"
	plain := ask(h, http.MethodGet, path)
	zipped := ask(h, http.MethodGet, path, "Accept-Encoding", "br, gzip;q=0.5")
	z, err := gzip.NewReader(zipped.Body)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(z)
	if err != nil || string(text) != plain.Body.String() || zipped.Header().Get("Content-Encoding") != "gzip" {
		t.Errorf("what is compressed is not the same: %v", err)
	}
	if refused := ask(h, http.MethodGet, path, "Accept-Encoding", "gzip;q=0"); refused.Header().Get("Content-Encoding") != "" {
		t.Error("compressed for one who doesn't take it")
	}
	etag := plain.Header().Get("ETag")
	if w := ask(h, http.MethodGet, path, "If-None-Match", `"other", `+etag); w.Code != http.StatusNotModified || w.Body.Len() > 0 {
		t.Errorf("%d, %d bytes for one who has it", w.Code, w.Body.Len())
	}
	if w := ask(h, http.MethodGet, path, "If-None-Match", `"other"`); w.Code != http.StatusOK {
		t.Errorf("%d for one who has another", w.Code)
	}
	if w := ask(h, http.MethodHead, path); w.Code != http.StatusOK || w.Body.Len() > 0 {
		t.Errorf("HEAD: %d, %d bytes", w.Code, w.Body.Len())
	}
	if w := ask(h, http.MethodPost, path); w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") != "GET, HEAD" {
		t.Errorf("POST: %d", w.Code)
	}
}

func TestUnknownFiles(t *testing.T) {
	h := reference.New(catalog.AWS())
	for _, path := range []string{"", "s3", "s3/", "s3/ec2.json", "S3/S3.json", "s3/s3.json/", "../v1/s3/s3.json", "s3%2Fs3.json", "nosuch/nosuch.json", strings.Repeat("a", 4096)} {
		if w := ask(h, http.MethodGet, reference.Path+path); w.Code != http.StatusNotFound || w.Header().Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%q: %d", path, w.Code)
		}
	}
}

// TestOwnServices: services of one's own are published like AWS's.
func TestOwnServices(t *testing.T) {
	own, err := catalog.AWS().With(catalog.Service{Prefix: "example", Name: "Example Corp", Actions: []catalog.Action{{Name: "GetThing", Access: catalog.Read}}})
	if err != nil {
		t.Fatal(err)
	}
	f := read[file](t, reference.New(own), reference.Path+"example/example.json")
	if f.Title != "Example Corp" || len(f.Actions) != 1 || level(f.Actions[0].Annotations.Properties) != "Read" {
		t.Errorf("%+v", f)
	}
}
