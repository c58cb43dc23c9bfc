package sigv4

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Credentials are what a client signs with.
type Credentials struct {
	AccessKeyID     string
	SecretAccessKey Secret
	SessionToken    Secret // empty for long-term credentials
}

// Options of signing; the zero value is right for every service but S3.
type Options struct {
	Variant Variant
}

// SignHTTP signs req for a service of the Standard variant: it sets X-Amz-Date,
// X-Amz-Security-Token (or removes a stale one) and Authorization. bodySHA256 is
// HashBody of the body that will be sent, or one of the payload modes that
// x-amz-content-sha256, if set, names. All headers are signed but those a proxy
// or net/http may change.
func SignHTTP(req *http.Request, creds Credentials, bodySHA256, service, region string, now time.Time) error {
	if req.Header == nil {
		req.Header = make(http.Header)
	}
	r := clientRequest(req)
	return Sign(&r, creds, bodySHA256, service, region, now, Options{})
}

// Presign returns the URL of req signed in its query and valid for expires (1 s
// to 7 days, whole seconds) from now, and leaves req as it is. The headers of
// req are signed too: whoever uses the URL must send them.
func Presign(req *http.Request, creds Credentials, bodySHA256, service, region string, expires time.Duration, now time.Time) (*url.URL, error) {
	r := clientRequest(req)
	if err := PresignRequest(&r, creds, bodySHA256, service, region, expires, now, Options{}); err != nil {
		return nil, err
	}
	signed := *req.URL
	signed.RawQuery = r.RawQuery
	return &signed, nil
}

// clientRequest is FromHTTP for a request that was not received but will be sent.
func clientRequest(req *http.Request) Request {
	sent := *req
	sent.RequestURI = ""
	return FromHTTP(&sent)
}

// Sign adds the signature to r.Header, which must not be nil.
func Sign(r *Request, creds Credentials, bodySHA256, service, region string, now time.Time, opts Options) error {
	now = now.UTC()
	r.Header.Del(headerAuthorization)
	r.Header.Set(headerDate, now.Format(timeFormat))
	r.Header.Del(headerToken)
	if creds.SessionToken != "" {
		r.Header.Set(headerToken, string(creds.SessionToken))
	}
	scope := Scope{Date: now.Format(dateFormat), Region: region, Service: service}
	names, err := headersToSign(r)
	if err != nil {
		return err
	}
	signature, err := compute(r, names, creds.SecretAccessKey, bodySHA256, scope, now, opts)
	if err != nil {
		return err
	}
	r.Header.Set(headerAuthorization, Algorithm+" Credential="+creds.AccessKeyID+"/"+scope.String()+
		", SignedHeaders="+strings.Join(names, ";")+", Signature="+signature)
	return nil
}

// PresignRequest adds the signature to r.RawQuery.
func PresignRequest(r *Request, creds Credentials, bodySHA256, service, region string, expires time.Duration, now time.Time, opts Options) error {
	seconds := int64(expires / time.Second)
	if seconds < 1 || seconds > maxExpires || expires%time.Second != 0 {
		return fmt.Errorf("sigv4: a presigned request holds from 1 s to 7 days in whole seconds, not %v", expires)
	}
	for _, name := range []string{headerAuthorization, headerDate} {
		if len(r.Header[name]) > 0 {
			return fmt.Errorf("sigv4: a request to presign must not have the header %s", name)
		}
	}
	var present authQuery
	if err := present.scan(r.RawQuery); err != nil {
		return err
	}
	if present.any() {
		return errors.New("sigv4: the request to presign is signed already")
	}
	now = now.UTC()
	scope := Scope{Date: now.Format(dateFormat), Region: region, Service: service}
	names, err := headersToSign(r)
	if err != nil {
		return err
	}
	query := []byte(r.RawQuery)
	add := func(name, value string) {
		if len(query) > 0 {
			query = append(query, '&')
		}
		query = append(append(query, name...), '=')
		for _, c := range []byte(value) {
			query = appendEncoded(query, c, false)
		}
	}
	add(paramAlgorithm, Algorithm)
	add(paramCredential, creds.AccessKeyID+"/"+scope.String())
	add(paramDate, now.Format(timeFormat))
	add(paramExpires, strconv.FormatInt(seconds, 10))
	if creds.SessionToken != "" && len(r.Header[headerToken]) == 0 {
		add(paramToken, string(creds.SessionToken))
	}
	add(paramSignedHeaders, strings.Join(names, ";"))
	signed := *r
	signed.RawQuery = string(query)
	signature, err := compute(&signed, names, creds.SecretAccessKey, bodySHA256, scope, now, opts)
	if err != nil {
		return err
	}
	add(paramSignature, signature)
	r.RawQuery = string(query)
	return nil
}

// compute returns the hex signature of r over the named headers.
func compute(r *Request, names []string, secret Secret, bodySHA256 string, scope Scope, now time.Time, opts Options) (string, error) {
	s := scratchPool.Get().(*scratch)
	defer s.release()
	if err := s.canonicalRequest(r, opts.Variant, names, strings.Join(names, ";"), bodySHA256); err != nil {
		return "", err
	}
	key := DeriveKey(string(secret), scope.Date, scope.Region, scope.Service)
	sum := s.signature(&key, now, scope)
	return string(sum[:]), nil
}

// unsignable are the headers that net/http or a proxy adds or changes.
var unsignable = []string{
	"accept-encoding", "authorization", "connection", "content-length", "expect", "host", "keep-alive",
	"te", "trailer", "transfer-encoding", "upgrade", "user-agent", "x-amzn-trace-id",
}

func headersToSign(r *Request) ([]string, error) {
	if err := r.checkShape(); err != nil {
		return nil, err
	}
	names := make([]string, 0, len(r.Header)+1)
	names = append(names, "host")
	for name := range r.Header {
		if lower := strings.ToLower(name); !slices.Contains(unsignable, lower) {
			names = append(names, lower)
		}
	}
	slices.Sort(names)
	return names, nil
}
