package state

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"sync"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/klauspost/compress/zstd"
)

// SnapshotPolicy says when a stream's view is saved, so that opening need not
// replay all of its history. Zero values take the defaults. Snapshots change
// nothing but that time.
type SnapshotPolicy struct {
	Entries  int   // after so many entries since the last one; default 20,000
	Bytes    int64 // or so many bytes of entries; default 64 MiB
	OnClose  int   // on Close after so many entries; default 100
	Keep     int   // how many of a stream are kept; the older ones speed up history; default 4
	Disabled bool  // none are saved except by Store.Snapshot
}

func (p SnapshotPolicy) withDefaults() SnapshotPolicy {
	if p.Entries <= 0 {
		p.Entries = 20_000
	}
	if p.Bytes <= 0 {
		p.Bytes = 64 << 20
	}
	if p.OnClose <= 0 {
		p.OnClose = 100
	}
	if p.Keep <= 0 {
		p.Keep = 4
	}
	return p
}

// snapshotProgress is how far a stream is past its last snapshot.
type snapshotProgress struct {
	sync.Mutex
	entries int
	bytes   int64
	running bool
}

func (p *snapshotProgress) pending() int {
	p.Lock()
	defer p.Unlock()
	return p.entries
}

// grown counts published entries and saves a snapshot in the background when
// one is due. Published views never change, so no writer waits for it.
func (s *Store) grown(st *stream, entries, bytes int) {
	p := &st.snapshot
	p.Lock()
	defer p.Unlock()
	p.entries += entries
	p.bytes += int64(bytes)
	due := p.entries >= s.policy.Entries || p.bytes >= s.policy.Bytes
	if !due || p.running || s.policy.Disabled {
		return
	}
	s.admission.RLock()
	defer s.admission.RUnlock()
	if s.closed {
		return // Close saves what is due
	}
	p.running = true
	s.snapshots.Go(func() {
		s.snapshotting <- struct{}{}
		defer func() { <-s.snapshotting }()
		if err := s.save(s.ctx, st); err != nil {
			s.log.Warn("saving a snapshot failed", "stream", string(st.id), "error", err)
		}
		p.Lock()
		p.running = false
		p.Unlock()
	})
}

// save saves the current view of a stream and starts counting anew, whether or
// not that succeeded: a failing store is not asked again at once.
func (s *Store) save(ctx context.Context, st *stream) error {
	st.snapshot.Lock()
	st.snapshot.entries, st.snapshot.bytes = 0, 0
	st.snapshot.Unlock()
	v := st.view.Load()
	if v == nil {
		return nil
	}
	r, w := io.Pipe()
	defer r.Close()
	go func() { w.CloseWithError(writeSnapshot(w, v)) }()
	if err := s.journal.SaveSnapshot(ctx, v.stream, v.revision, r); err != nil {
		return err
	}
	return s.journal.DeleteSnapshots(ctx, v.stream, s.policy.Keep)
}

// Snapshot saves a snapshot of every stream that has moved past its last one.
func (s *Store) Snapshot(ctx context.Context) error {
	for _, st := range *s.streams.Load() {
		if st.snapshot.pending() == 0 {
			continue
		}
		if err := s.save(ctx, st); err != nil {
			return fmt.Errorf("state: snapshot of stream %s: %w", st.id, err)
		}
	}
	return nil
}

// lastSnapshots saves what is due on Close. No writer is running any more.
func (s *Store) lastSnapshots() {
	if s.policy.Disabled {
		return
	}
	for _, st := range *s.streams.Load() {
		if st.snapshot.pending() < s.policy.OnClose {
			continue
		}
		if err := s.save(s.ctx, st); err != nil {
			s.log.Warn("saving a snapshot failed", "stream", string(st.id), "error", err)
		}
	}
}

// A snapshot is a magic, then frames, each a type byte, a payload length
// (uvarint) and the payload:
//
//	'H' header, JSON
//	'B' block: table number (uvarint, into the header's tables), row count,
//	    raw length, then the rows compressed with zstd: each key length, key,
//	    value length, value as JSON; keys ascend strictly within a table
//	'E' end: the SHA-256 of every byte before this frame
const (
	snapshotMagic    = "sallyport snapshot\n"
	snapshotVersion  = 1
	frameHeader      = 'H'
	frameBlock       = 'B'
	frameEnd         = 'E'
	snapshotBlockRaw = 256 << 10 // a block is closed at this raw size
)

type snapshotHeader struct {
	Version  int       `json:"v"`
	Entry    int       `json:"entry"` // entryVersion of the writer: rows are of that age
	Stream   StreamID  `json:"stream"`
	Revision Revision  `json:"rev"`
	Time     time.Time `json:"time"`
	Head     string    `json:"head"`
	Tables   []string  `json:"tables"`
	Rows     []int     `json:"rows"` // of each table
}

// newBlockEncoder is cheap enough to make for each snapshot: it has one block
// in hand at a time.
func newBlockEncoder() (*zstd.Encoder, error) {
	return zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1))
}

type snapshotWriter struct {
	out   *bufio.Writer
	sum   hash.Hash
	zip   *zstd.Encoder
	raw   []byte
	rows  int
	buf   []byte
	table int
}

// writeSnapshot writes v. It holds one block in memory, not the whole.
func writeSnapshot(out io.Writer, v *View) error {
	zip, err := newBlockEncoder()
	if err != nil {
		return err
	}
	defer zip.Close()
	sum := sha256.New()
	w := &snapshotWriter{out: bufio.NewWriterSize(io.MultiWriter(out, sum), 256<<10), sum: sum, zip: zip}
	h := snapshotHeader{
		Version: snapshotVersion, Entry: entryVersion, Stream: v.stream, Revision: v.revision,
		Time: v.time, Head: hex.EncodeToString(v.head[:]), Tables: []string{}, Rows: []int{},
	}
	var tables []AnyTable
	for _, t := range v.schema.sorted {
		if rows := v.tables[t.id()]; rows != nil && rows.len() > 0 {
			tables = append(tables, t)
			h.Tables = append(h.Tables, t.Name())
			h.Rows = append(h.Rows, rows.len())
		}
	}
	header, err := json.Marshal(h)
	if err != nil {
		return err
	}
	if _, err := w.out.WriteString(snapshotMagic); err != nil {
		return err
	}
	if err := w.frame(frameHeader, header); err != nil {
		return err
	}
	for i, t := range tables {
		w.table = i
		if err := w.writeTable(t, v.tables[t.id()]); err != nil {
			return err
		}
	}
	if err := w.out.Flush(); err != nil { // the sum covers all before the end frame
		return err
	}
	if err := w.frame(frameEnd, w.sum.Sum(nil)); err != nil {
		return err
	}
	return w.out.Flush()
}

func (w *snapshotWriter) frame(kind byte, payload []byte) error {
	if err := w.out.WriteByte(kind); err != nil {
		return err
	}
	if _, err := w.out.Write(binary.AppendUvarint(nil, uint64(len(payload)))); err != nil {
		return err
	}
	_, err := w.out.Write(payload)
	return err
}

func (w *snapshotWriter) writeTable(t AnyTable, rows *rows) error {
	err := rows.each(func(key string, row any) error {
		data, err := t.encode(row)
		if err != nil {
			return err
		}
		w.raw = binary.AppendUvarint(w.raw, uint64(len(key)))
		w.raw = append(w.raw, key...)
		w.raw = binary.AppendUvarint(w.raw, uint64(len(data)))
		w.raw = append(w.raw, data...)
		w.rows++
		if len(w.raw) >= snapshotBlockRaw {
			return w.block()
		}
		return nil
	})
	if err != nil || w.rows == 0 {
		return err
	}
	return w.block()
}

func (w *snapshotWriter) block() error {
	w.buf = binary.AppendUvarint(w.buf[:0], uint64(w.table))
	w.buf = binary.AppendUvarint(w.buf, uint64(w.rows))
	w.buf = binary.AppendUvarint(w.buf, uint64(len(w.raw)))
	w.buf = w.zip.EncodeAll(w.raw, w.buf)
	w.raw, w.rows = w.raw[:0], 0
	return w.frame(frameBlock, w.buf)
}
