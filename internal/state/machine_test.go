package state

import (
	"context"
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"sallyport/internal/journal/memory"
)

// What readers see live, what is left by the journal alone and what comes from
// snapshots taken at any moments is the same, byte for byte, and matches a
// plain map; every past revision can be viewed as it was.
func TestReplayEqualsLive(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		m := newMachine(t, rt)
		defer func() { m.store.Close() }()
		rt.Repeat(map[string]func(*rapid.T){
			"command":  m.command,
			"snapshot": func(rt *rapid.T) { must(rt, m.store.Snapshot(context.Background())) },
			"restart": func(rt *rapid.T) {
				m.store.Close()
				m.open(rt)
			},
			"": func(rt *rapid.T) { checkModel(rt, m.store, m.model) },
		})
		m.checkHistory(rt)
	})
}

// machine runs random commands on two streams, beside a plain map of each.
type machine struct {
	t       *testing.T
	journal *memory.Store
	config  Config
	store   *Store
	model   map[StreamID]map[string]string
	past    map[StreamID][]string // dump at each revision
}

var machineStreams = []StreamID{accountA, accountB}

func newMachine(t *testing.T, rt *rapid.T) *machine {
	m := &machine{
		t: t, journal: memory.New(),
		model: map[StreamID]map[string]string{accountA: {}, accountB: {}},
		past:  map[StreamID][]string{accountA: {""}, accountB: {""}},
	}
	m.config = Config{
		Store: m.journal, Schema: testSchema, Now: newClock().now,
		Snapshot: SnapshotPolicy{Disabled: true, Keep: 3},
	}
	m.open(rt)
	return m
}

func (m *machine) open(rt *rapid.T) {
	s, err := Open(context.Background(), m.config)
	must(rt, err)
	m.store = s
}

func must(rt *rapid.T, err error) {
	if err != nil {
		rt.Fatal(err)
	}
}

// command runs one command that changes one stream or both, or fails after.
// Its draws come first: a command may run more than once.
func (m *machine) command(rt *rapid.T) {
	type step struct {
		stream    StreamID
		key, name string
		remove    bool
	}
	steps := rapid.SliceOfN(rapid.Custom(func(rt *rapid.T) step {
		return step{
			rapid.SampledFrom(machineStreams).Draw(rt, "stream"),
			rapid.SampledFrom([]string{"a", "b", "c", "d", "é", "f\n", "\x00"}).Draw(rt, "key"),
			rapid.StringMatching(`[A-Ca-c]{0,3}`).Draw(rt, "name"),
			rapid.Bool().Draw(rt, "remove"),
		}
	}), 0, 6).Draw(rt, "steps")
	home, fail := rapid.SampledFrom(machineStreams).Draw(rt, "home"), rapid.Bool().Draw(rt, "fail")

	boom := errors.New("boom")
	_, err := m.store.Update(context.Background(), home, command(func(tx *Tx) error {
		for _, s := range steps {
			o, err := tx.Other(s.stream)
			if err != nil {
				return err
			}
			if s.remove {
				users.Delete(o, s.key)
			} else {
				users.Put(o, s.key, &user{Name: s.name, Tags: map[string]string{"t": s.name, "k": s.key}})
			}
		}
		if fail {
			return boom
		}
		return nil
	}))
	if fail {
		if err != boom {
			rt.Fatalf("outcome %v", err)
		}
		return
	}
	must(rt, err)
	for _, s := range steps {
		if s.remove {
			delete(m.model[s.stream], s.key)
		} else {
			m.model[s.stream][s.key] = s.name
		}
	}
	for _, id := range machineStreams {
		if v, ok := m.store.View(id); ok && int(v.Revision()) == len(m.past[id]) {
			m.past[id] = append(m.past[id], dump(m.t, v))
		}
	}
}

// checkHistory compares live views with snapshots, history and the journal
// alone.
func (m *machine) checkHistory(rt *rapid.T) {
	ctx := context.Background()
	live := dumpAll(m.t, m.store)
	if got := dumpAll(m.t, open(m.t, m.config)); got != live {
		rt.Fatalf("with snapshots:\n%s\nlive:\n%s", got, live)
	}
	for id := range m.past {
		for rev := Revision(1); int(rev) < len(m.past[id]); rev++ {
			v, err := m.store.ViewAt(ctx, id, rev)
			must(rt, err)
			if got := dump(m.t, v); got != m.past[id][rev] {
				rt.Fatalf("stream %s at %d:\n%s\nwas:\n%s", id, rev, got, m.past[id][rev])
			}
		}
		must(rt, m.journal.DeleteSnapshots(ctx, id, 0))
	}
	if got := dumpAll(m.t, open(m.t, m.config)); got != live {
		rt.Fatalf("journal alone:\n%s\nlive:\n%s", got, live)
	}
	_, err := Verify(ctx, m.journal, testSchema)
	must(rt, err)
}

// checkModel compares rows and indexes with a plain map.
func checkModel(rt *rapid.T, s *Store, model map[StreamID]map[string]string) {
	for id, rows := range model {
		v, ok := s.View(id)
		if !ok {
			if len(rows) != 0 {
				rt.Fatalf("stream %s is missing", id)
			}
			continue
		}
		if users.Len(v) != len(rows) {
			rt.Fatalf("%d rows, want %d", users.Len(v), len(rows))
		}
		byName := make(map[string]int)
		for k, n := range rows {
			if u, ok := users.Get(v, k); !ok || u.Name != n {
				rt.Fatalf("row %q = %v, want %q", k, u, n)
			}
			byName[strings.ToLower(n)]++
		}
		for n, want := range byName {
			if got := usersByName.Count(v, n); got != want {
				rt.Fatalf("index name %q has %d rows, want %d", n, got, want)
			}
		}
		all := 0
		usersByName.AscendAll(v, "", func(_, key string, u *user) bool {
			if row, _ := users.Get(v, key); row != u {
				rt.Fatalf("index holds another row than the table at %q", key)
			}
			all++
			return true
		})
		if all != len(rows) {
			rt.Fatalf("index has %d rows, want %d", all, len(rows))
		}
	}
}
