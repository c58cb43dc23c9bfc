package backup

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"sallyport/internal/journal"
)

// ErrDamaged is wrapped by every error about a file that is not a whole and
// sound backup.
var ErrDamaged = errors.New("not a sound backup")

// kind is the kind of a record; their order is the order of the file.
type kind byte

const (
	entryKind kind = 1 + iota
	secretKind
	factKind
	blockKind
	headKind
)

// Bounds of one record's body: its longest value, its names, and its numbers.
const (
	maxNumbers = 128
	maxBody    = max(journal.MaxEntry, journal.MaxBlock) + 2*journal.MaxName + maxNumbers
	maxRecord  = 1 + binary.MaxVarintLen64 + maxBody
)

// bodyLimit is the longest body of a kind, or 0 for an unknown kind.
func (k kind) bodyLimit() int {
	switch k {
	case entryKind:
		return journal.MaxEntry + journal.MaxName + maxNumbers
	case secretKind:
		return journal.MaxSecret + 2*journal.MaxName + maxNumbers
	case factKind:
		return journal.MaxFact + journal.MaxFactKey + maxNumbers
	case blockKind:
		return journal.MaxBlock + journal.MaxName + maxNumbers
	case headKind:
		return journal.MaxName + maxNumbers
	}
	return 0
}

// head is where a stream ends.
type head struct {
	stream   journal.StreamID
	revision journal.Revision
	hash     [sha256.Size]byte // of the last entry's stored bytes
}

// An encoder makes the bytes of records, in buffers it uses again.
type encoder struct{ body, record []byte }

func (e *encoder) finish(k kind) []byte {
	e.record = append(e.record[:0], byte(k))
	e.record = binary.AppendUvarint(e.record, uint64(len(e.body)))
	e.record = append(e.record, e.body...)
	e.body = e.body[:0]
	return e.record
}

func (e *encoder) bytes(b []byte) {
	e.body = append(binary.AppendUvarint(e.body, uint64(len(b))), b...)
}

func (e *encoder) text(s string) {
	e.body = append(binary.AppendUvarint(e.body, uint64(len(s))), s...)
}

func (e *encoder) number(n uint64) { e.body = binary.AppendUvarint(e.body, n) }

func (e *encoder) time(t time.Time) {
	e.body = binary.BigEndian.AppendUint64(e.body, uint64(t.UnixNano()))
}

func (e *encoder) entry(x *journal.Entry) []byte {
	e.text(string(x.Stream))
	e.number(uint64(x.Revision))
	e.bytes(x.Data)
	return e.finish(entryKind)
}

func (e *encoder) secret(x *journal.Secret) []byte {
	e.text(string(x.Stream))
	e.text(x.ID)
	e.bytes(x.Sealed)
	return e.finish(secretKind)
}

func (e *encoder) fact(x *journal.Fact) []byte {
	e.text(x.Key)
	e.bytes(x.Value)
	if x.Expires.IsZero() {
		e.number(0)
	} else {
		e.number(1)
		e.time(x.Expires)
	}
	return e.finish(factKind)
}

func (e *encoder) block(x *journal.Block) []byte {
	e.text(x.Node)
	e.number(x.Sequence)
	e.text(x.Account)
	e.time(x.First)
	e.time(x.Last)
	e.number(uint64(x.Count))
	e.bytes(x.Data)
	return e.finish(blockKind)
}

func (e *encoder) head(x *head) []byte {
	e.text(string(x.stream))
	e.number(uint64(x.revision))
	e.body = append(e.body, x.hash[:]...)
	return e.finish(headKind)
}

// A decoder takes the fields of one body. After the first error everything is
// empty, and done returns it.
type decoder struct {
	rest []byte
	err  error
}

func (d *decoder) fail(format string, args ...any) {
	if d.err == nil {
		d.err = fmt.Errorf("%w: "+format, append([]any{ErrDamaged}, args...)...)
	}
	d.rest = nil
}

func (d *decoder) number() uint64 {
	n, size := binary.Uvarint(d.rest)
	if size <= 0 {
		d.fail("a number is cut off or too large")
		return 0
	}
	d.rest = d.rest[size:]
	return n
}

// fixed takes exactly n bytes.
func (d *decoder) fixed(n int) []byte {
	if len(d.rest) < n {
		d.fail("a record is cut off")
		return make([]byte, n)
	}
	b := d.rest[:n:n]
	d.rest = d.rest[n:]
	return b
}

// bytes takes a value of its own memory, never nil.
func (d *decoder) bytes() []byte {
	n := d.number()
	if n > uint64(len(d.rest)) {
		d.fail("a value of %d bytes in a record of fewer", n)
		return []byte{}
	}
	return append(make([]byte, 0, n), d.fixed(int(n))...)
}

func (d *decoder) time() time.Time {
	return time.Unix(0, int64(binary.BigEndian.Uint64(d.fixed(8)))).UTC()
}

// count takes a number that an int holds on every machine.
func (d *decoder) count() int {
	n := d.number()
	if n > 1<<31-1 {
		d.fail("a count of %d", n)
		return 0
	}
	return int(n)
}

// done says whether the body was what its kind has, and nothing more.
func (d *decoder) done() error {
	if d.err == nil && len(d.rest) > 0 {
		d.fail("%d bytes after the fields of a record", len(d.rest))
	}
	return d.err
}

func (d *decoder) entry() journal.Entry {
	return journal.Entry{Stream: journal.StreamID(d.bytes()), Revision: journal.Revision(d.number()), Data: d.bytes()}
}

func (d *decoder) secret() journal.Secret {
	return journal.Secret{Stream: journal.StreamID(d.bytes()), ID: string(d.bytes()), Sealed: d.bytes()}
}

func (d *decoder) fact() journal.Fact {
	f := journal.Fact{Key: string(d.bytes()), Value: d.bytes()}
	switch d.number() {
	case 0:
	case 1:
		f.Expires = d.time()
	default:
		d.fail("a fact's expiry is neither never nor a time")
	}
	return f
}

func (d *decoder) block() journal.Block {
	return journal.Block{
		Node: string(d.bytes()), Sequence: d.number(), Account: string(d.bytes()),
		First: d.time(), Last: d.time(), Count: d.count(), Data: d.bytes(),
	}
}

func (d *decoder) head() head {
	h := head{stream: journal.StreamID(d.bytes()), revision: journal.Revision(d.number())}
	copy(h.hash[:], d.fixed(sha256.Size))
	return h
}
