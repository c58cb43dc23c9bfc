// Package sigv4 signs and verifies AWS Signature Version 4.
//
// It owns the wire form of a signature (Authorization header or presigned
// query), the canonical request, the string to sign, key derivation, the
// checks of time and credential scope, and a cache of derived keys. It does
// not own credentials: whether an access key exists, is active, belongs to a
// session or is revoked is the caller's knowledge, asked between Parse and
// Verify. The package reads no clock, does no I/O and logs nothing.
//
// # Flow of a verification
//
//	req := sigv4.FromHTTP(r)
//	p, err := sigv4.Parse(&req)             // who claims to have signed what
//	err = p.Check(now, rules)               // time, scope, payload mode, signed headers
//	                                        // caller: find the secret of p.AccessKeyID
//	err = keys.Verify(p, bodySHA256, secret, now, rules)
//
// A body in signed chunks goes on with Parsed.Chunks. Parsed keeps its own copy of the request, so that the identity that was read
// and the request that is verified cannot come from two places. Verify repeats
// Check: leaving Check out changes the order in which errors are found, never
// the answer. The order (missing parts, date, signed headers, algorithm, scope,
// then the key, then the signature) is the one AWS answers in.
//
// # Rules that are stricter than, or not told by, AWS's pages
//
//   - host and every x-amz-* header of the request must be signed, and so must
//     content-type when the request has a body, except that the only type the
//     Query protocol knows, application/x-www-form-urlencoded, may be unsigned
//     (curl and older signers leave it out).
//   - Credentials in both the header and the query are refused; so are repeated
//     Authorization, Date, Content-Type, Content-Length and X-Amz-* headers, and
//     authentication parameters that are repeated or spelled in another case.
//   - SignedHeaders must be lower case, sorted and free of duplicates, and each
//     must be present.
//   - "+" and "%20" in a query are the same byte, a space, for the signature as
//     they are for the parameters; a bare ";" in a query is refused, because
//     parsers disagree on whether it separates parameters.
//   - Paths are normalised for the signature (except in S3's mode). Dispatch on
//     Parsed.Path, which is the path that was signed, never on the one sent.
//   - Messages never quote the Authorization header or a malformed credential;
//     they carry its SHA-256, as AWS does for the header.
//
// The algorithm follows "Signature Version 4 for API requests" in the IAM User
// Guide (reference_sigv4.html, reference_sigv-create-signed-request.html,
// reference_sigv-troubleshooting.html) and "Authenticating requests" in the
// Amazon S3 API Reference for payload modes and presigned requests. Asymmetric
// signatures (AWS4-ECDSA-P256-SHA256) are recognised and refused.
package sigv4
