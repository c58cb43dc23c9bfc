package sigv4

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// typical is an IAM call as the AWS CLI sends it, with a session token.
func typical(b testing.TB) Request {
	r := posted(b, Credentials{
		AccessKeyID: alice.AccessKeyID, SecretAccessKey: exampleSecret, SessionToken: Secret(strings.Repeat("IQoJb3Jp", 64)),
	}, listUsers)
	r.Header.Set("User-Agent", "aws-cli/2")
	r.Header.Set("Accept-Encoding", "identity")
	r.Header.Set("Content-Length", "35")
	return r
}

func BenchmarkParseVerifyHeader(b *testing.B) {
	r, body := typical(b), HashBody([]byte(listUsers))
	b.ReportAllocs()
	for b.Loop() {
		p, err := Parse(&r)
		if err != nil {
			b.Fatal(err)
		}
		if err := p.Verify(body, &aliceKey, vectorTime, iamRules); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkParseVerifyCached(b *testing.B) {
	r, body := typical(b), HashBody([]byte(listUsers))
	cache := NewKeyCache(1024)
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			p, err := Parse(&r)
			if err != nil {
				b.Fatal(err)
			}
			if err := cache.Verify(p, body, func() (Secret, error) { return exampleSecret, nil }, vectorTime, iamRules); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkParseVerifyPresigned(b *testing.B) {
	r := presigned(b, alice, time.Minute)
	b.ReportAllocs()
	for b.Loop() {
		if err := verify(r, "", vectorTime, iamRules); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSignHTTP(b *testing.B) {
	req := httptest.NewRequest(http.MethodPost, "https://iam.example.com/", nil)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	b.ReportAllocs()
	for b.Loop() {
		if err := SignHTTP(req, alice, EmptyBodySHA256, "iam", "us-east-1", vectorTime); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDeriveKey(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		DeriveKey(string(exampleSecret), "20150830", "us-east-1", "iam")
	}
}

func BenchmarkKeyCacheHit(b *testing.B) {
	cache := NewKeyCache(1024)
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, err := cache.Key("AKIAIOSFODNN7EXAMPLE", vectorScope, func() (Secret, error) { return exampleSecret, nil }); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// TestVerifyAllocations holds the hot path to a handful of allocations.
func TestVerifyAllocations(t *testing.T) {
	r, body := typical(t), HashBody([]byte(listUsers))
	n := testing.AllocsPerRun(200, func() {
		p, err := Parse(&r)
		if err != nil {
			t.Fatal(err)
		}
		if err := p.Verify(body, &aliceKey, vectorTime, iamRules); err != nil {
			t.Fatal(err)
		}
	})
	if n > 10 {
		t.Errorf("%v allocations to parse and verify", n)
	}
}
