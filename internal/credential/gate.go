package credential

import (
	"context"
	"errors"
)

// ErrBusy says that as many proofs are being checked, and wait to be, as may.
var ErrBusy = errors.New("credential: too many proofs are being checked")

// A Gate bounds how many costly proofs of people who are not known yet (passwords,
// SAML responses) are checked at a time, and how many may wait: a flood of them
// leaves the processor to others.
type Gate struct {
	running chan struct{}
	places  chan struct{} // of those that run and those that wait
}

// NewGate returns a gate for so many at a time, and so many that wait.
func NewGate(atOnce, waiting int) *Gate {
	return &Gate{running: make(chan struct{}, atOnce), places: make(chan struct{}, atOnce+waiting)}
}

// Enter takes a place, or is ErrBusy at once. What must be done before a proof is
// checked is best done in one, so that a flood can't have it done either. Whoever
// entered must Leave.
func (g *Gate) Enter() error {
	select {
	case g.places <- struct{}{}:
		return nil
	default:
		return ErrBusy
	}
}

// Leave gives the place up.
func (g *Gate) Leave() { <-g.places }

// Verify is VerifyPassword when the turn comes of one who entered.
func (g *Gate) Verify(ctx context.Context, phc, password string) (bool, error) {
	var right bool
	var wrong error
	if err := g.Run(ctx, func() { right, wrong = VerifyPassword(phc, password) }); err != nil {
		return false, err
	}
	return right, wrong
}

// Run runs check when the turn comes of one who entered, or says why it never came.
func (g *Gate) Run(ctx context.Context, check func()) error {
	select {
	case g.running <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-g.running }()
	check()
	return nil
}
