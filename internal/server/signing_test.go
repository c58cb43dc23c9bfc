package server_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"sallyport/internal/sts"
	"sallyport/sigv4"
	"sallyport/test/inprocess"
)

// A protocol is one of those served, with a call that needs nothing but
// authentication to be answered and a call that changes something.
type protocol struct {
	name, call string
	in         inprocess.P
	change     string
	changeIn   inprocess.P
	json       bool
}

func (p protocol) service() string { name, _, _ := strings.Cut(p.call, ":"); return name }

// protocols are the routes of every served API.
var protocols = []protocol{
	{"iam", "iam:ListUsers", nil, "iam:CreateUser", inprocess.P{"UserName": "mallory"}, false},
	{"sts", "sts:GetCallerIdentity", nil, "sts:AssumeRole", inprocess.P{"RoleArn": "arn:aws:iam::111122223333:role/deploy", "RoleSessionName": "mallory"}, false},
	{"sallyport", "sallyport:Evaluate", inprocess.P{"PrincipalArn": "arn:aws:iam::111122223333:user/admin", "Action": "s3:GetObject"},
		"sallyport:CreateAccount", inprocess.P{"Email": "mallory@example.com", "Name": "AnyCompany"}, true},
}

// spoken is how a protocol says an error of authentication that the query
// protocol gives with this status and code.
func (p protocol) spoken(status int, code string) (int, string) {
	if !p.json {
		return status, code
	}
	names := map[string]string{
		"MissingAuthenticationToken": "MissingAuthenticationTokenException", "IncompleteSignature": "IncompleteSignatureException",
		"SignatureDoesNotMatch": "InvalidSignatureException", "InvalidClientTokenId": "UnrecognizedClientException",
		"ExpiredToken": "ExpiredTokenException", "RequestExpired": "RequestExpired",
	}
	return http.StatusBadRequest, names[code]
}

const mismatch = "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details."

// keys are credentials in every condition.
type keys struct{ alice, inactive, deleted, session, otherSession, expired sigv4.Credentials }

func makeKeys(s *inprocess.Server) keys {
	var k keys
	s.Admin.Do("iam:CreateUser", inprocess.P{"UserName": "alice"})
	s.Admin.Do("iam:PutUserPolicy", inprocess.P{"UserName": "alice", "PolicyName": "all", "PolicyDocument": allow("*", "*")})
	make := func() sigv4.Credentials {
		return s.Admin.Do("iam:CreateAccessKey", inprocess.P{"UserName": "alice"}).Credentials()
	}
	k.deleted = make()
	s.Admin.Do("iam:DeleteAccessKey", inprocess.P{"UserName": "alice", "AccessKeyId": k.deleted.AccessKeyID})
	k.inactive = make()
	s.Admin.Do("iam:UpdateAccessKey", inprocess.P{"UserName": "alice", "AccessKeyId": k.inactive.AccessKeyID, "Status": "Inactive"})
	k.alice = make()
	k.expired = s.Client(k.alice).Do("sts:GetSessionToken", inprocess.P{"DurationSeconds": "900"}).Credentials()
	s.Advance(15 * time.Minute)
	k.session = s.Client(k.alice).Do("sts:GetSessionToken", nil).Credentials()
	k.otherSession = s.Client(k.alice).Do("sts:GetSessionToken", nil).Credentials()
	return k
}

func allow(action, resource string) string {
	return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"` + action + `","Resource":"` + resource + `"}]}`
}

// TestAttack04Credentials: unknown, inactive, deleted and expired credentials,
// and session tokens that are missing, forged or another key's, open nothing.
func TestAttack04Credentials(t *testing.T) {
	s := inprocess.New(t)
	k := makeKeys(s)
	forged := k.session
	forged.SessionToken = k.session.SessionToken[:len(k.session.SessionToken)-8] + "AAAAAAA="
	swapped := k.session
	swapped.SessionToken = k.otherSession.SessionToken
	bare := k.session
	bare.SessionToken = ""
	longTerm := k.alice
	longTerm.SessionToken = k.session.SessionToken
	for _, c := range []struct {
		name        string
		credentials sigv4.Credentials
		status      int
		code        string
		message     string
	}{
		{"unknown key", sigv4.Credentials{AccessKeyID: "AKIAIOSFODNN7EXAMPLE", SecretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"}, 403, "InvalidClientTokenId", "The security token included in the request is invalid."},
		{"unknown key that names an account", sigv4.Credentials{AccessKeyID: k.deleted.AccessKeyID[:19] + "A", SecretAccessKey: k.deleted.SecretAccessKey}, 403, "InvalidClientTokenId", ""},
		{"empty secret", sigv4.Credentials{AccessKeyID: "AKIAIOSFODNN7EXAMPLE"}, 403, "InvalidClientTokenId", ""},
		{"inactive key", k.inactive, 403, "InvalidClientTokenId", "The security token included in the request is invalid."},
		{"deleted key", k.deleted, 403, "InvalidClientTokenId", "The security token included in the request is invalid."},
		{"wrong secret", sigv4.Credentials{AccessKeyID: k.alice.AccessKeyID, SecretAccessKey: k.inactive.SecretAccessKey}, 403, "SignatureDoesNotMatch", mismatch},
		{"root's key with an empty secret", sigv4.Credentials{AccessKeyID: inprocess.RootKey}, 403, "SignatureDoesNotMatch", mismatch},
		{"session without token", bare, 403, "InvalidClientTokenId", ""},
		{"session with a forged token", forged, 403, "InvalidClientTokenId", ""},
		{"session with another session's token", swapped, 403, "InvalidClientTokenId", ""},
		{"long-term key with a session's token", longTerm, 403, "InvalidClientTokenId", ""},
		{"session with a token that is no token", sigv4.Credentials{AccessKeyID: k.session.AccessKeyID, SecretAccessKey: k.session.SecretAccessKey, SessionToken: "x"}, 403, "InvalidClientTokenId", ""},
		{"session with a token of the largest size", sigv4.Credentials{AccessKeyID: k.session.AccessKeyID, SecretAccessKey: k.session.SecretAccessKey, SessionToken: sigv4.Secret(strings.Repeat("A", sts.MaxTokenBytes))}, 403, "InvalidClientTokenId", ""},
		{"session with another session's secret", sigv4.Credentials{AccessKeyID: k.session.AccessKeyID, SecretAccessKey: k.otherSession.SecretAccessKey, SessionToken: k.session.SessionToken}, 403, "SignatureDoesNotMatch", mismatch},
		{"expired session", k.expired, 403, "ExpiredToken", "The security token included in the request is expired"},
	} {
		for _, p := range protocols {
			t.Run(c.name+"/"+p.name, func(t *testing.T) {
				status, code := p.spoken(c.status, c.code)
				client := s.Client(c.credentials)
				client.Refused(p.call, p.in, status, code)
				reply := client.Refused(p.change, p.changeIn, status, code)
				if c.message != "" {
					reply.WantMessage(c.message)
				}
			})
		}
	}
	// The keys that are good stay good.
	s.Client(k.alice).Do("iam:ListUsers", nil)
	if arn := s.Client(k.session).Do("sts:GetCallerIdentity", nil).Text("Arn"); arn != "arn:aws:iam::111122223333:user/alice" {
		t.Errorf("the session's caller is %s", arn)
	}
	s.Client(k.session).Do("sallyport:Evaluate", protocols[2].in)
}

// TestAttack05Clocks: skew, presign expiry, and the scope's date.
func TestAttack05Clocks(t *testing.T) {
	s := inprocess.New(t)
	now := s.Now()
	for _, p := range protocols {
		for _, c := range []struct {
			name    string
			at      time.Time
			status  int
			code    string
			message string
		}{
			{"15 minutes old", now.Add(-15 * time.Minute), 200, "", ""},
			{"older", now.Add(-15*time.Minute - time.Second), 403, "SignatureDoesNotMatch",
				"Signature expired: 20260102T024904Z is now earlier than 20260102T024905Z (20260102T030405Z - 15 min.)"},
			{"15 minutes ahead", now.Add(15 * time.Minute), 200, "", ""},
			{"further ahead", now.Add(15*time.Minute + time.Second), 403, "SignatureDoesNotMatch",
				"Signature not yet current: 20260102T031906Z is still later than 20260102T031905Z (20260102T030405Z + 15 min.)"},
			{"a year old", now.AddDate(-1, 0, 0), 403, "SignatureDoesNotMatch", ""},
		} {
			t.Run(p.name+"/"+c.name, func(t *testing.T) {
				r, body := s.Request(p.call, p.in)
				s.Admin.SignAt(r, body, p.service(), c.at)
				if c.status == 200 {
					s.Send(r).Want(200, "")
					return
				}
				status, code := p.spoken(c.status, c.code)
				if reply := s.Refused(r, status, code); c.message != "" {
					reply.WantMessage(c.message)
				}
			})
		}
		t.Run(p.name+"/scope of another day", func(t *testing.T) {
			r, body := s.Request(p.call, p.in)
			s.Admin.Sign(r, body, p.service())
			r.Header.Set("Authorization", strings.Replace(r.Header.Get("Authorization"), "/20260102/", "/20260101/", 1))
			status, code := p.spoken(403, "SignatureDoesNotMatch")
			s.Refused(r, status, code)
		})
	}
}

// TestPresigned: queries presigned for GET and POST work for as long as they say.
func TestPresigned(t *testing.T) {
	s := inprocess.New(t)
	presign := func(method string, expires time.Duration) *http.Request {
		r, err := http.NewRequest(method, s.URL+"/?"+s.Form("sts:GetCallerIdentity", nil).Encode(), nil)
		if err != nil {
			t.Fatal(err)
		}
		if method == http.MethodPost {
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		}
		r.URL, err = sigv4.Presign(r, s.Admin.Credentials, sigv4.EmptyBodySHA256, "sts", inprocess.Region, expires, s.Now())
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	for _, method := range []string{http.MethodGet, http.MethodPost} {
		t.Run(method, func(t *testing.T) {
			r := presign(method, time.Minute)
			if reply := s.Send(r); reply.Status != 200 || reply.Text("Arn") != "arn:aws:iam::111122223333:user/admin" {
				t.Fatalf("%d: %s", reply.Status, reply.Body)
			}
			again, edited, post := r.Clone(t.Context()), r.Clone(t.Context()), r.Clone(t.Context())
			edited.URL.RawQuery = strings.Replace(edited.URL.RawQuery, "GetCallerIdentity", "GetSessionToken", 1)
			s.Refused(edited, 403, "SignatureDoesNotMatch").WantMessage(mismatch)
			post.Method = http.MethodPut
			s.Refused(post, 405, "MethodNotAllowed")
			s.Advance(time.Minute)
			s.Send(again.Clone(t.Context())).Want(200, "")
			s.Advance(time.Second)
			s.Refused(again, 400, "RequestExpired").WantMessage("Request has expired.")
		})
	}
	for _, expires := range []string{"0", "604801", "-1", "x", ""} {
		r := presign(http.MethodGet, time.Minute)
		r.URL.RawQuery = strings.Replace(r.URL.RawQuery, "X-Amz-Expires=60", "X-Amz-Expires="+expires, 1)
		reply := s.Send(r)
		if reply.Status == 200 {
			t.Errorf("X-Amz-Expires=%q was accepted", expires)
		}
	}
}

// TestUnsigned: rows wire-006 to wire-011, on every route.
func TestUnsigned(t *testing.T) {
	s := inprocess.New(t)
	for _, p := range protocols {
		t.Run(p.name, func(t *testing.T) {
			r, _ := s.Request(p.change, p.changeIn)
			status, code := p.spoken(403, "MissingAuthenticationToken")
			s.Refused(r, status, code).WantMessage("Request is missing Authentication Token")
			for name, authorization := range map[string]string{
				"empty": "", "basic": "Basic YWRtaW46YWRtaW4=", "bearer": "Bearer " + inprocess.MetricsToken,
				"no parameters":  "AWS4-HMAC-SHA256",
				"no signature":   "AWS4-HMAC-SHA256 Credential=" + inprocess.AdminKey + "/20260102/us-east-1/iam/aws4_request, SignedHeaders=host",
				"signature v2":   "AWS " + inprocess.AdminKey + ":c2lnbmF0dXJl",
				"another scheme": "AWS4-ECDSA-P256-SHA256 Credential=" + inprocess.AdminKey + "/20260102/iam/aws4_request, SignedHeaders=host, Signature=00",
			} {
				r, _ := s.Request(p.change, p.changeIn)
				r.Header.Set("Authorization", authorization)
				r.Header.Set("X-Amz-Date", "20260102T030405Z")
				want, code := p.spoken(400, "IncompleteSignature")
				if authorization == "" {
					want, code = p.spoken(403, "MissingAuthenticationToken")
				}
				t.Run(name, func(t *testing.T) { s.Refused(r, want, code) })
			}
		})
	}
}

// TestUnknownOperations: what no API has is told to callers that are known, in
// AWS's words (row wire-006), and to others not at all.
func TestUnknownOperations(t *testing.T) {
	s := inprocess.New(t)
	for _, c := range []struct {
		name, body, service string
		status              int
		code, message       string
	}{
		{"unknown action", "Action=ListUserssssss&Version=2010-05-08", "iam", 400, "InvalidAction", "Could not find operation ListUserssssss for version 2010-05-08"},
		{"action of another service", "Action=GetCallerIdentity&Version=2010-05-08", "iam", 400, "InvalidAction", "Could not find operation GetCallerIdentity for version 2010-05-08"},
		{"case of the action", "Action=listusers&Version=2010-05-08", "iam", 400, "InvalidAction", "Could not find operation listusers for version 2010-05-08"},
		{"no version", "Action=ListUsers", "iam", 400, "InvalidAction", "Could not find operation ListUsers for version NO_VERSION_SPECIFIED"},
		{"unknown version", "Action=ListUsers&Version=2011-06-16", "iam", 400, "InvalidAction", "Could not find operation ListUsers for version 2011-06-16"},
		{"no action", "Version=2010-05-08", "iam", 400, "MissingAction", ""},
		{"nothing", "", "sts", 400, "MissingAction", ""},
		{"not served", "Action=UpdateDelegationRequest&Version=2010-05-08", "iam", 0, "", ""},
		{"control characters", "Action=%0d%0aX%1b[31m&Version=2010-05-08", "iam", 400, "InvalidAction", "Could not find operation ??X?[31m for version 2010-05-08"},
	} {
		t.Run(c.name, func(t *testing.T) {
			send := func(client *inprocess.Client) *http.Request {
				r := s.Post(c.body)
				r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
				client.Sign(r, []byte(c.body), c.service)
				return r
			}
			if c.code == "" {
				reply := s.Send(send(s.Admin))
				if reply.Status < 400 {
					t.Errorf("an operation that is not served answered %d", reply.Status)
				}
				return
			}
			reply := s.Refused(send(s.Admin), c.status, c.code)
			if c.message != "" {
				reply.WantMessage(c.message)
			}
			if c.code == "InvalidAction" && !strings.Contains(reply.Body, `xmlns="http://webservices.amazon.com/AWSFault/2005-15-09"`) {
				t.Errorf("namespace of %s", reply.Body)
			}
			nobody := s.Client(sigv4.Credentials{AccessKeyID: "AKIAIOSFODNN7EXAMPLE", SecretAccessKey: "x"})
			s.Refused(send(nobody), 403, "InvalidClientTokenId")
		})
	}
	r, body := s.Request("sallyport:Evaluate", nil)
	r.Header.Set("X-Amz-Target", "Sallyport_20260101.Nothing")
	s.Admin.Sign(r, body, "sallyport")
	s.Refused(r, 400, "UnknownOperationException")
}
