package credential

import (
	"context"
	"errors"
)

// ErrBusy says that as many passwords are being checked, and wait to be, as may.
var ErrBusy = errors.New("credential: too many passwords are being checked")

// A Gate bounds how many passwords of people who are not known yet are checked at
// a time, and how many may wait: a flood of them leaves the processor to others.
type Gate struct {
	running chan struct{}
	places  chan struct{} // of those that run and those that wait
}

// NewGate returns a gate for so many at a time, and so many that wait.
func NewGate(atOnce, waiting int) *Gate {
	return &Gate{running: make(chan struct{}, atOnce), places: make(chan struct{}, atOnce+waiting)}
}

// Verify is VerifyPassword when its turn comes. Beyond the places it is ErrBusy at
// once.
func (g *Gate) Verify(ctx context.Context, phc, password string) (bool, error) {
	select {
	case g.places <- struct{}{}:
	default:
		return false, ErrBusy
	}
	defer func() { <-g.places }()
	select {
	case g.running <- struct{}{}:
	case <-ctx.Done():
		return false, ctx.Err()
	}
	defer func() { <-g.running }()
	return VerifyPassword(phc, password)
}
