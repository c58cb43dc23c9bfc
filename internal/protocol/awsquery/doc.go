// Package awsquery is the codec of the AWS query protocol, which IAM and STS
// speak: form parameters in, XML out.
//
// ParseForm splits a form body or query string once; the server reads Action
// and Version from it, and Decode fills an operation's input. Append and
// AppendError write the response document in the exact layout that AWS's
// replies have: no XML declaration, two spaces of indentation, an empty
// element for an empty list, a line feed at the end.
//
// The package does not check constraints (api.Validate does) and does not
// read from or write to a connection. Percent-encoding of policy documents is
// the business of the operations that return them; EncodeDocument does it.
//
// Everything that arrives is hostile. Parameters are refused, rather than
// interpreted, when they are ambiguous: repeated names, list indexes that
// leave gaps, bytes that are not UTF-8, a value where a list is expected.
//
// https://smithy.io/2.0/aws/protocols/aws-query-protocol.html
package awsquery
