package reference

import (
	"encoding/json"
	"flag"
	"math/rand/v2"
	"runtime"
	"sync"
	"testing"

	"sallyport/catalog"
	"sallyport/internal/policycase"
)

// How many cases are compared, with -short and without.
const (
	shortCases = 10_000
	cases      = 40_000
)

var wanted = flag.Int("cases", 0, "how many cases TestDifferential compares, if not as many as usual")

// engine is the answer of the engine in the form of the reference's.
func engine(text []byte) Answer {
	a := policycase.Decide(catalog.AWS(), text)
	answer := Answer{Decision: a.Decision, Invalid: a.Error}
	if a.DecidedBy != nil {
		answer.DecidedBy = DecidedBy{Layer: a.DecidedBy.Layer, Level: position(a.DecidedBy.Level), Policy: position(a.DecidedBy.Policy), Statement: position(a.DecidedBy.Statement)}
	}
	return answer
}

func position(p *int) int {
	if p == nil {
		return -1
	}
	return *p
}

// same compares answers: of what is invalid, only that it is.
func same(a, b Answer) bool {
	if a.Invalid != "" || b.Invalid != "" {
		return a.Invalid != "" && b.Invalid != "" && a.Decision == b.Decision
	}
	return a == b
}

func disagree(text []byte) bool {
	return !same(engine(text), Decide(text, Reached{}))
}

// report prints a case on which engine and reference disagree, made as small as
// it gets.
func report(t *testing.T, seed uint64, text []byte) {
	t.Helper()
	decisions := func(text []byte) [2]string {
		return [2]string{engine(text).Decision, Decide(text, Reached{}).Decision}
	}
	was := decisions(text)
	small := shrink(text, func(text []byte) bool { return disagree(text) && decisions(text) == was })
	t.Errorf("seed %d\n%s\nengine    %+v\nreference %+v", seed, small, engine(small), Decide(small, Reached{}))
}

// compare compares the cases of seeds and returns what was reached, on all cores.
func compare(t *testing.T, count int) (Reached, map[string]int) {
	t.Helper()
	var (
		lock    sync.Mutex
		workers sync.WaitGroup
		reached = Reached{}
		answers = map[string]int{}
		wrong   = 0
	)
	n := runtime.GOMAXPROCS(0)
	for worker := range n {
		workers.Go(func() {
			own, decisions := Reached{}, map[string]int{}
			for seed := worker; seed < count; seed += n {
				text := Generate(uint64(seed))
				want := Decide(text, own)
				decisions[want.Decision]++
				if want.Decision != "" {
					decisions[want.Decision+" "+want.Layer]++
				}
				if same(engine(text), want) {
					continue
				}
				lock.Lock()
				if wrong++; wrong <= 5 {
					report(t, uint64(seed), text)
				}
				lock.Unlock()
			}
			lock.Lock()
			defer lock.Unlock()
			for rule, times := range own {
				reached[rule] += times
			}
			for decision, times := range decisions {
				answers[decision] += times
			}
		})
	}
	workers.Wait()
	if wrong > 0 {
		t.Errorf("engine and reference disagree on %d of %d cases", wrong, count)
	}
	return reached, answers
}

// TestDifferential compares engine and reference on generated cases, and holds
// that these are worth it: that all answers occur, and that all rules are reached.
func TestDifferential(t *testing.T) {
	count := cases
	if testing.Short() {
		count = shortCases
	}
	if *wanted > 0 {
		count = *wanted
	}
	reached, answers := compare(t, count)
	for _, want := range []string{
		"allow identity", "allow resource", "allow acl", "allow root",
		"implicitDeny scp", "implicitDeny rcp", "implicitDeny identity", "implicitDeny boundary", "implicitDeny session", "implicitDeny resource",
		"explicitDeny scp", "explicitDeny rcp", "explicitDeny identity", "explicitDeny boundary", "explicitDeny session", "explicitDeny resource",
	} {
		if answers[want] < count/2000 {
			t.Errorf("%d of %d cases are %s", answers[want], count, want)
		}
	}
	for _, decision := range []string{"allow", "implicitDeny", "explicitDeny", ""} {
		t.Logf("%d of %d cases are %q", answers[decision], count, decision)
	}
	checkReach(t, reached)
}

// FuzzDifferential lets the fuzzer choose the seeds of cases, a hundred at a time.
func FuzzDifferential(f *testing.F) {
	for seed := range uint64(10) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, seed uint64) {
		random := rand.New(rand.NewPCG(seed, 1))
		for range 100 {
			seed := random.Uint64()
			if text := Generate(seed); disagree(text) {
				report(t, seed, text)
			}
		}
	})
}

// shrink takes away what a case does not need to stay one that bad holds of: it
// tries to do without each member and each item, from the outside in.
func shrink(text []byte, bad func([]byte) bool) []byte {
	var c any
	if json.Unmarshal(text, &c) != nil || !bad(marshal(c)) {
		return text // what is wrong is the text, not what it says
	}
	for smaller := true; smaller; {
		smaller = false
		for at := 0; ; at++ {
			n := at
			candidate, cut := without(c, &n)
			if !cut {
				break
			}
			if bad(marshal(candidate)) {
				c, smaller = candidate, true
				at--
			}
		}
	}
	return marshal(c)
}

func marshal(v any) []byte {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return text
}

// without is v without the nth thing that can be taken out of it; n counts down
// on the way. Lists of one become what they hold, too.
func without(v any, n *int) (any, bool) {
	switch v := v.(type) {
	case map[string]any:
		for _, name := range names(v) {
			if *n--; *n < 0 {
				return copyWithout(v, name), true
			}
			if part, cut := without(v[name], n); cut {
				whole := copyWithout(v, name)
				whole[name] = part
				return whole, true
			}
		}
	case []any:
		for i := range v {
			if *n--; *n < 0 {
				return append(append([]any{}, v[:i]...), v[i+1:]...), true
			}
			if part, cut := without(v[i], n); cut {
				whole := append([]any{}, v...)
				whole[i] = part
				return whole, true
			}
		}
		if len(v) == 1 {
			if *n--; *n < 0 {
				return v[0], true
			}
		}
	}
	return nil, false
}

func copyWithout(m map[string]any, name string) map[string]any {
	c := map[string]any{}
	for other, v := range m {
		if other != name {
			c[other] = v
		}
	}
	return c
}
