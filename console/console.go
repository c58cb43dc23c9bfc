// Package console is the web console: the built files of its React sources, and the
// handler that serves them.
//
// It owns files and the headers they are served with. It has no data and no door of
// its own: what the pages show they ask of the APIs, as the signed-in principal.
//
// The files below dist are built from src by "npm run build" and committed, so that
// the server has its console without Node; a test builds them again and compares.
package console

import (
	"bytes"
	"compress/gzip"
	"embed"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"strconv"
	"strings"
	"sync"
)

// Path is where the console is served.
const Path = "/console/"

//go:embed dist
var dist embed.FS

// policy is the Content-Security-Policy of the console: everything comes from this
// origin and nothing is inline. Cloudscape sets styles through the CSSOM, which
// style-src doesn't govern (https://www.w3.org/TR/CSP3/#directive-style-src).
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self' data:; img-src 'self' data:; " +
	"connect-src 'self'; worker-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

// A file is one of dist, as it is sent.
type file struct {
	contentType  string
	plain        []byte
	compressed   []byte // by gzip; nil when that isn't smaller
	cacheControl string
}

// A Handler serves the console's files.
type Handler struct {
	mu    sync.Mutex
	files map[string]*file // by path below dist; filled when first asked for
}

// ServeHTTP answers GET and HEAD below [Path]. Files are named by their content and
// kept for ever; any other path is a page of the console, whose script finds out
// what it shows.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	header.Set("Content-Security-Policy", policy)
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("X-Frame-Options", "DENY")
	header.Set("Referrer-Policy", "no-referrer")
	header.Set("Cross-Origin-Opener-Policy", "same-origin")
	header.Set("Cross-Origin-Resource-Policy", "same-origin")
	header.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		header.Set("Allow", "GET, HEAD")
		http.Error(w, "Use GET.", http.StatusMethodNotAllowed)
		return
	}
	name := strings.TrimPrefix(r.URL.Path, Path)
	f, err := h.file(name)
	if err != nil && path.Ext(name) == "" {
		f, err = h.file("index.html")
	}
	if err != nil {
		http.Error(w, "There is nothing at this path.", http.StatusNotFound)
		return
	}
	f.send(w, r)
}

func (f *file) send(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	header.Set("Content-Type", f.contentType)
	header.Set("Cache-Control", f.cacheControl)
	header.Set("Vary", "Accept-Encoding")
	body := f.plain
	if f.compressed != nil && strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		header.Set("Content-Encoding", "gzip")
		body = f.compressed
	}
	header.Set("Content-Length", strconv.Itoa(len(body)))
	if r.Method == http.MethodGet {
		w.Write(body) //nolint:errcheck // the client is gone
	}
}

// file returns a file of dist by its path, compressed the first time.
func (h *Handler) file(name string) (*file, error) {
	if !fs.ValidPath(name) || name == "." {
		return nil, fs.ErrNotExist
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if f := h.files[name]; f != nil {
		return f, nil
	}
	plain, err := dist.ReadFile("dist/" + name)
	if err != nil {
		return nil, err
	}
	f := &file{plain: plain, contentType: contentType(name), cacheControl: "no-cache"}
	if strings.HasPrefix(name, "assets/") {
		f.cacheControl = "public, max-age=31536000, immutable"
	}
	if f.compressed, err = compress(plain); err != nil {
		return nil, fmt.Errorf("console: %s: %w", name, err)
	}
	if len(f.compressed) >= len(plain) {
		f.compressed = nil
	}
	if h.files == nil {
		h.files = make(map[string]*file)
	}
	h.files[name] = f
	return f, nil
}

// contentTypes are those of dist. The machine's own table has no say.
var contentTypes = map[string]string{
	".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8",
	".svg": "image/svg+xml", ".woff2": "font/woff2", ".json": "application/json",
}

func contentType(name string) string {
	if t, ok := contentTypes[path.Ext(name)]; ok {
		return t
	}
	return "application/octet-stream"
}

func compress(plain []byte) ([]byte, error) {
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(plain); err != nil {
		return nil, err
	}
	err = w.Close()
	return b.Bytes(), err
}
