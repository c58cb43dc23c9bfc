package server

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"

	"sallyport/internal/api"
	"sallyport/internal/protocol/awsjson"
	"sallyport/internal/protocol/awsquery"
	"sallyport/internal/protocol/restjson"
)

// MaxBody is the largest request body, in bytes. The largest valid request is
// a policy document of 131,072 characters with every one of them escaped.
const MaxBody = 1 << 20

// maxAhead is the largest body, in bytes, that memory is made for before it
// has come: an announced length costs its sender nothing.
const maxAhead = 64 << 10

// identify reads the request and finds what it is for, by its protocol.
func (x *exchange) identify() error {
	contentType, typeErr := mediaType(x.http.Header.Get("Content-Type"))
	if contentType == "application/x-amz-json-1.1" || contentType == "application/x-amz-json-1.0" {
		x.protocol = jsonProtocol // first of all: it is also that of the errors below
	}
	if x.path == "/" && x.http.URL.EscapedPath() != "/" {
		return x.identifyRoute(contentType, typeErr)
	}
	if x.http.URL.EscapedPath() != x.path {
		return api.Errorf("NotFound", http.StatusNotFound, true, "There is nothing at this path.")
	}
	if err := x.readBody(); err != nil {
		return err
	}
	switch {
	case x.http.Method == http.MethodGet && x.protocol == queryProtocol && x.path != ConsolePath:
		return x.identifyQuery(x.http.URL.RawQuery)
	case x.http.Method != http.MethodPost:
		return api.Errorf("MethodNotAllowed", http.StatusMethodNotAllowed, true,
			"The method %s is not allowed here; use POST, or GET for a presigned query.", printable(x.http.Method))
	}
	switch {
	case typeErr != nil:
	case x.protocol == jsonProtocol:
		x.action = x.http.Header.Get("X-Amz-Target")
		if x.path == ConsolePath {
			x.service, x.op = x.server.services.console(x.action)
		} else {
			x.service, x.op = x.server.services.target(x.action)
		}
		return nil
	case contentType == "application/x-www-form-urlencoded":
		if x.http.URL.RawQuery != "" && len(x.body) == 0 {
			// A presigned POST may carry its parameters in the query.
			return x.identifyQuery(x.http.URL.RawQuery)
		}
		return x.identifyQuery(string(x.body))
	}
	return api.Errorf("UnsupportedMediaType", http.StatusUnsupportedMediaType, true,
		"The Content-Type must be application/x-www-form-urlencoded or application/x-amz-json-1.1.")
}

// identifyRoute finds what a request to another path than the query protocol's is
// for. A body must be JSON, and said to be.
func (x *exchange) identifyRoute(contentType string, typeErr error) error {
	op, labels, known := x.server.services.routes.Match(x.http.Method, x.http.URL.EscapedPath())
	if !known {
		return api.Errorf("NotFound", http.StatusNotFound, true, "There is nothing at this path.")
	}
	x.protocol = restProtocol
	if op == nil {
		return api.Errorf("MethodNotAllowed", http.StatusMethodNotAllowed, true,
			"The method %s is not allowed here.", printable(x.http.Method))
	}
	x.service, x.op, x.labels, x.action = op.Service, op, labels, op.Name
	if err := x.readBody(); err != nil {
		return err
	}
	if len(x.body) > 0 && (typeErr != nil || contentType != restjson.ContentType) {
		return api.Errorf("UnsupportedMediaTypeException", http.StatusUnsupportedMediaType, true,
			"The Content-Type must be application/json.")
	}
	return nil
}

func (x *exchange) identifyQuery(raw string) error {
	form, err := awsquery.ParseForm(raw)
	if err != nil {
		return err
	}
	x.form = form
	x.action, x.version = form.Get("Action"), form.Get("Version")
	x.service, x.op = x.server.services.query(x.version, x.action)
	return nil
}

// readBody reads the whole body, refusing one that is too large before it is
// kept.
func (x *exchange) readBody() error {
	switch {
	case x.http.ContentLength > MaxBody:
		return bodyTooLarge()
	case x.http.ContentLength == 0:
		return nil
	case x.http.ContentLength > 0 && x.http.ContentLength <= maxAhead:
		x.body = make([]byte, x.http.ContentLength)
		if _, err := io.ReadFull(x.http.Body, x.body); err != nil {
			return incompleteBody(err)
		}
		return nil
	}
	body, err := io.ReadAll(io.LimitReader(x.http.Body, MaxBody+1))
	if err != nil {
		return incompleteBody(err)
	}
	if len(body) > MaxBody {
		return bodyTooLarge()
	}
	// net/http tells of a body that ends before its length by an error.
	x.body = body
	return nil
}

// mediaType is a Content-Type without its parameters. What clients send most is
// not taken apart.
func mediaType(contentType string) (string, error) {
	switch contentType {
	case "application/x-www-form-urlencoded", "application/x-www-form-urlencoded; charset=utf-8", "application/x-amz-json-1.1":
		contentType, _, _ = strings.Cut(contentType, ";")
		return contentType, nil
	}
	contentType, _, err := mime.ParseMediaType(contentType)
	return contentType, err
}

func bodyTooLarge() error {
	return api.Errorf("RequestEntityTooLarge", http.StatusRequestEntityTooLarge, true,
		"The request body is larger than %d bytes.", MaxBody)
}

func incompleteBody(err error) error {
	return api.Errorf("IncompleteBody", http.StatusBadRequest, true,
		"The request body ended before its Content-Length.").WithCause(err)
}

// decodeInput fills x.in with the request's parameters.
func (x *exchange) decodeInput() error {
	switch x.protocol {
	case jsonProtocol:
		return awsjson.Decode(x.op, x.body, x.in)
	case restProtocol:
		return restjson.Decode(x.op, &restjson.Request{
			Labels: x.labels, RawQuery: x.http.URL.RawQuery, Header: x.http.Header, Body: x.body,
		}, x.in)
	}
	return awsquery.Decode(x.op, x.form, x.in)
}

// unknownOperation is AWS's answer to a version, target or action that no
// served API has.
func (x *exchange) unknownOperation() error {
	if x.protocol == jsonProtocol {
		return api.UnknownOperation()
	}
	if x.action == "" {
		return api.Errorf("MissingAction", http.StatusBadRequest, true,
			"The request is missing an action or a required parameter.")
	}
	return api.InvalidAction(printable(x.action), printable(x.version))
}

// printable makes what a client sent fit for a message: bounded, and without
// control characters.
func printable(s string) string {
	const limit = 128
	if len(s) > limit {
		s = s[:limit]
	}
	return strings.Map(func(r rune) rune {
		if r < 0x20 || r == 0x7f || r == '\uFFFD' {
			return '?'
		}
		return r
	}, s)
}

// errNoCaller guards the second door: nothing is carried out for nobody.
var errNoCaller = errors.New("server: a call without a caller")
