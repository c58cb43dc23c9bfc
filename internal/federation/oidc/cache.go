package oidc

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"
)

// How long keys are used, and how often an issuer is asked for them.
const (
	FreshFor = 15 * time.Minute
	KeptFor  = 6 * time.Hour
	AskEvery = 30 * time.Second
)

const (
	// askTimeout bounds one round of questions to an issuer. It is AWS's
	// (https://repost.aws/knowledge-center/iam-sts-invalididentitytoken).
	askTimeout = 5 * time.Second
	// maxAsking is how many issuers are asked at a time.
	maxAsking = 8
	// maxIssuers is how many issuers' keys are kept; the one not used for longest
	// makes room.
	maxIssuers = 1000
)

// fetch asks an issuer for its keys.
type fetch func(ctx context.Context, p Provider, now time.Time) (keySet, error)

// cache holds the keys of issuers.
type cache struct {
	fetch  fetch
	logger *slog.Logger
	asking chan struct{} // holds one token for each issuer being asked

	mu      sync.Mutex
	issuers map[string]*issuer
}

// issuer is what is known of one. All times are those of calls.
type issuer struct {
	keys  keySet
	came  time.Time     // when the keys came; zero for never
	asked time.Time     // when they were last asked for
	used  time.Time     // when they were last looked for
	err   error         // how the last question failed; nil when it didn't
	busy  chan struct{} // closed when the question under way has ended; nil for none
}

func newCache(f fetch, logger *slog.Logger) *cache {
	return &cache{fetch: f, logger: logger, asking: make(chan struct{}, maxAsking), issuers: make(map[string]*issuer)}
}

// fitting are the provider's keys for a token.
func (c *cache) fitting(ctx context.Context, p Provider, h header, now time.Time, mayAsk func() bool) (keySet, error) {
	name := p.trust()
	if keys := c.look(name, h, now, FreshFor); len(keys) > 0 {
		return keys, nil
	}
	allowed, answered := mayAsk(), false
	if allowed {
		var err error
		if answered, err = c.ask(ctx, name, p, now); err != nil {
			return nil, invalid(msgKey, err)
		}
	}
	if keys := c.look(name, h, now, KeptFor); len(keys) > 0 {
		return keys, nil
	}
	return nil, c.missing(name, now, allowed, answered)
}

// look returns the keys for a token among those that came within the time.
func (c *cache) look(name string, h header, now time.Time, within time.Duration) keySet {
	c.mu.Lock()
	defer c.mu.Unlock()
	i := c.issuers[name]
	if i == nil || !recent(i.came, now, within) {
		return nil
	}
	i.used = now
	return i.keys.fitting(h)
}

// recent reports whether t is within d before now, or after it: a clock that was
// set back makes nothing recent for long.
func recent(t, now time.Time, d time.Duration) bool {
	age := now.Sub(t)
	return !t.IsZero() && age < d && age > -d
}

// missing says why there is no key. answered is for an issuer that was asked for
// this one, among others.
func (c *cache) missing(name string, now time.Time, allowed, answered bool) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	i := c.issuers[name]
	switch {
	case i != nil && recent(i.came, now, KeptFor):
		return invalid(msgKey, errors.New("the issuer has no such key"))
	case !allowed || i == nil:
		return ErrNotAsked
	case answered && i.err != nil:
		return i.err
	}
	return &Error{Kind: Unreachable, Message: msgUnreachable, Cause: i.err}
}

// ask asks the issuer for its keys, unless it was asked a moment ago, and waits
// for the answer, whoever asked. It reports whether there was one to wait for; the
// error is of the caller's context.
func (c *cache) ask(ctx context.Context, name string, p Provider, now time.Time) (answered bool, err error) {
	c.mu.Lock()
	i := c.issuers[name]
	if i == nil {
		c.makeRoom()
		i = &issuer{used: now}
		c.issuers[name] = i
	}
	if i.busy == nil && !recent(i.asked, now, AskEvery) {
		i.asked, i.busy = now, make(chan struct{})
		// The question is not the caller's alone: it goes on when the caller is gone.
		go c.question(context.WithoutCancel(ctx), i, p, now)
	}
	busy := i.busy
	c.mu.Unlock()
	if busy == nil {
		return false, nil
	}
	select {
	case <-busy:
		return true, nil
	case <-ctx.Done():
		return false, ctx.Err()
	}
}

func (c *cache) question(ctx context.Context, i *issuer, p Provider, now time.Time) {
	keys, err := c.answer(ctx, p, now)
	if err != nil {
		c.logger.Warn("the keys of an identity provider could not be retrieved", "issuer", p.Issuer, "error", err)
		message := msgKey
		if said, ok := errors.AsType[*Error](err); ok {
			message = said.Message
		}
		err = invalid(message, err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if i.err = err; err == nil {
		i.keys, i.came = keys, now
	}
	close(i.busy)
	i.busy = nil
}

func (c *cache) answer(ctx context.Context, p Provider, now time.Time) (keys keySet, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("panic: %v\n%s", v, debug.Stack())
		}
	}()
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	select {
	case c.asking <- struct{}{}:
		defer func() { <-c.asking }()
	case <-ctx.Done():
		return nil, errors.New("too many other identity providers are being asked")
	}
	return c.fetch(ctx, p, now)
}

// makeRoom forgets the issuer that was not used for longest when there are too
// many. One that is being asked stays.
func (c *cache) makeRoom() {
	if len(c.issuers) < maxIssuers {
		return
	}
	oldest := ""
	for name, i := range c.issuers {
		if i.busy == nil && (oldest == "" || i.used.Before(c.issuers[oldest].used)) {
			oldest = name
		}
	}
	delete(c.issuers, oldest)
}
