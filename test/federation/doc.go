// Package federation signs people and programs in at identity providers that are
// not ours, started by the tests, and lands with what they issue at a Sallyport
// process: what each side makes of the standards, nobody here decided.
//
// A test that can't start its provider fails. Files are named by protocol.
package federation
