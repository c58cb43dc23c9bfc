package signin

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"sallyport/internal/federation/saml"
	"sallyport/internal/sts"
)

// FuzzOwnPath: whatever is asked for, a browser stays on this server and on pages
// that may be gone on to.
func FuzzOwnPath(f *testing.F) {
	for _, seed := range []string{
		"/console/", "/console/iam?a=b#c", "/signin/switchrole?account=1", "//example.com", "/\\example.com", "https://login.example.com/console/x",
		"https://login.example.com.example.org/console/", "/console/../x", "/%63onsole/", "javascript:alert(1)", "/console/%0d%0aSet-Cookie:x", "/console/%2e%2e/federation?Action=logout",
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
		// A dot may be written as %2e (https://url.spec.whatwg.org/#double-dot-path-segment).
		seen, _, _ := strings.Cut(strings.ReplaceAll(strings.ToLower(path), "%2e", "."), "?")
		u, err := base.Parse(seen)
		if err == nil && !strings.HasPrefix(u.Path, "/console/") && u.Path != "/signin/switchrole" {
			t.Errorf("%q leads to %q, which is %s", target, path, u.Path)
		}
		u, err = base.Parse(path)
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

// FuzzPostedResponse: of whatever a browser posts there is one response that is not
// too long, or none; and where it goes on to is a page of this server.
func FuzzPostedResponse(f *testing.F) {
	for _, seed := range []string{
		"SAMLResponse=AAAA", "SAMLResponse=AAAA&RelayState=%2Fconsole%2F", "SAMLResponse=A&SAMLResponse=B", "RelayState=x", "SAMLResponse=A&RelayState=a&RelayState=b",
		"SAMLResponse=%zz", "SAMLResponse=A;RelayState=//example.com", "samlresponse=A", "SAMLResponse=" + strings.Repeat("%41", 1000),
	} {
		f.Add("/saml", seed)
		f.Add("/saml/acs/SAMLSPEXAMPLE", seed)
	}
	p := &Pages{Config: Config{PublicURL: "https://login.example.com"}}
	f.Fuzz(func(t *testing.T, path, body string) {
		r := &http.Request{
			Method: http.MethodPost, URL: &url.URL{Path: path}, Header: http.Header{"Content-Type": {"application/x-www-form-urlencoded"}},
			Body: io.NopCloser(strings.NewReader(body)),
		}
		x := &exchange{Pages: p, w: httptest.NewRecorder(), http: r}
		if !x.isResponse() || x.readForm() != nil {
			return
		}
		posted, next, err := x.postedResponse()
		if err != nil {
			return
		}
		if posted.Response == "" || len(posted.Response) > saml.MaxResponse || len(x.form["SAMLResponse"]) != 1 || len(x.form["RelayState"]) > 1 {
			t.Errorf("%q is taken", body)
		}
		if posted.Provider != "" && (!plainID(posted.Provider) || r.URL.EscapedPath() != samlPath+sts.SAMLConsumer+posted.Provider) {
			t.Errorf("%q is for the provider %q", path, posted.Provider)
		}
		if next != p.ownPath(next) || !strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") {
			t.Errorf("%q leads to %q", body, next)
		}
	})
}
