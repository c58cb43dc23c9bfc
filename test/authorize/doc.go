// Package authorize holds the promise "no unauthorized call": for every
// operation that is served, its own action on its own resource opens it, and
// nothing else does.
//
// The operations come from the server's own table, so that a new one fails the
// test until it has a fixture (fixtures_test.go). Beside it are the attacks on
// authorization that a single operation does not show: restricted principals,
// trust between accounts, escalation, deputies, revocation under load, and
// principals made anew under an old name.
package authorize
