// Package attempts bounds how many passwords may be tried where people sign in, on
// all nodes together. It owns the limits; counting is package credential's.
package attempts

import (
	"context"
	"encoding/hex"
	"errors"
	"time"

	"sallyport/internal/credential"
	"sallyport/internal/journal"
	"sallyport/internal/seal"
	"sallyport/internal/server"
)

// How many wrong passwords there may be in five minutes: for one user from one
// address, for one user from anywhere, and from one address for anybody. Somebody
// who tries to lock a user out needs several addresses, all the time.
const (
	attemptWindow   = 5 * time.Minute
	attemptsPair    = 5
	attemptsUser    = 20
	attemptsAddress = 30
)

// Limits count what may be guesses, on all nodes together.
type Limits struct {
	address, pair, user *credential.Attempts
	sealer              *seal.Sealer
}

// New returns the limits whose counts facts keep.
func New(facts journal.Facts, sealer *seal.Sealer) Limits {
	limit := func(name string, n int) *credential.Attempts {
		return credential.NewAttempts(facts, "signin/"+name, n, attemptWindow)
	}
	return Limits{limit("address", attemptsAddress), limit("pair", attemptsPair), limit("user", attemptsUser), sealer}
}

// An Attempt is one that was counted, as many times as there are limits.
type Attempt []*credential.Attempt

// Begin counts an attempt at a user's password, the name folded as names are, and
// returns how long it must wait, if it must.
func (l Limits) Begin(ctx context.Context, user, address string, now time.Time) (Attempt, time.Duration, error) {
	address = server.Network(address)
	var counted Attempt
	// One after the other: who is stopped by the first doesn't add to the others.
	for _, by := range []struct {
		limit  *credential.Attempts
		holder string
	}{{l.address, address}, {l.pair, address + "\x00" + user}, {l.user, user}} {
		holder, err := l.digest(by.holder)
		if err != nil {
			return nil, 0, err
		}
		one, wait, err := by.limit.Begin(ctx, holder, now)
		if err != nil || wait > 0 {
			return nil, wait, err
		}
		counted = append(counted, one)
	}
	return counted, 0, nil
}

// GiveBack says that the attempt was none with a wrong password.
func (t Attempt) GiveBack(ctx context.Context) error {
	var failed error
	for _, one := range t {
		failed = errors.Join(failed, one.GiveBack(ctx))
	}
	return failed
}

// digest stands for a name in the store. What was typed for one may be a password,
// so that who reads the store must not be able to try which it is.
func (l Limits) digest(name string) (string, error) {
	sum, err := l.sealer.Digest("sign-in attempts", []byte(name))
	return hex.EncodeToString(sum), err
}
