package server_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"sallyport/internal/server"
	"sallyport/test/inprocess"
)

const createUser = "Action=CreateUser&Version=2010-05-08&UserName=mallory"

// TestAttack11MalformedQueries: bodies that parsers disagree about are refused,
// signed by an administrator though they are.
func TestAttack11MalformedQueries(t *testing.T) {
	s := inprocess.New(t)
	const input, validation = "MalformedInput", "ValidationError"
	for _, c := range []struct{ name, body, code string }{
		{"bad escape", createUser + "&x=%zz", input},
		{"cut escape", createUser + "%", input},
		{"half an escape", createUser + "%4", input},
		{"escape in a name", createUser + "&%zz=1", input},
		{"not UTF-8", createUser + "%ff", input},
		{"overlong UTF-8", createUser + "%c0%af", input},
		{"surrogate", createUser + "%ed%a0%80", input},
		{"raw byte that is not UTF-8", createUser + "\xff", input},
		{"semicolon for ampersand", "Action=ListUsers;Action=CreateUser&Version=2010-05-08", input},
		{"action twice", createUser + "&Action=ListUsers", input},
		{"action twice, once escaped", createUser + "&%41ction=ListUsers", input},
		{"parameter twice", createUser + "&UserName=alice", input},
		{"version twice", createUser + "&Version=2010-05-08", input},
		{"too many parameters", createUser + strings.Repeat("&a", 10000), input},
		{"no name", createUser + "&=x", input},
		{"long name", createUser + "&" + strings.Repeat("n", 1025) + "=x", input},
		{"gap in a list", createUser + "&Tags.member.2.Key=k&Tags.member.2.Value=v", input},
		{"list from zero", createUser + "&Tags.member.0.Key=k&Tags.member.0.Value=v", input},
		{"number with a leading zero", createUser + "&Tags.member.01.Key=k&Tags.member.01.Value=v", input},
		{"huge number", createUser + "&Tags.member.99999999999999999999.Key=k", input},
		{"value where a list is", createUser + "&Tags=k", input},
		{"list where a value is", "Action=CreateUser&Version=2010-05-08&UserName.member.1=mallory", validation},
		{"control character", createUser + "%00", validation},
		{"line feed", createUser + "%0aFORGED", validation},
		{"look-alike letter", createUser + "%d0%b0", validation},
		{"empty name", "Action=CreateUser&Version=2010-05-08&UserName=", validation},
		{"missing name", "Action=CreateUser&Version=2010-05-08", validation},
		{"name too long", createUser + strings.Repeat("x", 64), validation},
		{"JSON", `{"Action":"CreateUser"}`, ""},
		{"binary", "\x00\x01\x02\x03", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := s.Post(c.body)
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			s.Admin.Sign(r, []byte(c.body), "iam")
			if c.code != "" {
				s.Refused(r, http.StatusBadRequest, c.code)
				return
			}
			before := s.Dump()
			if reply := s.Send(r); reply.Status != http.StatusBadRequest || reply.Code == "" || s.Dump() != before {
				t.Errorf("%d %s; state changed: %t", reply.Status, reply.Body, s.Dump() != before)
			}
		})
	}
}

// TestAttack11MalformedJSON: the same for the JSON protocol.
func TestAttack11MalformedJSON(t *testing.T) {
	s := inprocess.New(t)
	const serialization, validation = "SerializationException", "ValidationException"
	for _, c := range []struct{ name, body, code string }{
		{"nothing", "", serialization},
		{"garbage", "garbage", serialization},
		{"cut", `{"Email":"mallory@example.com"`, serialization},
		{"two values", `{"Email":"m@example.com","Name":"m"}{}`, serialization},
		{"list", `[]`, serialization},
		{"null", `null`, serialization},
		{"member twice", `{"Email":"m@example.com","Name":"m","Name":"n"}`, serialization},
		{"member twice, once escaped", `{"Email":"m@example.com","Name":"m","\u004eame":"n"}`, serialization},
		{"deep", `{"x":` + strings.Repeat("[", 10000) + strings.Repeat("]", 10000) + `}`, serialization},
		{"deep and cut", `{"x":` + strings.Repeat(`{"x":`, 10000), serialization},
		{"number for a string", `{"Email":1,"Name":"m"}`, serialization},
		{"list for a string", `{"Email":["m@example.com"],"Name":"m"}`, serialization},
		{"not UTF-8", "{\"Email\":\"m@example.com\",\"Name\":\"\xff\"}", serialization},
		{"lone surrogate", `{"Email":"m@example.com","Name":"\ud800"}`, serialization},
		{"comment", `{/*x*/"Email":"m@example.com","Name":"m"}`, serialization},
		{"byte order mark", "\ufeff" + `{"Email":"m@example.com","Name":"m"}`, serialization},
		{"other case", `{"email":"m@example.com","name":"m"}`, validation},
		{"missing", `{}`, validation},
		{"explicit null", `{"Email":null,"Name":null}`, validation},
		{"form", "Email=m%40example.com&Name=m", serialization},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := s.Post(c.body)
			r.Header.Set("Content-Type", "application/x-amz-json-1.1")
			r.Header.Set("X-Amz-Target", s.Operation("sallyport:CreateAccount").Service.TargetPrefix+".CreateAccount")
			s.Admin.Sign(r, []byte(c.body), "sallyport")
			s.Refused(r, http.StatusBadRequest, c.code)
		})
	}
	for _, target := range []string{"", ".", "CreateAccount", "Sallyport_20261101", "Sallyport_20261101.", ".CreateAccount",
		"sallyport_20261101.CreateAccount", "Sallyport_20261101.createAccount", "Sallyport_20261101.CreateAccount.x",
		"AWSOrganizationsV20161128.CreateAccount", strings.Repeat("x.", 5000)} {
		t.Run("target "+target[:min(len(target), 40)], func(t *testing.T) {
			body := `{"Email":"m@example.com","Name":"m"}`
			r := s.Post(body)
			r.Header.Set("Content-Type", "application/x-amz-json-1.1")
			if target != "" {
				r.Header.Set("X-Amz-Target", target)
			}
			s.Admin.Sign(r, []byte(body), "sallyport")
			s.Refused(r, http.StatusBadRequest, "UnknownOperationException")
		})
	}
}

// TestContentTypes: a body is read as what it says it is, or not at all.
func TestContentTypes(t *testing.T) {
	s := inprocess.New(t)
	for _, contentType := range []string{"", "text/plain", "multipart/form-data; boundary=x", "application/json", "application/xml",
		"application/x-amz-json-9.9", "application/x-www-form-urlencoded, application/json", "application/x-www-form-urlencoded; charset",
		"application/x-amz-cbor-1.1", ";", strings.Repeat("x/y;", 1000)} {
		t.Run(contentType[:min(len(contentType), 40)], func(t *testing.T) {
			r := s.Post(createUser)
			if contentType != "" {
				r.Header.Set("Content-Type", contentType)
			}
			s.Admin.Sign(r, []byte(createUser), "iam")
			s.Refused(r, http.StatusUnsupportedMediaType, "UnsupportedMediaType")
		})
	}
	for _, contentType := range []string{"application/x-www-form-urlencoded", "APPLICATION/X-WWW-FORM-URLENCODED", "application/x-www-form-urlencoded;charset=UTF-8"} {
		body := "Action=ListUsers&Version=2010-05-08"
		r := s.Post(body)
		r.Header.Set("Content-Type", contentType)
		s.Admin.Sign(r, []byte(body), "iam")
		s.Send(r).Want(200, "")
	}
}

// TestTruncated: a body that ends before its length is no request, and neither
// is one with two lengths.
func TestTruncated(t *testing.T) {
	s := inprocess.New(t)
	const head = "POST / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/x-www-form-urlencoded\r\n"
	for _, c := range []struct{ name, request, want string }{
		{"two lengths", head + "Content-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef", "HTTP/1.1 400 "},
		{"negative length", head + "Content-Length: -1\r\n\r\nabcdef", "HTTP/1.1 400 "},
		{"bad chunk", head + "Transfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n0\r\n\r\n", "IncompleteBody"},
		{"chunk without end", head + "Transfer-Encoding: chunked\r\n\r\n3\r\nabcX", "IncompleteBody"},
		{"length and chunks", head + "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n", "MissingAuthenticationToken"},
		{"unknown transfer encoding", head + "Transfer-Encoding: gzip\r\n\r\nabc", "HTTP/1.1 501 "},
		{"no host", strings.Replace(head, "Host: localhost\r\n", "", 1) + "Content-Length: 0\r\n\r\n", "HTTP/1.1 400 "},
		{"two hosts", head + "Host: example.com\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 400 "},
		{"no HTTP", "\x16\x03\x01\x02\x00", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			reply := raw(t, s, func(w io.Writer) {
				io.WriteString(w, c.request)
				if closer, ok := w.(interface{ CloseWrite() error }); ok {
					closer.CloseWrite()
				}
			})
			if !strings.Contains(reply, c.want) {
				t.Errorf("reply %.600s", reply)
			}
		})
	}
	t.Run("shorter than its length", func(t *testing.T) {
		reply := raw(t, s, func(w io.Writer) {
			fmt.Fprintf(w, head+"Content-Length: %d\r\n\r\nAction=", server.MaxBody)
			w.(interface{ CloseWrite() error }).CloseWrite()
		})
		if !strings.Contains(reply, "HTTP/1.1 400 ") || !strings.Contains(reply, "IncompleteBody") {
			t.Errorf("reply %.600s", reply)
		}
	})
}
