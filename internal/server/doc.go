// Package server is the pipeline every request to the AWS protocols goes
// through. It reads as one list in pipeline.go:
//
//	identify → authenticate → decode → (vouch) → carry out → record → respond
//
// where carrying out resolves the call's actions, resources and context,
// decides, and handles. There is no other way to an operation, and no step can
// be skipped: what an earlier step did not fill in, the next refuses to use.
//
// The server owns none of the behaviour of an operation, no credential check
// and no decision; it puts them in order, and makes sure that whatever the
// outcome, it is on record before it is told.
//
// Beside the protocols it answers /healthz and /readyz to anyone, without
// details, and /metrics to the bearer of its token.
package server
