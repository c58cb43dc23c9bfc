package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"net/http"
	"path/filepath"
	"testing"
	"time"

	"sallyport/internal/app"
)

// discard is a reply nobody reads.
type discard struct {
	header http.Header
	status int
}

func (d *discard) Header() http.Header         { return d.header }
func (d *discard) Write(p []byte) (int, error) { return len(p), nil }
func (d *discard) WriteHeader(status int)      { d.status = status }

// open starts the server's parts in this process, without a listener.
func open(b *testing.B) *app.App {
	a, err := app.Open(context.Background(), app.Config{
		Data:         filepath.Join(b.TempDir(), "data"),
		Quotas:       map[string]int{"UsersPerAccount": 1e8},
		FirstAccount: app.FirstAccount{ID: account, AdminAccessKeyID: adminKey, AdminSecret: adminSecret},
	})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := a.Close(); err != nil {
			b.Error(err)
		}
	})
	return a
}

// parse is the request that net/http makes of the bytes.
func parse(b *testing.B, data []byte) *http.Request {
	r, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(data)))
	if err != nil {
		b.Fatal(err)
	}
	r.RemoteAddr = "127.0.0.1:50000"
	return r
}

func serveOne(b *testing.B, h http.Handler, r *http.Request) {
	w := discard{header: make(http.Header, 4)}
	h.ServeHTTP(&w, r)
	if w.status != http.StatusOK {
		b.Fatalf("status %d", w.status)
	}
}

// BenchmarkGetCallerIdentity is a presigned call from the parsed request to
// the encoded reply.
func BenchmarkGetCallerIdentity(b *testing.B) {
	h := open(b).Handler()
	data, err := callerIdentity(time.Now())
	if err != nil {
		b.Fatal(err)
	}
	r := parse(b, data)
	b.ReportAllocs()
	for b.Loop() {
		serveOne(b, h, r)
	}
}

// BenchmarkGetUser is a signed call with a body.
func BenchmarkGetUser(b *testing.B) {
	h := open(b).Handler()
	data, err := call(time.Now(), "GetUser", "UserName", "admin")
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	r := parse(b, data)
	_, body, _ := bytes.Cut(data, []byte("\r\n\r\n"))
	replayed := &rewound{}
	r.Body = replayed
	for b.Loop() {
		replayed.Reset(body)
		serveOne(b, h, r)
	}
}

// rewound is a body that is read again.
type rewound struct{ bytes.Reader }

func (*rewound) Close() error { return nil }

// BenchmarkCreateUser is 64 callers creating users in one account on SQLite.
func BenchmarkCreateUser(b *testing.B) {
	h := open(b).Handler()
	now := time.Now()
	next := make(chan *http.Request, b.N)
	for i := range b.N {
		data, err := call(now, "CreateUser", "UserName", fmt.Sprintf("user-%d", i))
		if err != nil {
			b.Fatal(err)
		}
		next <- parse(b, data)
	}
	close(next)
	b.SetParallelism(writeConnections/2 + 1)
	b.ReportAllocs()
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			w := discard{header: make(http.Header, 4)}
			h.ServeHTTP(&w, <-next)
			if w.status != http.StatusOK {
				b.Errorf("status %d", w.status)
				return
			}
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "users/s")
}
