package sigv4

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var iamRules = Rules{Service: "iam"}

var (
	alice      = Credentials{AccessKeyID: "AKIAIOSFODNN7EXAMPLE", SecretAccessKey: exampleSecret}
	aliceToken = Credentials{AccessKeyID: "ASIAIOSFODNN7EXAMPLE", SecretAccessKey: exampleSecret, SessionToken: "IQoJb3JpZ2luX2VjEXAMPLE/+=="}
	aliceKey   = DeriveKey(string(exampleSecret), "20150830", "us-east-1", "iam")
)

const listUsers = "Action=ListUsers&Version=2010-05-08"

// posted is a request as the AWS CLI sends it: a signed form POST.
func posted(t testing.TB, creds Credentials, body string) Request {
	t.Helper()
	req := httptest.NewRequest(http.MethodPost, "https://iam.example.com/", strings.NewReader(body))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
	if err := SignHTTP(req, creds, HashBody([]byte(body)), "iam", "us-east-1", vectorTime); err != nil {
		t.Fatal(err)
	}
	return FromHTTP(req)
}

// presigned is a presigned GET.
func presigned(t testing.TB, creds Credentials, expires time.Duration) Request {
	t.Helper()
	req := httptest.NewRequest(http.MethodGet, "https://iam.example.com/?"+listUsers, nil)
	u, err := Presign(req, creds, EmptyBodySHA256, "iam", "us-east-1", expires, vectorTime)
	if err != nil {
		t.Fatal(err)
	}
	return FromHTTP(httptest.NewRequest(http.MethodGet, u.String(), nil))
}

func verify(r Request, body string, now time.Time, rules Rules) error {
	p, err := Parse(&r)
	if err != nil {
		return err
	}
	return p.Verify(HashBody([]byte(body)), &aliceKey, now, rules)
}

func TestParseHeader(t *testing.T) {
	r := posted(t, aliceToken, listUsers)
	p, err := Parse(&r)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Verify(HashBody([]byte(listUsers)), &aliceKey, vectorTime, iamRules); err != nil {
		t.Fatal(err)
	}
	type view struct {
		ID, Token, Path string
		Scope           Scope
		Headers         []string
		Time            time.Time
		Presigned       bool
		Payload         Payload
	}
	got := view{p.AccessKeyID, string(p.SessionToken), p.Path, p.Scope, p.SignedHeaders, p.Time, p.Presigned, p.Payload}
	want := view{
		"ASIAIOSFODNN7EXAMPLE", "IQoJb3JpZ2luX2VjEXAMPLE/+==", "/", Scope{"20150830", "us-east-1", "iam"},
		[]string{"content-type", "host", "x-amz-date", "x-amz-security-token"}, vectorTime, false, PayloadLiteral,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestParseQuery(t *testing.T) {
	r := presigned(t, aliceToken, 5*time.Minute)
	p, err := Parse(&r)
	if err != nil {
		t.Fatal(err)
	}
	if !p.Presigned || p.Expires != 5*time.Minute || p.SessionToken != aliceToken.SessionToken || p.AccessKeyID != aliceToken.AccessKeyID {
		t.Errorf("presigned %v, expires %v, id %s", p.Presigned, p.Expires, p.AccessKeyID)
	}
	if err := verify(r, "", vectorTime.Add(5*time.Minute), iamRules); err != nil {
		t.Error(err)
	}
}

// edit changes the Authorization header.
func edit(old, replacement string) func(*Request) {
	return func(r *Request) {
		r.Header.Set("Authorization", strings.Replace(r.Header.Get("Authorization"), old, replacement, 1))
	}
}

// TestErrorTexts holds AWS's codes, statuses and wording.
func TestErrorTexts(t *testing.T) {
	auth := func(value string, more ...string) func(*Request) {
		return func(r *Request) {
			r.Header = http.Header{"Authorization": {value}}
			for i := 0; i < len(more); i += 2 {
				r.Header.Set(more[i], more[i+1])
			}
		}
	}
	const scope = "/20150830/us-east-1/iam/aws4_request"
	hashed := func(s string) string {
		return "(Hashed with SHA-256 and encoded with Base64) Authorization=" + digest(s)
	}
	tests := []struct {
		name   string
		change func(*Request)
		code   string
		status int
		text   string
	}{
		{"unsigned", func(r *Request) { r.Header.Del("Authorization") }, CodeMissingAuthenticationToken, 403, "Request is missing Authentication Token"},
		{"empty", auth(""), CodeMissingAuthenticationToken, 403, "Request is missing Authentication Token"},
		{"bearer", auth("Bearer abc"), CodeIncompleteSignature, 400,
			"Invalid key=value pair (missing equal-sign) in Authorization header (hashed with SHA-256 and encoded with Base64): '" + digest("Bearer abc") + "'."},
		{"algorithm alone", auth("AWS4-HMAC-SHA256"), CodeIncompleteSignature, 400,
			"Authorization header requires 'Credential' parameter. Authorization header requires 'Signature' parameter. " +
				"Authorization header requires 'SignedHeaders' parameter. " +
				"Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. " + hashed("AWS4-HMAC-SHA256")},
		{"no signature", auth("AWS4-HMAC-SHA256 Credential=a, SignedHeaders=host", "Date", "x"), CodeIncompleteSignature, 400,
			"Authorization header requires 'Signature' parameter. " + hashed("AWS4-HMAC-SHA256 Credential=a, SignedHeaders=host")},
		{"repeated", edit("Signature=", "Signature=a, Signature="), CodeIncompleteSignature, 400, "Authorization header must not repeat its parameters."},
		{"date", func(r *Request) { r.Header.Set("X-Amz-Date", "2015/08/30") }, CodeIncompleteSignature, 400,
			"Date must be in ISO-8601 'basic format'. Got '2015/08/30'. See http://en.wikipedia.org/wiki/ISO_8601"},
		{"sigv4a", edit("AWS4-HMAC-SHA256", "AWS4-ECDSA-P256-SHA256"), CodeIncompleteSignature, 400,
			"Unsupported AWS 'algorithm': 'AWS4-ECDSA-P256-SHA256' (only AWS4-HMAC-SHA256 for now). "},
		{"credential", edit(scope, ""), CodeIncompleteSignature, 400,
			"Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, " +
				"got (hashed with SHA-256 and encoded with Base64) '" + digest(alice.AccessKeyID) + "'"},
		{"host", edit("host;", ""), CodeSignatureDoesNotMatch, 403, "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization."},
		{"x-amz", func(r *Request) { r.Header.Set("X-Amz-Target", "a.b") }, CodeSignatureDoesNotMatch, 403,
			"'x-amz-target' must be a 'SignedHeader' in the AWS Authorization."},
		{"service", edit("/iam/", "/sts/"), CodeSignatureDoesNotMatch, 403, "Credential should be scoped to correct service: 'iam'."},
		{"scope", edit(scope, "/20150831/us-east-1/sts/aws5_request"), CodeSignatureDoesNotMatch, 403,
			"Credential should be scoped to correct service: 'iam'. " +
				"Credential should be scoped with a valid terminator: 'aws4_request', not 'aws5_request'. " +
				"Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: " +
				"'20150831' != '20150830', from '20150830T123600Z'."},
		{"both", func(r *Request) { r.RawQuery = "X-Amz-Algorithm=AWS4-HMAC-SHA256" }, CodeSignatureDoesNotMatch, 403,
			"Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header."},
		{"query", func(r *Request) {
			r.Header.Del("Authorization")
			r.RawQuery = "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Date="
		},
			CodeIncompleteSignature, 400,
			"AWS query-string parameters must include 'X-Amz-Credential'. AWS query-string parameters must include 'X-Amz-Signature'. " +
				"AWS query-string parameters must include 'X-Amz-SignedHeaders'. AWS query-string parameters must include 'X-Amz-Date'. " +
				"Re-examine the query-string parameters."},
		{"bad escape", func(r *Request) { r.RawQuery = "a=%yy" }, CodeMalformedQueryString, 400, "Illegal hex character in escape % pattern: %yy"},
		{"semicolon", func(r *Request) { r.RawQuery = "a=1;b=2" }, CodeMalformedQueryString, 400,
			"A semicolon in a query string must be percent-encoded."},
		{"mismatch", edit("Signature=", "Signature=0"), CodeSignatureDoesNotMatch, 403, errMismatch.Message},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := posted(t, alice, listUsers)
			tt.change(&r)
			err := verify(r, listUsers, vectorTime, iamRules)
			wantCode(t, err, tt.code, tt.status)
			var e *Error
			errors.As(err, &e)
			if diff := cmp.Diff(tt.text, e.Message); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestRegionRule(t *testing.T) {
	rules := Rules{Service: "iam", Region: "eu-west-1"}
	err := verify(posted(t, alice, listUsers), listUsers, vectorTime, rules)
	wantCode(t, err, CodeSignatureDoesNotMatch, 403)
	if want := "Credential should be scoped to a valid region, not 'us-east-1'."; !strings.Contains(err.Error(), want) {
		t.Errorf("%v, want %s", err, want)
	}
}

// TestLimits: what is too big is refused when it is read, before it is copied.
func TestLimits(t *testing.T) {
	long := func(n int) string { return strings.Repeat("a", n) }
	names := make([]string, maxSignedHeaders+1)
	for i := range names {
		names[i] = fmt.Sprintf("h%03d", i)
	}
	for name, change := range map[string]func(*Request){
		"authorization":  func(r *Request) { r.Header.Set("Authorization", Algorithm+" Credential="+long(maxAuthorization)) },
		"signed headers": func(r *Request) { setSigned(r, strings.Join(names, ";")) },
		"header name":    func(r *Request) { setSigned(r, "host;x"+long(maxHeaderName)) },
		"path":           func(r *Request) { r.Path = "/" + long(maxPath) },
		"host":           func(r *Request) { r.Host = long(maxHost + 1) },
		"method":         func(r *Request) { r.Method = long(maxMethod + 1) },
		"query":          func(r *Request) { r.RawQuery = long(maxQuery + 1) },
		"parameters":     func(r *Request) { r.RawQuery = strings.Repeat("a&", maxQueryParams+1) },
		"token":          func(r *Request) { r.Header.Set(headerToken, long(maxSessionToken+1)) },
		"headers": func(r *Request) {
			for i := range maxHeaders {
				r.Header.Set(fmt.Sprintf("H%d", i), "")
			}
		},
		"method characters": func(r *Request) { r.Method = "GET\n/" },
		"host characters":   func(r *Request) { r.Host = "a\nb" },
		"header spelling":   func(r *Request) { r.Header["x-amz-acl"] = []string{"private"} },
		"name characters":   func(r *Request) { setSigned(r, "host;x:y") },
		"unsorted":          func(r *Request) { setSigned(r, "x-amz-date;host") },
		"named twice":       func(r *Request) { setSigned(r, "host;host;x-amz-date") },
		"upper case":        func(r *Request) { setSigned(r, "Host;x-amz-date") },
	} {
		r := posted(t, alice, listUsers)
		change(&r)
		if p, err := Parse(&r); err == nil {
			t.Errorf("%s: parsed as %v", name, p)
		}
	}
	r := posted(t, alice, listUsers)
	r.Header.Set("Big", long(maxHeaderBytes))
	setSigned(&r, "big;content-type;host;x-amz-date")
	wantCode(t, verify(r, listUsers, vectorTime, iamRules), CodeIncompleteSignature, 400)
}

func setSigned(r *Request, list string) {
	r.Header.Set("Authorization", Algorithm+" Credential="+alice.AccessKeyID+"/20150830/us-east-1/iam/aws4_request, SignedHeaders="+
		list+", Signature="+strings.Repeat("0", 64))
}

// TestNothingSecretPrinted prints what holds secrets in every common way.
func TestNothingSecretPrinted(t *testing.T) {
	r := posted(t, aliceToken, listUsers)
	p, err := Parse(&r)
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	log := slog.New(slog.NewJSONHandler(&out, nil))
	text := slog.New(slog.NewTextHandler(&out, nil))
	chunks := Chunks{key: aliceKey}
	copy(chunks.previous[:], p.signature)
	for _, v := range []any{p, *p, chunks, &chunks, aliceToken, &aliceToken, aliceToken.SecretAccessKey, aliceKey, &aliceKey, p.SessionToken} {
		for _, format := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d"} {
			fmt.Fprintf(&out, format+"\n", v)
		}
		log.Info("x", "v", v)
		text.Info("x", "v", v)
		data, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		out.Write(data)
	}
	_, signature, _ := strings.Cut(r.Header.Get("Authorization"), "Signature=")
	for what, secret := range map[string]string{
		"signature": signature, "token": string(aliceToken.SessionToken), "secret": string(exampleSecret),
		"key in hex": fmt.Sprintf("%x", aliceKey[:]), "secret in hex": fmt.Sprintf("%x", string(exampleSecret)),
		"key bytes": strings.Trim(fmt.Sprint(aliceKey[:4]), "[]"),
	} {
		if strings.Contains(out.String(), secret) {
			t.Errorf("%s printed", what)
		}
	}
	if !strings.Contains(out.String(), aliceToken.AccessKeyID) {
		t.Error("the access key id is missing")
	}
}

func TestNormalizePath(t *testing.T) {
	for path, want := range map[string]string{
		"": "/", "/": "/", "/a/b": "/a/b", "/a/b/": "/a/b/", "//": "/", "/a//b": "/a/b", "/./a": "/a", "/a/.": "/a/",
		"/a/..": "/", "/a/../": "/", "/../a": "/a", "/a/b/..": "/a/", "/...": "/...", "/.a": "/.a", "a": "/a", "/a/../../b": "/b",
	} {
		if got := normalizePath(path); got != want {
			t.Errorf("%q: %q, want %q", path, got, want)
		}
	}
}

func TestTimes(t *testing.T) {
	for _, s := range []string{"", "20150830T123600", "20150830t123600Z", "20150230T123600Z", "20151330T123600Z", "20150830T243600Z",
		"20150830T126000Z", "20150830T123660Z", "00000830T123600Z", "2015083/T123600Z", "20150800T000000Z", "-0150830T123600Z", "20150830T123600Z "} {
		if got, ok := parseTime(s); ok {
			t.Errorf("%q parsed as %v", s, got)
		}
	}
	for _, s := range []string{"20240229T235959Z", "20150830T123600Z", "00010101T000000Z", "99991231T235959Z"} {
		if got, ok := parseTime(s); !ok || got.Format(timeFormat) != s {
			t.Errorf("%q parsed as %v, %v", s, got, ok)
		}
	}
	// A Date header may hold an HTTP date; it is signed in ISO form.
	r := posted(t, alice, listUsers)
	r.Header.Del("X-Amz-Date")
	r.Header.Set("Date", vectorTime.Format(http.TimeFormat))
	setSigned(&r, "content-type;date;host")
	p, err := Parse(&r)
	if err != nil || !p.Time.Equal(vectorTime) {
		t.Fatalf("%v, %v", p, err)
	}
	r.Header.Set("X-Amz-Date", vectorTime.Format(http.TimeFormat))
	if _, err := Parse(&r); err == nil {
		t.Error("an HTTP date in X-Amz-Date was accepted")
	}
}

func TestFromHTTPKeepsTheWire(t *testing.T) {
	const target = "/a%2Fb/../c%20d?x=1+2&y=%2B"
	var got Request
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		r.URL = &url.URL{Path: "/rewritten"} // as http.StripPrefix or a router does
		got = FromHTTP(r)
	}))
	defer server.Close()
	resp, err := http.Get(server.URL + target)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if got.Path != "/a%2Fb/../c%20d" || got.RawQuery != "x=1+2&y=%2B" || got.Host != strings.TrimPrefix(server.URL, "http://") {
		t.Errorf("%s ? %s @ %s", got.Path, got.RawQuery, got.Host)
	}
}
