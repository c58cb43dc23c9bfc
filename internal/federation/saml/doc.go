// Package saml reads what SAML 2.0 identity providers write: their metadata and
// their responses. It does no I/O and has no clock: the time and what has been
// seen before are its callers' knowledge.
package saml
