package server

import (
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"sync"

	"sallyport/internal/api"
	"sallyport/internal/api/stsapi"
	"sallyport/internal/pdp"
	"sallyport/internal/protocol/awsjson"
	"sallyport/internal/protocol/awsquery"
	"sallyport/internal/protocol/restjson"
	"sallyport/internal/sts"
)

// buffers are reused for reply bodies; larger ones than keepBuffer are not
// kept.
var buffers = sync.Pool{New: func() any { return new([]byte) }}

const keepBuffer = 64 << 10

// respond encodes the reply, or the error, and counts and logs the call.
func (x *exchange) respond(w http.ResponseWriter, err error) {
	var failure *api.Error
	if err != nil {
		failure = x.failure(err)
	}
	buf := buffers.Get().(*[]byte)
	body := x.encode((*buf)[:0], failure)
	status := http.StatusOK
	h := w.Header()
	if failure != nil {
		status = failure.Status
	}
	if x.protocol == restProtocol {
		status = x.restHeaders(h, failure)
	}
	x.headers = [5]string{x.requestID, x.contentType(), strconv.Itoa(len(body)), x.encodedMessage(err), x.extendedRequestID()}
	h["X-Amzn-Requestid"] = x.headers[0:1:1]
	h["Content-Type"] = x.headers[1:2:2]
	h["Content-Length"] = x.headers[2:3:3]
	if x.headers[3] != "" {
		h[messageHeader] = x.headers[3:4:4]
	}
	if x.headers[4] != "" {
		h["X-Amz-Sts-Extended-Request-Id"] = x.headers[4:5:5]
	}
	if x.cookie != nil {
		http.SetCookie(w, x.cookie)
	}
	w.WriteHeader(status)
	w.Write(body) //nolint:errcheck // the client is gone; the call is on record
	if cap(body) <= keepBuffer {
		*buf = body
		buffers.Put(buf)
	}
	x.server.metrics.observe(x, outcome(failure), x.server.Now().Sub(x.received))
	x.log(failure)
}

// messageHeader is our own: AWS's services that have encoded authorization
// messages put them into the text of the error, which here is IAM's and has none.
const messageHeader = "X-Sallyport-Authorization-Message"

// encodedMessage is what sts:DecodeAuthorizationMessage opens, of a call that a
// decision denied; "" for every other.
func (x *exchange) encodedMessage(err error) string {
	var denial *pdp.Denial
	if !errors.As(err, &denial) {
		return ""
	}
	message, err := denial.Message(sts.MaxMessage)
	encoded := ""
	if err == nil {
		encoded, err = x.server.Messages.Encode(x.caller.Account(), x.received, message)
	}
	if err != nil {
		x.server.Logger.LogAttrs(x.context(), slog.LevelError, "authorization message", slog.String("request_id", x.requestID), slog.String("cause", err.Error()))
		return ""
	}
	return encoded
}

// extendedRequestID is what STS sends since 2025, and no other service: a version,
// the Region, the time in milliseconds and a part that tells requests of the same
// millisecond apart.
func (x *exchange) extendedRequestID() string {
	if x.service != stsapi.Service {
		return ""
	}
	region := "us-east-1"
	if x.caller != nil { // whoever is unknown gets nothing back of what they sent
		region = x.region
	}
	id := fmt.Sprintf("1:%s:S:%d:R:%s", region, x.received.UnixMilli(), x.requestID[:8])
	return base64.StdEncoding.EncodeToString([]byte(id))
}

func (x *exchange) contentType() string {
	switch x.protocol {
	case jsonProtocol:
		return awsjson.ContentType
	case restProtocol:
		return restjson.ContentType
	}
	return "text/xml"
}

// restHeaders sets what a REST reply has beside its body, and returns its status.
func (x *exchange) restHeaders(h http.Header, failure *api.Error) int {
	if failure != nil {
		h.Set(restjson.ErrorHeader, failure.Code)
		return failure.Status
	}
	restjson.SetHeaders(h, x.op, x.out)
	return restjson.Status(x.op)
}

func (x *exchange) encode(dst []byte, failure *api.Error) []byte {
	switch {
	case x.protocol == restProtocol && failure != nil:
		return restjson.AppendError(dst, failure)
	case x.protocol == restProtocol:
		return restjson.AppendBody(dst, x.op, x.out)
	case x.protocol == jsonProtocol && failure != nil:
		return awsjson.AppendError(dst, failure)
	case x.protocol == jsonProtocol:
		return awsjson.Append(dst, x.op, x.out)
	case failure != nil:
		return awsquery.AppendError(dst, x.service, failure, x.requestID)
	default:
		return awsquery.Append(dst, x.op, x.out, x.requestID)
	}
}

// log tells the operator about failures of the server, which clients are told
// nothing of, and at debug level about every call.
func (x *exchange) log(failure *api.Error) {
	level := slog.LevelDebug
	if failure != nil && failure.Status >= http.StatusInternalServerError && failure.Status != http.StatusNotImplemented {
		level = slog.LevelError
	}
	if !x.server.Logger.Enabled(x.context(), level) {
		return
	}
	attrs := []slog.Attr{
		slog.String("request_id", x.requestID),
		slog.String("action", printable(x.action)),
		slog.String("outcome", outcome(failure)),
		slog.String("source_ip", x.sourceIP),
	}
	if x.caller != nil {
		attrs = append(attrs, slog.String("caller", x.caller.Principal.ARN))
	}
	if failure != nil && failure.Cause != nil {
		attrs = append(attrs, slog.String("cause", failure.Cause.Error()))
	}
	if failure != nil && failure.Hint != "" {
		attrs = append(attrs, slog.String("hint", failure.Hint))
	}
	x.server.Logger.LogAttrs(x.context(), level, "call", attrs...)
}
