package sigv4

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// refused fails unless err is an *Error that keeps the request out.
func refused(t *testing.T, what string, err error) {
	t.Helper()
	var e *Error
	if !errors.As(err, &e) || e.Status < 400 || e.Status > 403 {
		t.Errorf("%s: %v, want a refusal", what, err)
	}
}

const forged = "00000000000000000000000000000000000000000000000000000000000000ff"

// forge replaces the signature, in header or query.
func forge(r *Request) {
	if a := r.Header.Get("Authorization"); a != "" {
		r.Header.Set("Authorization", a[:len(a)-64]+forged)
	}
	if i := strings.Index(r.RawQuery, "X-Amz-Signature="); i >= 0 {
		r.RawQuery = r.RawQuery[:i] + "X-Amz-Signature=" + forged
	}
}

// withPayload signs a POST whose x-amz-content-sha256 is value.
func withPayload(t *testing.T, value string) Request {
	t.Helper()
	req := httptest.NewRequest(http.MethodPost, "https://iam.example.com/", nil)
	req.Header.Set(headerPayload, value)
	if err := SignHTTP(req, alice, value, "iam", "us-east-1", vectorTime); err != nil {
		t.Fatal(err)
	}
	return FromHTTP(req)
}

// TestAttack01ForgedSignatureInEveryPayloadMode (MinIO CVE-2025-31489,
// CVE-2026-40344: modes that skipped the check).
func TestAttack01ForgedSignatureInEveryPayloadMode(t *testing.T) {
	everything := Rules{Service: "iam", Payloads: ^Payload(0)}
	modes := []string{HashBody([]byte(listUsers)), UnsignedPayload, StreamingPayload, StreamingPayloadTrailer, StreamingUnsigned, StreamingEvents}
	for _, mode := range modes {
		if err := verify(withPayload(t, mode), listUsers, vectorTime, everything); err != nil {
			t.Errorf("%s, allowed and rightly signed: %v", mode, err)
		}
		r := withPayload(t, mode)
		forge(&r)
		err := verify(r, listUsers, vectorTime, everything)
		wantCode(t, err, CodeSignatureDoesNotMatch, http.StatusForbidden)
		if mode == modes[0] {
			continue
		}
		// IAM and STS take literal hashes only, however well the request is signed.
		wantCode(t, verify(withPayload(t, mode), listUsers, vectorTime, iamRules), CodeIncompleteSignature, http.StatusBadRequest)
		// A mode cannot be exchanged for another.
		r = withPayload(t, mode)
		r.Header.Set(headerPayload, modes[0])
		refused(t, "literal for "+mode, verify(r, listUsers, vectorTime, everything))
	}
	for _, mode := range []string{"STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD", "streaming-aws4-hmac-sha256-payload", "UNSIGNED", "x", strings.ToUpper(modes[0])} {
		wantCode(t, verify(withPayload(t, mode), listUsers, vectorTime, everything), CodeIncompleteSignature, http.StatusBadRequest)
	}
	for _, r := range []Request{posted(t, alice, listUsers), presigned(t, alice, time.Minute)} {
		forge(&r)
		wantCode(t, verify(r, listUsers, vectorTime, everything), CodeSignatureDoesNotMatch, http.StatusForbidden)
	}
	// S3 presigns UNSIGNED-PAYLOAD without naming it; that is still a mode to allow.
	r := presigned(t, alice, time.Minute)
	wantCode(t, verify(r, "", vectorTime, Rules{Service: "iam", Variant: S3}), CodeIncompleteSignature, http.StatusBadRequest)
}

// TestAttack02CredentialsInBothPlaces (CVE-2026-41145: identity read from one
// place, signature from the other).
func TestAttack02CredentialsInBothPlaces(t *testing.T) {
	header := posted(t, alice, listUsers)
	query := presigned(t, alice, time.Minute)
	for name, raw := range map[string]string{
		"whole query": query.RawQuery, "algorithm": "X-Amz-Algorithm=AWS4-HMAC-SHA256", "credential": "X-Amz-Credential=a/b/c/d/e",
		"token": "X-Amz-Security-Token=x", "signature": "X-Amz-Signature=" + forged, "date": "X-Amz-Date=20150830T123600Z",
		"escaped": "X%2DAmz-Security-Token=x", "hash": "X-Amz-Content-Sha256=" + UnsignedPayload,
	} {
		r := header
		r.RawQuery = raw
		refused(t, name, verify(r, listUsers, vectorTime, iamRules))
	}
	for name, value := range map[string]string{"X-Amz-Date": "20150830T123600Z", "X-Amz-Security-Token": "x", "X-Amz-Content-Sha256": EmptyBodySHA256} {
		r := query
		r.Header = http.Header{name: {value}}
		refused(t, "unsigned "+name+" beside a query signature", verify(r, "", vectorTime, iamRules))
		r.RawQuery = strings.Replace(r.RawQuery, "X-Amz-SignedHeaders=host", "X-Amz-SignedHeaders=host%3B"+strings.ToLower(name), 1)
		refused(t, "claimed "+name+" beside a query signature", verify(r, "", vectorTime, iamRules))
	}
	// What was parsed is what is verified: changing the caller's Request after
	// Parse cannot move the identity.
	p, err := Parse(&header)
	if err != nil {
		t.Fatal(err)
	}
	header.Method, header.Path, header.RawQuery = "DELETE", "/other", "a=b"
	if err := p.Verify(HashBody([]byte(listUsers)), &aliceKey, vectorTime, iamRules); err != nil {
		t.Error(err)
	}
}

// TestAttack03SwappedAndUnsignedParts: body, headers, duplicates and encodings.
func TestAttack03SwappedAndUnsignedParts(t *testing.T) {
	refused(t, "swapped body", verify(posted(t, alice, listUsers), "Action=DeleteUser", vectorTime, iamRules))
	literal := withPayload(t, HashBody([]byte(listUsers)))
	refused(t, "swapped body under a literal hash", verify(literal, "Action=DeleteUser", vectorTime, iamRules))
	p, err := Parse(&literal)
	if err != nil {
		t.Fatal(err)
	}
	refused(t, "no body hash", p.Verify("", &aliceKey, vectorTime, iamRules))
	refused(t, "payload mode as body hash", p.Verify(UnsignedPayload, &aliceKey, vectorTime, iamRules))

	for _, header := range []string{"X-Amz-Security-Token", "X-Amz-Acl", "X-Amz-Copy-Source", "X-Amz-Target", "X-Amz-Content-Sha256", "X-Amz-Anything"} {
		r := posted(t, alice, listUsers)
		r.Header.Set(header, HashBody([]byte(listUsers)))
		wantCode(t, verify(r, listUsers, vectorTime, iamRules), CodeSignatureDoesNotMatch, http.StatusForbidden)
	}
	for _, header := range []string{"Authorization", "X-Amz-Date", "X-Amz-Security-Token", "X-Amz-Target", "Content-Type", "Date", "Content-Length"} {
		r := posted(t, aliceToken, listUsers)
		r.Header.Add(header, r.Header.Get(header))
		r.Header.Add(header, "second")
		refused(t, "repeated "+header, verify(r, listUsers, vectorTime, iamRules))
	}
	for _, param := range params {
		r := presigned(t, aliceToken, time.Minute)
		r.RawQuery += "&" + param + "=x"
		refused(t, "repeated "+param, verify(r, "", vectorTime, iamRules))
		r = presigned(t, aliceToken, time.Minute)
		r.RawQuery += "&" + strings.ToLower(param) + "=x"
		refused(t, "case variant of "+param, verify(r, "", vectorTime, iamRules))
	}
}

func TestAttack03ContentType(t *testing.T) {
	resign := func(contentType string, signIt bool, body string) Request {
		req := httptest.NewRequest(http.MethodPost, "https://iam.example.com/", nil)
		if signIt {
			req.Header.Set("Content-Type", contentType)
		}
		if err := SignHTTP(req, alice, HashBody([]byte(body)), "iam", "us-east-1", vectorTime); err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", contentType)
		return FromHTTP(req)
	}
	for _, tt := range []struct {
		contentType, body string
		signed, ok        bool
	}{
		{"application/x-amz-json-1.1", "{}", true, true},
		{"application/x-amz-json-1.1", "{}", false, false},
		{"application/x-amz-json-1.1", "", false, true}, // nothing for the type to describe
		{"application/x-www-form-urlencoded", listUsers, false, true},
		{"Application/X-WWW-Form-URLEncoded; charset=utf-8", listUsers, false, true},
		{"application/x-www-form-urlencoded, text/plain", listUsers, false, false},
		{"", listUsers, false, false},
	} {
		err := verify(resign(tt.contentType, tt.signed, tt.body), tt.body, vectorTime, iamRules)
		if (err == nil) != tt.ok {
			t.Errorf("%+v: %v", tt, err)
		}
	}
}

// TestAttack03Encodings: what means another request is refused; what cannot be
// told apart by any parser is the same request.
func TestAttack03Encodings(t *testing.T) {
	sign := func(target string) Request {
		req := httptest.NewRequest(http.MethodGet, "https://iam.example.com"+target, nil)
		if err := SignHTTP(req, alice, EmptyBodySHA256, "iam", "us-east-1", vectorTime); err != nil {
			t.Fatal(err)
		}
		return FromHTTP(req)
	}
	for _, tt := range []struct {
		signed, sent string
		same         bool
	}{
		{"/?a=b%20c", "/?a=b+c", true},
		{"/?a=b%2Bc", "/?a=b+c", false},
		{"/?a=b%2Bc", "/?a=b%20c", false},
		{"/?a=b%2Bc", "/?a=b%252Bc", false},
		{"/?a=b%3Bc", "/?a=b;c", false},
		{"/?a=b%26c=d", "/?a=b&c=d", false},
		{"/?a=b%3Dc", "/?a=b=c", true}, // both: name "a", value "b=c"
		{"/?a%3Db=c", "/?a=b=c", false},
		{"/?a=1&b=2", "/?b=2&a=1", true},
		{"/?a=1&a=2", "/?a=2&a=1", true}, // AWS's own rule; a reader of the first value must not rely on it
		{"/?a=1", "/?a=1&a=1", false},
		{"/?a=~", "/?a=%7E", true},
		{"/?a=%2f", "/?a=%2F", true},
		{"/?a", "/?a=", true},
		{"/?a=1", "/?A=1", false},
		{"/a%2Fb", "/a/b", false},
		{"/a%2Fb", "/a%252Fb", false},
		{"/a%2Fb", "/a%2fb", false},
		{"/a/b", "/a//b", true},
		{"/a/b", "/a/c/../b", true},
		{"/a/b", "/a/%2E%2E/b", false},
		{"/a/b", "/a/b/", false},
		{"/a;x=1", "/a", false},
	} {
		r := sign(tt.signed)
		wantPath := normalizePath(r.Path)
		r.Path, r.RawQuery, _ = strings.Cut(tt.sent, "?")
		p, err := Parse(&r)
		if err == nil {
			err = p.Verify(EmptyBodySHA256, &aliceKey, vectorTime, iamRules)
		}
		if (err == nil) != tt.same {
			t.Errorf("signed %s, sent %s: %v", tt.signed, tt.sent, err)
		}
		if err == nil && p.Path != wantPath {
			t.Errorf("signed %s, sent %s: dispatched on %s", tt.signed, tt.sent, p.Path)
		}
	}
}

// TestAttack04UnknownKeys: no key, secret or scope stands in for another, and
// the answer to every wrong signature is the same.
func TestAttack04UnknownKeys(t *testing.T) {
	r := posted(t, alice, listUsers)
	p, err := Parse(&r)
	if err != nil {
		t.Fatal(err)
	}
	body := HashBody([]byte(listUsers))
	keys := map[string]SigningKey{
		"zero":           {},
		"empty secret":   DeriveKey("", "20150830", "us-east-1", "iam"),
		"key id":         DeriveKey(alice.AccessKeyID, "20150830", "us-east-1", "iam"),
		"another secret": DeriveKey(string(exampleSecret)+"x", "20150830", "us-east-1", "iam"),
		"another day":    DeriveKey(string(exampleSecret), "20150831", "us-east-1", "iam"),
		"another region": DeriveKey(string(exampleSecret), "20150830", "us-east-2", "iam"),
		"shifted scope":  DeriveKey(string(exampleSecret), "20150830", "us-east-1i", "am"),
		"another svc":    DeriveKey(string(exampleSecret), "20150830", "us-east-1", "sts"),
	}
	for name, key := range keys {
		if err := p.Verify(body, &key, vectorTime, iamRules); !errors.Is(err, errMismatch) {
			t.Errorf("%s: %v", name, err)
		}
	}
	unknown := errors.New("InvalidClientTokenId")
	cache := NewKeyCache(16)
	if err := cache.Verify(p, body, func() (Secret, error) { return "", unknown }, vectorTime, iamRules); !errors.Is(err, unknown) {
		t.Errorf("unknown key: %v", err)
	}
	// A caller that hides the difference verifies with a secret of its own and
	// finds nothing of it in the cache.
	if err := cache.Verify(p, body, func() (Secret, error) { return "stand-in", nil }, vectorTime, iamRules); !errors.Is(err, errMismatch) {
		t.Errorf("stand-in: %v", err)
	}
	if cache.Len() != 0 {
		t.Errorf("%d keys cached from refused requests", cache.Len())
	}
}

// TestAttack05ReplayAndClocks: skew, expiry and the date of the scope.
func TestAttack05ReplayAndClocks(t *testing.T) {
	r := posted(t, alice, listUsers)
	for _, tt := range []struct {
		offset time.Duration
		text   string
	}{
		{-15 * time.Minute, ""}, {15 * time.Minute, ""},
		{15*time.Minute + time.Second, "Signature expired: 20150830T123600Z is now earlier than 20150830T123601Z (20150830T125101Z - 15 min.)"},
		{-15*time.Minute - time.Second, "Signature not yet current: 20150830T123600Z is still later than 20150830T123559Z (20150830T122059Z + 15 min.)"},
		{24 * time.Hour, "Signature expired: 20150830T123600Z is now earlier than 20150831T122100Z (20150831T123600Z - 15 min.)"},
	} {
		err := verify(r, listUsers, vectorTime.Add(tt.offset).In(time.FixedZone("x", 3600)), iamRules)
		if tt.text == "" {
			if err != nil {
				t.Errorf("%v: %v", tt.offset, err)
			}
			continue
		}
		wantCode(t, err, CodeSignatureDoesNotMatch, http.StatusForbidden)
		if !strings.HasSuffix(err.Error(), ": "+tt.text) {
			t.Errorf("%v: %v, want %s", tt.offset, err, tt.text)
		}
	}
	q := presigned(t, alice, 30*time.Minute)
	for offset, code := range map[time.Duration]string{
		0: "", 30 * time.Minute: "", 30*time.Minute + time.Second: CodeRequestExpired, 200 * time.Hour: CodeRequestExpired,
		-15 * time.Minute: "", -16 * time.Minute: CodeSignatureDoesNotMatch,
	} {
		err := verify(q, "", vectorTime.Add(offset), iamRules)
		if code == "" && err != nil || code != "" && (err == nil || !strings.HasPrefix(err.Error(), code)) {
			t.Errorf("presigned, %v: %v, want %q", offset, err, code)
		}
	}
	for _, expires := range []string{"", "0", "-1", "604801", "99999999999999999999", "1.5", "60s", "+60", "%2060"} {
		x := q
		x.RawQuery = strings.Replace(q.RawQuery, "X-Amz-Expires=1800", "X-Amz-Expires="+expires, 1)
		wantCode(t, verify(x, "", vectorTime, iamRules), CodeIncompleteSignature, http.StatusBadRequest)
	}
	x := q
	x.RawQuery = strings.Replace(q.RawQuery, "X-Amz-Expires=1800", "X-Amz-Expires=604800", 1)
	wantCode(t, verify(x, "", vectorTime, iamRules), CodeSignatureDoesNotMatch, http.StatusForbidden)
	x.RawQuery = strings.Replace(q.RawQuery, "&X-Amz-Expires=1800", "", 1)
	wantCode(t, verify(x, "", vectorTime.Add(16*time.Minute), iamRules), CodeRequestExpired, http.StatusBadRequest)

	sts := iamRules
	sts.PresignedLifetime = 15 * time.Minute // instead of what the URL says, longer or shorter
	if err := verify(presigned(t, alice, time.Minute), "", vectorTime.Add(14*time.Minute), sts); err != nil {
		t.Error(err)
	}
	wantCode(t, verify(q, "", vectorTime.Add(16*time.Minute), sts), CodeRequestExpired, http.StatusBadRequest)
}

// TestAttack06ScopeServiceMustBeTheOneDispatched: a signature for one service
// opens no other, and no rules at all open nothing.
func TestAttack06ScopeServiceMustBeTheOneDispatched(t *testing.T) {
	for _, r := range []Request{posted(t, alice, ""), presigned(t, alice, time.Minute)} {
		for _, service := range []string{"sts", "IAM", "iam ", "", "s3"} {
			wantCode(t, verify(r, "", vectorTime, Rules{Service: service}), CodeSignatureDoesNotMatch, http.StatusForbidden)
		}
		if err := verify(r, "", vectorTime, iamRules); err != nil {
			t.Error(err)
		}
	}
}
