package ident_test

import (
	"bytes"
	"math/rand/v2"
	"regexp"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"sallyport/internal/ident"
)

func TestForms(t *testing.T) {
	s := ident.New(nil)
	const account = "123456789012"
	for _, c := range []struct {
		name, pattern string
		make          func() string
	}{
		{"UserID", `AIDA[A-Z2-7]{17}`, s.UserID},
		{"GroupID", `AGPA[A-Z2-7]{17}`, s.GroupID},
		{"RoleID", `AROA[A-Z2-7]{17}`, s.RoleID},
		{"PolicyID", `ANPA[A-Z2-7]{17}`, s.PolicyID},
		{"InstanceProfileID", `AIPA[A-Z2-7]{17}`, s.InstanceProfileID},
		{"ServerCertificateID", `ASCA[A-Z2-7]{17}`, s.ServerCertificateID},
		{"ServiceCredentialID", `ACCA[A-Z2-7]{17}`, s.ServiceCredentialID},
		{"PublicKeyID", `APKA[A-Z2-7]{16}`, s.PublicKeyID},
		{"SigningCertificateID", `[A-Z2-7]{32}`, s.SigningCertificateID},
		{"AccessKeyID", `AKIA[Q-Z2-7][A-Z2-7]{15}`, func() string { return s.AccessKeyID(account) }},
		{"TemporaryAccessKeyID", `ASIA[Q-Z2-7][A-Z2-7]{15}`, func() string { return s.TemporaryAccessKeyID(account) }},
		{"SecretAccessKey", `[A-Za-z0-9+/]{40}`, s.SecretAccessKey},
		{"ServicePassword", `[A-Za-z0-9+/]{43}=`, s.ServicePassword},
		{"SAMLProviderID", `SAMLSP[A-Z2-7]{16}`, s.SAMLProviderID},
		{"SAMLKeyID", `SAMLPK[A-Z2-7]{16}`, s.SAMLKeyID},
		{"MFADeviceID", `MFAD[A-Z2-7]{17}`, s.MFADeviceID},
		{"MFASeed", `[A-Z2-7]{64}`, s.MFASeed},
		{"AccountID", `[1-9][0-9]{11}`, s.AccountID},
		{"RequestID", `[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}`, s.RequestID},
		{"Token", `[A-Za-z0-9_-]{43}`, func() string { return s.Token(32) }},
	} {
		form, seen := regexp.MustCompile(`^(?:`+c.pattern+`)$`), map[string]bool{}
		for range 2000 {
			id := c.make()
			if !form.MatchString(id) {
				t.Fatalf("%s = %q, want %s", c.name, id, c.pattern)
			}
			if seen[id] {
				t.Fatalf("%s gave %q twice", c.name, id)
			}
			seen[id] = true
		}
	}
}

func TestAccessKeyAccount(t *testing.T) {
	for _, c := range []struct {
		id, account string
		ok          bool
	}{
		{"ASIAQNZGKIQY56JQ7WML", "029608264753", true}, // a published key and its account
		{"AKIAIOSFODNN7EXAMPLE", "", false},            // AWS's example is of the older kind
		{"AROAQNZGKIQY56JQ7WML", "", false},
		{"ASIAQNZGKIQY56JQ7WM", "", false},
		{"ASIAQNZGKIQY56JQ7WMLA", "", false},
		{"asiaqnzgkiqy56jq7wml", "", false},
		{"ASIAQNZGKIQY56JQ7WM1", "", false},
		{"ASIAQNZGKIQY56JQ\n\nML", "", false},
		{"ASIA7777777777777777", "", false}, // 2^40-1 is no account
		{"", "", false},
	} {
		if account, ok := ident.AccessKeyAccount(c.id); account != c.account || ok != c.ok {
			t.Errorf("AccessKeyAccount(%q) = %q, %v; want %q, %v", c.id, account, ok, c.account, c.ok)
		}
	}
}

func TestAccessKeyRoundTrip(t *testing.T) {
	s := ident.New(nil)
	rapid.Check(t, func(t *rapid.T) {
		account := rapid.StringMatching(`[0-9]{12}`).Draw(t, "account")
		for _, id := range []string{s.AccessKeyID(account), s.TemporaryAccessKeyID(account)} {
			if got, ok := ident.AccessKeyAccount(id); !ok || got != account {
				t.Fatalf("AccessKeyAccount(%q) = %q, %v; want %q", id, got, ok, account)
			}
		}
	})
	for _, edge := range []string{"000000000000", "999999999999", "000000000001"} {
		if got, ok := ident.AccessKeyAccount(s.AccessKeyID(edge)); !ok || got != edge {
			t.Errorf("%s: %q, %v", edge, got, ok)
		}
	}
}

func TestAccessKeyRefusesOddAccounts(t *testing.T) {
	s := ident.New(nil)
	for _, account := range []string{"", "12345", "1234567890123", "-12345678901", "+12345678901", "12345678901a"} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("account %q was encoded", account)
				}
			}()
			s.AccessKeyID(account)
		}()
	}
}

func TestPassword(t *testing.T) {
	s := ident.New(nil)
	firsts := map[byte]bool{}
	for n := range 140 {
		for range 20 {
			p := s.Password(n)
			if want := min(max(n, ident.MinPassword), 128); len(p) != want {
				t.Fatalf("Password(%d) has %d characters", n, len(p))
			}
			for _, kind := range []string{"abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "0123456789", "!@#$%^&*()_+-=[]{}|'"} {
				if !strings.ContainsAny(p, kind) {
					t.Fatalf("%q has none of %q", p, kind)
				}
			}
			if i := strings.IndexAny(p, "0O1lIo\"'`\\<>& "); i >= 0 {
				t.Fatalf("%q holds %q", p, p[i])
			}
			firsts[p[0]] = true
		}
	}
	if len(firsts) < 40 {
		t.Errorf("passwords start with %d characters only: not shuffled", len(firsts))
	}
}

// Each digit of each alphabet should come up equally often; the bound is far
// beyond chance for 100,000 draws and below any modulo bias.
func TestUnbiased(t *testing.T) {
	seed := [32]byte{1}
	s := ident.New(rand.NewChaCha8(seed))
	counts := map[rune]int{}
	for range 10_000 {
		for _, d := range s.AccountID()[1:] {
			counts[d]++
		}
	}
	for d, n := range counts {
		if n < 10_500 || n > 11_500 {
			t.Errorf("digit %c came up %d times of 110,000", d, n)
		}
	}
	if len(counts) != 10 {
		t.Errorf("%d digits", len(counts))
	}
}

func TestInjectedRandomnessRepeats(t *testing.T) {
	make1 := func() []string {
		s := ident.New(rand.NewChaCha8([32]byte{7}))
		return []string{s.UserID(), s.AccessKeyID("111122223333"), s.SecretAccessKey(), s.RequestID(), s.Password(20), s.Token(9)}
	}
	a, b := make1(), make1()
	for i := range a {
		if a[i] != b[i] {
			t.Errorf("%q and %q from the same randomness", a[i], b[i])
		}
	}
}

func TestNoRandomnessPanics(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("an id without randomness")
		}
	}()
	ident.New(bytes.NewReader([]byte("too short"))).UserID()
}

func TestConcurrent(t *testing.T) {
	s := ident.New(nil)
	var seen sync.Map
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 2000 {
				if _, twice := seen.LoadOrStore(s.RequestID(), true); twice {
					t.Error("request id given twice")
				}
			}
		})
	}
	all.Wait()
}

func FuzzAccessKeyAccount(f *testing.F) {
	f.Add("ASIAQNZGKIQY56JQ7WML")
	f.Add("AKIAIOSFODNN7EXAMPLE")
	f.Add("ASIAQNZGKIQY56JQ\r\nML")
	form := regexp.MustCompile(`^[0-9]{12}$`)
	f.Fuzz(func(t *testing.T, id string) {
		account, ok := ident.AccessKeyAccount(id)
		if ok != form.MatchString(account) {
			t.Fatalf("AccessKeyAccount(%q) = %q, %v", id, account, ok)
		}
	})
}

func BenchmarkRequestID(b *testing.B) {
	s := ident.New(nil)
	b.ReportAllocs()
	for b.Loop() {
		s.RequestID()
	}
}

func BenchmarkRequestIDParallel(b *testing.B) {
	s := ident.New(nil)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			s.RequestID()
		}
	})
}

func BenchmarkTemporaryAccessKeyID(b *testing.B) {
	s := ident.New(nil)
	b.ReportAllocs()
	for b.Loop() {
		s.TemporaryAccessKeyID("111122223333")
	}
}
