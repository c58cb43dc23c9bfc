package iam

import (
	"time"

	"sallyport/internal/ident"
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
}

// Usage tells when credentials and roles were last used. It is fed by the
// server with every authenticated request and may lag behind by a minute
// after a restart (AWS's may by four hours).
type Usage interface {
	KeyLastUsed(accessKeyID string) (LastUsed, bool)
	RoleLastUsed(roleID string) (LastUsed, bool)
}

// LastUsed is the last use of a key or role.
type LastUsed struct {
	At      time.Time
	Service string // signing name, such as "iam"
	Region  string
}
