// Package oidcprovider runs npm's oidc-provider for tests: an OpenID Connect issuer
// that shares nothing with Sallyport, in a process of its own behind HTTPS on
// loopback, where people sign in by a form (npm/issuer.mjs).
//
// It owns how the issuer is installed, started, stopped and given other keys, and
// how somebody signs in there. It holds no test.
package oidcprovider
