// Package api is the runtime of the generated API packages: it describes
// services, operations and shapes, checks inputs against the constraints of
// the published models, and holds the one error type that reaches a client.
//
// It does not know any protocol (see internal/protocol/...) and holds no
// behaviour of any operation. The subpackages iamapi, stsapi, sallyportapi,
// cloudtrailapi and accessanalyzerapi are written by internal/apigen from models/ and hold, per service:
//
//   - a Go struct for every structure of the model, and <Operation>Request
//     and <Operation>Response for every operation, empty where the model has
//     none. Scalars are pointers (nil means absent), lists are slices (nil
//     means absent, empty means present and empty), maps are maps, integers
//     are int64, timestamps are time.Time, blobs are []byte;
//   - a Service value whose operation table and shape descriptors drive the
//     codecs and Validate;
//   - one constructor per modelled error, taking the code and HTTP status
//     from the model;
//   - constants for the values of enumerations.
//
// A request flows: codec decodes into Operation.NewInput() → Validate →
// handler → codec appends the output, or the Error.
package api

//go:generate go run ../apigen/cmd -root ../..
