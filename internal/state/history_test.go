package state

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sallyport/internal/journal"
)

var update = flag.Bool("update", false, "write the golden files of the current entry version")

func TestViewAt(t *testing.T) {
	ctx := context.Background()
	s, _ := openMemory(t)
	dumps := []string{""}
	for i := range 30 {
		do(t, s, accountA, func(tx *Tx) {
			putUser(tx, userID(i%7), fmt.Sprint("name", i))
			users.Delete(tx, userID((i+3)%7))
		})
		dumps = append(dumps, dump(t, view(t, s, accountA)))
		if i == 11 || i == 20 {
			if err := s.Snapshot(ctx); err != nil {
				t.Fatal(err)
			}
		}
	}
	for rev := 1; rev <= 30; rev++ {
		v, err := s.ViewAt(ctx, accountA, Revision(rev))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(dumps[rev], dump(t, v)); diff != "" {
			t.Errorf("revision %d: %s", rev, diff)
		}
	}
	for _, bad := range []Revision{0, 31, journal.MaxRevision} {
		if _, err := s.ViewAt(ctx, accountA, bad); !errors.Is(err, ErrNoRevision) || !errors.Is(err, journal.ErrNotFound) {
			t.Errorf("revision %d: %v", bad, err)
		}
	}
	if _, err := s.ViewAt(ctx, accountB, 1); !errors.Is(err, ErrNoRevision) {
		t.Errorf("unknown stream: %v", err)
	}
}

func TestRevisionAt(t *testing.T) {
	ctx := context.Background()
	s, _ := openMemory(t)
	times := []time.Time{{}}
	for range 20 {
		do(t, s, accountA, func(tx *Tx) { count(tx, "c", "") })
		times = append(times, view(t, s, accountA).Time())
	}
	for rev := 1; rev <= 20; rev++ {
		for _, at := range []struct {
			t    time.Time
			want int
		}{{times[rev], rev}, {times[rev].Add(-1), rev - 1}, {times[rev].Add(1), rev}} {
			if got, err := s.RevisionAt(ctx, accountA, at.t); err != nil || int(got) != at.want {
				t.Errorf("at %v: revision %d, %v, want %d", at.t, got, err, at.want)
			}
		}
	}
	if got, err := s.RevisionAt(ctx, accountB, times[1]); got != 0 || err != nil {
		t.Errorf("unknown stream: %d, %v", got, err)
	}
}

func TestEntries(t *testing.T) {
	ctx := context.Background()
	s, _ := openMemory(t)
	for i := range 5 {
		do(t, s, accountA, func(tx *Tx) { putUser(tx, userID(i), "x"); tx.Record(fmt.Appendf(nil, "%d", i)) })
	}
	entries, err := s.Entries(ctx, accountA, 2, 2)
	if err != nil || len(entries) != 2 {
		t.Fatal(entries, err)
	}
	for i, e := range entries {
		if e.Revision != Revision(3+i) || string(e.Audit) != fmt.Sprint(2+i) || e.Changes[0].Key != userID(2+i) {
			t.Errorf("entry %d: %+v", i, e)
		}
	}
	if entries[1].Previous != entries[0].Hash {
		t.Error("entries are not linked")
	}
	if entries, err := s.Entries(ctx, accountA, 5, 10); err != nil || len(entries) != 0 {
		t.Errorf("after the last: %v, %v", entries, err)
	}
}

// The stored formats of all versions read the same forever. The golden file of
// the current version is also what is written today.
func TestGoldenEntries(t *testing.T) {
	path := filepath.Join("testdata", fmt.Sprintf("entry-v%d.golden", entryVersion))
	env := &envelope{
		Version: entryVersion, Stream: accountA, Revision: 7,
		Time:    time.Date(2026, 3, 1, 12, 0, 0, 123456789, time.UTC),
		Request: "9f2c1d5e-0000-4000-8000-0123456789ab", Caller: "arn:aws:iam::111122223333:user/alice", Op: "iam:CreateUser",
		Previous: "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
		Changes: []change{
			{"users", "AIDAEXAMPLE", []byte(`{"name":"bob","tags":{"a":"1","b":"<&>\u2028é"},"created":"2026-03-01T12:00:00.123456789Z"}`)},
			{"memberships", "AIDAOLD/AGPAEXAMPLE", nil},
		},
	}
	written, err := encodeEntry(env, []byte(`{"eventVersion":"1.11","eventName":"CreateUser"}`))
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(path, written, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	golden, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(golden), string(written)); diff != "" {
		t.Errorf("what is written today differs from the golden file: %s", diff)
	}

	files, err := filepath.Glob(filepath.Join("testdata", "entry-v*.golden"))
	if err != nil || len(files) != entryVersion {
		t.Fatalf("%d golden files for %d versions (%v)", len(files), entryVersion, err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		d, err := testSchema.decode(journal.Entry{Stream: accountA, Revision: 7, Data: data})
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		want := user{Name: "bob", Tags: map[string]string{"a": "1", "b": "<&>\u2028é"}, Created: env.Time}
		if diff := cmp.Diff(want, *d.rows[0].value.(*user)); diff != "" {
			t.Errorf("%s: %s", file, diff)
		}
		if !d.Time.Equal(env.Time) || d.RequestID != env.Request || d.Caller != env.Caller || d.Operation != env.Op ||
			d.rows[1].value != nil || d.rows[1].key != "AIDAOLD/AGPAEXAMPLE" || !json.Valid(d.Audit) || d.Previous[31] != 0x1f {
			t.Errorf("%s: %+v", file, d)
		}
	}
}

func TestUpgrade(t *testing.T) {
	steps := map[int]upgradeStep{
		1: func(b []byte) ([]byte, error) { return []byte(`{"v":2,"was":` + string(b) + `}`), nil },
		2: func(b []byte) ([]byte, error) { return []byte(`{"v":3,"was":` + string(b) + `}`), nil },
		5: func([]byte) ([]byte, error) { return nil, errors.New("no") },
		6: func(b []byte) ([]byte, error) { return b, nil },
		7: func([]byte) ([]byte, error) { return []byte("{}"), nil },
	}
	got, err := upgradeEnvelope([]byte(`{"v":1,"x":0}`), 3, steps)
	if want := `{"v":3,"was":{"v":2,"was":{"v":1,"x":0}}}`; err != nil || string(got) != want {
		t.Errorf("%s, %v", got, err)
	}
	for _, bad := range []string{`{"v":4,"x":0}`, `{"v":5,"x":0}`, `{"v":6,"x":0}`, `{"v":7,"x":0}`, `{"v":-1,"x":0}`, `{"v":12345678,"x":0}`, `{"v":,"x":0}`, `{"v":1}`, ``, `null`} {
		if got, err := upgradeEnvelope([]byte(bad), 9, steps); err == nil {
			t.Errorf("%s became %s", bad, got)
		}
	}
}

func FuzzDecodeEntry(f *testing.F) {
	f.Add([]byte(goodEntry1))
	f.Add([]byte(goodEntry2))
	f.Add(chain(f, goodEntry1)[0])
	f.Add([]byte("{\"v\":1,\"changes\":[[[[[[\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		d, err := testSchema.decode(journal.Entry{Stream: accountA, Revision: 1, Data: data})
		if err != nil {
			return
		}
		if d.Stream != accountA || d.Revision != 1 || len(d.rows) != len(d.Changes) {
			t.Errorf("accepted as %+v", d)
		}
		for i, r := range d.rows {
			if r.table == nil || (r.value == nil) != (d.Changes[i].Value == nil) {
				t.Errorf("row %d: %+v", i, r)
			}
		}
		_ = emptyView(accountA, testSchema).apply(d)
	})
}
