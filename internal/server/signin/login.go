package signin

import (
	"errors"
	"net/http"
	"time"

	"sallyport/internal/api"
	"sallyport/internal/credential"
	"sallyport/internal/iam"
	"sallyport/internal/server/signin/page"
	"sallyport/internal/session"
	"sallyport/internal/state"
)

// A signInForm is the first page.
type signInForm struct {
	Root                 bool
	Account, User, Email string
	Next                 string
}

// wrong is the one answer to everything that is not right.
const wrong = "Your authentication information is incorrect. Please try again."

func (x *exchange) showSignIn() error {
	next := x.ownPath(x.http.URL.Query().Get("next"))
	if s, err := x.signedIn(); err == nil {
		if s.Caller == nil { // the console would lead here again
			next = sessionPath
		}
		return x.redirect(next)
	}
	if next == home {
		next = ""
	}
	return x.signInPage(http.StatusOK, signInForm{
		Root: x.http.URL.Path == "/signin/root", Next: next, Account: limited(x.http.URL.Query().Get("account")),
	}, "")
}

func (x *exchange) signInPage(status int, f signInForm, problem string) error {
	c, err := x.start()
	if err != nil {
		return err
	}
	token, err := x.token(c.Nonce)
	if err != nil {
		return err
	}
	return x.show(status, "signin", page.Content{Title: "Sign in", Token: token, Problem: problem, Body: f})
}

// limited is what is shown again of what was typed.
func limited(s string) string {
	if len(s) > 256 {
		return ""
	}
	return s
}

// signIn takes a name and a password.
func (x *exchange) signIn() error {
	f := signInForm{
		Root: x.http.URL.Path == "/signin/root", Next: x.ownPath(x.form.Get("next")),
		Account: limited(x.form.Get("account")), User: limited(x.form.Get("username")), Email: limited(x.form.Get("email")),
	}
	c := x.challenge(stepStart)
	if c == nil || x.checkToken(c.Nonce) != nil {
		return x.signInPage(http.StatusForbidden, f, "The page had expired, or your browser keeps no cookies. Please try again.")
	}
	who := x.user(x.form.Get("account"), x.form.Get("username"))
	if f.Root {
		who = x.rootUser(x.form.Get("email"))
	}
	right, proof, wait, err := x.try(who, x.form.Get("password"))
	if errors.Is(err, credential.ErrBusy) {
		return errBusy
	}
	if err != nil {
		return err
	}
	if wait > 0 {
		if err := x.failed(who, f.Next, "", "Too many attempts"); err != nil {
			return err
		}
		return x.tooMany(wait, func(problem string) error { return x.signInPage(http.StatusTooManyRequests, f, problem) })
	}
	if !right {
		if err := x.failed(who, f.Next, "", ""); err != nil {
			return err
		}
		return x.signInPage(http.StatusForbidden, f, wrong)
	}
	return x.proved(&challenge{Account: who.account, Owner: who.owner, Proof: proof, Next: f.Next})
}

// tooMany answers somebody who must wait.
func (x *exchange) tooMany(wait time.Duration, page func(problem string) error) error {
	x.retryAfter(wait)
	minutes := int((wait + time.Minute - 1) / time.Minute)
	if minutes <= 1 {
		return page("Too many attempts. Try again in a minute.")
	}
	return page("Too many attempts. Try again in " + itoa(minutes) + " minutes.")
}

// proved goes on to what is missing: a second factor, another password, or
// nothing.
func (x *exchange) proved(c *challenge) error {
	view, ok := x.account(c.Account)
	if !ok {
		return errStart
	}
	if hasSecondFactor(view, c.Owner) && c.MFAAt.IsZero() {
		if err := x.asked(c); err != nil {
			return err
		}
		c.Step, c.Passkey = stepMFA, x.Ident.Token(passkeyChallenge)
		if err := x.keep(c, challengeLife); err != nil {
			return err
		}
		return x.redirect("/signin/mfa")
	}
	switch due(view, c.Owner, x.now) {
	case changeImpossible:
		if err := x.failed(x.somebodyOf(c), c.Next, c.MFADevice, "Password expired"); err != nil {
			return err
		}
		x.forget()
		return &refusal{status: http.StatusForbidden, title: "Your password has expired",
			text: "Your password has expired, and your account's password policy doesn't let you choose another. Ask an administrator to reset it."}
	case changeDue:
		c.Step = stepPassword
		if err := x.keep(c, challengeLife); err != nil {
			return err
		}
		return x.redirect("/signin/password")
	}
	return x.begin(c)
}

// Whether a password must be changed before its owner goes on.
type change int

const (
	changeNone change = iota
	changeDue
	changeImpossible
)

// due is what an owner's login profile and the account's password policy ask for
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_passwords_account-policy.html).
func due(r state.Reader, owner string, now time.Time) change {
	p, ok := iam.LoginProfiles.Get(r, owner)
	if !ok {
		return changeImpossible
	}
	if rules, _ := iam.PasswordPolicies.Get(r, iam.AccountKey); owner != iam.RootLogin {
		if at, expires := rules.Expiry(p.Changed); expires && !now.Before(at) {
			if rules.HardExpiry != nil && *rules.HardExpiry {
				return changeImpossible
			}
			return changeDue
		}
	}
	if p.ResetRequired {
		return changeDue
	}
	return changeNone
}

func (x *exchange) showMFA() error {
	c := x.challenge(stepMFA)
	if c == nil {
		return x.redirect("/signin")
	}
	return x.mfaPage(http.StatusOK, c, "")
}

// An mfaForm is what the second factor is asked for with.
type mfaForm struct {
	// Codes says that a device of the owner's shows codes.
	Codes bool
	// Passkey are the options for the browser, as JSON; empty without a passkey.
	Passkey string
}

// mfaPage asks for a code, a passkey, or either of them.
func (x *exchange) mfaPage(status int, c *challenge, problem string) error {
	token, err := x.token(c.Nonce)
	if err != nil {
		return err
	}
	view, ok := x.account(c.Account)
	if !ok {
		return errStart
	}
	options, err := x.MFA.PasskeyOptions(view, c.Owner, c.Passkey)
	if err != nil {
		return err
	}
	_, codes := factors(view, c.Owner)
	v := page.Content{Title: "Multi-factor authentication", Token: token, Problem: problem, Body: mfaForm{codes > 0, string(options)}}
	if options != nil {
		v.Script = true
	}
	return x.show(status, "mfa", v)
}

// factors counts an owner's security keys, and the devices that show codes.
func factors(r state.Reader, owner string) (keys, codes int) {
	iam.MFADevicesByOwner.Ascend(r, owner, func(_ string, d *iam.MFADevice) bool {
		if d.ShowsCodes() {
			codes++
		} else {
			keys++
		}
		return true
	})
	return keys, codes
}

// proveMFA takes a code of any of the owner's devices.
func (x *exchange) proveMFA() error {
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
	device, err := x.MFA.ProveOwner(x.http.Context(), view, c.Owner, digits(x.form.Get("code")), x.now)
	var throttled *api.Error
	if errors.As(err, &throttled) && throttled.Code == "Throttling" {
		if err := x.failed(x.somebodyOf(c), c.Next, anyDevice, "Too many attempts"); err != nil {
			return err
		}
		return x.tooMany(time.Hour, func(problem string) error { return x.mfaPage(http.StatusTooManyRequests, c, problem) })
	}
	if err != nil {
		return err
	}
	if device == "" {
		if err := x.failed(x.somebodyOf(c), c.Next, anyDevice, ""); err != nil {
			return err
		}
		return x.mfaPage(http.StatusForbidden, c, "The code is incorrect, or was used already. Wait for the next one and try again.")
	}
	c.MFAAt, c.MFADevice = x.now, device
	return x.proved(c)
}

// digits is a code as it is typed, without spaces.
func digits(s string) string {
	code := make([]byte, 0, 6)
	for i := range len(s) {
		if s[i] == ' ' {
			continue
		}
		if s[i] < '0' || s[i] > '9' || len(code) == 6 {
			return ""
		}
		code = append(code, s[i])
	}
	return string(code)
}

// begin makes the session of a challenge that lacks nothing, and asks all of it
// again of the state the session is made on.
func (x *exchange) begin(c *challenge) error {
	id := x.Ident.Token(32)
	key := session.Key(c.Owner, id)
	row := &iam.ConsoleSession{
		MFAAt: c.MFAAt, MFADevice: c.MFADevice, AccessKeyID: x.Ident.TemporaryAccessKeyID(c.Account),
		SourceIP: x.Server.SourceIP(x.http), UserAgent: x.userAgent(),
	}
	who := x.somebodyOf(c)
	if who.caller == nil {
		return errStart
	}
	err := x.update(c.Account, who.caller.Principal.ARN, "signin:ConsoleLogin", func(tx *state.Tx) error {
		if err := stillProved(tx, c); err != nil {
			return err
		}
		if err := counted(tx, c); err != nil {
			return err
		}
		made := *row
		made.Created, made.Expires = iam.Moment(tx.Now()), iam.Moment(tx.Now().Add(session.Longest))
		iam.ForgetConsoleSessions(tx)
		iam.AddConsoleSession(tx, key, &made)
		passwordUsed(tx, c.Owner)
		x.recordIn(tx, x.loginEvent(who, c.Next, mfaSerial(tx, c), nil))
		return nil
	})
	if errors.Is(err, credential.ErrSignCount) {
		return x.copied(c)
	}
	if err != nil {
		return err
	}
	cookie, err := x.Sessions.Cookie(c.Account, c.Owner, id, x.now)
	if err != nil {
		return err
	}
	x.forget()
	http.SetCookie(x.w, cookie)
	return x.redirect(x.ownPath(c.Next))
}

// stillProved refuses a challenge that the state has moved away from: another
// password, a device that was added or is gone, a change that is due.
func stillProved(tx *state.Tx, c *challenge) error {
	hash, err := tx.Secret(iam.LoginSecret(c.Owner))
	if err != nil || proofOf(hash) != c.Proof || !iam.LoginProfiles.Has(tx, c.Owner) {
		return errStart
	}
	if hasSecondFactor(tx, c.Owner) != !c.MFAAt.IsZero() || due(tx, c.Owner, tx.Now()) != changeNone {
		return errStart
	}
	if d, ok := iam.MFADevices.Get(tx, c.MFADevice); c.MFADevice != "" && (!ok || d.Owner != c.Owner) {
		return errStart
	}
	if c.Owner != iam.RootLogin && !iam.Users.Has(tx, c.Owner) {
		return errStart
	}
	return nil
}

// passwordUsed notes when an owner signed in last.
func passwordUsed(tx *state.Tx, owner string) {
	now := tx.Now().UTC().Truncate(time.Second)
	if owner == iam.RootLogin {
		if account, ok := iam.Accounts.Get(tx, iam.AccountKey); ok {
			used := *account
			used.PasswordLastUsed = &now
			iam.Accounts.Put(tx, iam.AccountKey, &used)
		}
		return
	}
	if u, ok := iam.Users.Get(tx, owner); ok {
		used := *u
		used.PasswordLastUsed = &now
		iam.Users.Put(tx, owner, &used)
	}
}

// somebodyOf is whom a challenge is of.
func (x *exchange) somebodyOf(c *challenge) somebody {
	who := somebody{root: c.Owner == iam.RootLogin, account: c.Account, owner: c.Owner}
	view, ok := x.account(c.Account)
	if !ok {
		return who
	}
	if who.root {
		who.caller = iam.RootCaller(c.Account)
	} else if u, ok := iam.Users.Get(view, c.Owner); ok {
		who.caller = iam.UserCaller(c.Account, u)
	}
	return who
}
