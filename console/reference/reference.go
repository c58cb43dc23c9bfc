package reference

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"sallyport/catalog"
)

// Path is where the files are.
const Path = "/console/reference/v1/"

const (
	list = "service-list.json"
	// globals is the prefix of the global condition keys. No service can have it.
	globals = "aws"
	// cacheControl lets a browser ask again, with the ETag, after five minutes: a
	// newer program knows more services.
	cacheControl = "private, max-age=300"
)

// A Handler answers for the files below Path. It is safe for concurrent use.
type Handler struct {
	catalog *catalog.Catalog
	files   map[string]*file // by path below Path
}

// file is one answer, made once.
type file struct {
	once sync.Once
	make func() any
	// zipped is the answer, compressed; size is the plain one's, in bytes.
	zipped []byte
	size   int
	etag   string
}

// New returns the handler of a catalogue.
func New(c *catalog.Catalog) *Handler {
	h := &Handler{catalog: c, files: make(map[string]*file)}
	h.files[list] = &file{make: h.list}
	h.files[name(globals)] = &file{make: func() any { return &service{Name: globals, ConditionKeys: keys(c.Globals()), Version: version} }}
	for _, prefix := range c.Prefixes() {
		h.files[name(prefix)] = &file{make: func() any {
			s, _ := c.Service(prefix)
			return describe(s)
		}}
	}
	return h
}

func name(prefix string) string { return prefix + "/" + prefix + ".json" }

// ServeHTTP answers GET and HEAD.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	header.Set("X-Content-Type-Options", "nosniff")
	path, ok := strings.CutPrefix(r.URL.EscapedPath(), Path)
	f := h.files[path]
	if !ok || f == nil {
		http.Error(w, "There is no such file.", http.StatusNotFound)
		return
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		header.Set("Allow", "GET, HEAD")
		http.Error(w, "Only GET and HEAD are allowed.", http.StatusMethodNotAllowed)
		return
	}
	f.once.Do(f.write)
	header.Set("Content-Type", "application/json")
	header.Set("Cache-Control", cacheControl)
	header.Set("ETag", f.etag)
	header.Set("Vary", "Accept-Encoding")
	if matches(r.Header.Values("If-None-Match"), f.etag) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	f.send(w, r)
}

// send writes the file, compressed for who takes that. An error is of a
// connection that is gone.
func (f *file) send(w http.ResponseWriter, r *http.Request) {
	if takesGzip(r.Header.Values("Accept-Encoding")) {
		w.Header().Set("Content-Encoding", "gzip")
		w.Header().Set("Content-Length", strconv.Itoa(len(f.zipped)))
		if r.Method == http.MethodGet {
			_, _ = w.Write(f.zipped)
		}
		return
	}
	w.Header().Set("Content-Length", strconv.Itoa(f.size))
	if r.Method == http.MethodGet {
		plain, err := gzip.NewReader(bytes.NewReader(f.zipped))
		if err != nil {
			panic("reference: what was compressed is not: " + err.Error())
		}
		_, _ = io.Copy(w, plain)
	}
}

// write makes the file. What is written is made of strings and booleans, and goes
// to memory, so that neither can fail.
func (f *file) write() {
	text, err := json.Marshal(f.make())
	if err != nil {
		panic("reference: " + err.Error())
	}
	var zipped bytes.Buffer
	z := gzip.NewWriter(&zipped)
	if _, err := z.Write(text); err != nil {
		panic("reference: " + err.Error())
	}
	if err := z.Close(); err != nil {
		panic("reference: " + err.Error())
	}
	sum := sha256.Sum256(text)
	f.zipped, f.size = zipped.Bytes(), len(text)
	// Weak: the two encodings are the same file (RFC 9110, section 8.8.1).
	f.etag = `W/"` + base64.RawURLEncoding.EncodeToString(sum[:12]) + `"`
	f.make = nil
}

// matches says whether If-None-Match names the tag (RFC 9110, section 13.1.2).
func matches(values []string, etag string) bool {
	for _, value := range values {
		for tag := range strings.SplitSeq(value, ",") {
			tag = strings.TrimSpace(tag)
			if tag == "*" || strings.TrimPrefix(tag, "W/") == strings.TrimPrefix(etag, "W/") {
				return true
			}
		}
	}
	return false
}

// takesGzip says whether Accept-Encoding has gzip, and not with weight zero (RFC
// 9110, section 12.5.3).
func takesGzip(values []string) bool {
	for _, value := range values {
		for coding := range strings.SplitSeq(value, ",") {
			name, weight, weighted := strings.Cut(coding, ";")
			if !strings.EqualFold(strings.TrimSpace(name), "gzip") {
				continue
			}
			weight = strings.ReplaceAll(weight, " ", "")
			q, err := strconv.ParseFloat(strings.TrimPrefix(strings.ToLower(weight), "q="), 64)
			return !weighted || err == nil && q > 0
		}
	}
	return false
}
