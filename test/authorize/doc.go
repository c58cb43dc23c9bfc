// Package authorize holds the promise "no unauthorized call": for every
// operation that is served, its own action on its own resource opens it, and
// nothing else does.
//
// The operations come from the server's own table, so that a new one fails the
// test until it has a fixture (fixtures_test.go).
package authorize
