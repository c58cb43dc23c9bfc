package clients

import (
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"sync/atomic"
	"testing"

	"sallyport/test/clients/harness"
)

// counter stands between a client and a server, which it tells nothing of, and
// counts replies.
type counter struct {
	url     string
	replies atomic.Int64
	// refused has a value for each reply that was no success, as far as anybody
	// takes them.
	refused chan int
}

func newCounter(t *testing.T, server string) *counter {
	t.Helper()
	target, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	c := &counter{refused: make(chan int, 1)}
	proxy := &httputil.ReverseProxy{
		Transport: harness.NewTransport(),
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(target)
			r.Out.Host = r.In.Host // which is signed
		},
		ModifyResponse: func(r *http.Response) error {
			c.replies.Add(1)
			if r.StatusCode != http.StatusOK {
				select {
				case c.refused <- r.StatusCode:
				default:
				}
			}
			return nil
		},
	}
	front := httptest.NewServer(proxy)
	t.Cleanup(front.Close)
	c.url = front.URL
	return c
}
