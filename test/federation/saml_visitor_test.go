package federation

import (
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

// A visitor is somebody at a browser without script. It keeps cookies, sends what
// forms hold, and does as browsers do between sites: it says where a request comes
// from, and sends no cookies of SameSite=Lax with a form of another site.
type visitor struct {
	t    testing.TB
	jar  *cookiejar.Jar
	at   *url.URL
	code int
	body string
}

func newVisitor(t testing.TB) *visitor {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &visitor{t: t, jar: jar}
}

// open types an address.
func (v *visitor) open(address string) {
	v.t.Helper()
	v.at = nil
	v.send(http.MethodGet, v.resolve(address), nil)
}

func (v *visitor) resolve(address string) *url.URL {
	v.t.Helper()
	base := v.at
	if base == nil {
		base = new(url.URL)
	}
	to, err := base.Parse(address)
	if err != nil {
		v.t.Fatal(err)
	}
	return to
}

// maxRedirects is more than any provider needs.
const maxRedirects = 10

// send goes to an address and follows redirects, as from the page it is at.
func (v *visitor) send(method string, to *url.URL, form url.Values) {
	v.t.Helper()
	site := "none"
	if v.at != nil {
		site = map[bool]string{true: "same-origin", false: "cross-site"}[v.at.Host == to.Host]
	}
	for range maxRedirects {
		response := v.exchange(method, to, form, site)
		v.jar.SetCookies(to, response.Cookies())
		body, err := io.ReadAll(response.Body)
		response.Body.Close() //nolint:errcheck // read to its end
		if err != nil {
			v.t.Fatal(err)
		}
		from := to
		v.at, v.code, v.body = to, response.StatusCode, string(body)
		location := response.Header.Get("Location")
		if location == "" {
			return
		}
		if to = v.resolve(location); to.Host != from.Host && site != "none" {
			site = "cross-site"
		}
		method, form = http.MethodGet, nil
	}
	v.t.Fatalf("%s redirects without end", to)
}

func (v *visitor) exchange(method string, to *url.URL, form url.Values, site string) *http.Response {
	v.t.Helper()
	request, err := http.NewRequest(method, to.String(), strings.NewReader(form.Encode()))
	if err != nil {
		v.t.Fatal(err)
	}
	request.Header.Set("Sec-Fetch-Site", site)
	if method == http.MethodPost {
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		request.Header.Set("Origin", v.at.Scheme+"://"+v.at.Host)
	}
	if method == http.MethodGet || site != "cross-site" {
		for _, c := range v.jar.Cookies(to) {
			request.AddCookie(c)
		}
	}
	response, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		v.t.Fatal(err)
	}
	return response
}

var (
	forms      = regexp.MustCompile(`(?is)<form\b([^>]*)>(.*?)</form>`)
	inputs     = regexp.MustCompile(`(?is)<(?:input|button)\b([^>]*)>`)
	attributes = regexp.MustCompile(`(?is)([a-z-]+)(?:\s*=\s*"([^"]*)")?`)
)

func attributesOf(tag string) map[string]string {
	found := make(map[string]string)
	for _, m := range attributes.FindAllStringSubmatch(tag, -1) {
		found[strings.ToLower(m[1])] = html.UnescapeString(m[2])
	}
	return found
}

// form is the page's form that has a field, and where it goes.
func (v *visitor) form(field string) (*url.URL, url.Values) {
	v.t.Helper()
	for _, form := range forms.FindAllStringSubmatch(v.body, -1) {
		values, has := make(url.Values), false
		for _, input := range inputs.FindAllStringSubmatch(form[2], -1) {
			a := attributesOf(input[1])
			has = has || a["name"] == field
			_, checked := a["checked"]
			if a["name"] == "" || strings.EqualFold(a["type"], "radio") && !checked || strings.EqualFold(a["type"], "submit") {
				continue
			}
			values.Set(a["name"], a["value"])
		}
		if has {
			return v.resolve(attributesOf(form[1])["action"]), values
		}
	}
	v.t.Fatalf("%s (%d) has no form with %s:\n%s", v.at, v.code, field, v.body)
	return nil, nil
}

// submit fills the form that has a field, and sends it.
func (v *visitor) submit(field string, fill map[string]string) {
	v.t.Helper()
	to, values := v.form(field)
	for name, value := range fill {
		values.Set(name, value)
	}
	v.send(http.MethodPost, to, values)
}

// wants holds the page to a path, a status and texts.
func (v *visitor) wants(path string, code int, texts ...string) {
	v.t.Helper()
	if v.at.Path != path || v.code != code {
		v.t.Fatalf("at %s with %d, want %s with %d:\n%s", v.at, v.code, path, code, v.body)
	}
	shown := html.UnescapeString(v.body)
	for _, text := range texts {
		if !strings.Contains(shown, text) {
			v.t.Fatalf("%s does not say %q:\n%s", v.at, text, shown)
		}
	}
}
