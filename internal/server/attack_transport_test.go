package server_test

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"testing"

	"sallyport/internal/app"
	"sallyport/internal/server"
	"sallyport/sigv4"
	"sallyport/test/inprocess"
)

// TestAttack01ForgedSignature: a signature that is not the key's opens nothing,
// in any payload mode, in the header or the query, on any route.
func TestAttack01ForgedSignature(t *testing.T) {
	s := inprocess.New(t)
	forger := s.Client(sigv4.Credentials{AccessKeyID: inprocess.AdminKey, SecretAccessKey: "guessed"})
	modes := []string{"", sigv4.UnsignedPayload, "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
		"STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"}
	for _, p := range protocols {
		for _, mode := range modes {
			for who, client := range map[string]*inprocess.Client{"forger": forger, "owner": s.Admin} {
				t.Run(fmt.Sprintf("%s/%s/%s", p.name, mode, who), func(t *testing.T) {
					r, body := s.Request(p.change, p.changeIn)
					hash := sigv4.HashBody(body)
					if mode != "" {
						hash = mode
						r.Header.Set("X-Amz-Content-Sha256", mode)
					}
					if err := sigv4.SignHTTP(r, client.Credentials, hash, p.service(), inprocess.Region, s.Now()); err != nil {
						t.Fatal(err)
					}
					before := s.Dump()
					reply := s.Send(r)
					status, code := p.spoken(403, "SignatureDoesNotMatch")
					if mode != "" { // no API here takes a body that is not signed, whoever sends it
						status, code = p.spoken(400, "IncompleteSignature")
					} else if who == "owner" { // the same request, signed with the key, is past the first door
						if strings.Contains(reply.Code, "Signature") {
							t.Errorf("the owner is told %s: %s", reply.Code, reply.Message)
						}
						return
					}
					reply.Want(status, code)
					if s.Dump() != before {
						t.Error("the state changed")
					}
				})
			}
		}
		t.Run(p.name+"/presigned", func(t *testing.T) {
			r, body := s.Request(p.change, p.changeIn)
			var err error
			r.URL, err = sigv4.Presign(r, forger.Credentials, sigv4.HashBody(body), p.service(), inprocess.Region, 60e9, s.Now())
			if err != nil {
				t.Fatal(err)
			}
			status, code := p.spoken(403, "SignatureDoesNotMatch")
			s.Refused(r, status, code)
		})
	}
}

// TestAttack02TwoIdentities: credentials in header and query at once.
func TestAttack02TwoIdentities(t *testing.T) {
	s := inprocess.New(t)
	for _, p := range protocols {
		r, body := s.Request(p.change, p.changeIn)
		signed, err := sigv4.Presign(r, s.Root.Credentials, sigv4.HashBody(body), p.service(), inprocess.Region, 60e9, s.Now())
		if err != nil {
			t.Fatal(err)
		}
		r.URL = signed
		s.Admin.Sign(r, body, p.service())
		status, code := p.spoken(403, "SignatureDoesNotMatch")
		s.Refused(r, status, code)
		// One of them in pieces is as bad.
		r, body = s.Request(p.change, p.changeIn)
		r.URL.RawQuery = "X-Amz-Credential=" + url.QueryEscape(inprocess.RootKey+"/20260102/us-east-1/iam/aws4_request")
		s.Admin.Sign(r, body, p.service())
		s.Refused(r, status, code)
		r, body = s.Request(p.change, p.changeIn)
		r.URL.RawQuery = "X-Amz-Security-Token=x"
		s.Admin.Sign(r, body, p.service())
		s.Refused(r, status, code)
	}
}

// TestAttack03TamperedRequest: nothing that counts can be changed under a valid
// signature.
func TestAttack03TamperedRequest(t *testing.T) {
	s := inprocess.New(t)
	for _, p := range protocols {
		for _, c := range []struct {
			name   string
			tamper func(r *http.Request, body string)
			path   bool // refused before the signature is looked at
		}{
			{"body", func(r *http.Request, body string) { setBody(r, strings.Replace(body, "mallory", "malice0", 1)) }, false},
			{"host", func(r *http.Request, _ string) { r.Host = "iam.example.com" }, false},
			{"query", func(r *http.Request, _ string) { r.URL.RawQuery = "Action=DeleteUser" }, false},
			{"method", func(r *http.Request, _ string) { r.Method = http.MethodPut }, true},
			{"path", func(r *http.Request, _ string) { r.URL.Path = "/x" }, true},
			{"unsigned token", func(r *http.Request, _ string) { r.Header.Set("X-Amz-Security-Token", "x") }, false},
			{"unsigned amz header", func(r *http.Request, _ string) { r.Header.Set("X-Amz-Acl", "public-read") }, false},
			{"second date", func(r *http.Request, _ string) {
				r.Header["X-Amz-Date"] = append(r.Header["X-Amz-Date"], "20260102T030406Z")
			}, false},
			{"second authorization", func(r *http.Request, _ string) {
				r.Header["Authorization"] = append(r.Header["Authorization"], r.Header.Get("Authorization"))
			}, false},
			{"content type", func(r *http.Request, _ string) { r.Header.Set("Content-Type", r.Header.Get("Content-Type")+"; x=y") }, false},
			{"signed headers", func(r *http.Request, _ string) {
				r.Header.Set("Authorization", strings.Replace(r.Header.Get("Authorization"), "host;", "", 1))
			}, false},
			{"region", func(r *http.Request, _ string) {
				r.Header.Set("Authorization", strings.Replace(r.Header.Get("Authorization"), "us-east-1", "us-west-2", 1))
			}, false},
		} {
			t.Run(p.name+"/"+c.name, func(t *testing.T) {
				r, body := s.Request(p.change, p.changeIn)
				s.Admin.Sign(r, body, p.service())
				c.tamper(r, string(body))
				before := s.Dump()
				reply := s.Send(r)
				if reply.Status < 400 || reply.Status >= 500 {
					t.Fatalf("%d: %s", reply.Status, reply.Body)
				}
				signature := []string{"SignatureDoesNotMatch", "InvalidSignatureException", "IncompleteSignature", "IncompleteSignatureException"}
				if !c.path && !contains(signature, reply.Code) {
					t.Errorf("code %q", reply.Code)
				}
				if s.Dump() != before {
					t.Error("the state changed")
				}
			})
		}
	}
}

func setBody(r *http.Request, body string) {
	r.Body, r.ContentLength, r.GetBody = io.NopCloser(strings.NewReader(body)), int64(len(body)), nil
}

func contains(list []string, s string) bool {
	for _, l := range list {
		if l == s {
			return true
		}
	}
	return false
}

// TestAttack06ScopeConfusion: what is dispatched decides which service the
// scope must name, and what is authorized (row wire-011).
func TestAttack06ScopeConfusion(t *testing.T) {
	s := inprocess.New(t)
	for _, p := range protocols {
		for _, service := range []string{"iam", "sts", "sallyport", "s3", ""} {
			if service == p.service() {
				continue
			}
			t.Run(p.name+"/"+service, func(t *testing.T) {
				r, body := s.Request(p.change, p.changeIn)
				s.Admin.Sign(r, body, service)
				status, code := p.spoken(403, "SignatureDoesNotMatch")
				if service == "" { // no element of a scope may be empty
					status, code = p.spoken(400, "IncompleteSignature")
				}
				reply := s.Refused(r, status, code)
				if service != "" {
					reply.WantMessage("Credential should be scoped to correct service: '" + p.service() + "'.")
				}
			})
		}
	}
	// A name in a header or another protocol's field doesn't redirect a query.
	r, body := s.Request("iam:ListUsers", nil)
	r.Header.Set("X-Amz-Target", "Sallyport_20261101.CreateAccount")
	s.Admin.Sign(r, body, "iam")
	if reply := s.Send(r); reply.Status != 200 || !strings.Contains(reply.Body, "ListUsersResponse") {
		t.Errorf("%d: %s", reply.Status, reply.Body)
	}
}

// TestAttack07ForwardedHeaders: a client can't say where it comes from, how, or
// who it is.
func TestAttack07ForwardedHeaders(t *testing.T) {
	policy := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:ListUsers","Resource":"*","Condition":{` +
		`"IpAddress":{"aws:SourceIp":"203.0.113.0/24"},"Bool":{"aws:SecureTransport":"true"}}}]}`
	for _, c := range []struct {
		name    string
		trusted []netip.Prefix
		headers map[string][]string
		ip      string
		allowed bool
	}{
		{"nobody is trusted", nil, map[string][]string{"X-Forwarded-For": {"203.0.113.7"}, "X-Forwarded-Proto": {"https"}}, "127.0.0.1", false},
		{"another is trusted", prefixes("10.0.0.0/8"), map[string][]string{"X-Forwarded-For": {"203.0.113.7"}, "X-Forwarded-Proto": {"https"}}, "127.0.0.1", false},
		{"trusted", prefixes("127.0.0.0/8"), map[string][]string{"X-Forwarded-For": {"203.0.113.7"}, "X-Forwarded-Proto": {"https"}}, "203.0.113.7", true},
		{"trusted, in plaintext", prefixes("127.0.0.0/8"), map[string][]string{"X-Forwarded-For": {"203.0.113.7"}, "X-Forwarded-Proto": {"http"}}, "203.0.113.7", false},
		{"trusted, two schemes", prefixes("127.0.0.0/8"), map[string][]string{"X-Forwarded-For": {"203.0.113.7"}, "X-Forwarded-Proto": {"http", "https"}}, "203.0.113.7", false},
		{"the client's own entry is further left", prefixes("127.0.0.0/8"), map[string][]string{"X-Forwarded-For": {"203.0.113.7, 198.51.100.9"}, "X-Forwarded-Proto": {"https"}}, "198.51.100.9", false},
		{"in two headers", prefixes("127.0.0.0/8"), map[string][]string{"X-Forwarded-For": {"203.0.113.7", "198.51.100.9"}, "X-Forwarded-Proto": {"https"}}, "198.51.100.9", false},
		{"through a chain of proxies", prefixes("127.0.0.0/8", "10.0.0.0/8"), map[string][]string{"X-Forwarded-For": {"203.0.113.7, 10.1.2.3"}, "X-Forwarded-Proto": {"https"}}, "203.0.113.7", true},
		{"not an address", prefixes("127.0.0.0/8"), map[string][]string{"X-Forwarded-For": {"203.0.113.7, unknown"}, "X-Forwarded-Proto": {"https"}}, "127.0.0.1", false},
		{"other headers", nil, map[string][]string{"Forwarded": {"for=203.0.113.7;proto=https"}, "X-Real-Ip": {"203.0.113.7"}, "True-Client-Ip": {"203.0.113.7"},
			"X-Amzn-Iam-Principal": {"arn:aws:iam::111122223333:root"}, "X-Remote-User": {"admin"}, "Cookie": {"session=admin"}}, "127.0.0.1", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := inprocess.New(t, func(config *app.Config) { config.TrustedProxies = c.trusted })
			s.Admin.Do("iam:CreateUser", inprocess.P{"UserName": "alice"})
			s.Admin.Do("iam:PutUserPolicy", inprocess.P{"UserName": "alice", "PolicyName": "p", "PolicyDocument": policy})
			alice := s.Client(s.Admin.Do("iam:CreateAccessKey", inprocess.P{"UserName": "alice"}).Credentials())
			r, body := s.Request("iam:ListUsers", nil)
			alice.Sign(r, body, "iam")
			for name, values := range c.headers {
				r.Header[name] = values
			}
			reply := s.Send(r)
			if c.allowed {
				reply.Want(200, "")
			} else {
				reply.Want(403, "AccessDenied")
			}
			record := s.RecordOf(reply, inprocess.Account)
			if record.SourceIPAddress != c.ip || record.UserIdentity["userName"] != "alice" {
				t.Errorf("source %s, identity %v", record.SourceIPAddress, record.UserIdentity)
			}
		})
	}
}

func prefixes(list ...string) []netip.Prefix {
	var out []netip.Prefix
	for _, p := range list {
		out = append(out, netip.MustParsePrefix(p))
	}
	return out
}

// TestAttack18InternalPaths: health says nothing, metrics need their token, and
// no other path answers anything.
func TestAttack18InternalPaths(t *testing.T) {
	s := inprocess.New(t)
	s.Admin.Do("iam:ListUsers", nil)
	get := func(method, path, authorization string) *inprocess.Reply {
		r, err := http.NewRequest(method, s.URL+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		if authorization != "" {
			r.Header.Set("Authorization", authorization)
		}
		return s.Send(r)
	}
	before := s.Dump()
	if got := get("GET", "/healthz", "").Body; got != `{"enforcement":"on","status":"ok"}`+"\n" {
		t.Errorf("/healthz says %s", got)
	}
	if got := get("GET", "/readyz", "").Body; got != `{"enforcement":"on","status":"ready"}`+"\n" {
		t.Errorf("/readyz says %s", got)
	}
	for _, authorization := range []string{"", "Bearer", "Bearer ", "Bearer x", "bearer " + inprocess.MetricsToken, "Basic " + inprocess.MetricsToken, "Bearer " + inprocess.MetricsToken + "x"} {
		reply := get("GET", "/metrics", authorization)
		if reply.Status != 401 || strings.Contains(reply.Body, "sallyport_") {
			t.Errorf("/metrics with %q: %d %s", authorization, reply.Status, reply.Body)
		}
	}
	if reply := get("GET", "/metrics", "Bearer "+inprocess.MetricsToken); reply.Status != 200 ||
		!strings.Contains(reply.Body, `sallyport_calls_total{code="OK",operation="ListUsers",service="iam"} 1`) {
		t.Errorf("/metrics with its token: %d %s", reply.Status, reply.Body)
	}
	for _, path := range []string{"/debug/pprof/", "/debug/vars", "/console/api/x", "/console/assets/x", "/console/assets/../x", "/signin/x", "/admin", "/v1", "/healthz/", "/metrics/x", "/%2e%2e/metrics", "/x?Action=ListUsers&Version=2010-05-08"} {
		for _, method := range []string{"GET", "POST", "PUT", "DELETE", "OPTIONS", "TRACE", "PATCH"} {
			if reply := get(method, path, "Bearer "+inprocess.MetricsToken); reply.Status != 404 && reply.Status != 405 {
				t.Errorf("%s %s: %d %s", method, path, reply.Status, reply.Body)
			}
		}
	}
	for _, method := range []string{"PUT", "DELETE", "OPTIONS", "TRACE", "PATCH", "HEAD"} {
		if reply := get(method, "/", ""); reply.Status != 405 {
			t.Errorf("%s /: %d", method, reply.Status)
		}
	}
	if s.Dump() != before {
		t.Error("the state changed")
	}
}

// TestOversized: a body over the limit is refused before it is kept, whether
// its length is announced or not.
func TestOversized(t *testing.T) {
	s := inprocess.New(t)
	for _, p := range protocols {
		for _, c := range []struct {
			name   string
			length int64
			size   int
			status int
		}{
			{"announced", server.MaxBody + 1, server.MaxBody + 1, 413},
			{"announced, far more", 1 << 40, 16, 413},
			{"chunked", -1, server.MaxBody + 1, 413},
			{"at the limit", server.MaxBody, server.MaxBody, 0},
		} {
			t.Run(p.name+"/"+c.name, func(t *testing.T) {
				reply := raw(t, s, func(w io.Writer) {
					contentType := "application/x-www-form-urlencoded"
					if p.json {
						contentType = "application/x-amz-json-1.1"
					}
					fmt.Fprintf(w, "POST / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: %s\r\n", contentType)
					if c.length < 0 {
						fmt.Fprintf(w, "Transfer-Encoding: chunked\r\n\r\n%x\r\n", c.size)
						w.Write(bytes.Repeat([]byte("x"), c.size))
						io.WriteString(w, "\r\n0\r\n\r\n")
						return
					}
					fmt.Fprintf(w, "Content-Length: %d\r\n\r\n", c.length)
					w.Write(bytes.Repeat([]byte("x"), c.size))
				})
				want := "HTTP/1.1 413 "
				if c.status == 0 { // large enough to be read, and then not signed
					want = "HTTP/1.1 40"
				}
				if !strings.HasPrefix(reply, want) {
					t.Errorf("reply %.300s", reply)
				}
				if c.status == 413 && !strings.Contains(reply, "RequestEntityTooLarge") {
					t.Errorf("reply %.600s", reply)
				}
			})
		}
	}
}

// raw sends bytes as they are and reads the reply. What can't be sent because
// the server has answered already is of no matter.
func raw(t *testing.T, s *inprocess.Server, send func(io.Writer)) string {
	t.Helper()
	before := s.Dump()
	c, err := net.Dial("tcp", strings.TrimPrefix(s.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	go send(c)
	reply, err := io.ReadAll(c)
	if err != nil && len(reply) == 0 {
		t.Fatal(err)
	}
	if s.Dump() != before {
		t.Error("the state changed")
	}
	return string(reply)
}
