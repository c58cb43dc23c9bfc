package app

import (
	"context"
	"time"

	"sallyport/internal/journal"
	"sallyport/internal/lease"
	"sallyport/internal/seal"
	"sallyport/internal/state"
)

// leaveTimeout is how long giving up the lease may take. Without it the other
// nodes wait for this one as if it had died.
const leaveTimeout = 5 * time.Second

// openState loads the state and, when other processes may share the journal,
// makes this one a node among them.
func (a *App) openState(ctx context.Context, sealer *seal.Sealer, node string) error {
	c := a.config
	shared, many := a.journal.(journal.Shared)
	settings := state.Config{
		Store: a.journal, Sealer: sealer, Schema: Schema(), Now: c.Now, Logger: c.Logger, Snapshot: c.Snapshot,
	}
	if many {
		settings.Settle = func(ctx context.Context) error { return a.node.Settle(ctx) }
		settings.Settled = func(waited time.Duration) { a.node.Settled(waited) }
	}
	var err error
	if a.state, err = state.Open(ctx, settings); err != nil || !many {
		return err
	}
	// Everything is loaded first, so that no writer waits for a node that starts.
	a.node, err = lease.Join(ctx, lease.Config{
		Store: shared, Node: node, Apply: a.state.CatchUp, TTL: c.Lease, Clock: c.Clock, Logger: c.Logger,
	})
	return err
}

// standing says whether this node may answer requests.
func (a *App) standing() error {
	if a.node == nil {
		return nil
	}
	return a.node.Check()
}

// leave gives the lease up.
func (a *App) leave() error {
	ctx, cancel := context.WithTimeout(context.Background(), leaveTimeout)
	defer cancel()
	return a.node.Leave(ctx)
}
