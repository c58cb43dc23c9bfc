package inprocess

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"sallyport/internal/api"
	"sallyport/internal/protocol/restjson"
	"sallyport/internal/server"
	"sallyport/sigv4"
)

// Region is what clients sign for.
const Region = "us-east-1"

// MessageHeader holds the encoded authorization message of a denial.
const MessageHeader = "X-Sallyport-Authorization-Message"

// P are the parameters of a call: names as in a query ("Tags.member.1.Key"), or
// the members of a JSON call. Those that are not strings are given as JSON.
type P map[string]string

// A Client signs calls with one pair of credentials.
type Client struct {
	Credentials sigv4.Credentials
	server      *Server
}

// Client returns a client with these credentials.
func (s *Server) Client(c sigv4.Credentials) *Client { return &Client{Credentials: c, server: s} }

// Operation finds "iam:GetUser" among the served APIs.
func (s *Server) Operation(name string) *api.Operation {
	s.Helper()
	prefix, op, _ := strings.Cut(name, ":")
	for _, service := range server.Services() {
		if found, ok := service.Operation(op); ok && service.SigningName == prefix {
			return found
		}
	}
	s.Fatalf("no served API has the operation %s", name)
	return nil
}

// Request is the unsigned request of a call, in the protocol of its service,
// and its body.
func (s *Server) Request(name string, in P) (*http.Request, []byte) {
	s.Helper()
	op := s.Operation(name)
	if op.Service.Protocol == "rest-json" {
		return s.rest(op, in)
	}
	if op.Service.Protocol != "query" {
		members := make(map[string]any, len(in))
		for name, value := range in {
			members[name] = value
			if m, ok := op.Input.Member(name); ok && m.Shape.Kind != api.String {
				members[name] = jsontext.Value(value)
			}
		}
		body, err := json.Marshal(members, json.Deterministic(true))
		if err != nil {
			s.Fatal(err)
		}
		r := s.Post(string(body))
		r.Header.Set("Content-Type", "application/x-amz-json-1.1")
		r.Header.Set("X-Amz-Target", op.Service.TargetPrefix+"."+op.Name)
		return r, body
	}
	body := s.Form(name, in).Encode()
	r := s.Post(body)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
	return r, []byte(body)
}

// rest is the request of a REST call, by the traits of its input's members. What is
// asked for in the path and not given is "x".
func (s *Server) rest(op *api.Operation, in P) (*http.Request, []byte) {
	s.Helper()
	path, query, members := op.HTTPPath, url.Values{}, map[string]any{}
	for _, m := range op.Input.Members {
		value, given := in[m.Name]
		switch {
		case m.Location == "uri":
			if !given {
				value = "x"
			}
			path = strings.ReplaceAll(path, "{"+m.WireName+"}", url.PathEscape(value))
		case !given:
		case m.Location == "querystring":
			query.Set(m.WireName, value)
		case m.Shape.Kind == api.String:
			members[m.WireName] = value
		default:
			members[m.WireName] = jsontext.Value(value)
		}
	}
	body := []byte{}
	if op.HTTPMethod != http.MethodGet {
		var err error
		if body, err = json.Marshal(members, json.Deterministic(true)); err != nil {
			s.Fatal(err)
		}
	}
	if len(query) > 0 {
		path += "?" + query.Encode()
	}
	r, err := http.NewRequest(op.HTTPMethod, s.URL+path, strings.NewReader(string(body)))
	if err != nil {
		s.Fatal(err)
	}
	r.Header.Set("Content-Type", restjson.ContentType)
	return r, body
}

// Form are the parameters of a query, Action and Version among them.
func (s *Server) Form(name string, in P) url.Values {
	s.Helper()
	op := s.Operation(name)
	form := url.Values{"Action": {op.Name}, "Version": {op.Service.APIVersion}}
	for k, v := range in {
		form.Set(k, v)
	}
	return form
}

// Post is a POST to the API's path.
func (s *Server) Post(body string) *http.Request {
	s.Helper()
	r, err := http.NewRequest(http.MethodPost, s.URL+"/", strings.NewReader(body))
	if err != nil {
		s.Fatal(err)
	}
	return r
}

// Sign signs a request in its header, now, for a service.
func (c *Client) Sign(r *http.Request, body []byte, service string) {
	c.server.Helper()
	c.SignAt(r, body, service, c.server.Now())
}

// SignAt is Sign with another time.
func (c *Client) SignAt(r *http.Request, body []byte, service string, at time.Time) {
	c.server.Helper()
	if err := sigv4.SignHTTP(r, c.Credentials, sigv4.HashBody(body), service, Region, at); err != nil {
		c.server.Fatal(err)
	}
}

// Signed is the signed request of a call.
func (c *Client) Signed(name string, in P) *http.Request {
	c.server.Helper()
	r, body := c.server.Request(name, in)
	c.Sign(r, body, c.server.Operation(name).Service.SigningName)
	return r
}

// Call makes one signed call, such as "iam:GetUser".
func (c *Client) Call(name string, in P) *Reply {
	c.server.Helper()
	return c.server.Send(c.Signed(name, in))
}

// Do makes a call that must succeed.
func (c *Client) Do(name string, in P) *Reply {
	c.server.Helper()
	reply := c.Call(name, in)
	if reply.Status != http.StatusOK {
		c.server.Fatalf("%s %v: %d %s: %s", name, in, reply.Status, reply.Code, reply.Message)
	}
	return reply
}

// Refused makes a call that must be refused with this status and code, and
// leave the state as it was.
func (c *Client) Refused(name string, in P, status int, code string) *Reply {
	c.server.Helper()
	return c.server.Refused(c.Signed(name, in), status, code)
}

// Denied makes a call that must be refused with AccessDenied, in AWS's words
// for the action.
func (c *Client) Denied(name string, in P, action string) *Reply {
	c.server.Helper()
	status, code := http.StatusForbidden, "AccessDenied"
	switch c.server.Operation(name).Service.Protocol {
	case "query":
	case "rest-json":
		code = "AccessDeniedException"
	default:
		status, code = http.StatusBadRequest, "AccessDeniedException"
	}
	reply := c.Refused(name, in, status, code)
	want := " is not authorized to perform: " + action + " on resource: "
	switch action {
	case "sts:GetAccessKeyInfo", "sts:DecodeAuthorizationMessage", "cloudtrail:LookupEvents": // whose denials name no resource
		want = " is not authorized to perform: " + action + " "
	}
	if !strings.Contains(reply.Message, want) {
		c.server.Errorf("%s: message %q does not say %q", name, reply.Message, want)
	}
	return reply
}

// Refused sends a request that must be refused, and leave the state as it was.
func (s *Server) Refused(r *http.Request, status int, code string) *Reply {
	s.Helper()
	before := s.Dump()
	reply := s.Send(r)
	reply.Want(status, code)
	if after := s.Dump(); after != before {
		s.Errorf("the state changed\nfrom\n%s\nto\n%s", before, after)
	}
	return reply
}

// Send sends a request and reads the reply. What went to the AWS protocols is
// looked for in the audit trail when the test ends.
func (s *Server) Send(r *http.Request) *Reply {
	s.Helper()
	reply, err := s.TrySend(r)
	if err != nil {
		s.Fatal(err)
	}
	return reply
}

// TrySend is Send for goroutines, which must not stop the test.
func (s *Server) TrySend(r *http.Request) (*Reply, error) {
	response, err := s.http.Client().Do(r)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, err
	}
	reply := &Reply{TB: s.TB, Status: response.StatusCode, Header: response.Header, Body: string(body)}
	reply.read()
	if id := response.Header.Get("X-Amzn-Requestid"); id != "" && r.Method != http.MethodHead { // whose reply has no code to compare
		s.mu.Lock()
		s.calls = append(s.calls, call{id, reply.Code})
		s.mu.Unlock()
	}
	return reply, nil
}
