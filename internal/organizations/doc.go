// Package organizations owns accounts as such: making one, with its root user
// and first administrator, and its place in the directory.
//
// An account is made by one commit over three streams (the account of who asks
// for it, the directory, and the new account), so that there is never an
// account without its directory entry, nor an e-mail address taken for nothing.
package organizations
