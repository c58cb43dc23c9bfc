//go:build unix

package main

import "golang.org/x/sys/unix"

// openFiles is how many files this process may have open at a time, when that is
// limited. Go has raised the limit as far as it may before main.
func openFiles() (most uint64, limited bool) {
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		return 0, false
	}
	return uint64(limit.Cur), true //nolint:unconvert // signed on some systems
}
