// Package page renders what people see where they sign in: one layout, a template a
// page, a style, and the one script there is, for passkeys. It knows nothing of who
// asks; what a page says comes from package signin.
package page

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"encoding/hex"
	"html/template"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"sallyport/internal/api"
)

//go:embed assets
var assets embed.FS

var (
	// Style, Icon and Script are what pages are made of beside their text.
	Style  = asset("assets/style.css")
	Icon   = asset("assets/icon.svg")
	Script = asset("assets/passkey.js")
	// version has browsers ask for style and script anew when they have changed.
	version = func() string {
		sum := sha256.Sum256(slices.Concat(Style, Script))
		return hex.EncodeToString(sum[:6])
	}()
	pages = func() map[string]*template.Template {
		layout := template.Must(template.New("layout.html").Funcs(template.FuncMap{
			"version": func() string { return version },
			"base64":  base64.StdEncoding.EncodeToString,
			"time":    func(t time.Time) string { return t.UTC().Format("2 January 2006, 15:04 MST") },
		}).ParseFS(assets, "assets/layout.html"))
		all := make(map[string]*template.Template)
		for _, name := range []string{"signin", "mfa", "devices", "app", "register", "password", "switchrole", "session", "confirm", "roles", "message"} {
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

// A Bar is the header of every page of somebody who is signed in.
type Bar struct {
	Name    string // of who signed in
	Account string
	Role    *Role  // when they act as a role
	Token   string // of its forms
}

// A Role shows that somebody acts as one.
type Role struct {
	Name, Account, Color string
	Until                time.Time
	Over                 bool
}

// A Content is what a page shows.
type Content struct {
	Title string
	// Token is that of the page's forms.
	Token string
	// Problem is what went wrong with what was just sent.
	Problem string
	// Bar is the header of somebody who is signed in.
	Bar *Bar
	// Script has the page load the one script there is, for passkeys.
	Script bool
	// Picture is for a page with a picture in it.
	Picture bool
	// Wide is for pages that are more than one form.
	Wide bool
	// Body is the page's own.
	Body any
}

// Show renders a page.
func Show(w http.ResponseWriter, status int, name string, v Content) error {
	var out bytes.Buffer
	if err := pages[name].Execute(&out, v); err != nil {
		return api.InternalFailure(err)
	}
	h := w.Header()
	if v.Script {
		h.Set("Content-Security-Policy", h.Get("Content-Security-Policy")+"; script-src 'self'")
	}
	if v.Picture {
		h.Set("Content-Security-Policy", strings.Replace(h.Get("Content-Security-Policy"), "img-src 'self'", "img-src 'self' data:", 1))
	}
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Length", strconv.Itoa(out.Len()))
	w.WriteHeader(status)
	w.Write(out.Bytes()) //nolint:errcheck // the client is gone
	return nil
}
