package server

import (
	"net/http"
	"strconv"
)

// documentAge is how long verifiers may keep an issuer's documents, in seconds.
// They look again for a key they don't know
// (https://openid.net/specs/openid-connect-core-1_0.html#RotateSigningKeys).
const documentAge = 300

// serveDocument shows anybody what an issuer of web identity tokens publishes.
func (s *Server) serveDocument(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		reply(w, http.StatusMethodNotAllowed, map[string]string{"message": "Use GET or HEAD."})
		return
	}
	if err := s.Standing(); err != nil {
		reply(w, http.StatusServiceUnavailable, map[string]string{"message": refusal(err)})
		return
	}
	document, ok := s.Issuers.Document(r.URL.EscapedPath())
	if !ok {
		reply(w, http.StatusNotFound, map[string]string{"message": "There is nothing at this path."})
		return
	}
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Content-Length", strconv.Itoa(len(document)))
	h.Set("Cache-Control", "public, max-age="+strconv.Itoa(documentAge))
	h.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(http.StatusOK)
	w.Write(document) //nolint:errcheck // the client is gone
}
