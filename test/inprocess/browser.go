package inprocess

import (
	"html"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
)

// A Browser is somebody at a browser: it keeps cookies, sends what its last page's
// forms hold, and says as browsers do which site a request comes from. It follows
// redirects within the server.
type Browser struct {
	server *Server
	// Cookies are those it keeps, by name.
	Cookies map[string]string
	// Address is where it is, by a proxy that the server must trust; "" is loopback.
	Address string
	// Page is the last one.
	Page *Page
}

// A Page is what a browser was answered.
type Page struct {
	Status   int
	Header   http.Header
	Body     string
	Path     string // where it came from, after redirects
	Location string // where it would go on to
}

// Browser returns a browser without cookies.
func (s *Server) Browser() *Browser { return &Browser{server: s, Cookies: make(map[string]string)} }

// Clone is another browser with the same cookies.
func (b *Browser) Clone() *Browser {
	c := b.server.Browser()
	c.Address, c.Page = b.Address, b.Page
	for name, value := range b.Cookies {
		c.Cookies[name] = value
	}
	return c
}

// Get opens a page as a person does who types its address.
func (b *Browser) Get(path string) *Page {
	b.server.Helper()
	return b.Go(b.Request(http.MethodGet, path, nil))
}

var tokenField = regexp.MustCompile(`name="token" value="([^"]*)"`)

// Token is the form token of the last page.
func (b *Browser) Token() string {
	if b.Page == nil {
		return ""
	}
	if m := tokenField.FindStringSubmatch(b.Page.Body); m != nil {
		return html.UnescapeString(m[1])
	}
	return ""
}

// Post sends a form of the last page, with its token. The console has none: from
// there it goes by the page of the session.
func (b *Browser) Post(path string, fields P) *Page {
	b.server.Helper()
	return b.Go(b.Form(path, fields))
}

// Form is the request of Post.
func (b *Browser) Form(path string, fields P) *http.Request {
	b.server.Helper()
	if b.Page != nil && strings.HasPrefix(b.Page.Path, "/console/") {
		b.Session()
	}
	form := url.Values{"token": {b.Token()}}
	for name, value := range fields {
		form.Set(name, value)
	}
	r := b.Request(http.MethodPost, path, form)
	r.Header.Set("Origin", b.server.URL)
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return r
}

// Session opens the page of one's session.
func (b *Browser) Session() *Page {
	b.server.Helper()
	return b.Get("/signin/session")
}

// Request is a request with the browser's cookies.
func (b *Browser) Request(method, path string, form url.Values) *http.Request {
	b.server.Helper()
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	r, err := http.NewRequest(method, b.server.URL+path, body)
	if err != nil {
		b.server.Fatal(err)
	}
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	r.Header.Set("Sec-Fetch-Site", "none")
	r.Header.Set("User-Agent", "Mozilla/5.0")
	return r
}

// Go sends a request and follows redirects.
func (b *Browser) Go(r *http.Request) *Page {
	b.server.Helper()
	page := b.Send(r)
	for range 5 {
		if page.Location == "" {
			break
		}
		if !strings.HasPrefix(page.Location, "/") || strings.HasPrefix(page.Location, "//") {
			b.server.Fatalf("%s leads elsewhere: %s", r.URL, page.Location)
		}
		page = b.Send(b.Request(http.MethodGet, page.Location, nil))
	}
	return page
}

// Send sends a request without following redirects.
func (b *Browser) Send(r *http.Request) *Page {
	b.server.Helper()
	page, err := b.TrySend(r)
	if err != nil {
		b.server.Fatal(err)
	}
	b.Page = page
	return page
}

// TrySend is Send for goroutines, which must not stop the test and leave Page.
func (b *Browser) TrySend(r *http.Request) (*Page, error) {
	for name, value := range b.Cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	if b.Address != "" {
		r.Header.Set("X-Forwarded-For", b.Address)
	}
	response, err := b.server.http.Client().Transport.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, err
	}
	for _, c := range response.Cookies() {
		if c.MaxAge < 0 {
			delete(b.Cookies, c.Name)
			continue
		}
		b.Cookies[c.Name] = c.Value
	}
	return &Page{
		Status: response.StatusCode, Header: response.Header, Body: html.UnescapeString(string(body)), Path: r.URL.Path,
		Location: response.Header.Get("Location"),
	}, nil
}

// SignIn signs a user of the first account in, and returns the page that follows.
func (b *Browser) SignIn(user, password string) *Page {
	b.server.Helper()
	b.Get("/signin")
	return b.Post("/signin", P{"account": Account, "username": user, "password": password})
}

// SignInRoot signs the first account's root user in.
func (b *Browser) SignInRoot(email, password string) *Page {
	b.server.Helper()
	b.Get("/signin/root")
	return b.Post("/signin/root", P{"email": email, "password": password})
}

// Call makes a call where the console does, signed in by the cookie.
func (b *Browser) Call(name string, in P) *Reply {
	b.server.Helper()
	r, _ := b.server.Request(name, in)
	return b.server.Send(b.Console(r))
}

// Console turns a request to the API into one of the console.
func (b *Browser) Console(r *http.Request) *http.Request {
	r.URL.Path = "/console/api/"
	for name, value := range b.Cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	r.Header.Set("X-Sallyport-Csrf", "1")
	r.Header.Set("Origin", b.server.URL)
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return r
}
