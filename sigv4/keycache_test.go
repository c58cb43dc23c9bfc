package sigv4

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"
)

func secretOf(s Secret) func() (Secret, error) { return func() (Secret, error) { return s, nil } }

func scopeOf(region string) Scope { return Scope{Date: "20150830", Region: region, Service: "iam"} }

func TestKeyCache(t *testing.T) {
	c := NewKeyCache(1024)
	asked := 0
	get := func(id, region string) *SigningKey {
		t.Helper()
		key, err := c.Key(id, scopeOf(region), func() (Secret, error) { asked++; return Secret("secret of " + id), nil })
		if err != nil {
			t.Fatal(err)
		}
		if want := DeriveKey("secret of "+id, "20150830", region, "iam"); *key != want {
			t.Fatal("wrong key")
		}
		return key
	}
	for range 3 {
		get("AKIA1", "us-east-1")
		get("AKIA1", "eu-west-1")
		get("AKIA2", "us-east-1")
	}
	if asked != 3 || c.Len() != 3 {
		t.Errorf("asked %d times, %d keys held", asked, c.Len())
	}
	c.Drop("AKIA1")
	if c.Len() != 1 {
		t.Errorf("%d keys held after Drop", c.Len())
	}
	get("AKIA2", "us-east-1")
	if asked != 3 {
		t.Error("Drop took another access key's")
	}
	get("AKIA1", "us-east-1")
	if asked != 4 {
		t.Error("a dropped key was used")
	}
	failure := errors.New("gone")
	if _, err := c.Key("AKIA3", scopeOf("us-east-1"), func() (Secret, error) { return "", failure }); !errors.Is(err, failure) {
		t.Errorf("%v", err)
	}
	if c.Len() != 2 {
		t.Errorf("%d keys held after a failure", c.Len())
	}
}

// TestKeyCacheDropDuringDerivation: a key deleted while its secret was being
// read does not come back from the cache.
func TestKeyCacheDropDuringDerivation(t *testing.T) {
	c := NewKeyCache(16)
	_, err := c.Key("AKIA1", scopeOf("us-east-1"), func() (Secret, error) {
		c.Drop("AKIA1")
		return "old", nil
	})
	if err != nil || c.Len() != 0 {
		t.Errorf("%v, %d keys held", err, c.Len())
	}
}

func TestKeyCacheIsBounded(t *testing.T) {
	const capacity = 64
	c := NewKeyCache(capacity)
	for i := range 50 * capacity {
		if _, err := c.Key("AKIA1", scopeOf(fmt.Sprint("r", i)), secretOf("s")); err != nil {
			t.Fatal(err)
		}
		// One access key lives in one shard, so it cannot displace all others.
		if n := c.Len(); n > capacity/cacheShards {
			t.Fatalf("%d keys held", n)
		}
	}
	for i := range 50 * capacity {
		if _, err := c.Key(fmt.Sprint("AKIA", i), scopeOf("us-east-1"), secretOf("s")); err != nil {
			t.Fatal(err)
		}
	}
	if n := c.Len(); n != capacity {
		t.Errorf("%d keys held, want %d", n, capacity)
	}
	for i := range 50 * capacity {
		c.Drop(fmt.Sprint("AKIA", i))
	}
	if c.Len() != 0 {
		t.Errorf("%d keys held after dropping all", c.Len())
	}
}

func TestKeyCacheKeepsWhatIsUsed(t *testing.T) {
	c := NewKeyCache(4 * cacheShards)
	asked := 0
	for i := range 400 {
		if _, err := c.Key("AKIA1", scopeOf("hot"), func() (Secret, error) { asked++; return "s", nil }); err != nil {
			t.Fatal(err)
		}
		if _, err := c.Key("AKIA1", scopeOf(fmt.Sprint("cold", i)), secretOf("s")); err != nil {
			t.Fatal(err)
		}
	}
	if asked != 1 {
		t.Errorf("a key in constant use was derived %d times", asked)
	}
}

func TestKeyCacheConcurrently(t *testing.T) {
	c := NewKeyCache(64)
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			for i := range 500 {
				id := fmt.Sprint("AKIA", (i+g)%100)
				key, err := c.Key(id, scopeOf("us-east-1"), secretOf(Secret(id)))
				if err != nil || *key != DeriveKey(id, "20150830", "us-east-1", "iam") {
					t.Errorf("%s: %v", id, err)
					return
				}
				if i%50 == 0 {
					c.Drop(id)
				}
			}
		})
	}
	wg.Wait()
}

func TestKeyCacheHitAllocatesNothing(t *testing.T) {
	c := NewKeyCache(16)
	secret := Secret("s")
	n := testing.AllocsPerRun(100, func() {
		if _, err := c.Key("AKIA1", scopeOf("us-east-1"), func() (Secret, error) { return secret, nil }); err != nil {
			t.Fatal(err)
		}
	})
	if n != 0 {
		t.Errorf("%v allocations per hit", n)
	}
}

func TestKeyCacheVerify(t *testing.T) {
	c := NewKeyCache(16)
	body := HashBody([]byte(listUsers))
	asked := 0
	secret := func() (Secret, error) { asked++; return exampleSecret, nil }
	parse := func(r Request) *Parsed {
		t.Helper()
		p, err := Parse(&r)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	for range 3 {
		if err := c.Verify(parse(posted(t, alice, listUsers)), body, secret, vectorTime, iamRules); err != nil {
			t.Fatal(err)
		}
	}
	if asked != 1 || c.Len() != 1 {
		t.Errorf("asked %d times, %d keys held", asked, c.Len())
	}
	bad := posted(t, alice, listUsers)
	forge(&bad)
	if err := c.Verify(parse(bad), body, secret, vectorTime, iamRules); !errors.Is(err, errMismatch) {
		t.Errorf("forged, with the key cached: %v", err)
	}
	c.Drop(alice.AccessKeyID)
	if err := c.Verify(parse(bad), body, secret, vectorTime, iamRules); !errors.Is(err, errMismatch) || c.Len() != 0 {
		t.Errorf("forged: %v, %d keys held", err, c.Len())
	}
	asked = 0
	if err := c.Verify(parse(posted(t, alice, listUsers)), body, secret, vectorTime.Add(time.Hour), iamRules); err == nil || asked != 0 {
		t.Errorf("expired: %v, and asked %d times for the secret", err, asked)
	}
	drop := func() (Secret, error) { c.Drop(alice.AccessKeyID); return exampleSecret, nil }
	if err := c.Verify(parse(posted(t, alice, listUsers)), body, drop, vectorTime, iamRules); err != nil || c.Len() != 0 {
		t.Errorf("dropped meanwhile: %v, %d keys held", err, c.Len())
	}
}
