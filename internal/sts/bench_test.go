package sts_test

import (
	"context"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"sallyport/internal/app"
	"sallyport/internal/journal/sqlite"
	"sallyport/test/inprocess"
)

// BenchmarkSessions has 64 clients begin sessions over keep-alive connections, on
// SQLite: with the token of an issuer whose keys are known, and with an access key.
func BenchmarkSessions(b *testing.B) {
	const clients = 64
	store, err := sqlite.Open(context.Background(), filepath.Join(b.TempDir(), "bench.db"), sqlite.Options{})
	if err != nil {
		b.Fatal(err)
	}
	s, issuer := inprocess.NewFederated(b, func(c *app.Config) { c.Journal, c.Logger = store, nil })
	s.Admin.Do("iam:CreateRole", p{"RoleName": "deploy", "Path": "/team/", "AssumeRolePolicyDocument": trusting(account, "")})
	transport := &http.Transport{MaxIdleConnsPerHost: clients}
	defer transport.CloseIdleConnections()
	for _, m := range []struct {
		name    string
		request func() *http.Request
	}{
		{"AssumeRoleWithWebIdentity", func() *http.Request {
			return s.WebIdentity(issuer.Sign(issuer.Claims(inprocess.Audience, s.Now())), nil)
		}},
		{"AssumeRole", func() *http.Request { return s.Admin.Signed("sts:AssumeRole", assume) }},
	} {
		b.Run(m.name, func(b *testing.B) {
			first := m.request()
			body, err := io.ReadAll(first.Body)
			if err != nil {
				b.Fatal(err)
			}
			b.SetParallelism(clients / 2)
			b.RunParallel(func(run *testing.PB) {
				for run.Next() {
					r := first.Clone(context.Background())
					r.Body = io.NopCloser(strings.NewReader(string(body)))
					response, err := transport.RoundTrip(r)
					if err != nil {
						b.Error(err)
						return
					}
					if _, err := io.Copy(io.Discard, response.Body); err != nil || response.StatusCode != http.StatusOK {
						b.Errorf("%s (%v)", response.Status, err)
					}
					response.Body.Close()
				}
			})
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "calls/s")
		})
	}
}
