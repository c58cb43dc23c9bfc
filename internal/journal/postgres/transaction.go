package postgres

import (
	"context"
	"crypto/sha256"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"sallyport/internal/journal"
)

// transaction is the tentative state of one group: what its batches do on top of
// what the database held when it began.
type transaction struct {
	// What the one row of table position says now, and what it is to say. The
	// newest batch has the position; streams counts those that have a number.
	stored, position int64
	numbered         int64
	streams          int64
	before           int64 // position of the batch before this transaction

	known    map[journal.StreamID]*stream // those the group names
	changed  []*stream                    // in the order they first were
	digests  map[string][sha256.Size]byte
	entries  []entry
	secrets  map[secret][]byte // nil: delete
	batches  []remembered
	accepted []*pending // that write something
	found    []*pending // that had been committed before
}

type stream struct {
	name     journal.StreamID
	number   int64 // 0: it has none yet
	head     journal.Revision
	position int64 // of the newest batch that appended to it
	changed  bool
}

type entry struct {
	stream   int64
	revision int64
	data     []byte
}

type secret struct {
	stream int64
	id     string
}

type remembered struct {
	id       string
	digest   [sha256.Size]byte
	position int64
}

func newTransaction() *transaction {
	return &transaction{
		known:   make(map[journal.StreamID]*stream),
		digests: make(map[string][sha256.Size]byte),
		secrets: make(map[secret][]byte),
	}
}

const (
	abandon      = "ROLLBACK"
	beginWriting = "BEGIN ISOLATION LEVEL SERIALIZABLE READ WRITE"

	// advance must be the first statement: it takes the lock that lets one node in
	// at a time, and what the others see after it is newer than any commit before.
	advance     = "UPDATE sallyport.position SET position = position + $1 RETURNING position, streams"
	readStreams = "SELECT name, number, head FROM sallyport.streams WHERE name = ANY ($1::bytea[])"
	readDigests = "SELECT id, digest FROM sallyport.batches WHERE id = ANY ($1::bytea[])"
)

// begin is the first round trip. A batch without writes takes the lock too, and holds
// up all nodes: what it asks is whether commits go through, so it is not for anybody
// to send.
func (t *transaction) begin(ctx context.Context, c *pgx.Conn, group []*pending) error {
	writes, ids := int64(0), [][]byte{}
	for _, p := range group {
		if p.batch.Writes() {
			writes++
		}
		if p.remembered() {
			ids = append(ids, []byte(p.batch.ID))
		}
		for _, e := range p.batch.Expect {
			t.known[e.Stream] = &stream{name: e.Stream}
		}
	}
	names := make([][]byte, 0, len(t.known))
	for name := range t.known {
		names = append(names, []byte(name))
	}
	var b pgx.Batch
	if c.PgConn().TxStatus() != 'I' {
		b.Queue(abandon) // the attempt before
	}
	b.Queue(beginWriting)
	b.Queue(advance, writes).QueryRow(func(row pgx.Row) error {
		err := row.Scan(&t.stored, &t.numbered)
		t.before, t.position, t.streams = t.stored-writes, t.stored-writes, t.numbered
		return err
	})
	if len(names) > 0 {
		b.Queue(readStreams, names).Query(t.scanStreams)
	}
	if len(ids) > 0 {
		b.Queue(readDigests, ids).Query(t.scanDigests)
	}
	return c.SendBatch(ctx, &b).Close()
}

func (t *transaction) scanStreams(rows pgx.Rows) error {
	for rows.Next() {
		var name []byte
		var number, head int64
		if err := rows.Scan(&name, &number, &head); err != nil {
			return err
		}
		at := t.known[journal.StreamID(name)]
		at.number, at.head = number, journal.Revision(head)
	}
	return rows.Err()
}

func (t *transaction) scanDigests(rows pgx.Rows) error {
	for rows.Next() {
		var id, digest []byte
		if err := rows.Scan(&id, &digest); err != nil {
			return err
		}
		if len(digest) != sha256.Size {
			return fmt.Errorf("a batch has a digest of %d bytes: %w", len(digest), journal.ErrCorrupt)
		}
		t.digests[string(id)] = [sha256.Size]byte(digest)
	}
	return rows.Err()
}

// decide checks a batch against the state the batches before it leave, and takes
// it in or returns why not.
func (t *transaction) decide(p *pending) error {
	b := p.batch
	if p.remembered() {
		if known, ok := t.digests[b.ID]; ok {
			if known != p.digest {
				return journal.ErrBatchReused
			}
			t.found = append(t.found, p)
			return nil
		}
	}
	for _, e := range b.Expect {
		if at := t.known[e.Stream].head; at != e.At {
			return &journal.ConflictError{Stream: e.Stream, Expected: e.At, Actual: at}
		}
	}
	if !b.Writes() {
		return nil
	}
	t.position++
	t.accepted = append(t.accepted, p)
	for i := range b.Entries {
		e := &b.Entries[i]
		at := t.numberedStream(e.Stream)
		at.head, at.position = e.Revision, t.position
		t.entries = append(t.entries, entry{at.number, int64(e.Revision), blob(e.Data)})
	}
	for i := range b.Secrets {
		s := &b.Secrets[i]
		t.secrets[secret{t.numberedStream(s.Stream).number, s.ID}] = s.Sealed
	}
	if p.remembered() {
		t.digests[b.ID] = p.digest
		t.batches = append(t.batches, remembered{b.ID, p.digest, t.position})
	}
	return nil
}

// numberedStream returns a stream that is about to change, giving it a number if
// it has none.
func (t *transaction) numberedStream(name journal.StreamID) *stream {
	at := t.known[name]
	if at.number == 0 {
		t.streams++
		at.number = t.streams
	}
	if !at.changed {
		at.changed = true
		t.changed = append(t.changed, at)
	}
	return at
}

// trim leaves out what would not change anything.
func (t *transaction) trim() {
	kept := t.changed[:0]
	for _, at := range t.changed {
		if at.position > 0 || at.number > t.numbered {
			kept = append(kept, at)
		}
	}
	t.changed = kept
}

const (
	// placed corrects the row when batches were refused, so that positions have no
	// gaps, or when streams were made.
	placed       = "UPDATE sallyport.position SET position = $1, streams = $2"
	writeStreams = `INSERT INTO sallyport.streams (name, number, head, position)
		SELECT * FROM unnest($1::bytea[], $2::bigint[], $3::bigint[], $4::bigint[])
		ON CONFLICT (name) DO UPDATE SET head = excluded.head, position = excluded.position`
	writeEntries = `INSERT INTO sallyport.entries (stream, revision, data)
		SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bytea[])`
	writeSecrets = `INSERT INTO sallyport.secrets (stream, id, sealed)
		SELECT * FROM unnest($1::bigint[], $2::bytea[], $3::bytea[])
		ON CONFLICT (stream, id) DO UPDATE SET sealed = excluded.sealed`
	deleteSecrets = `DELETE FROM sallyport.secrets s USING unnest($1::bigint[], $2::bytea[]) AS d (stream, id)
		WHERE s.stream = d.stream AND s.id = d.id`
	writeBatches = `INSERT INTO sallyport.batches (id, digest, position)
		SELECT * FROM unnest($1::bytea[], $2::bytea[], $3::bigint[])`
	forgetBatches = "DELETE FROM sallyport.batches WHERE position <= $1"

	commit = "COMMIT"

	// forgetEvery is after how many batches the oldest ids are forgotten.
	forgetEvery = 1024
)

// statements are all of a transaction's.
var statements = []string{beginWriting, advance, readStreams, readDigests, placed, writeStreams, writeEntries,
	writeSecrets, deleteSecrets, writeBatches, forgetBatches, commit, abandon}

// write is the second round trip, in which hint queues what tells other nodes.
func (t *transaction) write(ctx context.Context, c *pgx.Conn, hint func(*pgx.Batch)) error {
	var b pgx.Batch
	if t.position != t.stored || t.streams != t.numbered {
		b.Queue(placed, t.position, t.streams)
	}
	t.queueStreams(&b)
	t.queueSecrets(&b)
	t.queueBatches(&b)
	committed := false
	b.Queue(commit).Exec(func(tag pgconn.CommandTag) error {
		committed = tag.String() == "COMMIT"
		return commitTag(tag.String())
	})
	hint(&b)
	if err := c.SendBatch(ctx, &b).Close(); err != nil && !committed {
		return err
	}
	return replicated(ctx, c)
}

func (t *transaction) queueStreams(b *pgx.Batch) {
	if n := len(t.changed); n > 0 {
		names, numbers, heads, positions := make([][]byte, n), make([]int64, n), make([]int64, n), make([]int64, n)
		for i, at := range t.changed {
			names[i], numbers[i], heads[i], positions[i] = []byte(at.name), at.number, int64(at.head), at.position
		}
		b.Queue(writeStreams, names, numbers, heads, positions)
	}
	if n := len(t.entries); n > 0 {
		streams, revisions, data := make([]int64, n), make([]int64, n), make([][]byte, n)
		for i, e := range t.entries {
			streams[i], revisions[i], data[i] = e.stream, e.revision, e.data
		}
		b.Queue(writeEntries, streams, revisions, data)
	}
}

func (t *transaction) queueSecrets(b *pgx.Batch) {
	var put, deleted struct {
		streams     []int64
		ids, sealed [][]byte
	}
	for s, sealed := range t.secrets {
		if sealed == nil {
			deleted.streams, deleted.ids = append(deleted.streams, s.stream), append(deleted.ids, []byte(s.id))
		} else {
			put.streams, put.ids, put.sealed = append(put.streams, s.stream), append(put.ids, []byte(s.id)), append(put.sealed, sealed)
		}
	}
	if len(put.ids) > 0 {
		b.Queue(writeSecrets, put.streams, put.ids, put.sealed)
	}
	if len(deleted.ids) > 0 {
		b.Queue(deleteSecrets, deleted.streams, deleted.ids)
	}
}

func (t *transaction) queueBatches(b *pgx.Batch) {
	if n := len(t.batches); n > 0 {
		ids, digests, positions := make([][]byte, n), make([][]byte, n), make([]int64, n)
		for i := range t.batches {
			r := &t.batches[i]
			ids[i], digests[i], positions[i] = []byte(r.id), r.digest[:], r.position
		}
		b.Queue(writeBatches, ids, digests, positions)
	}
	if t.position/forgetEvery > t.before/forgetEvery {
		b.Queue(forgetBatches, t.position-journal.RememberedBatches)
	}
}
