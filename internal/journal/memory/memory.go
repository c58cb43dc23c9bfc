package memory

import (
	"cmp"
	"context"
	"crypto/sha256"
	"fmt"
	"slices"
	"sync"
	"time"

	"sallyport/internal/journal"
)

// Medium keeps what stores wrote, as a disk would. It is safe for concurrent
// use; one [Store] has it open, or any number of [Shared] stores.
type Medium struct {
	mu        sync.Mutex
	open      bool // by a Store
	sharing   map[*Shared]struct{}
	streams   map[journal.StreamID][][]byte // revision r is at index r-1
	secrets   map[secretKey][]byte
	snapshots map[journal.StreamID]map[journal.Revision][]byte
	facts     map[string]fact
	blocks    []journal.Block       // cursor c is at index c-1
	ends      map[string][]blockEnd // by account; see endsOf
	sorted    int                   // how many of blocks are in ends
	blockAt   map[blockKey]int
	digests   map[string][sha256.Size]byte // remembered batches
	ids       []string                     // their ids, oldest first
	position  journal.Position
	advanced  map[journal.StreamID]journal.Position // by the last commit to each stream
	leases    map[string]journal.Lease              // by node
}

type secretKey struct {
	stream journal.StreamID
	id     string
}

type blockKey struct {
	node     string
	sequence uint64
}

// NewMedium returns an empty medium.
func NewMedium() *Medium {
	return &Medium{
		streams:   make(map[journal.StreamID][][]byte),
		secrets:   make(map[secretKey][]byte),
		snapshots: make(map[journal.StreamID]map[journal.Revision][]byte),
		facts:     make(map[string]fact),
		blockAt:   make(map[blockKey]int),
		ends:      make(map[string][]blockEnd),
		digests:   make(map[string][sha256.Size]byte),
		sharing:   make(map[*Shared]struct{}),
		advanced:  make(map[journal.StreamID]journal.Position),
		leases:    make(map[string]journal.Lease),
	}
}

// Open returns a store on the medium, or [journal.ErrLocked] while another is open.
func (m *Medium) Open() (*Store, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.open || len(m.sharing) > 0 {
		return nil, journal.ErrLocked
	}
	m.open = true
	return &Store{m: m}, nil
}

// New returns a store on a medium of its own.
func New() *Store {
	m := NewMedium()
	m.open = true
	return &Store{m: m}
}

// Store implements [journal.Store].
type Store struct {
	m      *Medium
	closed bool    // under m.mu
	shared *Shared // that the store is part of, if any
}

var _ journal.Store = (*Store)(nil)

// lock takes the medium for one call; the caller unlocks unless it gets an error.
func (s *Store) lock(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.m.mu.Lock()
	if s.closed {
		s.m.mu.Unlock()
		return journal.ErrClosed
	}
	return nil
}

// Close implements [journal.Store].
func (s *Store) Close() error {
	s.m.mu.Lock()
	defer s.m.mu.Unlock()
	if !s.closed {
		s.closed = true
		if s.shared == nil {
			s.m.open = false
		} else {
			delete(s.m.sharing, s.shared)
		}
	}
	return nil
}

// Commit implements [journal.Streams].
func (s *Store) Commit(ctx context.Context, b journal.Batch) error {
	if err := b.Validate(); err != nil {
		return err
	}
	if err := s.lock(ctx); err != nil {
		return err
	}
	defer s.m.mu.Unlock()
	m := s.m
	remember := b.ID != "" && b.Writes()
	if remember {
		if digest, ok := m.digests[b.ID]; ok {
			if digest != b.Digest() {
				return journal.ErrBatchReused
			}
			return nil
		}
	}
	for _, e := range b.Expect {
		if at := journal.Revision(len(m.streams[e.Stream])); at != e.At {
			return &journal.ConflictError{Stream: e.Stream, Expected: e.At, Actual: at}
		}
	}
	for i := range b.Entries {
		e := &b.Entries[i]
		m.streams[e.Stream] = append(m.streams[e.Stream], clone(e.Data))
	}
	for i := range b.Secrets {
		key := secretKey{b.Secrets[i].Stream, b.Secrets[i].ID}
		if b.Secrets[i].Sealed == nil {
			delete(m.secrets, key)
		} else {
			m.secrets[key] = clone(b.Secrets[i].Sealed)
		}
	}
	if remember {
		m.remember(b.ID, b.Digest())
	}
	if b.Writes() {
		m.position++
		for i := range b.Entries {
			m.advanced[b.Entries[i].Stream] = m.position
		}
		m.stir(s.shared)
	}
	return nil
}

func (m *Medium) remember(id string, digest [sha256.Size]byte) {
	if len(m.ids) >= 2*journal.RememberedBatches {
		for _, old := range m.ids[:journal.RememberedBatches] {
			delete(m.digests, old)
		}
		m.ids = append([]string(nil), m.ids[journal.RememberedBatches:]...)
	}
	m.ids = append(m.ids, id)
	m.digests[id] = digest
}

// Read implements [journal.Streams].
func (s *Store) Read(ctx context.Context, id journal.StreamID, after journal.Revision, limit int) ([]journal.Entry, error) {
	if err := journal.CheckRead(limit); err != nil {
		return nil, err
	}
	if err := s.lock(ctx); err != nil {
		return nil, err
	}
	defer s.m.mu.Unlock()
	all := s.m.streams[id]
	if after >= journal.Revision(len(all)) {
		return nil, nil
	}
	all = all[after:]
	entries := make([]journal.Entry, min(limit, len(all)))
	for i := range entries {
		entries[i] = journal.Entry{Stream: id, Revision: after + 1 + journal.Revision(i), Data: clone(all[i])}
	}
	return entries, nil
}

// Heads implements [journal.Streams].
func (s *Store) Heads(ctx context.Context) (map[journal.StreamID]journal.Revision, error) {
	if err := s.lock(ctx); err != nil {
		return nil, err
	}
	defer s.m.mu.Unlock()
	heads := make(map[journal.StreamID]journal.Revision, len(s.m.streams))
	for id, entries := range s.m.streams {
		heads[id] = journal.Revision(len(entries))
	}
	return heads, nil
}

// LoadSecret implements [journal.Secrets].
func (s *Store) LoadSecret(ctx context.Context, id journal.StreamID, secret string) ([]byte, error) {
	if err := s.lock(ctx); err != nil {
		return nil, err
	}
	defer s.m.mu.Unlock()
	sealed, ok := s.m.secrets[secretKey{id, secret}]
	if !ok {
		return nil, journal.ErrNotFound
	}
	return clone(sealed), nil
}

// AppendBlocks implements [journal.Blocks].
func (s *Store) AppendBlocks(ctx context.Context, blocks []journal.Block) error {
	for i := range blocks {
		if err := blocks[i].Validate(); err != nil {
			return err
		}
	}
	if err := s.lock(ctx); err != nil {
		return err
	}
	defer s.m.mu.Unlock()
	m := s.m
	before := len(m.blocks)
	for _, b := range blocks {
		key := blockKey{b.Node, b.Sequence}
		if i, ok := m.blockAt[key]; ok {
			if m.blocks[i].Same(&b) {
				continue
			}
			for _, undo := range m.blocks[before:] {
				delete(m.blockAt, blockKey{undo.Node, undo.Sequence})
			}
			m.blocks = m.blocks[:before]
			return fmt.Errorf("block %d of node %q: %w", b.Sequence, b.Node, journal.ErrBlockReused)
		}
		m.blockAt[key] = len(m.blocks)
		b.Cursor = journal.BlockCursor(len(m.blocks) + 1)
		b.First, b.Last, b.Data = b.First.UTC(), b.Last.UTC(), clone(b.Data)
		m.blocks = append(m.blocks, b)
	}
	return nil
}

// ReadBlocks implements [journal.Blocks].
func (s *Store) ReadBlocks(ctx context.Context, after journal.BlockCursor, limit int) ([]journal.Block, error) {
	if err := journal.CheckRead(limit); err != nil {
		return nil, err
	}
	if err := s.lock(ctx); err != nil {
		return nil, err
	}
	defer s.m.mu.Unlock()
	all := s.m.blocks
	if after >= journal.BlockCursor(len(all)) {
		return nil, nil
	}
	all = all[after:]
	blocks := make([]journal.Block, min(limit, len(all)))
	for i := range blocks {
		blocks[i] = all[i]
		blocks[i].Data = clone(all[i].Data)
	}
	return blocks, nil
}

// FindBlocks implements [journal.Blocks].
func (s *Store) FindBlocks(ctx context.Context, q journal.BlockQuery) ([]journal.Block, error) {
	if err := q.Validate(); err != nil {
		return nil, err
	}
	if err := s.lock(ctx); err != nil {
		return nil, err
	}
	defer s.m.mu.Unlock()
	ends := s.m.endsOf(q.Account)
	from := blockEnd{q.Last, q.Cursor}
	first, _ := slices.BinarySearchFunc(ends, from, func(have, want blockEnd) int {
		if have.compare(want) <= 0 {
			return -1
		}
		return 1
	})
	var blocks []journal.Block
	for i := first - 1; i >= 0 && len(blocks) < q.Limit && !ends[i].last.Before(q.Since); i-- {
		b := s.m.blocks[ends[i].cursor-1]
		b.Data = clone(b.Data)
		blocks = append(blocks, b)
	}
	return blocks, nil
}

// blockEnd is the place of a block in the order of ends.
type blockEnd struct {
	last   time.Time
	cursor journal.BlockCursor
}

func (e blockEnd) compare(o blockEnd) int {
	return cmp.Or(e.last.Compare(o.last), cmp.Compare(e.cursor, o.cursor))
}

// endsOf are the ends of an account's blocks, the earliest first. Those of blocks
// that came since it was asked for are put in their places.
func (m *Medium) endsOf(account string) []blockEnd {
	for ; m.sorted < len(m.blocks); m.sorted++ {
		b := &m.blocks[m.sorted]
		end := blockEnd{b.Last, b.Cursor}
		ends := m.ends[b.Account]
		at, _ := slices.BinarySearchFunc(ends, end, blockEnd.compare)
		m.ends[b.Account] = slices.Insert(ends, at, end)
	}
	return m.ends[account]
}

// clone copies bytes and, unlike bytes.Clone, never returns nil: what was stored
// is there, even when it is empty.
func clone(b []byte) []byte { return append(make([]byte, 0, len(b)), b...) }
