// Package sallyportapi is the generated contract of Sallyport's own
// operations, version 2026-11-01: accounts and decisions, over AWS JSON 1.1.
// It is data, not behaviour; package api says how it is used. All files but
// this one are written by internal/apigen from models/sallyport.json, which
// stock clients can load as well (aws configure add-model).
package sallyportapi
