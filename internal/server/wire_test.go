package server_test

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"testing"
	"time"

	"sallyport/internal/app"
	"sallyport/internal/server"
	"sallyport/sigv4"
	"sallyport/test/inprocess"
)

// TestWire: rows wire-001 to wire-005, byte for byte.
func TestWire(t *testing.T) {
	s := inprocess.New(t)
	for _, c := range []struct {
		name, call string
		in         inprocess.P
		status     int
		body       string // ID stands for the request id
	}{
		{"no result", "iam:CreateAccountAlias", inprocess.P{"AccountAlias": "anycompany"}, 200,
			"<CreateAccountAliasResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\">\n  <ResponseMetadata>\n    <RequestId>ID</RequestId>\n  </ResponseMetadata>\n</CreateAccountAliasResponse>\n"},
		{"empty list", "iam:ListGroupsForUser", inprocess.P{"UserName": "admin"}, 200,
			"<ListGroupsForUserResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\">\n  <ListGroupsForUserResult>\n    <Groups/>\n    <IsTruncated>false</IsTruncated>\n  </ListGroupsForUserResult>\n" +
				"  <ResponseMetadata>\n    <RequestId>ID</RequestId>\n  </ResponseMetadata>\n</ListGroupsForUserResponse>\n"},
		{"error", "iam:GetUser", inprocess.P{"UserName": "bob"}, 404,
			"<ErrorResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\">\n  <Error>\n    <Type>Sender</Type>\n    <Code>NoSuchEntity</Code>\n    <Message>The user with name bob cannot be found.</Message>\n  </Error>\n" +
				"  <RequestId>ID</RequestId>\n</ErrorResponse>\n"},
		{"error of STS", "sts:AssumeRole", inprocess.P{"RoleArn": "nothing-valid-in-here", "RoleSessionName": "Session1"}, 400,
			"<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\n  <Error>\n    <Type>Sender</Type>\n    <Code>ValidationError</Code>\n    <Message>nothing-valid-in-here is invalid</Message>\n  </Error>\n" +
				"  <RequestId>ID</RequestId>\n</ErrorResponse>\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			reply := s.Admin.Call(c.call, c.in)
			id := reply.Header.Get("X-Amzn-Requestid")
			if len(id) != 36 || id != strings.ToLower(id) {
				t.Errorf("request id %q is no UUID in lower case", id)
			}
			if got := strings.ReplaceAll(reply.Body, id, "ID"); reply.Status != c.status || got != c.body {
				t.Errorf("%d\n%s\nwant %d\n%s", reply.Status, got, c.status, c.body)
			}
			if got := reply.Header.Get("Content-Type"); got != "text/xml" {
				t.Errorf("Content-Type %s", got)
			}
			if reply.Header.Get("Content-Length") != strconv.Itoa(len(reply.Body)) || reply.Header.Get("Date") == "" {
				t.Errorf("headers %v", reply.Header)
			}
		})
	}
	// ListGroupsForUser had exactly this many bytes (row wire-002).
	if got := len(s.Admin.Do("iam:ListGroupsForUser", inprocess.P{"UserName": "admin"}).Body); got != 322 {
		t.Errorf("an empty ListGroupsForUser has %d bytes, AWS's has 322", got)
	}
}

// TestAttack01EveryOperation: a forged signature opens no operation of any
// service, and neither does none at all. Those that are not signed ask for what
// proves who calls in its place.
func TestAttack01EveryOperation(t *testing.T) {
	s := inprocess.New(t)
	forger := s.Client(sigv4.Credentials{AccessKeyID: inprocess.RootKey, SecretAccessKey: "guessed"})
	before, served, unsigned := s.Dump(), 0, 0
	for _, service := range server.Services() {
		for _, op := range service.Operations {
			served++
			name := service.SigningName + ":" + op.Name
			p := protocol{json: service.Protocol != "query"}
			spoken := func(status int, code string) (int, string) {
				given, code := p.spoken(status, code)
				if service.Protocol == "rest-json" {
					given = status // its names, and HTTP's statuses
				}
				return given, code
			}
			status, code := spoken(403, "SignatureDoesNotMatch")
			_, implemented := app.Operations().Lookup(op)
			if op.Unsigned && implemented {
				unsigned++
				status, code = 400, "ValidationError"
			}
			if reply := forger.Call(name, nil); reply.Status != status || reply.Code != code {
				t.Errorf("%s, forged: %d %s", name, reply.Status, reply.Code)
			}
			if !op.Unsigned || !implemented {
				status, code = spoken(403, "MissingAuthenticationToken")
			}
			r, _ := s.Request(name, nil)
			if reply := s.Send(r); reply.Status != status || reply.Code != code {
				t.Errorf("%s, unsigned: %d %s", name, reply.Status, reply.Code)
			}
		}
	}
	if served < len(app.Operations().All()) || unsigned < 1 {
		t.Errorf("only %d operations were tried, %d of them not signed", served, unsigned)
	}
	if s.Dump() != before {
		t.Error("the state changed")
	}
}

// TestAttack03Paths: only "/" is the API's path, as it was sent. What a router
// would tidy into it, or into an internal path, is refused on record.
func TestAttack03Paths(t *testing.T) {
	s := inprocess.New(t)
	const body = createUser
	for _, path := range []string{"//", "/./", "/../", "/x/..", "/%2e/", "/%2f", "/;x", "/healthz/..", "//healthz", "/./metrics", "/%68ealthz", "*x"} {
		t.Run(path, func(t *testing.T) {
			r := s.Post(body)
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			s.Admin.Sign(r, []byte(body), "iam")
			for _, method := range []string{"POST", "GET"} {
				reply := raw(t, s, func(w io.Writer) {
					fmt.Fprintf(w, "%s %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\nContent-Type: application/x-www-form-urlencoded\r\nX-Amz-Date: %s\r\nAuthorization: %s\r\nContent-Length: %d\r\n\r\n%s",
						method, path, r.URL.Host, r.Header.Get("X-Amz-Date"), r.Header.Get("Authorization"), len(body), body)
				})
				if path == "*x" { // no request target (RFC 9112, section 3.2)
					if !strings.HasPrefix(reply, "HTTP/1.1 400 ") {
						t.Errorf("%s: %.300s", method, reply)
					}
					continue
				}
				_, id, _ := strings.Cut(reply, "X-Amzn-Requestid: ")
				id, _, _ = strings.Cut(id, "\r\n")
				if !strings.HasPrefix(reply, "HTTP/1.1 404 ") || !onRecord(s, id, "NotFound") {
					t.Errorf("%s: not refused on record: %.600s", method, reply)
				}
			}
		})
	}
}

// onRecord reports whether the request has a record with this code. What is
// still gathered in memory is waited for.
func onRecord(s *inprocess.Server, requestID, code string) bool {
	for deadline := time.Now().Add(time.Minute); requestID != "" && time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		for _, record := range s.Trail() {
			if record.RequestID == requestID {
				return record.ErrorCode == code
			}
		}
	}
	return false
}
