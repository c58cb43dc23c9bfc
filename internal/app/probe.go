package app

import (
	"context"
	"sync"
	"time"
)

const (
	// probeFresh is how long an answer is good for. Anybody may ask, and the question
	// is a commit, for which all nodes' commits wait.
	probeFresh = time.Second
	// probeTimeout is how long the journal may take to answer.
	probeTimeout = 5 * time.Second
)

// A probe asks a question on behalf of all who want to know at a time.
type probe struct {
	ask   func(context.Context) error
	start func(func()) // runs a function on a goroutine

	mu   sync.Mutex
	last *verdict // nil before the first
}

// verdict is an answer, or one that will come.
type verdict struct {
	done chan struct{} // closed when the fields below are set
	err  error
	at   time.Time
}

// fresh reports whether the verdict is still to come, or came not long ago.
func (v *verdict) fresh() bool {
	select {
	case <-v.done:
		return time.Since(v.at) < probeFresh
	default:
		return true
	}
}

// answer is the question's answer of at most probeFresh ago. It is not the caller's
// context that ends the asking: others may wait for it.
func (p *probe) answer(ctx context.Context) error {
	p.mu.Lock()
	v := p.last
	if v == nil || !v.fresh() {
		v = &verdict{done: make(chan struct{})}
		p.last = v
		p.start(func() {
			ctx, cancel := context.WithTimeout(context.Background(), probeTimeout)
			defer cancel()
			v.err = p.ask(ctx)
			v.at = time.Now()
			close(v.done)
		})
	}
	p.mu.Unlock()
	select {
	case <-v.done:
		return v.err
	case <-ctx.Done():
		return ctx.Err()
	}
}
