package authn

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"sync"
	"time"

	"sallyport/internal/iam"
	"sallyport/internal/journal"
	"sallyport/internal/operation"
	"sallyport/policy"
)

// LastUsed keeps when access keys, users and roles were last used, and for what. It
// lives beside history: uses are noted in memory and written as facts of the
// journal from time to time, so that a crash loses the uses of the last interval
// and nothing else. There is one fact of each key, user and role. Those of users
// and roles expire when nothing was tried for iam.TrackingPeriod. In memory are
// those that were used since the last interval or two.
type LastUsed struct {
	facts  journal.Facts
	logger *slog.Logger
	notes  notes
}

// NewLastUsed returns the record of uses kept in facts.
func NewLastUsed(facts journal.Facts, logger *slog.Logger) *LastUsed {
	return &LastUsed{facts: facts, logger: logger}
}

// used is what was used: an access key, user or role, by id.
type used struct{ kind, id string }

const (
	aKey  = "key"
	aUser = "user"
	aRole = "role"
)

// fact is the key of the journal's fact about it.
func (u used) fact() string { return "last-used/" + u.kind + "/" + u.id }

// Attempted implements operation.Attempts. What a federated user does is its
// user's. The root user is none of those that reports are about.
func (l *LastUsed) Attempted(c *operation.Caller, service, action, region string, at time.Time) {
	use := iam.LastUsed{At: at.UTC().Truncate(time.Second), Service: service, Region: region}
	if c.Session == nil {
		l.notes.add(used{aKey, c.AccessKeyID}, target{}, use)
	}
	if c.EntityID == "" {
		return
	}
	who := used{aUser, c.EntityID}
	if c.Principal.Kind == policy.RoleSession {
		who.kind = aRole
	}
	// What is noted as an action's is tracked.
	if asked := (target{service, action}); !l.notes.holds(who, asked, use) {
		if !iam.TracksAction(service, action) {
			asked.action = ""
		}
		l.notes.add(who, asked, use)
	}
}

// KeyLastUsed implements iam.Usage.
func (l *LastUsed) KeyLastUsed(ctx context.Context, accessKeyID string) (iam.LastUsed, bool, error) {
	return l.last(ctx, used{aKey, accessKeyID})
}

// RoleLastUsed implements iam.Usage.
func (l *LastUsed) RoleLastUsed(ctx context.Context, roleID string) (iam.LastUsed, bool, error) {
	return l.last(ctx, used{aRole, roleID})
}

// last is the later of what this node noted and what any node has written.
func (l *LastUsed) last(ctx context.Context, key used) (iam.LastUsed, bool, error) {
	f, err := l.known(ctx, key)
	if err != nil || f.At.IsZero() {
		return iam.LastUsed{}, false, err
	}
	return f.LastUsed, true, nil
}

// ServicesAccessed implements iam.Usage.
func (l *LastUsed) ServicesAccessed(ctx context.Context, id string) (iam.Accessed, error) {
	kind := aUser
	if isRole(id) {
		kind = aRole
	}
	f, err := l.known(ctx, used{kind, id})
	return f.Services, err
}

// known is what was written, with what this node noted since.
func (l *LastUsed) known(ctx context.Context, key used) (*fact, error) {
	f, err := l.written(ctx, key)
	if err != nil {
		return new(fact), err
	}
	f.merge(l.notes.of(key))
	return f, nil
}

// written is what the journal has a fact of; nothing if that can't be read.
func (l *LastUsed) written(ctx context.Context, key used) (*fact, error) {
	value, err := l.facts.Get(ctx, key.fact(), time.Time{})
	switch {
	case errors.Is(err, journal.ErrNotFound):
		return new(fact), nil
	case err != nil:
		return nil, err
	}
	f := new(fact)
	if err := json.Unmarshal(value, f); err != nil {
		l.logger.Warn("a note of last use can't be read", "fact", key.fact(), "error", err)
		return new(fact), nil
	}
	return f, nil
}

// flushers is how many facts are written side by side: stores sync them together.
const flushers = 16

// Flush writes what was noted since the last time, up to the first failure.
func (l *LastUsed) Flush(ctx context.Context) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	due := make(chan noted)
	var wg sync.WaitGroup
	for range flushers {
		wg.Go(func() {
			for n := range due {
				if changed, err := l.write(ctx, n.key, n.uses); err != nil {
					stop(err)
				} else {
					l.notes.written(n, changed)
				}
			}
		})
	}
	for _, n := range l.notes.due() {
		due <- n
	}
	close(due)
	wg.Wait()
	return context.Cause(ctx)
}

// write adds uses to a fact, unless it has them or later ones. Two nodes may do so
// at once, and one be lost: a fact that was changed is read again at the next
// flush.
func (l *LastUsed) write(ctx context.Context, key used, uses map[target]iam.LastUsed) (changed bool, err error) {
	f, err := l.written(ctx, key)
	if err != nil || !f.merge(uses) {
		return false, err
	}
	var expires time.Time
	if key.kind != aKey {
		f.forget(f.At.Add(-iam.TrackingPeriod))
		expires = f.At.Add(iam.TrackingPeriod)
	}
	value, err := json.Marshal(f)
	if err != nil {
		return false, err
	}
	return true, l.facts.Put(ctx, key.fact(), value, expires)
}

// Run flushes each interval until ctx is done.
func (l *LastUsed) Run(ctx context.Context, interval time.Duration) {
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			if err := l.Flush(ctx); err != nil && ctx.Err() == nil {
				l.logger.Warn("last uses could not be written; they are kept and tried again", "error", err)
			}
		}
	}
}
