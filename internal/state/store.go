package state

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"unicode"
	"unicode/utf8"

	"sallyport/internal/journal"
)

// StreamID names a stream, Revision counts its entries; see package journal.
type (
	StreamID = journal.StreamID
	Revision = journal.Revision
)

// Directory is the stream of what must be unique over all accounts.
const Directory StreamID = "directory"

// AccountStream is the stream of one account.
func AccountStream(account string) StreamID { return accountPrefix + StreamID(account) }

// AccountOf is the account whose stream it is; ok is false for every other
// stream.
func AccountOf(id StreamID) (account string, ok bool) {
	return strings.CutPrefix(string(id), string(accountPrefix))
}

const accountPrefix StreamID = "account/"

var (
	// ErrClosed: the store is closed and takes no more commands.
	ErrClosed = errors.New("state: store is closed")

	// ErrContention: other nodes changed the command's streams again and
	// again before it could commit. Nothing was changed.
	ErrContention = errors.New("state: too many conflicts")

	// ErrOutcomeUnknown: storage failed while the command was committed. It
	// may or may not take effect; its caller must look before trying again.
	ErrOutcomeUnknown = errors.New("state: outcome of the command is unknown")
)

// PanicError is a panic of a command's Run. The command changed nothing.
type PanicError struct {
	Value any
	Stack []byte
}

func (e *PanicError) Error() string { return fmt.Sprintf("state: command panicked: %v", e.Value) }

// Sealer encrypts secrets at rest; *seal.Sealer is one.
type Sealer interface {
	Seal(purpose string, aad, plaintext []byte) ([]byte, error)
	Open(purpose string, aad, sealed []byte) ([]byte, error)
}

// Config is what [Open] needs. Store, Schema and Now are required; without a
// Sealer, commands that put or read secrets fail.
type Config struct {
	Store  journal.Store // stays the caller's to close, after the state's Close
	Sealer Sealer
	Schema *Schema
	Now    func() time.Time
	Logger *slog.Logger // nil discards

	Snapshot SnapshotPolicy

	// Settle returns when every other node that may answer requests shows what
	// this process committed before the call; see package lease. No change is
	// answered before. nil says that there are no other nodes.
	Settle func(context.Context) error
	// Settled is told how long after it was durable a change was settled; it may be nil.
	Settled func(time.Duration)
}

// Store holds the current view of every stream and is the one way to change
// them. Its methods may be called from any number of goroutines.
type Store struct {
	journal journal.Store
	sealer  Sealer
	schema  *Schema
	now     func() time.Time
	log     *slog.Logger
	policy  SnapshotPolicy
	ctx     context.Context // of commits: they outlive the callers that wait for them
	stop    context.CancelFunc
	settler settler

	streams atomic.Pointer[map[StreamID]*stream] // replaced, never changed
	adding  sync.Mutex

	admission sync.RWMutex // held to start writers and snapshots; excludes closing
	closed    bool
	writers   sync.WaitGroup

	snapshots    sync.WaitGroup
	snapshotting chan struct{} // holds one token: one background snapshot at a time
}

// Open loads every stream of the journal: its newest snapshot that proves
// sound, then every entry after it. An entry that is damaged, out of its hash
// chain, of a later version, or about an unknown table fails the call.
func Open(ctx context.Context, c Config) (*Store, error) {
	switch {
	case c.Store == nil:
		return nil, errors.New("state: Config.Store is missing")
	case c.Schema == nil:
		return nil, errors.New("state: Config.Schema is missing")
	case c.Now == nil:
		return nil, errors.New("state: Config.Now is missing")
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	s := &Store{
		journal: c.Store, sealer: c.Sealer, schema: c.Schema, now: c.Now, log: c.Logger,
		policy: c.Snapshot.withDefaults(), snapshotting: make(chan struct{}, 1),
	}
	s.streams.Store(&map[StreamID]*stream{})
	s.ctx, s.stop = context.WithCancel(context.WithoutCancel(ctx))
	s.settler.settle, s.settler.settled = c.Settle, c.Settled
	if err := s.loadAll(ctx); err != nil {
		s.stop()
		return nil, err
	}
	return s, nil
}

// loadAll loads the streams side by side.
func (s *Store) loadAll(ctx context.Context) error {
	heads, err := s.journal.Heads(ctx)
	if err != nil {
		return fmt.Errorf("state: read journal: %w", err)
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var (
		mu      sync.Mutex
		streams = make(map[StreamID]*stream, len(heads))
		wg      sync.WaitGroup
		slots   = make(chan struct{}, runtime.GOMAXPROCS(0))
	)
	for id, head := range heads {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			if ctx.Err() != nil {
				return
			}
			v, replayed, err := s.load(ctx, id, head, 0)
			if err == nil && v.revision < head {
				err = fmt.Errorf("state: stream %s: %w: ends at revision %d of %d", id, journal.ErrCorrupt, v.revision, head)
			}
			if err != nil {
				cancel(err)
				return
			}
			st := &stream{id: id}
			st.view.Store(v)
			st.snapshot.entries = replayed
			mu.Lock()
			streams[id] = st
			mu.Unlock()
		})
	}
	wg.Wait()
	if err := context.Cause(ctx); err != nil {
		return err
	}
	s.streams.Store(&streams)
	return nil
}

// View returns the stream's committed view. It takes no lock and does not
// allocate. A stream without entries does not exist.
func (s *Store) View(id StreamID) (*View, bool) {
	st, ok := (*s.streams.Load())[id]
	if !ok {
		return nil, false
	}
	v := st.view.Load()
	return v, v != nil
}

// Streams lists the streams that exist, sorted.
func (s *Store) Streams() []StreamID {
	var ids []StreamID
	for id, st := range *s.streams.Load() {
		if st.view.Load() != nil {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

// stream finds or prepares the stream of an id. Preparing does not make it
// exist, but keeps a little memory: callers check ids that strangers chose.
func (s *Store) stream(id StreamID) *stream {
	if st, ok := (*s.streams.Load())[id]; ok {
		return st
	}
	s.adding.Lock()
	defer s.adding.Unlock()
	old := *s.streams.Load()
	if st, ok := old[id]; ok {
		return st
	}
	st := &stream{id: id}
	streams := make(map[StreamID]*stream, len(old)+1)
	maps.Copy(streams, old)
	streams[id] = st
	s.streams.Store(&streams)
	return st
}

func checkStream(id StreamID) error {
	if id == "" || len(id) > journal.MaxName || !utf8.ValidString(string(id)) ||
		strings.IndexFunc(string(id), unicode.IsControl) >= 0 {
		return fmt.Errorf("state: stream id %q: %w", string(id), journal.ErrInvalid)
	}
	return nil
}

// A Command is one change: everything Run does through its Tx becomes durable
// together, or none of it.
type Command struct {
	RequestID string
	Caller    string // who asked, as the journal shows it: an ARN
	Operation string // what was asked: "iam:CreateUser"

	// Run decides and changes, validation and authorization included, from
	// what its Tx shows. It may run several times, when another node was
	// first or when the commands before it must be decided anew: it has no
	// effect but through Tx, and results it hands out are those of its last
	// run. An error undoes this command alone and is returned by Update as
	// it is. It must not wait for another Update.
	Run func(tx *Tx) error
}

// Update runs a command on its home stream and returns when its entry is
// durable, applied, published in [Store.View] and shown by every other node that
// answers requests, with the home stream's revision after it. A command that changes nothing and records nothing
// commits nothing.
//
// If ctx ends before the command's turn, it is not run and the error is
// ctx.Err(). After that the outcome is waited for, so that what is committed
// is never reported as failed; see [ErrOutcomeUnknown].
func (s *Store) Update(ctx context.Context, home StreamID, c Command) (Revision, error) {
	if c.Run == nil {
		return 0, errors.New("state: command without Run")
	}
	if err := checkStream(home); err != nil {
		return 0, err
	}
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	p := &pending{command: c, done: make(chan struct{})}
	if err := s.enqueue(home, p); err != nil {
		return 0, err
	}
	select {
	case <-p.done:
	case <-ctx.Done():
		if p.state.CompareAndSwap(waiting, abandoned) {
			return 0, ctx.Err()
		}
		<-p.done
	}
	return p.revision, p.err
}

func (s *Store) enqueue(home StreamID, p *pending) error {
	s.admission.RLock()
	defer s.admission.RUnlock()
	if s.closed {
		return ErrClosed
	}
	st := s.stream(home)
	st.queueing.Lock()
	defer st.queueing.Unlock()
	st.queue = append(st.queue, p)
	if !st.running {
		st.running = true
		s.writers.Add(1)
		go s.serve(st)
	}
	return nil
}

// Close lets every command taken so far finish and saves the snapshots that are
// due. It leaves the journal open. It may be called again.
func (s *Store) Close() error {
	s.admission.Lock()
	first := !s.closed
	s.closed = true
	s.admission.Unlock()
	s.writers.Wait()
	s.snapshots.Wait()
	if first {
		s.lastSnapshots()
	}
	s.stop()
	return nil
}
