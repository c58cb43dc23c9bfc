package oidc

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
)

// Bounds of an issuer's documents, in bytes.
const (
	maxDiscovery = 128 << 10
	maxKeySet    = 512 << 10
)

// fetcher asks issuers for their keys.
type fetcher struct {
	roots   *x509.CertPool
	private map[string]string // see parsePrivate
}

// fetch reads the provider's discovery document and then its keys.
func (f *fetcher) fetch(ctx context.Context, p Provider, now time.Time) (keySet, error) {
	client := f.client(p.Thumbprints, now)
	defer client.CloseIdleConnections()
	raw, err := get(ctx, client, strings.TrimSuffix(p.Issuer, "/")+"/.well-known/openid-configuration", maxDiscovery)
	if err != nil {
		return nil, fmt.Errorf("discovery document: %w", err)
	}
	var discovery struct {
		Issuer string `json:"issuer"`
		Keys   string `json:"jwks_uri"`
	}
	switch err := json.Unmarshal(raw, &discovery); {
	case err != nil:
		return nil, errors.New("the discovery document is not what it should be")
	case discovery.Issuer != p.Issuer:
		// OpenID Connect Discovery 1.0, section 4.3.
		return nil, errors.New("the discovery document is another issuer's")
	}
	if raw, err = get(ctx, client, discovery.Keys, maxKeySet); err != nil {
		return nil, fmt.Errorf("key set: %w", err)
	}
	return parseKeys(raw)
}

// client makes one round of requests. It keeps no connection, so that each is
// checked by the provider it is made for.
func (f *fetcher) client(thumbprints []string, now time.Time) *http.Client {
	d := &dialer{fetcher: f, thumbprints: thumbprints, now: now}
	return &http.Client{
		Transport: &http.Transport{
			// No Proxy: one would choose the address in our place.
			DialContext: func(context.Context, string, string) (net.Conn, error) {
				return nil, errors.New("only HTTPS is spoken")
			},
			DialTLSContext:         d.dialTLS,
			DisableKeepAlives:      true,
			DisableCompression:     true, // a small answer could be a large document
			ResponseHeaderTimeout:  askTimeout,
			MaxResponseHeaderBytes: 64 << 10,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error {
			return errors.New("redirects are not followed")
		},
	}
}

// get reads a JSON document.
func get(ctx context.Context, client *http.Client, address string, limit int64) ([]byte, error) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" || u.Host == "" || u.User != nil || u.Fragment != "" || len(address) > 2048 {
		return nil, errors.New("its address is no HTTPS URL")
	}
	if port := u.Port(); port != "" && port != httpsPort {
		return nil, errors.New("its address has another port than 443")
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, errors.New("its address is no HTTPS URL")
	}
	request.Header.Set("Accept", "application/json")
	request.Header.Set("User-Agent", "Sallyport")
	response, err := client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("the answer is %d", response.StatusCode)
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, limit+1))
	if err != nil {
		return nil, err
	}
	if int64(len(body)) > limit {
		return nil, fmt.Errorf("the answer is longer than %d bytes", limit)
	}
	return body, nil
}
