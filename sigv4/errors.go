package sigv4

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strings"
	"time"
)

// Codes of the errors this package returns, as the AWS Query protocol spells
// them (IAM API Reference, "Common Errors"). The JSON protocols say
// InvalidSignatureException for SignatureDoesNotMatch and add "Exception" to
// IncompleteSignature and MissingAuthenticationToken; that is the renderer's
// affair.
const (
	CodeMissingAuthenticationToken = "MissingAuthenticationToken"
	CodeIncompleteSignature        = "IncompleteSignature"
	CodeSignatureDoesNotMatch      = "SignatureDoesNotMatch"
	CodeRequestExpired             = "RequestExpired"
	CodeMalformedQueryString       = "MalformedQueryString"
)

// Error is a refusal, safe to send to the client: its message holds neither
// signature, session token, secret nor the string that should have been signed.
type Error struct {
	Code    string // one of the Code constants
	Status  int    // HTTP status
	Message string // AWS's wording where it is known
}

// Error implements error.
func (e *Error) Error() string { return e.Code + ": " + e.Message }

// errMismatch is the one answer to every difference between what was signed
// and what was received, so that it tells nothing about which part differs.
var errMismatch = &Error{
	Code: CodeSignatureDoesNotMatch, Status: http.StatusForbidden,
	Message: "The request signature we calculated does not match the signature you provided. " +
		"Check your AWS Secret Access Key and signing method. Consult the service documentation for details.",
}

var errMissingToken = &Error{
	Code: CodeMissingAuthenticationToken, Status: http.StatusForbidden,
	Message: "Request is missing Authentication Token",
}

var errExpired = &Error{
	Code: CodeRequestExpired, Status: http.StatusBadRequest,
	Message: "Request has expired.",
}

func incomplete(message string) *Error {
	return &Error{Code: CodeIncompleteSignature, Status: http.StatusBadRequest, Message: message}
}

func doesNotMatch(message string) *Error {
	return &Error{Code: CodeSignatureDoesNotMatch, Status: http.StatusForbidden, Message: message}
}

func malformedQuery(message string) *Error {
	return &Error{Code: CodeMalformedQueryString, Status: http.StatusBadRequest, Message: message}
}

func notSigned(name string) *Error {
	return doesNotMatch("'" + name + "' must be a 'SignedHeader' in the AWS Authorization.")
}

func repeatedHeader(name string) *Error {
	return incomplete("Header '" + name + "' must not be repeated.")
}

func badAlgorithm(name string) *Error {
	return incomplete("Unsupported AWS 'algorithm': '" + quoted(name) + "' (only " + Algorithm + " for now). ")
}

func badDate(value string) *Error {
	return incomplete("Date must be in ISO-8601 'basic format'. Got '" + quoted(value) +
		"'. See http://en.wikipedia.org/wiki/ISO_8601")
}

// skewMinutes is maxSkew as AWS prints it.
const skewMinutes = "15 min."

func tooOld(signed, now time.Time) *Error {
	return doesNotMatch("Signature expired: " + signed.Format(timeFormat) + " is now earlier than " +
		now.Add(-maxSkew).Format(timeFormat) + " (" + now.Format(timeFormat) + " - " + skewMinutes + ")")
}

func tooNew(signed, now time.Time) *Error {
	return doesNotMatch("Signature not yet current: " + signed.Format(timeFormat) + " is still later than " +
		now.Add(maxSkew).Format(timeFormat) + " (" + now.Format(timeFormat) + " + " + skewMinutes + ")")
}

// quoted makes client text fit for a message: bounded, printable ASCII.
func quoted(s string) string {
	const limit = 64
	cut := len(s) > limit
	if cut {
		s = s[:limit]
	}
	s = strings.Map(func(r rune) rune {
		if r < 0x20 || r > 0x7e {
			return '?'
		}
		return r
	}, s)
	if cut {
		s += "..."
	}
	return s
}

// digest stands for text that may hold a secret.
func digest(s string) string {
	sum := sha256.Sum256([]byte(s))
	return base64.StdEncoding.EncodeToString(sum[:])
}
