// Package faultfs is a file system whose power can be cut. Durability tests run a
// store, or a whole server, on it.
//
// It owns a FUSE file system held in memory that knows, for every file and every
// folder, what was synced and what was merely written. [FS.PowerCut] forgets the
// rest, as a machine does: unsynced bytes, and names whose folder was not synced.
// [FS.PowerCutTorn] keeps a random part of it instead, sector by sector, because
// disks may also write what they were not asked to. It injects a full disk and
// failing writes and syncs; after a failed sync the data is lost even though
// reads still show it and later syncs succeed, which is how Linux file systems
// behave.
//
// It is stricter than most disks (a new file's name is durable only after its
// folder was synced) so that what passes here does not depend on a particular
// file system's favours.
//
// The file system is served by a process of its own, a second instance of the
// test program: a page fault on a mapped file could otherwise wait for a server
// in the very process it stopped. A test program that uses this package calls
// [ServeIfAsked] first thing in TestMain. It needs Linux, /dev/fuse and the right
// to mount.
//
// Only tests import this package.
package faultfs
