package server

import (
	"net/http"

	"sallyport/internal/api"
	"sallyport/internal/operation"
	"sallyport/internal/session"
)

// ConsolePath is where the console calls operations, in the AWS protocols, by
// POST, and every service's in JSON. Nowhere else do cookies count for a call.
const ConsolePath = "/console/api/"

// consoleRegion is the Region of calls that no signature names one for.
const consoleRegion = "us-east-1"

// authenticateSession finds out who is signed in. Credentials beside the session's
// cookie are refused: identity comes from one place.
func (x *exchange) authenticateSession() error {
	x.region = consoleRegion
	h := x.http.Header
	if h.Get("Authorization") != "" || h.Get("X-Amz-Security-Token") != "" || x.http.URL.RawQuery != "" {
		return api.Errorf("IncompleteSignature", http.StatusBadRequest, true, "Calls of the console are not signed.")
	}
	if err := x.server.Origin.Check(x.http); err != nil || h.Get(session.Header) == "" {
		return api.Errorf("AccessDenied", http.StatusForbidden, true, "The call does not come from the console.").WithCause(err)
	}
	s, err := x.server.Sessions.Open(x.http, x.received)
	if err != nil {
		return errSessionOver
	}
	x.account = s.Account
	if s.Caller == nil {
		return errRoleOver
	}
	x.caller, x.account = s.Caller, s.Caller.Account()
	if x.cookie, err = x.server.Sessions.Renewed(s, x.received); err != nil {
		return api.InternalFailure(err)
	}
	if x.service != nil {
		x.server.Usage.Attempted(x.caller, x.service.SigningName, x.operationName(), x.region, x.received)
	}
	return nil
}

var (
	errSessionOver = api.Errorf("ExpiredToken", http.StatusForbidden, true, "The console session has ended. Sign in again.")
	errRoleOver    = api.Errorf("ExpiredToken", http.StatusForbidden, true, "The session of the role has ended. Switch back, or switch again.")
)

// Perform carries out an operation for somebody who is signed in, or signing in,
// on a page: resolved, decided, handled and recorded as every call is.
func (s *Server) Perform(r *http.Request, caller *operation.Caller, op *api.Operation, in any) (any, error) {
	x := s.exchange(r)
	x.service, x.op, x.action, x.version = op.Service, op, op.Name, op.Service.APIVersion
	x.caller, x.account, x.region = caller, caller.Account(), consoleRegion
	x.in = in
	s.Usage.Attempted(caller, op.Service.SigningName, op.Name, x.region, x.received)
	err := x.recorded(x.take((*exchange).admit, (*exchange).adopt, (*exchange).carryOut))
	var failure *api.Error
	if err != nil {
		failure = x.failure(err)
	}
	s.metrics.observe(x, outcome(failure), s.Now().Sub(x.received))
	x.log(failure)
	if failure != nil {
		return nil, failure
	}
	return x.out, nil
}

// adopt takes an input that came as a value in place of decoding one.
func (x *exchange) adopt() error {
	def, ok := x.server.Operations.Lookup(x.op)
	if !ok {
		return api.Errorf("NotImplemented", http.StatusNotImplemented, false, "The operation %s is not implemented.", x.op.Name)
	}
	x.def = def
	if err := api.Validate(x.op, x.in, x.op.Service.Style()); err != nil {
		return err
	}
	x.newCall()
	if x.caller.Console == nil {
		return nil // somebody who is signing in, and has proved a part of it
	}
	return sessionMay(x.call)
}
