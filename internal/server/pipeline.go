package server

import (
	"fmt"
	"net/http"
	"runtime/debug"
	"slices"

	"sallyport/internal/api"
	"sallyport/internal/operation"
	"sallyport/policy"
	"sallyport/sigv4"
)

// serveAPI answers one request to the AWS protocols: the pipeline.
func (s *Server) serveAPI(w http.ResponseWriter, r *http.Request, path string) {
	x := s.exchange(r)
	x.path = path
	x.respond(w, x.recorded(x.run()))
}

func (s *Server) exchange(r *http.Request) *exchange {
	return &exchange{
		server: s, http: r, received: s.Now().UTC(),
		requestID: s.Ident.RequestID(), eventID: s.Ident.RequestID(), sourceIP: s.SourceIP(r),
	}
}

// run takes the steps of a request in order.
func (x *exchange) run() error {
	return x.take((*exchange).identify, (*exchange).admit, (*exchange).authenticate, (*exchange).decode, (*exchange).vouch, (*exchange).carryOut)
}

// take takes steps in order. The first error ends it. A panic is one: the call it
// happened in must be answered and recorded like any other.
func (x *exchange) take(steps ...func(*exchange) error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = api.InternalFailure(fmt.Errorf("panic: %v\n%s", v, debug.Stack()))
		}
	}()
	for _, step := range steps {
		if err := step(x); err != nil {
			return refused(err)
		}
	}
	return nil
}

// admit refuses the call when this node may not answer: it may not know of a key,
// user or permission that is gone. Nothing the steps after it look at is older than
// what any node had acknowledged when the call came in.
func (x *exchange) admit() error {
	if err := x.server.Standing(); err != nil {
		return api.ServiceUnavailable(err).WithHint("another node may answer; /readyz says when this one does")
	}
	return nil
}

// authenticate finds out who signed the request, or is signed in where the console
// calls: the first door. The scope of a signature must name the service that
// identify dispatched to. Callers of an operation that is not signed are found out
// by vouch; a signature that one of them sends all the same counts for nothing.
func (x *exchange) authenticate() error {
	if x.path == ConsolePath {
		return x.authenticateSession()
	}
	if x.unsigned() {
		x.region = unsignedRegion
		return nil
	}
	parsed, err := x.signature()
	if err != nil {
		return err
	}
	x.claimedKey = parsed.AccessKeyID
	x.region = parsed.Scope.Region
	service := x.service
	if service == nil {
		// An unknown version or target is told only to callers that are known,
		// whatever served API they signed for.
		if service = x.server.services.byScope[parsed.Scope.Service]; service == nil {
			service = Services()[0]
		}
	}
	x.caller, x.account, err = x.server.Authn.Authenticate(x.context(), parsed, sigv4.HashBody(x.body), x.received, sigv4.Rules{Service: service.SigningName})
	if err != nil {
		return err
	}
	x.server.Usage.Attempted(x.caller, service.SigningName, x.operationName(), x.region, x.received)
	return nil
}

// unsignedRegion is aws:RequestedRegion of calls that name no Region.
const unsignedRegion = "us-east-1"

// unsigned reports whether the operation is served to callers without credentials.
func (x *exchange) unsigned() bool {
	if x.op == nil || !x.op.Unsigned {
		return false
	}
	_, served := x.server.Operations.Lookup(x.op)
	return served
}

// vouch finds out, of an operation that is not signed, who calls it: its first
// door.
func (x *exchange) vouch() error {
	if x.def.Identify == nil {
		return nil
	}
	var err error
	if x.caller, x.account, err = x.def.Identify(x.call, x.in); err != nil {
		x.caller = nil
		return err
	}
	x.call.Caller = x.caller
	return nil
}

// operationName is empty for an operation that no served API has.
func (x *exchange) operationName() string {
	if x.op == nil {
		return ""
	}
	return x.op.Name
}

// decode turns the parameters into the operation's input and reports every
// constraint they break.
func (x *exchange) decode() error {
	if x.op == nil {
		return x.unknownOperation()
	}
	def, ok := x.server.Operations.Lookup(x.op)
	if !ok {
		return api.Errorf("NotImplemented", http.StatusNotImplemented, false,
			"The operation %s of %s is not implemented.", x.op.Name, x.op.Service.SigningName)
	}
	x.def = def
	x.in = x.op.NewInput()
	if err := x.decodeInput(); err != nil {
		return err
	}
	if err := api.Validate(x.op, x.in, x.op.Service.Style()); err != nil {
		return err
	}
	x.newCall()
	return sessionMay(x.call)
}

func (x *exchange) newCall() {
	x.call = &operation.Call{
		Context: x.context(), Op: x.op, Caller: x.caller, RequestID: x.requestID, Now: x.received,
		Region: x.requestedRegion(), SourceIP: x.sourceIP, UserAgent: x.http.UserAgent(),
		Secure: x.server.Secure(x.http),
	}
}

// requestedRegion is aws:RequestedRegion. IAM is a global service: its Region
// is us-east-1 whatever the scope says.
func (x *exchange) requestedRegion() string {
	if x.service.SigningName == "iam" {
		return "us-east-1"
	}
	return x.region
}

// sessionCalls are the operations of STS that sessions of users and of the root
// user may call. GetWebIdentityToken is not on AWS's pages, but is answered to
// the credentials of GetSessionToken
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_sts-comparison.html).
var sessionCalls = map[policy.PrincipalKind][]string{
	policy.User:          {"GetCallerIdentity", "AssumeRole", "GetWebIdentityToken"},
	policy.Root:          {"GetCallerIdentity", "AssumeRole", "GetWebIdentityToken"},
	policy.FederatedUser: {"GetCallerIdentity"},
}

// sessionMay holds the credentials of GetSessionToken and GetFederationToken to
// what AWS lets them do: no IAM without a second factor, which only
// GetSessionToken proves, and of STS only sessionCalls. In the console federated
// users may call IAM
// (https://docs.aws.amazon.com/STS/latest/APIReference/API_GetFederationToken.html).
func sessionMay(c *operation.Call) error {
	if c.Caller == nil {
		return nil // nobody yet
	}
	kind := c.Caller.Principal.Kind
	calls, held := sessionCalls[kind]
	console := c.Caller.Console != nil
	if c.Caller.Session == nil || !held || console && kind != policy.FederatedUser {
		return nil
	}
	switch c.Op.Service.SigningName {
	case "iam":
		if !console && !c.Caller.MFAPresent() {
			return api.Errorf("InvalidClientTokenId", http.StatusForbidden, true,
				"The security token included in the request is invalid")
		}
	case "sts":
		switch {
		case slices.Contains(calls, c.Op.Name):
		case kind == policy.FederatedUser && c.Op.Name == "GetWebIdentityToken":
			return api.AccessDenied(c.Op.Service, "GetWebIdentityToken does not support federated user sessions")
		default:
			return api.AccessDenied(c.Op.Service, "Cannot call %s with session credentials", c.Op.Name)
		}
	}
	return nil
}
