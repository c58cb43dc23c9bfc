package state

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"sallyport/internal/journal"
	"sallyport/internal/journal/memory"
)

func TestSnapshotPolicy(t *testing.T) {
	ctx := context.Background()
	j := memory.New()
	cfg := config(t, j)
	cfg.Snapshot = SnapshotPolicy{Entries: 10, Bytes: 100_000, OnClose: 4, Keep: 2}
	s := open(t, cfg)
	newest := func() Revision {
		t.Helper()
		at, _, err := j.LoadSnapshot(ctx, accountA, journal.MaxRevision)
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	await := func(want Revision) {
		t.Helper()
		for deadline := time.Now().Add(time.Minute); newest() != want; time.Sleep(time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatalf("snapshot at %d, want %d", newest(), want)
			}
		}
		s.snapshots.Wait()
	}
	small := func(n int) {
		for range n {
			do(t, s, accountA, func(tx *Tx) { count(tx, "c", "") })
		}
	}
	small(9)
	s.snapshots.Wait()
	if newest() != 0 {
		t.Fatalf("snapshot at %d already", newest())
	}
	small(1)
	await(10)
	do(t, s, accountA, func(tx *Tx) { putUser(tx, "u1", strings.Repeat("x", 100_000)) })
	await(11)
	small(3)
	s.Close()
	if newest() != 11 {
		t.Errorf("Close saved a snapshot after 3 entries")
	}
	s = open(t, cfg)
	small(1)
	s.Close()
	if newest() != 15 {
		t.Errorf("Close left the snapshot at %d; what Open replayed counts", newest())
	}
	if at, _, _ := j.LoadSnapshot(ctx, accountA, 10); at != 0 {
		t.Errorf("the oldest snapshot was kept")
	}
}

// A snapshot is taken while the writer goes on.
func TestSnapshotsUnderLoad(t *testing.T) {
	j := memory.New()
	cfg := config(t, j)
	cfg.Snapshot = SnapshotPolicy{Entries: 5, Keep: 100}
	s := open(t, cfg)
	for i := range 200 {
		do(t, s, accountA, func(tx *Tx) {
			putUser(tx, userID(i), fmt.Sprint(i))
			users.Delete(tx, userID(i-10))
		})
	}
	s.Close()
	snapshots := 0
	for at := journal.MaxRevision; ; {
		rev, data, err := j.LoadSnapshot(context.Background(), accountA, at)
		if err != nil {
			t.Fatal(err)
		}
		if rev == 0 {
			break
		}
		v, err := s.restore(context.Background(), accountA, rev, data)
		if err != nil {
			t.Fatal(err)
		}
		want := emptyView(accountA, testSchema)
		if err := replay(context.Background(), j, want, rev); err != nil {
			t.Fatal(err)
		}
		if dump(t, v) != dump(t, want) {
			t.Errorf("snapshot at %d differs from replay", rev)
		}
		snapshots++
		at = rev - 1
	}
	if snapshots == 0 {
		t.Error("no snapshot was taken")
	}
}

func snapshotOf(t testing.TB, v *View) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := writeSnapshot(&b, v); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// Any defect of a snapshot is noticed, warned of, and costs only time.
func TestDamagedSnapshotsAreIgnored(t *testing.T) {
	ctx := context.Background()
	j := memory.New()
	s := open(t, config(t, j))
	for i := range 40 {
		do(t, s, accountA, func(tx *Tx) {
			putUser(tx, userID(i), fmt.Sprint("user", i))
			memberships.Put(tx, fmt.Sprint(i), &membership{User: userID(i), Group: strings.Repeat("g", 20_000)})
		})
	}
	v := view(t, s, accountA)
	good, want := snapshotOf(t, v), dump(t, v)
	resum := func(b []byte) []byte { // a defect under a right checksum
		body := b[:len(b)-2-sha256.Size]
		sum := sha256.Sum256(body)
		return append(append(bytes.Clone(body), frameEnd, sha256.Size), sum[:]...)
	}
	swap := func(old, new string) []byte {
		if !bytes.Contains(good, []byte(old)) || len(old) != len(new) {
			t.Fatalf("cannot swap %q", old)
		}
		return resum(bytes.Replace(good, []byte(old), []byte(new), 1))
	}
	changed := v.own()
	changed.head[0] ^= 1
	robots := NewTable[user]("robots")
	odd := emptyView(accountA, NewSchema(robots))
	odd.revision, odd.time, odd.head = v.revision, v.time, v.head
	odd.tables[robots.id()] = robots.newRows()
	odd.tables[robots.id()].set("r", &user{})
	flip := func(at int) []byte {
		b := bytes.Clone(good)
		b[at] ^= 0x20
		return b
	}
	cases := map[string][]byte{
		"sound":         good,
		"empty":         {},
		"torn":          good[:len(good)/2],
		"no end":        good[:len(good)-34],
		"bit in header": flip(40),
		"bit in block":  flip(len(good) / 2),
		"bit in sum":    flip(len(good) - 1),
		"block damaged": resum(flip(len(good) / 2)),
		"other stream":  swap("111122223333", "111122223334"),
		"other version": swap(`{"v":1`, `{"v":9`),
		"other entries": swap(`"entry":1`, `"entry":2`),
		"other head":    snapshotOf(t, changed),
		"bad head":      swap(`"head":"`, `"heat":"`),
		"unknown table": snapshotOf(t, odd),
		"row count":     swap(`"rows":[40,40]`, `"rows":[40,41]`),
		"no block":      resum(append(bytes.Clone(good[:bytes.Index(good, []byte("[40,40]}"))+8]), make([]byte, 2+sha256.Size)...)),
		"empty block":   resum(append(bytes.Clone(good[:len(good)-2-sha256.Size]), append([]byte("B\x03\x00\x00\x00"), make([]byte, 2+sha256.Size)...)...)),
	}
	for name, data := range cases {
		t.Run(name, func(t *testing.T) {
			if err := j.SaveSnapshot(ctx, accountA, v.revision, bytes.NewReader(data)); err != nil {
				t.Fatal(err)
			}
			cfg, l := withLogs(config(t, j))
			cfg.Snapshot.Disabled = true
			s := open(t, cfg)
			if got := dump(t, view(t, s, accountA)); got != want {
				t.Error("the view differs")
			}
			if warned := strings.Contains(l.String(), "ignoring a snapshot"); warned == (name == "sound") {
				t.Errorf("warned: %v %s", warned, l)
			}
		})
	}
}

// When the newest snapshot is no good, an older one still saves time; when the
// driver fails, replay does.
func TestSnapshotFallsBack(t *testing.T) {
	ctx := context.Background()
	j := memory.New()
	s := open(t, config(t, j))
	for i := range 40 {
		do(t, s, accountA, func(tx *Tx) { putUser(tx, userID(i%30), fmt.Sprint("user", i)) })
	}
	v := view(t, s, accountA)
	want := dump(t, v)
	t.Run("older one serves", func(t *testing.T) {
		older, err := s.ViewAt(ctx, accountA, 30)
		if err != nil {
			t.Fatal(err)
		}
		_ = j.SaveSnapshot(ctx, accountA, 30, bytes.NewReader(snapshotOf(t, older)))
		_ = j.SaveSnapshot(ctx, accountA, v.revision, bytes.NewReader(nil))
		cfg, l := withLogs(config(t, j))
		got, replayed, err := open(t, cfg).load(ctx, accountA, v.revision, 0)
		if err != nil || replayed != 10 || dump(t, got) != want {
			t.Errorf("replayed %d, %v", replayed, err)
		}
		if strings.Count(l.String(), "ignoring a snapshot") != 2 { // Open and load
			t.Error(l)
		}
	})
	t.Run("driver error", func(t *testing.T) {
		cfg, l := withLogs(config(t, &brokenSnapshots{j}))
		if got := dump(t, view(t, open(t, cfg), accountA)); got != want {
			t.Error("the view differs")
		}
		if !strings.Contains(l.String(), "ignoring a snapshot") {
			t.Error("no warning")
		}
	})
}

type brokenSnapshots struct{ journal.Store }

func (*brokenSnapshots) LoadSnapshot(context.Context, StreamID, Revision) (Revision, []byte, error) {
	return 0, nil, journal.ErrCorrupt
}

func (*brokenSnapshots) SaveSnapshot(_ context.Context, _ StreamID, _ Revision, data io.Reader) error {
	_, _ = io.CopyN(io.Discard, data, 10)
	return journal.ErrFull
}

// Snapshots that cannot be saved disturb neither commands nor Close.
func TestSnapshotsThatFail(t *testing.T) {
	j := &brokenSnapshots{memory.New()}
	cfg, l := withLogs(config(t, j))
	cfg.Snapshot = SnapshotPolicy{Entries: 3, OnClose: 1}
	s := open(t, cfg)
	for range 10 {
		do(t, s, accountA, func(tx *Tx) { count(tx, "c", "") })
	}
	if err := s.Snapshot(context.Background()); err != nil && !errors.Is(err, journal.ErrFull) {
		t.Errorf("Snapshot: %v", err)
	}
	do(t, s, accountA, func(tx *Tx) { count(tx, "c", "") })
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(l.String(), "saving a snapshot failed") {
		t.Error("no warning")
	}
	if c, _ := counters.Get(view(t, open(t, cfg), accountA), "c"); c.N != 11 {
		t.Errorf("counted %d", c.N)
	}
}

func FuzzReadSnapshot(f *testing.F) {
	v := emptyView(accountA, testSchema)
	v.revision = 3
	for _, t := range []AnyTable{users, memberships} {
		v.tables[t.id()] = t.newRows()
	}
	v.tables[users.id()].set("u1", &user{Name: "alice"})
	v.tables[users.id()].set("u2", &user{Name: "bob", Tags: map[string]string{"a": "b"}})
	v.tables[memberships.id()].set("m", &membership{})
	good := snapshotOf(f, v)
	body := good[:len(good)-2-sha256.Size]
	f.Add(body)
	f.Add([]byte(snapshotMagic))
	f.Fuzz(func(t *testing.T, body []byte) {
		// A right checksum lets the fuzzer past the first check.
		sum := sha256.Sum256(body)
		data := append(append(bytes.Clone(body), frameEnd, sha256.Size), sum[:]...)
		v, err := readSnapshot(data, testSchema)
		if err != nil {
			return
		}
		n := 0
		usersByName.AscendAll(v, "", func(string, string, *user) bool { n++; return true })
		if n != users.Len(v) {
			t.Errorf("%d users, %d indexed", users.Len(v), n)
		}
	})
}
