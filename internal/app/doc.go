// Package app is the only place where Sallyport is wired together: the store
// is opened, the state loaded, the first account made, and every service's
// operations put into the one table that the server serves.
//
// The command line and tests start the same App; nothing else knows how its
// parts are joined.
package app
