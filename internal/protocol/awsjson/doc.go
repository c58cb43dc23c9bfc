// Package awsjson is the codec of the AWS JSON 1.1 protocol, which
// Organizations, CloudTrail, Identity Center and Sallyport's own operations
// speak: one JSON object in, one out, the operation named by X-Amz-Target.
//
// Decode fills an operation's input, Append and AppendError write the reply
// in the compact layout of AWS's own: no spaces, members in the model's
// order, timestamps as seconds since 1970, an error as {"__type":…,
// "message":…} without a namespace.
//
// The package does not check constraints (api.Validate does), does not read
// from or write to a connection and knows no HTTP header. What arrives is
// hostile: repeated names, nulls in lists, wrong types, deep nesting and
// anything after the object are refused with SerializationException.
//
// https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html
package awsjson
