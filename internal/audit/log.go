package audit

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/klauspost/compress/zstd"

	"sallyport/internal/journal"
)

// Limits of a Log.
const (
	// blockBytes is how many bytes of records of one account are gathered
	// before they are written without waiting for the interval.
	blockBytes = 1 << 20
	// maxSpan is the longest time between the first and the last record of a block
	// when the store is slow to take it.
	maxSpan = 10 * time.Second
	// maxPending is how many bytes may wait while the store does not take
	// them. Beyond it calls are refused: nothing goes unrecorded.
	maxPending = 64 << 20
	// maxBlock bounds what a block may unpack to.
	maxBlock = 64 << 20
)

// ErrFull says that the audit log can't take another record, because the store
// has not taken the earlier ones.
var ErrFull = errors.New("audit: the store is not taking audit records")

// errClosed says that the log was closed before the record came.
var errClosed = errors.New("audit: the log is closed")

// A Log gathers the records of calls that change no stream and appends them to
// the journal's audit blocks. It is safe for concurrent use.
type Log struct {
	store    journal.Blocks
	node     string
	interval time.Duration
	now      func() time.Time
	logger   *slog.Logger
	encoder  *zstd.Encoder
	unknown  allowance

	mu       sync.Mutex
	open     map[string]*pendingBlock // by account
	full     []*pendingBlock          // to be written, in order
	pending  int                      // bytes in open and in flight
	spare    [][]byte                 // buffers of earlier blocks, empty
	waiters  []chan error             // for the next write
	sequence uint64
	closed   bool

	wake chan struct{}
	done chan struct{}
}

type pendingBlock struct {
	account     string
	first, last time.Time
	count       int
	records     []byte // JSON, each followed by LF
}

// LogConfig configures a Log.
type LogConfig struct {
	Store journal.Blocks
	// Node names this writer; blocks of two nodes never share a name.
	Node string
	// Interval is the longest time a record waits before it is written.
	Interval time.Duration
	Now      func() time.Time
	Logger   *slog.Logger
}

// NewLog starts a log. Close must be called to write what is pending.
func NewLog(c LogConfig) (*Log, error) {
	encoder, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1))
	if err != nil {
		return nil, fmt.Errorf("audit: %w", err)
	}
	l := &Log{
		store: c.Store, node: c.Node, interval: c.Interval, now: c.Now, logger: c.Logger, encoder: encoder,
		open: make(map[string]*pendingBlock),
		wake: make(chan struct{}, 1), done: make(chan struct{}),
	}
	go l.run()
	return l, nil
}

// Append takes a record for the trail of an account; "" is for calls that
// could not be assigned to one. The record is written within the interval.
// ErrFull means that it was not taken: the call must be refused.
func (l *Log) Append(account string, record []byte) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.add(account, record)
}

// AppendWait takes a record and returns when it is on disk.
func (l *Log) AppendWait(ctx context.Context, account string, record []byte) error {
	written := make(chan error, 1)
	l.mu.Lock()
	if err := l.add(account, record); err != nil {
		l.mu.Unlock()
		return err
	}
	l.waiters = append(l.waiters, written)
	l.mu.Unlock()
	l.signal()
	select {
	case err := <-written:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// add is called with mu held.
func (l *Log) add(account string, record []byte) error {
	if l.closed {
		return errClosed
	}
	if l.pending+len(record)+1 > maxPending {
		return ErrFull
	}
	now := l.now().Round(0) // wall time alone: it is what a block keeps
	b := l.open[account]
	if b != nil && (len(b.records) >= blockBytes || now.Sub(b.first) > maxSpan || b.last.Sub(now) > maxSpan) {
		l.full = append(l.full, b)
		b = nil
	}
	if b == nil {
		b = &pendingBlock{account: account, first: now, last: now, records: l.buffer()}
		l.open[account] = b
	}
	// The clock may be set back between two records. A block that ended before
	// it began would be refused, and every block after it would wait behind it.
	if now.Before(b.first) {
		b.first = now
	}
	if now.After(b.last) {
		b.last = now
	}
	b.count++
	b.records = append(append(b.records, record...), '\n')
	l.pending += len(record) + 1
	if len(b.records) >= blockBytes {
		l.signal()
	}
	return nil
}

// The buffers of a few blocks are kept for the next ones, which in a busy
// account are as large.
const (
	spareBuffers = 4
	spareBytes   = 4 * blockBytes
)

// buffer is called with mu held.
func (l *Log) buffer() []byte {
	n := len(l.spare)
	if n == 0 {
		return nil
	}
	b := l.spare[n-1]
	l.spare = l.spare[:n-1]
	return b
}

func (l *Log) recycle(b []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.spare) < spareBuffers && cap(b) <= spareBytes {
		l.spare = append(l.spare, b[:0])
	}
}

func (l *Log) signal() {
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// run writes the open blocks each interval and whenever somebody waits.
// Records that arrive during one write share the next.
func (l *Log) run() {
	defer close(l.done)
	ticker := time.NewTicker(l.interval)
	defer ticker.Stop()
	var unwritten []journal.Block
	for {
		select {
		case <-ticker.C:
		case <-l.wake:
		}
		blocks, waiters, closed := l.take()
		unwritten = append(unwritten, blocks...)
		err := l.write(unwritten)
		if err == nil {
			unwritten = nil
		}
		l.settle(waiters, err)
		if closed {
			return
		}
	}
}

// take seals the open blocks.
func (l *Log) take() (blocks []journal.Block, waiters []chan error, closed bool) {
	l.mu.Lock()
	for _, b := range l.open {
		l.full = append(l.full, b)
	}
	for _, b := range l.full {
		l.sequence++
		blocks = append(blocks, journal.Block{
			Node: l.node, Sequence: l.sequence, Account: b.account,
			First: b.first, Last: b.last, Count: b.count, Data: b.records,
		})
	}
	clear(l.open)
	l.full = nil
	waiters, l.waiters = l.waiters, nil
	closed = l.closed
	l.mu.Unlock()
	for i := range blocks {
		records := blocks[i].Data
		blocks[i].Data = l.encoder.EncodeAll(records, nil)
		l.recycle(records)
	}
	return blocks, waiters, closed
}

func (l *Log) write(blocks []journal.Block) error {
	if len(blocks) == 0 {
		return nil
	}
	// Not the context of any one call: the records of many are in the block.
	err := l.store.AppendBlocks(context.Background(), blocks)
	if err != nil {
		l.logger.Error("audit records could not be written; they are kept and tried again", "blocks", len(blocks), "error", err)
	}
	return err
}

// Pending is how many bytes of records wait to be written. Near 64 MiB calls are
// refused.
func (l *Log) Pending() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.pending
}

// settle answers who waited. What was not written stays counted as pending.
func (l *Log) settle(waiters []chan error, err error) {
	l.mu.Lock()
	if err == nil {
		l.pending = l.openBytes()
	}
	l.mu.Unlock()
	for _, w := range waiters {
		w <- err
	}
}

// openBytes is called with mu held.
func (l *Log) openBytes() int {
	n := 0
	for _, b := range l.open {
		n += len(b.records)
	}
	for _, b := range l.full {
		n += len(b.records)
	}
	return n
}

// Close writes what is pending and stops the log.
func (l *Log) Close() error {
	final := make(chan error, 1)
	l.mu.Lock()
	if l.closed {
		l.mu.Unlock()
		<-l.done
		return nil
	}
	l.closed = true
	l.waiters = append(l.waiters, final)
	l.mu.Unlock()
	l.signal()
	<-l.done
	return <-final
}

// decoder unpacks blocks, any number at a time. Nothing runs in it between calls.
var decoder = sync.OnceValues(func() (*zstd.Decoder, error) {
	return zstd.NewReader(nil, zstd.WithDecoderMaxMemory(maxBlock), zstd.WithDecoderConcurrency(0))
})

// Records unpacks a block's records in the order they were taken.
func Records(b journal.Block) ([][]byte, error) {
	d, err := decoder()
	if err != nil {
		return nil, fmt.Errorf("audit: %w", err)
	}
	data, err := d.DecodeAll(b.Data, nil)
	if err != nil {
		return nil, fmt.Errorf("audit: block %s/%d: %w", b.Node, b.Sequence, err)
	}
	records := bytes.Split(bytes.TrimSuffix(data, []byte{'\n'}), []byte{'\n'})
	if len(records) != b.Count {
		return nil, fmt.Errorf("audit: block %s/%d holds %d records, not %d", b.Node, b.Sequence, len(records), b.Count)
	}
	return records, nil
}
