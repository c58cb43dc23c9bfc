package postgres_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"sallyport/internal/journal"
	"sallyport/internal/journal/postgres"
	"sallyport/internal/journal/postgres/pgtest"
)

// impatient notices silence at once and gives up soon.
var impatient = postgres.Options{RoundTrip: time.Second, Patience: 20 * time.Second}

func entry(id string, at journal.Revision, data string) journal.Batch {
	return journal.Batch{ID: id, Expect: []journal.Expectation{{Stream: "a", At: at}},
		Entries: []journal.Entry{{Stream: "a", Revision: at + 1, Data: []byte(data)}}}
}

func wantHead(t *testing.T, store journal.Store, want journal.Revision) {
	t.Helper()
	heads, err := store.Heads(context.Background())
	must(t, err)
	if heads["a"] != want {
		t.Fatalf("head %d, want %d", heads["a"], want)
	}
}

func wantError(t *testing.T, err error, target error) {
	t.Helper()
	if !errors.Is(err, target) {
		t.Fatalf("error %v, want %v", err, target)
	}
}

// behindProxy opens a store whose connections lead through a proxy.
func behindProxy(t *testing.T, opts postgres.Options) (*postgres.Store, *pgtest.Proxy) {
	t.Helper()
	server := pgtest.Start(t)
	proxy := pgtest.NewProxy(t, server)
	return open(t, proxy.URL(t, server.NewDatabase(t)), opts), proxy
}

func wantDropped(t *testing.T, proxy *pgtest.Proxy, want int) {
	t.Helper()
	if got := proxy.Dropped(); got != want {
		t.Fatalf("%d replies were lost, want %d", got, want)
	}
}

// TestAttackLostReply: a write whose reply is lost has happened once, and says so.
func TestAttackLostReply(t *testing.T) {
	ctx := context.Background()
	store, proxy := behindProxy(t, impatient)
	must(t, store.Commit(ctx, entry("1", 0, "one")))

	proxy.DropReply("COMMIT")
	must(t, store.Commit(ctx, entry("2", 1, "two")))
	wantDropped(t, proxy, 1)
	wantHead(t, store, 2)
	_, position, err := store.Advanced(ctx, 0)
	must(t, err)
	if position != 2 {
		t.Fatalf("two commits are at position %d", position)
	}

	// Without an id nothing tells it from another one.
	proxy.DropReply("COMMIT")
	wantError(t, store.Commit(ctx, entry("", 2, "three")), journal.ErrOutcomeUnknown)
	wantDropped(t, proxy, 2)
	wantHead(t, store, 3)

	for i := range 3 {
		proxy.DropReply("INSERT")
		first, err := store.Once(ctx, fmt.Sprint(i), time.Time{})
		must(t, err)
		wantDropped(t, proxy, 3+i)
		if !first {
			t.Fatal("a one-time fact took its own insert for another's")
		}
		if first, err = store.Once(ctx, fmt.Sprint(i), time.Time{}); first || err != nil {
			t.Fatalf("a one-time fact was first twice: %v", err)
		}
	}

	block := journal.Block{Node: "n", Sequence: 1, First: epoch, Last: epoch, Count: 1, Data: []byte("x")}
	proxy.DropReply("COMMIT")
	must(t, store.AppendBlocks(ctx, []journal.Block{block}))
	blocks, err := store.ReadBlocks(ctx, 0, 10)
	must(t, err)
	if len(blocks) != 1 {
		t.Fatalf("%d blocks, want 1", len(blocks))
	}

	l := journal.Lease{Node: "n", Renewal: 1, TTL: time.Second}
	for renewal, tag := range []string{"INSERT", "UPDATE"} {
		l.Renewal = uint64(renewal + 1)
		proxy.DropReply(tag)
		must(t, store.Renew(ctx, l))
	}
	for range 3 {
		proxy.DropReply("INSERT")
		must(t, store.SaveSnapshot(ctx, "a", 3, strings.NewReader("snapshot")))
		proxy.DropReply("COMMIT")
		must(t, store.SaveSnapshot(ctx, "a", 3, strings.NewReader("snapshot")))
	}
	wantDropped(t, proxy, 14)
}

var epoch = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// TestAttackLostReplyInGroup loses replies under load: each batch is there once,
// and none is refused.
func TestAttackLostReplyInGroup(t *testing.T) {
	ctx := context.Background()
	store, proxy := behindProxy(t, impatient)
	const callers, each = 16, 30
	var all sync.WaitGroup
	for caller := range callers {
		all.Go(func() {
			stream := journal.StreamID(fmt.Sprint(caller))
			for at := range journal.Revision(each) {
				if caller == 0 && at%3 == 0 {
					proxy.DropReply("COMMIT")
				}
				err := store.Commit(ctx, journal.Batch{
					ID: fmt.Sprint(caller, " ", at), Expect: []journal.Expectation{{Stream: stream, At: at}},
					Entries: []journal.Entry{{Stream: stream, Revision: at + 1, Data: fmt.Append(nil, at)}},
				})
				if err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
	heads, position, err := store.Advanced(ctx, 0)
	must(t, err)
	for stream, at := range heads {
		if at != each {
			t.Errorf("stream %q has %d entries, want %d", stream, at, each)
		}
	}
	if len(heads) != callers || position != callers*each {
		t.Fatalf("%d streams at position %d", len(heads), position)
	}
	if proxy.Dropped() < 5 {
		t.Fatalf("only %d replies were lost", proxy.Dropped())
	}
}

// TestCut: connections that break are made anew, for reads and writes.
func TestCut(t *testing.T) {
	ctx := context.Background()
	store, proxy := behindProxy(t, impatient)
	for at := range journal.Revision(10) {
		proxy.Cut()
		must(t, store.Commit(ctx, entry(fmt.Sprint(at), at, "x")))
		proxy.Cut()
		wantHead(t, store, at+1)
		must(t, store.Put(ctx, "k", nil, time.Time{}))
	}
}

// TestAttackSilence: a peer that has gone without a word is noticed in a round
// trip; after the store's patience calls fail and say what is certain.
func TestAttackSilence(t *testing.T) {
	ctx := context.Background()
	opts := postgres.Options{RoundTrip: 300 * time.Millisecond, Patience: 2 * time.Second}
	store, proxy := behindProxy(t, opts)
	must(t, store.Commit(ctx, entry("1", 0, "one")))
	wantHead(t, store, 1)

	proxy.Stall()
	for name, call := range map[string]func() error{
		"Commit":       func() error { return store.Commit(ctx, entry("2", 1, "two")) },
		"empty Commit": func() error { return store.Commit(ctx, journal.Batch{}) },
		"Read":         func() error { _, err := store.Read(ctx, "a", 0, 10); return err },
		"Advanced":     func() error { _, _, err := store.Advanced(ctx, 0); return err },
		"Export":       func() error { return store.Export(ctx, journal.Visitor{}) },
	} {
		started := time.Now()
		err := call()
		if took := time.Since(started); took > 6*time.Second {
			t.Errorf("%s took %v", name, took)
		}
		// COMMIT never got through, so it is certain that nothing was written.
		if !errors.Is(err, journal.ErrUnavailable) || errors.Is(err, journal.ErrOutcomeUnknown) {
			t.Errorf("%s: %v", name, err)
		}
	}
	// A caller need not wait for that.
	for name, call := range map[string]func(context.Context) error{
		"Commit": func(ctx context.Context) error { return store.Commit(ctx, entry("2", 1, "two")) },
		"Read":   func(ctx context.Context) error { _, err := store.Read(ctx, "a", 0, 10); return err },
	} {
		limited, cancel := context.WithTimeout(ctx, 100*time.Millisecond)
		started := time.Now()
		wantError(t, call(limited), context.DeadlineExceeded)
		if took := time.Since(started); took > 3*time.Second {
			t.Errorf("%s took %v after its context ended", name, took)
		}
		cancel()
	}
	if err := store.Put(ctx, "k", nil, time.Time{}); !errors.Is(err, journal.ErrUnavailable) && !errors.Is(err, journal.ErrOutcomeUnknown) {
		t.Errorf("Put: %v", err)
	}

	// A short one is not noticed by callers.
	proxy.Resume()
	must(t, store.Commit(ctx, entry("2", 1, "two")))
	proxy.Stall()
	started := time.Now()
	time.AfterFunc(time.Second, proxy.Resume)
	must(t, store.Commit(ctx, entry("3", 2, "three")))
	if took := time.Since(started); took < 900*time.Millisecond || took > 5*time.Second {
		t.Errorf("a commit during a stall of a second took %v", took)
	}
	wantHead(t, store, 3)
}

// TestRefusedLogin: a server that lets nobody in has not done what it was not sent.
func TestRefusedLogin(t *testing.T) {
	ctx := context.Background()
	server := pgtest.Start(t)
	url := server.NewDatabase(t)
	name := database(url)
	store := open(t, url, impatient)
	must(t, store.Commit(ctx, entry("1", 0, "one")))
	wantHead(t, store, 1)
	server.Query(t, "postgres", "ALTER DATABASE "+name+" ALLOW_CONNECTIONS false")
	t.Cleanup(func() { server.Query(t, "postgres", "ALTER DATABASE "+name+" ALLOW_CONNECTIONS true") })
	server.Query(t, "postgres", "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '"+name+"'")
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			err := store.Commit(ctx, journal.Batch{ID: fmt.Sprint("b", i), Expect: []journal.Expectation{{Stream: "b"}},
				Entries: []journal.Entry{{Stream: "b", Revision: 1}}})
			if !errors.Is(err, journal.ErrUnavailable) || errors.Is(err, journal.ErrOutcomeUnknown) {
				t.Errorf("Commit: %v", err)
			}
		})
	}
	all.Wait()
	_, err := store.Heads(ctx)
	wantError(t, err, journal.ErrUnavailable)
	wantError(t, store.Put(ctx, "k", nil, time.Time{}), journal.ErrUnavailable)

	server.Query(t, "postgres", "ALTER DATABASE "+name+" ALLOW_CONNECTIONS true")
	must(t, store.Commit(ctx, entry("2", 1, "two")))
}

// TestAttackHeldLock: a node that is cut off in the middle of a commit does not
// keep the others from theirs for longer than a round trip may take.
func TestAttackHeldLock(t *testing.T) {
	ctx := context.Background()
	server := pgtest.Start(t)
	url := server.NewDatabase(t)
	proxy := pgtest.NewProxy(t, server)
	cut := open(t, proxy.URL(t, url), impatient)
	other := open(t, url, impatient)
	stop := make(chan struct{})
	var committed [8]journal.Revision
	var all sync.WaitGroup
	for caller := range committed {
		all.Go(func() {
			stream := journal.StreamID(fmt.Sprint(caller))
			for at := journal.Revision(0); ; at++ {
				select {
				case <-stop:
					return
				default:
				}
				err := cut.Commit(ctx, journal.Batch{ID: fmt.Sprint(caller, " ", at),
					Expect:  []journal.Expectation{{Stream: stream, At: at}},
					Entries: []journal.Entry{{Stream: stream, Revision: at + 1}}})
				if err != nil {
					t.Error(err)
					return
				}
				committed[caller] = at + 1
			}
		})
	}
	held, at := 0, journal.Revision(0)
	for ; held < 3 && at < 60; at++ {
		time.Sleep(20 * time.Millisecond)
		proxy.Stall()
		started := time.Now()
		must(t, other.Commit(ctx, entry(fmt.Sprint(at), at, "x")))
		switch took := time.Since(started); {
		case took > 8*time.Second:
			t.Errorf("the other node's commit took %v", took)
		case took > impatient.RoundTrip/2:
			held++
		}
		proxy.Resume()
	}
	if held < 3 {
		t.Errorf("in %d rounds the other node had to wait %d times", at, held)
	}
	close(stop)
	all.Wait()
	wantHead(t, other, at)
	heads, err := other.Heads(ctx)
	must(t, err)
	for caller, want := range committed {
		if got := heads[journal.StreamID(fmt.Sprint(caller))]; got != want {
			t.Errorf("caller %d has %d entries, want %d", caller, got, want)
		}
	}
}

// TestStirredAfterCut: a listening connection that is lost is made anew, and says
// that there may have been news.
func TestStirredAfterCut(t *testing.T) {
	store, proxy := behindProxy(t, impatient)
	hints, err := store.Stirred(context.Background())
	must(t, err)
	for range 3 {
		select {
		case <-hints:
		case <-time.After(10 * time.Second):
			t.Fatal("no hint after a connection was made")
		}
		proxy.Cut()
	}
}

// TestAttackPasswordInErrors: whatever goes wrong, the URL's password is not shown.
func TestAttackPasswordInErrors(t *testing.T) {
	server := pgtest.Start(t)
	good := server.NewDatabase(t)
	secret := "s3cret!pass"
	var log bytes.Buffer
	opts := postgres.Options{RoundTrip: 300 * time.Millisecond, Patience: 500 * time.Millisecond, Logger: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))}
	escaped := "s3cret%21pass"
	for name, c := range map[string]struct {
		url  string
		want error
	}{
		"wrong password":    {strings.Replace(good, "p%40ss%2Fw%3Ard%231", escaped, 1), nil},
		"no such database":  {good[:strings.LastIndexByte(good, '/')] + "/absent?password=" + escaped, nil},
		"no server":         {"postgres://u:" + escaped + "@127.0.0.1:1/x", journal.ErrUnavailable},
		"several":           {"postgres://u:" + escaped + "@127.0.0.1:1,127.0.0.1:2/x", journal.ErrUnavailable},
		"in the query":      {"postgres://127.0.0.1:1/x?user=u&password=" + escaped, journal.ErrUnavailable},
		"no such host":      {"postgres://u:" + escaped + "@host.invalid/x", journal.ErrUnavailable},
		"unescaped slash":   {"postgres://u:a/" + secret + "@127.0.0.1:1/x", journal.ErrInvalid},
		"slash after digit": {"postgres://u:1/" + secret + "@127.0.0.1:1/x", journal.ErrInvalid},
		"unescaped query":   {"postgres://u:1?" + secret + "@127.0.0.1:1/x", journal.ErrInvalid},
		"unescaped hash":    {"postgres://u:1#" + secret + "@127.0.0.1:1/x", journal.ErrInvalid},
		"unescaped at":      {"postgres://u:a@" + secret + "@127.0.0.1:1/x", journal.ErrInvalid},
		"unescaped percent": {"postgres://u:%" + secret + "@127.0.0.1:1/x", journal.ErrInvalid},
		"not a port":        {"postgres://u@127.0.0.1:" + secret + "/x", journal.ErrInvalid},
		"bad option":        {"postgres://u:" + escaped + "@127.0.0.1:1/x?sslmode=" + secret, journal.ErrInvalid},
		"bad pool":          {"postgres://u:" + escaped + "@127.0.0.1:1/x?pool_max_conns=" + secret, journal.ErrInvalid},
		"other scheme":      {"mysql://u:" + escaped + "@127.0.0.1:1/x", journal.ErrInvalid},
		"key and value":     {"host=127.0.0.1 password=" + secret, journal.ErrInvalid},
		"empty":             {"", journal.ErrInvalid},
	} {
		store, err := postgres.Open(context.Background(), c.url, opts)
		if err == nil {
			store.Close()
			t.Errorf("%s: it was opened", name)
			continue
		}
		if c.want != nil && !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
		for _, text := range []string{err.Error(), fmt.Sprintf("%+v", err), fmt.Sprintf("%#v", errors.Unwrap(err)), log.String()} {
			if strings.Contains(text, "s3cret") || strings.Contains(text, "p@ss/w:rd#1") || strings.Contains(text, "p%40ss") {
				t.Errorf("%s: the password is shown: %s", name, text)
			}
		}
	}
}
