// Package stsapi is the generated contract of the AWS Security Token Service,
// version 2011-06-15: request and response structs, shape descriptors, the
// operation table and error constructors. It is data, not behaviour; package
// api says how it is used. All files but this one are written by
// internal/apigen from models/sts.json and models/overlays/sts.json.
//
// https://docs.aws.amazon.com/STS/latest/APIReference/
package stsapi
