package console_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"

	"sallyport/catalog"
	"sallyport/console"
)

var handler = console.New(catalog.AWS())

func ask(method, path string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, nil)
	for i := 0; i < len(header); i += 2 {
		r.Header.Add(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, r)
	return w
}

// TestEveryFile: each file of dist is served whole, compressed or not, with a type
// and the headers that keep the page to itself.
func TestEveryFile(t *testing.T) {
	seen := 0
	err := fs.WalkDir(os.DirFS("dist"), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		seen++
		want, err := os.ReadFile("dist/" + name)
		if err != nil {
			return err
		}
		plain, zipped := ask("GET", "/console/"+name), ask("GET", "/console/"+name, "Accept-Encoding", "br;q=1, gzip")
		if !bytes.Equal(plain.Body.Bytes(), want) || plain.Code != 200 {
			t.Errorf("%s: %d, %d bytes; want %d", name, plain.Code, plain.Body.Len(), len(want))
		}
		if got := plainOf(t, zipped); !bytes.Equal(got, want) || zipped.Body.Len() > len(want) {
			t.Errorf("%s compressed: %d bytes of %d", name, zipped.Body.Len(), len(want))
		}
		caching := plain.Header().Get("Cache-Control")
		if name == "index.html" && caching != "no-store" || strings.HasPrefix(name, "assets/") != strings.Contains(caching, "immutable") {
			t.Errorf("%s: Cache-Control is %q", name, caching)
		}
		checkHeaders(t, plain.Header())
		return nil
	})
	if err != nil || seen < 50 {
		t.Errorf("%d files: %v", seen, err)
	}
}

func checkHeaders(t *testing.T, h http.Header) {
	t.Helper()
	for name, want := range map[string]string{
		"Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; worker-src 'self'; font-src 'self' data:; img-src 'self' data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
		"X-Content-Type-Options":  "nosniff", "Referrer-Policy": "no-referrer", "X-Frame-Options": "DENY",
	} {
		if got := h.Get(name); got != want {
			t.Errorf("%s is %q", name, got)
		}
	}
	if h.Get("Permissions-Policy") == "" || h.Get("Content-Type") == "" {
		t.Errorf("headers: %v", h)
	}
}

func plainOf(t *testing.T, w *httptest.ResponseRecorder) []byte {
	t.Helper()
	if w.Header().Get("Content-Encoding") != "gzip" {
		return w.Body.Bytes()
	}
	r, err := gzip.NewReader(bytes.NewReader(w.Body.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	plain, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return plain
}

func TestPaths(t *testing.T) {
	index := ask("GET", "/console/").Body.String()
	if !strings.Contains(index, `<div id="root">`) {
		t.Fatalf("the page is %s", index)
	}
	for _, link := range []string{"users", "users/john.smith", "roles/a%2Fb", "policies/details?arn=x", "index.html", "a/../b"} {
		if w := ask("GET", "/console/"+link); w.Code != 200 || w.Body.String() != index || w.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %d %v", link, w.Code, w.Header())
		}
	}
	for _, missing := range []string{"/console/assets/none.js", "/console/assets/", "/console/assets/../index.html", "/console", "/x"} {
		w := ask("GET", missing)
		if w.Code != 404 || w.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %d %v", missing, w.Code, w.Header())
		}
		checkHeaders(t, w.Header())
	}
	if w := ask("POST", "/console/"); w.Code != 405 {
		t.Errorf("POST: %d", w.Code)
	}
	if w := ask("HEAD", "/console/"); w.Code != 200 || w.Body.Len() != 0 || w.Header().Get("Content-Length") == "0" {
		t.Errorf("HEAD: %d, %d bytes, %v", w.Code, w.Body.Len(), w.Header())
	}
}

func TestAcceptEncoding(t *testing.T) {
	for field, want := range map[string]bool{
		"gzip": true, "GZIP": true, "deflate, gzip;q=0.5": true, "br , gzip ; q=1.0": true, "gzip;q=0.001": true,
		"": false, "br": false, "gzip;q=0": false, "gzip; q=0.000, br": false, "identity": false, "xgzip": false,
	} {
		if got := ask("GET", "/console/", "Accept-Encoding", field).Header().Get("Content-Encoding") == "gzip"; got != want {
			t.Errorf("%q: gzip is %v", field, got)
		}
	}
}

var loads = regexp.MustCompile(`(?:src|href)="(/console/[^"]+)"`)

// TestFirstLoad: the page and all it loads at once are under 600 KB, compressed, and
// are the server's own.
func TestFirstLoad(t *testing.T) {
	page := ask("GET", "/console/", "Accept-Encoding", "gzip")
	sum, parts := page.Body.Len(), 0
	html := string(plainOf(t, page))
	for _, m := range loads.FindAllStringSubmatch(html, -1) {
		w := ask("GET", m[1], "Accept-Encoding", "gzip")
		if w.Code != 200 {
			t.Errorf("%s: %d", m[1], w.Code)
		}
		sum += w.Body.Len()
		parts++
	}
	if parts < 3 || strings.Count(html, "src=")+strings.Count(html, "href=") != parts {
		t.Errorf("the page loads %d parts of its own: %s", parts, html)
	}
	if sum > 600_000 {
		t.Errorf("the first load is %d bytes", sum)
	}
	t.Logf("the first load is %d bytes in %d parts", sum, parts)
}

// TestReference: the catalogue is below /console/ too, with the headers of all of it.
func TestReference(t *testing.T) {
	w := ask(http.MethodGet, "/console/reference/v1/s3/s3.json")
	if w.Code != http.StatusOK || !strings.HasPrefix(w.Body.String(), `{"Name":"s3"`) || w.Header().Get("Content-Security-Policy") == "" {
		t.Errorf("%d, %v", w.Code, w.Header())
	}
	if w := ask(http.MethodGet, "/console/reference/v1/s3"); w.Code != http.StatusNotFound {
		t.Errorf("a file that is not there: %d", w.Code)
	}
}
