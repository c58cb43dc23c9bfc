package signin

import (
	"errors"
	"net/http"

	"sallyport/internal/credential"
	"sallyport/internal/iam"
	"sallyport/internal/state"
)

// passkeyChallenge is how many random bytes a passkey signs.
const passkeyChallenge = 32

// copiedKey is on record when the counter of a security key went back.
const copiedKey = "Failed authentication: the security key's counter went back"

// provePasskey takes a browser's answer of one of the owner's passkeys, after the
// password. The challenge is in the sealed cookie of the step and counts once.
func (x *exchange) provePasskey() error {
	c := x.challenge(stepMFA)
	if c == nil {
		return errStart
	}
	if err := x.checkToken(c.Nonce); err != nil {
		return err
	}
	view, ok := x.account(c.Account)
	if !ok {
		return errStart
	}
	device, count, err := x.MFA.ProvePasskey(x.http.Context(), view, c.Owner, c.Passkey, []byte(x.form.Get("answer")), c.Until)
	switch {
	case errors.Is(err, credential.ErrSignCount):
		c.MFADevice = device
		return x.copied(c)
	case errors.Is(err, credential.ErrPasskey):
		return x.notProved(c)
	case err != nil:
		return err
	}
	c.MFAAt, c.MFADevice, c.Count, c.Passkey = x.now, device, &count, ""
	return x.proved(c)
}

// notProved records an answer that proves nothing and asks anew, with another
// challenge. What was proved before lasts no longer by that.
func (x *exchange) notProved(c *challenge) error {
	if err := x.failed(x.somebodyOf(c), c.Next, anyDevice, ""); err != nil {
		return err
	}
	c.Passkey = x.Ident.Token(passkeyChallenge)
	if err := x.keep(c, c.Until.Sub(x.now)); err != nil {
		return err
	}
	return x.mfaPage(http.StatusForbidden, c, "The passkey or security key was not accepted. Try again, or use another device.")
}

// counted notes the counter of the passkey that was proved, in the entry that
// makes the session.
func counted(tx *state.Tx, c *challenge) error {
	if c.Count == nil {
		return nil
	}
	d, ok := iam.MFADevices.Get(tx, c.MFADevice)
	if !ok || d.Passkey == nil {
		return errStart
	}
	return iam.CountPasskey(tx, d, *c.Count)
}

// copied refuses a sign-in whose security key's counter went back: there may be a
// copy of it, and which is the copy can't be told.
func (x *exchange) copied(c *challenge) error {
	view, ok := x.account(c.Account)
	if !ok {
		return errStart
	}
	if err := x.failed(x.somebodyOf(c), c.Next, mfaSerial(view, c), copiedKey); err != nil {
		return err
	}
	x.forget()
	return &refusal{status: http.StatusForbidden, title: "The security key was refused",
		text: "The security key's counter went back since it was last used: there may be a copy of it. Sign in with another device, remove this one and register it again."}
}
