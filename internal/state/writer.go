package state

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	randv2 "math/rand/v2"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"sallyport/internal/journal"
)

const (
	// A batch takes at most so many commands, and no further one once its
	// entries have so many bytes: what waits behind it waits for one commit.
	maxBatchCommands = 256
	maxBatchBytes    = 8 << 20

	// maxConflicts is how often a batch is decided anew because another node
	// changed a stream first. Each time, that node made progress.
	maxConflicts = 100
	// maxResends is how often a batch of unknown outcome is sent again.
	maxResends = 4
)

// stream is one stream's published view and its queue of commands.
type stream struct {
	id   StreamID
	view atomic.Pointer[View] // nil until the stream exists

	// appending is the right, within this process, to append to the stream
	// and to publish its view. Several are taken in order of stream ids.
	appending sync.Mutex

	queueing sync.Mutex
	queue    []*pending
	running  bool // a writer goroutine is serving the queue

	snapshot snapshotProgress
}

// pending is a command on its way.
type pending struct {
	command  Command
	state    atomic.Int32 // waiting, taken or abandoned
	done     chan struct{}
	durable  time.Time // when it was; of those that wait for other nodes
	revision Revision
	err      error
}

const (
	waiting int32 = iota
	taken
	abandoned
)

// serve runs queued commands in batches until the queue is empty.
func (s *Store) serve(st *stream) {
	defer s.writers.Done()
	for {
		st.queueing.Lock()
		n := min(len(st.queue), maxBatchCommands)
		if n == 0 {
			st.queue = nil
			st.running = false
			st.queueing.Unlock()
			return
		}
		batch := slices.Clone(st.queue[:n])
		st.queue = slices.Delete(st.queue, 0, n)
		st.queueing.Unlock()

		batch = slices.DeleteFunc(batch, func(p *pending) bool {
			return !p.state.CompareAndSwap(waiting, taken)
		})
		for len(batch) > 0 {
			n := s.commit(st, batch)
			s.answer(batch[:n])
			batch = batch[n:]
		}
	}
}

// commit decides, commits and publishes as many of the commands as fit one
// batch, and returns how many that were. Their outcome is set.
func (s *Store) commit(home *stream, batch []*pending) int {
	need := []*stream{home}
	for conflicts := 0; ; {
		a := s.begin(home, need)
		n := a.runAll(batch)
		if a.blocked != nil {
			need = a.end(a.blocked)
			continue
		}
		err := a.commit()
		var conflict *journal.ConflictError
		if errors.As(err, &conflict) && conflicts < maxConflicts {
			conflicts++
			err = a.catchUp(conflict)
			if err == nil {
				need = a.end(nil)
				pause(conflicts)
				continue
			}
		} else if conflict != nil {
			err = fmt.Errorf("state: stream %s: %w: %w", home.id, ErrContention, err)
		}
		if err == nil {
			a.publish()
		} else {
			s.log.Error("commit failed", "stream", string(home.id), "commands", n, "error", err)
			for _, p := range batch[:n] {
				p.revision, p.err = 0, err
			}
		}
		a.end(nil)
		return n
	}
}

// pause spreads nodes that compete for a stream.
func pause(conflicts int) {
	limit := min(time.Millisecond<<min(conflicts, 5), 20*time.Millisecond)
	time.Sleep(randv2.N(limit))
}

// attempt is one try at deciding and committing a batch. Everything it reads
// or changes is locked against the other writers of this process, so that only
// another process can make it conflict.
type attempt struct {
	store   *Store
	home    *stream
	parts   []*part
	bytes   int
	blocked *stream // a stream that was busy: begin again with it locked in order
}

// part is what an attempt does to one stream.
type part struct {
	stream   *stream
	base     *View // published when the attempt began
	view     *View // after the commands run so far
	entries  []journal.Entry
	secrets  []journal.Secret
	secretAt map[string]int
	used     bool // a command that holds read or changed it
}

// begin locks the streams known to be needed, in order of their ids.
func (s *Store) begin(home *stream, need []*stream) *attempt {
	slices.SortFunc(need, func(a, b *stream) int { return strings.Compare(string(a.id), string(b.id)) })
	a := &attempt{store: s, home: home}
	for _, st := range need {
		st.appending.Lock()
		a.add(st)
	}
	return a
}

func (a *attempt) add(st *stream) *part {
	v := st.view.Load()
	if v == nil {
		v = emptyView(st.id, a.store.schema)
	}
	p := &part{stream: st, base: v, view: v}
	a.parts = append(a.parts, p)
	return p
}

// end unlocks the attempt's streams and returns them, with more if given: what
// the next attempt needs.
func (a *attempt) end(more *stream) []*stream {
	var need []*stream
	for _, p := range a.parts {
		need = append(need, p.stream)
		p.stream.appending.Unlock()
	}
	if more != nil {
		need = append(need, more)
	}
	return need
}

// part finds or locks a stream discovered while a command runs. It must not
// wait: the one who holds that stream may be waiting for this attempt's.
func (a *attempt) part(id StreamID) (*part, error) {
	for _, p := range a.parts {
		if p.stream.id == id {
			return p, nil
		}
	}
	if err := checkStream(id); err != nil {
		return nil, err
	}
	st := a.store.stream(id)
	if !st.appending.TryLock() {
		a.blocked = st
		return nil, errBlocked
	}
	return a.add(st), nil
}

// runAll runs commands one after another, each on what the ones before it
// left, until the batch is full. It stops early when the attempt is blocked.
func (a *attempt) runAll(batch []*pending) int {
	for i, p := range batch {
		if i > 0 && a.bytes > maxBatchBytes {
			return i
		}
		p.revision, p.err = a.run(&p.command)
		if a.blocked != nil {
			return 0
		}
	}
	return len(batch)
}

// run is one execution of a command: one Tx for each stream it touches.
type run struct {
	attempt *attempt
	command *Command
	txs     []*Tx
	err     error
	done    bool
}

func (r *run) fail(err error) {
	if r.err == nil {
		r.err = err
	}
}

// tx returns the command's Tx of a stream.
func (r *run) tx(id StreamID) (*Tx, error) {
	for _, tx := range r.txs {
		if tx.base.stream == id {
			return tx, nil
		}
	}
	p, err := r.attempt.part(id)
	if err != nil {
		r.fail(err)
		return nil, err
	}
	now := r.attempt.store.now().UTC().Round(0)
	if now.Before(p.view.time) {
		now = p.view.time
	}
	tx := &Tx{run: r, part: p, base: p.view, view: p.view, now: now}
	r.txs = append(r.txs, tx)
	return tx, nil
}

// run runs one command. Its changes reach the attempt only if all of it
// succeeds.
func (a *attempt) run(c *Command) (Revision, error) {
	r := &run{attempt: a, command: c}
	home, err := r.tx(a.home.id)
	if err != nil {
		return 0, err
	}
	err = protect(c.Run, home)
	r.done = true
	if err == nil {
		err = r.err
	}
	if err != nil || a.blocked != nil {
		return 0, err
	}
	type outcome struct {
		tx      *Tx
		data    []byte
		secrets []journal.Secret
	}
	outcomes := make([]outcome, 0, 1)
	size := 0
	for _, tx := range r.txs {
		env := tx.envelope()
		if env == nil {
			continue
		}
		data, err := encodeEntry(env, tx.audit)
		if err != nil {
			return 0, err
		}
		secrets, err := a.store.sealAll(tx.secrets)
		if err != nil {
			return 0, err
		}
		size += len(data)
		for _, s := range secrets {
			size += len(s.Sealed)
		}
		if size > maxCommandBytes {
			return 0, fmt.Errorf("state: command of %d bytes: %w", size, journal.ErrTooLarge)
		}
		outcomes = append(outcomes, outcome{tx, data, secrets})
	}
	for _, tx := range r.txs {
		tx.part.used = true
	}
	for _, o := range outcomes {
		o.tx.part.append(o.tx, o.data, o.secrets)
	}
	a.bytes += size
	return home.part.view.revision, nil
}

// protect turns a panic of a command into an error: it must not take the
// stream's writer, and every other command with it.
func protect(fn func(*Tx) error, tx *Tx) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = &PanicError{Value: p, Stack: debug.Stack()}
		}
	}()
	return fn(tx)
}

// append makes a command's entry part of the attempt.
func (p *part) append(tx *Tx, data []byte, secrets []journal.Secret) {
	v := tx.view
	if v == tx.base {
		v = v.tentative()
	}
	v.revision, v.time, v.head = tx.base.revision+1, tx.now, sha256.Sum256(data)
	p.view = v
	p.entries = append(p.entries, journal.Entry{Stream: v.stream, Revision: v.revision, Data: data})
	for _, s := range secrets {
		if i, ok := p.secretAt[s.ID]; ok {
			p.secrets[i] = s
			continue
		}
		if p.secretAt == nil {
			p.secretAt = make(map[string]int)
		}
		p.secretAt[s.ID] = len(p.secrets)
		p.secrets = append(p.secrets, s)
	}
}

// commit makes the attempt durable. Nothing to write is nothing to commit:
// what was only read was a committed state.
func (a *attempt) commit() error {
	b := journal.Batch{ID: rand.Text()}
	for _, p := range a.parts {
		if p.used {
			b.Expect = append(b.Expect, journal.Expectation{Stream: p.stream.id, At: p.base.revision})
			b.Entries = append(b.Entries, p.entries...)
			b.Secrets = append(b.Secrets, p.secrets...)
		}
	}
	if !b.Writes() {
		return nil
	}
	err := a.store.journal.Commit(a.store.ctx, b)
	// Sending the batch again under its id settles an unknown outcome.
	unknown := false
	for resends := 1; outcomeUnknown(err) && resends <= maxResends; resends++ {
		unknown = true
		a.store.log.Warn("outcome of a commit is unknown; sending it again", "stream", string(a.home.id), "error", err)
		time.Sleep(time.Duration(resends*resends) * 5 * time.Millisecond)
		err = a.store.journal.Commit(a.store.ctx, b)
	}
	var conflict *journal.ConflictError
	if err == nil || errors.As(err, &conflict) {
		return err
	}
	if unknown {
		return fmt.Errorf("state: commit to stream %s: %w: %w", a.home.id, ErrOutcomeUnknown, err)
	}
	return fmt.Errorf("state: commit to stream %s: %w", a.home.id, err)
}

// outcomeUnknown reports whether an error of Commit leaves open if the batch
// was written: every one but those the journal defines otherwise.
func outcomeUnknown(err error) bool {
	var conflict *journal.ConflictError
	if err == nil || errors.As(err, &conflict) {
		return false
	}
	if errors.Is(err, journal.ErrOutcomeUnknown) {
		return true
	}
	for _, definite := range []error{
		journal.ErrInvalid, journal.ErrBatchReused, journal.ErrTooLarge, journal.ErrFull,
		journal.ErrClosed, journal.ErrFailed, journal.ErrUnavailable, context.Canceled, context.DeadlineExceeded,
	} {
		if errors.Is(err, definite) {
			return false
		}
	}
	return true
}

// catchUp brings the attempt's streams to where the journal is.
func (a *attempt) catchUp(c *journal.ConflictError) error {
	if c.Actual < c.Expected {
		return fmt.Errorf("state: %w: %w", journal.ErrBehind, c)
	}
	for _, p := range a.parts {
		if err := a.store.catchUp(a.store.ctx, p.stream); err != nil {
			return err
		}
	}
	return nil
}

// publish makes the committed views the ones readers get.
func (a *attempt) publish() {
	for _, p := range a.parts {
		if len(p.entries) == 0 {
			continue
		}
		p.stream.view.Store(p.view)
		size := 0
		for _, e := range p.entries {
			size += len(e.Data)
		}
		a.store.grown(p.stream, len(p.entries), size)
	}
}
