package journal

import (
	"context"
	"sync"
)

// Feed fans hints out to watchers without ever blocking the one who announces:
// each watcher has a set of pending streams, so a slow one costs one map entry
// per stream and still learns of every stream that advanced. The zero Feed is
// ready to use.
type Feed struct {
	mu       sync.Mutex
	closed   bool
	done     chan struct{}
	watchers map[*watcher]struct{}
}

type watcher struct {
	mu      sync.Mutex
	pending map[StreamID]struct{}
	wake    chan struct{} // holds one token while pending may be non-empty
}

// Watch implements [Streams.Watch].
func (f *Feed) Watch(ctx context.Context) (<-chan StreamID, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		return nil, ErrClosed
	}
	if f.watchers == nil {
		f.watchers = make(map[*watcher]struct{})
		f.done = make(chan struct{})
	}
	w := &watcher{pending: make(map[StreamID]struct{}), wake: make(chan struct{}, 1)}
	f.watchers[w] = struct{}{}
	out := make(chan StreamID)
	go f.deliver(ctx, w, out)
	return out, nil
}

// Announce hints that the streams advanced.
func (f *Feed) Announce(streams ...StreamID) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for w := range f.watchers {
		w.mu.Lock()
		for _, s := range streams {
			w.pending[s] = struct{}{}
		}
		w.mu.Unlock()
		select {
		case w.wake <- struct{}{}:
		default:
		}
	}
}

// Close ends every watch. It may be called again.
func (f *Feed) Close() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.closed && f.done != nil {
		close(f.done)
	}
	f.closed = true
}

func (f *Feed) deliver(ctx context.Context, w *watcher, out chan<- StreamID) {
	defer func() {
		f.mu.Lock()
		delete(f.watchers, w)
		f.mu.Unlock()
		close(out)
	}()
	for {
		select {
		case <-w.wake:
		case <-ctx.Done():
			return
		case <-f.done:
			return
		}
		w.mu.Lock()
		batch := w.pending
		w.pending = make(map[StreamID]struct{})
		w.mu.Unlock()
		for s := range batch {
			select {
			case out <- s:
			case <-ctx.Done():
				return
			case <-f.done:
				return
			}
		}
	}
}
