package arn_test

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"sallyport/arn"
)

func TestParse(t *testing.T) {
	tests := []struct {
		in   string
		want arn.ARN
		ok   bool
	}{
		{"arn:aws:s3:::bucket/key", arn.ARN{Partition: "aws", Service: "s3", Resource: "bucket/key"}, true},
		{"arn:aws:iam::111122223333:user/division/alice", arn.ARN{Partition: "aws", Service: "iam", Account: "111122223333", Resource: "user/division/alice"}, true},
		{"arn:aws-cn:sns:cn-north-1:111122223333:topic:sub:1", arn.ARN{Partition: "aws-cn", Service: "sns", Region: "cn-north-1", Account: "111122223333", Resource: "topic:sub:1"}, true},
		{"arn:aws:iam::aws:policy/ReadOnlyAccess", arn.ARN{Partition: "aws", Service: "iam", Account: "aws", Resource: "policy/ReadOnlyAccess"}, true},
		{in: ""},
		{in: "arn"},
		{in: "arn:aws:s3::bucket"},
		{in: "ARN:aws:s3:::bucket"},
		{in: "urn:aws:s3:::bucket"},
		{in: "arn::s3:::bucket"},
		{in: "arn:aws::::bucket"},
		{in: "arn:aws:s3:::"},
		{in: "arn:aws:s3:::\xff"},
		{in: "arn:aws:s3:::" + strings.Repeat("a", arn.MaxBytes)},
	}
	for _, tt := range tests {
		got, err := arn.Parse(tt.in)
		if (err == nil) != tt.ok {
			t.Errorf("Parse(%.60q) error %v", tt.in, err)
			continue
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("Parse(%q): %s", tt.in, diff)
		}
		if tt.ok && got.String() != tt.in {
			t.Errorf("Parse(%q) prints %q", tt.in, got)
		}
	}
}

func TestMatch(t *testing.T) {
	tests := []struct {
		pattern, text string
		want          bool
	}{
		{"", "", true},
		{"", "a", false},
		{"*", "", true},
		{"*", "anything:at/all", true},
		{"**", "", true},
		{"?", "", false},
		{"?", "a", true},
		{"?", "é", true},
		{"?", "日", true},
		{"??", "日", false},
		{"?*", "", false},
		{"*?", "a", true},
		{"a*", "a", true},
		{"a*", "ba", false},
		{"*a", "ba", true},
		{"*a", "ab", false},
		{"a*b", "ab", true},
		{"a*b", "aXXb", true},
		{"a*a", "a", false},
		{"ab*ba", "aba", false},
		{"ab*ba", "abba", true},
		{"*ab*ab*", "abab", true},
		{"*ab*ab*", "abXb", false},
		{"a?c*?", "abcd", true},
		{"a?c*?", "abc", false},
		{"*?b", "ab", true},
		{"*?b", "b", false},
		{"a*b?d*f", "a--b-d--f", true},
		{"Get*", "get", false},
		{"[a]*", "a", false},
		{"*é?", "caféx", true},
		{"*?é", "é", false},
	}
	for _, tt := range tests {
		if got := arn.Match(tt.pattern, tt.text); got != tt.want {
			t.Errorf("Match(%q, %q) = %v", tt.pattern, tt.text, got)
		}
	}
}

func TestGlobFold(t *testing.T) {
	tests := []struct {
		pattern, text string
		want          bool
	}{
		{"s3:GetObject", "S3:getobject", true},
		{"s3:get*", "S3:GETOBJECT", true},
		{"*object", "s3:GetOBJECT", true},
		{"*get*ject", "s3:GetObject", true},
		// U+212A KELVIN SIGN folds to k in Unicode, not here.
		{"kms:*", "\u212Ams:Decrypt", false},
		{"\u212Ams:*", "kms:Decrypt", false},
	}
	for _, tt := range tests {
		g := arn.ParseGlob(tt.pattern, true)
		if got := g.Match(tt.text, nil); got != tt.want {
			t.Errorf("%q folding %q = %v", tt.pattern, tt.text, got)
		}
	}
}

// TestAttack13SlotsAreLiteral holds that a value put into a slot never acts as a
// wildcard or separates fields.
func TestAttack13SlotsAreLiteral(t *testing.T) {
	parts := append(arn.WildcardParts(nil, "arn:aws:s3:::home/"), arn.Part{Kind: arn.Slot}, arn.Part{Kind: arn.Literal, Text: "/"}, arn.Part{Kind: arn.Any})
	p, err := arn.NewPattern(parts, false)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		value, target string
		want          bool
	}{
		{"alice", "arn:aws:s3:::home/alice/x", true},
		{"alice", "arn:aws:s3:::home/bob/x", false},
		{"*", "arn:aws:s3:::home/bob/x", false},
		{"*", "arn:aws:s3:::home/*/x", true},
		{"?ob", "arn:aws:s3:::home/bob/x", false},
		{"${aws:username}", "arn:aws:s3:::home/bob/x", false},
		{"", "arn:aws:s3:::home/bob/x", false},
		{"a:b", "arn:aws:s3:::home/a:b/x", true},
		{"bob/..", "arn:aws:s3:::home/bob/x", false},
	} {
		target := arn.Split(tt.target)
		if got := p.Match(&target, []string{tt.value}); got != tt.want {
			t.Errorf("slot %q on %s = %v", tt.value, tt.target, got)
		}
	}
}

func TestPattern(t *testing.T) {
	tests := []struct {
		pattern, target string
		want            bool
	}{
		{"*", "arn:aws:s3:::b", true},
		{"*", "not an ARN", true},
		{"*", "", true},
		{"arn:aws:s3:::b/*", "arn:aws:s3:::b/a:b/c", true},
		{"arn:aws:s3:::*", "arn:aws:s3:us-east-1::b", false},
		{"arn:aws:s3:*:*:b", "arn:aws:s3:us-east-1:111122223333:b", true},
		{"arn:aws:s3*b", "arn:aws:s3:::b", false}, // a star does not span colons here
		{"arn:aws:*:b", "arn:aws:s3:::b", false},
		{"arn:aws:s3::*:b", "arn:aws:s3::1:2:b", false},
		{"arn:aws:s3:::*:b", "arn:aws:s3:::1:2:b", true}, // but in the resource it does
		{"arn:*:iam::111122223333:role/x", "arn:aws-cn:iam::111122223333:role/x", true},
		{"*:aws:s3:::b", "arn:aws:s3:::b", true},
		{"arn:aws:s3", "arn:aws:s3:us-east-1:1:anything", true}, // missing fields are "*"
		{"arn:aws:s3", "arn:aws:s3x:::b", false},
		{"arn:aws:iam::1111222233??:user/*", "arn:aws:iam::111122223333:user/alice", true},
		{"arn:aws:s3:::Bucket", "arn:aws:s3:::bucket", false},
		{"arn:aws:s3:::b", "s3:::b", false},
		{"arn:aws:s3:::b", "urn:aws:s3:::b", false},
	}
	for _, tt := range tests {
		p, err := arn.CompilePattern(tt.pattern)
		if err != nil {
			t.Errorf("CompilePattern(%q): %v", tt.pattern, err)
			continue
		}
		if got := p.MatchString(tt.target); got != tt.want {
			t.Errorf("%q on %q = %v", tt.pattern, tt.target, got)
		}
	}
	for _, bad := range []string{"", "bucket", "**", "s3:::bucket", "urn:aws:s3:::b", "ARN:aws:s3:::b"} {
		if _, err := arn.CompilePattern(bad); err == nil {
			t.Errorf("CompilePattern(%q) succeeded", bad)
		}
	}
}

// naive is the textbook definition of matching, exponential in the worst case.
func naive(pattern, text []rune) bool {
	if len(pattern) == 0 {
		return len(text) == 0
	}
	switch pattern[0] {
	case '*':
		return naive(pattern[1:], text) || len(text) > 0 && naive(pattern, text[1:])
	case '?':
		return len(text) > 0 && naive(pattern[1:], text[1:])
	}
	return len(text) > 0 && pattern[0] == text[0] && naive(pattern[1:], text[1:])
}

func TestMatchIsNaive(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		pattern := rapid.StringOfN(rapid.RuneFrom([]rune("abé*?")), 0, 10, -1).Draw(t, "pattern")
		text := rapid.StringOfN(rapid.RuneFrom([]rune("abé")), 0, 12, -1).Draw(t, "text")
		if got, want := arn.Match(pattern, text), naive([]rune(pattern), []rune(text)); got != want {
			t.Fatalf("Match(%q, %q) = %v", pattern, text, got)
		}
	})
}

// TestAttack11ExponentialWildcards finishes at once although a backtracking
// matcher would need more steps than there are atoms.
func TestAttack11ExponentialWildcards(t *testing.T) {
	text := strings.Repeat("a", 100_000)
	for _, pattern := range []string{
		strings.Repeat("a*", 1000) + "b",
		strings.Repeat("*a", 1000) + "*b*",
		strings.Repeat("*?", 1000) + "b",
		strings.Repeat("a?*", 600) + "b*c",
	} {
		if arn.Match(pattern, text) {
			t.Errorf("%.20s… matched", pattern)
		}
	}
	if !arn.Match(strings.Repeat("*a", 1000), text) {
		t.Error("matching pattern did not match")
	}
}

// BenchmarkExponentialWildcards shows time linear in the text.
func BenchmarkExponentialWildcards(b *testing.B) {
	g := arn.ParseGlob("*a?*a?*a?*a?*a?*a?*a?*b*", false)
	for _, n := range []int{1_000, 10_000, 100_000} {
		text := strings.Repeat("a", n)
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			b.SetBytes(int64(n))
			for b.Loop() {
				g.Match(text, nil)
			}
		})
	}
}

func FuzzARN(f *testing.F) {
	for _, s := range []string{"arn:aws:s3:::b", "arn:aws:iam::111122223333:user/alice", "*", "arn:aws:s3", "arn:::::", ":"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		a, err := arn.Parse(s)
		if err != nil {
			return
		}
		if a.String() != s {
			t.Fatalf("%q prints %q", s, a)
		}
		// An ARN without wildcards is a pattern that matches itself alone.
		p, err := arn.CompilePattern(s)
		if err != nil {
			t.Fatal(err)
		}
		if !p.MatchString(s) {
			t.Fatalf("%q does not match itself", s)
		}
		if !strings.ContainsAny(s, "*?") && p.MatchString(s+"x") {
			t.Fatalf("%q matches more than itself", s)
		}
	})
}

func FuzzMatch(f *testing.F) {
	f.Add("a*b?", "aXbc")
	f.Add("*a*a*a*b", "aaaaaaaaaaaaaaaa")
	f.Add("é?", "é\xff")
	f.Fuzz(func(t *testing.T, pattern, text string) {
		if len(pattern) > 64 || len(text) > 256 {
			return
		}
		got := arn.Match(pattern, text)
		if !strings.ContainsAny(pattern, "*?") && got != (pattern == text) {
			t.Fatalf("Match(%q, %q) = %v", pattern, text, got)
		}
		if got && !arn.Match(pattern+"*", text+"tail") {
			t.Fatalf("%q matches %q but not with a tail", pattern, text)
		}
		if strings.Count(pattern, "*") <= 3 && utf8.ValidString(pattern) && utf8.ValidString(text) {
			if want := naive([]rune(pattern), []rune(text)); got != want {
				t.Fatalf("Match(%q, %q) = %v", pattern, text, got)
			}
		}
	})
}
