package state

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"runtime"
	"sync"
	"testing"
	"time"

	"sallyport/internal/journal"
	"sallyport/internal/journal/memory"
)

// Rows of the sizes IAM's are: a user, a key and a membership of 150 to 250
// bytes of JSON each.
type benchUser struct {
	ID        string    `json:"id"`
	Name      string    `json:"name"`
	Path      string    `json:"path"`
	ARN       string    `json:"arn"`
	Boundary  string    `json:"boundary,omitzero"`
	CreatedAt time.Time `json:"createdAt"`
	CreatedBy string    `json:"createdBy"`
}

type benchKey struct {
	ID        string    `json:"id"`
	User      string    `json:"user"`
	Status    string    `json:"status"`
	CreatedAt time.Time `json:"createdAt"`
	CreatedBy string    `json:"createdBy"`
	Region    string    `json:"region"`
}

type benchMembership struct {
	User    string    `json:"user"`
	Group   string    `json:"group"`
	AddedAt time.Time `json:"addedAt"`
	AddedBy string    `json:"addedBy"`
}

var (
	benchUsers       = NewTable[benchUser]("users")
	benchKeys        = NewTable[benchKey]("accessKeys")
	benchMemberships = NewTable[benchMembership]("memberships")

	_ = NewIndex(benchUsers, "name", func(_ string, u *benchUser) []string { return []string{u.Name} })
	_ = NewIndex(benchKeys, "user", func(_ string, k *benchKey) []string { return []string{k.User} })
	_ = NewIndex(benchMemberships, "group", func(_ string, m *benchMembership) []string { return []string{m.Group} })

	benchSchema = NewSchema(benchUsers, benchKeys, benchMemberships)
)

const benchAdmin = "arn:aws:iam::111122223333:user/admin"

func benchRows(i int) (string, *benchUser, string, *benchKey, string, *benchMembership) {
	id, key := userID(i), fmt.Sprintf("AKIA%016d", i)
	name := fmt.Sprintf("user-%06d", i*7919%1000003)
	at := time.Date(2026, 1, 1, 0, 0, i, 0, time.UTC)
	group := fmt.Sprintf("AGPA%017d", i%100)
	return id, &benchUser{ID: id, Name: name, Path: "/division/engineering/", ARN: "arn:aws:iam::111122223333:user/division/engineering/" + name, CreatedAt: at, CreatedBy: benchAdmin},
		key, &benchKey{ID: key, User: id, Status: "Active", CreatedAt: at, CreatedBy: benchAdmin, Region: "us-east-1"},
		id + "/" + group, &benchMembership{User: id, Group: group, AddedAt: at, AddedBy: benchAdmin}
}

// benchJournal holds n users, keys and memberships, one entry each, written
// without the writer.
func benchJournal(b testing.TB, n int) *memory.Store {
	j := memory.New()
	var head [sha256.Size]byte
	var batch journal.Batch
	rev := Revision(0)
	audit := bytes.Repeat([]byte("x"), 700)
	add := func(t AnyTable, key string, row any) {
		data, err := t.encode(row)
		if err != nil {
			b.Fatal(err)
		}
		rev++
		entry, err := encodeEntry(&envelope{
			Version: entryVersion, Stream: accountA, Revision: rev, Time: time.Date(2026, 1, 1, 0, 0, 0, int(rev), time.UTC),
			Request: "00000000-0000-4000-8000-000000000000", Caller: benchAdmin, Op: "iam:CreateUser",
			Previous: hex.EncodeToString(head[:]), Changes: []change{{t.Name(), key, data}},
		}, audit)
		if err != nil {
			b.Fatal(err)
		}
		head = sha256.Sum256(entry)
		batch.Entries = append(batch.Entries, journal.Entry{Stream: accountA, Revision: rev, Data: entry})
	}
	flush := func(at Revision) {
		batch.Expect = []journal.Expectation{{Stream: accountA, At: at}}
		if err := j.Commit(context.Background(), batch); err != nil {
			b.Fatal(err)
		}
		batch = journal.Batch{}
	}
	for i := range n {
		uk, u, kk, k, mk, m := benchRows(i)
		add(benchUsers, uk, u)
		add(benchKeys, kk, k)
		add(benchMemberships, mk, m)
		if len(batch.Entries) >= 3000 {
			flush(rev - Revision(len(batch.Entries)))
		}
	}
	if len(batch.Entries) > 0 {
		flush(rev - Revision(len(batch.Entries)))
	}
	return j
}

func benchOpen(b testing.TB, j journal.Store) *Store {
	s, err := Open(context.Background(), Config{Store: j, Schema: benchSchema, Now: time.Now, Snapshot: SnapshotPolicy{Disabled: true}})
	if err != nil {
		b.Fatal(err)
	}
	return s
}

// BenchmarkReplay100k opens an account of 300,000 entries without a snapshot.
func BenchmarkReplay100k(b *testing.B) {
	j := benchJournal(b, 100_000)
	for b.Loop() {
		benchOpen(b, j)
	}
}

// BenchmarkSnapshotLoad100k opens the same account from its snapshot, and
// reports the size of the snapshot and the memory of a user with its key,
// membership and indexes.
func BenchmarkSnapshotLoad100k(b *testing.B) {
	const n = 100_000
	j := benchJournal(b, n)
	s := benchOpen(b, j)
	st := s.stream(accountA)
	st.snapshot.entries = 1
	if err := s.save(context.Background(), st); err != nil {
		b.Fatal(err)
	}
	_, data, _ := j.LoadSnapshot(context.Background(), accountA, journal.MaxRevision)
	s, st = nil, nil
	for b.Loop() {
		s = nil
		s = benchOpen(b, j)
	}
	b.StopTimer()
	before := heap()
	runtime.KeepAlive(s)
	s = nil
	b.ReportMetric(float64(before-heap())/n, "B/user")
	b.ReportMetric(float64(len(data))/n, "snapshot-B/user")
	v, _ := benchOpen(b, j).View(accountA)
	if benchUsers.Len(v) != n {
		b.Fatal("rows are missing")
	}
}

func heap() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// BenchmarkSnapshotSave100k writes the snapshot of that account.
func BenchmarkSnapshotSave100k(b *testing.B) {
	s := benchOpen(b, benchJournal(b, 100_000))
	v, _ := s.View(accountA)
	for b.Loop() {
		var n countingWriter
		if err := writeSnapshot(&n, v); err != nil {
			b.Fatal(err)
		}
	}
}

type countingWriter int

func (n *countingWriter) Write(p []byte) (int, error) {
	*n += countingWriter(len(p))
	return len(p), nil
}

// BenchmarkUpdate is 64 callers creating rows in one account of 10,000 users.
func BenchmarkUpdate(b *testing.B) {
	s := benchOpen(b, benchJournal(b, 10_000))
	audit := bytes.Repeat([]byte("x"), 700)
	var wg sync.WaitGroup
	next := make(chan int, 1024)
	b.ReportAllocs()
	b.ResetTimer()
	for range 64 {
		wg.Go(func() {
			for i := range next {
				_, u, _, _, mk, m := benchRows(100_000 + i)
				_, err := s.Update(context.Background(), accountA, command(func(tx *Tx) error {
					benchUsers.Put(tx, userID(i*7919%1000003), u)
					benchMemberships.Put(tx, mk, m)
					tx.Record(audit)
					return nil
				}))
				if err != nil {
					b.Error(err)
				}
			}
		})
	}
	for i := range b.N {
		next <- i
	}
	close(next)
	wg.Wait()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "updates/s")
}

func BenchmarkGet(b *testing.B) {
	s := benchOpen(b, benchJournal(b, 10_000))
	id := userID(4321)
	for b.Loop() {
		v, _ := s.View(accountA)
		if _, ok := benchUsers.Get(v, id); !ok {
			b.Fatal("missing")
		}
	}
}
