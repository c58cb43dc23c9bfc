package pgtest

import (
	"encoding/binary"
	"net"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"
)

// Proxy stands between a store and a server, and loses what it is told to.
type Proxy struct {
	listener net.Listener

	mu      sync.Mutex
	target  string
	moving  *sync.Cond
	stalled bool
	ended   bool
	drop    string // tag of the reply to lose; "": none
	dropped int
	links   map[net.Conn]struct{}
	all     sync.WaitGroup
}

// NewProxy starts a proxy in front of a server. It ends with the test.
func NewProxy(t testing.TB, s *Server) *Proxy {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &Proxy{listener: listener, target: s.address(), links: make(map[net.Conn]struct{})}
	p.moving = sync.NewCond(&p.mu)
	p.all.Go(p.accept)
	t.Cleanup(func() {
		p.mu.Lock()
		p.ended = true
		p.mu.Unlock()
		p.listener.Close()
		p.Cut()
		p.Resume()
		p.all.Wait()
	})
	return p
}

// URL has a URL of the server lead through the proxy.
func (p *Proxy) URL(t testing.TB, server string) string {
	t.Helper()
	u, err := url.Parse(server)
	if err != nil {
		t.Fatal("the server's URL can't be parsed")
	}
	u.Host = p.listener.Addr().String()
	return u.String()
}

// Stall stops forwarding, and keeps every connection open: a cable is cut.
func (p *Proxy) Stall() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.stalled = true
}

// Resume forwards again, first what was held back.
func (p *Proxy) Resume() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.stalled = false
	p.moving.Broadcast()
}

// Lead has connections made from now on lead to another server. Those there are
// stay, as with a virtual address that moves.
func (p *Proxy) Lead(s *Server) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.target = s.address()
}

// Cut closes every connection there is.
func (p *Proxy) Cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.links {
		c.Close()
	}
	p.moving.Broadcast()
}

// DropReply loses the next reply with that command tag, "COMMIT" or "INSERT": the
// server has done it, and the connection is closed instead of the answer.
func (p *Proxy) DropReply(tag string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.drop = tag
}

// Dropped returns how many replies were lost.
func (p *Proxy) Dropped() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.dropped
}

func (p *Proxy) accept() {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return
		}
		p.mu.Lock()
		target := p.target
		p.mu.Unlock()
		server, err := net.DialTimeout("tcp", target, 5*time.Second)
		if err != nil {
			client.Close()
			continue
		}
		if !p.keep(client, server) {
			return
		}
		p.all.Go(func() { p.pump(server, client, func(data []byte) bool { return true }) })
		var r replies
		p.all.Go(func() { p.pump(client, server, func(data []byte) bool { return !p.lose(&r, data) }) })
	}
}

// keep remembers both ends of a connection, or closes them after the test.
func (p *Proxy) keep(ends ...net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range ends {
		if p.ended {
			c.Close()
		} else {
			p.links[c] = struct{}{}
		}
	}
	return !p.ended
}

// pump copies until an end closes or allow says no; then it closes both.
func (p *Proxy) pump(to, from net.Conn, allow func([]byte) bool) {
	defer func() {
		to.Close()
		from.Close()
		p.mu.Lock()
		delete(p.links, to)
		delete(p.links, from)
		p.mu.Unlock()
	}()
	buf := make([]byte, 32<<10)
	for {
		n, err := from.Read(buf)
		if n > 0 {
			p.mu.Lock()
			for p.stalled && !p.ended {
				p.moving.Wait()
			}
			p.mu.Unlock()
			if !allow(buf[:n]) {
				return
			}
			if _, err := to.Write(buf[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

// lose reports whether the data holds the reply to be lost.
func (p *Proxy) lose(r *replies, data []byte) bool {
	tags := r.read(data)
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, tag := range tags {
		if p.drop != "" && strings.HasPrefix(tag, p.drop) {
			p.drop = ""
			p.dropped++
			return true
		}
	}
	return false
}

// replies reads what a server sends: messages of one byte of type, four of length
// (which counts itself) and a body.
type replies struct{ pending []byte }

// read takes in more and returns the tags of commands completed in it.
func (r *replies) read(data []byte) (tags []string) {
	r.pending = append(r.pending, data...)
	for len(r.pending) >= 5 {
		size := 1 + int(binary.BigEndian.Uint32(r.pending[1:5]))
		if len(r.pending) < size {
			return tags
		}
		if r.pending[0] == 'C' {
			tags = append(tags, strings.TrimSuffix(string(r.pending[5:size]), "\x00"))
		}
		r.pending = r.pending[size:]
	}
	return tags
}
