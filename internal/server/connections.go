package server

import (
	"container/list"
	"crypto/tls"
	"net"
	"net/http"
	"sync"
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"
)

// Connections bounds how many connections are open at a time. When one more comes,
// the one on which nothing has begun or ended for the longest is closed: one that
// waits for its client, as a rule, and in a flood of clients that send their
// requests slowly, theirs. Whoever is quick is served during either.
type Connections struct {
	limit   int
	crowded atomic.Int64 // connections closed to make room

	mu   sync.Mutex
	open map[net.Conn]*list.Element // of quiet
	// quiet has every connection, in the order in which they were last heard of.
	quiet *list.List
}

// NewConnections bounds them by limit, which is at least 1.
func NewConnections(limit int) *Connections {
	return &Connections{limit: limit, open: make(map[net.Conn]*list.Element), quiet: list.New()}
}

// Changed is for [http.Server.ConnState].
func (c *Connections) Changed(conn net.Conn, to http.ConnState) {
	if out := c.change(conn, to); out != nil {
		c.crowded.Add(1)
		// TLS would say goodbye first, and wait for a client that does not listen.
		if secure, ok := out.(*tls.Conn); ok {
			out = secure.NetConn()
		}
		out.Close() //nolint:errcheck // its own goroutine sees that it is closed
	}
}

// change notes a connection's state and returns the connection to close, if any.
func (c *Connections) change(conn net.Conn, to http.ConnState) net.Conn {
	c.mu.Lock()
	defer c.mu.Unlock()
	known := c.open[conn]
	switch to {
	case http.StateNew:
		c.open[conn] = c.quiet.PushBack(conn)
		if len(c.open) > c.limit {
			return c.forget(c.quiet.Front())
		}
	case http.StateActive, http.StateIdle:
		if known != nil {
			c.quiet.MoveToBack(known)
		}
	case http.StateClosed, http.StateHijacked:
		if known != nil {
			c.forget(known)
		}
	}
	return nil
}

func (c *Connections) forget(known *list.Element) net.Conn {
	conn := c.quiet.Remove(known).(net.Conn)
	delete(c.open, conn)
	return conn
}

// Collectors are the metrics of connections.
func (c *Connections) Collectors() []prometheus.Collector {
	return []prometheus.Collector{
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "sallyport_connections",
			Help: "Connections that are open.",
		}, func() float64 {
			c.mu.Lock()
			defer c.mu.Unlock()
			return float64(len(c.open))
		}),
		prometheus.NewCounterFunc(prometheus.CounterOpts{
			Name: "sallyport_connections_crowded_out_total",
			Help: "Connections that were closed because a newer one needed their place.",
		}, func() float64 { return float64(c.crowded.Load()) }),
	}
}
