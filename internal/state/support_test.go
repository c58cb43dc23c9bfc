package state

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"sallyport/internal/journal"
	"sallyport/internal/journal/memory"
	"sallyport/internal/seal"
)

// The tables of the tests are shaped like IAM's.
type user struct {
	Name    string            `json:"name"`
	Path    string            `json:"path,omitzero"`
	Tags    map[string]string `json:"tags,omitzero"`
	Created time.Time         `json:"created,omitzero"`
}

type membership struct {
	User  string `json:"user"`
	Group string `json:"group"`
}

type counter struct {
	N    int      `json:"n"`
	Seen []string `json:"seen,omitempty"`
}

var (
	users       = NewTable[user]("users")
	memberships = NewTable[membership]("memberships")
	counters    = NewTable[counter]("counters")

	usersByName = NewIndex(users, "name", func(_ string, u *user) []string {
		return []string{strings.ToLower(u.Name)}
	})
	usersByTag = NewIndex(users, "tag", func(_ string, u *user) []string {
		var keys []string
		for k, v := range u.Tags {
			keys = append(keys, k+"="+v)
		}
		return keys
	})
	membershipsByGroup = NewIndex(memberships, "group", func(_ string, m *membership) []string {
		return []string{m.Group}
	})

	testSchema = NewSchema(users, memberships, counters)
)

var (
	accountA = AccountStream("111122223333")
	accountB = AccountStream("444455556666")
)

// clock is a clock that tests set.
type clock struct {
	mu sync.Mutex
	t  time.Time
}

func newClock() *clock { return &clock{t: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)} }

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = c.t.Add(time.Millisecond)
	return c.t
}

func (c *clock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = c.t.Add(d)
}

func newSealer(t testing.TB) *seal.Sealer {
	t.Helper()
	key, err := seal.NewKey(bytes.Repeat([]byte{7}, 32))
	if err != nil {
		t.Fatal(err)
	}
	s, err := seal.New(key)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// logs collects what a store logs.
type logs struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *logs) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

func (l *logs) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}

func config(t testing.TB, j journal.Store) Config {
	return Config{Store: j, Sealer: newSealer(t), Schema: testSchema, Now: newClock().now}
}

func open(t testing.TB, c Config) *Store {
	t.Helper()
	s, err := Open(context.Background(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func openMemory(t testing.TB) (*Store, *memory.Store) {
	t.Helper()
	j := memory.New()
	return open(t, config(t, j)), j
}

// do runs a command that must succeed.
func do(t testing.TB, s *Store, id StreamID, fn func(tx *Tx)) Revision {
	t.Helper()
	rev, err := s.Update(context.Background(), id, command(func(tx *Tx) error { fn(tx); return nil }))
	if err != nil {
		t.Fatal(err)
	}
	return rev
}

func command(fn func(tx *Tx) error) Command {
	return Command{RequestID: "req-1", Caller: "arn:aws:iam::111122223333:user/alice", Operation: "iam:Test", Run: fn}
}

// refresh brings every view of a store to where the journal is.
func refresh(t testing.TB, s *Store) {
	t.Helper()
	heads, err := s.journal.Heads(context.Background())
	if err == nil {
		err = s.CatchUp(context.Background(), heads)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func view(t testing.TB, s *Store, id StreamID) *View {
	t.Helper()
	v, ok := s.View(id)
	if !ok {
		t.Fatalf("stream %s does not exist", id)
	}
	return v
}

func dump(t testing.TB, v *View) string {
	t.Helper()
	var buf bytes.Buffer
	if err := Dump(&buf, v); err != nil {
		t.Fatal(err)
	}
	return buf.String()
}

func dumpAll(t testing.TB, s *Store) string {
	t.Helper()
	var all strings.Builder
	for _, id := range s.Streams() {
		all.WriteString(dump(t, view(t, s, id)))
	}
	return all.String()
}

func putUser(tx *Tx, id, name string) { users.Put(tx, id, &user{Name: name}) }

// hooked is a journal whose commits and snapshot loads a test intercepts.
type hooked struct {
	journal.Store
	commit func(ctx context.Context, b journal.Batch, next func() error) error
}

func (h *hooked) Commit(ctx context.Context, b journal.Batch) error {
	if h.commit == nil {
		return h.Store.Commit(ctx, b)
	}
	return h.commit(ctx, b, func() error { return h.Store.Commit(ctx, b) })
}

// hold stops the writer of a stream inside a command, so that what is queued
// before release is taken as one batch.
func hold(t testing.TB, s *Store, id StreamID) (release func()) {
	t.Helper()
	entered, leave := make(chan struct{}), make(chan struct{})
	done := make(chan struct{})
	var once sync.Once
	go func() {
		defer close(done)
		if _, err := s.Update(context.Background(), id, command(func(*Tx) error {
			once.Do(func() { close(entered) })
			<-leave
			return nil
		})); err != nil {
			t.Error(err)
		}
	}()
	<-entered
	return func() { close(leave); <-done }
}

// queue starts commands in order behind a held writer.
func queue(t testing.TB, s *Store, id StreamID, commands ...Command) (wait func() []error) {
	t.Helper()
	errs := make([]error, len(commands))
	var wg sync.WaitGroup
	st := s.stream(id)
	for i, c := range commands {
		before := queued(st)
		wg.Go(func() { _, errs[i] = s.Update(context.Background(), id, c) })
		for queued(st) == before {
			time.Sleep(50 * time.Microsecond)
		}
	}
	return func() []error { wg.Wait(); return errs }
}

func queued(st *stream) int {
	st.queueing.Lock()
	defer st.queueing.Unlock()
	return len(st.queue)
}

func readAll(t testing.TB, j journal.Streams, id StreamID) []journal.Entry {
	t.Helper()
	var all []journal.Entry
	for {
		page, err := j.Read(context.Background(), id, Revision(len(all)), 1000)
		if err != nil {
			t.Fatal(err)
		}
		if len(page) == 0 {
			return all
		}
		all = append(all, page...)
	}
}

// journalOf is a journal that holds the given entries of a stream.
func journalOf(t testing.TB, id StreamID, data ...[]byte) *memory.Store {
	t.Helper()
	j := memory.New()
	b := journal.Batch{Expect: []journal.Expectation{{Stream: id}}}
	for i, d := range data {
		b.Entries = append(b.Entries, journal.Entry{Stream: id, Revision: Revision(i + 1), Data: d})
	}
	if err := j.Commit(context.Background(), b); err != nil {
		t.Fatal(err)
	}
	return j
}

func withLogs(c Config) (Config, *logs) {
	l := new(logs)
	c.Logger = slog.New(slog.NewTextHandler(l, nil))
	return c, l
}

func userID(i int) string { return fmt.Sprintf("AIDA%017d", i) }
