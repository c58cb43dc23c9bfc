package oidc

import (
	"net/netip"
	"testing"
)

// TestAttack19Addresses: where issuers may be, and where not even those that the
// operator has named.
func TestAttack19Addresses(t *testing.T) {
	ran := 0
	for text, want := range map[string]struct{ public, private bool }{
		"8.8.8.8": {true, true}, "1.1.1.1": {true, true}, "2606:4700:4700::1111": {true, true}, "2a00:1450:4001:81b::200e": {true, true},
		"127.0.0.1": {false, true}, "127.255.255.254": {false, true}, "::1": {false, true}, "::ffff:127.0.0.1": {false, true},
		"10.0.0.1": {false, true}, "172.16.0.1": {false, true}, "172.31.255.255": {false, true}, "192.168.1.1": {false, true},
		"100.64.0.1": {false, true}, "100.127.255.255": {false, true}, "fd00::1": {false, true}, "fc00::1": {false, true},
		"::ffff:10.0.0.1": {false, true}, "198.18.0.1": {false, true}, "192.0.2.1": {false, true}, "2001:db8::1": {false, true},
		"172.15.255.255": {true, true}, "172.32.0.0": {true, true}, "100.63.255.255": {true, true}, "100.128.0.0": {true, true},
		"169.254.169.254": {false, false}, "169.254.170.2": {false, false}, "::ffff:169.254.169.254": {false, false}, "fe80::1": {false, false},
		"fe80::1%eth0": {false, false}, "fd00:ec2::254": {false, false}, "fd20:ce::254": {false, false}, "100.100.100.200": {false, false},
		"168.63.129.16": {false, false}, "192.0.0.192": {false, false}, "0.0.0.0": {false, false}, "0.1.2.3": {false, false}, "::": {false, false},
		"224.0.0.1": {false, false}, "239.255.255.255": {false, false}, "255.255.255.255": {false, false}, "ff02::1": {false, false},
		"240.0.0.1": {false, false}, "64:ff9b::7f00:1": {false, false}, "64:ff9b::a9fe:a9fe": {false, false}, "64:ff9b:1::a9fe:a9fe": {false, false},
		"2002:7f00:1::": {false, false}, "2002:a9fe:a9fe::1": {false, false}, "2001:0:4136:e378:8000:63bf:3fff:fdd2": {false, true}, "::7f00:1": {false, true},
	} {
		a := netip.MustParseAddr(text)
		if got := allowed(a, false); got != want.public {
			t.Errorf("an issuer may be at %s: %t", text, got)
		}
		if got := allowed(a, true); got != want.private {
			t.Errorf("an issuer that the operator has named may be at %s: %t", text, got)
		}
		ran++
	}
	if ran < 45 {
		t.Errorf("%d addresses were tried", ran)
	}
}
