package app

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// TestProbe: however many ask, the question is put once at a time, and not again
// while its answer is fresh. Who stops waiting does not end it for the others.
func TestProbe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var asked atomic.Int32
		var no atomic.Pointer[error]
		p := probe{
			ask: func(ctx context.Context) error {
				asked.Add(1)
				time.Sleep(100 * time.Millisecond)
				if err := no.Load(); err != nil {
					return *err
				}
				return ctx.Err()
			},
			start: func(f func()) { go f() },
		}
		ctx := context.Background()
		short, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
		defer cancel()
		if err := p.answer(short); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a caller without time: %v", err)
		}
		var all sync.WaitGroup
		for range 100 {
			all.Go(func() {
				if err := p.answer(ctx); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		refusal := errors.New("no")
		no.Store(&refusal)
		time.Sleep(probeFresh / 2)
		if err := p.answer(ctx); err != nil || asked.Load() != 1 {
			t.Errorf("%v; asked %d times", err, asked.Load())
		}
		time.Sleep(probeFresh / 2)
		if err := p.answer(ctx); !errors.Is(err, refusal) || asked.Load() != 2 {
			t.Errorf("when the answer is old: %v; asked %d times", err, asked.Load())
		}
	})
}

// TestReadyIsShared: callers of /readyz share the journal's answer.
func TestReadyIsShared(t *testing.T) {
	a := open(t, Config{Store: "memory:"})
	var asked atomic.Int32
	ask := a.ready.ask
	a.ready.ask = func(ctx context.Context) error { asked.Add(1); return ask(ctx) }
	for range 100 {
		w := httptest.NewRecorder()
		a.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/readyz", nil))
		if w.Code != http.StatusOK {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
	}
	if n := asked.Load(); n < 1 || n > 50 {
		t.Errorf("100 callers put the question %d times", n)
	}
}
