package condition_test

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"sallyport/policy/condition"
)

// holds evaluates one operator on one request value.
func holds(t *testing.T, operator, policyValue, requestValue string) bool {
	t.Helper()
	return test(t, operator, "x:key", policyValue).Eval(condition.Map{"x:key": condition.One(requestValue)}, false)
}

func TestValues(t *testing.T) {
	tests := []struct {
		operator, policy, request string
		want                      bool
	}{
		// Strings.
		{"StringEquals", "a*", "abc", false}, // no wildcards
		{"StringEquals", "a*", "a*", true},
		{"StringEquals", "", "", true},
		{"StringLike", "a${*}", "a*", true},
		{"StringLike", "a${*}", "abc", false},
		{"StringLike", "a${?}", "ab", false},
		{"StringLike", "${$}{x}", "${x}", true},
		{"StringEqualsIgnoreCase", "É", "é", true},
		{"StringEqualsIgnoreCase", "k", "\u212A", false},
		{"StringEqualsIgnoreCase", "\u212A", "K", false},
		{"StringEqualsIgnoreCase", "s", "\u017F", false},
		{"StringEqualsIgnoreCase", "ab", "a", false},
		{"StringEqualsIgnoreCase", "\xff", "\xff", true},
		{"StringEqualsIgnoreCase", "\xff", "\xfe", false},
		// Numbers beyond the exact range of float64.
		{"NumericEquals", "9007199254740993", "9007199254740992", false},
		{"NumericLessThan", "9007199254740993", "9007199254740992", true},
		{"NumericEquals", "1e3", "1000", true},
		{"NumericGreaterThan", "-1", "-0.5", true},
		{"NumericEquals", "+1", "1", true},
		{"NumericEquals", "1", "", false},
		// Dates.
		{"DateEquals", "2026-01-02T03:04:05Z", "2026-01-02T05:04:05+02:00", true},
		{"DateEquals", "2026-01-02T03:04:05Z", "2026-01-01T22:04:05-0500", true},
		{"DateEquals", "2026-01-02T03:04:05Z", "2026-01-02T03:04:05.000Z", true},
		{"DateEquals", "2026-01-02T03:04Z", "2026-01-02T03:04:00", true},
		{"DateEquals", "2026-01", "2026-01-01T00:00:00Z", true},
		{"DateEquals", "2026-01-02t03:04:05z", "1767323045", true},
		{"DateEquals", "0", "1970-01-01", true},
		{"DateLessThan", "1970-01-01", "1969-12-31T23:59:59.999Z", true},
		{"DateLessThan", "0001-01-01", "-0001-01-01", true},
		{"DateEquals", "2000-02-29", "951782400", true},
		// IP addresses.
		{"IpAddress", "2001:db8::/32", "2001:DB8:0:0::1", true},
		{"IpAddress", "2001:db8::/32", "2001:db9::1", false},
		{"IpAddress", "203.0.113.9/24", "203.0.113.200", true}, // host bits are ignored
		{"IpAddress", "0.0.0.0/0", "203.0.113.200", true},
		{"IpAddress", "0.0.0.0/0", "2001:db8::1", false},
		{"IpAddress", "203.0.113.5", "::ffff:203.0.113.5", true},
		{"IpAddress", "::ffff:203.0.113.0/120", "203.0.113.5", true},
		{"IpAddress", "10.0.0.0/8", "010.0.0.1", false},
		{"IpAddress", "fe80::/10", "fe80::1%eth0", false},
		// ARNs.
		{"ArnLike", "*", "arn:aws:s3:::b", true},
		{"ArnLike", "*", "anything", false},
		{"ArnLike", "arn:aws:s3:::*", "arn:aws:s3:::a:b/c", true},
		{"ArnLike", "arn:aws:iam::*", "arn:aws:iam::111122223333:role/x", true},
		{"ArnLike", "arn:aws:iam:*:role/x", "arn:aws:iam::111122223333:role/x", false},
		{"ArnEquals", "arn:aws:sns:us-*-1:111122223333:t", "arn:aws:sns:us-east-1:111122223333:t", true},
		{"ArnEquals", "arn:aws:s3:::B", "arn:aws:s3:::b", false},
		// Binary.
		{"BinaryEquals", "QQ==", "QQ==", true},
		{"BinaryEquals", "QQ==", "Qg==", false},
		{"BinaryEquals", "QQ==", strings.Repeat("A", 4000), false},
	}
	for _, tt := range tests {
		if got := holds(t, tt.operator, tt.policy, tt.request); got != tt.want {
			t.Errorf("%s %q on %q = %v", tt.operator, tt.policy, tt.request, got)
		}
	}
}

func TestVariables(t *testing.T) {
	ctx := condition.Map{
		"aws:username":          condition.One("alice"),
		"aws:principaltag/team": condition.One("b*"),
		"aws:principalarn":      condition.One("arn:aws:iam::111122223333:user/alice"),
		"aws:tagkeys":           condition.Many("a", "b"),
		"aws:empty":             condition.Many(),
	}
	tests := []struct {
		operator, policy, request string
		allow, deny               bool
	}{
		{"StringEquals", "${aws:username}", "alice", true, true},
		{"StringEquals", "${AWS:UserName}", "alice", true, true},
		{"StringEquals", "${ aws:username }", "alice", true, true},
		{"StringEquals", "home/${aws:username}/${aws:username}", "home/alice/alice", true, true},
		{"StringEqualsIgnoreCase", "${aws:username}", "ALICE", true, true},
		{"StringEqualsIgnoreCase", "É-${aws:username}-ſ", "é-ALICE-ſ", true, true},
		{"StringEqualsIgnoreCase", "É-${aws:username}-ſ", "é-alice-s", false, false},
		{"StringEqualsIgnoreCase", "É-${aws:username}", "é-alice-", false, false},
		{"StringEqualsIgnoreCase", "É-${aws:username}", "é-alic", false, false},
		{"StringLike", "${aws:username}-*", "alice-1", true, true},
		// A value with a wildcard matches only itself.
		{"StringLike", "${aws:PrincipalTag/Team}", "b*", true, true},
		{"StringLike", "${aws:PrincipalTag/Team}", "blue", false, false},
		{"StringLike", "${aws:PrincipalTag/Team}*", "b*lue", true, true},
		{"StringNotLike", "${aws:PrincipalTag/Team}", "blue", true, true},
		// No value: nothing matches; negated, Deny applies and Allow does not.
		{"StringEquals", "${aws:absent}", "", false, false},
		{"StringEquals", "${aws:tagkeys}", "a", false, false},
		{"StringEquals", "${aws:empty}", "", false, false},
		{"StringNotEquals", "${aws:absent}", "x", false, true},
		{"StringNotLike", "x-${aws:tagkeys}", "x", false, true},
		{"ArnNotLike", "arn:aws:iam::111122223333:user/${aws:absent}", "arn:aws:iam::111122223333:user/bob", false, true},
		// Defaults.
		{"StringEquals", "${aws:absent, 'anonymous'}", "anonymous", true, true},
		{"StringEquals", "${aws:username,'anonymous'}", "anonymous", false, false},
		{"StringEquals", "${aws:tagkeys, 'x'}", "x", false, false},
		{"StringEquals", "${aws:absent, ''}", "", true, true},
		{"StringLike", "${aws:absent, '*'}", "x", false, false},
		{"StringEquals", "${aws:absent, '${aws:username}'}", "${aws:username}", true, true},
		// ARNs.
		{"ArnEquals", "${aws:PrincipalArn}", "arn:aws:iam::111122223333:user/alice", true, true},
		{"ArnEquals", "${aws:PrincipalArn}", "arn:aws:iam::111122223333:user/bob", false, false},
		{"ArnLike", "arn:aws:iam::*:user/${aws:username}", "arn:aws:iam::111122223333:user/alice", true, true},
		{"ArnLike", "arn:aws:iam::*:user/${aws:PrincipalTag/team}", "arn:aws:iam::111122223333:user/bob", false, false},
	}
	for _, tt := range tests {
		ctx["x:key"] = condition.One(tt.request)
		c := test(t, tt.operator, "x:key", tt.policy)
		if allow, deny := c.Eval(ctx, false), c.Eval(ctx, true); allow != tt.allow || deny != tt.deny {
			t.Errorf("%s %q on %q = %v in Allow, %v in Deny", tt.operator, tt.policy, tt.request, allow, deny)
		}
	}
}

// TestAttack11OldVersionVariables: before 2012-10-17 a variable is plain text.
func TestAttack11OldVersionVariables(t *testing.T) {
	ctx := condition.Map{"aws:username": condition.One("alice"), "x:key": condition.One("alice")}
	for _, operator := range []string{"StringEquals", "StringLike", "StringEqualsIgnoreCase"} {
		c, err := condition.Compile(operator, "x:key", []string{"${aws:username}"}, false)
		if err != nil {
			t.Fatal(err)
		}
		if c.Eval(ctx, false) {
			t.Errorf("%s substituted a variable", operator)
		}
		if !c.Eval(condition.Map{"x:key": condition.One("${aws:username}")}, false) {
			t.Errorf("%s does not match the text itself", operator)
		}
	}
}

func TestKeysAreCaseInsensitive(t *testing.T) {
	ctx := condition.Map{"aws:principaltag/cost center": condition.One("7")}
	if !test(t, "StringEquals", "AWS:PrincipalTag/Cost Center", "7").Eval(ctx, false) {
		t.Error("key in another case was not found")
	}
}

func TestManyVariables(t *testing.T) {
	if _, err := condition.Compile("StringEquals", "x:key", []string{strings.Repeat("${x:a}", 16)}, true); err != nil {
		t.Error(err)
	}
	if _, err := condition.Compile("StringEquals", "x:key", []string{strings.Repeat("${x:a}", 17)}, true); err == nil {
		t.Error("17 variables were accepted")
	}
}

// TestDatesAreTimes holds dates to package time.
func TestDatesAreTimes(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		from := time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC).Unix()
		to := time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC).Unix()
		at := time.Unix(rapid.Int64Range(from, to).Draw(rt, "seconds"), rapid.Int64Range(0, 999_999_999).Draw(rt, "nanoseconds"))
		zone := time.FixedZone("", 60*rapid.IntRange(-14*60, 14*60).Draw(rt, "offset"))
		text := at.In(zone).Format(time.RFC3339Nano)
		if year := at.In(zone).Year(); year < 0 || year > 9999 {
			return
		}
		if !holds(t, "DateEquals", at.UTC().Format(time.RFC3339Nano), text) {
			rt.Fatalf("%s differs from %s", text, at.UTC())
		}
		if holds(t, "DateEquals", at.Add(time.Nanosecond).UTC().Format(time.RFC3339Nano), text) {
			rt.Fatalf("%s equals a nanosecond later", text)
		}
	})
}

// FuzzTemplate holds that a template without variables and wildcards matches
// only the text it was written as.
func FuzzTemplate(f *testing.F) {
	for _, s := range []string{"a", "${aws:username}", "${x, 'd'}", "${*}", "${", "a${?}b", "${$}{"} {
		f.Add(s, "alice")
	}
	f.Fuzz(func(t *testing.T, s, value string) {
		ctx := condition.Map{"aws:username": condition.One(value), "x:key": condition.One(value)}
		for _, operator := range []string{"StringLike", "ArnLike", "StringNotEquals", "DateLessThan", "IpAddress", "NumericEquals", "BinaryEquals"} {
			if c, err := condition.Compile(operator, "x:key", []string{s}, true); err == nil {
				c.Eval(ctx, false)
			}
		}
		c, err := condition.Compile("StringEquals", "x:key", []string{s}, false)
		if err != nil {
			t.Fatalf("literal %q: %v", s, err)
		}
		if c.Eval(ctx, false) != (s == value) {
			t.Fatalf("%q on %q", s, value)
		}
	})
}
