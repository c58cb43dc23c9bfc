// Package oidctest is an OpenID Connect issuer for tests: an HTTPS server on
// loopback, with a certificate authority of its own, that signs whatever it is
// asked to.
//
// It holds no test, and none of the rules that tokens are held to.
package oidctest
