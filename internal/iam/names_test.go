package iam_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"sallyport/internal/iam"
)

func TestARNs(t *testing.T) {
	const account = "111122223333"
	for want, got := range map[string]string{
		"arn:aws:iam::111122223333:user/a":         iam.UserARN(account, &iam.User{Name: "a", Path: "/"}),
		"arn:aws:iam::111122223333:user/p/q/a":     iam.UserARN(account, &iam.User{Name: "a", Path: "/p/q/"}),
		"arn:aws:iam::111122223333:group/p/g":      iam.GroupARN(account, &iam.Group{Name: "g", Path: "/p/"}),
		"arn:aws:iam::111122223333:role/r":         iam.RoleARN(account, &iam.Role{Name: "r", Path: "/"}),
		"arn:aws:iam::111122223333:policy/x/y":     iam.PolicyARN(account, &iam.Policy{Name: "y", Path: "/x/"}),
		"arn:aws:iam::111122223333:root":           iam.RootARN(account),
		"arn:aws:iam::111122223333:user/division/": iam.EntityARN(account, "user", iam.PathOf(new("/division/")), ""),
		"arn:aws:iam::111122223333:group/":         iam.EntityARN(account, "group", iam.PathOf(nil), ""),
	} {
		if got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestSplitPolicyARN(t *testing.T) {
	for _, test := range []struct {
		arn, account, path, name string
		ok                       bool
	}{
		{"arn:aws:iam::111122223333:policy/p", "111122223333", "/", "p", true},
		{"arn:aws:iam::aws:policy/service-role/p", "aws", "/service-role/", "p", true},
		{"arn:aws:iam::111122223333:policy/a/b/p", "111122223333", "/a/b/", "p", true},
		{arn: "arn:aws:iam::111122223333:policy/"},
		{arn: "arn:aws:iam::111122223333:policy/a/"},
		{arn: "arn:aws:iam::111122223333:user/p"},
		{arn: "arn:aws:iam::111122223333"},
		{arn: "arn:aws-cn:iam::111122223333:policy/p"},
		{arn: "policy/p"},
		{arn: ""},
	} {
		account, path, name, ok := iam.SplitPolicyARN(test.arn)
		if ok != test.ok || ok && (account != test.account || path != test.path || name != test.name) {
			t.Errorf("%s: %q %q %q %v", test.arn, account, path, name, ok)
		}
	}
}

func FuzzSplitPolicyARN(f *testing.F) {
	for _, seed := range []string{"arn:aws:iam::aws:policy/p", "arn:aws:iam::1:policy/a/b", "arn:aws:iam:::policy/", "arn:aws:iam::a:policy//x"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, arn string) {
		if account, path, name, ok := iam.SplitPolicyARN(arn); ok {
			if back := iam.EntityARN(account, "policy", path, name); back != arn || strings.Contains(name, "/") {
				t.Errorf("%q became %q", arn, back)
			}
		}
	})
}

func TestVersionIDs(t *testing.T) {
	for _, id := range []string{"", "v", "v0", "v-1", "v+1", "v01", "1", "V1", "v1.x", "v99999999999999999999"} {
		if n, ok := iam.ParseVersionID(id); ok {
			t.Errorf("%q is version %d", id, n)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 1<<30).Draw(t, "n")
		if got, ok := iam.ParseVersionID(iam.VersionID(n)); !ok || got != n {
			t.Errorf("%d became %d, %v", n, got, ok)
		}
	})
}

// Version keys sort as their numbers do.
func TestVersionKeysSort(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := rapid.IntRange(1, 1<<31-1).Draw(t, "a"), rapid.IntRange(1, 1<<31-1).Draw(t, "b")
		if (a < b) != (iam.VersionKey("ANPA", a) < iam.VersionKey("ANPA", b)) {
			t.Errorf("%d and %d sort wrongly", a, b)
		}
	})
}
