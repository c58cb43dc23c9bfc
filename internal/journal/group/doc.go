// Package group is group commit as the drivers with a disk do it: callers queue
// writes, one goroutine takes what is waiting into one transaction, and each caller
// gets an answer of its own.
//
// It owns the ticket a caller waits with, who may still give up, and how much one
// transaction takes. What a transaction is, and what happens when it fails, is the
// driver's.
package group
