package sigv4

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

// The examples of the Amazon S3 API Reference, "Signature calculations for the
// Authorization header", "… transferring payload in multiple chunks" and
// "Authenticating requests: using query parameters".

var (
	s3Time = time.Date(2013, 5, 24, 0, 0, 0, 0, time.UTC)
	s3Key  = DeriveKey("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "20130524", "us-east-1", "s3")
)

func s3Request(method, path, query, signed, signature string, headers ...string) Request {
	r := Request{Method: method, Host: "examplebucket.s3.amazonaws.com", Path: path, RawQuery: query, Header: http.Header{}, ContentLength: -1}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	if signed != "" {
		r.Header.Set("X-Amz-Date", "20130524T000000Z")
		r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,SignedHeaders="+
			signed+",Signature="+signature)
	}
	return r
}

func TestS3Examples(t *testing.T) {
	rules := Rules{Service: "s3", Region: "us-east-1", Variant: S3, Payloads: PayloadUnsigned | PayloadStreaming}
	for name, r := range map[string]Request{
		"get object": s3Request("GET", "/test.txt", "", "host;range;x-amz-content-sha256;x-amz-date",
			"f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
			"Range", "bytes=0-9", headerPayload, EmptyBodySHA256),
		"get lifecycle": s3Request("GET", "/", "lifecycle", "host;x-amz-content-sha256;x-amz-date",
			"fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543", headerPayload, EmptyBodySHA256),
		"list": s3Request("GET", "/", "max-keys=2&prefix=J", "host;x-amz-content-sha256;x-amz-date",
			"34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7", headerPayload, EmptyBodySHA256),
		"presigned": s3Request("GET", "/test.txt", "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524"+
			"%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host"+
			"&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404", "", ""),
	} {
		p, err := Parse(&r)
		if err == nil {
			err = p.Verify(EmptyBodySHA256, &s3Key, s3Time, rules)
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestChunks(t *testing.T) {
	r := s3Request("PUT", "/examplebucket/chunkObject.txt", "",
		"content-encoding;content-length;host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length;x-amz-storage-class",
		"4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9",
		headerPayload, StreamingPayload, "Content-Encoding", "aws-chunked", "Content-Length", "66824",
		"X-Amz-Decoded-Content-Length", "66560", "X-Amz-Storage-Class", "REDUCED_REDUNDANCY")
	r.Host = "s3.amazonaws.com"
	p, err := Parse(&r)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Verify("", &s3Key, s3Time, Rules{Service: "s3", Variant: S3, Payloads: PayloadStreaming}); err != nil {
		t.Fatal(err)
	}
	parts := []struct{ hash, signature string }{
		{HashBody([]byte(strings.Repeat("a", 65536))), "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648"},
		{HashBody([]byte(strings.Repeat("a", 1024))), "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497"},
		{EmptyBodySHA256, "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9"},
	}
	start := func() *Chunks {
		c, err := p.Chunks(&s3Key)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	verifier, signer := start(), start()
	for i, part := range parts {
		if err := verifier.Verify(part.hash, part.signature); err != nil {
			t.Errorf("chunk %d: %v", i, err)
		}
		if got := signer.Sign(part.hash); got != part.signature {
			t.Errorf("chunk %d signed %s", i, got)
		}
	}
	trailer := HashBody([]byte("x-amz-checksum-crc32c:sOO8/Q==\n"))
	if err := verifier.VerifyTrailer(trailer, signer.SignTrailer(trailer)); err != nil {
		t.Error(err)
	}

	// Chunks left out, exchanged, altered or forged; and no way on after that.
	for name, sequence := range map[string][]int{"skipped": {1}, "repeated": {0, 0}, "exchanged": {1, 0}, "cut short and ended": {0, 2}} {
		c, failed := start(), false
		for _, i := range sequence {
			failed = c.Verify(parts[i].hash, parts[i].signature) != nil
		}
		if !failed || c.Verify(parts[0].hash, parts[0].signature) == nil {
			t.Errorf("%s chunks accepted", name)
		}
	}
	if start().Verify(parts[1].hash, parts[0].signature) == nil || start().Verify("", parts[0].signature) == nil ||
		start().Verify(parts[0].hash, "") == nil || start().VerifyTrailer(parts[0].hash, parts[0].signature) == nil {
		t.Error("an altered chunk was accepted")
	}
	literal := posted(t, alice, listUsers)
	p, err = Parse(&literal)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Chunks(&aliceKey); err == nil {
		t.Error("chunks of a request that signs its whole body")
	}
}
