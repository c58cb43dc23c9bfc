package signin

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"html/template"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"time"

	"sallyport/internal/api"
)

//go:embed assets
var assets embed.FS

var (
	styles = asset("assets/style.css")
	icon   = asset("assets/icon.svg")
	script = asset("assets/passkey.js")
	// version has browsers ask for style and script anew when they have changed.
	version = func() string {
		sum := sha256.Sum256(slices.Concat(styles, script))
		return hex.EncodeToString(sum[:6])
	}()
	pages = func() map[string]*template.Template {
		layout := template.Must(template.New("layout.html").Funcs(template.FuncMap{
			"version": func() string { return version },
			"time":    func(t time.Time) string { return t.UTC().Format("2 January 2006, 15:04 MST") },
		}).ParseFS(assets, "assets/layout.html"))
		all := make(map[string]*template.Template)
		for _, name := range []string{"signin", "mfa", "devices", "register", "password", "switchrole", "session", "confirm", "roles", "message"} {
			all[name] = template.Must(template.Must(layout.Clone()).ParseFS(assets, "assets/"+name+".html"))
		}
		return all
	}()
)

func asset(name string) []byte {
	content, err := assets.ReadFile(name)
	if err != nil {
		panic(err) // it is embedded
	}
	return content
}

func serveAsset(contentType string, content []byte) func(*exchange) error {
	return func(x *exchange) error {
		x.w.Header().Set("Content-Type", contentType)
		x.w.Header().Set("Cache-Control", "public, max-age=86400")
		x.w.Write(content) //nolint:errcheck // the client is gone
		return nil
	}
}

// A content is what a page shows.
type content struct {
	Title string
	// Token is that of the page's forms.
	Token string
	// Problem is what went wrong with what was just sent.
	Problem string
	// Bar is the header of somebody who is signed in.
	Bar *bar
	// Script has the page load the one script there is, for passkeys.
	Script bool
	// Wide is for pages that are more than one form.
	Wide bool
	// Body is the page's own.
	Body any
}

// show renders a page.
func (x *exchange) show(status int, page string, v content) error {
	var out bytes.Buffer
	if err := pages[page].Execute(&out, v); err != nil {
		return api.InternalFailure(err)
	}
	h := x.w.Header()
	if v.Script {
		h.Set("Content-Security-Policy", h.Get("Content-Security-Policy")+"; script-src 'self'")
	}
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Length", strconv.Itoa(out.Len()))
	x.w.WriteHeader(status)
	x.w.Write(out.Bytes()) //nolint:errcheck // the client is gone
	return nil
}

// A refusal is an error that a person is told, in words of their own.
type refusal struct {
	status int
	title  string
	text   string
	wait   time.Duration // for Retry-After
}

func (r *refusal) Error() string { return r.text }

var (
	errNotFound = &refusal{http.StatusNotFound, "Page not found", "There is nothing at this address.", 0}
	errMethod   = &refusal{http.StatusMethodNotAllowed, "Not allowed", "This address can't be asked that way.", 0}
	errForeign  = &refusal{http.StatusForbidden, "Request refused", "The request came from another site. Nothing was done.", 0}
	errBadForm  = &refusal{http.StatusBadRequest, "Request refused", "The form could not be read.", 0}
	errForm     = &refusal{http.StatusForbidden, "The form has expired", "The form was too old, or your browser did not send the cookie that belongs to it. Nothing was done. Go back, reload the page and try again.", 0}
	errStart    = &refusal{http.StatusForbidden, "Sign in again", "What you had proved so far is no longer enough. Start again.", 0}
	errTooMany  = &refusal{http.StatusTooManyRequests, "Too many requests", "There were too many requests from your network. Try again in a few minutes.", time.Minute}
	errBusy     = &refusal{http.StatusServiceUnavailable, "Busy", "Too many people are signing in. Try again in a few seconds.", 2 * time.Second}
)

// fail answers an error. What was not meant for people is logged.
func (x *exchange) fail(err error) {
	var r *refusal
	if !errors.As(err, &r) {
		status := http.StatusServiceUnavailable
		var spoken *api.Error
		if errors.As(err, &spoken) {
			status = spoken.Status
		}
		if status < 500 {
			status = http.StatusInternalServerError
		}
		r = &refusal{status, "Temporarily unavailable", "The server can't do this now. Try again later.", 0}
		x.Logger.LogAttrs(x.http.Context(), slog.LevelError, "page", slog.String("path", x.http.URL.EscapedPath()), slog.String("cause", err.Error()))
	}
	if r.wait > 0 {
		x.retryAfter(r.wait)
	}
	if err := x.show(r.status, "message", content{Title: r.title, Body: r.text}); err != nil {
		http.Error(x.w, r.title, http.StatusInternalServerError)
	}
}

func (x *exchange) retryAfter(wait time.Duration) {
	x.w.Header().Set("Retry-After", strconv.Itoa(int((wait+time.Second-1)/time.Second)))
}
