package postgres

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"sallyport/internal/journal"
)

// listenCheck is how often a listening connection without news is asked whether
// it is still one.
const listenCheck = 10 * time.Second

// hints sends and receives notifications. Nothing depends on them: a server that
// refuses them, or loses some, makes others wait for their next look.
type hints struct {
	store *Store
	id    string // tells this store's own from others'
	mute  atomic.Bool

	mu          sync.Mutex
	closed      bool
	subscribers map[chan struct{}]struct{} // each holds one token while there is news
	stop        context.CancelFunc         // nil until something listens
	all         sync.WaitGroup             // listener and subscribers
	done        chan struct{}
}

func newHints(s *Store, id string) *hints {
	return &hints{store: s, id: id, subscribers: make(map[chan struct{}]struct{}), done: make(chan struct{})}
}

const notify = "SELECT pg_notify('sallyport', $1)"

// try finds out whether the database carries notifications.
func (h *hints) try(ctx context.Context) error {
	err := h.store.write(ctx, func(ctx context.Context, c *pgx.Conn, _ bool) error {
		_, err := c.Exec(ctx, notify, h.id)
		return err
	})
	if h.refused(err) {
		return nil
	}
	return err
}

// refused has no more notifications sent if err says that they are not carried.
func (h *hints) refused(err error) bool {
	if !hasCode(err, codeUndefinedRoutine, codeNotSupported, codePrivilege) {
		return false
	}
	if !h.mute.Swap(true) {
		h.store.options.Logger.Warn("the database carries no notifications: other nodes learn of changes later", "error", err)
	}
	return true
}

// queue has a notification sent after a COMMIT that was queued before it. It is a
// transaction of its own: one that notifies holds a lock over all databases of the
// server until it has ended, which must not be while a disk is waited for.
func (h *hints) queue(b *pgx.Batch) {
	if h.mute.Load() {
		return
	}
	b.Queue(notify, h.id).Fn = func(results pgx.BatchResults) error {
		_, err := results.Exec()
		h.refused(err)
		return err
	}
}

// subscribe implements [journal.Shared.Stirred].
func (h *hints) subscribe(ctx context.Context) (<-chan struct{}, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return nil, journal.ErrClosed
	}
	if h.stop == nil {
		listening, stop := context.WithCancel(context.Background())
		h.stop = stop
		h.all.Go(func() { h.listen(listening) })
	}
	news, out := make(chan struct{}, 1), make(chan struct{})
	h.subscribers[news] = struct{}{}
	h.all.Go(func() {
		defer close(out)
		h.deliver(ctx, news, out)
		h.mu.Lock()
		delete(h.subscribers, news)
		h.mu.Unlock()
	})
	return out, nil
}

// deliver hands on news until ctx is done or the store is closed.
func (h *hints) deliver(ctx context.Context, news <-chan struct{}, out chan<- struct{}) {
	for {
		select {
		case <-news:
		case <-ctx.Done():
			return
		case <-h.done:
			return
		}
		select {
		case out <- struct{}{}:
		case <-ctx.Done():
			return
		case <-h.done:
			return
		}
	}
}

func (h *hints) stir() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for news := range h.subscribers {
		select {
		case news <- struct{}{}:
		default:
		}
	}
}

func (h *hints) close() {
	h.mu.Lock()
	h.closed = true
	close(h.done)
	if h.stop != nil {
		h.stop()
	}
	h.mu.Unlock()
	h.all.Wait()
}

// listen keeps a connection that receives notifications until ctx is done. Each
// time it has a new one there may have been news in between.
func (h *hints) listen(ctx context.Context) {
	for n := 0; ctx.Err() == nil; n++ {
		received, err := h.receive(ctx)
		if ctx.Err() != nil {
			return
		}
		if received {
			n = 0
		}
		h.store.options.Logger.Debug("notifications are not received", "error", err)
		select {
		case <-ctx.Done():
		case <-time.After((&transient{lost: true}).pause(n)):
		}
	}
}

// receive listens on one connection until it fails, and reports whether it could.
func (h *hints) receive(ctx context.Context) (received bool, err error) {
	config := h.store.config.Copy()
	config.DialFunc = dialer(0) // silence is what to expect
	config.OnNotification = func(_ *pgconn.PgConn, n *pgconn.Notification) {
		if n.Payload != h.id {
			h.stir()
		}
	}
	c, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return false, err
	}
	defer func() {
		limited, cancel := context.WithTimeout(context.Background(), h.store.options.RoundTrip)
		defer cancel()
		c.Close(limited) //nolint:errcheck // given up
	}()
	ask := func(query string) error {
		limited, cancel := context.WithTimeout(ctx, h.store.options.RoundTrip)
		defer cancel()
		_, err := c.Exec(limited, query)
		return err
	}
	if err := ask("LISTEN sallyport"); err != nil {
		return false, err
	}
	h.stir()
	for {
		limited, cancel := context.WithTimeout(ctx, listenCheck)
		err := c.PgConn().WaitForNotification(limited)
		cancel()
		if err == nil {
			continue
		}
		if ctx.Err() != nil || !pgconn.Timeout(err) {
			return true, err
		}
		if err := ask("SELECT 1"); err != nil {
			return true, err
		}
	}
}
