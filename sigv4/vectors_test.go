package sigv4

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

// vectorCount is how many vectors testdata/vectors.jsonl must hold, so that an
// empty or cut file fails.
const vectorCount = 53

const (
	exampleKey    = "AKIDEXAMPLE"
	exampleSecret = Secret("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
)

var (
	vectorTime  = time.Date(2015, 8, 30, 12, 36, 0, 0, time.UTC)
	vectorScope = Scope{Date: "20150830", Region: "us-east-1", Service: "service"}
	vectorKey   = DeriveKey(string(exampleSecret), "20150830", "us-east-1", "service")
)

// vector is one request of AWS's signing test suite, unsigned, and its
// signature: in the header, or in the query with X-Amz-Expires=3600.
type vector struct {
	Name, Kind, Variant, Method, Target, Signed, Body, Token, Signature string
	Headers                                                             [][2]string
}

func loadVectors(t testing.TB) []vector {
	t.Helper()
	data, err := os.ReadFile("testdata/vectors.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	var all []vector
	for line := range bytes.Lines(data) {
		var v vector
		if err := json.Unmarshal(line, &v); err != nil {
			t.Fatalf("%v in %s", err, line)
		}
		all = append(all, v)
	}
	if len(all) != vectorCount {
		t.Fatalf("%d vectors, want %d", len(all), vectorCount)
	}
	return all
}

func (v vector) options() Options {
	if v.Variant == "s3" {
		return Options{Variant: S3}
	}
	return Options{}
}

func (v vector) rules() Rules {
	return Rules{Service: "service", Region: "us-east-1", Variant: v.options().Variant}
}

// unsigned is the request before it is signed.
func (v vector) unsigned() Request {
	r := Request{Method: v.Method, Host: "example.amazonaws.com", Header: http.Header{}, ContentLength: int64(len(v.Body))}
	r.Path, r.RawQuery, _ = strings.Cut(v.Target, "?")
	for _, h := range v.Headers {
		r.Header.Add(h[0], h[1])
	}
	return r
}

// signed is the request as the suite has it on the wire.
func (v vector) signed() Request {
	r := v.unsigned()
	credential := exampleKey + "/" + vectorScope.String()
	if v.Kind == "header" {
		r.Header.Set(headerDate, "20150830T123600Z")
		if v.Token != "" {
			r.Header.Set(headerToken, v.Token)
		}
		r.Header.Set(headerAuthorization, Algorithm+" Credential="+credential+", SignedHeaders="+v.Signed+", Signature="+v.Signature)
		return r
	}
	if r.RawQuery != "" {
		r.RawQuery += "&"
	}
	r.RawQuery += "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=" + strings.ReplaceAll(credential, "/", "%2F") +
		"&X-Amz-Date=20150830T123600Z&X-Amz-SignedHeaders=" + strings.ReplaceAll(v.Signed, ";", "%3B") + "&X-Amz-Expires=3600"
	if v.Token != "" {
		r.RawQuery += "&X-Amz-Security-Token=" + v.Token
	}
	r.RawQuery += "&X-Amz-Signature=" + v.Signature
	return r
}

func accept(r Request, body string, key *SigningKey, rules Rules) error {
	p, err := Parse(&r)
	if err != nil {
		return err
	}
	return p.Verify(HashBody([]byte(body)), key, vectorTime, rules)
}

func TestVectorsSign(t *testing.T) {
	for _, v := range loadVectors(t) {
		t.Run(v.Kind+"/"+v.Name, func(t *testing.T) {
			r := v.signed()
			got, err := compute(&r, strings.Split(v.Signed, ";"), exampleSecret, HashBody([]byte(v.Body)), vectorScope, vectorTime, v.options())
			if err != nil || got != v.Signature {
				t.Fatalf("compute = %s, %v; want %s", got, err, v.Signature)
			}
			if strings.Contains(v.Signed, "content-length") {
				return // Sign leaves it to net/http, so its own signature differs
			}
			r = v.unsigned()
			creds := Credentials{AccessKeyID: exampleKey, SecretAccessKey: exampleSecret, SessionToken: Secret(v.Token)}
			if v.Kind == "header" {
				err = Sign(&r, creds, HashBody([]byte(v.Body)), "service", "us-east-1", vectorTime, v.options())
				got = r.Header.Get("Authorization")
			} else {
				err = PresignRequest(&r, creds, HashBody([]byte(v.Body)), "service", "us-east-1", time.Hour, vectorTime, v.options())
				got = r.RawQuery
			}
			if err != nil || !strings.HasSuffix(got, "Signature="+v.Signature) {
				t.Fatalf("signed %s, %v; want %s", got, err, v.Signature)
			}
		})
	}
}

func TestVectorsVerify(t *testing.T) {
	for _, v := range loadVectors(t) {
		t.Run(v.Kind+"/"+v.Name, func(t *testing.T) {
			err := accept(v.signed(), v.Body, &vectorKey, v.rules())
			if v.Variant == "s3" && v.Kind == "query" {
				// S3 takes such a request as UNSIGNED-PAYLOAD, which these rules refuse.
				wantCode(t, err, CodeIncompleteSignature, http.StatusBadRequest)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
		})
	}
}

// mutants are changes to a signed request, none of which may verify.
func (v vector) mutants() map[string]func(r *Request, body *string) {
	m := map[string]func(r *Request, body *string){
		"method":   func(r *Request, _ *string) { r.Method = "PUT" },
		"path":     func(r *Request, _ *string) { r.Path += "x" },
		"segment":  func(r *Request, _ *string) { r.Path = "/other" + r.Path },
		"host":     func(r *Request, _ *string) { r.Host = "other.example.com" },
		"body":     func(_ *Request, body *string) { *body += "&Action=DeleteUser" },
		"addquery": func(r *Request, _ *string) { r.RawQuery = strings.TrimPrefix(r.RawQuery+"&Action=DeleteUser", "&") },
		"addamz":   func(r *Request, _ *string) { r.Header.Set("X-Amz-Acl", "public-read") },
		"region":   func(r *Request, _ *string) { v.replace(r, "us-east-1", "us-east-2") },
		"service":  func(r *Request, _ *string) { v.replace(r, "service", "iam") },
		"date":     func(r *Request, _ *string) { v.replace(r, "20150830", "20150829") },
		"addsigned": func(r *Request, _ *string) {
			r.Header.Set("Zz", "1")
			v.replace(r, v.Signed, v.Signed+";zz")
			v.replace(r, strings.ReplaceAll(v.Signed, ";", "%3B")+"&", strings.ReplaceAll(v.Signed, ";", "%3B")+"%3Bzz&")
		},
	}
	for _, name := range strings.Split(v.Signed, ";") {
		if name == "host" {
			continue
		}
		key := http.CanonicalHeaderKey(name)
		m["value of "+name] = func(r *Request, _ *string) {
			r.Header[key] = append([]string{r.Header[key][0] + "x"}, r.Header[key][1:]...)
		}
		m["without "+name] = func(r *Request, _ *string) { r.Header.Del(key); r.ContentLength = -1 }
		m["unsigned "+name] = func(r *Request, _ *string) {
			v.replace(r, ";"+name, "")
			v.replace(r, "%3B"+name, "")
			v.replace(r, "="+name+";", "=")
			v.replace(r, "="+name+"%3B", "=")
		}
	}
	r := v.signed()
	for i, part := range strings.Split(r.RawQuery, "&") {
		if part == "" {
			continue
		}
		m["changed "+part] = func(r *Request, _ *string) { r.RawQuery = replacePart(r.RawQuery, i, part+"1") }
		m["doubled "+part] = func(r *Request, _ *string) { r.RawQuery = replacePart(r.RawQuery, i, part+"&"+part) }
		m["dropped "+part] = func(r *Request, _ *string) { r.RawQuery = replacePart(r.RawQuery, i, "") }
	}
	for i := range v.Signature {
		flipped := []byte(v.Signature)
		flipped[i] = "123456789abcdef0"[strings.IndexByte("0123456789abcdef", flipped[i])]
		m["signature digit "+string(rune('A'+i))] = func(r *Request, _ *string) { v.replace(r, v.Signature, string(flipped)) }
	}
	m["upper-case signature"] = func(r *Request, _ *string) { v.replace(r, v.Signature, strings.ToUpper(v.Signature)) }
	m["short signature"] = func(r *Request, _ *string) { v.replace(r, v.Signature, v.Signature[:63]) }
	return m
}

// replace changes the signature, wherever it stands.
func (v vector) replace(r *Request, old, replacement string) {
	if v.Kind == "query" {
		r.RawQuery = strings.Replace(r.RawQuery, old, replacement, 1)
		return
	}
	r.Header.Set(headerAuthorization, strings.Replace(r.Header.Get(headerAuthorization), old, replacement, 1))
}

func replacePart(query string, i int, with string) string {
	parts := strings.Split(query, "&")
	parts[i] = with
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), "&")
}

func TestVectorsMutants(t *testing.T) {
	tried := 0
	for _, v := range loadVectors(t) {
		if v.Variant == "s3" && v.Kind == "query" {
			continue // TestVectorsVerify: refused unchanged
		}
		for name, mutate := range v.mutants() {
			r, body := v.signed(), v.Body
			mutate(&r, &body)
			tried++
			err := accept(r, body, &vectorKey, v.rules())
			var refused *Error
			if !errors.As(err, &refused) {
				t.Errorf("%s/%s: %s: %v, want a refusal", v.Kind, v.Name, name, err)
			}
		}
		other := DeriveKey("another"+string(exampleSecret), "20150830", "us-east-1", "service")
		wantCode(t, accept(v.signed(), v.Body, &other, v.rules()), CodeSignatureDoesNotMatch, http.StatusForbidden)
	}
	if tried < 4000 {
		t.Errorf("only %d mutants", tried)
	}
}

// wantCode fails unless err is an *Error of that code and status.
func wantCode(t testing.TB, err error, code string, status int) {
	t.Helper()
	var e *Error
	if !errors.As(err, &e) {
		t.Fatalf("error %v, want %s", err, code)
	}
	if e.Code != code || e.Status != status {
		t.Fatalf("error %v (%d), want %s (%d)", e, e.Status, code, status)
	}
}
