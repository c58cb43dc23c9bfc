package journal

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"time"
)

// SnapshotChunk is how many bytes of a snapshot are held in memory, and stored, at
// a time: small enough that a commit waiting behind one is not noticed, large enough
// that 100 MB are a hundred rows.
const SnapshotChunk = 1 << 20

// SplitSnapshot reads a snapshot to its end and hands it on in chunks, numbered from
// 0, which are valid until save returns. It returns the snapshot's size and SHA-256.
// [ErrTooLarge]: there are more than [MaxSnapshot] bytes. An error of save ends it.
func SplitSnapshot(data io.Reader, save func(position int, chunk []byte) error) (size int64, sum []byte, err error) {
	hash, chunk := sha256.New(), make([]byte, SnapshotChunk)
	for position := 0; ; position++ {
		n, err := io.ReadFull(data, chunk)
		if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			return 0, nil, fmt.Errorf("reading snapshot: %w", err)
		}
		if n > 0 {
			if size += int64(n); size > MaxSnapshot {
				return 0, nil, fmt.Errorf("snapshot of more than %d bytes: %w", MaxSnapshot, ErrTooLarge)
			}
			hash.Write(chunk[:n])
			if err := save(position, chunk[:n]); err != nil {
				return 0, nil, err
			}
		}
		if err != nil {
			return size, hash.Sum(nil), nil
		}
	}
}

// Nanoseconds returns t since 1970, held at the ends of 64 bits: nothing stored
// means a year before 1678 or after 2261 to the nanosecond.
func Nanoseconds(t time.Time) int64 {
	switch year := t.Year(); {
	case year < 1678:
		return -1 << 63
	case year > 2261:
		return 1<<63 - 1
	}
	return t.UnixNano()
}
