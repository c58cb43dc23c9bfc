// Package cloudtrailapi is the generated contract of AWS CloudTrail, version 2013-11-01: request
// and response structs, shape descriptors, the operation table and error
// constructors. It is data, not behaviour; package api says how it is used. All
// files but this one are written by internal/apigen from models/cloudtrail.json.
//
// https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/
package cloudtrailapi
