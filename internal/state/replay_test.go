package state

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"sallyport/internal/journal"
	"sallyport/internal/journal/memory"
)

// Many pages are read ahead, decoded side by side and applied in order.
func TestReplayOfManyPages(t *testing.T) {
	j := benchJournal(t, 3*pageEntries)
	s := benchOpen(t, j)
	v, _ := s.View(accountA)
	if got := benchUsers.Len(v); got != 3*pageEntries || v.Revision() != 9*pageEntries {
		t.Fatalf("%d users at revision %d", got, v.Revision())
	}
	live := dump(t, v)
	if err := s.Snapshot(context.Background()); err != nil {
		t.Fatal(err)
	}
	if again, _ := benchOpen(t, j).View(accountA); dump(t, again) != live {
		t.Error("with a snapshot the view differs")
	}
	// An error in a late page is found, whatever ran ahead.
	all := readAll(t, j, accountA)
	var data [][]byte
	for _, e := range all {
		data = append(data, e.Data)
	}
	for _, at := range []int{pageEntries + 3, 8*pageEntries + 1, len(data) - 2} {
		damaged := append([][]byte{}, data...)
		damaged[at] = append(bytes.Clone(damaged[at]), ' ')
		_, err := Open(context.Background(), Config{Store: journalOf(t, accountA, damaged...), Schema: benchSchema, Now: time.Now})
		if !errors.Is(err, journal.ErrCorrupt) || !strings.Contains(err.Error(), fmt.Sprintf("revision %d ", at+2)) {
			t.Errorf("entry %d changed: %v", at+1, err)
		}
	}
}

// chain links envelopes: prev of each is replaced by the hash of the one before.
func chain(t testing.TB, envelopes ...string) [][]byte {
	t.Helper()
	var data [][]byte
	head := make([]byte, sha256.Size)
	for _, e := range envelopes {
		d := []byte(strings.ReplaceAll(e, "PREV", hex.EncodeToString(head)))
		sum := sha256.Sum256(d)
		head = sum[:]
		data = append(data, d)
	}
	return data
}

const (
	goodEntry1 = `{"v":1,"stream":"account/111122223333","rev":1,"time":"2026-03-01T12:00:00Z","request":"r","caller":"c","op":"o","prev":"PREV","changes":[{"t":"users","k":"u1","v":{"name":"alice"}}]}` + "\n{}"
	goodEntry2 = `{"v":1,"stream":"account/111122223333","rev":2,"time":"2026-03-01T12:00:01Z","request":"r","caller":"c","op":"o","prev":"PREV","changes":[{"t":"users","k":"u1","v":null}]}` + "\n"
)

// Whatever is wrong with an entry stops the store from opening, and Verify
// says where.
func TestDamagedEntriesAreRefused(t *testing.T) {
	edit := func(e, old, new string) string {
		if !strings.Contains(e, old) {
			t.Fatalf("no %q in the entry", old)
		}
		return strings.Replace(e, old, new, 1)
	}
	for name, tc := range map[string]struct {
		data [][]byte
		want string // "" opens
	}{
		"sound":              {chain(t, goodEntry1, goodEntry2), ""},
		"empty":              {[][]byte{{}}, "no end of envelope"},
		"torn":               {[][]byte{chain(t, goodEntry1)[0][:60]}, "no end of envelope"},
		"audit changed":      {[][]byte{append(chain(t, goodEntry1)[0], ' '), chain(t, goodEntry1, goodEntry2)[1]}, "does not carry the hash"},
		"first left out":     {chain(t, edit(goodEntry2, `"rev":2`, `"rev":1`)), "does not exist"},
		"entry of elsewhere": {chain(t, edit(goodEntry1, "111122223333", "444455556666")), "entry says stream"},
		"other revision":     {chain(t, edit(goodEntry1, `"rev":1`, `"rev":2`)), "entry says stream"},
		"repeated":           {chain(t, goodEntry1, goodEntry1), "entry says stream"},
		"later version":      {chain(t, edit(goodEntry1, `"v":1`, `"v":2`)), "entry version 2"},
		"no version":         {chain(t, edit(goodEntry1, `"v":1,`, ``)), "does not begin with its version"},
		"version zero":       {chain(t, edit(goodEntry1, `"v":1`, `"v":0`)), "version"},
		"unknown member":     {chain(t, edit(goodEntry1, `"op":"o"`, `"op":"o","more":1`)), "unknown"},
		"repeated member":    {chain(t, edit(goodEntry1, `"op":"o"`, `"op":"o","op":"p"`)), "duplicate"},
		"unknown table":      {chain(t, edit(goodEntry1, `"users"`, `"robots"`)), `"robots"`},
		"unknown in row":     {chain(t, edit(goodEntry1, `"name":"alice"`, `"name":"alice","x":1`)), "unknown"},
		"row of other case":  {chain(t, edit(goodEntry1, `"name"`, `"Name"`)), "unknown"},
		"row of other type":  {chain(t, edit(goodEntry1, `"alice"`, `7`)), "decode row"},
		"no value":           {chain(t, edit(goodEntry1, `,"v":{"name":"alice"}`, ``)), "no value"},
		"no table":           {chain(t, edit(goodEntry1, `"t":"users",`, ``)), "no table"},
		"deletes nothing":    {chain(t, edit(goodEntry1, `{"name":"alice"}`, `null`)), "does not exist"},
		"time goes back":     {chain(t, goodEntry1, edit(goodEntry2, "12:00:01", "11:00:01")), "older"},
		"bad hash":           {chain(t, edit(goodEntry1, "PREV", "zz")), "hash"},
		"hash not hex":       {chain(t, edit(goodEntry1, "PREV", strings.Repeat("z", 64))), "invalid byte"},
		"first has a past":   {chain(t, edit(goodEntry1, "PREV", strings.Repeat("1", 64))), "does not carry the hash"},
		"bad UTF-8":          {chain(t, edit(goodEntry1, "alice", "al\xffice")), "UTF-8"},
	} {
		t.Run(name, func(t *testing.T) {
			j := journalOf(t, accountA, tc.data...)
			_, openErr := Open(context.Background(), config(t, j))
			report, verifyErr := Verify(context.Background(), j, testSchema)
			for what, err := range map[string]error{"Open": openErr, "Verify": verifyErr, "Chain": chained(t, tc.data)} {
				switch {
				case tc.want == "" && err != nil:
					t.Errorf("%s: %v", what, err)
				case tc.want != "" && (err == nil || !strings.Contains(err.Error(), tc.want)):
					t.Errorf("%s: %v, want an error with %q", what, err, tc.want)
				}
			}
			if tc.want == "" {
				if r := report.Streams[0]; r.Revision != 2 || r.Problem != nil || len(r.Head) != 64 {
					t.Errorf("report %+v", r)
				}
			}
		})
	}
}

// chained checks entries as they come.
func chained(t *testing.T, data [][]byte) error {
	t.Helper()
	c, err := NewChain(accountA, testSchema)
	if err != nil {
		t.Fatal(err)
	}
	for i, d := range data {
		if err := c.Next(journal.Entry{Stream: accountA, Revision: Revision(i + 1), Data: d}); err != nil {
			return err
		}
		if c.Revision() != Revision(i+1) || c.Head() != sha256.Sum256(d) || c.Time().IsZero() {
			t.Errorf("the chain is at revision %d, %v", c.Revision(), c.Time())
		}
	}
	return nil
}

func TestVerifyGoesOn(t *testing.T) {
	j := journalOf(t, accountA, chain(t, goodEntry1, goodEntry2+" ", strings.ReplaceAll(goodEntry2, `"rev":2`, `"rev":3`))...)
	good := open(t, Config{Store: j, Schema: testSchema, Now: newClock().now}.skip(t, accountA))
	do(t, good, accountB, func(tx *Tx) { putUser(tx, "u1", "alice") })
	report, err := Verify(context.Background(), j, nil)
	if err != nil || len(report.Streams) != 2 || report.Streams[0].Revision != 3 {
		t.Errorf("without a schema: %+v, %v", report, err)
	}
	report, err = Verify(context.Background(), j, testSchema)
	if err == nil || report.Streams[0].Problem == nil || report.Streams[0].Revision != 2 ||
		report.Streams[1].Problem != nil || report.Streams[1].Revision != 1 {
		t.Errorf("%+v, %v", report, err)
	}
}

// skip hides a damaged stream from a store.
func (c Config) skip(t testing.TB, id StreamID) Config {
	c.Sealer = newSealer(t)
	c.Store = &withoutStream{c.Store, id}
	return c
}

type withoutStream struct {
	journal.Store
	id StreamID
}

func (w *withoutStream) Heads(ctx context.Context) (map[StreamID]Revision, error) {
	heads, err := w.Store.Heads(ctx)
	delete(heads, w.id)
	return heads, err
}

// A journal that lost what a process has read must not be written on.
func TestJournalBehindTheView(t *testing.T) {
	s, _ := openMemory(t)
	do(t, s, accountA, func(tx *Tx) { putUser(tx, "u1", "alice") })
	s.journal = memory.New()
	_, err := s.Update(context.Background(), accountA, command(func(tx *Tx) error { putUser(tx, "u2", "bob"); return nil }))
	if !errors.Is(err, journal.ErrBehind) {
		t.Errorf("error %v", err)
	}
}

// A stream that ends before the journal says it does has lost entries.
func TestOpenMissesEntries(t *testing.T) {
	j := memory.New()
	do(t, open(t, config(t, j)), accountA, func(tx *Tx) { putUser(tx, "u1", "alice") })
	for _, more := range []StreamID{accountA, accountB} {
		_, err := Open(context.Background(), config(t, &longerHeads{j, more}))
		if !errors.Is(err, journal.ErrCorrupt) {
			t.Errorf("%s: %v", more, err)
		}
		if _, err := Verify(context.Background(), &longerHeads{j, more}, nil); !errors.Is(err, journal.ErrCorrupt) {
			t.Errorf("Verify, %s: %v", more, err)
		}
	}
}

type longerHeads struct {
	journal.Store
	id StreamID
}

func (l *longerHeads) Heads(ctx context.Context) (map[StreamID]Revision, error) {
	heads, err := l.Store.Heads(ctx)
	heads[l.id]++
	return heads, err
}
