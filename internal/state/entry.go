package state

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"sallyport/internal/journal"
)

// entryVersion is the version written. Older ones are upgraded on reading, by
// the steps in upgrade.go; newer ones are refused.
const entryVersion = 1

// MaxEntryBytes bounds one entry, its audit record included.
const MaxEntryBytes = 4 << 20

// Entry is one decoded journal entry: what one command did to one stream.
type Entry struct {
	Stream    StreamID
	Revision  Revision
	Time      time.Time // UTC, never before the previous entry's
	RequestID string
	Caller    string
	Operation string
	Changes   []Change
	Audit     []byte            // the command's audit record as given to Tx.Record; nil when it gave none
	Previous  [sha256.Size]byte // hash of the previous entry's stored bytes; zero for the first
	Hash      [sha256.Size]byte // hash of this entry's stored bytes
}

// Change is one row as an entry holds it.
type Change struct {
	Table string
	Key   string
	Value []byte // the row as JSON; nil when the row was deleted
}

// envelope is the JSON in front of the audit record. Its member names and
// their order are the stored format of version 1.
type envelope struct {
	Version  int       `json:"v"`
	Stream   StreamID  `json:"stream"`
	Revision Revision  `json:"rev"`
	Time     time.Time `json:"time"`
	Request  string    `json:"request"`
	Caller   string    `json:"caller"`
	Op       string    `json:"op"`
	Previous string    `json:"prev"`
	Changes  []change  `json:"changes"`
}

type change struct {
	Table string         `json:"t"`
	Key   string         `json:"k"`
	Value jsontext.Value `json:"v"`
}

// encodeEntry gives the bytes to store: envelope, line feed, audit record. The
// record follows the JSON so that replay never parses it.
func encodeEntry(env *envelope, audit []byte) ([]byte, error) {
	var buf bytes.Buffer
	buf.Grow(256*(len(env.Changes)+1) + len(audit))
	if err := json.MarshalWrite(&buf, env, encodeOptions); err != nil {
		return nil, fmt.Errorf("state: encode entry: %w", err)
	}
	buf.WriteByte('\n')
	buf.Write(audit)
	if buf.Len() > MaxEntryBytes {
		return nil, fmt.Errorf("state: entry of %d bytes: %w", buf.Len(), journal.ErrTooLarge)
	}
	return buf.Bytes(), nil
}

// decodeEntry reads stored bytes and checks that they are the entry of that
// stream and revision. The audit record is not looked into.
func decodeEntry(stored journal.Entry) (Entry, error) {
	fail := func(err error) (Entry, error) {
		return Entry{}, fmt.Errorf("state: stream %s, revision %d: %w: %w",
			stored.Stream, stored.Revision, journal.ErrCorrupt, err)
	}
	head, audit, ok := bytes.Cut(stored.Data, []byte{'\n'})
	if !ok {
		return fail(fmt.Errorf("entry of %d bytes has no end of envelope", len(stored.Data)))
	}
	head, err := upgradeEnvelope(head, entryVersion, upgrades)
	if err != nil {
		return fail(err)
	}
	var env envelope
	if err := json.Unmarshal(head, &env, decodeOptions); err != nil {
		return fail(err)
	}
	if env.Stream != stored.Stream || env.Revision != stored.Revision {
		return fail(fmt.Errorf("entry says stream %q, revision %d", env.Stream, env.Revision))
	}
	e := Entry{
		Stream: env.Stream, Revision: env.Revision, Time: env.Time.UTC(),
		RequestID: env.Request, Caller: env.Caller, Operation: env.Op,
		Hash: sha256.Sum256(stored.Data),
	}
	if len(env.Previous) != hex.EncodedLen(sha256.Size) {
		return fail(fmt.Errorf("hash of the previous entry has %d characters", len(env.Previous)))
	}
	if _, err := hex.Decode(e.Previous[:], []byte(env.Previous)); err != nil {
		return fail(err)
	}
	if len(audit) > 0 {
		e.Audit = audit
	}
	e.Changes = make([]Change, len(env.Changes))
	for i, c := range env.Changes {
		if c.Table == "" || c.Value == nil {
			return fail(fmt.Errorf("change %d has no table or no value", i))
		}
		e.Changes[i] = Change{Table: c.Table, Key: c.Key}
		if c.Value.Kind() != 'n' {
			e.Changes[i].Value = c.Value
		}
	}
	return e, nil
}

// decodedEntry is an entry with its rows decoded, ready to be applied.
type decodedEntry struct {
	Entry
	rows []rowChange
}

type rowChange struct {
	table AnyTable
	key   string
	value any // the table's *V; nil deletes
}

// decode resolves an entry's tables and decodes its rows.
func (s *Schema) decode(stored journal.Entry) (*decodedEntry, error) {
	e, err := decodeEntry(stored)
	if err != nil {
		return nil, err
	}
	d := &decodedEntry{Entry: e, rows: make([]rowChange, len(e.Changes))}
	for i, c := range e.Changes {
		t, ok := s.byName[c.Table]
		if !ok {
			return nil, fmt.Errorf("state: stream %s, revision %d changes table %q, which this version does not know",
				e.Stream, e.Revision, c.Table)
		}
		row := rowChange{table: t, key: c.Key}
		if c.Value != nil {
			if row.value, err = t.decode(c.Value); err != nil {
				return nil, fmt.Errorf("state: stream %s, revision %d, key %q: %w", e.Stream, e.Revision, c.Key, err)
			}
		}
		d.rows[i] = row
	}
	return d, nil
}
