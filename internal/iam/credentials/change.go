package credentials

import (
	"net/http"
	"time"

	"sallyport/internal/api"
	"sallyport/internal/api/iamapi"
	"sallyport/internal/credential"
	"sallyport/internal/iam"
	"sallyport/internal/operation"
	"sallyport/internal/state"
)

// changePassword gives the user who calls another password
// (https://docs.aws.amazon.com/IAM/latest/APIReference/API_ChangePassword.html).
// Guessing the old one is bounded as at every door where a password is asked for.
func (h *handlers) changePassword(c *operation.Call, tx *state.Tx, in *iamapi.ChangePasswordRequest) (*iamapi.ChangePasswordResponse, error) {
	u, p, err := findLogin(c, tx, nil)
	if err != nil {
		return nil, err
	}
	g, err := operation.Outside(c, guessOf(u.ID), func() (g guess, err error) {
		g.attempt, g.wait, err = h.guesses.Begin(c.Context, u.ID, c.Now)
		return g, err
	})
	if err != nil {
		return nil, err
	}
	if g.wait > 0 {
		return nil, iamapi.EntityTemporarilyUnmodifiableException("The password of user %s can't be changed now: too many attempts with a wrong one. Try again later.", u.Name)
	}
	right, err := isPassword(c, tx, u.ID, *in.OldPassword)
	if err != nil {
		return nil, err
	}
	if !right {
		return nil, api.AccessDenied(c.Op.Service, "The old password is not correct.")
	}
	if _, err := operation.Outside(c, g, func() (none struct{}, err error) { return none, g.attempt.GiveBack(c.Context) }); err != nil {
		return nil, err
	}
	if err := setUserPassword(c, tx, u, *in.NewPassword); err != nil {
		return nil, err
	}
	changed(c, tx, u.ID, p)
	return &iamapi.ChangePasswordResponse{}, nil
}

// A guess is one attempt at an old password, which a call makes once however often
// it is run; guessOf is the call's key of it.
type (
	guessOf string
	guess   struct {
		attempt *credential.Attempt
		wait    time.Duration
	}
)

// changed notes that its owner changed a password: the owner's other console
// sessions end.
func changed(c *operation.Call, tx *state.Tx, owner string, p *iam.LoginProfile) {
	now := *p
	now.Changed, now.ResetRequired = iam.Moment(tx.Now()), false
	iam.LoginProfiles.Put(tx, owner, &now)
	iam.EndConsoleSessions(tx, owner, iam.KeptConsoleSession(c.Caller))
}

// isPassword says whether the password is the owner's.
func isPassword(c *operation.Call, tx *state.Tx, owner, password string) (bool, error) {
	hash, err := tx.Secret(iam.LoginSecret(owner))
	if err != nil {
		return false, err
	}
	given, err := hashAlike(c, string(hash), password)
	return err == nil && credential.SameHash(given, string(hash)), err
}

// ErrWrongPassword says that the old password given for a change is not the one
// in force.
var ErrWrongPassword = api.Errorf("AccessDenied", http.StatusForbidden, true, "The old password is not correct.")

// ChangeRootPassword gives the account's root user, who calls, another password.
// There is no operation for it: root changes its password where it signs in
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/root-user-password.html).
// The account's password policy is not for root; the rules of an account without
// one are. The caller of this bounds guesses, and ends a run as operation.Complete
// has it.
func ChangeRootPassword(c *operation.Call, tx *state.Tx, old, password string) error {
	p, ok := iam.LoginProfiles.Get(tx, iam.RootLogin)
	if !ok {
		return ErrWrongPassword
	}
	right, err := isPassword(c, tx, iam.RootLogin, old)
	if err != nil {
		return err
	}
	if !right {
		return ErrWrongPassword
	}
	if err := setPassword(c, tx, iam.RootLogin, nil, password); err != nil {
		return err
	}
	changed(c, tx, iam.RootLogin, p)
	return nil
}
