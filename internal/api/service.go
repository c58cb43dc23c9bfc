package api

import "fmt"

// Service describes one API: how it is addressed on the wire and what it can
// be asked. Values are generated; they are read-only after NewService.
type Service struct {
	ID             string // serviceId of the model, such as "IAM"
	FullName       string // such as "AWS Identity and Access Management"
	SigningName    string // the service of a SigV4 credential scope, such as "iam"
	EndpointPrefix string // host name prefix, such as "iam"
	APIVersion     string // such as "2010-05-08"
	Protocol       string // "query", "json" or "rest-json"
	JSONVersion    string // "1.1" for x-amz-json-1.1; empty for other protocols
	TargetPrefix   string // prefix of X-Amz-Target, for "json"
	XMLNamespace   string // namespace of response documents, for "query"

	// Operations holds every operation, sorted by name.
	Operations []*Operation

	byName map[string]*Operation
}

// NewService completes a generated description: it points every operation at
// its service and indexes them by name. It panics on a duplicate name.
func NewService(s *Service) *Service {
	s.byName = make(map[string]*Operation, len(s.Operations))
	for _, op := range s.Operations {
		if _, dup := s.byName[op.Name]; dup {
			panic(fmt.Sprintf("api: operation %s declared twice in %s", op.Name, s.ID))
		}
		op.Service = s
		s.byName[op.Name] = op
	}
	return s
}

// Operation finds an operation by its exact name.
func (s *Service) Operation(name string) (*Operation, bool) {
	op, ok := s.byName[name]
	return op, ok
}

// Operation describes one operation of a service.
type Operation struct {
	Service *Service
	Name    string

	HTTPMethod string // such as "POST"
	HTTPPath   string // request URI template of the model; "/" for query and json
	HTTPStatus int    // of a reply, in the REST protocols; 200 when 0

	// Input and Output are nil when the model gives the operation none.
	Input, Output *Shape

	// ResultWrapper is the element around the output in the query protocol,
	// such as "GetUserResult"; empty when the operation returns nothing.
	ResultWrapper string

	// Errors are the errors that the model lists for the operation.
	Errors []*ErrorShape

	// Unsigned says that callers need no credentials: what proves who they are is
	// in the input.
	Unsigned bool

	// Milliseconds makes the operation's timestamps carry a fraction of a
	// second in the query protocol, as recorded replies of a few do.
	Milliseconds bool

	// NewInput and NewOutput return a pointer to a new zero request or
	// response struct; they are never nil.
	NewInput, NewOutput func() any
}
