package journal

import (
	"context"
	"io"
	"time"
)

// StreamID names one append-only stream: "account/111122223333",
// "organization/o-exampleorgid", "directory". Drivers treat it as opaque bytes.
type StreamID string

// Revision counts the entries of a stream. 0 is the empty (or unknown) stream;
// its first entry has revision 1, and there are no gaps.
type Revision uint64

// Expectation says that Stream must be at exactly revision At when the batch is
// committed. Without entries for the stream it guards a read.
type Expectation struct {
	Stream StreamID
	At     Revision
}

// Entry is one record of a stream. Data is opaque to drivers and returned byte
// for byte.
type Entry struct {
	Stream   StreamID
	Revision Revision
	Data     []byte
}

// Secret is a sealed value put in the same commit as the entries of its stream.
// A nil Sealed deletes it; deleting an absent secret does nothing.
type Secret struct {
	Stream StreamID
	ID     string
	Sealed []byte
}

// Batch is the unit of atomicity: all of it becomes durable, over all its
// streams, or none of it. [Batch.Validate] states the rules it must follow.
//
// ID makes a commit idempotent: a driver remembers the ids of at least the last
// [RememberedBatches] batches that wrote something, and a batch sent again under
// its id, because the reply was lost, succeeds without being applied twice. An
// empty ID opts out.
type Batch struct {
	ID      string
	Expect  []Expectation
	Entries []Entry
	Secrets []Secret
}

// Block is one compressed run of audit records of one node. (Node, Sequence)
// identifies it. Cursor is assigned by the driver and set by ReadBlocks only.
type Block struct {
	Cursor      BlockCursor
	Node        string
	Sequence    uint64
	Account     string // 12 digits, or "" for records of no account
	First, Last time.Time
	Count       int // records inside
	Data        []byte
}

// BlockCursor orders blocks by the time of their append over all nodes. The zero
// cursor is before the first block.
type BlockCursor uint64

// BlockQuery asks for blocks of one account from a place on, backwards in time.
// The order is by when blocks ended, the latest first, and of those that ended at
// one time the highest cursor first.
type BlockQuery struct {
	Account string
	// Last and Cursor are the place of the first block wanted. A block that ended at
	// Last is wanted when its cursor is at most Cursor.
	Last   time.Time
	Cursor BlockCursor
	// Since leaves out what ended before it.
	Since time.Time
	Limit int // > 0
}

// Streams is the journal proper.
type Streams interface {
	// Commit makes b durable before it returns nil. Errors: [*ConflictError] when
	// a stream is not where the batch expects it, [ErrInvalid], [ErrBatchReused],
	// [ErrTooLarge], [ErrFull], [ErrClosed], [ErrFailed], [ErrUnavailable] and the
	// context's error all mean that nothing was written. [ErrOutcomeUnknown] means that the batch
	// may or may not be there after the store is opened again; sending it again
	// under its ID settles it.
	Commit(ctx context.Context, b Batch) error

	// Read returns the entries of s with revisions after+1, after+2, …: as many as
	// there are, at most limit, which must be positive. An unknown stream is empty.
	Read(ctx context.Context, s StreamID, after Revision, limit int) ([]Entry, error)

	// Heads returns the newest revision of every stream that has entries.
	Heads(ctx context.Context) (map[StreamID]Revision, error)
}

// Snapshots caches views of streams. Losing all of them loses nothing.
type Snapshots interface {
	// SaveSnapshot stores data as the snapshot of s at revision at (≥ 1), replacing
	// one of the same revision. A snapshot becomes visible whole or not at all.
	// data is read once, in pieces, without holding up commits; at most
	// [MaxSnapshot] bytes.
	SaveSnapshot(ctx context.Context, s StreamID, at Revision, data io.Reader) error

	// LoadSnapshot returns the newest snapshot of s at or below atMost. Revision 0
	// and nil data mean there is none. A snapshot whose bytes are not those that
	// were saved is [ErrCorrupt].
	LoadSnapshot(ctx context.Context, s StreamID, atMost Revision) (Revision, []byte, error)

	// DeleteSnapshots deletes all snapshots of s but the newest keep.
	DeleteSnapshots(ctx context.Context, s StreamID, keep int) error
}

// Secrets reads what commits put.
type Secrets interface {
	// LoadSecret returns the sealed bytes, or [ErrNotFound].
	LoadSecret(ctx context.Context, s StreamID, id string) ([]byte, error)
}

// Facts holds expiring values outside of history: one-time codes used, assertion
// ids seen, console sessions. All writes are durable when they return. Keys are
// one flat namespace shared by Once and Put. A zero expiry never expires.
type Facts interface {
	// Once records key and reports whether it was absent: of any number of calls
	// before the key has expired and been swept, exactly one is first.
	Once(ctx context.Context, key string, expires time.Time) (first bool, err error)

	// Put stores value under key, replacing what was there.
	Put(ctx context.Context, key string, value []byte, expires time.Time) error

	// Get returns the value of key unless it is absent or expired at now, which is
	// [ErrNotFound]. A fact is expired from the instant expires on.
	Get(ctx context.Context, key string, now time.Time) ([]byte, error)

	// DeleteFact deletes key; an absent key is not an error.
	DeleteFact(ctx context.Context, key string) error

	// Sweep deletes every fact expired at now.
	Sweep(ctx context.Context, now time.Time) error
}

// Blocks stores the audit of what changes no stream.
type Blocks interface {
	// AppendBlocks makes all blocks durable, or none, before it returns nil. A
	// block that is already there, equal in every field, is left alone; a different
	// one under the same (Node, Sequence) is [ErrBlockReused].
	AppendBlocks(ctx context.Context, blocks []Block) error

	// ReadBlocks returns blocks after the cursor in its order, at most limit (> 0).
	// A block once passed by a cursor never appears later behind it.
	ReadBlocks(ctx context.Context, after BlockCursor, limit int) ([]Block, error)

	// FindBlocks returns the blocks that q asks for, in its order. It reads no
	// others, however many there are.
	FindBlocks(ctx context.Context, q BlockQuery) ([]Block, error)
}

// Store is what a driver implements. Every method may be called from any number
// of goroutines, and none keeps or hands out memory shared with its caller.
type Store interface {
	Streams
	Snapshots
	Secrets
	Facts
	Blocks

	// Close waits for running commits, makes later calls return [ErrClosed] and
	// may be called again.
	Close() error
}
