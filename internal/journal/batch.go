package journal

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"hash"
	"math"
)

// Limits every driver enforces before it allocates or stores anything.
const (
	MaxName     = 512      // bytes of a stream, batch, secret or node id
	MaxFactKey  = 1 << 10  // bytes of a fact's key
	MaxFact     = 1 << 20  // bytes of a fact's value
	MaxSecret   = 1 << 20  // bytes of one sealed secret
	MaxEntry    = 16 << 20 // bytes of one entry
	MaxBatch    = 64 << 20 // bytes of all entries and secrets of one batch
	MaxBlock    = 16 << 20 // bytes of one audit block
	MaxSnapshot = 1 << 30  // bytes of one snapshot

	// MaxRevision keeps revisions and cursors inside a signed 64-bit column.
	MaxRevision Revision = math.MaxInt64

	// RememberedBatches is how many of the newest batch ids a driver recognises at
	// least. A lost reply is retried within seconds; this covers them at any rate a
	// single writer reaches.
	RememberedBatches = 16384
)

// Validate checks the rules of a well-formed batch: every stream is expected at
// most once; every stream with entries or secrets is expected; the entries of a
// stream continue its expectation one by one in the order given; a secret is
// named once; nothing exceeds a limit. Errors wrap [ErrInvalid] or [ErrTooLarge].
func (b *Batch) Validate() error {
	if len(b.ID) > MaxName {
		return fmt.Errorf("batch id of %d bytes: %w", len(b.ID), ErrTooLarge)
	}
	next := make(map[StreamID]Revision, len(b.Expect))
	for _, e := range b.Expect {
		if err := CheckStream(e.Stream); err != nil {
			return err
		}
		if _, twice := next[e.Stream]; twice {
			return fmt.Errorf("stream %q is expected twice: %w", string(e.Stream), ErrInvalid)
		}
		if e.At >= MaxRevision {
			return fmt.Errorf("revision %d of stream %q: %w", e.At, string(e.Stream), ErrInvalid)
		}
		next[e.Stream] = e.At + 1
	}
	size := 0
	for i := range b.Entries {
		e := &b.Entries[i]
		want, ok := next[e.Stream]
		if !ok {
			return fmt.Errorf("entry of stream %q without an expectation: %w", string(e.Stream), ErrInvalid)
		}
		if e.Revision != want {
			return fmt.Errorf("entry of stream %q has revision %d, want %d: %w", string(e.Stream), e.Revision, want, ErrInvalid)
		}
		if len(e.Data) > MaxEntry {
			return fmt.Errorf("entry of %d bytes: %w", len(e.Data), ErrTooLarge)
		}
		next[e.Stream] = want + 1
		size += len(e.Data)
	}
	if err := b.validateSecrets(next, &size); err != nil {
		return err
	}
	if size > MaxBatch {
		return fmt.Errorf("batch of %d bytes: %w", size, ErrTooLarge)
	}
	return nil
}

func (b *Batch) validateSecrets(expected map[StreamID]Revision, size *int) error {
	type name struct {
		stream StreamID
		id     string
	}
	seen := make(map[name]struct{}, len(b.Secrets))
	for i := range b.Secrets {
		s := &b.Secrets[i]
		if _, ok := expected[s.Stream]; !ok {
			return fmt.Errorf("secret of stream %q without an expectation: %w", string(s.Stream), ErrInvalid)
		}
		if err := checkName("secret id", s.ID); err != nil {
			return err
		}
		if _, twice := seen[name{s.Stream, s.ID}]; twice {
			return fmt.Errorf("secret of stream %q named twice: %w", string(s.Stream), ErrInvalid)
		}
		seen[name{s.Stream, s.ID}] = struct{}{}
		if len(s.Sealed) > MaxSecret {
			return fmt.Errorf("secret of %d bytes: %w", len(s.Sealed), ErrTooLarge)
		}
		*size += len(s.Sealed)
	}
	return nil
}

// Writes reports whether the batch changes anything; one that does not is a
// check of its expectations, and its ID is not remembered.
func (b *Batch) Writes() bool { return len(b.Entries)+len(b.Secrets) > 0 }

// Digest identifies the batch's content (not its ID), to tell a repeated batch
// from another one under the same id.
func (b *Batch) Digest() [sha256.Size]byte {
	h := sha256.New()
	number(h, uint64(len(b.Expect)))
	for _, e := range b.Expect {
		field(h, []byte(e.Stream))
		number(h, uint64(e.At))
	}
	number(h, uint64(len(b.Entries)))
	for i := range b.Entries {
		field(h, []byte(b.Entries[i].Stream))
		number(h, uint64(b.Entries[i].Revision))
		field(h, b.Entries[i].Data)
	}
	number(h, uint64(len(b.Secrets)))
	for i := range b.Secrets {
		s := &b.Secrets[i]
		field(h, []byte(s.Stream))
		field(h, []byte(s.ID))
		if s.Sealed == nil {
			number(h, math.MaxUint64)
		} else {
			field(h, s.Sealed)
		}
	}
	var sum [sha256.Size]byte
	h.Sum(sum[:0])
	return sum
}

// field hashes a length-prefixed value, so that no two contents share an input.
func field(h hash.Hash, value []byte) {
	number(h, uint64(len(value)))
	h.Write(value)
}

func number(h hash.Hash, n uint64) {
	var buf [8]byte
	binary.BigEndian.PutUint64(buf[:], n)
	h.Write(buf[:])
}

// CheckStream reports whether s can name a stream: 1 to [MaxName] bytes, any.
func CheckStream(s StreamID) error { return checkName("stream id", string(s)) }

// CheckRead checks the arguments of Read and ReadBlocks.
func CheckRead(limit int) error {
	if limit <= 0 {
		return fmt.Errorf("limit %d is not positive: %w", limit, ErrInvalid)
	}
	return nil
}

// Validate checks a query handed to FindBlocks.
func (q *BlockQuery) Validate() error {
	if q.Account != "" && !isAccount(q.Account) {
		return fmt.Errorf("block account %q: %w", q.Account, ErrInvalid)
	}
	return CheckRead(q.Limit)
}

// CheckSnapshot checks what SaveSnapshot is asked to store.
func CheckSnapshot(s StreamID, at Revision) error {
	if err := CheckStream(s); err != nil {
		return err
	}
	if at == 0 || at > MaxRevision {
		return fmt.Errorf("snapshot at revision %d: %w", at, ErrInvalid)
	}
	return nil
}

// CheckFact checks a fact's key and value.
func CheckFact(key string, value []byte) error {
	switch {
	case key == "":
		return fmt.Errorf("empty fact key: %w", ErrInvalid)
	case len(key) > MaxFactKey:
		return fmt.Errorf("fact key of %d bytes: %w", len(key), ErrTooLarge)
	case len(value) > MaxFact:
		return fmt.Errorf("fact of %d bytes: %w", len(value), ErrTooLarge)
	}
	return nil
}

// Validate checks a block handed to AppendBlocks. Times must be representable as
// nanoseconds since 1970 in 64 bits (years 1678 to 2262).
func (b *Block) Validate() error {
	if err := checkName("node id", b.Node); err != nil {
		return err
	}
	switch {
	case b.Sequence > math.MaxInt64:
		return fmt.Errorf("block sequence %d: %w", b.Sequence, ErrInvalid)
	case b.Account != "" && !isAccount(b.Account):
		return fmt.Errorf("block account %q: %w", b.Account, ErrInvalid)
	case b.Count < 1:
		return fmt.Errorf("block of %d records: %w", b.Count, ErrInvalid)
	case b.Last.Before(b.First) || b.First.Year() < 1678 || b.Last.Year() > 2261:
		return fmt.Errorf("block from %v to %v: %w", b.First, b.Last, ErrInvalid)
	case len(b.Data) > MaxBlock:
		return fmt.Errorf("block of %d bytes: %w", len(b.Data), ErrTooLarge)
	}
	return nil
}

// Same reports whether two blocks are equal in everything but their cursors.
func (b *Block) Same(o *Block) bool {
	return b.Node == o.Node && b.Sequence == o.Sequence && b.Account == o.Account &&
		b.First.Equal(o.First) && b.Last.Equal(o.Last) && b.Count == o.Count &&
		string(b.Data) == string(o.Data)
}

func isAccount(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return len(s) == 12
}

func checkName(what, name string) error {
	if name == "" {
		return fmt.Errorf("empty %s: %w", what, ErrInvalid)
	}
	if len(name) > MaxName {
		return fmt.Errorf("%s of %d bytes: %w", what, len(name), ErrTooLarge)
	}
	return nil
}
