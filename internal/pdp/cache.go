package pdp

import (
	"slices"
	"sync"

	"sallyport/authz"
	"sallyport/internal/state"
	"sallyport/policy"
)

// Both caches are bounded by dropping everything when full: refilling costs a
// compilation per policy in use, and there is no order to keep on the hot path.
const (
	// maxDocumentBytes is the text of all cached documents together.
	maxDocumentBytes = 64 << 20
	maxDocuments     = 20000
	maxSets          = 50000
	maxGathered      = 50000
)

type documentKey struct {
	ref      policy.Ref
	document string
}

// documentCache holds compiled policies by their text.
type documentCache struct {
	mu sync.RWMutex
	m  map[documentKey]*policy.Policy
	// bytes is the length of all texts in m.
	bytes int
}

func (c *documentCache) init() { c.m = make(map[documentKey]*policy.Policy) }

func (c *documentCache) compile(ref policy.Ref, document string) (*policy.Policy, error) {
	key := documentKey{ref, document}
	c.mu.RLock()
	compiled := c.m[key]
	c.mu.RUnlock()
	if compiled != nil {
		return compiled, nil
	}
	parsed, err := policy.Parse([]byte(document))
	if err != nil {
		return nil, err
	}
	compiled, err = policy.Compile(parsed, ref)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if other := c.m[key]; other != nil {
		return other, nil
	}
	if len(c.m) >= maxDocuments || c.bytes+len(document) > maxDocumentBytes {
		clear(c.m)
		c.bytes = 0
	}
	c.m[key] = compiled
	c.bytes += len(document)
	return compiled, nil
}

type setKind uint8

const (
	identitySet setKind = iota
	boundarySet
	sessionSet
	resourceSet
)

type setKey struct {
	owner string
	kind  setKind
}

// setCache holds the indexed set last used for a principal's layer. It is
// taken again only when it holds exactly the policies asked for, so that an
// entry can't be stale.
type setCache struct {
	mu sync.RWMutex
	m  map[setKey]*policy.Set
}

func (c *setCache) init() { c.m = make(map[setKey]*policy.Set) }

func (c *setCache) get(key setKey, policies []*policy.Policy) *policy.Set {
	c.mu.RLock()
	set := c.m[key]
	c.mu.RUnlock()
	if set != nil && slices.Equal(set.Policies(), policies) {
		return set
	}
	set = policy.NewSet(policies...)
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.m) >= maxSets {
		clear(c.m)
	}
	c.m[key] = set
	return set
}

// gatheredCache holds what was gathered for a user or role, by its unique id,
// at one revision of its account.
type gatheredCache struct {
	mu sync.RWMutex
	m  map[string]gathered
}

type gathered struct {
	at       state.Revision
	policies authz.Policies
}

func (c *gatheredCache) init() { c.m = make(map[string]gathered) }

func (c *gatheredCache) get(entity string, at state.Revision) (authz.Policies, bool) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	g, ok := c.m[entity]
	return g.policies, ok && g.at == at
}

func (c *gatheredCache) put(entity string, at state.Revision, policies authz.Policies) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.m) >= maxGathered {
		clear(c.m)
	}
	c.m[entity] = gathered{at, policies}
}
