package sigv4

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"pgregory.net/rapid"
)

// The AWS SDK for Go is the second opinion: what it signs is accepted, and both
// compute the same signature for any request.

func sdkCredentials(c Credentials) aws.Credentials {
	return aws.Credentials{AccessKeyID: c.AccessKeyID, SecretAccessKey: string(c.SecretAccessKey), SessionToken: string(c.SessionToken)}
}

// received sends req over HTTP and returns what a server makes of it.
func received(t testing.TB, req *http.Request) Request {
	t.Helper()
	var got Request
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = FromHTTP(r) }))
	defer server.Close()
	host := req.URL.Host
	req.Host, req.URL.Scheme, req.URL.Host = host, "http", strings.TrimPrefix(server.URL, "http://")
	resp, err := server.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	return got
}

// drawRequest is any request a client might send.
func drawRequest(t *rapid.T, get bool) (req *http.Request, body string) {
	text := rapid.StringMatching(`[a-zA-Z0-9 _.~+/%&=;:@$!*'(),\[\]é日-]{0,12}`)
	query := url.Values{}
	for range rapid.IntRange(0, 4).Draw(t, "params") {
		// Once each and unreserved: the SDK sorts names and values as decoded, but
		// AWS (and its test suite, in get-vanilla-query-order-encoded) as encoded.
		query.Set(rapid.StringMatching(`[A-Za-z][A-Za-z0-9._~-]{0,8}`).Draw(t, "name"), text.Draw(t, "value"))
	}
	segments := rapid.SliceOfN(rapid.StringMatching(`[a-zA-Z0-9 _~+%&=;:@$!*'(),é日-]{1,8}`), 0, 4).Draw(t, "path")
	path := "/"
	for i, s := range segments {
		segments[i] = url.PathEscape(s)
	}
	path += strings.Join(segments, "/")
	method := http.MethodGet
	if !get {
		method, body = http.MethodPost, text.Draw(t, "body")
	}
	target := "https://iam.example.com" + path
	if len(query) > 0 {
		target += "?" + strings.ReplaceAll(query.Encode(), "+", "%20")
	}
	req, err := http.NewRequest(method, target, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if !get {
		req.Header.Set("Content-Type", "application/x-amz-json-1.1")
	}
	for range rapid.IntRange(0, 3).Draw(t, "headers") {
		req.Header.Add("X-Amz-Meta-"+rapid.StringMatching(`[A-Z][a-z]{0,3}`).Draw(t, "header"), strings.TrimSpace(text.Draw(t, "header value")))
	}
	for name, values := range req.Header { // this package refuses repeated x-amz headers
		req.Header[name] = values[:1]
	}
	return req, body
}

func drawCredentials(t *rapid.T) Credentials {
	c := Credentials{
		AccessKeyID:     rapid.StringMatching(`A[KS]IA[A-Z2-7]{16}`).Draw(t, "id"),
		SecretAccessKey: Secret(rapid.StringMatching(`[A-Za-z0-9/+]{40}`).Draw(t, "secret")),
	}
	if rapid.Bool().Draw(t, "session") {
		c.SessionToken = Secret(rapid.StringMatching(`[A-Za-z0-9/+]{1,80}={0,2}`).Draw(t, "token"))
	}
	return c
}

func verifyAs(r Request, c Credentials, body string, now time.Time) error {
	p, err := Parse(&r)
	if err != nil {
		return err
	}
	if p.AccessKeyID != c.AccessKeyID || p.SessionToken != c.SessionToken {
		return fmt.Errorf("identity lost: %v", p)
	}
	key := DeriveKey(string(c.SecretAccessKey), p.Scope.Date, p.Scope.Region, p.Scope.Service)
	return p.Verify(HashBody([]byte(body)), &key, now, iamRules)
}

func TestSDKSignsWeVerify(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		signer := v4.NewSigner() // a new one each time: it remembers keys by access key id alone
		c := drawCredentials(rt)
		req, body := drawRequest(rt, false)
		if err := signer.SignHTTP(context.Background(), sdkCredentials(c), req, HashBody([]byte(body)), "iam", "us-east-1", vectorTime); err != nil {
			rt.Fatal(err)
		}
		if err := verifyAs(received(t, req), c, body, vectorTime.Add(time.Minute)); err != nil {
			rt.Fatalf("%s %s: %v", req.Method, req.URL, err)
		}
	})
}

func TestSDKPresignsWeVerify(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		signer := v4.NewSigner() // a new one each time: it remembers keys by access key id alone
		c := drawCredentials(rt)
		req, _ := drawRequest(rt, true)
		for name := range req.Header {
			delete(req.Header, name) // the SDK moves them to the query
		}
		query := req.URL.Query()
		query.Set("X-Amz-Expires", "60")
		req.URL.RawQuery = query.Encode()
		signed, _, err := signer.PresignHTTP(context.Background(), sdkCredentials(c), req, EmptyBodySHA256, "iam", "us-east-1", vectorTime)
		if err != nil {
			rt.Fatal(err)
		}
		get, err := http.NewRequest(http.MethodGet, signed, nil)
		if err != nil {
			rt.Fatal(err)
		}
		if err := verifyAs(received(t, get), c, "", vectorTime.Add(time.Minute)); err != nil {
			rt.Fatalf("%s: %v", signed, err)
		}
	})
}

// TestSameSignatureAsSDK compares Authorization headers byte for byte.
func TestSameSignatureAsSDK(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		signer := v4.NewSigner() // a new one each time: it remembers keys by access key id alone
		c := drawCredentials(rt)
		req, body := drawRequest(rt, rapid.Bool().Draw(rt, "get"))
		req.ContentLength = 0 // the SDK would sign it, this package leaves it to net/http
		theirs := req.Clone(context.Background())
		hash := HashBody([]byte(body))
		if err := signer.SignHTTP(context.Background(), sdkCredentials(c), theirs, hash, "iam", "us-east-1", vectorTime); err != nil {
			rt.Fatal(err)
		}
		if err := SignHTTP(req, c, hash, "iam", "us-east-1", vectorTime); err != nil {
			rt.Fatal(err)
		}
		if got, want := req.Header.Get("Authorization"), theirs.Header.Get("Authorization"); got != want {
			rt.Fatalf("%s %s\n got %s\nwant %s", req.Method, req.URL, got, want)
		}
	})
}

// TestRoundTrip: what is signed here is accepted over the wire, both ways.
func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		c := drawCredentials(rt)
		req, body := drawRequest(rt, false)
		if err := SignHTTP(req, c, HashBody([]byte(body)), "iam", "eu-west-1", vectorTime); err != nil {
			rt.Fatal(err)
		}
		if err := verifyAs(received(t, req), c, body, vectorTime); err != nil {
			rt.Fatalf("%s: %v", req.URL, err)
		}
		get, _ := drawRequest(rt, true)
		u, err := Presign(get, c, EmptyBodySHA256, "iam", "eu-west-1", time.Minute, vectorTime)
		if err != nil {
			rt.Fatal(err)
		}
		get.URL = u
		if err := verifyAs(received(t, get), c, "", vectorTime); err != nil {
			rt.Fatalf("%s: %v", u, err)
		}
	})
}

func TestPresignRefuses(t *testing.T) {
	for name, change := range map[string]func(*http.Request, *time.Duration){
		"no time":       func(_ *http.Request, d *time.Duration) { *d = 0 },
		"part of one":   func(_ *http.Request, d *time.Duration) { *d = 1500 * time.Millisecond },
		"over a week":   func(_ *http.Request, d *time.Duration) { *d = 7*24*time.Hour + time.Second },
		"authorization": func(r *http.Request, _ *time.Duration) { r.Header.Set("Authorization", "x") },
		"date":          func(r *http.Request, _ *time.Duration) { r.Header.Set("X-Amz-Date", "x") },
		"signed":        func(r *http.Request, _ *time.Duration) { r.URL.RawQuery = "X-Amz-Signature=x" },
		"escape":        func(r *http.Request, _ *time.Duration) { r.URL.RawQuery = "a=%zz" },
	} {
		req := httptest.NewRequest(http.MethodGet, "https://iam.example.com/", nil)
		expires := time.Minute
		change(req, &expires)
		if u, err := Presign(req, alice, EmptyBodySHA256, "iam", "us-east-1", expires, vectorTime); err == nil {
			t.Errorf("%s: %s", name, u)
		}
	}
}
