package server

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"time"

	"sallyport/internal/lease"
	"sallyport/internal/state"
)

// healthz says that the process answers and that enforcement is on. It tells
// nothing else to anyone.
func (s *Server) healthz(w http.ResponseWriter, _ *http.Request) {
	reply(w, http.StatusOK, map[string]string{"status": "ok", "enforcement": "on"})
}

// readyTimeout is how long a caller waits for the journal to say that it takes changes.
const readyTimeout = 5 * time.Second

// readyz says whether requests can be answered now, and why not. A server whose
// journal takes no more changes still answers reads from memory, and is not ready;
// a node that has lost its lease answers nothing.
func (s *Server) readyz(w http.ResponseWriter, r *http.Request) {
	if reason := s.notReady(r.Context()); reason != "" {
		reply(w, http.StatusServiceUnavailable, map[string]string{"status": "not ready", "enforcement": "on", "reason": reason})
		return
	}
	reply(w, http.StatusOK, map[string]string{"status": "ready", "enforcement": "on"})
}

// notReady is why requests can't be answered now, empty when they can.
func (s *Server) notReady(ctx context.Context) string {
	if err := s.Standing(); err != nil {
		s.Logger.Warn("not ready", "error", err)
		return refusal(err)
	}
	if _, loaded := s.State.View(state.Directory); !loaded {
		return "there is no account"
	}
	ctx, cancel := context.WithTimeout(ctx, readyTimeout)
	defer cancel()
	if err := s.Ready(ctx); err != nil {
		s.Logger.Warn("not ready", "error", err)
		return "the journal takes no changes"
	}
	return ""
}

// refusal is what anybody may be told of why this node refuses. The cause, which may
// name servers, accounts and what is wrong with them, is for the log.
func refusal(err error) string {
	for _, known := range []error{lease.ErrBehind, lease.ErrLost, lease.ErrLeft} {
		if errors.Is(err, known) {
			return known.Error()
		}
	}
	return "this node may not answer requests"
}

func reply(w http.ResponseWriter, status int, body map[string]string) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(body) //nolint:errcheck // the client is gone
}

// serveMetrics shows metrics to the bearer of the token. Without a token there
// is nothing to see.
func (s *Server) serveMetrics(w http.ResponseWriter, r *http.Request) {
	given, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	a, b := sha256.Sum256([]byte(given)), sha256.Sum256([]byte(s.MetricsToken))
	if !ok || s.MetricsToken == "" || subtle.ConstantTimeCompare(a[:], b[:]) != 1 {
		w.Header().Set("WWW-Authenticate", `Bearer realm="sallyport"`)
		http.Error(w, "The bearer token of the metrics is required.", http.StatusUnauthorized)
		return
	}
	s.metrics.handler.ServeHTTP(w, r)
}
