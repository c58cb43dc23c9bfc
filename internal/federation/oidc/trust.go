package oidc

import (
	"crypto/sha1"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"slices"
)

// verify checks the certificates that a host sent: see the package comment.
func (d *dialer) verify(host string, sent []*x509.Certificate) error {
	if len(sent) == 0 {
		return errors.New("the server has no certificate")
	}
	options := x509.VerifyOptions{DNSName: host, Roots: d.roots, Intermediates: x509.NewCertPool(), CurrentTime: d.now}
	for _, c := range sent[1:] {
		options.Intermediates.AddCert(c)
	}
	_, err := sent[0].Verify(options)
	if err == nil || len(d.thumbprints) == 0 {
		return err
	}
	top := sent[len(sent)-1]
	// SHA-1 is what AWS's thumbprints are; the package comment says why it will do.
	print := sha1.Sum(top.Raw)
	if !slices.Contains(d.thumbprints, hex.EncodeToString(print[:])) {
		return invalid(msgThumbprint, err)
	}
	options.Roots = x509.NewCertPool()
	options.Roots.AddCert(top)
	if _, err := sent[0].Verify(options); err != nil {
		return err
	}
	return nil
}
