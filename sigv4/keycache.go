package sigv4

import (
	"hash/maphash"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// KeyCache remembers derived signing keys, never secrets. It is bounded, safe
// for concurrent use, and allocates nothing on a hit.
//
// A cached key says only that a secret once belonged to an access key: whether
// the access key is still good is for the caller to check on every request.
// Drop must be called when one is deleted, so that its keys leave memory; a
// derivation that is under way at that moment is not cached.
type KeyCache struct {
	seed   maphash.Seed
	shards [cacheShards]cacheShard
}

const cacheShards = 16

type cacheKey struct{ accessKeyID, date, region, service string }

// cacheShard evicts by the CLOCK (second chance) approximation of LRU, so that
// a hit takes a read lock and at most one atomic store.
type cacheShard struct {
	mu    sync.RWMutex
	slots map[cacheKey]int // index into ring
	ring  []cacheSlot
	hand  int
	drops uint64 // counts Drop; tells a miss that its secret may be stale
	limit int
	_     [40]byte // keeps neighbouring locks off one cache line
}

type cacheSlot struct {
	key  cacheKey
	sign *SigningKey
	used *atomic.Bool
}

// NewKeyCache returns a cache of at least capacity keys, of about 300 bytes each.
func NewKeyCache(capacity int) *KeyCache {
	c := &KeyCache{seed: maphash.MakeSeed()}
	for i := range c.shards {
		c.shards[i].limit = max(1, (capacity+cacheShards-1)/cacheShards)
		c.shards[i].slots = make(map[cacheKey]int)
	}
	return c
}

// shard keeps all keys of one access key together, for Drop.
func (c *KeyCache) shard(accessKeyID string) *cacheShard {
	return &c.shards[maphash.String(c.seed, accessKeyID)%cacheShards]
}

// Key returns the signing key of a scope, asking secret on a miss. An error of
// secret is returned as it is, and nothing is cached. Use it to sign; Verify
// does not let unverified requests fill the cache.
func (c *KeyCache) Key(accessKeyID string, scope Scope, secret func() (Secret, error)) (*SigningKey, error) {
	k := cacheKey{accessKeyID, scope.Date, scope.Region, scope.Service}
	shard := c.shard(accessKeyID)
	if key := shard.get(k); key != nil {
		return key, nil
	}
	drops := shard.generation()
	key, err := derive(scope, secret)
	if err != nil {
		return nil, err
	}
	shard.put(k, key, drops)
	return key, nil
}

// Verify is p.Verify with the signing key of p's scope, taken from the cache or
// derived from secret. Check comes first, so secret is asked only for requests
// that can pass; the key is cached only if the signature is right, so guessed
// scopes displace nothing. An error of secret is returned as it is.
func (c *KeyCache) Verify(p *Parsed, bodySHA256 string, secret func() (Secret, error), now time.Time, rules Rules) error {
	if err := p.Check(now, rules); err != nil {
		return err
	}
	k := cacheKey{p.AccessKeyID, p.Scope.Date, p.Scope.Region, p.Scope.Service}
	shard := c.shard(p.AccessKeyID)
	if key := shard.get(k); key != nil {
		return p.Verify(bodySHA256, key, now, rules)
	}
	drops := shard.generation()
	key, err := derive(p.Scope, secret)
	if err != nil {
		return err
	}
	if err := p.Verify(bodySHA256, key, now, rules); err != nil {
		return err
	}
	shard.put(k, key, drops)
	return nil
}

func derive(scope Scope, secret func() (Secret, error)) (*SigningKey, error) {
	s, err := secret()
	if err != nil {
		return nil, err
	}
	key := DeriveKey(string(s), scope.Date, scope.Region, scope.Service)
	return &key, nil
}

// Drop forgets every key derived from the secret of accessKeyID. Call it once
// the deletion is in force: what secret returns from then on may be cached.
func (c *KeyCache) Drop(accessKeyID string) {
	s := c.shard(accessKeyID)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.drops++
	for i := len(s.ring) - 1; i >= 0; i-- {
		if s.ring[i].key.accessKeyID == accessKeyID {
			s.remove(i)
		}
	}
}

// Len returns how many keys are held.
func (c *KeyCache) Len() int {
	n := 0
	for i := range c.shards {
		s := &c.shards[i]
		s.mu.RLock()
		n += len(s.ring)
		s.mu.RUnlock()
	}
	return n
}

func (s *cacheShard) get(k cacheKey) *SigningKey {
	s.mu.RLock()
	defer s.mu.RUnlock()
	i, ok := s.slots[k]
	if !ok {
		return nil
	}
	if used := s.ring[i].used; !used.Load() {
		used.Store(true)
	}
	return s.ring[i].sign
}

func (s *cacheShard) generation() uint64 {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.drops
}

func (s *cacheShard) put(k cacheKey, key *SigningKey, drops uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.slots[k]; ok || s.drops != drops {
		return
	}
	slot := cacheSlot{key: k.clone(), sign: key, used: new(atomic.Bool)}
	if len(s.ring) < s.limit {
		s.slots[slot.key] = len(s.ring)
		s.ring = append(s.ring, slot)
		return
	}
	for s.ring[s.hand].used.Swap(false) {
		s.hand = (s.hand + 1) % len(s.ring)
	}
	delete(s.slots, s.ring[s.hand].key)
	s.slots[slot.key] = s.hand
	s.ring[s.hand] = slot
	s.hand = (s.hand + 1) % len(s.ring)
}

// remove drops slot i by moving the last one into its place.
func (s *cacheShard) remove(i int) {
	delete(s.slots, s.ring[i].key)
	last := len(s.ring) - 1
	if i != last {
		s.ring[i] = s.ring[last]
		s.slots[s.ring[i].key] = i
	}
	s.ring[last] = cacheSlot{}
	s.ring = s.ring[:last]
	if s.hand >= len(s.ring) {
		s.hand = 0
	}
}

// clone frees the key of the request buffer its strings were cut from.
func (k cacheKey) clone() cacheKey {
	return cacheKey{
		strings.Clone(k.accessKeyID), strings.Clone(k.date), strings.Clone(k.region), strings.Clone(k.service),
	}
}
