// Package accessanalyzerapi is the generated contract of IAM Access Analyzer, version 2019-11-01: request
// and response structs, shape descriptors, the operation table and error
// constructors. It is data, not behaviour; package api says how it is used. All
// files but this one are written by internal/apigen from models/accessanalyzer.json.
//
// https://docs.aws.amazon.com/access-analyzer/latest/APIReference/
package accessanalyzerapi
