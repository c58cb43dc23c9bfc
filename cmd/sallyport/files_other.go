//go:build !unix

package main

// openFiles is how many files this process may have open at a time, when that is
// limited.
func openFiles() (most uint64, limited bool) { return 0, false }
