package server

import (
	"errors"
	"net/http"

	"sallyport/internal/api"
	"sallyport/sigv4"
)

// jsonCodes are the names that services of the JSON and REST protocols give to the
// errors of authentication, which go by other names in the query protocol. In the
// JSON protocol their status is always 400
// (https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html).
var jsonCodes = map[string]string{
	sigv4.CodeMissingAuthenticationToken: "MissingAuthenticationTokenException",
	sigv4.CodeIncompleteSignature:        "IncompleteSignatureException",
	sigv4.CodeSignatureDoesNotMatch:      "InvalidSignatureException",
	sigv4.CodeRequestExpired:             "RequestExpired",
	sigv4.CodeMalformedQueryString:       "SerializationException",
	"InvalidClientTokenId":               "UnrecognizedClientException",
	"ExpiredToken":                       "ExpiredTokenException",
}

// failure is the error as the client receives it in the exchange's protocol.
// What was not meant for clients becomes an InternalFailure and is logged with
// its cause.
func (x *exchange) failure(err error) *api.Error {
	var signature *sigv4.Error
	e := api.From(err)
	if errors.As(err, &signature) {
		e = api.Errorf(signature.Code, signature.Status, true, "%s", signature.Message)
	}
	if x.protocol == queryProtocol {
		return e
	}
	code, renamed := jsonCodes[e.Code]
	if !renamed {
		return e
	}
	spoken := *e
	spoken.Code = code
	if x.protocol == jsonProtocol {
		spoken.Status = http.StatusBadRequest
	}
	return &spoken
}
