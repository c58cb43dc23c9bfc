package signin

import (
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"sallyport/internal/api"
	"sallyport/internal/server/signin/page"
)

// show renders a page.
func (x *exchange) show(status int, name string, v page.Content) error {
	return page.Show(x.w, status, name, v)
}

func serveAsset(contentType string, content []byte) func(*exchange) error {
	return func(x *exchange) error {
		x.w.Header().Set("Content-Type", contentType)
		x.w.Header().Set("Cache-Control", "public, max-age=86400")
		x.w.Write(content) //nolint:errcheck // the client is gone
		return nil
	}
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
	if err := x.show(r.status, "message", page.Content{Title: r.title, Body: r.text}); err != nil {
		http.Error(x.w, r.title, http.StatusInternalServerError)
	}
}

func (x *exchange) retryAfter(wait time.Duration) {
	x.w.Header().Set("Retry-After", strconv.Itoa(int((wait+time.Second-1)/time.Second)))
}
