package sigv4

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

// FuzzParse: no request makes Parse or Verify panic, and none that was not
// signed with the key is accepted.
func FuzzParse(f *testing.F) {
	add := func(r Request) {
		f.Add(r.Method, r.Host, r.Path, r.RawQuery, r.Header.Get("Authorization"), r.Header.Get("X-Amz-Date"), r.Header.Get("Content-Type"))
	}
	for _, v := range loadVectors(f) {
		add(v.signed())
	}
	add(posted(f, aliceToken, listUsers))
	add(presigned(f, aliceToken, time.Minute))
	for _, a := range []string{"AWS4-HMAC-SHA256", "Bearer x", "AWS4-HMAC-SHA256 Credential=a/b/c/d/e,SignedHeaders=;;,Signature=", "=", ",,", "AWS4-ECDSA-P256-SHA256 Credential=a/20150830/iam/aws4_request, SignedHeaders=host, Signature=00"} {
		f.Add("GET", "example.com", "/a/../b//%2f;x=1", "a=%&;=&&X%2DAmz-Signature=1&x-amz-date", a, "20150830T123600Z", "a/b; c")
		f.Add("GET", "example.com", "/", "", a, "20150830T123600Z", "")
	}
	// Nothing is signed with this key, so every acceptance is a forgery.
	key := SigningKey{1, 2, 3}
	f.Fuzz(func(t *testing.T, method, host, path, query, authorization, date, contentType string) {
		r := Request{Method: method, Host: host, Path: path, RawQuery: query, Header: http.Header{}}
		for name, value := range map[string]string{"Authorization": authorization, "X-Amz-Date": date, "Content-Type": contentType} {
			if value != "" {
				r.Header.Set(name, value)
			}
		}
		p, err := Parse(&r)
		if (p == nil) == (err == nil) {
			t.Fatalf("%v and %v", p, err)
		}
		if err != nil {
			if secret := strings.TrimSpace(authorization); len(secret) > 32 && strings.Contains(err.Error(), secret) {
				t.Fatalf("the header is quoted: %v", err)
			}
			return
		}
		for _, rules := range []Rules{{Service: p.Scope.Service}, {Service: p.Scope.Service, Variant: S3, Payloads: ^Payload(0)}} {
			if err := p.Verify(EmptyBodySHA256, &key, p.Time, rules); err == nil {
				t.Fatalf("accepted %v", p)
			}
		}
	})
}

// FuzzSignVerify: whatever can be signed verifies, and its canonical forms are
// stable.
func FuzzSignVerify(f *testing.F) {
	f.Add("GET", "/", "a=b", "v", "")
	f.Add("POST", "/a/../b//c%2Fd é", "b=%20+&a=1&a=0&%zz", " x  y\t", "body")
	f.Add("PUT", "", "&&=&=1", "\n", "{}")
	f.Fuzz(func(t *testing.T, method, path, query, value, body string) {
		for _, opts := range []Options{{}, {Variant: S3}} {
			rules := Rules{Service: "iam", Variant: opts.Variant, Payloads: PayloadUnsigned}
			r := Request{Method: method, Host: "iam.example.com", Path: path, RawQuery: query, Header: http.Header{"X-Amz-Meta": {value}}}
			q := Request{Method: method, Host: r.Host, Path: path, RawQuery: query, Header: http.Header{}}
			hash, presignHash := HashBody([]byte(body)), HashBody([]byte(body))
			if opts.Variant == S3 {
				presignHash = UnsignedPayload
			}
			if err := Sign(&r, aliceToken, hash, "iam", "us-east-1", vectorTime, opts); err == nil {
				check(t, &r, hash, rules)
			}
			if err := PresignRequest(&q, aliceToken, presignHash, "iam", "us-east-1", time.Minute, vectorTime, opts); err == nil {
				check(t, &q, hash, rules)
			}
		}
	})
}

// check verifies r as it was signed, and refuses it with another body or path.
func check(t *testing.T, r *Request, hash string, rules Rules) {
	t.Helper()
	p, err := Parse(r)
	if err != nil {
		// A query may name authentication parameters, which Sign leaves to Parse.
		if r.Header.Get("Authorization") != "" && strings.Contains(err.Error(), "Found both") {
			return
		}
		t.Fatalf("signed but unreadable: %v", err)
	}
	if err := p.Verify(hash, &aliceKey, vectorTime, rules); err != nil {
		t.Fatalf("signed but refused: %v", err)
	}
	if normalizePath(p.Path) != p.Path {
		t.Fatalf("%q is not normal", p.Path)
	}
	if _, mode := p.payload(rules); mode != UnsignedPayload {
		if err := p.Verify(HashBody([]byte(hash)), &aliceKey, vectorTime, rules); err == nil {
			t.Fatal("accepted with another body")
		}
	}
	other := *r
	other.Path = r.Path + "/other"
	if p, err = Parse(&other); err != nil {
		t.Fatal(err)
	}
	if err := p.Verify(hash, &aliceKey, vectorTime, rules); err == nil {
		t.Fatal("accepted with another path")
	}
}
