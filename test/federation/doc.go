// Package federation signs people and programs in at identity providers that are
// not ours, started by the tests, and lands with what they issue here: it goes to
// STS, the credentials call the API with the role's rights and are refused the rest,
// and a session of the console begins. What each side makes of the standards, nobody
// here decided.
//
// A test that can't start its provider fails. Files are named by protocol. What a
// verifier makes of hostile documents is tested beside it (internal/federation), what
// stock clients do with tokens in test/clients.
package federation
