package harness

import (
	"bytes"
	"errors"
	"io"
	"net/http"
)

// NewTransport returns a transport that sends a copy of each request's body.
//
// Who sends a body may close it as soon as the answer begins: the AWS SDK for Go
// does, and net/http's server does with the body of a request that a reverse
// proxy passes on. A transport that has not yet seen the body's end by then closes
// the connection under the answer, which these clients do not ask for again.
//
// See https://github.com/aws/aws-sdk-go-v2/issues/2737.
func NewTransport() http.RoundTripper { return detached{&http.Transport{}} }

type detached struct{ *http.Transport }

func (d detached) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body == nil {
		return d.Transport.RoundTrip(r)
	}
	body, err := io.ReadAll(r.Body)
	if err = errors.Join(err, r.Body.Close()); err != nil {
		return nil, err
	}
	r = r.Clone(r.Context())
	r.Body = io.NopCloser(bytes.NewReader(body))
	return d.Transport.RoundTrip(r)
}
