// Package packed reads the embedded files of the catalogues: unsigned varints, and
// texts with their lengths before them. What is in a file, and its limits, its own
// package says.
package packed

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// ErrTruncated is for data that end within a value.
var ErrTruncated = errors.New("truncated")

// A Reader takes values from the front of Data. The first failure sticks in Err,
// and everything read after it is zero.
type Reader struct {
	Data string
	Err  error
}

// Number reads a varint of at most limit.
func (r *Reader) Number(limit uint64) int {
	if r.Err != nil {
		return 0
	}
	var head [binary.MaxVarintLen64]byte
	value, n := binary.Uvarint(head[:copy(head[:], r.Data)])
	switch {
	case n <= 0:
		r.Err = ErrTruncated
		return 0
	case value > limit:
		r.Err = fmt.Errorf("%d is above the limit of %d", value, limit)
		return 0
	}
	r.Data = r.Data[n:]
	return int(value)
}

// Bytes reads n bytes.
func (r *Reader) Bytes(n int) string {
	if r.Err == nil && n > len(r.Data) {
		r.Err = ErrTruncated
	}
	if r.Err != nil {
		return ""
	}
	taken := r.Data[:n]
	r.Data = r.Data[n:]
	return taken
}

// String reads a length of at most limit and as many bytes.
func (r *Reader) String(limit uint64) string { return r.Bytes(r.Number(limit)) }
