package state

import (
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"time"
	"unicode/utf8"

	"sallyport/internal/journal"
)

// MaxSecretBytes bounds the plaintext of one secret.
const MaxSecretBytes = 256 << 10

// maxKeyBytes bounds the key of a row.
const maxKeyBytes = 4 << 10

// errBlocked stops a command whose batch must first wait for another stream.
var errBlocked = errors.New("state: waiting for another stream")

// Tx is one command's work on one stream: it reads its own changes on top of
// the stream's state, and nobody else sees them before they are durable. It is
// for one goroutine, until Run returns.
type Tx struct {
	run     *run
	part    *part
	base    *View // before the command
	view    *View // base until the first change, then the command's own
	owned   []bool
	now     time.Time
	changes []txChange
	touched map[changeKey]int
	secrets []journal.Secret // Sealed holds plaintext here; nil deletes
	audit   []byte
	record  bool
}

type txChange struct {
	table AnyTable
	key   string
	data  []byte // the row as JSON; nil deletes
}

type changeKey struct {
	slot int
	key  string
}

// Stream is the stream the Tx is of.
func (tx *Tx) Stream() StreamID { return tx.base.stream }

// Revision is the stream's revision before the command; commands ahead in the
// same batch count. 0 means that the stream does not exist yet.
func (tx *Tx) Revision() Revision { return tx.base.revision }

// Now is the command's time: UTC, never before the stream's last entry, the
// same at every call. It becomes the entry's time.
func (tx *Tx) Now() time.Time { return tx.now }

// Other returns the Tx of another stream, to read or change it in the same
// atomic commit: the command holds only if that stream is still as it was
// read. A stream that does not exist is created by its first change. An error
// must be returned from Run.
func (tx *Tx) Other(id StreamID) (*Tx, error) {
	tx.mustBeOpen()
	return tx.run.tx(id)
}

// Changed lists the streams the command has changed so far, in the order it
// came to them.
func (tx *Tx) Changed() []*Tx {
	var changed []*Tx
	for _, other := range tx.run.txs {
		if len(other.changes)+len(other.secrets) > 0 {
			changed = append(changed, other)
		}
	}
	return changed
}

// PutSecret stores plaintext, at most [MaxSecretBytes], under id, sealed, in
// the same commit. Secrets are never part of entries, views or snapshots.
func (tx *Tx) PutSecret(id string, plaintext []byte) {
	tx.mustBeOpen()
	switch {
	case plaintext == nil:
		plaintext = []byte{}
	case len(plaintext) > MaxSecretBytes:
		tx.run.fail(fmt.Errorf("state: secret of %d bytes: %w", len(plaintext), journal.ErrTooLarge))
		return
	}
	tx.setSecret(id, slices.Clone(plaintext))
}

// DeleteSecret deletes the secret under id in the same commit. Deleting an
// absent one does nothing.
func (tx *Tx) DeleteSecret(id string) {
	tx.mustBeOpen()
	tx.setSecret(id, nil)
}

func (tx *Tx) setSecret(id string, plaintext []byte) {
	if id == "" || len(id) > journal.MaxName {
		tx.run.fail(fmt.Errorf("state: secret id of %d bytes: %w", len(id), journal.ErrInvalid))
		return
	}
	s := journal.Secret{Stream: tx.Stream(), ID: id, Sealed: plaintext}
	if i := slices.IndexFunc(tx.secrets, func(p journal.Secret) bool { return p.ID == id }); i >= 0 {
		tx.secrets[i] = s
		return
	}
	tx.secrets = append(tx.secrets, s)
}

// Secret opens the secret under id as the command sees it, its own PutSecret
// included. The error is [journal.ErrNotFound] when there is none.
func (tx *Tx) Secret(id string) ([]byte, error) {
	tx.mustBeOpen()
	for _, s := range tx.secrets {
		if s.ID == id {
			if s.Sealed == nil {
				return nil, journal.ErrNotFound
			}
			return slices.Clone(s.Sealed), nil
		}
	}
	store := tx.run.attempt.store
	if i, ok := tx.part.secretAt[id]; ok {
		if sealed := tx.part.secrets[i].Sealed; sealed != nil {
			return store.open(tx.Stream(), id, sealed)
		}
		return nil, journal.ErrNotFound
	}
	return store.Secret(store.ctx, tx.Stream(), id)
}

// Record sets the audit record of the command in this stream: one JSON value,
// stored in the entry as given. A command that records commits an entry even
// when it changes nothing else. The last call counts.
func (tx *Tx) Record(audit []byte) {
	tx.mustBeOpen()
	tx.audit = slices.Clone(audit)
	tx.record = true
}

func (tx *Tx) current() *View { return tx.view }

// pin makes the next change of the table work on a fresh copy, so that a walk
// which has just begun keeps the rows it began with.
func (tx *Tx) pin(slot int) {
	if tx.owned != nil && slot < len(tx.owned) {
		tx.owned[slot] = false
	}
}

func (tx *Tx) mustBeOpen() {
	if tx.run.done {
		panic("state: Tx used after its command returned")
	}
}

func (tx *Tx) put(t AnyTable, key string, v any) {
	tx.mustBeOpen()
	data, err := t.encode(v)
	switch {
	case err != nil:
		tx.run.fail(err)
		return
	case string(data) == "null":
		tx.run.fail(fmt.Errorf("state: row %s %q is null", t.Name(), key))
		return
	case len(key) > maxKeyBytes || !utf8.ValidString(key):
		tx.run.fail(fmt.Errorf("state: key of %s, %d bytes: too long or not UTF-8", t.Name(), len(key)))
		return
	}
	// What is kept is what replay would decode: nothing a type does not
	// encode can live on in memory, and the caller's value stays the caller's.
	row, err := t.decode(data)
	if err != nil {
		tx.run.fail(err)
		return
	}
	tx.writable(t).set(key, row)
	tx.note(t, key, data)
}

func (tx *Tx) remove(t AnyTable, key string) {
	tx.mustBeOpen()
	if rows := tx.view.rowsOf(t); rows == nil || !rows.has(key) {
		return
	}
	tx.writable(t).remove(key)
	tx.note(t, key, nil)
}

func (tx *Tx) note(t AnyTable, key string, data []byte) {
	k := changeKey{t.id(), key}
	if i, ok := tx.touched[k]; ok {
		tx.changes[i].data = data
		return
	}
	if tx.touched == nil {
		tx.touched = make(map[changeKey]int)
	}
	tx.touched[k] = len(tx.changes)
	tx.changes = append(tx.changes, txChange{t, key, data})
}

// writable returns the table's rows for changing: the command's own copy.
func (tx *Tx) writable(t AnyTable) *rows {
	rows := tx.view.rowsOf(t)
	slot := t.id()
	if tx.owned == nil {
		tx.owned = make([]bool, len(tx.view.tables))
		tx.view = tx.view.tentative()
	}
	if tx.owned[slot] {
		return rows
	}
	if rows == nil {
		rows = t.newRows()
	} else {
		rows = rows.fork()
	}
	tx.view.tables[slot] = rows
	tx.owned[slot] = true
	return rows
}

// rowsOf returns the rows of t, nil when it has never had one. It panics on a
// table the schema does not have.
func (v *View) rowsOf(t AnyTable) *rows {
	if t.id() >= len(v.schema.bySlot) || v.schema.bySlot[t.id()] == nil {
		panic("state: table " + t.Name() + " is not in this store's schema")
	}
	return v.tables[t.id()]
}

// envelope returns the entry the Tx amounts to, nil when it amounts to none.
func (tx *Tx) envelope() *envelope {
	c := tx.run.command
	env := &envelope{
		Version: entryVersion, Stream: tx.base.stream, Revision: tx.base.revision + 1, Time: tx.now,
		Request: c.RequestID, Caller: c.Caller, Op: c.Operation,
		Previous: hex.EncodeToString(tx.base.head[:]), Changes: []change{},
	}
	for _, ch := range tx.changes {
		if ch.data == nil {
			// A row made and removed by the same command never was.
			if rows := tx.base.rowsOf(ch.table); rows == nil || !rows.has(ch.key) {
				continue
			}
		}
		env.Changes = append(env.Changes, change{ch.table.Name(), ch.key, ch.data})
	}
	if len(env.Changes) == 0 && len(tx.secrets) == 0 && !tx.record {
		return nil
	}
	return env
}
