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

// database is the name in a URL of pgtest.
func database(url string) string {
	name := url[strings.LastIndexByte(url, '/')+1:]
	name, _, _ = strings.Cut(name, "?")
	return name
}

// TestOpenersRace has many nodes find an empty database at once.
func TestOpenersRace(t *testing.T) {
	server := pgtest.Start(t)
	for range 3 {
		url := server.NewDatabase(t)
		var all sync.WaitGroup
		for n := range 8 {
			all.Go(func() {
				store, err := postgres.Open(context.Background(), url, postgres.Options{MaxConns: 2})
				if err != nil {
					t.Error(err)
					return
				}
				defer store.Close()
				stream := journal.StreamID(fmt.Sprint(n))
				err = store.Commit(context.Background(), journal.Batch{Expect: []journal.Expectation{{Stream: stream}},
					Entries: []journal.Entry{{Stream: stream, Revision: 1}}})
				if err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		heads, position, err := open(t, url, postgres.Options{}).Advanced(context.Background(), 0)
		must(t, err)
		if len(heads) != 8 || position != 8 {
			t.Fatalf("%d streams at position %d", len(heads), position)
		}
	}
}

// TestDamage: a database that contradicts itself is refused, by Open or by who
// reads what is missing.
func TestDamage(t *testing.T) {
	server := pgtest.Start(t)
	for name, c := range map[string]struct {
		statement string
		want      error
	}{
		"missing entry":     {"DELETE FROM sallyport.entries WHERE revision = 2", journal.ErrCorrupt},
		"missing tail":      {"DELETE FROM sallyport.entries WHERE revision = 3", journal.ErrCorrupt},
		"missing entries":   {"DELETE FROM sallyport.entries", journal.ErrCorrupt},
		"additional entry":  {"INSERT INTO sallyport.entries VALUES (1, 4, '')", journal.ErrCorrupt},
		"missing stream":    {"DELETE FROM sallyport.streams", journal.ErrCorrupt},
		"wrong head":        {"UPDATE sallyport.streams SET head = 7", journal.ErrCorrupt},
		"position behind":   {"UPDATE sallyport.position SET position = 2", journal.ErrCorrupt},
		"no position":       {"DELETE FROM sallyport.position", journal.ErrCorrupt},
		"two positions":     {"INSERT INTO sallyport.position VALUES (9, 9)", journal.ErrCorrupt},
		"no cursor":         {"DELETE FROM sallyport.cursor", journal.ErrCorrupt},
		"cursor behind":     {"UPDATE sallyport.cursor SET cursor = 0", journal.ErrCorrupt},
		"odd digest":        {"UPDATE sallyport.batches SET digest = 'x'", journal.ErrCorrupt},
		"snapshot's bytes":  {"UPDATE sallyport.snapshot_chunks SET data = 'other'", journal.ErrCorrupt},
		"snapshot's length": {"UPDATE sallyport.snapshots SET size = 1", journal.ErrCorrupt},
		"newer version":     {"UPDATE sallyport.version SET version = 1000", journal.ErrInvalid},
		"version 0":         {"UPDATE sallyport.version SET version = 0", journal.ErrCorrupt},
		"no version":        {"DELETE FROM sallyport.version", journal.ErrCorrupt},
	} {
		t.Run(name, func(t *testing.T) {
			ctx := context.Background()
			url := server.NewDatabase(t)
			use := func() error {
				store, err := postgres.Open(ctx, url, postgres.Options{})
				if err != nil {
					return err
				}
				defer store.Close()
				_, readErr := store.Read(ctx, "a", 0, 10)
				_, _, loadErr := store.LoadSnapshot(ctx, "a", 3)
				return errors.Join(readErr, loadErr, store.Commit(ctx, entry("2", 2, "x")))
			}
			store := open(t, url, postgres.Options{})
			for at := range journal.Revision(3) {
				must(t, store.Commit(ctx, entry(fmt.Sprint(at), at, "x")))
			}
			must(t, store.SaveSnapshot(ctx, "a", 3, strings.NewReader("snapshot")))
			must(t, store.AppendBlocks(ctx, []journal.Block{{Node: "n", Sequence: 1, First: epoch, Last: epoch, Count: 1}}))
			must(t, store.Close())
			must(t, use())
			server.Query(t, database(url), c.statement)
			for range 2 {
				wantError(t, use(), c.want)
			}
		})
	}
}

// TestForgetsOldBatches: the newest ids stay, the others do not grow without bound.
func TestForgetsOldBatches(t *testing.T) {
	if testing.Short() {
		t.Skip("commits 20,000 batches")
	}
	ctx := context.Background()
	server := pgtest.Start(t)
	url := server.NewDatabase(t)
	store := open(t, url, postgres.Options{})
	const streams = 64
	var all sync.WaitGroup
	for n := range streams {
		all.Go(func() {
			stream := journal.StreamID(fmt.Sprint(n))
			for at := range journal.Revision((journal.RememberedBatches + 3000) / streams) {
				err := store.Commit(ctx, journal.Batch{ID: fmt.Sprint(n, " ", at), Expect: []journal.Expectation{{Stream: stream, At: at}},
					Entries: []journal.Entry{{Stream: stream, Revision: at + 1}}})
				if err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
	kept := 0
	_, err := fmt.Sscan(server.Query(t, database(url), "SELECT count(*) FROM sallyport.batches"), &kept)
	must(t, err)
	if kept < journal.RememberedBatches || kept > journal.RememberedBatches+1024+512 {
		t.Fatalf("%d batches are remembered", kept)
	}
}

// TestExisting: who only reads a journal does not make one.
func TestExisting(t *testing.T) {
	server := pgtest.Start(t)
	url := server.NewDatabase(t)
	_, err := postgres.Open(context.Background(), url, postgres.Options{Existing: true})
	wantError(t, err, journal.ErrNotFound)
	if got := server.Query(t, database(url), "SELECT count(*) FROM pg_namespace WHERE nspname = 'sallyport'"); got != "0" {
		t.Fatal("a journal was made")
	}
	must(t, open(t, url, postgres.Options{}).Close())
	must(t, open(t, url, postgres.Options{Existing: true}).Close())
}

// TestSchemaMadeBefore: a role that may make nothing but tables in a schema it was
// given is enough.
func TestSchemaMadeBefore(t *testing.T) {
	server := pgtest.Start(t)
	url := server.NewDatabase(t)
	server.Query(t, database(url), `DROP ROLE IF EXISTS modest; CREATE ROLE modest LOGIN PASSWORD 'modest';
		REVOKE ALL ON DATABASE `+database(url)+` FROM PUBLIC; GRANT CONNECT ON DATABASE `+database(url)+` TO modest`)
	t.Cleanup(func() { server.Query(t, "postgres", "DROP ROLE modest") })
	t.Cleanup(func() {
		server.Query(t, database(url), "DROP OWNED BY modest CASCADE; REVOKE ALL ON DATABASE "+database(url)+" FROM modest")
	})
	modest := strings.Replace(url, url[len("postgres://"):strings.IndexByte(url, '@')], "modest:modest", 1)
	if _, err := postgres.Open(context.Background(), modest, postgres.Options{}); err == nil || !strings.Contains(err.Error(), "permission denied") {
		t.Fatalf("without the right to make the schema: %v", err)
	}
	server.Query(t, database(url), "CREATE SCHEMA sallyport AUTHORIZATION modest")
	store := open(t, modest, postgres.Options{})
	must(t, store.Commit(context.Background(), entry("1", 0, "one")))
	wantHead(t, store, 1)
	must(t, store.Close())
}

// TestFullDisk: a batch that does not fit is refused alone, and all goes on. The
// database says so itself; what it does on a real one is PostgreSQL's affair.
func TestFullDisk(t *testing.T) {
	ctx := context.Background()
	server := pgtest.Start(t)
	url := server.NewDatabase(t)
	store := open(t, url, postgres.Options{})
	must(t, store.Commit(ctx, entry("1", 0, "one")))
	server.Query(t, database(url), `
		CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
			IF length(NEW.data) > 1000 THEN RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full'; END IF;
			RETURN NEW;
		END $$;
		CREATE TRIGGER full_disk BEFORE INSERT ON sallyport.entries FOR EACH ROW EXECUTE FUNCTION full_disk()`)
	results := make(chan error, 40)
	for i := range cap(results) {
		go func() {
			stream := journal.StreamID(fmt.Sprint(i))
			b := journal.Batch{ID: fmt.Sprint("parallel ", i), Expect: []journal.Expectation{{Stream: stream}},
				Entries: []journal.Entry{{Stream: stream, Revision: 1, Data: make([]byte, 1+i%2*2000)}}}
			results <- store.Commit(ctx, b)
		}()
	}
	full := 0
	for range cap(results) {
		if err := <-results; errors.Is(err, journal.ErrFull) {
			full++
		} else {
			must(t, err)
		}
	}
	if full != cap(results)/2 {
		t.Fatalf("%d of %d large batches were refused", full, cap(results)/2)
	}
	large := entry("large", 1, strings.Repeat("x", 2000))
	wantError(t, store.Commit(ctx, large), journal.ErrFull)
	server.Query(t, database(url), "DROP TRIGGER full_disk ON sallyport.entries")
	must(t, store.Commit(ctx, large))
	wantHead(t, store, 2)
}

// TestSettings: what the role, the database or the URL sets does not make commits
// mean less.
func TestSettings(t *testing.T) {
	ctx := context.Background()
	server := pgtest.Start(t)
	url := server.NewDatabase(t)
	for _, setting := range []string{"synchronous_commit = off", "default_transaction_isolation = 'serializable'",
		"default_transaction_read_only = on", "client_min_messages = error", "statement_timeout = 1", "search_path = ''"} {
		server.Query(t, "postgres", "ALTER DATABASE "+database(url)+" SET "+setting)
	}
	server.Query(t, "postgres", "ALTER DATABASE "+database(url)+" SET bytea_output = 'escape'")
	var log bytes.Buffer
	store := open(t, url+"&options=-c%20synchronous_commit%3Dlocal", postgres.Options{Logger: slog.New(slog.NewTextHandler(&log, nil))})
	server.Query(t, "postgres", "SELECT 1")
	must(t, store.Commit(ctx, entry("1", 0, "one")))
	wantHead(t, store, 1)
	if !strings.Contains(log.String(), "fsync=off") {
		t.Errorf("nothing was said of a server that syncs nothing: %s", log.String())
	}
	// The trigger writes down what a commit runs with.
	server.Query(t, database(url), `SET default_transaction_read_only = off; SET statement_timeout = 0;
		BEGIN READ WRITE;
		CREATE TABLE public.seen (name text, value text);
		CREATE FUNCTION public.see() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
			INSERT INTO public.seen SELECT name, setting FROM pg_catalog.pg_settings
				WHERE name IN ('synchronous_commit', 'client_min_messages', 'transaction_isolation', 'application_name');
			RETURN NEW;
		END $$;
		CREATE TRIGGER see BEFORE INSERT ON sallyport.entries FOR EACH ROW EXECUTE FUNCTION public.see();
		COMMIT`)
	must(t, store.Commit(ctx, entry("2", 1, "two")))
	got := server.Query(t, database(url), "SET statement_timeout = 0; SELECT name, value FROM public.seen ORDER BY name")
	want := "application_name|sallyport\nclient_min_messages|warning\nsynchronous_commit|on\ntransaction_isolation|serializable"
	if got != want {
		t.Fatalf("a commit ran with\n%s\nwant\n%s", got, want)
	}
}

// TestStandbyIsRefused: a server that takes no writes is not a journal's.
func TestStandbyIsRefused(t *testing.T) {
	pair := pgtest.StartPair(t)
	url := pair.NewDatabase(t)
	store := open(t, url, postgres.Options{})
	must(t, store.Commit(context.Background(), entry("1", 0, "one")))
	// What a commit waits for is that the standby has it, not that it shows it.
	for pair.Standby.Query(t, "postgres", "SELECT count(*) FROM pg_database WHERE datname = '"+database(url)+"'") != "1" {
		time.Sleep(10 * time.Millisecond)
	}
	_, err := postgres.Open(context.Background(), pair.Standby.URL(database(url)), postgres.Options{Patience: time.Second})
	wantError(t, err, journal.ErrUnavailable)
	if !strings.Contains(err.Error(), "read only") {
		t.Errorf("the error does not say why: %v", err)
	}
	// Whichever host comes first, the primary is found.
	swapped := pgtest.Pair{Primary: pair.Standby, Standby: pair.Primary}
	wantHead(t, open(t, swapped.URL(database(url)), postgres.Options{}), 1)
}
