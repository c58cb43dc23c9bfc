package sqlite

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"

	"sallyport/internal/journal"
	"sallyport/internal/journal/group"
)

// transaction is the tentative state of one group: what its writes did on top of
// the writer's committed state.
type transaction struct {
	w       *writer
	wrote   bool
	streams map[journal.StreamID]stream // touched
	created int64                       // of them new
	digests map[string][sha256.Size]byte
	ids     []string
	batch   int64 // batches added
	prune   bool
}

func (t *transaction) exec(query string, args ...any) (affected int64, err error) {
	t.wrote = true
	result, err := t.w.execResult(query, args...)
	if err != nil {
		return 0, err
	}
	affected, err = result.RowsAffected()
	return affected, storageError(err)
}

// Commit implements [journal.Streams].
func (s *Store) Commit(ctx context.Context, b journal.Batch) error {
	if err := b.Validate(); err != nil {
		return err
	}
	size := 0
	for i := range b.Entries {
		size += 64 + len(b.Entries[i].Data)
	}
	for i := range b.Secrets {
		size += 64 + len(b.Secrets[i].Sealed)
	}
	var digest [sha256.Size]byte
	if b.ID != "" && b.Writes() {
		digest = b.Digest()
	}
	return s.write(ctx, size, func(t *transaction) error { return t.commit(&b, digest) })
}

func (t *transaction) commit(b *journal.Batch, digest [sha256.Size]byte) error {
	remember := b.ID != "" && b.Writes()
	if remember {
		if known, ok := t.digest(b.ID); ok {
			if known != digest {
				return journal.ErrBatchReused
			}
			return nil
		}
	}
	for _, e := range b.Expect {
		if at := t.stream(e.Stream).head; at != e.At {
			return &journal.ConflictError{Stream: e.Stream, Expected: e.At, Actual: at}
		}
	}
	for i := range b.Entries {
		if err := t.append(&b.Entries[i]); err != nil {
			return err
		}
	}
	for i := range b.Secrets {
		if err := t.putSecret(&b.Secrets[i]); err != nil {
			return err
		}
	}
	if !remember {
		return nil
	}
	t.batch++
	t.ids = append(t.ids, b.ID)
	t.digests[b.ID] = digest
	_, err := t.exec("INSERT INTO batches (number, id, digest) VALUES (?, ?, ?)", t.w.batch+t.batch, []byte(b.ID), digest[:])
	return err
}

func (t *transaction) append(e *journal.Entry) error {
	at, err := t.known(e.Stream)
	if err != nil {
		return err
	}
	if _, err := t.exec("INSERT INTO entries (stream, revision, data) VALUES (?, ?, ?)", at.number, int64(e.Revision), blob(e.Data)); err != nil {
		return err
	}
	at.head = e.Revision
	t.streams[e.Stream] = at
	return nil
}

func (t *transaction) putSecret(s *journal.Secret) error {
	at, err := t.known(s.Stream)
	if err != nil {
		return err
	}
	if s.Sealed == nil {
		_, err = t.exec("DELETE FROM secrets WHERE stream = ? AND id = ?", at.number, []byte(s.ID))
	} else {
		_, err = t.exec(`INSERT INTO secrets (stream, id, sealed) VALUES (?, ?, ?)
			ON CONFLICT (stream, id) DO UPDATE SET sealed = excluded.sealed`, at.number, []byte(s.ID), blob(s.Sealed))
	}
	return err
}

func (t *transaction) stream(id journal.StreamID) stream {
	if at, ok := t.streams[id]; ok {
		return at
	}
	return t.w.streams[id]
}

// known returns the stream, giving it a number if it has none.
func (t *transaction) known(id journal.StreamID) (stream, error) {
	at := t.stream(id)
	if at.number != 0 {
		return at, nil
	}
	t.created++
	at.number = int64(len(t.w.streams)) + t.created
	_, err := t.exec("INSERT INTO streams (number, name, head) VALUES (?, ?, 0)", at.number, []byte(id))
	t.streams[id] = at
	return at, err
}

func (t *transaction) digest(id string) ([sha256.Size]byte, bool) {
	if d, ok := t.digests[id]; ok {
		return d, true
	}
	d, ok := t.w.digests[id]
	return d, ok
}

// finish writes what is written once per group.
func (t *transaction) finish() error {
	for id, at := range t.streams {
		if at.head == t.w.streams[id].head {
			continue
		}
		if _, err := t.exec("UPDATE streams SET head = ? WHERE number = ?", int64(at.head), at.number); err != nil {
			return err
		}
	}
	if len(t.w.ids)+len(t.ids) > 2*journal.RememberedBatches {
		t.prune = true
		if _, err := t.exec("DELETE FROM batches WHERE number <= ?", t.w.batch+t.batch-journal.RememberedBatches); err != nil {
			return err
		}
	}
	return nil
}

// publish makes the tentative state the committed one, after COMMIT.
func (t *transaction) publish() {
	w := t.w
	maps.Copy(w.streams, t.streams)
	maps.Copy(w.digests, t.digests)
	w.ids = append(w.ids, t.ids...)
	w.batch += t.batch
	if t.prune {
		cut := len(w.ids) - journal.RememberedBatches
		for _, old := range w.ids[:cut] {
			delete(w.digests, old)
		}
		w.ids = slices.Clone(w.ids[cut:])
	}
}

// newWriter loads the committed state and checks it: every stream holds exactly
// the entries 1 to head.
func newWriter(ctx context.Context, s *Store, conn *sql.Conn) (*writer, error) {
	w := &writer{
		store: s, conn: conn,
		queue:      make(chan *write, group.QueueLength),
		stopped:    make(chan struct{}),
		statements: make(map[string]*sql.Stmt),
		streams:    make(map[journal.StreamID]stream),
		digests:    make(map[string][sha256.Size]byte),
	}
	return w, errors.Join(w.loadStreams(ctx), w.loadBatches(ctx))
}

func (w *writer) loadStreams(ctx context.Context) error {
	rows, err := w.conn.QueryContext(ctx, `
		SELECT coalesce(s.number, 0), coalesce(s.name, x''), coalesce(s.head, 0),
			coalesce(e.count, 0), coalesce(e.first, 1), coalesce(e.last, 0)
		FROM streams s FULL JOIN
			(SELECT stream, count(*) AS count, min(revision) AS first, max(revision) AS last FROM entries GROUP BY stream) e
			ON e.stream = s.number
		ORDER BY s.number`)
	if err != nil {
		return storageError(err)
	}
	defer rows.Close()
	for rows.Next() {
		var number, head, count, first, last int64
		var name []byte
		if err := rows.Scan(&number, &name, &head, &count, &first, &last); err != nil {
			return storageError(err)
		}
		if count != head || last != head || first != 1 || number != int64(len(w.streams))+1 {
			return fmt.Errorf("stream %q (number %d) has head %d and %d entries from %d to %d: %w",
				name, number, head, count, first, last, journal.ErrCorrupt)
		}
		w.streams[journal.StreamID(name)] = stream{number: number, head: journal.Revision(head)}
	}
	return storageError(rows.Err())
}

func (w *writer) loadBatches(ctx context.Context) error {
	rows, err := w.conn.QueryContext(ctx, "SELECT number, id, digest FROM batches ORDER BY number")
	if err != nil {
		return storageError(err)
	}
	defer rows.Close()
	for rows.Next() {
		var id, digest []byte
		if err := rows.Scan(&w.batch, &id, &digest); err != nil {
			return storageError(err)
		}
		if len(digest) != sha256.Size {
			return fmt.Errorf("batch %d has a digest of %d bytes: %w", w.batch, len(digest), journal.ErrCorrupt)
		}
		w.ids = append(w.ids, string(id))
		w.digests[string(id)] = [sha256.Size]byte(digest)
	}
	return storageError(rows.Err())
}

// blob keeps an empty value apart from NULL on the way in, and from absence on
// the way out.
func blob(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}
