// Package issuer is what an issuer of web identity tokens is made of: its keys,
// its signatures, and the documents by which others verify them, OpenID Connect's
// discovery document and the key set
// (https://openid.net/specs/openid-connect-discovery-1_0.html, RFC 7517).
//
// It does not own who may have a token, what is in it, or where keys are kept:
// packages sts and iam/outbound do. It knows no requests.
package issuer
