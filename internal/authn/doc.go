// Package authn is the first door: it turns a signed request into the
// principal that signed it, or into AWS's error.
//
// It looks credentials up in the committed state at every request, so that a
// key made inactive or a principal deleted fails from the next request on, and
// derives signing keys at most once a day for each key and scope.
//
// An unknown key and a wrong signature get AWS's different errors after the
// same work: a signature is always calculated, for unknown keys with a secret
// of no account.
package authn
