//go:build linux

package nodes

import (
	"fmt"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"sallyport/internal/journal/postgres/pgtest"
	"sallyport/test/process"
)

// BenchmarkNodes has clients create users, each in an account and at a node of its
// own choice: on one account and on 100, at one node and at two. A change is
// answered when both nodes show it, so that what its visibility costs is in its
// latency. Servers, database and clients share the machine.
//
//	go test ./test/nodes -run '^$' -bench Nodes -benchtime 4000x -count 3
func BenchmarkNodes(b *testing.B) {
	for _, clients := range []int{1, 64} {
		for _, accounts := range []int{1, 100} {
			for _, nodes := range []int{1, 2} {
				if clients == 1 && accounts > 1 {
					continue // one client at a time is in one account
				}
				b.Run(fmt.Sprintf("clients=%d/accounts=%d/nodes=%d", clients, accounts, nodes), func(b *testing.B) {
					benchmark(b, clients, accounts, nodes)
				})
			}
		}
	}
}

type administrator struct{ key, secret string }

func benchmark(b *testing.B, clients, accounts, count int) {
	url := pgtest.StartDurable(b).NewDatabase(b)
	nodes := make([]*process.Server, count)
	for i := range nodes {
		nodes[i] = prepare(b, url, "SALLYPORT_SNAPSHOT_ENTRIES=20000") // the product's own, not the tests'
		if err := nodes[i].Start(); err != nil {
			b.Fatal(err)
		}
		b.Cleanup(nodes[i].Kill)
	}
	admins := []administrator{{process.AdminKey, process.AdminSecret}}
	for n := 1; n < accounts; n++ {
		key, secret := nodes[0].CreateAccount(fmt.Sprintf("root-%d@example.com", n))
		admins = append(admins, administrator{key, secret})
	}
	took := make([]time.Duration, b.N)
	var next atomic.Int64
	var running sync.WaitGroup
	b.ResetTimer()
	for client := range clients {
		running.Go(func() {
			node := nodes[client%count]
			for n := int(next.Add(1)) - 1; n < b.N; n = int(next.Add(1)) - 1 {
				admin, began := admins[n%len(admins)], time.Now()
				r, err := node.Call(admin.key, admin.secret, "iam", "CreateUser", "UserName", fmt.Sprint("user-", n))
				if took[n] = time.Since(began); err != nil || r.Status != http.StatusOK {
					b.Errorf("%v %d %s", err, r.Status, r.Body)
					return
				}
			}
		})
	}
	running.Wait()
	b.StopTimer()
	slices.Sort(took)
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "changes/s")
	b.ReportMetric(milliseconds(took[len(took)/2]), "p50-ms")
	b.ReportMetric(milliseconds(took[len(took)*99/100]), "p99-ms")
	b.ReportMetric(0, "ns/op")
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
