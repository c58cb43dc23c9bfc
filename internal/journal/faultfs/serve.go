//go:build linux

package faultfs

import (
	"maps"
	"slices"
	"syscall"
	"time"

	"github.com/hanwen/go-fuse/v2/fuse"
)

// server answers the kernel. It declares every timeout zero and direct I/O for
// all but mapped files, so nothing of the kernel's caches outlives a power cut.
type server struct {
	fuse.RawFileSystem // answers ENOSYS to what is not below
	d                  *disk
	born               time.Time
}

func newServer() *server {
	return &server{RawFileSystem: fuse.NewDefaultRawFileSystem(), d: newDisk(), born: time.Now()}
}

func (s *server) String() string { return "faultfs" }

// node returns a node the kernel knows, or EIO for one from before a power cut.
func (s *server) node(id uint64) (*node, fuse.Status) {
	if n, ok := s.d.nodes[id]; ok {
		return n, fuse.OK
	}
	return nil, fuse.EIO
}

func (s *server) folder(id uint64) (*node, fuse.Status) {
	n, status := s.node(id)
	if status.Ok() && !n.dir {
		return nil, fuse.ENOTDIR
	}
	return n, status
}

func (s *server) attr(n *node, out *fuse.Attr) {
	out.Ino, out.Mode, out.Size, out.Blksize, out.Nlink = n.id, n.mode|kind(n), uint64(len(n.data)), 4096, 1
	out.Blocks = (out.Size + 511) / 512
	out.SetTimes(&s.born, &s.born, &s.born)
}

func kind(n *node) uint32 {
	if n.dir {
		return syscall.S_IFDIR
	}
	return syscall.S_IFREG
}

func (s *server) entry(n *node, out *fuse.EntryOut) {
	n.refs++
	s.d.nodes[n.id] = n
	out.NodeId, out.Generation = n.id, 1
	s.attr(n, &out.Attr)
}

func (s *server) Lookup(_ <-chan struct{}, header *fuse.InHeader, name string, out *fuse.EntryOut) fuse.Status {
	s.d.mu.Lock()
	defer s.d.mu.Unlock()
	parent, status := s.folder(header.NodeId)
	if !status.Ok() {
		return status
	}
	child, ok := parent.children[name]
	if !ok {
		return fuse.ENOENT
	}
	s.entry(child, out)
	return fuse.OK
}

func (s *server) Forget(id, lookups uint64) {
	s.d.mu.Lock()
	defer s.d.mu.Unlock()
	if n, ok := s.d.nodes[id]; ok && n != s.d.root {
		if n.refs -= min(n.refs, lookups); n.refs == 0 {
			delete(s.d.nodes, id)
		}
	}
}

func (s *server) GetAttr(_ <-chan struct{}, in *fuse.GetAttrIn, out *fuse.AttrOut) fuse.Status {
	s.d.mu.Lock()
	defer s.d.mu.Unlock()
	n, status := s.node(in.NodeId)
	if status.Ok() {
		s.attr(n, &out.Attr)
	}
	return status
}

func (s *server) SetAttr(_ <-chan struct{}, in *fuse.SetAttrIn, out *fuse.AttrOut) fuse.Status {
	s.d.mu.Lock()
	defer s.d.mu.Unlock()
	n, status := s.node(in.NodeId)
	if !status.Ok() {
		return status
	}
	if mode, ok := in.GetMode(); ok {
		n.mode = mode & 0o7777
	}
	if size, ok := in.GetSize(); ok {
		if n.dir || size > maxFile {
			return fuse.EINVAL
		}
		if errno := s.d.truncate(n, int64(size)); errno != 0 {
			return fuse.Status(errno)
		}
	}
	s.attr(n, &out.Attr)
	return fuse.OK
}

// add makes a new child of a folder.
func (s *server) add(parent uint64, name string, dir bool, mode uint32, out *fuse.EntryOut) (*node, fuse.Status) {
	p, status := s.folder(parent)
	if !status.Ok() {
		return nil, status
	}
	if _, there := p.children[name]; there {
		return nil, fuse.Status(syscall.EEXIST)
	}
	n := s.d.newNode(dir, mode)
	n.mapped = !dir && mapped(name)
	p.children[name] = n
	s.entry(n, out)
	return n, fuse.OK
}

func (s *server) Mkdir(_ <-chan struct{}, in *fuse.MkdirIn, name string, out *fuse.EntryOut) fuse.Status {
	s.d.mu.Lock()
	defer s.d.mu.Unlock()
	_, status := s.add(in.NodeId, name, true, in.Mode, out)
	return status
}

func (s *server) Create(_ <-chan struct{}, in *fuse.CreateIn, name string, out *fuse.CreateOut) fuse.Status {
	s.d.mu.Lock()
	defer s.d.mu.Unlock()
	n, status := s.add(in.NodeId, name, false, in.Mode, &out.EntryOut)
	if status.Ok() {
		out.OpenFlags = openFlags(n)
	}
	return status
}

func openFlags(n *node) uint32 {
	if n.mapped {
		return 0 // mapped shared, which direct I/O does not do
	}
	return fuse.FOPEN_DIRECT_IO
}

func (s *server) Open(_ <-chan struct{}, in *fuse.OpenIn, out *fuse.OpenOut) fuse.Status {
	s.d.mu.Lock()
	defer s.d.mu.Unlock()
	n, status := s.node(in.NodeId)
	if !status.Ok() {
		return status
	}
	out.OpenFlags = openFlags(n)
	return fuse.OK
}

func (s *server) Unlink(_ <-chan struct{}, header *fuse.InHeader, name string) fuse.Status {
	s.d.mu.Lock()
	defer s.d.mu.Unlock()
	parent, status := s.folder(header.NodeId)
	if !status.Ok() {
		return status
	}
	if _, ok := parent.children[name]; !ok {
		return fuse.ENOENT
	}
	delete(parent.children, name)
	return fuse.OK
}

func (s *server) Rmdir(_ <-chan struct{}, header *fuse.InHeader, name string) fuse.Status {
	s.d.mu.Lock()
	defer s.d.mu.Unlock()
	parent, status := s.folder(header.NodeId)
	if !status.Ok() {
		return status
	}
	child, ok := parent.children[name]
	switch {
	case !ok:
		return fuse.ENOENT
	case len(child.children) > 0:
		return fuse.Status(syscall.ENOTEMPTY)
	}
	delete(parent.children, name)
	return fuse.OK
}

func (s *server) Rename(_ <-chan struct{}, in *fuse.RenameIn, from, to string) fuse.Status {
	s.d.mu.Lock()
	defer s.d.mu.Unlock()
	source, status := s.folder(in.NodeId)
	if !status.Ok() {
		return status
	}
	target, status := s.folder(in.Newdir)
	if !status.Ok() {
		return status
	}
	if in.Flags != 0 { // RENAME_NOREPLACE and RENAME_EXCHANGE
		return fuse.EINVAL
	}
	target.children[to] = source.children[from]
	if source != target || from != to {
		delete(source.children, from)
	}
	return fuse.OK
}

func (s *server) Link(_ <-chan struct{}, in *fuse.LinkIn, name string, out *fuse.EntryOut) fuse.Status {
	s.d.mu.Lock()
	defer s.d.mu.Unlock()
	parent, status := s.folder(in.NodeId)
	if !status.Ok() {
		return status
	}
	n, status := s.node(in.Oldnodeid)
	if !status.Ok() {
		return status
	}
	if _, there := parent.children[name]; there {
		return fuse.Status(syscall.EEXIST)
	}
	parent.children[name] = n
	s.entry(n, out)
	return fuse.OK
}

func (s *server) Read(_ <-chan struct{}, in *fuse.ReadIn, buf []byte) (fuse.ReadResult, fuse.Status) {
	s.d.mu.Lock()
	defer s.d.mu.Unlock()
	n, status := s.node(in.NodeId)
	if !status.Ok() {
		return nil, status
	}
	size := uint64(len(n.data))
	return fuse.ReadResultData(buf[:copy(buf[:in.Size], n.data[min(in.Offset, size):])]), fuse.OK
}

func (s *server) Write(_ <-chan struct{}, in *fuse.WriteIn, data []byte) (uint32, fuse.Status) {
	s.d.mu.Lock()
	defer s.d.mu.Unlock()
	n, status := s.node(in.NodeId)
	if !status.Ok() {
		return 0, status
	}
	if in.Offset > maxFile {
		return 0, fuse.Status(syscall.EFBIG)
	}
	if errno := s.d.write(n, data, int64(in.Offset)); errno != 0 {
		return 0, fuse.Status(errno)
	}
	return uint32(len(data)), fuse.OK
}

func (s *server) Fsync(_ <-chan struct{}, in *fuse.FsyncIn) fuse.Status {
	s.d.mu.Lock()
	defer s.d.mu.Unlock()
	n, status := s.node(in.NodeId)
	if !status.Ok() {
		return status
	}
	return fuse.Status(s.d.sync(n))
}

func (s *server) FsyncDir(cancel <-chan struct{}, in *fuse.FsyncIn) fuse.Status {
	return s.Fsync(cancel, in)
}

func (s *server) OpenDir(_ <-chan struct{}, in *fuse.OpenIn, _ *fuse.OpenOut) fuse.Status {
	s.d.mu.Lock()
	defer s.d.mu.Unlock()
	_, status := s.folder(in.NodeId)
	return status
}

func (s *server) ReadDir(_ <-chan struct{}, in *fuse.ReadIn, out *fuse.DirEntryList) fuse.Status {
	s.d.mu.Lock()
	defer s.d.mu.Unlock()
	folder, status := s.folder(in.NodeId)
	if !status.Ok() {
		return status
	}
	names := slices.Sorted(maps.Keys(folder.children))
	for i := in.Offset; i < uint64(len(names)); i++ {
		child := folder.children[names[i]]
		if !out.AddDirEntry(fuse.DirEntry{Name: names[i], Mode: kind(child), Ino: child.id, Off: i + 1}) {
			break
		}
	}
	return fuse.OK
}

func (s *server) StatFs(_ <-chan struct{}, _ *fuse.InHeader, out *fuse.StatfsOut) fuse.Status {
	s.d.mu.Lock()
	defer s.d.mu.Unlock()
	free := uint64(maxFile)
	if s.d.quota >= 0 {
		free = uint64(s.d.quota)
	}
	*out = fuse.StatfsOut{Blocks: maxFile / sector, Bfree: free / sector, Bavail: free / sector, Bsize: sector, Frsize: sector, NameLen: 255}
	return fuse.OK
}

func (s *server) Flush(<-chan struct{}, *fuse.FlushIn) fuse.Status { return fuse.OK }
