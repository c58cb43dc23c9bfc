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

// lastUsedStep is how precisely the last use is kept: a use within it of the
// one noted, of the same service and Region, changes nothing.
const lastUsedStep = time.Second

// LastUsed keeps when access keys and roles were last used. It lives beside
// history: uses are noted in memory and written as facts of the journal from
// time to time, so that a crash loses the uses of the last interval and
// nothing else.
type LastUsed struct {
	facts  journal.Facts
	logger *slog.Logger

	mu    sync.RWMutex
	uses  map[used]iam.LastUsed
	dirty map[used]struct{}
}

// NewLastUsed returns the record of uses kept in facts.
func NewLastUsed(facts journal.Facts, logger *slog.Logger) *LastUsed {
	return &LastUsed{facts: facts, logger: logger, uses: make(map[used]iam.LastUsed), dirty: make(map[used]struct{})}
}

// used is what was used: an access key or a role, by id.
type used struct{ kind, id string }

const (
	aKey  = "key"
	aRole = "role"
)

// fact is the key of the journal's fact about it.
func (u used) fact() string { return "last-used/" + u.kind + "/" + u.id }

// Used notes that the caller's credentials were used.
func (l *LastUsed) Used(c *operation.Caller, service, region string, at time.Time) {
	use := iam.LastUsed{At: at.UTC().Truncate(time.Second), Service: service, Region: region}
	if c.Session == nil {
		l.note(used{aKey, c.AccessKeyID}, use)
	}
	if c.Principal.Kind == policy.RoleSession {
		l.note(used{aRole, c.EntityID}, use)
	}
}

func (l *LastUsed) note(key used, use iam.LastUsed) {
	l.mu.RLock()
	old, ok := l.uses[key]
	l.mu.RUnlock()
	if ok && old.Service == use.Service && old.Region == use.Region && use.At.Sub(old.At) < lastUsedStep {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if !use.At.Before(l.uses[key].At) {
		l.uses[key] = use
		l.dirty[key] = struct{}{}
	}
}

// KeyLastUsed implements iam.Usage.
func (l *LastUsed) KeyLastUsed(ctx context.Context, accessKeyID string) (iam.LastUsed, bool, error) {
	return l.get(ctx, used{aKey, accessKeyID})
}

// RoleLastUsed implements iam.Usage.
func (l *LastUsed) RoleLastUsed(ctx context.Context, roleID string) (iam.LastUsed, bool, error) {
	return l.get(ctx, used{aRole, roleID})
}

// get is the later of what this node noted and what any node has written.
func (l *LastUsed) get(ctx context.Context, key used) (iam.LastUsed, bool, error) {
	l.mu.RLock()
	noted, ok := l.uses[key]
	l.mu.RUnlock()
	written, there, err := l.written(ctx, key)
	if err != nil {
		return iam.LastUsed{}, false, err
	}
	if there && (!ok || written.At.After(noted.At)) {
		return written, true, nil
	}
	return noted, ok, nil
}

// written is the use that the journal has a fact of.
func (l *LastUsed) written(ctx context.Context, key used) (use iam.LastUsed, ok bool, err error) {
	value, err := l.facts.Get(ctx, key.fact(), time.Time{})
	switch {
	case errors.Is(err, journal.ErrNotFound):
		return use, false, nil
	case err != nil:
		return use, false, err
	}
	if err := json.Unmarshal(value, &use); err != nil {
		l.logger.Warn("a note of last use can't be read", "fact", key.fact(), "error", err)
		return iam.LastUsed{}, false, nil
	}
	return use, true, nil
}

// Flush writes what was noted since the last time.
func (l *LastUsed) Flush(ctx context.Context) error {
	l.mu.Lock()
	writes := make(map[used]iam.LastUsed, len(l.dirty))
	for key := range l.dirty {
		writes[key] = l.uses[key]
	}
	clear(l.dirty)
	l.mu.Unlock()
	for key, use := range writes {
		if err := l.write(ctx, key, use); err != nil {
			l.mu.Lock()
			for key := range writes {
				l.dirty[key] = struct{}{}
			}
			l.mu.Unlock()
			return err
		}
	}
	return nil
}

// write makes a use a fact, unless another node has written a later one.
func (l *LastUsed) write(ctx context.Context, key used, use iam.LastUsed) error {
	other, there, err := l.written(ctx, key)
	if err != nil || there && other.At.After(use.At) {
		return err
	}
	value, err := json.Marshal(use)
	if err != nil {
		return err
	}
	return l.facts.Put(ctx, key.fact(), value, time.Time{})
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
