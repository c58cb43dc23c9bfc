package oidc_test

import (
	"net"
	"strings"
	"testing"

	"sallyport/internal/federation/oidc"
	"sallyport/internal/federation/oidc/oidctest"
)

// TestAttack19ServerSideRequests: whatever an issuer is called, and wherever it
// says that its keys are, no connection is made to what is not on the public
// internet.
func TestAttack19ServerSideRequests(t *testing.T) {
	hosts := []string{"127.0.0.1", "localhost", "10.0.0.1", "192.168.0.1", "172.16.0.1", "100.64.0.1", "169.254.169.254", "100.100.100.200",
		"168.63.129.16", "0.0.0.0", "224.0.0.1", "[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:a9fe:a9fe]", "[fe80::1]", "[fd00:ec2::254]", "[64:ff9b::7f00:1]"}
	for _, host := range hosts {
		t.Run(host, func(t *testing.T) {
			f := newFixture(t)
			f.URL = "https://" + host
			f.provider.Issuer = f.URL
			_, err := f.verify(f.Sign(f.good()))
			if err == nil || !strings.Contains(err.Error(), "where identity providers may not be") {
				t.Errorf("as an issuer: %v", err)
			}
			f = newFixture(t)
			f.Discovery["jwks_uri"] = "https://" + host + "/keys"
			if _, err = f.verify(f.Sign(f.good())); err == nil || !strings.Contains(err.Error(), "where identity providers may not be") {
				t.Errorf("with keys there: %v", err)
			}
			f.asks(1)
		})
	}
	// Other ports than 443, on a host that may be asked and on one that may not.
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	reached := make(chan struct{}, 100)
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			reached <- struct{}{}
			conn.Close()
		}
	}()
	for _, uri := range []string{"https://" + listener.Addr().String() + "/keys", "https://" + oidctest.Host + ":8443/keys", "http://" + oidctest.Host + "/keys",
		"gopher://" + listener.Addr().String(), "//" + listener.Addr().String(), "https://" + oidctest.Host + "@" + listener.Addr().String(), "https:///keys", "/keys"} {
		f := newFixture(t)
		f.Discovery["jwks_uri"] = uri
		f.refused(f.Sign(f.good()), oidc.Invalid, noKey)
		f.asks(1)
	}
	// A proxy of the environment would choose the address.
	for _, name := range []string{"HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "ALL_PROXY"} {
		t.Setenv(name, "http://"+listener.Addr().String())
	}
	f := newFixture(t)
	f.passes(f.Sign(f.good()))
	select {
	case <-reached:
		t.Error("a connection was made to the listener")
	default:
	}
}
