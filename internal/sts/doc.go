// Package sts is the Security Token Service: it issues temporary credentials
// and knows what the session tokens it issued say.
//
// A session token is self-contained: everything about the session, its secret
// access key included, is sealed inside (internal/seal). Nothing is stored when
// one is issued. Whether it is still good is asked of the live state each time
// it is used: the role or user must exist under the same unique id, and its
// policies are those of that moment.
package sts
