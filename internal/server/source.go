package server

import (
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// SourceIP is the address a request comes from (aws:SourceIp). It is the
// connection's, unless that is a trusted proxy: then it is the nearest address
// in X-Forwarded-For that is not one.
func (s *Server) SourceIP(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return ""
	}
	addr, err := netip.ParseAddr(host)
	if err != nil {
		return ""
	}
	addr = addr.Unmap().WithZone("")
	if len(s.TrustedProxies) == 0 || !s.trusted(addr) {
		return addr.String()
	}
	hops := strings.Split(strings.Join(r.Header["X-Forwarded-For"], ","), ",")
	for i := len(hops) - 1; i >= 0; i-- {
		hop, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			break
		}
		addr = hop.Unmap().WithZone("")
		if !s.trusted(addr) {
			break
		}
	}
	return addr.String()
}

// Network is what one party has of addresses: one of IPv4, a /64 of IPv6 (RFC 6177).
func Network(address string) string {
	a, err := netip.ParseAddr(address)
	if err != nil || a.Is4() {
		return address
	}
	p, err := a.Prefix(64)
	if err != nil {
		return address
	}
	return p.String()
}

func (s *Server) trusted(a netip.Addr) bool {
	for _, p := range s.TrustedProxies {
		if p.Contains(a) {
			return true
		}
	}
	return false
}

// Secure reports whether the client's own connection is encrypted
// (aws:SecureTransport): this one, or the one a trusted proxy says it had.
func (s *Server) Secure(r *http.Request) bool {
	if r.TLS != nil {
		return true
	}
	proto := r.Header["X-Forwarded-Proto"]
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	return err == nil && s.trusted(peer.Addr().Unmap().WithZone("")) && len(proto) == 1 && strings.EqualFold(proto[0], "https")
}
