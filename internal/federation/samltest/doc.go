// Package samltest is a SAML identity provider for tests. It owns a key and writes
// metadata and signed responses; it serves nothing. Signatures are made by a
// library, not by the code that is tested.
package samltest
