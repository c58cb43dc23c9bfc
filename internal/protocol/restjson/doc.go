// Package restjson is the codec of the AWS REST JSON protocol, which Access
// Analyzer speaks: the operation is named by method and path, and members of the
// input are in the path, the query, headers and a JSON body, each where the model's
// HTTP traits say.
//
//	method, path → Routes.Match → operation, labels → Decode(path, query, headers, body) → input
//	output → AppendBody, SetHeaders
//
// Values in a body are those of package awsjson. Constraints are not checked here
// (api.Validate does), and nothing is read from or written to a connection. What
// arrives is hostile: repeated parameters, labels that are empty or not escaped well,
// numbers out of range and a second object are refused with SerializationException.
//
// https://smithy.io/2.0/aws/protocols/aws-restjson1-protocol.html
package restjson
