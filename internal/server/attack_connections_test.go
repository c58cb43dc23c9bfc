package server_test

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"sallyport/internal/server"
)

// TestAttack25ConnectionsHeldOpen: whoever opens connections without end, and does
// as little as possible on each, keeps nobody else out, and can't use up the files
// that the server may open.
func TestAttack25ConnectionsHeldOpen(t *testing.T) {
	const limit, held = 20, 100
	for name, sent := range map[string]string{
		"nothing sent":         "",
		"half a request":       "POST / HTTP/1.1\r\nHost: x\r\n",
		"a body without end":   "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n.",
		"a request and no end": "GET / HTTP/1.1\r\nHost: x\r\n\r\n",
	} {
		for _, secure := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, TLS %v", name, secure), func(t *testing.T) {
				connections := server.NewConnections(limit)
				s := httptest.NewUnstartedServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
					_, _ = io.Copy(io.Discard, r.Body)
				}))
				s.Config.ConnState = connections.Changed
				s.Config.ErrorLog = log.New(io.Discard, "", 0) // of handshakes that end
				start := s.Start
				if secure {
					start = s.StartTLS
				}
				start()
				defer s.Close()
				client := s.Client()
				defer client.CloseIdleConnections()
				var roots *x509.CertPool
				if secure {
					roots = client.Transport.(*http.Transport).TLSClientConfig.RootCAs
				}
				for range held {
					hostile, err := net.Dial("tcp", s.Listener.Addr().String())
					if err != nil {
						t.Fatal(err)
					}
					defer hostile.Close()
					if secure && sent != "" {
						hostile = tls.Client(hostile, &tls.Config{RootCAs: roots, ServerName: "example.com"})
					}
					if _, err := io.WriteString(hostile, sent); err != nil {
						t.Fatal(err)
					}
				}
				for range 3 {
					client.CloseIdleConnections() // so that each comes as a new one
					r, err := client.Get(s.URL)
					if err != nil {
						t.Fatal(err)
					}
					r.Body.Close()
				}
				if open := reading(t, connections, "sallyport_connections"); open < limit/2 || open > limit {
					t.Errorf("%v are open, want about %d", open, limit)
				}
				if out := reading(t, connections, "sallyport_connections_crowded_out_total"); out < held-limit {
					t.Errorf("%v were closed", out)
				}
			})
		}
	}
}

// reading is what a metric shows.
func reading(t *testing.T, connections *server.Connections, name string) float64 {
	t.Helper()
	registry := prometheus.NewRegistry()
	registry.MustRegister(connections.Collectors()...)
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		if f.GetName() == name {
			return f.Metric[0].GetGauge().GetValue() + f.Metric[0].GetCounter().GetValue()
		}
	}
	t.Fatalf("no metric is called %s", name)
	return 0
}

// A connection whose client comes back stays; the one that has been quiet for the
// longest goes, and ended ones leave their places.
func TestConnectionsMakeRoom(t *testing.T) {
	connections := server.NewConnections(2)
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	s.Config.ConnState = connections.Changed
	s.Start()
	defer s.Close()
	dial := func() net.Conn {
		c, err := net.Dial("tcp", s.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	// get reports whether the connection still answers.
	get := func(c net.Conn) bool {
		if _, err := io.WriteString(c, "GET / HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
			return false
		}
		if err := c.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
			t.Fatal(err)
		}
		n, err := c.Read(make([]byte, 4096))
		return err == nil && n > 0
	}
	first, second := dial(), dial()
	defer first.Close()
	if !get(first) || !get(second) || !get(first) {
		t.Fatal("two don't fit in two places")
	}
	third := dial()
	defer third.Close()
	if !get(third) || !get(first) || get(second) {
		t.Error("the second should be closed, and no other")
	}
	third.Close()
	for reading(t, connections, "sallyport_connections") != 1 {
		time.Sleep(time.Millisecond)
	}
	fourth := dial()
	defer fourth.Close()
	if !get(fourth) || !get(first) {
		t.Error("a connection that ended keeps its place")
	}
}
