// Package seal encrypts what is kept at rest (secret access keys, TOTP seeds,
// passwords' companions) and what travels through clients (session tokens,
// encoded authorization messages).
//
// It owns the sealed format, key derivation, rotation, and the ways a master key
// is provided. It does not decide what is sealed, nor where it is kept.
//
// The flow: [FromEnv], [FromFile] or [FromFileOrCreate] give a [Key]; [New] makes
// a [Sealer] of one or more; the first key seals, all of them open, so a key is
// rotated by putting a new one in front and dropping the old one when nothing
// sealed by it is left.
//
// Sealed bytes are
//
//	version (1) | key id (8) | salt (16) | nonce (12) | ciphertext and tag
//
// encrypted with AES-256-GCM (NIST SP 800-38D) under a key derived for this
// purpose and this message: HKDF-SHA256 (RFC 5869) over the master key with the
// random salt, and the purpose in its info. A fresh key per message lifts GCM's
// bound of 2^32 random nonces per key, which a busy token service would pass
// within days. The header, the purpose and the caller's context are
// authenticated as additional data, so a sealed value opens nowhere but where it
// was meant to.
package seal
