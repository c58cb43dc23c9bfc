// Package saml reads what SAML 2.0 identity providers write: their metadata, their
// responses, and what an assertion claims for STS. It does no I/O, reads no clock
// and logs nothing: the time, the keys and what was used before are its callers'.
//
// # Flow of a verification
//
//	m, err := saml.ParseMetadata(document)            // when a provider is created
//	a, err := saml.Verify(response, m, now, rules)    // who it is, or a *saml.Error
//	                                                  // caller: was (a.Issuer, a.ID) used?
//	c, err := a.Claims(account, provider)             // for which roles, as what
//	err = c.CheckRole(role, providerARN)
//
// Verify goes from the outside in: base64 and strict XML; the survey of where
// assertions, signatures and IDs are, before anything is believed; the signature
// of the response; its status and addressee; decryption; the signature of the
// assertion; what the assertion says.
//
// # What is believed
//
// Only bytes whose signature was verified: the canonical form that was hashed is
// read anew, and the assertion is read from that. An element around a signature, a
// second parser's view of the document, or a comment that splits a name has no
// way into it. What an unsigned response says beside a signed assertion (its
// status, its Destination) can only lead to a refusal.
//
// # Rules that are stricter than, or not told by, AWS's pages
//
//   - RSA keys have 2048 to 8192 bits; curves are P-256, P-384 and P-521.
//   - Signatures and digests use SHA-256 or better; there is one reference, to the
//     signed element's own ID, with the enveloped-signature transform and exclusive
//     or inclusive canonical XML 1.0; the signature is behind the Issuer. KeyInfo
//     is not looked at.
//   - A response has exactly one assertion, no comments, no document type, no ID
//     twice. It may be signed, or its assertion, or both; all signatures count.
//   - Keys of encrypted assertions are transported by RSA-OAEP. Where the response
//     is not signed, everything that goes wrong before the decrypted assertion's
//     signature is verified is one error, so that nobody learns of the content by
//     asking: AES-CBC alone protects nothing against changes.
//   - An assertion names an audience, and one confirmation by bearer.
//
// References: SAML Core, Bindings, Profiles and Metadata 2.0 (OASIS, 2005); XML
// Signature and XML Encryption 1.1 (W3C, 2013); RFC 9231; the IAM User Guide's
// pages id_roles_providers_create_saml.html,
// id_roles_providers_create_saml_assertions.html and troubleshoot_saml.html.
package saml
