//go:build linux

package durability

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync/atomic"

	"sallyport/test/process"
)

const readOnly = "arn:aws:iam::aws:policy/ReadOnlyAccess"

// user is what was acknowledged of a user. Keys are by id.
type user struct {
	attached, member bool
	keys             map[string]key
}

type key struct {
	secret string
	active bool
}

func (u user) clone() user {
	keys := make(map[string]key, len(u.keys))
	for id, k := range u.keys {
		keys[id] = k
	}
	u.keys = keys
	return u
}

// entity is a user or, with versions, a managed policy; nil when it does not
// exist.
type entity struct {
	user     *user
	versions int // of a policy, in force
	latest   int // the highest version number ever given
}

// writer changes entities of its own, one request after another, and keeps
// what was acknowledged.
type writer struct {
	id       int
	random   *rand.Rand
	entities map[string]entity // by name
	made     int
	// pending is the change that was on its way when the server died, and what
	// its entity would be after it.
	pending string
	after   entity
	newKey  bool // the pending change makes an access key, whose id nobody knows

	acknowledged []string // request ids
	gone         []string // ids of deleted access keys
	refused      []string // answers that were neither success nor a dead server
}

func newWriter(id int, seed uint64) *writer {
	return &writer{id: id, random: rand.New(rand.NewPCG(seed, uint64(id))), entities: make(map[string]entity)}
}

// work makes changes until the server answers no more. count is told of every
// acknowledgement.
func (w *writer) work(s *process.Server, count *atomic.Int64) {
	for w.step(s) {
		count.Add(1)
	}
}

// change sends one change of an entity. On success the entity becomes after.
func (w *writer) change(s *process.Server, name string, after entity, action string, pairs ...string) (process.Reply, bool) {
	w.pending, w.after, w.newKey = name, after, action == "CreateAccessKey"
	r, err := s.Admin(action, pairs...)
	if err != nil {
		return r, false // unknown: it stays pending
	}
	if r.Status != http.StatusOK {
		if r.Status == http.StatusServiceUnavailable {
			return r, false // it may have happened: it stays pending
		}
		w.refused = append(w.refused, fmt.Sprintf("%s %v: %d %s", action, pairs, r.Status, r.Body))
		return r, false
	}
	w.pending = ""
	w.acknowledged = append(w.acknowledged, r.RequestID)
	w.set(name, after)
	return r, true
}

func (w *writer) set(name string, e entity) {
	if e == (entity{}) {
		delete(w.entities, name)
		return
	}
	w.entities[name] = e
}

// step makes one change and reports whether it was acknowledged.
func (w *writer) step(s *process.Server) bool {
	names := make([]string, 0, len(w.entities))
	for name := range w.entities {
		names = append(names, name)
	}
	slices.Sort(names)
	if len(names) < 4 || w.random.IntN(6) == 0 {
		w.made++
		if w.random.IntN(4) == 0 {
			name := fmt.Sprintf("policy-%d-%d", w.id, w.made)
			_, ok := w.change(s, name, entity{versions: 1, latest: 1}, "CreatePolicy", "PolicyName", name, "PolicyDocument", document(w.made))
			return ok
		}
		name := fmt.Sprintf("user-%d-%d", w.id, w.made)
		_, ok := w.change(s, name, entity{user: &user{}}, "CreateUser", "UserName", name, "Tags.member.1.Key", "n", "Tags.member.1.Value", name)
		return ok
	}
	name := names[w.random.IntN(len(names))]
	if e := w.entities[name]; e.user == nil {
		return w.changePolicy(s, name, e)
	}
	return w.changeUser(s, name, w.entities[name].user.clone())
}

func document(n int) string {
	return fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::bucket-%d/*"}]}`, n)
}

func (w *writer) changePolicy(s *process.Server, name string, e entity) bool {
	arn := "arn:aws:iam::" + account + ":policy/" + name
	if e.versions == 1 && w.random.IntN(2) == 0 {
		_, ok := w.change(s, name, entity{}, "DeletePolicy", "PolicyArn", arn)
		return ok
	}
	if e.versions == 1 {
		e.versions, e.latest = 2, e.latest+1
		_, ok := w.change(s, name, e, "CreatePolicyVersion", "PolicyArn", arn, "PolicyDocument", document(0))
		return ok
	}
	e.versions = 1
	_, ok := w.change(s, name, e, "DeletePolicyVersion", "PolicyArn", arn, "VersionId", fmt.Sprint("v", e.latest))
	return ok
}

func (w *writer) changeUser(s *process.Server, name string, u user) bool {
	ids := make([]string, 0, len(u.keys))
	for id := range u.keys {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	after := entity{user: &u}
	switch choice := w.random.IntN(6); {
	case choice == 0 && !u.attached && !u.member && len(ids) == 0:
		_, ok := w.change(s, name, entity{}, "DeleteUser", "UserName", name)
		return ok
	case choice <= 1:
		action := "AttachUserPolicy"
		if u.attached {
			action = "DetachUserPolicy"
		}
		u.attached = !u.attached
		_, ok := w.change(s, name, after, action, "UserName", name, "PolicyArn", readOnly)
		return ok
	case choice == 2:
		action := "AddUserToGroup"
		if u.member {
			action = "RemoveUserFromGroup"
		}
		u.member = !u.member
		_, ok := w.change(s, name, after, action, "UserName", name, "GroupName", "crew")
		return ok
	case len(ids) < 2:
		r, ok := w.change(s, name, after, "CreateAccessKey", "UserName", name)
		if ok {
			u.keys[r.Element("AccessKeyId")] = key{secret: r.Element("SecretAccessKey"), active: true}
		}
		return ok
	case u.keys[ids[0]].active:
		u.keys[ids[0]] = key{secret: u.keys[ids[0]].secret}
		_, ok := w.change(s, name, after, "UpdateAccessKey", "UserName", name, "AccessKeyId", ids[0], "Status", "Inactive")
		return ok
	default:
		delete(u.keys, ids[0])
		_, ok := w.change(s, name, after, "DeleteAccessKey", "UserName", name, "AccessKeyId", ids[0])
		if ok {
			w.gone = append(w.gone, ids[0])
		}
		return ok
	}
}
