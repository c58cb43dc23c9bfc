package signin

import (
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzOwnPath: whatever is asked for, a browser stays on this server and on pages
// that may be gone on to.
func FuzzOwnPath(f *testing.F) {
	for _, seed := range []string{
		"/console/", "/console/iam?a=b#c", "/signin/switchrole?account=1", "//example.com", "/\\example.com", "https://login.example.com/console/x",
		"https://login.example.com.example.org/console/", "/console/../x", "/%63onsole/", "javascript:alert(1)", "/console/%0d%0aSet-Cookie:x",
	} {
		f.Add(seed)
	}
	p := &Pages{Config: Config{PublicURL: "https://login.example.com"}}
	base, err := url.Parse("https://login.example.com/signin")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, target string) {
		path := p.ownPath(target)
		if !strings.HasPrefix(path, "/console/") && path != "/signin/switchrole" && !strings.HasPrefix(path, "/signin/switchrole?") && !strings.HasPrefix(path, "/signin/switchrole#") {
			t.Errorf("%q leads to %q", target, path)
		}
		if strings.ContainsFunc(path, func(r rune) bool { return r <= ' ' || r == '\\' || r == 0x7f || r == utf8.RuneError }) {
			t.Errorf("%q leads to %q", target, path)
		}
		u, err := base.Parse(path)
		if err != nil || u.Host != base.Host || u.Scheme != base.Scheme || u.User != nil {
			t.Errorf("%q leads to %v, %v", target, u, err)
		}
		if p.ownPath(path) != path {
			t.Errorf("%q becomes %q and then %q", target, path, p.ownPath(path))
		}
	})
}

// FuzzDigits: a code is six digits or fewer, whatever is typed.
func FuzzDigits(f *testing.F) {
	for _, seed := range []string{"123456", "123 456", "12345", "1234567", "１２３４５６", "12a456"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		code := digits(typed)
		if len(code) > 6 || strings.Trim(code, "0123456789") != "" {
			t.Errorf("%q is the code %q", typed, code)
		}
		if code != "" && strings.ReplaceAll(typed, " ", "") != code {
			t.Errorf("%q is the code %q", typed, code)
		}
	})
}
