package signin

import (
	"errors"
	"net/http"
	"time"

	"sallyport/internal/api"
	"sallyport/internal/api/iamapi"
	"sallyport/internal/credential"
	"sallyport/internal/iam"
	"sallyport/internal/iam/credentials"
	"sallyport/internal/operation"
	"sallyport/internal/server/signin/page"
	"sallyport/internal/session"
	"sallyport/internal/state"
	"sallyport/policy"
)

// Somebody changes their password where they sign in, because it is due, or later
// of their own accord. For a user it is the operation ChangePassword, with the
// user's permissions; for the root user there is no operation.

// passwordForm says why a change is asked for.
type passwordForm struct{ Due bool }

// A changer is who changes a password: signing in with a challenge, or signed in.
type changer struct {
	caller    *operation.Caller
	account   string
	bound     string // what the form's token is bound to
	challenge *challenge
	session   *session.Session
}

// changer is who a request is of; nil when it is of nobody who may change theirs.
func (x *exchange) changer() *changer {
	if c := x.challenge(stepPassword); c != nil {
		caller := x.somebodyOf(c).caller
		if caller == nil {
			return nil
		}
		// They have no session yet: what they have proved is what they may.
		caller.Session = &operation.Session{Issued: x.now, Expires: c.Until, MFAAt: c.MFAAt, MFADevice: c.MFADevice}
		return &changer{caller: caller, account: c.Account, bound: c.Nonce, challenge: c}
	}
	s, err := x.signedIn()
	if err != nil || s.Federated() {
		return nil
	}
	return &changer{caller: s.Own, account: s.Account, bound: s.Key, session: s}
}

func (x *exchange) showPassword() error {
	c := x.changer()
	if c == nil {
		return x.redirect("/signin")
	}
	return x.passwordPage(http.StatusOK, c, "")
}

func (x *exchange) passwordPage(status int, c *changer, problem string) error {
	token, err := x.token(c.bound)
	if err != nil {
		return err
	}
	v := page.Content{Title: "Change your password", Token: token, Problem: problem, Body: passwordForm{Due: c.challenge != nil}}
	if c.session != nil {
		v.Bar = x.bar(c.session)
	}
	return x.show(status, "password", v)
}

func (x *exchange) changePassword() error {
	c := x.changer()
	if c == nil {
		return errStart
	}
	if err := x.checkToken(c.bound); err != nil {
		return err
	}
	old, password := x.form.Get("old"), x.form.Get("new")
	if password != x.form.Get("confirm") {
		return x.passwordPage(http.StatusForbidden, c, "The two new passwords are not the same.")
	}
	err := x.setPassword(c, old, password)
	var spoken *api.Error
	if errors.As(err, &spoken) && spoken.Status < 500 {
		return x.passwordPage(http.StatusForbidden, c, spoken.Message)
	}
	if err != nil {
		return err
	}
	if c.session != nil {
		if err := x.replace(c.session, "signin:ChangePassword", func(*state.Tx, *iam.ConsoleSession) error { return nil }); err != nil {
			return err
		}
		return x.redirect(home)
	}
	// The password that is set now is proved anew: an administrator may have set
	// another meanwhile.
	next := *c.challenge
	hash, err := x.State.Secret(x.http.Context(), state.AccountStream(c.account), iam.LoginSecret(next.Owner))
	if err != nil {
		return err
	}
	if right, err := credential.VerifyPassword(string(hash), password); err != nil || !right {
		return errStart
	}
	next.Proof = proofOf(hash)
	return x.proved(&next)
}

func (x *exchange) setPassword(c *changer, old, password string) error {
	if c.caller.Principal.Kind == policy.Root {
		return x.setRootPassword(c, old, password)
	}
	_, err := x.Server.Perform(x.http, c.caller, iamapi.OpChangePassword, &iamapi.ChangePasswordRequest{OldPassword: &old, NewPassword: &password})
	return err
}

// setRootPassword changes the root user's password. Its record is PasswordUpdated,
// as AWS has it.
func (x *exchange) setRootPassword(c *changer, old, password string) error {
	if len(password) > 128 {
		return iamapi.PasswordPolicyViolationException("Password should have at most 128 characters")
	}
	attempt, wait, err := x.attempts.Begin(x.http.Context(), "change\x00"+c.account, x.Server.SourceIP(x.http), x.now)
	if err != nil {
		return err
	}
	if wait > 0 {
		return iamapi.EntityTemporarilyUnmodifiableException("The password can't be changed now: too many attempts with a wrong one. Try again in %d minutes.", int(wait/time.Minute)+1)
	}
	call := &operation.Call{Context: x.http.Context(), Caller: c.caller, Now: x.now}
	err = operation.Complete(func() error {
		return x.update(c.account, c.caller.Principal.ARN, "signin:PasswordUpdated", func(tx *state.Tx) error {
			if c.session != nil && !iam.ConsoleSessions.Has(tx, c.session.Key) {
				return errStart
			}
			if err := credentials.ChangeRootPassword(call, tx, old, password); err != nil {
				return err
			}
			x.recordIn(tx, x.event("PasswordUpdated", c.account, c.caller, done("PasswordUpdated")))
			return nil
		})
	})
	// A new password that is refused is no guess at the old one.
	if spoken, ok := errors.AsType[*api.Error](err); err == nil || ok && spoken.Status < 500 && !errors.Is(err, credentials.ErrWrongPassword) {
		err = errors.Join(err, attempt.GiveBack(x.http.Context()))
	}
	if err == nil {
		return nil
	}
	e := x.event("PasswordUpdated", c.account, c.caller, done("PasswordUpdated"))
	e.SignIn.Response[0].Value, e.ErrorMessage = failure, "Failed to update the password"
	return errors.Join(err, x.append(e))
}

// replace puts a session under a new id, with a change: nobody who knew the old
// one goes on with it. The session must still be there.
func (x *exchange) replace(s *session.Session, name string, change func(*state.Tx, *iam.ConsoleSession) error) error {
	owner, id := iam.ConsoleSessionOwner(s.Key), x.Ident.Token(32)
	err := x.update(s.Account, s.Own.Principal.ARN, name, func(tx *state.Tx) error {
		row, ok := iam.ConsoleSessions.Get(tx, s.Key)
		if !ok {
			return errStart
		}
		changed := *row
		if err := change(tx, &changed); err != nil {
			return err
		}
		iam.ConsoleSessions.Delete(tx, s.Key)
		iam.ConsoleSessions.Put(tx, session.Key(owner, id), &changed)
		return nil
	})
	if err != nil {
		return err
	}
	cookie, err := x.Sessions.Cookie(s.Account, owner, id, x.now)
	if err != nil {
		return err
	}
	x.w.Header().Del("Set-Cookie") // one that was renewed is of the old id
	http.SetCookie(x.w, cookie)
	return nil
}
