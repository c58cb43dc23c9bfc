package condition

import (
	"fmt"
	"net/netip"
	"strings"
)

// networks matches IP addresses against addresses and CIDR ranges.
type networks struct{ want []netip.Prefix }

// parsePrefix reads an address or a CIDR range (RFC 4632, RFC 4291). Host bits
// are ignored, and an IPv4 range mapped into IPv6 is the IPv4 range.
func parsePrefix(s string) (netip.Prefix, bool) {
	if strings.IndexByte(s, '/') < 0 {
		a, ok := parseAddr(s)
		if !ok {
			return netip.Prefix{}, false
		}
		return netip.PrefixFrom(a, a.BitLen()), true
	}
	p, err := netip.ParsePrefix(s)
	if err != nil {
		return netip.Prefix{}, false
	}
	if a := p.Addr(); a.Is4In6() && p.Bits() >= 96 {
		p = netip.PrefixFrom(a.Unmap(), p.Bits()-96)
	}
	return p.Masked(), true
}

// parseAddr reads an address without a zone; IPv4 mapped into IPv6 is IPv4.
func parseAddr(s string) (netip.Addr, bool) {
	a, err := netip.ParseAddr(s)
	if err != nil || a.Zone() != "" {
		return netip.Addr{}, false
	}
	return a.Unmap(), true
}

func compileIP(values []string, _ bool) (matcher, error) {
	m := &networks{}
	for _, value := range values {
		p, ok := parsePrefix(value)
		if !ok {
			return nil, fmt.Errorf("%q is neither an IP address nor a CIDR range", value)
		}
		m.want = append(m.want, p)
	}
	return m, nil
}

func (m *networks) match(value string, _ Context) verdict {
	a, ok := parseAddr(value)
	if !ok {
		return doubt
	}
	for _, p := range m.want {
		if p.Contains(a) {
			return yes
		}
	}
	return no
}
