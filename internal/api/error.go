package api

import (
	"errors"
	"fmt"
	"net/http"
)

// Error is what a client receives when a call fails. It is the only error
// type that the codecs render. Code, Message and Members are sent; Hint and
// Cause are for the log and are never sent.
type Error struct {
	Code    string // such as "NoSuchEntity"
	Status  int    // HTTP status
	Sender  bool   // the client's fault; false renders as Receiver
	Message string
	// NoMessage leaves the Message element out altogether, as IAM does for
	// ReportNotPresent.
	NoMessage bool
	// Members are further members of the modelled error, such as the Reason
	// of Organizations' ConstraintViolationException, in order.
	Members []ErrorMember
	Hint    string // advice to whoever runs the server
	Cause   error
}

// ErrorMember is a string member of an error beside its message.
type ErrorMember struct{ Name, Value string }

// Error returns code, message and cause, for logs.
func (e *Error) Error() string {
	s := e.Code
	if e.Message != "" {
		s += ": " + e.Message
	}
	if e.Cause != nil {
		s += ": " + e.Cause.Error()
	}
	return s
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Cause }

// Is makes errors.Is(err, shape) report whether err has the shape's code.
func (e *Error) Is(target error) bool {
	shape, ok := target.(*ErrorShape)
	return ok && shape.Code == e.Code
}

// WithCause sets the wrapped error and returns e.
func (e *Error) WithCause(cause error) *Error { e.Cause = cause; return e }

// WithHint sets the hint and returns e.
func (e *Error) WithHint(hint string) *Error { e.Hint = hint; return e }

// WithMember appends a further member and returns e.
func (e *Error) WithMember(name, value string) *Error {
	e.Members = append(e.Members, ErrorMember{name, value})
	return e
}

// WithoutMessage drops the message and its element and returns e.
func (e *Error) WithoutMessage() *Error { e.Message, e.NoMessage = "", true; return e }

// ErrorShape is an error of the model. Its values are generated and serve as
// targets of errors.Is.
type ErrorShape struct {
	Name   string // shape name, such as "NoSuchEntityException"
	Code   string // code on the wire, such as "NoSuchEntity"
	Status int    // HTTP status
	Sender bool
}

// Error returns the code; it makes the shape a target for errors.Is.
func (s *ErrorShape) Error() string { return s.Code }

// New makes an error of this shape. Without args the format is the message
// as it stands.
func (s *ErrorShape) New(format string, args ...any) *Error {
	return Errorf(s.Code, s.Status, s.Sender, format, args...)
}

// Errorf makes an error that no model lists. Without args the format is the
// message as it stands.
func Errorf(code string, status int, sender bool, format string, args ...any) *Error {
	msg := format
	if len(args) > 0 {
		msg = fmt.Sprintf(format, args...)
	}
	return &Error{Code: code, Status: status, Sender: sender, Message: msg}
}

// From returns err as an *Error: the first in its chain or, for an error
// that was not meant for clients, an InternalFailure that wraps it. It
// returns nil for nil.
func From(err error) *Error {
	if err == nil {
		return nil
	}
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return InternalFailure(err)
}

// The errors below are common to all services.
// https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html

// InternalFailure reports a fault of the server without saying which.
func InternalFailure(cause error) *Error {
	return Errorf("InternalFailure", http.StatusInternalServerError, false,
		"The request processing has failed because of an unknown error, exception or failure.").WithCause(cause)
}

// ServiceUnavailable reports that the server cannot serve the call now.
func ServiceUnavailable(cause error) *Error {
	return Errorf("ServiceUnavailable", http.StatusServiceUnavailable, false,
		"The request has failed due to a temporary failure of the server.").WithCause(cause)
}

// Throttling reports a rate limit.
func Throttling() *Error {
	return Errorf("Throttling", http.StatusBadRequest, true, "Rate exceeded")
}

// InvalidAction reports an operation or version that a query service does
// not have. An empty version is one that was not sent.
func InvalidAction(action, version string) *Error {
	if version == "" {
		version = "NO_VERSION_SPECIFIED"
	}
	return Errorf("InvalidAction", http.StatusBadRequest, true,
		"Could not find operation %s for version %s", action, version)
}

// UnknownOperation reports an X-Amz-Target that a JSON service does not have.
func UnknownOperation() *Error {
	return Errorf("UnknownOperationException", http.StatusBadRequest, true, "").WithoutMessage()
}

// AccessDenied reports a refused authorization with the code and status that
// the protocol of svc uses: AccessDenied with 403 in query services,
// AccessDeniedException with 400 in JSON and 403 in REST services.
func AccessDenied(svc *Service, format string, args ...any) *Error {
	if svc != nil && svc.Protocol == "rest-json" {
		return Errorf("AccessDeniedException", http.StatusForbidden, true, format, args...)
	}
	if svc != nil && svc.Protocol != "query" {
		return Errorf("AccessDeniedException", http.StatusBadRequest, true, format, args...)
	}
	return Errorf("AccessDenied", http.StatusForbidden, true, format, args...)
}

// ValidationError reports an input that breaks a rule of the operation, with
// the code that the protocol of svc uses: ValidationError in query services,
// ValidationException in JSON services.
func ValidationError(svc *Service, format string, args ...any) *Error {
	code := "ValidationError"
	if svc != nil && svc.Protocol != "query" {
		code = "ValidationException"
	}
	return Errorf(code, http.StatusBadRequest, true, format, args...)
}
