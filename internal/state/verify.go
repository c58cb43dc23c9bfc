package state

import (
	"cmp"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"sallyport/internal/journal"
)

// StreamReport is what [Verify] found in one stream.
type StreamReport struct {
	Stream   StreamID
	Revision Revision // of the last sound entry
	Bytes    int64    // of the sound entries
	Time     time.Time
	Head     string // hash of the last sound entry, hex; compare it with one kept elsewhere
	Problem  error  // what ended the check early; nil when the stream is sound
}

// Report is what [Verify] found, by stream id.
type Report struct {
	Streams []StreamReport
}

// Verify reads every entry of a journal and checks that each decodes, follows
// its predecessor by revision, time and hash and, when schema is not nil,
// applies to the state before it. It goes on after a damaged stream. The error
// joins every problem found; the report is complete in any case but a failure
// to list the streams.
func Verify(ctx context.Context, store journal.Streams, schema *Schema) (Report, error) {
	heads, err := store.Heads(ctx)
	if err != nil {
		return Report{}, fmt.Errorf("state: read journal: %w", err)
	}
	var (
		report   Report
		problems []error
	)
	for _, id := range slices.SortedFunc(maps.Keys(heads), cmp.Compare[StreamID]) {
		r := verifyStream(ctx, store, schema, id, heads[id])
		if r.Problem != nil {
			problems = append(problems, r.Problem)
		}
		report.Streams = append(report.Streams, r)
	}
	return report, errors.Join(problems...)
}

func verifyStream(ctx context.Context, store journal.Streams, schema *Schema, id StreamID, head Revision) StreamReport {
	r := StreamReport{Stream: id}
	v := emptyView(id, cmp.Or(schema, &Schema{}))
	for r.Problem == nil {
		stored, err := readPage(ctx, store, id, v.revision, 0)
		if err != nil {
			r.Problem = err
			break
		}
		if len(stored) == 0 {
			if v.revision < head {
				r.Problem = fmt.Errorf("state: stream %s: %w: ends at revision %d of %d", id, journal.ErrCorrupt, v.revision, head)
			}
			break
		}
		for _, e := range stored {
			if r.Problem = v.verify(schema, e); r.Problem != nil {
				break
			}
			r.Bytes += int64(len(e.Data))
		}
	}
	r.Revision, r.Time, r.Head = v.revision, v.time, hex.EncodeToString(v.head[:])
	return r
}

// verify checks one entry and applies it, without its rows when there is no
// schema.
func (v *View) verify(schema *Schema, stored journal.Entry) error {
	d := new(decodedEntry)
	var err error
	if schema != nil {
		d, err = schema.decode(stored)
	} else {
		d.Entry, err = decodeEntry(stored)
	}
	if err != nil {
		return err
	}
	if err := v.follows(&d.Entry); err != nil {
		return err
	}
	return v.apply(d)
}
