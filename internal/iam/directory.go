package iam

import (
	"time"

	"sallyport/internal/state"
)

// The directory is a stream of its own (state.Directory) that says which
// accounts exist and which account a name belongs to that does not say so
// itself.

// A DirectoryAccount lists an account. Its key is the account id.
type DirectoryAccount struct {
	Email   string    `json:"email"`
	Name    string    `json:"name,omitempty"`
	Created time.Time `json:"created"`
	// First marks the account made at first start, which alone may make others.
	First bool `json:"first,omitempty"`
}

// An Owner is the account that a unique name belongs to.
type Owner struct {
	Account string `json:"account"`
}

// The tables of the directory.
var (
	DirectoryAccounts = state.NewTable[DirectoryAccount]("directory.accounts")
	// DirectoryAliases is keyed by account alias.
	DirectoryAliases = state.NewTable[Owner]("directory.aliases")
	// DirectoryEmails is keyed by the root user's e-mail address, folded.
	DirectoryEmails = state.NewTable[Owner]("directory.emails")
	// DirectoryKeys is keyed by those access key ids that do not encode their
	// account: the ones an operator chose.
	DirectoryKeys = state.NewTable[Owner]("directory.keys")
)

// DirectoryTables lists every table of the directory, for the state's schema.
func DirectoryTables() []state.AnyTable {
	return []state.AnyTable{DirectoryAccounts, DirectoryAliases, DirectoryEmails, DirectoryKeys}
}
