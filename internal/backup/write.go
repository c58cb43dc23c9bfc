package backup

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"hash"
	"io"

	"github.com/klauspost/compress/zstd"

	"sallyport/internal/journal"
)

const (
	magic   = "SALLYPORT-BACKUP"
	version = 1

	recordsFrame = 1
	endFrame     = 2

	frameStart = 1 + 4 + 4 // before the packed records

	// frameSize is how many bytes of records are gathered before they are
	// compressed and written.
	frameSize = 1 << 20
	// maxFrame bounds the records of one frame; maxPacked what they are packed to,
	// which for bytes that can't be compressed is a little more.
	maxFrame  = frameSize + maxRecord
	maxPacked = maxFrame + maxFrame/128 + 1024

	countsSize = 5 * 8
	endSize    = countsSize + sha256.Size
)

// Write saves everything source holds to w. An error, also one about what the
// source holds, means that what was written is not a backup.
func Write(ctx context.Context, source journal.Exports, w io.Writer) (Summary, error) {
	packer, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1))
	if err != nil {
		return Summary{}, fmt.Errorf("backup: %w", err)
	}
	defer packer.Close() //nolint:errcheck // it writes to memory
	f := &fileWriter{out: w, hash: sha256.New(), packer: packer}
	if err := f.write(binary.BigEndian.AppendUint32([]byte(magic), version)); err != nil {
		return Summary{}, err
	}
	c := newChecker(nil)
	c.encoded = f.record
	if err := source.Export(ctx, c.visitor()); err != nil {
		return Summary{}, err
	}
	sum, err := c.finish()
	if err != nil {
		return Summary{}, err
	}
	var e encoder
	for i := range c.heads {
		if err := f.record(e.head(&c.heads[i])); err != nil {
			return Summary{}, err
		}
	}
	if err := f.end(&sum); err != nil {
		return Summary{}, err
	}
	sum.Bytes = f.size
	return sum, nil
}

// fileWriter makes frames of records.
type fileWriter struct {
	out    io.Writer
	hash   hash.Hash
	size   int64
	packer *zstd.Encoder

	records, packed []byte
}

func (f *fileWriter) write(b []byte) error {
	n, err := f.out.Write(b)
	f.size += int64(n)
	if err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	f.hash.Write(b)
	return nil
}

func (f *fileWriter) record(b []byte) error {
	f.records = append(f.records, b...)
	if len(f.records) < frameSize {
		return nil
	}
	return f.flush()
}

func (f *fileWriter) flush() error {
	if len(f.records) == 0 {
		return nil
	}
	f.packed = append(f.packed[:0], recordsFrame, 0, 0, 0, 0)
	f.packed = binary.BigEndian.AppendUint32(f.packed, uint32(len(f.records)))
	f.packed = f.packer.EncodeAll(f.records, f.packed)
	binary.BigEndian.PutUint32(f.packed[1:], uint32(len(f.packed)-frameStart))
	f.records = f.records[:0]
	return f.write(f.packed)
}

// end writes the counts and the hash, and notes the hash.
func (f *fileWriter) end(sum *Summary) error {
	if err := f.flush(); err != nil {
		return err
	}
	end := binary.BigEndian.AppendUint32([]byte{endFrame}, endSize)
	if err := f.write(sum.counts(end)); err != nil {
		return err
	}
	f.hash.Sum(sum.SHA256[:0])
	return f.write(sum.SHA256[:])
}
