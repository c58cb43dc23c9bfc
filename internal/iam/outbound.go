package iam

import (
	"time"

	"sallyport/internal/federation/issuer"
)

// An OutboundFederation is the account's issuer of web identity tokens, since
// outbound federation was enabled for the first time. Its table has one row at
// most, under AccountKey. Its private keys are sealed apart under
// IssuerKeySecret(key id).
type OutboundFederation struct {
	// Issuer is a random UUID that the issuer's URL ends in.
	Issuer  string `json:"issuer"`
	Enabled bool   `json:"enabled,omitempty"`
	// Changed is when it was enabled or disabled last.
	Changed time.Time `json:"changed"`
	// Keys are for one algorithm each.
	Keys []issuer.PublicKey `json:"keys"`
}

// issuerAfterlife is how long the last token lives that was issued before outbound
// federation was disabled: an hour, and five minutes for clocks that differ.
const issuerAfterlife = time.Hour + 5*time.Minute

// Alive reports whether tokens of the issuer may still hold, so that its keys are
// needed: while it is enabled and as long after as the last of them lives.
func (f *OutboundFederation) Alive(now time.Time) bool {
	return f.Enabled || now.Before(f.Changed.Add(issuerAfterlife))
}

// IssuerKeySecret is the id under which the private key of a web identity token
// issuer is sealed.
func IssuerKeySecret(keyID string) string { return "issuer-key/" + keyID }
