package awsquery

import (
	"net/http"
	"strings"
	"unicode/utf8"

	"sallyport/internal/api"
)

// Limits on a form. They leave room for every list that the models allow
// and bound what a request can make the decoder allocate.
const (
	MaxFormBytes  = 32 << 20 // a SAML metadata document of 10 MB, escaped, fits
	MaxParameters = 10000    // parameters in one form
	maxNameLength = 1024     // bytes of a parameter's name
	maxSegments   = 24       // dot-separated parts of a parameter's name
)

// Form is a parsed list of parameters, in the order in which they came.
type Form struct {
	params []param
}

type param struct{ name, value string }

// ParseForm parses an application/x-www-form-urlencoded body or a query
// string. It refuses, with MalformedInput, bad escapes, bytes that are not
// UTF-8, a bare semicolon (which some parsers take for a separator), repeated
// names and forms beyond the limits of this package.
func ParseForm(raw string) (Form, error) {
	if len(raw) > MaxFormBytes {
		return Form{}, malformed("The request is too large")
	}
	n := strings.Count(raw, "&") + 1
	if n > MaxParameters {
		return Form{}, malformed("Too many parameters")
	}
	f := Form{params: make([]param, 0, n)}
	for raw != "" {
		var pair string
		pair, raw, _ = strings.Cut(raw, "&")
		if pair == "" {
			continue
		}
		name, value, _ := strings.Cut(pair, "=")
		name, ok := unescape(name)
		if !ok || name == "" || len(name) > maxNameLength {
			return Form{}, malformed("Invalid parameter name")
		}
		if value, ok = unescape(value); !ok {
			return Form{}, malformed("Invalid value for a parameter")
		}
		f.params = append(f.params, param{name, value})
	}
	if f.repeats() {
		return Form{}, malformed("Parameter names must be unique")
	}
	return f, nil
}

// repeats reports whether a name occurs twice.
func (f Form) repeats() bool {
	if len(f.params) <= 8 {
		for i := range f.params {
			for j := range i {
				if f.params[i].name == f.params[j].name {
					return true
				}
			}
		}
		return false
	}
	seen := make(map[string]struct{}, len(f.params))
	for _, p := range f.params {
		seen[p.name] = struct{}{}
	}
	return len(seen) < len(f.params)
}

// Get returns the value of a parameter, empty when it is absent.
func (f Form) Get(name string) string {
	v, _ := f.Lookup(name)
	return v
}

// Lookup returns the value of a parameter and whether it is present.
func (f Form) Lookup(name string) (string, bool) {
	for _, p := range f.params {
		if p.name == name {
			return p.value, true
		}
	}
	return "", false
}

// Len is the number of parameters.
func (f Form) Len() int { return len(f.params) }

// unescape undoes form encoding. It reports false for a bad escape, a bare
// semicolon and bytes that are not UTF-8.
func unescape(s string) (string, bool) {
	if strings.IndexByte(s, ';') >= 0 {
		return "", false
	}
	if strings.IndexByte(s, '%') < 0 && strings.IndexByte(s, '+') < 0 {
		return s, utf8.ValidString(s)
	}
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '+':
			b = append(b, ' ')
		case '%':
			if i+2 >= len(s) {
				return "", false
			}
			hi, ok1 := unhex(s[i+1])
			lo, ok2 := unhex(s[i+2])
			if !ok1 || !ok2 {
				return "", false
			}
			b = append(b, hi<<4|lo)
			i += 2
		default:
			b = append(b, s[i])
		}
	}
	return string(b), utf8.Valid(b)
}

func unhex(c byte) (byte, bool) {
	switch {
	case '0' <= c && c <= '9':
		return c - '0', true
	case 'a' <= c && c <= 'f':
		return c - 'a' + 10, true
	case 'A' <= c && c <= 'F':
		return c - 'A' + 10, true
	}
	return 0, false
}

// malformed is the error for input that is not a well-formed request. AWS
// answers a value of the wrong type with an empty message.
func malformed(msg string) *api.Error {
	return api.Errorf("MalformedInput", http.StatusBadRequest, true, "%s", msg)
}
