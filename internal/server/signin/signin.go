package signin

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"runtime"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/prometheus/client_golang/prometheus"

	"sallyport/internal/api"
	"sallyport/internal/api/iamapi"
	"sallyport/internal/audit"
	"sallyport/internal/credential"
	"sallyport/internal/iam"
	"sallyport/internal/iam/mfa"
	"sallyport/internal/ident"
	"sallyport/internal/journal"
	"sallyport/internal/operation"
	"sallyport/internal/seal"
	"sallyport/internal/server/signin/attempts"
	"sallyport/internal/server/signin/page"
	"sallyport/internal/session"
	"sallyport/internal/state"
	"sallyport/internal/sts"
)

// Config is what Pages are made of. Every field is required.
type Config struct {
	State    *state.Store
	Sessions *session.Sessions
	Origin   *http.CrossOriginProtection
	Tokens   *sts.Tokens
	Sealer   *seal.Sealer
	MFA      SecondFactor
	SAML     Responses
	Facts    journal.Facts
	Audit    *audit.Log
	Ident    *ident.Source
	Server   Server
	Now      func() time.Time
	Standing func() error
	Logger   *slog.Logger
	// Console is the console's pages and what they are made of, below /console/.
	Console http.Handler
	// PublicURL is what users see, without a slash at its end.
	PublicURL string
}

// A Server is what pages ask of the server they are part of; *server.Server is
// one.
type Server interface {
	// Perform carries out an operation for a caller and records it.
	Perform(r *http.Request, caller *operation.Caller, op *api.Operation, in any) (any, error)
	// SourceIP is the address a request comes from.
	SourceIP(r *http.Request) string
}

// A SecondFactor decides whether a code, or a passkey's answer, is of a device that
// an owner has enabled, and uses it up; *mfa.Service does. It is api.Throttling's code when too many
// were wrong.
type SecondFactor interface {
	ProveOwner(ctx context.Context, r state.Reader, owner, code string, now time.Time) (device string, err error)
	// PasskeyOptions are what the owner's browser is asked for a passkey with; nil
	// when the owner has none.
	PasskeyOptions(r state.Reader, owner, challenge string) ([]byte, error)
	// ProvePasskey does as ProveOwner with the browser's answer. It is
	// credential.ErrPasskey or credential.ErrSignCount when the answer proves
	// nothing.
	ProvePasskey(ctx context.Context, r state.Reader, owner, challenge string, answer []byte, until time.Time) (device string, count uint32, err error)
	// MayChange refuses that a caller changes which devices are their own, as the
	// operations will.
	MayChange(caller *operation.Caller, r state.Reader) *api.Error
	// What an owner is setting up is remembered from its making to its enabling.
	RememberSetUp(ctx context.Context, r state.Reader, owner, name, browser string, made *iamapi.VirtualMFADevice, now time.Time) error
	SetUpOf(ctx context.Context, r state.Reader, owner string, now time.Time) (*mfa.SetUp, error)
	ForgetSetUp(ctx context.Context, r state.Reader, owner string) error
}

// Responses verify what SAML identity providers have browsers post; *sts.Service
// does.
type Responses interface {
	// OfferSAML returns what a response offers, or a *sts.SAMLRefusal.
	OfferSAML(ctx context.Context, posted sts.SAMLPosted) (*sts.SAMLOffer, error)
}

// Pages answers what people see.
type Pages struct {
	Config
	routes   map[string]route
	attempts attempts.Limits
	gate     *credential.Gate
	nobody   string // the hash that passwords of nobody are compared with
}

// A route is a path with what answers its methods; nil is not allowed.
type route struct{ get, post func(*exchange) error }

// waiting is how many passwords may wait to be checked: on a machine that checks
// one at a time, for a third of a second.
const waiting = 12

// New returns the pages of c.
func New(c Config) *Pages {
	p := &Pages{
		Config: c, nobody: credential.NobodysHash(), attempts: attempts.New(c.Facts, c.Sealer),
		// Half of the processors at most are for strangers.
		gate: credential.NewGate(max(1, runtime.GOMAXPROCS(0)/2), waiting),
	}
	p.routes = map[string]route{
		"/signin":            {(*exchange).showSignIn, (*exchange).signIn},
		"/signin/root":       {(*exchange).showSignIn, (*exchange).signIn},
		"/signin/mfa":        {(*exchange).showMFA, (*exchange).proveMFA},
		"/signin/passkey":    {nil, (*exchange).provePasskey},
		devicesPath:          {(*exchange).showDevices, (*exchange).beginPasskey},
		"/signin/passkey.js": {serveAsset("text/javascript; charset=utf-8", page.Script), nil},
		"/signin/password":   {(*exchange).showPassword, (*exchange).changePassword},
		"/signin/signout":    {nil, (*exchange).signOut},
		sessionPath:          {(*exchange).showSession, nil},
		"/signin/sessions":   {nil, (*exchange).endSession},
		"/signin/switchrole": {(*exchange).showSwitch, (*exchange).switchRole},
		"/signin/exitrole":   {nil, (*exchange).exitRole},
		"/signin/federation": {(*exchange).federate, (*exchange).federate},
		"/federation":        {(*exchange).federate, (*exchange).federate},
		samlPath:             {nil, (*exchange).takeResponse},
		samlRoles:            {(*exchange).showRoles, (*exchange).chooseRole},
		"/saml/metadata":     {(*exchange).showMetadata, nil},
		awsMetadata:          {(*exchange).showMetadata, nil},
		"/signin/style.css":  {serveAsset("text/css; charset=utf-8", page.Style), nil},
		"/signin/icon.svg":   {serveAsset("image/svg+xml", page.Icon), nil},
		"/console":           {func(x *exchange) error { return x.redirect(home) }, nil},

		devicesPath + "/passkey": {nil, (*exchange).finishPasskey},
		devicesPath + "/remove":  {nil, (*exchange).removeDevice},
		appPath:                  {(*exchange).showApp, (*exchange).beginApp},
		appPath + "/enable":      {nil, (*exchange).enableApp},
		appPath + "/cancel":      {nil, (*exchange).cancelApp},
	}
	return p
}

const (
	// home is the console's first page; every page of it is below.
	home = "/console/"
	// consoleAssets are what its pages are made of. They are the same for all, and
	// anybody may have them: a page that loads a part of itself when its session
	// has just ended must not get the sign-in page in its place.
	consoleAssets = home + "assets/"
	// consoleCalls is where the console makes its calls; no page is there.
	consoleCalls = home + "api/"
	// sessionPath shows somebody their session, and ends it.
	sessionPath = "/signin/session"
	// devicesPath shows somebody their MFA devices.
	devicesPath = "/signin/devices"
)

// IsPage reports whether a path, as it came, is one of the pages'.
func IsPage(path string) bool {
	return path == "/signin" || path == "/federation" || path == "/console" || isSAML(path) ||
		strings.HasPrefix(path, "/signin/") || strings.HasPrefix(path, home) && !strings.HasPrefix(path, consoleCalls)
}

// Collectors are the metrics of signing in.
func Collectors() []prometheus.Collector {
	return []prometheus.Collector{prometheus.NewCounterFunc(prometheus.CounterOpts{
		Name: "sallyport_password_hashes_total",
		Help: "Password hashes that were calculated.",
	}, func() float64 { return float64(credential.Hashes()) })}
}

// An exchange is one request for a page.
type exchange struct {
	*Pages
	w    http.ResponseWriter
	http *http.Request
	now  time.Time
	form url.Values // of a POST
}

// maxForm is the largest form, in bytes: temporary credentials come in one.
const maxForm = 64 << 10

// ServeHTTP implements http.Handler.
func (p *Pages) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.secureHeaders(w.Header())
	x := &exchange{Pages: p, w: w, http: r, now: p.Now().UTC()}
	if err := x.serve(); err != nil {
		x.fail(err)
	}
}

func (x *exchange) serve() (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = api.InternalFailure(fmt.Errorf("panic: %v", v))
		}
	}()
	if err := x.Standing(); err != nil {
		return api.ServiceUnavailable(err)
	}
	path := x.http.URL.EscapedPath()
	route, ok := x.routes[ofProvider(path)]
	switch {
	case ok:
	case strings.HasPrefix(path, consoleAssets):
		route.get = (*exchange).serveConsole
	case strings.HasPrefix(path, home):
		route.get = (*exchange).showConsole
	default:
		return errNotFound
	}
	switch x.http.Method {
	case http.MethodGet:
		if route.get != nil {
			return route.get(x)
		}
	case http.MethodPost:
		if route.post != nil {
			if err := x.readForm(); err != nil {
				return err
			}
			return route.post(x)
		}
	}
	return errMethod
}

// readForm reads the form of a POST. Another site's is refused before it is
// looked at; every page also wants a token of its own.
func (x *exchange) readForm() error {
	longest := int64(maxForm)
	if x.isResponse() {
		longest = maxResponseForm
	} else if err := x.Origin.Check(x.http); err != nil && !x.isFederation() {
		return errForeign
	}
	x.http.Body = http.MaxBytesReader(x.w, x.http.Body, longest)
	if err := x.http.ParseForm(); err != nil {
		return errBadForm
	}
	x.form = x.http.PostForm
	return nil
}

// secureHeaders are on every page: nothing inline, nothing from elsewhere, in no
// frame, and nothing kept.
func (p *Pages) secureHeaders(h http.Header) {
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
	h.Set("X-Frame-Options", "DENY")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
	h.Set("Cache-Control", "no-store")
	if strings.HasPrefix(p.PublicURL, "https:") {
		h.Set("Strict-Transport-Security", "max-age=31536000")
	}
}

func (x *exchange) redirect(path string) error {
	http.Redirect(x.w, x.http, path, http.StatusSeeOther)
	return nil
}

func (x *exchange) account(id string) (*state.View, bool) {
	return x.State.View(state.AccountStream(id))
}

// ownPath is where to go on to: a path of this server that may be asked for, or
// home. Anything that a browser could read as another host is none
// (https://url.spec.whatwg.org/#url-parsing).
func (p *Pages) ownPath(target string) string {
	target = strings.TrimPrefix(target, p.PublicURL)
	u, err := url.Parse(target)
	if err != nil || u.IsAbs() || u.Host != "" || u.User != nil || strings.ContainsFunc(target, unfit) || len(target) > 2000 {
		return home
	}
	// Dots are looked at as browsers do, which take %2e for one.
	if u.EscapedPath() != "/signin/switchrole" && (!strings.HasPrefix(u.EscapedPath(), home) || strings.Contains(u.Path, "..")) {
		return home
	}
	return u.String()
}

// unfit reports whether a character has no place in a path: browsers drop some of
// these, or take them for others.
func unfit(c rune) bool { return c <= ' ' || c == '\\' || c == 0x7f || c == utf8.RuneError }

// hasSecondFactor reports whether an owner must prove one.
func hasSecondFactor(r state.Reader, owner string) bool { return iam.HasMFADevices(r, owner) }
