// Package iamapi is the generated contract of AWS Identity and Access
// Management, version 2010-05-08: request and response structs, shape
// descriptors, the operation table and error constructors. It is data, not
// behaviour; package api says how it is used. All files but this one are
// written by internal/apigen from models/iam.json and models/overlays/iam.json.
//
// https://docs.aws.amazon.com/IAM/latest/APIReference/
package iamapi
