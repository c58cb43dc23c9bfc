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

	"sallyport/catalog"
	"sallyport/console/reference"
)

//go:embed all:dist
var dist embed.FS

const (
	// prefix is where the console is served, `base` in vite.config.ts.
	prefix = "/console/"
	// assets are files whose names have a hash of what they hold.
	assets = "assets/"
	index  = "index.html"
)

// policy allows the pages their own files and calls, and nothing inline. Images and
// fonts in data: URLs are those of the components' style sheets and QR codes.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; worker-src 'self'; " +
	"font-src 'self' data:; img-src 'self' data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

// A file is one of dist.
type file struct {
	contentType string
	caching     string
	plain       []byte
	// gzipped is the file compressed, when that makes it smaller; made once, when
	// it is first asked for.
	gzipped func() []byte
}

// files are those of dist, by their path in it.
var files = sync.OnceValue(func() map[string]*file {
	all := make(map[string]*file)
	err := fs.WalkDir(dist, "dist", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := dist.ReadFile(name)
		if err != nil {
			return err
		}
		name = strings.TrimPrefix(name, "dist/")
		all[name], err = newFile(name, content)
		return err
	})
	if err != nil {
		panic(err) // it is embedded, and a test has asked for all of it
	}
	return all
})

// contentTypes are those of the kinds of files in dist.
var contentTypes = map[string]string{
	".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8",
	".svg": "image/svg+xml", ".png": "image/png", ".woff2": "font/woff2", ".json": "application/json",
}

func newFile(name string, content []byte) (*file, error) {
	f := &file{contentType: contentTypes[path.Ext(name)], plain: content}
	if f.contentType == "" {
		return nil, fmt.Errorf("console: %s is of no known type", name)
	}
	switch {
	case name == index:
		f.caching = "no-store"
	case strings.HasPrefix(name, assets):
		f.caching = "public, max-age=31536000, immutable" // RFC 8246
	default:
		f.caching = "public, max-age=86400"
	}
	f.gzipped = sync.OnceValue(func() []byte { return compressed(content) })
	return f, nil
}

// compressed is content in gzip; nil when that is no smaller.
func compressed(content []byte) []byte {
	var out bytes.Buffer
	w, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		return nil
	}
	if _, err := w.Write(content); err != nil || w.Close() != nil || out.Len() >= len(content) {
		return nil
	}
	return out.Bytes()
}

// New returns what answers GET and HEAD of paths below /console/, with a
// catalogue's services for the policy editor.
func New(c *catalog.Catalog) http.Handler {
	services := reference.New(c)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		secure(w.Header())
		if strings.HasPrefix(r.URL.Path, reference.Path) {
			services.ServeHTTP(w, r)
			return
		}
		serve(w, r)
	})
}

func serve(w http.ResponseWriter, r *http.Request) {
	name, below := strings.CutPrefix(r.URL.Path, prefix)
	f := files()[name]
	switch {
	case !below, f == nil && strings.HasPrefix(name, assets):
		w.Header().Set("Cache-Control", "no-store")
		http.Error(w, "There is nothing at this address.", http.StatusNotFound)
		return
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "This address can't be asked that way.", http.StatusMethodNotAllowed)
		return
	case f == nil:
		f = files()[index] // a link into the console: its script shows what is there
	}
	f.send(w, r)
}

func (f *file) send(w http.ResponseWriter, r *http.Request) {
	h, body := w.Header(), f.plain
	h.Set("Content-Type", f.contentType)
	h.Set("Cache-Control", f.caching)
	h.Set("Vary", "Accept-Encoding")
	if takesGzip(r.Header.Values("Accept-Encoding")) {
		if zipped := f.gzipped(); zipped != nil {
			h.Set("Content-Encoding", "gzip")
			body = zipped
		}
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	if r.Method == http.MethodGet {
		w.Write(body) //nolint:errcheck // the client is gone
	}
}

// takesGzip reports whether gzip is among the codings a client names, with a weight
// that is not 0 (RFC 9110, section 12.5.3).
func takesGzip(fields []string) bool {
	for coding := range strings.SplitSeq(strings.Join(fields, ","), ",") {
		name, weight, _ := strings.Cut(coding, ";")
		if !strings.EqualFold(strings.TrimSpace(name), "gzip") {
			continue
		}
		q, ok := strings.CutPrefix(strings.ReplaceAll(strings.ToLower(weight), " ", ""), "q=")
		return !ok || strings.Trim(q, "0.") != ""
	}
	return false
}

// secure are the headers of every answer.
func secure(h http.Header) {
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Frame-Options", "DENY")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
}
