// Package federation has people sign in at identity providers that are not
// Sallyport's own, started by the tests, and follows them all the way: what the
// provider says of them goes to STS, the credentials call the API with the role's
// rights and are refused the rest, and open a session of the console.
//
// oidc_*.go is about OpenID Connect (package oidcprovider). What a verifier makes of
// hostile documents is tested beside it (internal/federation), what stock clients do
// with tokens in test/clients. A test that can't start its provider fails.
package federation
