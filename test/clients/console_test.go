package clients

import (
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"sallyport/test/clients/harness"
)

// A consoleUser is somebody at a browser, signed in or on the way to it.
type consoleUser struct {
	t      *testing.T
	server string
	client *http.Client
	page   string // the last one
	at     string // its path
}

// atSignIn has typed a user's password.
func atSignIn(t *testing.T, server *harness.Server, user, password string) *consoleUser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	c := &consoleUser{t: t, server: server.URL, client: &http.Client{Jar: jar}}
	c.get("/signin")
	c.post("/signin", url.Values{"account": {harness.AccountID}, "username": {user}, "password": {password}})
	return c
}

func (c *consoleUser) get(path string) {
	c.t.Helper()
	c.read(c.client.Get(c.server + path))
}

var formToken = regexp.MustCompile(`name="token" value="([^"]*)"`)

// post sends a form of the last page.
func (c *consoleUser) post(path string, form url.Values) {
	c.t.Helper()
	token := formToken.FindStringSubmatch(c.page)
	if token == nil {
		c.t.Fatalf("%s has no form: %s", c.at, c.page)
	}
	form.Set("token", html.UnescapeString(token[1]))
	c.read(c.client.PostForm(c.server+path, form))
}

func (c *consoleUser) read(r *http.Response, err error) {
	c.t.Helper()
	if err != nil {
		c.t.Fatal(err)
	}
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	c.page, c.at = string(body), r.Request.URL.Path
}

// is holds the last page to be at a path.
func (c *consoleUser) is(path string) {
	c.t.Helper()
	if c.at != path {
		c.t.Fatalf("at %s, want %s: %s", c.at, path, c.page)
	}
}

// call makes a call of IAM as the console does.
func (c *consoleUser) call(operation string) (status int, body string) {
	c.t.Helper()
	r, err := http.NewRequest(http.MethodPost, c.server+"/console/api/", strings.NewReader("{}"))
	if err != nil {
		c.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-amz-json-1.1")
	r.Header.Set("X-Amz-Target", "iam."+operation)
	r.Header.Set("X-Sallyport-Csrf", "1")
	reply, err := c.client.Do(r)
	if err != nil {
		c.t.Fatal(err)
	}
	defer reply.Body.Close()
	raw, err := io.ReadAll(reply.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	return reply.StatusCode, string(raw)
}
