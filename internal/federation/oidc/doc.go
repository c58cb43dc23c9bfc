// Package oidc verifies web identity tokens: the ID tokens of OpenID Connect
// issuers that an account has registered. It knows issuers, tokens and keys, not
// accounts, roles or requests; internal/sts calls it.
//
//	Parse → (the caller finds the issuer's provider) → Verify: claims → keys → signature
//
// What costs nothing is looked at first: a token that is expired or for another
// audience makes nobody ask its issuer. What Parse returns is not verified and
// tells nothing but the issuer it claims.
//
// A token is a JWS in compact form (RFC 7515) with one of the signature
// algorithms listed in header.go. Whose key signed it is decided by the issuer's
// keys alone: of the token's own header only "alg" and "kid" are looked at, and
// what it says about keys (jwk, jku, x5c, x5u) is not. The signature itself is
// go-jose's work. The key cache of go-oidc is not used: it asks an issuer as often
// as strangers make it, and has no bounds.
//
// # Asking an issuer
//
// Keys come from the issuer's discovery document (OpenID Connect Discovery 1.0)
// and the key set it names, both over HTTPS at port 443. Redirects and proxies are
// not followed. Addresses that are not on the public internet are refused when the
// connection is made, after the name was resolved, but for hosts that the operator
// has named (Options.PrivateIssuers). Documents, keys and time are bounded.
//
// Keys are good for FreshFor; then they are asked for anew, and so they are when a
// token names one that is not there. An issuer is asked at most once every
// AskEvery, by one call for all that wait. While it can't be reached its last keys
// are used up to KeptFor: a key that an issuer withdraws is refused after FreshFor
// while the issuer answers, and after KeptFor in any case.
//
// # Certificates
//
// An issuer's certificate must be for its host and lead to a root that the system
// or the operator trusts. Only if it doesn't, a thumbprint of the provider may
// stand for the root, as in AWS
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc_verify-thumbprint.html):
// it is the SHA-1 of the last certificate of the chain that the server sends. That
// certificate being there proves nothing, since anybody can send a copy of it. It
// is made the root, and the server's certificate must lead to it by valid
// signatures, be within its dates, and be for the host. SHA-1 is weak against
// collisions, where one party makes both certificates; to pass here, somebody must
// match the hash of a certificate that exists, which nobody can.
package oidc
