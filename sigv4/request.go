package sigv4

import (
	"net/http"
	"strings"
)

// Limits on what is looked at before anything is allocated for it.
const (
	maxMethod        = 32
	maxHost          = 1 << 10
	maxPath          = 8 << 10
	maxQuery         = 128 << 10
	maxQueryParams   = 2048
	maxHeaders       = 256
	maxHeaderName    = 128
	maxHeaderBytes   = 128 << 10 // names and values of all signed headers
	maxAuthorization = 8 << 10
	maxSignedHeaders = 64
	maxAccessKeyID   = 128
	maxScopeElement  = 64
	maxSessionToken  = 16 << 10
)

// Request is what a signature covers, as it was on the wire. The body is
// represented by its hash alone, given to Verify.
type Request struct {
	Method        string
	Host          string      // Host header or :authority
	Path          string      // escaped path, exactly as sent, without the query
	RawQuery      string      // exactly as sent, without "?"
	Header        http.Header // canonical keys (as net/http delivers them); Host is not read from here
	ContentLength int64       // stands in for a signed content-length that net/http left out of Header; -1 if unknown
}

// FromHTTP describes r, shares its header map and reads no body. For a request
// that was received it takes the path from the request line, which is what the
// client signed even when a router has rewritten r.URL since.
func FromHTTP(r *http.Request) Request {
	q := Request{
		Method: r.Method, Host: r.Host, Path: r.URL.EscapedPath(), RawQuery: r.URL.RawQuery,
		Header: r.Header, ContentLength: r.ContentLength,
	}
	if q.Method == "" {
		q.Method = http.MethodGet
	}
	if q.Host == "" {
		q.Host = r.URL.Host
	}
	if strings.HasPrefix(r.RequestURI, "/") {
		q.Path, q.RawQuery, _ = strings.Cut(r.RequestURI, "?")
	}
	return q
}

// checkShape refuses what would make the canonical request ambiguous or large.
func (r *Request) checkShape() error {
	switch {
	case r.Method == "" || len(r.Method) > maxMethod || !isToken(r.Method):
		return incomplete("Malformed HTTP method.")
	case len(r.Host) > maxHost || hasControl(r.Host):
		return incomplete("Malformed 'Host' header.")
	case len(r.Path) > maxPath:
		return incomplete("The request path is too long.")
	case len(r.RawQuery) > maxQuery:
		return malformedQuery("The query string is too long.")
	case len(r.Header) > maxHeaders:
		return incomplete("Too many headers.")
	}
	for name, values := range r.Header {
		// Two spellings of one name would let one be signed and the other be used.
		if !isCanonicalName(name) {
			return incomplete("Malformed header name.")
		}
		if len(values) > 1 && isSingle(name) {
			return repeatedHeader(name)
		}
	}
	return nil
}

// isSingle tells whether a header decides something, so that "a,b" and two
// headers "a" and "b", equal for a signature, must not both be possible.
func isSingle(name string) bool {
	switch name {
	case "Authorization", "Content-Type", "Content-Length", "Date", "Host":
		return true
	}
	return strings.HasPrefix(name, "X-Amz-")
}

// only returns the value of a header that isSingle.
func (r *Request) only(name string) (string, bool) {
	v := r.Header[name]
	if len(v) == 0 {
		return "", false
	}
	return v[0], true
}

// values looks a lower-case name up without allocating.
func (r *Request) values(name string) []string {
	var buf [maxHeaderName]byte
	if len(name) > len(buf) {
		return nil
	}
	upper := true
	for i := 0; i < len(name); i++ {
		c := name[i]
		if upper && 'a' <= c && c <= 'z' {
			c -= 'a' - 'A'
		}
		buf[i], upper = c, c == '-'
	}
	return r.Header[string(buf[:len(name)])]
}

// isCanonicalName tells whether name is a header name in the spelling of
// http.CanonicalHeaderKey.
func isCanonicalName(name string) bool {
	if name == "" || len(name) > maxHeaderName {
		return false
	}
	upper := true
	for i := 0; i < len(name); i++ {
		c := name[i]
		if !tokenByte[c] || upper && 'a' <= c && c <= 'z' || !upper && 'A' <= c && c <= 'Z' {
			return false
		}
		upper = c == '-'
	}
	return true
}

// tokenByte holds the characters of an RFC 9110 (section 5.6.2) token.
var tokenByte = func() (t [256]bool) {
	for c := byte('a'); c <= 'z'; c++ {
		t[c], t[c-'a'+'A'] = true, true
	}
	for c := byte('0'); c <= '9'; c++ {
		t[c] = true
	}
	for _, c := range []byte("!#$%&'*+-.^_`|~") {
		t[c] = true
	}
	return t
}()

func isToken(s string) bool {
	for i := 0; i < len(s); i++ {
		if !tokenByte[s[i]] {
			return false
		}
	}
	return s != ""
}

func hasControl(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < 0x20 || s[i] == 0x7f {
			return true
		}
	}
	return false
}
