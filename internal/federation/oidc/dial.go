package oidc

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"syscall"
	"time"
)

const httpsPort = "443"

// special are address ranges that are not hosts of the public internet, as IANA's
// registries of special-purpose addresses list them, and addresses at which clouds
// tell their machines secrets though they look public.
var special = prefixes(
	"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
	"192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16",
	"192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/3",
	"168.63.129.16/32", // Azure
	"2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20",
)

// unicast is what IANA has given out of IPv6 for the public internet.
var unicast = netip.MustParsePrefix("2000::/3")

// never are addresses that not even a host named by the operator may have: links,
// where clouds have their metadata, and those that are no single host's.
var never = prefixes("0.0.0.0/8", "169.254.0.0/16", "224.0.0.0/3", "168.63.129.16/32", "100.100.100.200/32", "192.0.0.192/32",
	"::/128", "64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "fe80::/10", "ff00::/8", "fd00:ec2::254/128", "fd20:ce::254/128")

func prefixes(texts ...string) []netip.Prefix {
	out := make([]netip.Prefix, len(texts))
	for i, text := range texts {
		out[i] = netip.MustParsePrefix(text)
	}
	return out
}

func within(a netip.Addr, networks []netip.Prefix) bool {
	for _, p := range networks {
		if p.Contains(a) {
			return true
		}
	}
	return false
}

// allowed reports whether an issuer may have an address; private is for hosts that
// the operator has named. IPv6 addresses that stand for IPv4 ones are looked at as
// those.
func allowed(a netip.Addr, private bool) bool {
	a = a.Unmap().WithZone("")
	if private {
		return !within(a, never)
	}
	return !within(a, special) && (a.Is4() || unicast.Contains(a))
}

// parsePrivate reads Options.PrivateIssuers: where each host is, "" for where its
// name leads.
func parsePrivate(list []string) (map[string]string, error) {
	private := make(map[string]string, len(list))
	for _, entry := range list {
		host, at, fixed := strings.Cut(entry, "=")
		if host == "" || strings.ContainsAny(host, "/: ") {
			return nil, fmt.Errorf("private issuer %q: it must be HOST or HOST=ADDRESS:PORT", entry)
		}
		if fixed {
			address, err := netip.ParseAddrPort(at)
			if err != nil || address.Port() == 0 || !allowed(address.Addr(), true) {
				return nil, fmt.Errorf("private issuer %q: %q is not the address and port of a host", entry, at)
			}
		}
		private[strings.ToLower(host)] = at
	}
	return private, nil
}

// dialer makes the connections of one round of requests.
type dialer struct {
	*fetcher
	thumbprints []string
	now         time.Time
}

// dialTLS connects to a host and has it prove that it is that host.
func (d *dialer) dialTLS(ctx context.Context, network, address string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	at, private := d.private[strings.ToLower(host)]
	target, fixed := address, at != ""
	if fixed {
		target = at
	}
	raw := &net.Dialer{
		// The name was resolved by now: what is looked at here is where the
		// connection goes.
		Control: func(_, resolved string, _ syscall.RawConn) error {
			to, err := netip.ParseAddrPort(resolved)
			if err != nil || !allowed(to.Addr(), private) || !fixed && port != httpsPort {
				return fmt.Errorf("%s is at %s, where identity providers may not be (--oidc-private-issuer)", host, resolved)
			}
			return nil
		},
	}
	conn, err := raw.DialContext(ctx, network, target)
	if err != nil {
		return nil, err
	}
	secure := tls.Client(conn, &tls.Config{
		ServerName: host, MinVersion: tls.VersionTLS12,
		// verify does what is skipped here, and knows thumbprints.
		InsecureSkipVerify: true,
		VerifyConnection:   func(s tls.ConnectionState) error { return d.verify(host, s.PeerCertificates) },
	})
	if err := secure.HandshakeContext(ctx); err != nil {
		conn.Close() //nolint:errcheck // the handshake failed already
		return nil, err
	}
	return secure, nil
}
