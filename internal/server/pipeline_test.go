package server

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"sallyport/internal/api"
)

// TestPanicIsAFailure: a panic in a step ends the call with an error that says
// nothing of it to the client, and everything to the operator.
func TestPanicIsAFailure(t *testing.T) {
	x := new(exchange) // the first step reads its request, which is nil
	err := x.failure(x.run())
	if err.Code != "InternalFailure" || err.Status != http.StatusInternalServerError || strings.Contains(err.Message, "nil pointer") {
		t.Errorf("the client is told %d %s: %s", err.Status, err.Code, err.Message)
	}
	if err.Cause == nil || !strings.Contains(err.Cause.Error(), "nil pointer") || !strings.Contains(err.Cause.Error(), "pipeline.go") {
		t.Errorf("the operator is told %v", err.Cause)
	}
}

// TestNoStepIsSkipped: nothing is carried out for nobody, whatever was filled
// in.
func TestNoStepIsSkipped(t *testing.T) {
	if err := new(exchange).carryOut(); !errors.Is(err, errNoCaller) {
		t.Errorf("carrying out without a caller: %v", err)
	}
}

// TestErrorsSpeakTheProtocol: the codes of authentication differ between
// protocols; all others, and their causes, are left as they are.
func TestErrorsSpeakTheProtocol(t *testing.T) {
	cause := errors.New("cause")
	for query, json := range map[string]string{
		"InvalidClientTokenId": "UnrecognizedClientException", "ExpiredToken": "ExpiredTokenException",
		"AccessDeniedException": "AccessDeniedException", "NoSuchEntityException": "NoSuchEntityException",
	} {
		err := api.Errorf(query, http.StatusForbidden, true, "message").WithCause(cause)
		got := (&exchange{protocol: queryProtocol}).failure(err)
		if got.Code != query || got.Status != http.StatusForbidden {
			t.Errorf("in a query %s is %d %s", query, got.Status, got.Code)
		}
		got = (&exchange{protocol: jsonProtocol}).failure(err)
		if got.Code != json || !errors.Is(got, cause) || got.Message != "message" {
			t.Errorf("in JSON %s is %+v", query, got)
		}
		if err.Code != query {
			t.Errorf("the error itself became %s", err.Code)
		}
	}
}
