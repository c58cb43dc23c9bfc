package server

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"sallyport/internal/lease"
)

// TestReadyTellsNoCause: why a node refuses is told to anybody in a fixed sentence;
// the cause is in the log.
func TestReadyTellsNoCause(t *testing.T) {
	cause := errors.New("stream account/111122223333, revision 7")
	for _, c := range []struct {
		err  error
		told string
	}{
		{fmt.Errorf("%w: %w", lease.ErrBehind, cause), "has lost changes"},
		{fmt.Errorf("%w: %w", lease.ErrLost, cause), "has lost the store"},
		{fmt.Errorf("%w: %w", lease.ErrLeft, cause), "has left"},
		{cause, "may not answer"},
	} {
		var log bytes.Buffer
		s := New(Config{Standing: func() error { return c.err }, Logger: slog.New(slog.NewTextHandler(&log, nil))})
		w := httptest.NewRecorder()
		s.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/readyz", nil))
		if body := w.Body.String(); w.Code != http.StatusServiceUnavailable || !strings.Contains(body, c.told) || strings.Contains(body, "1111") {
			t.Errorf("%v: %d %s", c.err, w.Code, body)
		}
		if !strings.Contains(log.String(), cause.Error()) {
			t.Errorf("%v is not in the log: %s", c.err, log.String())
		}
	}
}
