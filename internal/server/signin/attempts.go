package signin

import (
	"crypto/sha256"
	"time"

	"sallyport/internal/credential"
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

// attempts counts on one node what may be guesses.
type attempts struct{ pair, user, address *credential.Attempts }

func newAttempts() attempts {
	limit := func(n int) *credential.Attempts { return &credential.Attempts{Max: n, Window: attemptWindow} }
	return attempts{limit(attemptsPair), limit(attemptsUser), limit(attemptsAddress)}
}

// An attempt is one that was counted.
type attempt struct {
	of                  attempts
	pair, user, address string
}

// begin counts an attempt at a user's password, the name folded as names are, and
// returns how long it must wait, if it must.
func (a attempts) begin(user, address, request string, now time.Time) (*attempt, time.Duration) {
	address = server.Network(address)
	t := &attempt{of: a, user: digest(user), address: address, pair: digest(address + "\x00" + user)}
	// One after the other: who is stopped by the first doesn't add to the others.
	if wait := a.address.Begin(t.address, request, now); wait > 0 {
		return nil, wait
	}
	if wait := a.pair.Begin(t.pair, request, now); wait > 0 {
		return nil, wait
	}
	if wait := a.user.Begin(t.user, request, now); wait > 0 {
		return nil, wait
	}
	return t, 0
}

// right says that the password was right.
func (t *attempt) right() {
	t.of.pair.Right(t.pair)
	t.of.user.GiveBack(t.user)
	t.of.address.GiveBack(t.address)
}

// unmade says that no password was looked at.
func (t *attempt) unmade() {
	t.of.pair.GiveBack(t.pair)
	t.of.user.GiveBack(t.user)
	t.of.address.GiveBack(t.address)
}

// digest makes names of any length take the same memory.
func digest(s string) string {
	sum := sha256.Sum256([]byte(s))
	return string(sum[:])
}
