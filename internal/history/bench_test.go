package history_test

import (
	"context"
	"fmt"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
	"time"

	"sallyport/internal/api/sallyportapi"
	"sallyport/internal/history"
	"sallyport/internal/iam"
	"sallyport/internal/journal/sqlite"
	"sallyport/internal/operation"
	"sallyport/internal/state"
)

const benchEntries = 20_000

// benchStore is an account of 20,000 entries on SQLite: 5,000 users, each made,
// given an inline policy and a managed one, and tagged; every fifth change is
// of the user with the id AIDA0.
func benchStore(b *testing.B) *state.Store {
	s := benchEmpty(b)
	benchFill(b, s, benchEntries)
	return s
}

func benchEmpty(b *testing.B) *state.Store {
	journal, err := sqlite.Open(context.Background(), filepath.Join(b.TempDir(), "journal.db"), sqlite.Options{})
	if err != nil {
		b.Fatal(err)
	}
	s, err := state.Open(context.Background(), state.Config{
		Store: journal, Now: time.Now, Snapshot: state.SnapshotPolicy{Disabled: true},
		Schema: state.NewSchema(append(iam.Tables(), iam.DirectoryTables()...)...),
	})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := s.Close(); err != nil {
			b.Error(err)
		}
		if err := journal.Close(); err != nil {
			b.Error(err)
		}
	})
	return s
}

// benchFill makes changes until the account has so many entries.
func benchFill(b *testing.B, s *state.Store, entries int) {
	first := 0
	if view, ok := s.View(home); ok {
		first = int(view.Revision())
	}
	audit := []byte(`{"eventVersion":"1.11","sourceIPAddress":"192.0.2.44","userAgent":"aws-cli/2.0","requestID":"b9a40a7f-7400-453b-97b5-7e18ff96d96d","padding":"` + fmt.Sprintf("%0600d", 0) + `"}`)
	work := make(chan int)
	var workers sync.WaitGroup
	for range 64 {
		workers.Go(func() {
			for n := range work {
				_, err := s.Update(context.Background(), home, state.Command{
					RequestID: "b9a40a7f-7400-453b-97b5-7e18ff96d96d", Caller: iam.RootARN(account), Operation: "iam:Example",
					Run: func(tx *state.Tx) error { benchChange(tx, n); tx.Record(audit); return nil },
				})
				if err != nil {
					b.Error(err)
				}
			}
		})
	}
	for n := first; n < entries; n++ {
		work <- n
	}
	close(work)
	workers.Wait()
	if view, ok := s.View(home); !ok || int(view.Revision()) != entries {
		b.Fatal("the account is not complete")
	}
}

func benchChange(tx *state.Tx, n int) {
	id := fmt.Sprintf("AIDA%d", n/4)
	if n%5 == 4 {
		id = "AIDA0"
	}
	user := &iam.User{ID: id, Name: "user-" + id, Path: "/", Created: tx.Now()}
	switch n % 4 {
	case 0:
		iam.Users.Put(tx, id, user)
	case 1:
		iam.InlinePolicies.Put(tx, iam.InlineKey(id, "own"), &iam.InlinePolicy{Name: "own", Document: document})
	case 2:
		iam.Attachments.Put(tx, iam.AttachmentKey(id, readOnly), &iam.Attachment{Entity: id, Policy: readOnly, At: tx.Now()})
	case 3:
		user.Tags = []operation.Tag{{Key: "team", Value: fmt.Sprint(n)}}
		iam.Users.Put(tx, id, user)
	}
}

// benchCall asks for a page; done is false when the account is not yet read.
func benchCall(b *testing.B, service *history.Service, s *state.Store, entity string) (events int, done bool) {
	view, _ := s.View(home)
	in := &sallyportapi.GetEntityHistoryRequest{Entity: &entity}
	c := &operation.Call{Context: context.Background(), Op: sallyportapi.OpGetEntityHistory, Caller: iam.RootCaller(account), Now: time.Now()}
	out, err := service.Operations()[0].Read(c, view, in)
	if err != nil {
		b.Fatal(err)
	}
	page := out.(*sallyportapi.GetEntityHistoryResponse)
	return len(page.Events), len(page.Events) > 0
}

// BenchmarkGetEntityHistory is a page of 50 changes of an entity that has
// 4,000, and the whole history of one that has 4, of 20,000 entries that are
// indexed already.
func BenchmarkGetEntityHistory(b *testing.B) {
	s := benchStore(b)
	service := history.New(s, history.NewSealer(b))
	for _, c := range []struct {
		name, entity string
		least        int
	}{{"page", "AIDA0", 50}, {"entity", "AIDA2500", 3}} {
		for done := false; !done; {
			_, done = benchCall(b, service, s, c.entity)
		}
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if n, _ := benchCall(b, service, s, c.entity); n < c.least {
					b.Fatal(n, "events")
				}
			}
		})
	}
}

// BenchmarkIndex is what the first call after a start costs, in its steps of
// 10,000 entries, and what it leaves in memory.
func BenchmarkIndex(b *testing.B) {
	s := benchStore(b)
	var before, after runtime.MemStats
	var grown uint64
	n := 0
	for b.Loop() {
		runtime.GC()
		runtime.ReadMemStats(&before)
		service := history.New(s, history.NewSealer(b))
		for done := false; !done; n++ {
			_, done = benchCall(b, service, s, "AIDA2500")
		}
		runtime.GC()
		runtime.ReadMemStats(&after)
		grown += after.HeapAlloc - before.HeapAlloc
		runtime.KeepAlive(service)
	}
	b.ReportMetric(float64(n)/float64(b.N), "calls/op")
	b.ReportMetric(float64(grown)/float64(b.N)/benchEntries, "B/entry")
}

// BenchmarkViewAt is the account as it was after 10,000 of its 20,000 entries,
// from the entries alone, and after 17,500, from a snapshot of 15,000.
func BenchmarkViewAt(b *testing.B) {
	s := benchEmpty(b)
	run := func(name string, at state.Revision) {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := s.ViewAt(context.Background(), home, at); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	benchFill(b, s, 15_000)
	run("entries", 10_000)
	if err := s.Snapshot(context.Background()); err != nil {
		b.Fatal(err)
	}
	benchFill(b, s, benchEntries)
	run("snapshot", 17_500)
}
