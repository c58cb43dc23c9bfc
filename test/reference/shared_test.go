package reference

import (
	"encoding/json"
	"maps"
	"runtime"
	"sync"
	"testing"

	"sallyport/authz"
	"sallyport/catalog"
	"sallyport/internal/policycase"
)

// What is compiled once serves many requests, from many goroutines: the answers
// must be those of a fresh compilation asked by one.
const (
	sharedSets     = 20
	sharedRequests = 50
)

// outcome is what a decision says, without pointers into what was compiled.
type outcome struct {
	effect           authz.Effect
	layer            authz.Layer
	level, statement int
	missing          authz.Layers
	inapplicable     bool
}

func decideShared(request *policycase.Case, policies *policycase.Case) outcome {
	d := authz.Decide(&request.Request, &policies.Policies)
	return outcome{d.Effect, d.Layer, d.Level, d.Statement, d.Missing, d.Inapplicable}
}

// crossed makes the cases of one set of policies with several requests, by the
// same caller: an access control list and canonical users are compiled for him.
func crossed(t *testing.T, set uint64) [][]byte {
	t.Helper()
	var base map[string]any
	for seed := set << 20; base == nil; seed++ {
		base = valid(seed)
	}
	caller := base["request"].(map[string]any)
	all := [][]byte{marshal(base)}
	alone := parse(t, all[0]).Policies.ResourceDecides
	for seed := set<<20 + 1<<10; len(all) < sharedRequests; seed++ {
		other := valid(seed)
		if other == nil {
			continue
		}
		request := maps.Clone(other["request"].(map[string]any))
		for _, name := range []string{"principal", "sessionIssuer", "canonicalUser"} {
			delete(request, name)
			if v, there := caller[name]; there {
				request[name] = v
			}
		}
		// Whether the resource decides alone goes with its policy.
		text := marshal(map[string]any{"request": request, "policies": base["policies"]})
		if c, err := policycase.Parse(catalog.AWS(), text); err == nil && c.Policies.ResourceDecides == alone {
			all = append(all, text)
		}
	}
	return all
}

// valid is the case of a seed, or nil if it is none.
func valid(seed uint64) map[string]any {
	text := Generate(seed)
	if _, err := policycase.Parse(catalog.AWS(), text); err != nil {
		return nil
	}
	var c map[string]any
	if json.Unmarshal(text, &c) != nil {
		return nil
	}
	return c
}

// TestCached holds that policies compiled for one request answer others as
// policies compiled for these do.
func TestCached(t *testing.T) {
	for set := range uint64(sharedSets) {
		texts := crossed(t, set)
		compiled := parse(t, texts[0])
		for _, text := range texts {
			request := parse(t, text)
			if got, want := decideShared(request, compiled), decideShared(request, request); got != want {
				t.Errorf("cached %+v, fresh %+v\n%s\npolicies compiled for\n%s", got, want, text, texts[0])
			}
		}
	}
}

func parse(t *testing.T, text []byte) *policycase.Case {
	t.Helper()
	c, err := policycase.Parse(catalog.AWS(), text)
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return c
}

// TestParallel holds that many goroutines that share requests and policies get
// the answers that one gets.
func TestParallel(t *testing.T) {
	var requests []*policycase.Case
	var sets []*policycase.Case
	var want []outcome
	for set := range uint64(sharedSets) {
		texts := crossed(t, set)
		compiled := parse(t, texts[0])
		for _, text := range texts {
			request := parse(t, text)
			requests, sets = append(requests, request), append(sets, compiled)
			want = append(want, decideShared(request, request))
		}
	}
	var workers sync.WaitGroup
	for worker := range 4 * runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			// Each begins elsewhere, so that they meet at all distances.
			for i := range requests {
				at := (i + worker*len(requests)/7) % len(requests)
				if got := decideShared(requests[at], sets[at]); got != want[at] {
					t.Errorf("in parallel %+v, serial %+v", got, want[at])
					return
				}
			}
		})
	}
	workers.Wait()
}
