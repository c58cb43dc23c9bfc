package iam

import (
	"context"
	"time"

	"sallyport/internal/ident"
	"sallyport/internal/journal"
	"sallyport/internal/state"
)

// An Env is what IAM's operations are given beside their account's state.
type Env struct {
	Ident  *ident.Source
	Limits Limits
	Usage  Usage
	// Accounts gives the committed state of any account, for principals named
	// across accounts. ok is false for an account that does not exist.
	Accounts func(account string) (r *state.View, ok bool)
	// Facts hold what is no part of an account's state, for every node.
	Facts journal.Facts
	// Now is the time of what no call asks for. Calls have their own.
	Now func() time.Time
	// Background runs a task that outlives its call, until the server stops.
	Background func(name string, task func(ctx context.Context) error)
}

// Usage tells when credentials and roles were last used. It is fed by the
// server with every authenticated request and may lag behind by a minute
// after a restart (AWS's may by four hours). Every call reads the store, so that
// no change asks inside its command; ok is false for what was never used, and
// when the store can't be read that is the error.
type Usage interface {
	KeyLastUsed(ctx context.Context, accessKeyID string) (use LastUsed, ok bool, err error)
	RoleLastUsed(ctx context.Context, roleID string) (use LastUsed, ok bool, err error)
	// ServicesAccessed are the last attempts of a user or role, by unique id. What
	// is older than [TrackingPeriod] may be among them.
	ServicesAccessed(ctx context.Context, id string) (Accessed, error)
}

// LastUsed is the last use of a key or role.
type LastUsed struct {
	At      time.Time
	Service string // signing name, such as "iam"
	Region  string
}
