// Package process runs the real server binary as a process of its own, one or
// several at a time, and makes signed calls to it.
//
// It owns how a server is started, ended and spoken to. What must be true of it is
// for the tests that use it: those of crashes (test/durability) and of several
// nodes (test/nodes).
package process
