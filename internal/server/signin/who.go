package signin

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strings"
	"time"

	"sallyport/internal/iam"
	"sallyport/internal/journal"
	"sallyport/internal/operation"
	"sallyport/internal/state"
)

// somebody is whom a sign-in says it is. owner is empty when there is nobody who
// could: no such account or user, or no password.
type somebody struct {
	root    bool
	account string // "" when it is not known
	owner   string
	// counted is the name under which attempts are counted, folded like names, so
	// that it is one whatever the spelling and whether or not anybody has it.
	counted string
	caller  *operation.Caller // nil when nobody has the name
}

// rootUser is the root user with an e-mail address.
func (x *exchange) rootUser(email string) somebody {
	email = iam.FoldEmail(strings.TrimSpace(email))
	s := somebody{root: true, counted: "root\x00" + email}
	directory, ok := x.State.View(state.Directory)
	if !ok {
		return s
	}
	row, ok := iam.DirectoryEmails.Get(directory, email)
	if !ok {
		return s
	}
	view, ok := x.account(row.Account)
	if !ok {
		return s
	}
	s.account, s.caller = row.Account, iam.RootCaller(row.Account)
	if iam.LoginProfiles.Has(view, iam.RootLogin) {
		s.owner = iam.RootLogin
	}
	return s
}

// user is the IAM user of an account, given by id or alias.
func (x *exchange) user(account, name string) somebody {
	account, known := x.accountNamed(account)
	name = iam.FoldName(strings.TrimSpace(name))
	s := somebody{counted: "user\x00" + account + "\x00" + name}
	view, ok := x.account(account)
	if !ok || !known {
		return s
	}
	s.account = account
	u, err := iam.FindUser(view, name)
	if err != nil {
		return s
	}
	s.caller = iam.UserCaller(account, u)
	if iam.LoginProfiles.Has(view, u.ID) {
		s.owner = u.ID
	}
	return s
}

// accountNamed is the account with an id, which may have dashes as AWS shows it, or an
// alias. What names none is returned folded.
func (x *exchange) accountNamed(name string) (account string, known bool) {
	account = iam.PlainAccountID(strings.ToLower(strings.TrimSpace(name)))
	directory, ok := x.State.View(state.Directory)
	if !ok {
		return account, false
	}
	if row, ok := iam.DirectoryAliases.Get(directory, account); ok {
		return row.Account, true
	}
	return account, iam.DirectoryAccounts.Has(directory, account)
}

// patience is how long a password may take to be checked, with all that goes with
// it, when the store hangs.
const patience = 30 * time.Second

// try counts an attempt and checks the password; or says how long to wait, or that
// it is credential.ErrBusy, and has not looked at it. All of it is done in a place at
// the gate, and to its end when the browser is gone: so a flood has the store write
// no more than goes with the passwords that are checked.
func (x *exchange) try(s somebody, password string) (right bool, proof string, wait time.Duration, err error) {
	if err := x.gate.Enter(); err != nil {
		return false, "", 0, err
	}
	defer x.gate.Leave()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(x.http.Context()), patience)
	defer cancel()
	attempt, wait, err := x.attempts.Begin(ctx, s.counted, x.Server.SourceIP(x.http), x.now)
	if err != nil || wait > 0 {
		return false, "", wait, err
	}
	right, proof, err = x.check(ctx, s, password)
	if right {
		err = attempt.GiveBack(ctx)
	}
	return right && err == nil, proof, 0, err
}

// check says whether the password is the one of whom is meant, and what proves
// later that it still is. It does the same work for nobody.
func (x *exchange) check(ctx context.Context, s somebody, password string) (right bool, proof string, err error) {
	stream, secret := state.Directory, iam.LoginSecret("nobody")
	if s.owner != "" {
		stream, secret = state.AccountStream(s.account), iam.LoginSecret(s.owner)
	}
	stored, err := x.State.Secret(ctx, stream, secret)
	there := err == nil
	if err != nil && !errors.Is(err, journal.ErrNotFound) {
		return false, "", err
	}
	if !there {
		stored = []byte(x.nobody)
	}
	right, err = x.gate.Verify(ctx, string(stored), password)
	return right && there, proofOf(stored), err
}

// proofOf stands for a password's hash without being one.
func proofOf(hash []byte) string {
	sum := sha256.Sum256(hash)
	return hex.EncodeToString(sum[:])
}
