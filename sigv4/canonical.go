package sigv4

import (
	"bytes"
	"cmp"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Variant says which of the two ways of signing a service has.
type Variant uint8

const (
	// Standard is the way of every service but S3: "." and ".." segments and
	// repeated slashes are removed from the path, which is then encoded as it
	// was sent, so that escapes in it are encoded twice.
	Standard Variant = iota
	// S3 is Amazon S3's way: object keys may hold any segments, so the path is
	// decoded and encoded once and nothing is removed; a presigned request that
	// names no payload hash signs UNSIGNED-PAYLOAD.
	S3
)

// scratch holds the buffers of one canonicalisation.
type scratch struct {
	out   []byte // canonical request
	pairs []byte // encoded query names and values
	index []pair
}

// pair is the place of one encoded "name=value" in scratch.pairs; eq is where
// the "=" stands.
type pair struct{ start, eq, end int }

var scratchPool = sync.Pool{New: func() any { return &scratch{out: make([]byte, 0, 2<<10)} }}

// release wipes what was written (session tokens among it) and pools s unless
// one large request has blown it up.
func (s *scratch) release() {
	clear(s.out)
	clear(s.pairs)
	s.out, s.pairs, s.index = s.out[:0], s.pairs[:0], s.index[:0]
	if cap(s.out) <= 64<<10 && cap(s.pairs) <= 64<<10 {
		scratchPool.Put(s)
	}
}

// canonicalRequest appends the canonical request to s.out (IAM User Guide,
// "Create a canonical request").
func (s *scratch) canonicalRequest(r *Request, variant Variant, signed []string, signedList, payloadHash string) error {
	s.out = append(append(s.out, r.Method...), '\n')
	if err := s.appendPath(r.Path, variant); err != nil {
		return err
	}
	s.out = append(s.out, '\n')
	if err := s.appendQuery(r.RawQuery); err != nil {
		return err
	}
	s.out = append(s.out, '\n')
	if err := s.appendHeaders(r, signed); err != nil {
		return err
	}
	s.out = append(s.out, '\n')
	s.out = append(append(s.out, signedList...), '\n')
	s.out = append(s.out, payloadHash...)
	return nil
}

func (s *scratch) appendPath(path string, variant Variant) error {
	var err error
	switch {
	case path == "" || path == "/":
		s.out = append(s.out, '/')
	case variant == S3:
		s.out, err = appendDecodedEncoded(s.out, path, false, true)
	default:
		path = normalizePath(path)
		for i := 0; i < len(path); i++ {
			s.out = appendEncoded(s.out, path[i], true)
		}
	}
	return err
}

// normalizePath removes dot segments and empty segments (RFC 3986, section
// 5.2.4, and IAM's rule of redundant slashes) and returns path itself, without
// allocating, when there are none.
func normalizePath(path string) string {
	if path == "" {
		return "/"
	}
	if path[0] == '/' && !strings.Contains(path, "//") && !strings.Contains(path, "/.") {
		return path
	}
	segments := strings.Split(path, "/")
	kept := segments[:0]
	directory := false
	for _, segment := range segments {
		directory = segment == "" || segment == "." || segment == ".."
		switch {
		case segment == ".." && len(kept) > 0:
			kept = kept[:len(kept)-1]
		case !directory:
			kept = append(kept, segment)
		}
	}
	clean := "/" + strings.Join(kept, "/")
	if directory && len(kept) > 0 {
		clean += "/"
	}
	return clean
}

// appendQuery appends the parameters, decoded and encoded again, sorted by
// encoded name and then value; the signature itself is left out.
func (s *scratch) appendQuery(raw string) error {
	if raw == "" {
		return nil
	}
	var err error
	for part, rest := "", raw; rest != ""; {
		part, rest, _ = strings.Cut(rest, "&")
		if part == "" {
			continue
		}
		if len(s.index) == maxQueryParams {
			return malformedQuery("Too many query parameters.")
		}
		name, value, _ := strings.Cut(part, "=")
		p := pair{start: len(s.pairs)}
		if s.pairs, err = appendDecodedEncoded(s.pairs, name, true, false); err != nil {
			return err
		}
		p.eq = len(s.pairs)
		s.pairs = append(s.pairs, '=')
		if s.pairs, err = appendDecodedEncoded(s.pairs, value, true, false); err != nil {
			return err
		}
		p.end = len(s.pairs)
		if string(s.pairs[p.start:p.eq]) != paramSignature {
			s.index = append(s.index, p)
		}
	}
	b := s.pairs
	slices.SortFunc(s.index, func(x, y pair) int {
		return cmp.Or(bytes.Compare(b[x.start:x.eq], b[y.start:y.eq]), bytes.Compare(b[x.eq:x.end], b[y.eq:y.end]))
	})
	for i, p := range s.index {
		if i > 0 {
			s.out = append(s.out, '&')
		}
		s.out = append(s.out, b[p.start:p.end]...)
	}
	return nil
}

// appendHeaders appends "name:value\n" for each signed header. One that is
// absent is a mismatch, never an empty value.
func (s *scratch) appendHeaders(r *Request, signed []string) error {
	total := 0
	for _, name := range signed {
		s.out = append(append(s.out, name...), ':')
		start := len(s.out)
		values := r.values(name)
		switch {
		case name == "host":
			s.out = appendTrimmed(s.out, r.Host)
		case len(values) > 0:
			for i, value := range values {
				if total += len(name) + len(value); total > maxHeaderBytes {
					return incomplete("The signed headers are too long.")
				}
				if i > 0 {
					s.out = append(s.out, ',')
				}
				s.out = appendTrimmed(s.out, value)
			}
		case name == "content-length" && r.ContentLength >= 0:
			s.out = strconv.AppendInt(s.out, r.ContentLength, 10)
		default:
			return errMismatch
		}
		if bytes.IndexByte(s.out[start:], '\n') >= 0 {
			return errMismatch
		}
		s.out = append(s.out, '\n')
	}
	return nil
}

// appendTrimmed appends value without outer white space and with runs of white
// space (line folds too) as one space.
func appendTrimmed(dst []byte, value string) []byte {
	space, start := false, len(dst)
	for i := 0; i < len(value); i++ {
		switch c := value[i]; c {
		case ' ', '\t', '\n', '\v', '\f', '\r':
			space = true
		default:
			if space && len(dst) > start {
				dst = append(dst, ' ')
			}
			space = false
			dst = append(dst, c)
		}
	}
	return dst
}

// appendDecodedEncoded appends text with its percent escapes decoded and then
// encoded in the one canonical way.
func appendDecodedEncoded(dst []byte, text string, query, keepSlash bool) ([]byte, error) {
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case c == '%':
			if i+2 >= len(text) {
				return dst, malformedQuery("Incomplete trailing escape % sequence")
			}
			high, low := unhex(text[i+1]), unhex(text[i+2])
			if high > 15 || low > 15 {
				return dst, malformedQuery("Illegal hex character in escape % pattern: %" + quoted(text[i+1:i+3]))
			}
			c = high<<4 | low
			i += 2
		case query && c == '+':
			c = ' '
		case query && c == ';':
			return dst, malformedQuery("A semicolon in a query string must be percent-encoded.")
		}
		dst = appendEncoded(dst, c, keepSlash)
	}
	return dst, nil
}

// appendEncoded is AWS's UriEncode of one byte: all but the unreserved
// characters of RFC 3986 (section 2.3), upper-case hex.
func appendEncoded(dst []byte, c byte, keepSlash bool) []byte {
	if unreserved[c] || keepSlash && c == '/' {
		return append(dst, c)
	}
	const hexDigits = "0123456789ABCDEF"
	return append(dst, '%', hexDigits[c>>4], hexDigits[c&15])
}

var unreserved = func() (t [256]bool) {
	for c := byte('a'); c <= 'z'; c++ {
		t[c], t[c-'a'+'A'] = true, true
	}
	for c := byte('0'); c <= '9'; c++ {
		t[c] = true
	}
	for _, c := range []byte("-._~") {
		t[c] = true
	}
	return t
}()

// unhex returns the value of a hex digit, or more than 15.
func unhex(c byte) byte {
	switch {
	case '0' <= c && c <= '9':
		return c - '0'
	case 'a' <= c && c <= 'f':
		return c - 'a' + 10
	case 'A' <= c && c <= 'F':
		return c - 'A' + 10
	}
	return 16
}
