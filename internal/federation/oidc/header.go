package oidc

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-json-experiment/json/jsontext"
)

// algorithms are those a token may be signed with, and what keys they take
// (RFC 7518, section 3.1; RFC 8037). AWS documents RS and ES. "none" and those
// with a shared secret are none of an issuer: everybody knows its keys.
var algorithms = map[jose.SignatureAlgorithm]func(key any) bool{
	jose.RS256: isRSA, jose.RS384: isRSA, jose.RS512: isRSA,
	jose.PS256: isRSA, jose.PS384: isRSA, jose.PS512: isRSA,
	jose.ES256: onCurve(elliptic.P256()), jose.ES384: onCurve(elliptic.P384()), jose.ES512: onCurve(elliptic.P521()),
	jose.EdDSA: func(key any) bool { _, ok := key.(ed25519.PublicKey); return ok },
}

func isRSA(key any) bool { _, ok := key.(*rsa.PublicKey); return ok }

func onCurve(curve elliptic.Curve) func(key any) bool {
	return func(key any) bool {
		k, ok := key.(*ecdsa.PublicKey)
		return ok && k.Curve == curve
	}
}

// header is what counts of a token's protected header.
type header struct {
	alg   jose.SignatureAlgorithm
	keyID string // "" for none
}

// parseHeader reads a header. Extensions that must be understood are refused
// (RFC 7515, section 4.1.11), among them payloads that are not encoded (RFC 7797).
func parseHeader(raw []byte) (h header, refusal *Error) {
	members, err := object(raw)
	if err != nil {
		return h, invalid(msgNotJWT, err)
	}
	alg, given, err := member[string](members, "alg")
	if err != nil || !given {
		return h, invalid(msgNotJWT, err)
	}
	h.alg = jose.SignatureAlgorithm(alg)
	if algorithms[h.alg] == nil {
		return h, invalid(msgAlgorithm, nil)
	}
	for _, name := range []string{"crit", "b64"} {
		if _, there := members[name]; there {
			return h, invalid(msgCritical, nil)
		}
	}
	if h.keyID, _, err = member[string](members, "kid"); err != nil {
		return h, invalid(msgNotJWT, err)
	}
	return h, nil
}

// members are those of a JSON object.
type members map[string]jsontext.Value
