// Package credential checks what people prove themselves with. It knows
// secrets and proofs, not requests: sign-in and the account operations call it.
//
// Passwords are kept as Argon2id hashes (RFC 9106) in the PHC string format,
// so that the cost can be raised later without losing any.
//
// How often a password may be guessed is counted here, in memory and for all nodes
// in the journal's facts.
//
// Codes of MFA devices are RFC 6238's. Which periods a device may be in, and
// that no code counts twice, is known to the owner of its state.
//
// Passkeys and security keys are Web Authentication's (Level 3,
// https://www.w3.org/TR/webauthn-3/): a [RelyingParty] words what browsers are
// asked and checks what they answer. Challenges and counters are known to the
// owner of their state as well.
package credential
