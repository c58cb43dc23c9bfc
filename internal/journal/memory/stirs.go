package memory

import (
	"context"
	"sync"

	"sallyport/internal/journal"
)

// stirs are the hints a [Shared] store gives. Each subscriber has room for one,
// so that nobody is waited for and one that is slow misses none that matters.
type stirs struct {
	mu          sync.Mutex
	closed      bool
	subscribers map[chan struct{}]func() bool // what stops waiting for the context's end
}

func (h *stirs) subscribe(ctx context.Context) (<-chan struct{}, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return nil, journal.ErrClosed
	}
	if h.subscribers == nil {
		h.subscribers = make(map[chan struct{}]func() bool)
	}
	c := make(chan struct{}, 1)
	h.subscribers[c] = context.AfterFunc(ctx, func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.end(c)
	})
	return c, nil
}

// end closes a subscriber's channel, once. The caller holds mu.
func (h *stirs) end(c chan struct{}) {
	if stop, ok := h.subscribers[c]; ok {
		stop()
		delete(h.subscribers, c)
		close(c)
	}
}

func (h *stirs) stir() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for c := range h.subscribers {
		select {
		case c <- struct{}{}:
		default:
		}
	}
}

func (h *stirs) close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.closed = true
	for c := range h.subscribers {
		h.end(c)
	}
}
