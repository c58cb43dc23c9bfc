package state

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"runtime"
	"sync"

	"github.com/go-json-experiment/json"
	"github.com/klauspost/compress/zstd"
)

// maxBlockRaw bounds what one block may decompress to: a full block and one
// more row of the largest size.
const maxBlockRaw = snapshotBlockRaw + MaxEntryBytes + maxKeyBytes

// loadSnapshot returns the newest sound snapshot at or below atMost as a view
// that owns its trees, nil when there is none. A snapshot is a cache: one with
// any defect is left out, with a warning.
func (s *Store) loadSnapshot(ctx context.Context, id StreamID, atMost Revision) (*View, error) {
	for atMost > 0 {
		at, data, err := s.journal.LoadSnapshot(ctx, id, atMost)
		if err == nil && at == 0 {
			return nil, nil
		}
		if err == nil {
			var v *View
			if v, err = s.restore(ctx, id, at, data); err == nil {
				return v, nil
			}
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		s.log.Warn("ignoring a snapshot; replaying the journal instead",
			"stream", string(id), "revision", uint64(at), "error", err)
		if at == 0 { // the driver could not even say which
			return nil, nil
		}
		atMost = at - 1
	}
	return nil, nil
}

// restore decodes a snapshot and checks that it ends in the entry the journal
// holds at its revision.
func (s *Store) restore(ctx context.Context, id StreamID, at Revision, data []byte) (*View, error) {
	v, err := readSnapshot(data, s.schema)
	if err != nil {
		return nil, err
	}
	if v.stream != id || v.revision != at {
		return nil, fmt.Errorf("snapshot is of stream %q, revision %d", v.stream, v.revision)
	}
	last, err := s.journal.Read(ctx, id, at-1, 1)
	if err != nil {
		return nil, err
	}
	if len(last) != 1 || sha256.Sum256(last[0].Data) != v.head {
		return nil, errors.New("snapshot does not end in the journal's entry of its revision")
	}
	return v, nil
}

type snapshotBlock struct {
	rows, raw int
	data      []byte
	keys      []string
	values    []any
	err       error
}

// readSnapshot decodes a snapshot: blocks side by side, then tables side by
// side. It checks everything it can before it believes anything.
func readSnapshot(data []byte, schema *Schema) (*View, error) {
	h, tables, blocks, err := scanSnapshot(data, schema)
	if err != nil {
		return nil, err
	}
	v := emptyView(h.Stream, schema)
	v.revision, v.time = h.Revision, h.Time.UTC()
	if n, err := hex.Decode(v.head[:], []byte(h.Head)); err != nil || n != sha256.Size {
		return nil, errors.New("snapshot has a bad hash of its last entry")
	}
	unzip, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(0), zstd.WithDecoderMaxMemory(maxBlockRaw))
	if err != nil {
		return nil, err
	}
	defer unzip.Close()

	var decoding sync.WaitGroup
	slots := make(chan struct{}, runtime.GOMAXPROCS(0))
	for i := range blocks {
		for _, b := range blocks[i] {
			slots <- struct{}{}
			decoding.Go(func() {
				defer func() { <-slots }()
				b.decode(unzip, tables[i])
			})
		}
	}
	decoding.Wait()

	var building sync.WaitGroup
	failed := make([]error, len(tables))
	for i, t := range tables {
		rows := t.newRows()
		v.tables[t.id()] = rows
		building.Go(func() { failed[i] = buildTable(rows, h.Rows[i], blocks[i]) })
	}
	building.Wait()
	return v, errors.Join(failed...)
}

// scanSnapshot checks the checksum and splits a snapshot into its header, its
// tables and each table's blocks.
func scanSnapshot(data []byte, schema *Schema) (*snapshotHeader, []AnyTable, [][]*snapshotBlock, error) {
	fail := func(format string, args ...any) (*snapshotHeader, []AnyTable, [][]*snapshotBlock, error) {
		return nil, nil, nil, fmt.Errorf("snapshot "+format, args...)
	}
	const endLen = 2 + sha256.Size // its length takes one byte
	if !bytes.HasPrefix(data, []byte(snapshotMagic)) || len(data) < len(snapshotMagic)+endLen {
		return fail("has no magic or is too short")
	}
	body, end := data[:len(data)-endLen], data[len(data)-endLen:]
	if sum := sha256.Sum256(body); end[0] != frameEnd || end[1] != sha256.Size || !bytes.Equal(end[2:], sum[:]) {
		return fail("has a wrong checksum")
	}
	rest := body[len(snapshotMagic):]
	kind, payload, rest, err := nextFrame(rest)
	if err != nil || kind != frameHeader {
		return fail("has no header: %w", err)
	}
	h := new(snapshotHeader)
	if err := json.Unmarshal(payload, h, decodeOptions); err != nil {
		return fail("header: %w", err)
	}
	if h.Version != snapshotVersion || h.Entry != entryVersion {
		return fail("is of version %d with entries of version %d", h.Version, h.Entry)
	}
	if len(h.Tables) != len(h.Rows) {
		return fail("counts %d of %d tables", len(h.Rows), len(h.Tables))
	}
	tables := make([]AnyTable, len(h.Tables))
	for i, name := range h.Tables {
		t, ok := schema.byName[name]
		if !ok || i > 0 && name <= h.Tables[i-1] {
			return fail("has table %q, unknown or out of order", name)
		}
		tables[i] = t
	}
	blocks := make([][]*snapshotBlock, len(tables))
	for len(rest) > 0 {
		if kind, payload, rest, err = nextFrame(rest); err != nil || kind != frameBlock {
			return fail("has a bad frame of type %q: %w", kind, err)
		}
		table, b, err := parseBlock(payload, len(tables))
		if err != nil {
			return fail("has a bad block: %w", err)
		}
		blocks[table] = append(blocks[table], b)
	}
	return h, tables, blocks, nil
}

var errTruncated = errors.New("truncated")

func nextFrame(data []byte) (kind byte, payload, rest []byte, err error) {
	if len(data) == 0 {
		return 0, nil, nil, errTruncated
	}
	payload, rest, ok := cutBytes(data[1:])
	if !ok {
		return data[0], nil, nil, errTruncated
	}
	return data[0], payload, rest, nil
}

// cutBytes cuts a length and as many bytes off the front of data.
func cutBytes(data []byte) (field, rest []byte, ok bool) {
	n, used := binary.Uvarint(data)
	if used <= 0 || n > uint64(len(data)-used) {
		return nil, nil, false
	}
	return data[used : used+int(n)], data[used+int(n):], true
}

func parseBlock(payload []byte, tables int) (table int, b *snapshotBlock, err error) {
	var n [3]uint64 // table, rows, raw length
	for i := range n {
		v, used := binary.Uvarint(payload)
		if used <= 0 {
			return 0, nil, errTruncated
		}
		n[i], payload = v, payload[used:]
	}
	// There is a row, and a row takes at least two bytes.
	if n[0] >= uint64(tables) || n[2] > maxBlockRaw || n[1] == 0 || n[1] > n[2]/2 {
		return 0, nil, fmt.Errorf("table %d, %d rows, %d bytes", n[0], n[1], n[2])
	}
	return int(n[0]), &snapshotBlock{rows: int(n[1]), raw: int(n[2]), data: payload}, nil
}

// decode decompresses the block and decodes its rows.
func (b *snapshotBlock) decode(unzip *zstd.Decoder, t AnyTable) {
	raw, err := unzip.DecodeAll(b.data, make([]byte, 0, b.raw))
	if err == nil && len(raw) != b.raw {
		err = fmt.Errorf("block has %d bytes, not %d", len(raw), b.raw)
	}
	if err != nil {
		b.err = err
		return
	}
	b.keys = make([]string, 0, b.rows)
	b.values = make([]any, 0, b.rows)
	for len(raw) > 0 {
		key, rest, ok := cutBytes(raw)
		if !ok {
			b.err = errTruncated
			return
		}
		value, rest, ok := cutBytes(rest)
		if !ok {
			b.err = errTruncated
			return
		}
		row, err := t.decode(value)
		if err != nil {
			b.err = err
			return
		}
		b.keys = append(b.keys, string(key))
		b.values = append(b.values, row)
		raw = rest
	}
	if len(b.keys) != b.rows {
		b.err = fmt.Errorf("block has %d rows, not %d", len(b.keys), b.rows)
	}
}

// buildTable fills a table from its decoded blocks.
func buildTable(rows *rows, want int, blocks []*snapshotBlock) error {
	var (
		keys   []string
		values []any
	)
	for _, b := range blocks {
		if b.err != nil {
			return b.err
		}
		keys = append(keys, b.keys...)
		values = append(values, b.values...)
	}
	if len(keys) != want {
		return fmt.Errorf("snapshot table has %d rows, not %d", len(keys), want)
	}
	for i := 1; i < len(keys); i++ {
		if keys[i] <= keys[i-1] {
			return errors.New("snapshot table is out of order")
		}
	}
	rows.load(keys, values)
	return nil
}
