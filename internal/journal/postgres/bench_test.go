package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"sallyport/internal/journal"
	"sallyport/internal/journal/postgres"
	"sallyport/internal/journal/postgres/pgtest"
)

// BenchmarkCommit has 64 callers commit batches of one entry of 1 KB, over one or
// two stores, to one stream that all of them want or to a hundred. The server
// syncs.
func BenchmarkCommit(b *testing.B) {
	server := pgtest.StartDurable(b)
	for _, stores := range []int{1, 2} {
		for _, streams := range []int{1, 100} {
			b.Run(fmt.Sprintf("stores=%d/streams=%d", stores, streams), func(b *testing.B) {
				url := server.NewDatabase(b)
				opened := make([]*postgres.Store, stores)
				for i := range opened {
					opened[i] = open(b, url, postgres.Options{})
				}
				b.ResetTimer()
				conflicts, slowest := commitMany(b, opened, streams, 64, b.N)
				b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "commits/s")
				b.ReportMetric(float64(conflicts)/float64(b.N), "conflicts/commit")
				b.ReportMetric(float64(slowest.Milliseconds()), "slowest-ms")
			})
		}
	}
}

// commitMany has callers commit n batches. A caller stays with one store and one
// stream, at the revision it knows or is told of by a conflict.
func commitMany(b *testing.B, stores []*postgres.Store, streams, callers, n int) (conflicts int64, slowest time.Duration) {
	data := make([]byte, 1024)
	var started, lost, longest atomic.Int64
	heads := make([]atomic.Uint64, streams) // what callers know of each other
	var all sync.WaitGroup
	for caller := range callers {
		all.Go(func() {
			at := &heads[caller%streams]
			stream := journal.StreamID(fmt.Sprint("account/", caller%streams))
			for i := started.Add(1); i <= int64(n); {
				revision := journal.Revision(at.Load())
				begun := time.Now()
				err := stores[caller%len(stores)].Commit(context.Background(), journal.Batch{
					ID: fmt.Sprint(i), Expect: []journal.Expectation{{Stream: stream, At: revision}},
					Entries: []journal.Entry{{Stream: stream, Revision: revision + 1, Data: data}},
				})
				for took := int64(time.Since(begun)); ; {
					if old := longest.Load(); took <= old || longest.CompareAndSwap(old, took) {
						break
					}
				}
				var conflict *journal.ConflictError
				switch {
				case err == nil:
					at.CompareAndSwap(uint64(revision), uint64(revision+1))
					i = started.Add(1)
				case errors.As(err, &conflict):
					lost.Add(1)
					at.CompareAndSwap(uint64(revision), uint64(conflict.Actual))
				default:
					b.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
	return lost.Load(), time.Duration(longest.Load())
}
