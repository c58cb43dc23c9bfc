package lease

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"sallyport/internal/journal"
	"sallyport/internal/journal/memory"
)

const ttl = time.Second

// fakeClock is the bubble's time, of which one node's clock may run faster.
func fakeClock(start time.Time, percent int64) func() time.Duration {
	return func() time.Duration { return time.Since(start) * time.Duration(percent) / 100 }
}

// link is a node's connection to the store. It can be cut.
type link struct {
	journal.Shared
	cut     atomic.Bool
	unheard atomic.Bool // renewals are stored, but their replies are lost
	back    atomic.Bool // the store has lost everything
	lacks   atomic.Bool // and says so
	blind   atomic.Bool // commits of others can't be read
	aside   atomic.Bool // leases can't be read

	beforeRenewal atomic.Pointer[func()] // is called once
}

var errCut = errors.New("the store can't be reached")

func (l *link) Advanced(ctx context.Context, after journal.Position) (map[journal.StreamID]journal.Revision, journal.Position, error) {
	if l.cut.Load() || l.blind.Load() {
		return nil, 0, errCut
	}
	if l.lacks.Load() {
		return nil, 0, journal.ErrBehind
	}
	if l.back.Load() {
		return nil, 0, nil
	}
	return l.Shared.Advanced(ctx, after)
}

func (l *link) Renew(ctx context.Context, lease journal.Lease) error {
	if l.cut.Load() {
		return errCut
	}
	if before := l.beforeRenewal.Swap(nil); before != nil {
		(*before)()
	}
	err := l.Shared.Renew(ctx, lease)
	if l.unheard.Load() {
		return errCut
	}
	return err
}

func (l *link) Report(ctx context.Context, node string, applied journal.Position) error {
	if l.cut.Load() {
		return errCut
	}
	return l.Shared.Report(ctx, node, applied)
}

func (l *link) Leases(ctx context.Context) ([]journal.Lease, journal.Position, error) {
	if l.cut.Load() || l.aside.Load() {
		return nil, 0, errCut
	}
	return l.Shared.Leases(ctx)
}

// peer is a node with what it shows.
type peer struct {
	*Node
	link *link
	mu   sync.Mutex
	at   map[journal.StreamID]journal.Revision
	slow time.Duration // how long applying takes
	hold chan struct{} // while it holds a token, it can't apply
	fail atomic.Bool   // applying fails
	how  error         // with it
}

var errApply = errors.New("the commit can't be applied")

func (p *peer) apply(_ context.Context, streams map[journal.StreamID]journal.Revision) error {
	time.Sleep(p.slow)
	p.hold <- struct{}{}
	defer func() { <-p.hold }()
	if p.fail.Load() {
		return p.how
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for id, at := range streams {
		p.at[id] = max(p.at[id], at)
	}
	return nil
}

func (p *peer) shows(id journal.StreamID) journal.Revision {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.at[id]
}

// join makes a node whose clock runs at a percentage of the true one.
func join(t *testing.T, medium *memory.Medium, name string, percent int64) *peer {
	t.Helper()
	store, err := medium.Share()
	if err != nil {
		t.Fatal(err)
	}
	p := &peer{link: &link{Shared: store}, at: make(map[journal.StreamID]journal.Revision), how: errApply,
		hold: make(chan struct{}, 1)}
	p.Node, err = Join(context.Background(), Config{
		Store: p.link, Node: name, Apply: p.apply, TTL: ttl, Clock: fakeClock(time.Now(), percent),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		p.Leave(context.Background()) //nolint:errcheck // a link may be cut
		store.Close()
	})
	return p
}

const stream journal.StreamID = "account/111122223333"

// write commits one entry and settles it; it returns how long settling took.
func (p *peer) write(t *testing.T, at journal.Revision) time.Duration {
	t.Helper()
	err := p.link.Commit(context.Background(), journal.Batch{
		Expect:  []journal.Expectation{{Stream: stream, At: at}},
		Entries: []journal.Entry{{Stream: stream, Revision: at + 1, Data: []byte("entry")}},
	})
	if err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	if err := p.Settle(context.Background()); err != nil {
		t.Fatal(err)
	}
	return time.Since(began)
}

// TestSettledIsShown: what is settled is shown by every node that answers.
func TestSettledIsShown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		medium := memory.NewMedium()
		a, b, c := join(t, medium, "a", 100), join(t, medium, "b", 100), join(t, medium, "c", 100)
		c.slow = 7 * time.Millisecond
		for at := range journal.Revision(50) {
			took := a.write(t, at)
			for name, p := range map[string]*peer{"b": b, "c": c} {
				if got := p.shows(stream); got != at+1 || p.Check() != nil {
					t.Fatalf("settled at %d, node %s shows %d (%v)", at+1, name, got, p.Check())
				}
			}
			if took > c.slow+maxWait+pollInterval {
				t.Errorf("settling took %v while all nodes were there", took)
			}
		}
	})
}

// TestCutOff: a node that can't reach the store refuses before a writer goes on
// without it, whichever of the clocks is the faster; the writer waits for less than
// the TTL; the node is back when the store is, and shows everything.
func TestCutOff(t *testing.T) {
	for _, rates := range [][2]int64{{100, 100}, {104, 100}, {100, 104}} {
		t.Run(fmt.Sprint(rates), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				medium := memory.NewMedium()
				a, b := join(t, medium, "a", rates[0]), join(t, medium, "b", rates[1])
				at := journal.Revision(0)
				for phase := range 40 { // of b's renewals
					time.Sleep(ttl/renewals + time.Duration(phase)*7*time.Millisecond)
					b.link.cut.Store(true)
					if took := a.write(t, at); took >= ttl {
						t.Errorf("the writer waited for %v", took)
					}
					at++
					if b.Check() == nil {
						t.Fatalf("node b, %v left, answers after a change it does not show was settled", b.Left())
					}
					if took := a.write(t, at); took > maxWait {
						t.Errorf("the writer waited for %v for a node known to be gone", took)
					}
					at++
					b.link.cut.Store(false)
					time.Sleep(ttl / 2)
					if err := b.Check(); err != nil || b.shows(stream) != at {
						t.Fatalf("back again, node b shows %d of %d: %v", b.shows(stream), at, err)
					}
				}
			})
		})
	}
}

// TestCutOffMeanwhile: while a node is kept from applying, as by a commit of its own
// that waits for a node that has died, the time counts for the lease of that one.
func TestCutOffMeanwhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		medium := memory.NewMedium()
		a, b, c := join(t, medium, "a", 100), join(t, medium, "b", 100), join(t, medium, "c", 100)
		time.Sleep(ttl)
		a.hold <- struct{}{}
		c.write(t, 0) // returns when a is taken for gone, which can't apply it
		time.Sleep(ttl / 2)
		began := time.Now()
		b.link.cut.Store(true)
		time.Sleep(ttl / 2)
		<-a.hold
		a.write(t, 1)
		if took := time.Since(began); took >= ttl {
			t.Errorf("the writer waited for %v since the node was cut off", took)
		}
		if b.Check() == nil {
			t.Errorf("node b, %v left, answers after a change it does not show was settled", b.Left())
		}
	})
}

// TestForgotten: the lease of a node that stays away is deleted, and the node joins
// again when it can.
func TestForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		medium := memory.NewMedium()
		a, b := join(t, medium, "a", 100), join(t, medium, "b", 100)
		b.link.cut.Store(true)
		time.Sleep((forgotten + 2) * ttl)
		leases, _, err := a.link.Leases(context.Background())
		if err != nil || len(leases) != 1 {
			t.Fatalf("%d leases are left of a live and a dead node: %v", len(leases), err)
		}
		a.write(t, 0)
		b.link.cut.Store(false)
		time.Sleep(ttl)
		if err := b.Check(); err != nil || b.shows(stream) != 1 {
			t.Fatalf("back again, node b shows %d: %v", b.shows(stream), err)
		}
		if took := a.write(t, 1); took > ttl/10 || b.shows(stream) != 2 {
			t.Fatalf("after %v node b shows %d", took, b.shows(stream))
		}
	})
}

// TestUnheardRenewal: a renewal that was stored without the node hearing of it
// counts from when it was first sent, not from when it was heard of.
func TestUnheardRenewal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		medium := memory.NewMedium()
		a, b := join(t, medium, "a", 100), join(t, medium, "b", 100)
		time.Sleep(ttl)
		b.link.unheard.Store(true)
		time.Sleep(ttl * 5 / 10) // b's tries are stored under one number
		before := b.until.Load()
		b.link.unheard.Store(false) // the next try is heard, and the last
		for n := 0; b.until.Load() == before; n++ {
			if n > 200 {
				t.Fatal("node b did not hear of its renewal")
			}
			time.Sleep(ttl / 1000)
		}
		b.link.cut.Store(true)
		a.write(t, 0)
		if b.Check() == nil && b.shows(stream) != 1 {
			t.Fatalf("node b answers for %v more, without what was settled", b.Left())
		}
	})
}

// TestRenewedAfterAnother: a node that was taken for dead renews, and just before
// that another settles a change without it. It answers nothing until it shows it.
func TestRenewedAfterAnother(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		medium := memory.NewMedium()
		a, b := join(t, medium, "a", 100), join(t, medium, "b", 100)
		b.link.cut.Store(true)
		a.write(t, 0)
		time.Sleep(ttl)
		var settled atomic.Bool
		before := func() {
			a.write(t, 1)
			b.link.blind.Store(true) // b can't read what it missed
			settled.Store(true)
		}
		b.link.beforeRenewal.Store(&before)
		b.link.cut.Store(false)
		for range 20 {
			time.Sleep(ttl / 20)
			if settled.Load() && b.Check() == nil {
				t.Fatalf("node b answers showing %d of 2", b.shows(stream))
			}
		}
		if !settled.Load() {
			t.Fatal("node b did not renew")
		}
		b.link.blind.Store(false)
		time.Sleep(ttl)
		if err := b.Check(); err != nil || b.shows(stream) != 2 {
			t.Fatalf("node b shows %d: %v", b.shows(stream), err)
		}
	})
}

// TestCannotApply: a node that reaches the store and can't apply what is there
// refuses, and no writer waits for it longer than for one that is gone. It is back
// when it can, unless what is there does not continue what it shows.
func TestCannotApply(t *testing.T) {
	for _, how := range []error{errApply, journal.ErrCorrupt, journal.ErrBehind} {
		t.Run(how.Error(), func(t *testing.T) { testCannotApply(t, how) })
	}
}

func testCannotApply(t *testing.T, how error) {
	synctest.Test(t, func(t *testing.T) {
		medium := memory.NewMedium()
		a, b := join(t, medium, "a", 100), join(t, medium, "b", 100)
		time.Sleep(ttl)
		b.how = how
		b.fail.Store(true)
		if took := a.write(t, 0); took >= ttl || b.Check() == nil {
			t.Errorf("a writer waited %v for a node that can't apply (%v)", took, b.Check())
		}
		if took := a.write(t, 1); took > maxWait {
			t.Errorf("the next writer waited %v", took)
		}
		b.fail.Store(false)
		time.Sleep(ttl)
		if how == journal.ErrBehind {
			if err := b.Check(); !errors.Is(err, ErrBehind) {
				t.Errorf("the node does not refuse for good: %v", err)
			}
			return
		}
		if err := b.Check(); err != nil || b.shows(stream) != 2 {
			t.Fatalf("able again, node b shows %d: %v", b.shows(stream), err)
		}
	})
}

// TestRejoined: a node that joins again is not taken for the dead one it was, by a
// writer that saw nothing in between.
func TestRejoined(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		medium := memory.NewMedium()
		a, c := join(t, medium, "a", 100), join(t, medium, "c", 100)
		b := join(t, medium, "b", 100)
		b.slow = ttl / 20
		a.write(t, 0) // a has seen b at its first renewal
		a.link.aside.Store(true)
		b.link.cut.Store(true)
		time.Sleep((forgotten + 2) * ttl)
		b.link.cut.Store(false)
		for { // until b has just joined again
			leases, _, err := c.link.Shared.Leases(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			if len(leases) == 3 && b.Check() == nil {
				break
			}
			time.Sleep(ttl / 100)
		}
		a.link.aside.Store(false)
		a.write(t, 1)
		if b.Check() == nil && b.shows(stream) != 2 {
			t.Fatal("a change was settled that a node which answers does not show")
		}
	})
}

// TestLeave: a node that leaves is not waited for, and refuses.
func TestLeave(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		medium := memory.NewMedium()
		a, b := join(t, medium, "a", 100), join(t, medium, "b", 100)
		if err := b.Leave(context.Background()); err != nil {
			t.Fatal(err)
		}
		if took := a.write(t, 0); took > maxWait {
			t.Errorf("the writer waited %v for a node that had left", took)
		}
		if err := b.Check(); !errors.Is(err, ErrLeft) {
			t.Errorf("a node that has left: %v", err)
		}
	})
}

// TestStoreGoesBack: a store that has lost what a node showed is not served from
// any more.
func TestStoreGoesBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		medium := memory.NewMedium()
		a, b := join(t, medium, "a", 100), join(t, medium, "b", 100)
		a.write(t, 0)
		time.Sleep(ttl)
		a.link.back.Store(true)
		time.Sleep(ttl)
		if err := a.Check(); !errors.Is(err, ErrBehind) {
			t.Fatalf("the store went back: %v", err)
		}
		// It refuses for good, and is not waited for.
		time.Sleep(ttl)
		if took := b.write(t, 1); took > maxWait {
			t.Errorf("a writer waited %v for a node that refuses for good", took)
		}
		a.link.back.Store(false) // new commits take the places of the lost ones
		time.Sleep((forgotten + 2) * ttl)
		leases, _, err := b.link.Leases(context.Background())
		if err != nil || len(leases) != 1 || !errors.Is(a.Check(), ErrBehind) {
			t.Errorf("%d leases with one node that refuses for good (%v): %v", len(leases), a.Check(), err)
		}
	})
}

// TestStoreSaysItWentBack: so does one that says itself that it has lost commits.
func TestStoreSaysItWentBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := join(t, memory.NewMedium(), "a", 100)
		a.link.lacks.Store(true)
		time.Sleep(pollInterval * 2)
		a.link.lacks.Store(false)
		time.Sleep(ttl)
		if err := a.Check(); !errors.Is(err, ErrBehind) || !errors.Is(err, journal.ErrBehind) {
			t.Fatalf("the store said that it went back: %v", err)
		}
	})
}

func TestJoinRefuses(t *testing.T) {
	store, err := memory.NewMedium().Share()
	if err != nil {
		t.Fatal(err)
	}
	apply := func(context.Context, map[journal.StreamID]journal.Revision) error { return nil }
	for name, c := range map[string]Config{
		"no store": {Node: "a", Apply: apply}, "no name": {Store: store, Apply: apply},
		"no apply": {Store: store, Node: "a"}, "short": {Store: store, Node: "a", Apply: apply, TTL: MinTTL - 1},
		"long": {Store: store, Node: "a", Apply: apply, TTL: MaxTTL + 1},
	} {
		if _, err := Join(context.Background(), c); err == nil {
			t.Errorf("%s: joined", name)
		}
	}
}

func TestBootClockGoesOn(t *testing.T) {
	first := BootClock()
	time.Sleep(2 * time.Millisecond)
	if took := BootClock() - first; took < 2*time.Millisecond || took > time.Minute {
		t.Errorf("the clock went on by %v", took)
	}
}
