package server

import (
	"context"
	"log/slog"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"sallyport/internal/api"
	"sallyport/internal/api/accessanalyzerapi"
	"sallyport/internal/api/cloudtrailapi"
	"sallyport/internal/api/iamapi"
	"sallyport/internal/api/sallyportapi"
	"sallyport/internal/api/stsapi"
	"sallyport/internal/audit"
	"sallyport/internal/authn"
	"sallyport/internal/iam/outbound"
	"sallyport/internal/ident"
	"sallyport/internal/operation"
	"sallyport/internal/pdp"
	"sallyport/internal/session"
	"sallyport/internal/state"
	"sallyport/internal/sts"
)

// Services are the APIs that are served.
func Services() []*api.Service {
	return []*api.Service{iamapi.Service, stsapi.Service, sallyportapi.Service, cloudtrailapi.Service, accessanalyzerapi.Service}
}

// Config is what a Server is made of. Every field but Collectors, MetricsToken,
// TrustedProxies and the pages is required.
type Config struct {
	State      *state.Store
	Operations *operation.Table
	Authn      *authn.Authenticator
	PDP        *pdp.PDP
	Messages   *sts.Messages
	Audit      *audit.Log
	Ident      *ident.Source
	Usage      operation.Attempts
	Issuers    Documents
	Sessions   *session.Sessions
	// Origin refuses what another site has a browser send.
	Origin *http.CrossOriginProtection
	Now    func() time.Time
	Logger *slog.Logger
	// Standing says whether this node may answer requests now: nil, or why not.
	// It must be asked before any state is looked at.
	Standing func() error
	// Ready says whether changes can be made durable now: nil, or why not. Anybody
	// can have it called, at any rate.
	Ready func(context.Context) error
	// Collectors are further metrics.
	Collectors []prometheus.Collector
	// MetricsToken is the bearer token of /metrics; empty closes it.
	MetricsToken string
	// TrustedProxies may say by X-Forwarded-For whom they speak for.
	TrustedProxies []netip.Prefix
	// Pages answers what people see: paths for which IsPage holds.
	Pages  http.Handler
	IsPage func(path string) bool
}

// Documents are what issuers of web identity tokens publish, by path;
// *outbound.Service has them.
type Documents interface {
	Document(path string) (document []byte, ok bool)
}

// A Server answers the AWS protocols, health and metrics.
type Server struct {
	Config
	services dispatcher
	metrics  *metrics
}

// New returns the server of c.
func New(c Config) *Server {
	return &Server{Config: c, services: newDispatcher(Services()), metrics: newMetrics(c.Collectors)}
}

// Handler is the server's HTTP handler. Paths are compared as they came: a
// router that tidies them would answer "//" by itself, off the record.
func (s *Server) Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet || r.Method == http.MethodHead {
			switch r.URL.EscapedPath() {
			case "/healthz":
				s.healthz(w, r)
				return
			case "/readyz":
				s.readyz(w, r)
				return
			case "/metrics":
				s.serveMetrics(w, r)
				return
			}
		}
		switch path := r.URL.EscapedPath(); {
		case strings.HasPrefix(path, outbound.Path):
			s.serveDocument(w, r)
		case path == ConsolePath:
			s.serveAPI(w, r, ConsolePath)
		case s.Pages != nil && s.IsPage(path):
			s.Pages.ServeHTTP(w, r)
		default:
			s.serveAPI(w, r, "/")
		}
	})
}
