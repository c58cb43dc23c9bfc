package backup

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"io"

	"github.com/klauspost/compress/zstd"

	"sallyport/internal/journal"
)

// A File is a backup to read from. It implements [journal.Exports].
type File struct {
	source io.ReadSeeker

	// Bytes and SHA256 are known after an export.
	Bytes  int64
	SHA256 [sha256.Size]byte
}

// NewFile reads a backup from source, from its beginning on every export.
func NewFile(source io.ReadSeeker) *File { return &File{source: source} }

// Export implements [journal.Exports]. What is handed to v is not to be believed
// before Export has returned nil: the hash is at the end. Errors about the file
// wrap [ErrDamaged].
func (f *File) Export(ctx context.Context, v journal.Visitor) error {
	if _, err := f.source.Seek(0, io.SeekStart); err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	r, err := newReader(f.source)
	if err != nil {
		return err
	}
	defer r.unpacker.Close()
	if err := r.run(ctx, v); err != nil {
		return err
	}
	f.Bytes, f.SHA256 = r.size, r.sum
	return nil
}

// reader reads one file from its beginning to its end.
type reader struct {
	in       *bufio.Reader
	hash     hash.Hash
	size     int64
	unpacker *zstd.Decoder

	packed, records []byte

	counts Summary
	heads  []head // as the entries have them
	ids    int
	told   int // heads confirmed by head records
	sum    [sha256.Size]byte
}

func newReader(in io.Reader) (*reader, error) {
	unpacker, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(maxFrame), zstd.WithDecodeAllCapLimit(true))
	if err != nil {
		return nil, fmt.Errorf("backup: %w", err)
	}
	return &reader{in: bufio.NewReaderSize(in, 1<<16), hash: sha256.New(), unpacker: unpacker}, nil
}

// take fills b with the next bytes, which count for the hash if hashed says so.
func (r *reader) take(b []byte, hashed bool) error {
	n, err := io.ReadFull(r.in, b)
	r.size += int64(n)
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Errorf("%w: it ends after %d bytes, without its end", ErrDamaged, r.size)
	case err != nil:
		return fmt.Errorf("backup: %w", err)
	}
	if hashed {
		r.hash.Write(b)
	}
	return nil
}

func (r *reader) run(ctx context.Context, v journal.Visitor) error {
	if err := r.header(); err != nil {
		return err
	}
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		var start [5]byte
		if err := r.take(start[:], true); err != nil {
			return err
		}
		length := int(binary.BigEndian.Uint32(start[1:]))
		switch {
		case start[0] == endFrame && length == endSize:
			return r.end()
		case start[0] != recordsFrame:
			return fmt.Errorf("%w: a frame of unknown kind %d or length %d", ErrDamaged, start[0], length)
		}
		if err := r.frame(length); err != nil {
			return err
		}
		if err := r.visit(v); err != nil {
			return err
		}
	}
}

func (r *reader) header() error {
	start := make([]byte, len(magic)+4)
	if err := r.take(start, true); err != nil {
		return err
	}
	if !bytes.HasPrefix(start, []byte(magic)) {
		return fmt.Errorf("%w: it does not begin like one", ErrDamaged)
	}
	if v := binary.BigEndian.Uint32(start[len(magic):]); v != version {
		return fmt.Errorf("%w: it has format version %d, this program reads %d", ErrDamaged, v, version)
	}
	return nil
}

// frame reads and unpacks the records of one frame, whose kind and length have
// been read.
func (r *reader) frame(length int) error {
	var start [4]byte
	if err := r.take(start[:], true); err != nil {
		return err
	}
	size := int(binary.BigEndian.Uint32(start[:]))
	if length > maxPacked || size > maxFrame || size == 0 {
		return fmt.Errorf("%w: a frame of %d bytes that unpacks to %d", ErrDamaged, length, size)
	}
	if cap(r.packed) < length {
		r.packed = make([]byte, length)
	}
	r.packed = r.packed[:length]
	if err := r.take(r.packed, true); err != nil {
		return err
	}
	if cap(r.records) < size {
		r.records = make([]byte, 0, size)
	}
	var err error
	r.records, err = r.unpacker.DecodeAll(r.packed, r.records[:0:size])
	if err != nil {
		return fmt.Errorf("%w: a frame can't be unpacked: %w", ErrDamaged, err)
	}
	if len(r.records) != size {
		return fmt.Errorf("%w: a frame unpacks to %d bytes, and says %d", ErrDamaged, len(r.records), size)
	}
	return nil
}

// visit hands the records of the frame over.
func (r *reader) visit(v journal.Visitor) error {
	for rest := r.records; len(rest) > 0; {
		k := kind(rest[0])
		limit := k.bodyLimit()
		if limit == 0 {
			return fmt.Errorf("%w: a record of unknown kind %d", ErrDamaged, k)
		}
		length, size := binary.Uvarint(rest[1:])
		if size <= 0 || length > uint64(limit) || length > uint64(len(rest)-1-size) {
			return fmt.Errorf("%w: a record of kind %d says it has %d bytes", ErrDamaged, k, length)
		}
		body := rest[1+size : 1+size+int(length)]
		rest = rest[1+size+int(length):]
		if err := r.record(v, k, &decoder{rest: body}); err != nil {
			return err
		}
	}
	return nil
}

func (r *reader) record(v journal.Visitor, k kind, d *decoder) error {
	if r.told > 0 && k != headKind {
		return fmt.Errorf("%w: a record of kind %d after the heads", ErrDamaged, k)
	}
	switch k {
	case entryKind:
		e := d.entry()
		if err := d.done(); err != nil {
			return err
		}
		if err := r.advance(&e); err != nil {
			return err
		}
		r.counts.Entries++
		return v.Entry(e)
	case secretKind:
		s := d.secret()
		if err := d.done(); err != nil {
			return err
		}
		r.counts.Secrets++
		return v.Secret(s)
	case factKind:
		f := d.fact()
		if err := d.done(); err != nil {
			return err
		}
		r.counts.Facts++
		return v.Fact(f)
	case blockKind:
		b := d.block()
		if err := d.done(); err != nil {
			return err
		}
		r.counts.Blocks++
		return v.Block(b)
	}
	h := d.head()
	if err := d.done(); err != nil {
		return err
	}
	if r.told == len(r.heads) || r.heads[r.told] != h {
		return fmt.Errorf("%w: stream %q does not end where its head says", ErrDamaged, string(h.stream))
	}
	r.told++
	return nil
}

// advance notes where the entry's stream is now.
func (r *reader) advance(e *journal.Entry) error {
	n := len(r.heads)
	if n == 0 || r.heads[n-1].stream != e.Stream {
		if r.ids += len(e.Stream); r.ids > maxIDs {
			return fmt.Errorf("the ids of the streams have more than %d bytes: %w", maxIDs, journal.ErrTooLarge)
		}
		r.heads = append(r.heads, head{stream: e.Stream})
		n++
	}
	r.heads[n-1].revision, r.heads[n-1].hash = e.Revision, sha256.Sum256(e.Data)
	return nil
}

// end checks the counts and the hash, and that nothing follows.
func (r *reader) end() error {
	var counts [countsSize]byte
	if err := r.take(counts[:], true); err != nil {
		return err
	}
	var sum [sha256.Size]byte
	if err := r.take(sum[:], false); err != nil {
		return err
	}
	r.hash.Sum(r.sum[:0])
	r.counts.Streams = uint64(len(r.heads))
	switch {
	case sum != r.sum:
		return fmt.Errorf("%w: its bytes do not have the hash it ends in", ErrDamaged)
	case !bytes.Equal(counts[:], r.counts.counts(nil)):
		return fmt.Errorf("%w: it does not hold as many records as it says", ErrDamaged)
	case r.told != len(r.heads):
		return fmt.Errorf("%w: it names the heads of %d of %d streams", ErrDamaged, r.told, len(r.heads))
	}
	if _, err := r.in.ReadByte(); err == nil {
		return fmt.Errorf("%w: something follows its end", ErrDamaged)
	} else if !errors.Is(err, io.EOF) {
		return fmt.Errorf("backup: %w", err)
	}
	return nil
}
