package session

import (
	"net/http"
	"time"

	"github.com/go-json-experiment/json"

	"sallyport/internal/seal"
)

const (
	// Idle is how long a session lasts without being used.
	Idle = 30 * time.Minute
	// Longest is how long one lasts at most, as AWS's do.
	Longest = 12 * time.Hour
	// renewAfter is how much of Idle passes before the cookie is given anew.
	renewAfter = Idle / 4
)

// Header must be on whatever the console's script sends. A page of another site
// can't have a browser send it, unless the server allowed it, which it never does
// (https://cheatsheetseries.owasp.org/cheatsheets/Cross-Site_Request_Forgery_Prevention_Cheat_Sheet.html).
const Header = "X-Sallyport-Csrf"

// cookiePurpose separates the key of cookies from every other use.
const cookiePurpose = "console.session"

// maxCookie bounds a cookie's value, in bytes.
const maxCookie = 1024

// A ticket is what a session's cookie says.
type ticket struct {
	Account string    `json:"account"`
	Owner   string    `json:"owner"`
	ID      string    `json:"id"`
	Until   time.Time `json:"until"` // when it is too old if it is not given anew
}

// Cookies makes and reads the cookies of a server.
type Cookies struct {
	sealer *seal.Sealer
	secure bool
}

// NewCookies returns the cookies sealed by s. secure is for a server that users
// reach by https.
func NewCookies(s *seal.Sealer, secure bool) *Cookies { return &Cookies{s, secure} }

// Named is a cookie for the server alone. No script reads it, no other site's
// form, frame or request carries it, and, with https, no other host can set it
// (RFC 6265bis, section 4.1.3).
func (c *Cookies) Named(name, value string, life time.Duration) *http.Cookie {
	cookie := &http.Cookie{
		Name: c.Name(name), Value: value, Path: "/", HttpOnly: true, Secure: c.secure, SameSite: http.SameSiteLaxMode,
	}
	if value == "" {
		cookie.MaxAge = -1
	} else if life > 0 {
		cookie.MaxAge = int(life / time.Second)
	}
	return cookie
}

// Name is how the server calls a cookie.
func (c *Cookies) Name(name string) string {
	if c.secure {
		return "__Host-sallyport-" + name
	}
	return "sallyport-" + name
}

// Value is what a request brings under a name; "" when it brings none, or two.
func (c *Cookies) Value(r *http.Request, name string) string {
	cookies := r.CookiesNamed(c.Name(name))
	if len(cookies) != 1 {
		return ""
	}
	return cookies[0].Value
}

// Seal seals a value for a purpose and a context, as text for a cookie or form.
func (c *Cookies) Seal(purpose, context string, v any) (string, error) {
	plain, err := json.Marshal(v)
	if err != nil {
		return "", err
	}
	return seal.Text(c.sealer, purpose, []byte(context), plain)
}

// Open opens what Seal returned for the same purpose and context. text is hostile
// and at most so long; any failure is false.
func (c *Cookies) Open(purpose, context, text string, longest int, v any) bool {
	plain, ok := seal.OpenText(c.sealer, purpose, []byte(context), text, longest)
	return ok && json.Unmarshal(plain, v, json.RejectUnknownMembers(true)) == nil
}
