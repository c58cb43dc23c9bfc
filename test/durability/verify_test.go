//go:build linux

package durability

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"sallyport/internal/iam"
	"sallyport/internal/journal"
	"sallyport/internal/state"
	"sallyport/test/process"
)

// inspection is what a journal says, read without a server.
type inspection struct {
	view     *state.View
	store    journal.Store
	recorded map[string]bool // request ids of entries with their audit record
}

// inspect reads the SQLite journal of a dead server, verifies its hash chain, and
// checks that nothing in it is half-made.
func inspect(t *testing.T, data string, use func(*inspection)) {
	t.Helper()
	inspectStore(t, "sqlite:"+filepath.Join(data, "sallyport.db"), use)
}

// inspectStore is inspect for any store.
func inspectStore(t *testing.T, url string, use func(*inspection)) {
	t.Helper()
	process.Inspect(t, url, func(j *process.Journal) {
		view, ok := j.State.View(state.AccountStream(account))
		if !ok {
			t.Fatal("the account is gone")
		}
		i := &inspection{view: view, store: j.Store, recorded: make(map[string]bool)}
		for _, e := range j.Entries {
			var record struct{ RequestID string }
			if err := json.Unmarshal(e.Audit, &record); err != nil || e.Operation != "sallyport:FirstStart" && record.RequestID != e.RequestID {
				t.Fatalf("entry %d (%s) has the audit record %q: %v", e.Revision, e.Operation, e.Audit, err)
			}
			i.recorded[e.RequestID] = true
		}
		i.whole(t)
		use(i)
	})
}

// whole checks that rows only speak of rows that are there, and that every
// access key has its secret.
func (i *inspection) whole(t *testing.T) {
	t.Helper()
	has := func(id string) bool {
		_, user := iam.Users.Get(i.view, id)
		_, group := iam.Groups.Get(i.view, id)
		return user || group
	}
	iam.Attachments.Ascend(i.view, "", func(k string, a *iam.Attachment) bool {
		if !has(a.Entity) {
			t.Errorf("attachment %s is of nobody", k)
		}
		return true
	})
	iam.Memberships.Ascend(i.view, "", func(k string, m *iam.Membership) bool {
		if !has(m.User) || !has(m.Group) {
			t.Errorf("membership %s is of nobody", k)
		}
		return true
	})
	iam.AccessKeys.Ascend(i.view, "", func(id string, k *iam.AccessKey) bool {
		if !has(k.User) {
			t.Errorf("access key %s is nobody's", id)
		}
		if _, err := i.store.LoadSecret(context.Background(), i.view.Stream(), iam.AccessKeySecret(id)); err != nil {
			t.Errorf("access key %s has no secret: %v", id, err)
		}
		return true
	})
	iam.Policies.Ascend(i.view, "", func(id string, p *iam.Policy) bool {
		if _, ok := iam.PolicyVersions.Get(i.view, iam.VersionKey(id, p.Default)); !ok {
			t.Errorf("policy %s has no default version", p.Name)
		}
		return true
	})
}

// actual is the entity of that name as the journal has it.
func (i *inspection) actual(name string) entity {
	if strings.HasPrefix(name, "policy-") {
		_, p, ok := iam.PoliciesByName.First(i.view, name)
		if !ok {
			return entity{}
		}
		n := 0
		iam.PolicyVersions.AscendPrefix(i.view, p.ID+"/", func(string, *iam.PolicyVersion) bool { n++; return true })
		return entity{versions: n, latest: p.Latest}
	}
	_, row, ok := iam.UsersByName.First(i.view, name)
	if !ok {
		return entity{}
	}
	u := &user{keys: make(map[string]key)}
	iam.Attachments.AscendPrefix(i.view, row.ID+"/", func(string, *iam.Attachment) bool { u.attached = true; return true })
	iam.Memberships.AscendPrefix(i.view, row.ID+"/", func(string, *iam.Membership) bool { u.member = true; return true })
	iam.AccessKeysByUser.Ascend(i.view, row.ID, func(id string, k *iam.AccessKey) bool {
		u.keys[id] = key{active: k.Active}
		return true
	})
	return entity{user: u}
}

// text tells entities apart, secrets aside.
func (e entity) text() string {
	if e.user == nil {
		return fmt.Sprint("versions ", e.versions, " of ", e.latest)
	}
	keys := make(map[string]bool)
	for id, k := range e.user.keys {
		keys[id] = k.active
	}
	return fmt.Sprint("attached ", e.user.attached, " member ", e.user.member, " keys ", keys)
}

// check compares a writer's model with the journal, and settles the change
// that was on its way.
func (w *writer) check(t *testing.T, i *inspection) {
	t.Helper()
	for _, r := range w.refused {
		t.Errorf("refused: %s", r)
	}
	for _, id := range w.acknowledged {
		if !i.recorded[id] {
			t.Errorf("the acknowledged request %s has no entry with its audit record", id)
		}
	}
	for _, id := range w.gone {
		if _, back := iam.AccessKeys.Get(i.view, id); back {
			t.Errorf("the deleted access key %s is back", id)
		}
		if _, err := i.store.LoadSecret(context.Background(), i.view.Stream(), iam.AccessKeySecret(id)); !errors.Is(err, journal.ErrNotFound) {
			t.Errorf("the secret of the deleted access key %s: %v", id, err)
		}
	}
	w.settle(i)
	for name, want := range w.entities {
		if got := i.actual(name); got.text() != want.text() {
			t.Errorf("%s is %s, acknowledged was %s", name, got.text(), want.text())
		}
	}
	for n := 1; n <= w.made; n++ {
		for _, kind := range []string{"user", "policy"} {
			name := fmt.Sprintf("%s-%d-%d", kind, w.id, n)
			if _, expected := w.entities[name]; !expected && i.actual(name) != (entity{}) {
				t.Errorf("%s is there: %s", name, i.actual(name).text())
			}
		}
	}
}

// settle takes the pending change for done if the journal has it.
func (w *writer) settle(i *inspection) {
	if w.pending == "" {
		return
	}
	name := w.pending
	w.pending = ""
	before, got := w.entities[name], i.actual(name)
	if got.text() == before.text() && (got == entity{}) == (before == entity{}) {
		return
	}
	if w.newKey && got.user != nil && before.user != nil {
		u := before.user.clone()
		for id, k := range got.user.keys {
			if _, known := u.keys[id]; !known && len(u.keys) < len(before.user.keys)+1 {
				u.keys[id] = k
			}
		}
		w.set(name, entity{user: &u})
		return
	}
	if got.text() == w.after.text() {
		for id := range keysOf(before) {
			if _, still := keysOf(got)[id]; !still {
				w.gone = append(w.gone, id)
			}
		}
		w.set(name, w.after)
	}
}

func keysOf(e entity) map[string]key {
	if e.user == nil {
		return nil
	}
	return e.user.keys
}
