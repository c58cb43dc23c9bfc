package server_test

import (
	"net/http"
	"strings"
	"testing"

	"sallyport/internal/server"
	"sallyport/test/inprocess"
)

// consoleCall is a call as the console makes them: every service in JSON, by the
// name of its signing scope.
func consoleCall(b *inprocess.Browser, s *inprocess.Server, target, body string) *http.Request {
	r := b.Console(s.Post(body))
	r.Header.Set("Content-Type", "application/x-amz-json-1.1")
	r.Header.Set("X-Amz-Target", target)
	return r
}

// TestConsoleCallsInJSON: where the console calls, a service of any protocol answers
// in JSON, and is authorized, validated and recorded like anywhere.
func TestConsoleCallsInJSON(t *testing.T) {
	s := inprocess.New(t)
	b := s.Browser()
	b.SignIn("admin", inprocess.AdminPassword)
	call := func(target, body string) *inprocess.Reply {
		t.Helper()
		return s.Send(consoleCall(b, s, target, body))
	}
	for _, c := range []struct {
		target, body string
		status       int
		code, says   string
	}{
		{"iam.CreateUser", `{"UserName":"alice","Path":"/staff/","Tags":[{"Key":"team","Value":"a"}]}`, 200, "", `{"User":{"Path":"/staff/","UserName":"alice",`},
		{"iam.GetUser", `{"UserName":"alice"}`, 200, "", `"CreateDate":17`},
		{"iam.DeleteUser", `{"UserName":"alice"}`, 200, "", ""},
		{"iam.GetUser", `{"UserName":"alice"}`, 404, "NoSuchEntity", "The user with name alice cannot be found."},
		{"iam.CreateUser", `{"UserName":"no/slash"}`, 400, "ValidationError", "userName"},
		{"iam.GetUser", `{"UserName":1}`, 400, "SerializationException", "NUMBER_VALUE"},
		{"iam.GetUser", `{"UserName":"a","UserName":"b"}`, 400, "SerializationException", "repeats"},
		{"sts.GetCallerIdentity", `{}`, 200, "", `"Arn":"arn:aws:iam::` + inprocess.Account + `:user/admin"`},
		{"sallyport.ListConsoleSessions", `{}`, 200, "", `"Current":true`},
		{"iam.None", `{}`, 400, "UnknownOperationException", ""},
		{"none.ListUsers", `{}`, 400, "UnknownOperationException", ""},
		{"ListUsers", `{}`, 400, "UnknownOperationException", ""},
		{"", `{}`, 400, "UnknownOperationException", ""},
	} {
		reply := call(c.target, c.body)
		if reply.Status != c.status || reply.Code != c.code || !strings.Contains(reply.Body, c.says) {
			t.Errorf("%s %s: %d %s", c.target, c.body, reply.Status, reply.Body)
		}
		if got := reply.Header.Get("Content-Type"); got != "application/x-amz-json-1.1" {
			t.Errorf("%s: Content-Type is %s", c.target, got)
		}
	}
	reply := call("iam.CreateUser", `{"UserName":"bob"}`)
	record := s.RecordOf(reply, inprocess.Account)
	if record.EventName != "CreateUser" || !strings.Contains(record.Raw, `"eventSource":"iam.amazonaws.com"`) || !strings.Contains(record.Raw, `"userName":"bob"`) ||
		!strings.Contains(record.Raw, `"sessionCredentialFromConsole":"true"`) {
		t.Errorf("the record is %s", record.Raw)
	}

	s.Root.Do("iam:CreateLoginProfile", inprocess.P{"UserName": "bob", "Password": "Correct-Horse-1"})
	bob := s.Browser()
	bob.SignIn("bob", "Correct-Horse-1")
	denied := s.Refused(consoleCall(bob, s, "iam.CreateUser", `{"UserName":"carol"}`), 403, "AccessDenied")
	if !strings.Contains(denied.Message, "user/bob is not authorized to perform: iam:CreateUser on resource: ") || denied.Header.Get(inprocess.MessageHeader) == "" {
		t.Errorf("denied: %s", denied.Message)
	}
	s.Refused(consoleCall(s.Browser(), s, "iam.CreateUser", `{"UserName":"carol"}`), 400, "ExpiredTokenException")
	foreign := consoleCall(b, s, "iam.CreateUser", `{"UserName":"carol"}`)
	foreign.Header.Del("X-Sallyport-Csrf")
	s.Refused(foreign, 403, "AccessDenied")
}

// TestConsoleNamesEveryOperation: each served operation goes by that name where the
// console calls, and there alone.
func TestConsoleNamesEveryOperation(t *testing.T) {
	s := inprocess.New(t)
	seen := 0
	for _, service := range server.Services() {
		for _, op := range service.Operations {
			seen++
			target := service.SigningName + "." + op.Name
			// Nobody is signed in: what is known is told so, at the first door.
			s.Send(consoleCall(s.Browser(), s, target, `{}`)).Want(400, "ExpiredTokenException")
			if service.TargetPrefix == service.SigningName {
				continue
			}
			r := s.Post(`{}`)
			r.Header.Set("Content-Type", "application/x-amz-json-1.1")
			r.Header.Set("X-Amz-Target", target)
			s.Admin.Sign(r, []byte(`{}`), service.SigningName)
			s.Send(r).Want(400, "UnknownOperationException")
		}
	}
	if seen < 190 {
		t.Errorf("%d operations", seen)
	}
}
