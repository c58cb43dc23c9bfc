// Package pgtest runs real PostgreSQL servers for tests: one that a test program
// shares, servers that are killed and started again, a primary with its
// synchronous standby, and a proxy that loses what it carries.
//
// Servers listen on a loopback port, with a password, and keep their data in a
// temporary folder. A process of their own stops them and removes the folder when
// the test program ends, however it ends. PostgreSQL refuses to run as root; tests
// that do run it as the user nobody.
//
// Tests fail without PostgreSQL when SALLYPORT_TEST_REQUIRE_ALL is set, and are
// skipped otherwise.
package pgtest
