package state

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Reader is what tables and indexes read from: a committed [*View] or the
// tentative view of a [*Tx].
type Reader interface {
	Stream() StreamID
	Revision() Revision

	current() *View
	pin(slot int) // the rows of a table are about to be walked
}

// View is one stream's state at one revision. It never changes: a reader holds
// it for as long as it likes, without locks, and sees one consistent state.
type View struct {
	stream   StreamID
	revision Revision
	time     time.Time
	head     [sha256.Size]byte // hash of the last entry's stored bytes; zero at revision 0
	schema   *Schema
	tables   []*rows // by Table.slot; nil until the table has had a row
}

func emptyView(id StreamID, schema *Schema) *View {
	return &View{stream: id, schema: schema, tables: make([]*rows, len(schema.bySlot))}
}

// Stream is the stream the view is of.
func (v *View) Stream() StreamID { return v.stream }

// Revision is the revision of the last entry applied, 0 before the first.
func (v *View) Revision() Revision { return v.revision }

// Time is the time of the last entry applied, in UTC; the zero time before the
// first.
func (v *View) Time() time.Time { return v.time }

func (v *View) current() *View { return v }
func (v *View) pin(int)        {}

// tentative returns a view that starts as v and shares its rows. Whoever
// changes a table of it forks that table first.
func (v *View) tentative() *View {
	t := *v
	t.tables = slices.Clone(v.tables)
	return &t
}

// own returns a copy of v that shares no tree with it, for replaying onto.
func (v *View) own() *View {
	t := v.tentative()
	for i, rows := range t.tables {
		if rows != nil {
			t.tables[i] = rows.fork()
		}
	}
	return t
}

// apply makes a decoded entry's changes to a view that owns its trees. It is a
// function of its arguments: no clock, no randomness.
func (v *View) apply(e *decodedEntry) error {
	for i := range e.rows {
		c := &e.rows[i]
		slot := c.table.id()
		rows := v.tables[slot]
		switch {
		case c.value != nil:
			if rows == nil {
				rows = c.table.newRows()
				v.tables[slot] = rows
			}
			rows.set(c.key, c.value)
		case rows == nil || !rows.remove(c.key):
			// A command never records this, so the view is not the one
			// the entry was written against.
			return fmt.Errorf("state: stream %s, revision %d: deletes %s %q, which does not exist",
				v.stream, e.Revision, c.table.Name(), c.key)
		}
	}
	v.revision, v.time, v.head = e.Revision, e.Time, e.Hash
	return nil
}

// Dump writes a view as JSON lines: a header with stream, revision, time and
// the last entry's hash, then every row, sorted by table name and key. Equal
// states give equal bytes, whether they came from snapshots or from replay.
func Dump(w io.Writer, v *View) error {
	out := bufio.NewWriterSize(w, 64<<10)
	header := struct {
		Stream   StreamID  `json:"stream"`
		Revision Revision  `json:"revision"`
		Time     time.Time `json:"time"`
		Head     string    `json:"head"`
	}{v.stream, v.revision, v.time, hex.EncodeToString(v.head[:])}
	if err := dumpLine(out, header); err != nil {
		return err
	}
	for _, t := range v.schema.sorted {
		rows := v.tables[t.id()]
		if rows == nil {
			continue
		}
		err := rows.each(func(key string, row any) error {
			data, err := t.encode(row)
			if err != nil {
				return err
			}
			return dumpLine(out, change{Table: t.Name(), Key: key, Value: jsontext.Value(data)})
		})
		if err != nil {
			return err
		}
	}
	return out.Flush()
}

func dumpLine(out *bufio.Writer, v any) error {
	if err := json.MarshalWrite(out, v, encodeOptions); err != nil {
		return err
	}
	return out.WriteByte('\n')
}
