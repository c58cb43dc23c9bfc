package backup

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"hash"
	"time"

	"sallyport/internal/journal"
	"sallyport/internal/state"
)

// Summary says what a backup, or a store, holds.
type Summary struct {
	Streams, Entries, Secrets, Facts, Blocks uint64

	// Newest is the time of the newest entry, in UTC.
	Newest time.Time
	// Bytes is the size of the file, and SHA256 the hash it ends in; a store has
	// neither.
	Bytes  int64
	SHA256 [sha256.Size]byte

	// digest is of all records, heads aside: equal for equal contents, wherever
	// they are.
	digest [sha256.Size]byte
}

// counts appends the counts as the end of a file has them.
func (s *Summary) counts(b []byte) []byte {
	for _, n := range []uint64{s.Streams, s.Entries, s.Secrets, s.Facts, s.Blocks} {
		b = binary.BigEndian.AppendUint64(b, n)
	}
	return b
}

const (
	// maxIDs bounds the memory that streams' ids take, in bytes.
	maxIDs = 256 << 20
	// maxAhead is how far an entry's time may be ahead of this machine's clock.
	maxAhead = 24 * time.Hour
)

// Check reads all of source, which is a file or a store, and checks every
// stream's hash chain, every row and every limit. Rows are applied stream by
// stream: it takes as much memory as the largest stream's state. now is this
// machine's time.
func Check(ctx context.Context, source journal.Exports, schema *state.Schema, now time.Time) (Summary, error) {
	c := newChecker(schema)
	c.latest = now.Add(maxAhead)
	if err := source.Export(ctx, c.visitor()); err != nil {
		return Summary{}, err
	}
	return c.finish()
}

// checker checks what an export hands over and passes it on.
type checker struct {
	schema *state.Schema // nil: rows are not looked into
	latest time.Time     // of an entry; zero: any

	encoded func(record []byte) error // may be nil
	next    *journal.Visitor          // may be nil

	at     kind
	chain  *state.Chain
	heads  []head
	ids    int
	secret journal.Secret // the last one, without its bytes
	owner  int            // index in heads of its stream
	fact   string         // the last one's key
	sum    Summary
	digest hash.Hash
	encoder
}

func newChecker(schema *state.Schema) *checker {
	return &checker{schema: schema, digest: sha256.New()}
}

func (c *checker) visitor() journal.Visitor {
	return journal.Visitor{Entry: c.visitEntry, Secret: c.visitSecret, Fact: c.visitFact, Block: c.visitBlock}
}

// pass takes a sound record's bytes.
func (c *checker) pass(record []byte) error {
	c.digest.Write(record)
	if c.encoded != nil {
		return c.encoded(record)
	}
	return nil
}

// kind checks that kinds come in their order.
func (c *checker) kind(k kind) error {
	if k < c.at {
		return fmt.Errorf("%w: records of kind %d after kind %d", ErrDamaged, k, c.at)
	}
	c.at = k
	return nil
}

func (c *checker) visitEntry(e journal.Entry) error {
	if err := c.kind(entryKind); err != nil {
		return err
	}
	if len(e.Data) > journal.MaxEntry {
		return fmt.Errorf("entry of %d bytes: %w", len(e.Data), journal.ErrTooLarge)
	}
	if c.chain == nil || c.chain.Stream() != e.Stream {
		if err := c.begin(e.Stream); err != nil {
			return err
		}
	}
	if err := c.chain.Next(e); err != nil {
		return err
	}
	if at := c.chain.Time(); !c.latest.IsZero() && at.After(c.latest) {
		return fmt.Errorf("stream %s, revision %d is of %s, more than a day ahead of this machine's clock; if the clock is right, so is not the source",
			e.Stream, e.Revision, at.Format(time.RFC3339))
	}
	c.sum.Entries++
	if err := c.pass(c.entry(&e)); err != nil {
		return err
	}
	if c.next != nil {
		return c.next.Entry(e)
	}
	return nil
}

// begin starts the next stream's chain.
func (c *checker) begin(id journal.StreamID) error {
	c.endStream()
	if n := len(c.heads); n > 0 && id <= c.heads[n-1].stream {
		return fmt.Errorf("%w: stream %q comes after %q", ErrDamaged, string(id), string(c.heads[n-1].stream))
	}
	if c.ids += len(id); c.ids > maxIDs {
		return fmt.Errorf("the ids of the streams have more than %d bytes: %w", maxIDs, journal.ErrTooLarge)
	}
	var err error
	c.chain, err = state.NewChain(id, c.schema)
	return err
}

// endStream keeps the head of the stream whose entries have ended.
func (c *checker) endStream() {
	if c.chain == nil {
		return
	}
	c.heads = append(c.heads, head{c.chain.Stream(), c.chain.Revision(), c.chain.Head()})
	if at := c.chain.Time(); at.After(c.sum.Newest) {
		c.sum.Newest = at
	}
	c.chain = nil
}

func (c *checker) visitSecret(s journal.Secret) error {
	if err := c.kind(secretKind); err != nil {
		return err
	}
	c.endStream()
	switch {
	case s.Sealed == nil:
		return fmt.Errorf("%w: a secret of stream %q has no bytes", ErrDamaged, string(s.Stream))
	case len(s.Sealed) > journal.MaxSecret || len(s.ID) > journal.MaxName:
		return fmt.Errorf("secret of stream %q with an id of %d and %d sealed bytes: %w", string(s.Stream), len(s.ID), len(s.Sealed), journal.ErrTooLarge)
	case s.ID == "":
		return fmt.Errorf("%w: a secret of stream %q has no id", ErrDamaged, string(s.Stream))
	case c.sum.Secrets > 0 && (s.Stream < c.secret.Stream || s.Stream == c.secret.Stream && s.ID <= c.secret.ID):
		return fmt.Errorf("%w: secrets of stream %q are out of order", ErrDamaged, string(s.Stream))
	}
	for c.owner < len(c.heads) && c.heads[c.owner].stream < s.Stream {
		c.owner++
	}
	if c.owner == len(c.heads) || c.heads[c.owner].stream != s.Stream {
		return fmt.Errorf("%w: a secret of stream %q, which has no entries", ErrDamaged, string(s.Stream))
	}
	c.secret = journal.Secret{Stream: s.Stream, ID: s.ID}
	c.sum.Secrets++
	if err := c.pass(c.encoder.secret(&s)); err != nil {
		return err
	}
	if c.next != nil {
		return c.next.Secret(s)
	}
	return nil
}

func (c *checker) visitFact(f journal.Fact) error {
	if err := c.kind(factKind); err != nil {
		return err
	}
	if f.Key == unfinishedKey {
		return ErrUnfinished
	}
	if err := journal.CheckFact(f.Key, f.Value); err != nil {
		return err
	}
	switch {
	case c.sum.Facts > 0 && f.Key <= c.fact:
		return fmt.Errorf("%w: facts are out of order", ErrDamaged)
	case !f.Expires.IsZero() && !time.Unix(0, f.Expires.UnixNano()).Equal(f.Expires):
		return fmt.Errorf("%w: a fact expires in the year %d", ErrDamaged, f.Expires.Year())
	}
	c.fact = f.Key
	c.sum.Facts++
	if err := c.pass(c.encoder.fact(&f)); err != nil {
		return err
	}
	if c.next != nil {
		return c.next.Fact(f)
	}
	return nil
}

func (c *checker) visitBlock(b journal.Block) error {
	if err := c.kind(blockKind); err != nil {
		return err
	}
	if err := b.Validate(); err != nil {
		return err
	}
	c.sum.Blocks++
	if err := c.pass(c.block(&b)); err != nil {
		return err
	}
	if c.next != nil {
		return c.next.Block(b)
	}
	return nil
}

// finish returns what was seen.
func (c *checker) finish() (Summary, error) {
	c.endStream()
	if len(c.heads) == 0 {
		return Summary{}, fmt.Errorf("%w: it holds no stream", ErrEmpty)
	}
	c.sum.Streams = uint64(len(c.heads))
	c.digest.Sum(c.sum.digest[:0])
	return c.sum, nil
}
