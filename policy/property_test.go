package policy_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"sallyport/arn"
	"sallyport/policy"
	"sallyport/policy/condition"
)

// A spec is a statement in the form that the naive evaluator reads.
type spec struct {
	Effect                string
	Action, NotAction     []string                       `json:",omitempty"`
	Resource, NotResource []string                       `json:",omitempty"`
	Principal             map[string][]string            `json:",omitempty"`
	Condition             map[string]map[string][]string `json:",omitempty"`
}

var (
	actionTexts    = []string{"*", "s3:*", "s3:Get*", "s3:GetObject", "S3:getobject", "s3:Get?bject", "s3:P*t", "sqs:*", "sqs:Send*", "*:Get*", "s?s:*", "sqs:SendMessage"}
	resourceTexts  = []string{"*", "arn:aws:s3:::*", "arn:aws:s3:::b", "arn:aws:s3:::b/*", "arn:aws:s3:::b/k", "arn:aws:s3:::*/k", "arn:aws:s?s:*:*:q*", "arn:aws:sqs", "arn:*:sqs:us-east-1:111122223333:q"}
	actions        = []string{"s3:GetObject", "s3:PutObject", "S3:GETOBJECT", "sqs:SendMessage", "sqs:GetX", "x:Y", "s3", ""}
	resources      = []string{"arn:aws:s3:::b", "arn:aws:s3:::b/k", "arn:aws:s3:::c/k", "arn:aws:sqs:us-east-1:111122223333:q", "*", ""}
	principalTexts = []string{"*", home, other, alice.ARN, admin.RoleARN, admin.ARN}
)

func drawSpec(t *rapid.T) spec {
	s := spec{Effect: rapid.SampledFrom([]string{"Allow", "Allow", "Deny"}).Draw(t, "effect")}
	list := func(label string, from []string) []string {
		return rapid.SliceOfN(rapid.SampledFrom(from), 1, 3).Draw(t, label)
	}
	if rapid.IntRange(0, 4).Draw(t, "not action") == 0 {
		s.NotAction = list("actions", actionTexts)
	} else {
		s.Action = list("actions", actionTexts)
	}
	if rapid.IntRange(0, 4).Draw(t, "not resource") == 0 {
		s.NotResource = list("resources", resourceTexts)
	} else {
		s.Resource = list("resources", resourceTexts)
	}
	if rapid.Bool().Draw(t, "named") {
		s.Principal = map[string][]string{"AWS": list("principals", principalTexts)}
	}
	if rapid.IntRange(0, 2).Draw(t, "conditional") == 0 {
		s.Condition = map[string]map[string][]string{"StringEquals": {"x:k": list("values", []string{"a", "b"})}}
	}
	return s
}

// applies is the textbook reading of a statement, without any index.
func (s *spec) applies(r *policy.Request) bool {
	action := func(texts []string) bool {
		for _, text := range texts {
			if arn.Match(strings.ToLower(text), strings.ToLower(r.Action)) {
				return true
			}
		}
		return false
	}
	resource := func(texts []string) bool {
		for _, text := range texts {
			p, err := arn.CompilePattern(text)
			if err == nil && p.MatchString(r.Resource) {
				return true
			}
		}
		return false
	}
	if s.NotAction != nil == action(append(s.Action, s.NotAction...)) {
		return false
	}
	if s.NotResource != nil == resource(append(s.Resource, s.NotResource...)) {
		return false
	}
	for _, want := range s.Condition {
		v, _ := r.Context.Lookup("x:k")
		held := false
		for _, text := range want["x:k"] {
			held = held || v.Len() > 0 && v.At(0) == text
		}
		if !held {
			return false
		}
	}
	return true
}

// naming is the naive naming of a caller by an AWS list.
func (s *spec) naming(who *policy.Principal) policy.PrincipalMatch {
	best := policy.NotNamed
	for _, text := range s.Principal["AWS"] {
		m := policy.NotNamed
		switch {
		case text == "*":
			m = policy.NamedWildcard
		case text == who.ARN:
			m = policy.NamedPrincipal
		case text == who.RoleARN && who.RoleARN != "":
			m = policy.NamedRole
		case text == who.Account && who.Kind == policy.Root:
			m = policy.NamedPrincipal
		case text == who.Account && who.Account != "":
			m = policy.NamedAccount
		}
		best = max(best, m)
	}
	return best
}

// naive evaluates statements one by one.
func naive(specs []spec, r *policy.Request, ofResource bool) (effect policy.Effect, index int, named policy.PrincipalMatch) {
	for i := range specs {
		s := &specs[i]
		if s.Effect != "Deny" || !s.applies(r) {
			continue
		}
		if s.Principal == nil || s.naming(&r.Principal) != policy.NotNamed {
			return policy.Deny, i, s.naming(&r.Principal)
		}
	}
	for i := range specs {
		s := &specs[i]
		if s.Effect != "Allow" || !s.applies(r) {
			continue
		}
		n := s.naming(&r.Principal)
		if s.Principal == nil && ofResource || s.Principal != nil && n == policy.NotNamed {
			continue
		}
		if effect == policy.NoMatch || ofResource && n > named {
			effect, index, named = policy.Allow, i, n
		}
	}
	return effect, index, named
}

// TestAttack14IndexedIsNaive holds the indexed set to the linear reading, with
// few statements and with enough of them to be narrowed by resource.
func TestAttack14IndexedIsNaive(t *testing.T) {
	who := []policy.Principal{alice, carol, admin, root, ec2, nobody}
	rapid.Check(t, func(t *rapid.T) {
		var specs []spec
		for range rapid.IntRange(1, 60).Draw(t, "statements") {
			specs = append(specs, drawSpec(t))
		}
		src, err := json.Marshal(map[string]any{"Version": "2012-10-17", "Statement": specs})
		if err != nil {
			t.Fatal(err)
		}
		doc, err := policy.Parse(src)
		if err != nil {
			t.Fatal(err)
		}
		p, err := policy.Compile(doc, policy.Ref{})
		if err != nil {
			t.Fatal(err)
		}
		set := policy.NewSet(p)
		for range 20 {
			r := &policy.Request{
				Principal: rapid.SampledFrom(who).Draw(t, "who"),
				Action:    rapid.SampledFrom(actions).Draw(t, "action"),
				Resource:  rapid.SampledFrom(resources).Draw(t, "resource"),
				Context:   condition.Map{"x:k": condition.One(rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "value"))},
			}
			for ofResource, eval := range map[bool]func(*policy.Request) policy.Match{false: set.Eval, true: set.EvalResource} {
				got := eval(r)
				effect, index, named := naive(specs, r, ofResource)
				if got.Effect != effect || effect != policy.NoMatch && got.Statement != index {
					t.Fatalf("of resource %v: %+v, naive %v by %d", ofResource, got, effect, index)
				}
				if ofResource && effect == policy.Allow && got.Named != named {
					t.Fatalf("named %d, naive %d", got.Named, named)
				}
			}
		}
	})
}

// TestAttack14Parallel: a set is the same for many goroutines at once.
func TestAttack14Parallel(t *testing.T) {
	set := policy.NewSet(compile(t, full))
	r := &policy.Request{Principal: alice, Action: "s3:GetObject", Resource: "arn:aws:s3:::café/k", Context: condition.Map{
		"aws:securetransport": condition.One("true"), "s3:max-keys": condition.One("5")}}
	want := set.EvalResource(r)
	if want.Effect != policy.Allow || want.Named != policy.NamedAccount {
		t.Fatalf("%+v", want)
	}
	done := make(chan policy.Match)
	for range 8 {
		go func() {
			var m policy.Match
			for range 1000 {
				if m = set.EvalResource(r); m != want {
					break
				}
			}
			done <- m
		}()
	}
	for range 8 {
		if m := <-done; m != want {
			t.Errorf("%+v, want %+v", m, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, src := range []string{full, statement(`[]`), `{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}`,
		statement(`{"Effect":"Deny","Action":"a:b","Resource":"arn:aws:s3:::${aws:username, 'x'}","Condition":{"ForAnyValue:StringLike":{"a":[1,true,"x"]}}}`), `{"a":{}}`, "\xff"} {
		f.Add([]byte(src))
	}
	requests := []*policy.Request{
		{Principal: alice, Action: "s3:GetObject", Resource: "arn:aws:s3:::b/k", Context: condition.Map{"aws:username": condition.One("alice")}},
		{Action: "", Resource: ""},
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		doc, err := policy.Parse(src)
		if err != nil {
			return
		}
		b, err := doc.MarshalJSON()
		if err != nil {
			t.Fatalf("%v printing %s", err, src)
		}
		again, err := policy.Parse(b)
		if err != nil {
			t.Fatalf("%v parsing what was printed: %s", err, b)
		}
		if diff := cmp.Diff(doc, again, cmpopts.IgnoreTypes(policy.Position{}), cmpopts.EquateEmpty()); diff != "" {
			t.Fatal(diff)
		}
		if b2, err := again.MarshalJSON(); err != nil || !bytes.Equal(b, b2) {
			t.Fatalf("printed %s, then %s, %v", b, b2, err)
		}
		p, err := policy.Compile(doc, policy.Ref{})
		if err != nil {
			return
		}
		set := policy.NewSet(p)
		for _, r := range requests {
			set.Eval(r)
			set.EvalResource(r)
		}
	})
}
