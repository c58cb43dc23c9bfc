// Package memory is the reference driver of package journal: the seam's rules
// written as plainly as they can be, on maps under one lock.
//
// It owns no durability beyond the process: a [Medium] stands for the disk, and
// what a store wrote is there when the medium is opened again. Nothing is shared
// with callers: bytes are copied on the way in and on the way out.
package memory
