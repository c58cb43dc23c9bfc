// Package nodes tests several servers on one PostgreSQL database: that they are
// one to their clients, whichever of them is asked, and whatever is taken away
// from them.
//
// The servers are processes of their own. They are stopped, their connections
// blocked, their database killed; clients go on all the while.
package nodes
