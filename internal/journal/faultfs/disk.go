//go:build linux

package faultfs

import (
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"syscall"
)

// sector is the unit in which unsynced data may survive a torn power cut.
const sector = 512

// maxFile bounds a file, so that a wild offset is an error and not an allocation.
const maxFile = 4 << 30

// node is a file or a folder: what it is, and what it will be after a power cut.
type node struct {
	id     uint64
	dir    bool
	mapped bool // see mapped
	mode   uint32
	refs   uint64 // the kernel's, so that an unlinked open file stays

	data, durable []byte
	dirty         map[int64]struct{} // sectors of data that differ from durable
	resized       bool

	children, durableChildren map[string]*node
}

// mapped says of a name that its file is shared by mapping and may lose all at
// any time; the index of SQLite's log is the one there is. Such a file stays
// readable to who had it open at a power cut: a page fault that fails is a
// signal, not an error.
func mapped(name string) bool { return strings.HasSuffix(name, "-shm") }

// disk is the state of the file system. Every method is called with mu held.
type disk struct {
	mu    sync.Mutex
	root  *node
	nodes map[uint64]*node // known to the kernel
	next  uint64

	quota      int64 // bytes files may still grow by; negative: any
	failWrites int   // how many of the next writes fail
	failSyncs  int
	stats      Stats
}

// Stats counts what the file system was asked to do since it was mounted.
type Stats struct {
	Writes, Syncs, FolderSyncs       int
	FailedWrites, FailedSyncs, NoSpc int
	LostSectors                      int // by power cuts and failed syncs
}

func newDisk() *disk {
	d := &disk{nodes: make(map[uint64]*node), quota: -1}
	d.root = d.newNode(true, 0o700)
	d.nodes[d.root.id] = d.root
	return d
}

func (d *disk) newNode(dir bool, mode uint32) *node {
	d.next++
	n := &node{id: d.next, dir: dir, mode: mode & 0o7777, dirty: make(map[int64]struct{})}
	if dir {
		n.children, n.durableChildren = make(map[string]*node), make(map[string]*node)
	}
	return n
}

func (d *disk) write(n *node, data []byte, offset int64) syscall.Errno {
	d.stats.Writes++
	if d.failWrites > 0 {
		d.failWrites--
		d.stats.FailedWrites++
		return syscall.EIO
	}
	end := offset + int64(len(data))
	if errno := d.grow(n, end); errno != 0 {
		return errno
	}
	copy(n.data[offset:end], data)
	n.touch(offset, end)
	return 0
}

// grow makes the file at least size long, if the quota lets it.
func (d *disk) grow(n *node, size int64) syscall.Errno {
	more := size - int64(len(n.data))
	switch {
	case more <= 0:
		return 0
	case size > maxFile:
		return syscall.EFBIG
	case d.quota >= 0 && more > d.quota:
		d.stats.NoSpc++
		return syscall.ENOSPC
	case d.quota >= 0:
		d.quota -= more
	}
	n.touch(int64(len(n.data)), size)
	n.data = append(n.data, make([]byte, more)...)
	n.resized = true
	return 0
}

func (d *disk) truncate(n *node, size int64) syscall.Errno {
	if size >= int64(len(n.data)) {
		return d.grow(n, size)
	}
	if d.quota >= 0 {
		d.quota += int64(len(n.data)) - size
	}
	// What grows here again will be zeros, which the durable bytes may not be.
	n.touch(size, int64(len(n.data)))
	clear(n.data[size:])
	n.data = n.data[:size]
	n.resized = true
	return 0
}

func (n *node) touch(from, to int64) {
	for s := from / sector; s*sector < to; s++ {
		n.dirty[s] = struct{}{}
	}
}

func (d *disk) sync(n *node) syscall.Errno {
	if n.dir {
		d.stats.FolderSyncs++
	} else {
		d.stats.Syncs++
	}
	if d.failSyncs > 0 {
		d.failSyncs--
		d.stats.FailedSyncs++
		// The kernel marks the pages clean all the same: no later sync writes them.
		d.stats.LostSectors += len(n.dirty)
		clear(n.dirty)
		return syscall.EIO
	}
	if n.dir {
		n.durableChildren = maps.Clone(n.children)
		return 0
	}
	n.settle(func(int64) bool { return true })
	return 0
}

// settle makes durable the new length and those dirty sectors that keep says.
func (n *node) settle(keep func(sector int64) bool) {
	if n.resized {
		size := len(n.data)
		if size <= len(n.durable) {
			clear(n.durable[size:])
			n.durable = n.durable[:size]
		} else {
			n.durable = append(n.durable, make([]byte, size-len(n.durable))...)
		}
		n.resized = false
	}
	for s := range n.dirty {
		if from := s * sector; from < int64(len(n.durable)) && keep(s) {
			copy(n.durable[from:min(from+sector, int64(len(n.durable)))], n.data[from:])
		}
	}
	clear(n.dirty)
}

// powerCut rebuilds the tree from what is durable. Every node is a new one, so
// that handles from before the cut fail. With random, a part of what is not
// durable survives.
func (d *disk) powerCut(random *rand.Rand) {
	if random != nil {
		d.tear(d.root, random, make(map[*node]bool))
	}
	again := make(map[*node]*node)
	root := d.survivor(d.root, again)
	root.id, root.refs = d.root.id, d.root.refs
	d.root = root
	maps.DeleteFunc(d.nodes, func(_ uint64, n *node) bool { return !n.mapped })
	d.nodes[root.id] = root
	d.failWrites, d.failSyncs, d.quota = 0, 0, -1
}

// tear makes a random part of the changes under n durable.
func (d *disk) tear(n *node, random *rand.Rand, done map[*node]bool) {
	if done[n] {
		return
	}
	done[n] = true
	if n.dir {
		// In name order, so that a seed repeats what happened.
		for _, name := range slices.Sorted(maps.Keys(n.children)) {
			d.tear(n.children[name], random, done)
		}
		for _, name := range slices.Sorted(maps.Keys(n.durableChildren)) {
			d.tear(n.durableChildren[name], random, done)
		}
		if random.IntN(2) == 0 {
			n.durableChildren = maps.Clone(n.children)
		}
		return
	}
	if chance := random.Float64(); random.IntN(4) > 0 {
		kept := make(map[int64]bool)
		for _, s := range slices.Sorted(maps.Keys(n.dirty)) {
			kept[s] = random.Float64() < chance
		}
		n.settle(func(s int64) bool { return kept[s] })
	}
}

func (d *disk) survivor(n *node, again map[*node]*node) *node {
	if m, ok := again[n]; ok {
		return m
	}
	m := d.newNode(n.dir, n.mode)
	again[n] = m
	d.stats.LostSectors += len(n.dirty)
	if !n.dir {
		m.data, m.durable = slices.Clone(n.durable), slices.Clone(n.durable)
		return m
	}
	for name, child := range n.durableChildren {
		if !child.mapped {
			m.children[name] = d.survivor(child, again)
		}
	}
	m.durableChildren = maps.Clone(m.children)
	return m
}
