// Package backup runs the real binary's backup and restore on every store: while
// clients change things as fast as they can, from one store to another, and with
// the process killed in the middle.
//
// It owns what an operator relies on: what was acknowledged before a backup is in
// it, a restored server lets in who was let in then, and what is half restored is
// never served. The file's format is tested beside its package.
package backup
