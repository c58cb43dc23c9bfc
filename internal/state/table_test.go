package state

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sallyport/internal/journal/memory"
)

func keysOf[V any](t *Table[V], r Reader, from string) []string {
	var keys []string
	t.Ascend(r, from, func(key string, _ *V) bool { keys = append(keys, key); return true })
	return keys
}

func indexed[V any](ix *Index[V], r Reader, ikey string) []string {
	var keys []string
	ix.Ascend(r, ikey, func(key string, _ *V) bool { keys = append(keys, key); return true })
	return keys
}

func TestTable(t *testing.T) {
	s, _ := openMemory(t)
	rev := do(t, s, accountA, func(tx *Tx) {
		for _, id := range []string{"u3", "u1", "v1", "u2"} {
			putUser(tx, id, "name-"+id)
		}
		if got, ok := users.Get(tx, "u2"); !ok || got.Name != "name-u2" {
			t.Errorf("a command does not read its own change: %v %v", got, ok)
		}
	})
	if rev != 1 {
		t.Errorf("revision = %d, want 1", rev)
	}
	v := view(t, s, accountA)
	if got := keysOf(users, v, ""); !slices.Equal(got, []string{"u1", "u2", "u3", "v1"}) {
		t.Errorf("Ascend = %v", got)
	}
	if got := keysOf(users, v, "u2a"); !slices.Equal(got, []string{"u3", "v1"}) {
		t.Errorf("Ascend from u2a = %v", got)
	}
	var prefixed []string
	users.AscendPrefix(v, "u", func(key string, _ *user) bool {
		prefixed = append(prefixed, key)
		return len(prefixed) < 2
	})
	if !slices.Equal(prefixed, []string{"u1", "u2"}) {
		t.Errorf("AscendPrefix stopped after two = %v", prefixed)
	}
	do(t, s, accountA, func(tx *Tx) {
		users.Delete(tx, "u1")
		users.Delete(tx, "absent")
	})
	if users.Len(v) != 4 || users.Len(view(t, s, accountA)) != 3 {
		t.Errorf("lengths %d and %d, want the old view's 4 and 3", users.Len(v), users.Len(view(t, s, accountA)))
	}
	if _, ok := users.Get(v, "u1"); !ok {
		t.Error("an old view lost a row")
	}
	if users.Has(view(t, s, accountA), "u1") {
		t.Error("a deleted row is there")
	}
	if memberships.Len(v) != 0 || memberships.Has(v, "x") || len(keysOf(memberships, v, "")) != 0 {
		t.Error("a table never written is not empty")
	}
}

func TestWhatChangesNothingCommitsNothing(t *testing.T) {
	s, j := openMemory(t)
	do(t, s, accountA, func(tx *Tx) { putUser(tx, "u1", "alice") })
	for name, fn := range map[string]func(tx *Tx){
		"nothing":         func(*Tx) {},
		"delete absent":   func(tx *Tx) { users.Delete(tx, "u2"); memberships.Delete(tx, "m") },
		"put and delete":  func(tx *Tx) { putUser(tx, "u2", "bob"); users.Delete(tx, "u2") },
		"read other":      func(tx *Tx) { _, _ = tx.Other(accountB) },
		"delete twice":    func(tx *Tx) { users.Delete(tx, "u9"); users.Delete(tx, "u9") },
		"other unchanged": func(tx *Tx) { o, _ := tx.Other(accountB); users.Delete(o, "u1") },
	} {
		if rev := do(t, s, accountA, fn); rev != 1 {
			t.Errorf("%s: revision %d, want 1", name, rev)
		}
	}
	if n := len(readAll(t, j, accountA)); n != 1 {
		t.Errorf("%d entries, want 1", n)
	}
	if _, ok := s.View(accountB); ok {
		t.Error("a stream nobody changed exists")
	}
	if rev := do(t, s, accountA, func(tx *Tx) { tx.Record([]byte(`{"eventName":"GetUser"}`)) }); rev != 2 {
		t.Errorf("a recorded command got revision %d, want 2", rev)
	}
	entries, err := s.Entries(context.Background(), accountA, 1, 5)
	if err != nil || len(entries) != 1 || string(entries[0].Audit) != `{"eventName":"GetUser"}` || len(entries[0].Changes) != 0 {
		t.Errorf("entries after 1 = %+v, %v", entries, err)
	}
}

func TestPutKeepsACopy(t *testing.T) {
	s, _ := openMemory(t)
	u := &user{Name: "alice", Tags: map[string]string{"team": "red"}}
	do(t, s, accountA, func(tx *Tx) {
		users.Put(tx, "u1", u)
		u.Name, u.Tags["team"] = "mallory", "blue"
	})
	got, _ := users.Get(view(t, s, accountA), "u1")
	if diff := cmp.Diff(&user{Name: "alice", Tags: map[string]string{"team": "red"}}, got); diff != "" {
		t.Error(diff)
	}
	if got := indexed(usersByTag, view(t, s, accountA), "team=red"); len(got) != 1 {
		t.Errorf("index = %v", got)
	}
}

func TestPutRefuses(t *testing.T) {
	type odd struct {
		F float64 `json:"f"`
		S string  `json:"s"`
	}
	odds := NewTable[odd]("odds")
	strange := NewTable[user]("strange")
	s := open(t, Config{Store: memory.New(), Schema: NewSchema(odds), Now: newClock().now})
	for name, fn := range map[string]func(tx *Tx){
		"NaN":           func(tx *Tx) { odds.Put(tx, "k", &odd{F: math.NaN()}) },
		"bad UTF-8":     func(tx *Tx) { odds.Put(tx, "k", &odd{S: "\xff"}) },
		"nil":           func(tx *Tx) { odds.Put(tx, "k", nil) },
		"bad key":       func(tx *Tx) { odds.Put(tx, "\xff", &odd{}) },
		"long key":      func(tx *Tx) { odds.Put(tx, strings.Repeat("k", maxKeyBytes+1), &odd{}) },
		"secret":        func(tx *Tx) { tx.PutSecret("s", []byte("x")) },
		"big secret":    func(tx *Tx) { tx.PutSecret("s", make([]byte, MaxSecretBytes+1)) },
		"no secret id":  func(tx *Tx) { tx.PutSecret("", []byte("x")) },
		"big record":    func(tx *Tx) { tx.Record(make([]byte, MaxEntryBytes)) },
		"unknown table": func(tx *Tx) { strange.Get(tx, "k") },
		"put unknown":   func(tx *Tx) { strange.Put(tx, "k", &user{}) },
		"del unknown":   func(tx *Tx) { strange.Delete(tx, "k") },
		"bad stream":    func(tx *Tx) { _, _ = tx.Other("a\nb") },
	} {
		_, err := s.Update(context.Background(), accountA, command(func(tx *Tx) error { fn(tx); return nil }))
		if err == nil {
			t.Errorf("%s: accepted", name)
		}
		if len(s.Streams()) != 0 {
			t.Fatalf("%s: committed", name)
		}
	}
}

func TestAscendWhileChanging(t *testing.T) {
	s, _ := openMemory(t)
	do(t, s, accountA, func(tx *Tx) {
		for i := range 500 {
			memberships.Put(tx, fmt.Sprintf("m%03d", i), &membership{User: "u", Group: "g"})
		}
	})
	do(t, s, accountA, func(tx *Tx) {
		seen := 0
		memberships.Ascend(tx, "", func(key string, m *membership) bool {
			seen++
			memberships.Delete(tx, key)
			memberships.Put(tx, "n"+key, m)
			memberships.Ascend(tx, "n", func(string, *membership) bool { return false })
			return true
		})
		if seen != 500 || memberships.Len(tx) != 500 {
			t.Errorf("walked %d rows, left %d", seen, memberships.Len(tx))
		}
		seen = 0
		membershipsByGroup.Ascend(tx, "g", func(key string, _ *membership) bool {
			seen++
			memberships.Put(tx, key, &membership{User: "u", Group: "h"})
			return true
		})
		if seen != 500 || membershipsByGroup.Count(tx, "g") != 0 || membershipsByGroup.Count(tx, "h") != 500 {
			t.Errorf("moved %d rows: %d in g, %d in h", seen, membershipsByGroup.Count(tx, "g"), membershipsByGroup.Count(tx, "h"))
		}
	})
	if got := membershipsByGroup.Count(view(t, s, accountA), "h"); got != 500 {
		t.Errorf("%d rows in h", got)
	}
}

func TestIndex(t *testing.T) {
	s, _ := openMemory(t)
	ctx := context.Background()
	taken := errors.New("name taken")
	create := func(id, name string, tags map[string]string) error {
		_, err := s.Update(ctx, accountA, command(func(tx *Tx) error {
			if other, _, ok := usersByName.First(tx, strings.ToLower(name)); ok && other != id {
				return taken
			}
			users.Put(tx, id, &user{Name: name, Tags: tags})
			if got, v, ok := usersByName.First(tx, strings.ToLower(name)); !ok || got != id || v.Name != name {
				t.Errorf("tentative index: %q %v %v", got, v, ok)
			}
			return nil
		}))
		return err
	}
	for _, step := range []struct {
		id, name string
		tags     map[string]string
		want     error
	}{
		{"u1", "Alice", map[string]string{"team": "red", "site": "x"}, nil},
		{"u2", "alice", nil, taken},
		{"u2", "Bob", map[string]string{"team": "red"}, nil},
		{"u1", "Carol", map[string]string{"team": "blue"}, nil},
		{"u3", "ALICE", map[string]string{"team": "red"}, nil},
	} {
		if err := create(step.id, step.name, step.tags); !errors.Is(err, step.want) {
			t.Fatalf("%s %s: %v, want %v", step.id, step.name, err, step.want)
		}
	}
	v := view(t, s, accountA)
	if got := indexed(usersByTag, v, "team=red"); !slices.Equal(got, []string{"u2", "u3"}) {
		t.Errorf("team=red: %v", got)
	}
	if got := usersByTag.Count(v, "site=x"); got != 0 {
		t.Errorf("an index key that went away still has %d rows", got)
	}
	var all []string
	usersByName.AscendAll(v, "b", func(ikey, key string, u *user) bool {
		all = append(all, ikey+" "+key+" "+u.Name)
		return true
	})
	if want := []string{"bob u2 Bob", "carol u1 Carol"}; !slices.Equal(all, want) {
		t.Errorf("AscendAll = %v, want %v", all, want)
	}
	if _, _, ok := usersByName.First(v, "al"); ok {
		t.Error("First matched a prefix")
	}
	do(t, s, accountA, func(tx *Tx) { users.Delete(tx, "u1") })
	if _, _, ok := usersByName.First(view(t, s, accountA), "carol"); ok {
		t.Error("a deleted row is indexed")
	}
	if _, _, ok := usersByName.First(v, "carol"); !ok {
		t.Error("an old view's index changed")
	}
}

func TestReadsDoNotAllocate(t *testing.T) {
	s, _ := openMemory(t)
	do(t, s, accountA, func(tx *Tx) {
		for i := range 2000 {
			putUser(tx, userID(i), fmt.Sprintf("user-%d", i))
		}
	})
	id := userID(1234)
	found := 0
	n := testing.AllocsPerRun(1000, func() {
		v, _ := s.View(accountA)
		if _, ok := users.Get(v, id); ok {
			found++
		}
		if _, _, ok := usersByName.First(v, "user-1234"); ok {
			found++
		}
	})
	if n != 0 || found == 0 {
		t.Errorf("%v allocations, %d found", n, found)
	}
}

func TestDeclarationsPanic(t *testing.T) {
	byName := func(_ string, u *user) []string { return []string{u.Name} }
	one, two := NewTable[user]("same"), NewTable[user]("same")
	for name, fn := range map[string]func(){
		"empty name":      func() { NewTable[user]("") },
		"bad name":        func() { NewTable[user]("a b") },
		"same name":       func() { NewSchema(one, two) },
		"late index":      func() { NewIndex(users, "late", byName) },
		"repeated index":  func() { x := NewTable[user]("x"); NewIndex(x, "i", byName); NewIndex(x, "i", byName) },
		"table not known": func() { one.Get(emptyView(accountA, testSchema), "k") },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			fn()
		}()
	}
}
