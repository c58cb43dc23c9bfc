package condition_test

import (
	"fmt"
	"slices"
	"testing"

	"sallyport/policy/condition"
)

func test(t *testing.T, operator, key string, values ...string) *condition.Test {
	t.Helper()
	c, err := condition.Compile(operator, key, values, true)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// samples holds, for each positive operator, a policy value, request values that
// match it and don't, and one the operator can't read ("" if there is none).
var samples = []struct {
	operator, negation   string
	policy, match, other string
	unreadable           string
}{
	{"StringEquals", "StringNotEquals", "Blue", "Blue", "blue", ""},
	{"StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase", "Blue", "bLUE", "red", ""},
	{"StringLike", "StringNotLike", "b?u*", "blue", "red", ""},
	{"NumericEquals", "NumericNotEquals", "10", "10.0", "11", "ten"},
	{"NumericLessThan", "", "10", "9.5", "10", "ten"},
	{"NumericLessThanEquals", "", "10", "10", "11", "0x1"},
	{"NumericGreaterThan", "", "10", "11", "10", "inf"},
	{"NumericGreaterThanEquals", "", "10", "10", "9", "1_0"},
	{"DateEquals", "DateNotEquals", "2026-01-02T03:04:05Z", "1767323045", "2026-01-02", "yesterday"},
	{"DateLessThan", "", "2026-01-02", "2026-01-01T23:59:59Z", "2026-01-02", "never"},
	{"DateLessThanEquals", "", "2026-01-02", "2026-01-02", "2026-01-03", "-"},
	{"DateGreaterThan", "", "2026-01-02", "2026-01-02T00:00:00.1Z", "2026-01-02", "T"},
	{"DateGreaterThanEquals", "", "2026-01-02", "2026-01-02", "2026-01-01", "2026-13-01"},
	{"Bool", "", "true", "TRUE", "false", "yes"},
	{"BinaryEquals", "", "QmluYXJ5", "QmluYXJ5", "QmluYXJ4", "%"},
	{"IpAddress", "NotIpAddress", "203.0.113.0/24", "203.0.113.7", "198.51.100.1", "host"},
	{"ArnEquals", "ArnNotEquals", "arn:aws:iam::*:role/x", "arn:aws:iam::111122223333:role/x", "arn:aws:iam::111122223333:role/y", "role/x"},
	{"ArnLike", "ArnNotLike", "arn:aws:sns:*:111122223333:t?", "arn:aws:sns:us-east-1:111122223333:t1", "arn:aws:sns:us-east-1:111122223333:t12", "t1"},
}

// expectations is the meaning of every operator in every form, from the pages
// "Condition operators" and "Set operators for multivalued context keys": y and n
// for an Allow statement then a Deny statement, which differ only in the open
// cases of the package comment.
var expectations = []struct {
	situation string
	values    func(match, other, unreadable string) []string // nil: absent
	// plain, IfExists, ForAllValues, ForAllValues+IfExists, ForAnyValue,
	// ForAnyValue+IfExists
	positive, negated [6]string
}{
	{"absent", nil,
		[6]string{"nn", "yy", "yy", "yy", "nn", "yy"},
		[6]string{"yy", "yy", "yy", "yy", "nn", "yy"}},
	{"empty set", func(_, _, _ string) []string { return []string{} },
		[6]string{"nn", "yy", "yy", "yy", "nn", "yy"},
		[6]string{"yy", "yy", "yy", "yy", "nn", "yy"}},
	{"matching", func(m, _, _ string) []string { return []string{m} },
		[6]string{"yy", "yy", "yy", "yy", "yy", "yy"},
		[6]string{"nn", "nn", "nn", "nn", "nn", "nn"}},
	{"other", func(_, o, _ string) []string { return []string{o} },
		[6]string{"nn", "nn", "nn", "nn", "nn", "nn"},
		[6]string{"yy", "yy", "yy", "yy", "yy", "yy"}},
	{"matching twice", func(m, _, _ string) []string { return []string{m, m} },
		[6]string{"yy", "yy", "yy", "yy", "yy", "yy"},
		[6]string{"nn", "nn", "nn", "nn", "nn", "nn"}},
	{"matching and other", func(m, o, _ string) []string { return []string{m, o} },
		[6]string{"ny", "ny", "nn", "nn", "yy", "yy"},
		[6]string{"ny", "ny", "nn", "nn", "yy", "yy"}},
	{"other and matching", func(m, o, _ string) []string { return []string{o, m} },
		[6]string{"ny", "ny", "nn", "nn", "yy", "yy"},
		[6]string{"ny", "ny", "nn", "nn", "yy", "yy"}},
	{"other twice", func(_, o, _ string) []string { return []string{o, o} },
		[6]string{"nn", "nn", "nn", "nn", "nn", "nn"},
		[6]string{"yy", "yy", "yy", "yy", "yy", "yy"}},
	{"unreadable", func(_, _, u string) []string { return []string{u} },
		[6]string{"nn", "nn", "nn", "nn", "nn", "nn"},
		[6]string{"ny", "ny", "ny", "ny", "ny", "ny"}},
	{"matching and unreadable", func(m, _, u string) []string { return []string{m, u} },
		[6]string{"ny", "ny", "nn", "nn", "yy", "yy"},
		[6]string{"ny", "ny", "nn", "nn", "ny", "ny"}},
}

var forms = [6]struct{ prefix, suffix string }{
	{"", ""}, {"", "IfExists"}, {"ForAllValues:", ""}, {"ForAllValues:", "IfExists"}, {"ForAnyValue:", ""}, {"ForAnyValue:", "IfExists"},
}

// TestAttack12EveryOperatorInEveryForm holds every operator, absent keys
// included, to the table.
func TestAttack12EveryOperatorInEveryForm(t *testing.T) {
	ran := 0
	for _, s := range samples {
		for _, e := range expectations {
			for i, form := range forms {
				if s.unreadable == "" && (e.situation == "unreadable" || e.situation == "matching and unreadable") {
					continue
				}
				ctx := condition.Map{}
				if e.values != nil {
					ctx["x:key"] = condition.Many(e.values(s.match, s.other, s.unreadable)...)
				}
				check := func(operator, want string) {
					name := form.prefix + operator + form.suffix
					c := test(t, name, "x:Key", s.policy)
					got := fmt.Sprintf("%s%s", yn(c.Eval(ctx, false)), yn(c.Eval(ctx, true)))
					if got != want {
						t.Errorf("%s, %s: %s, want %s", name, e.situation, got, want)
					}
					ran++
				}
				check(s.operator, e.positive[i])
				if s.negation != "" {
					check(s.negation, e.negated[i])
				}
			}
		}
	}
	if ran < 1200 {
		t.Errorf("only %d cases", ran)
	}
}

func yn(b bool) string {
	if b {
		return "y"
	}
	return "n"
}

func TestSamplesCoverEveryOperator(t *testing.T) {
	covered := []string{"Null"}
	for _, s := range samples {
		covered = append(covered, s.operator)
		if s.negation != "" {
			covered = append(covered, s.negation)
		}
	}
	slices.Sort(covered)
	if got := condition.Operators(); !slices.Equal(got, covered) {
		t.Errorf("operators %v\ncovered %v", got, covered)
	}
}

func TestSeveralPolicyValues(t *testing.T) {
	ctx := condition.Map{"x:key": condition.One("b")}
	for _, tt := range []struct {
		operator string
		values   []string
		want     bool
	}{
		{"StringEquals", []string{"a", "b"}, true},
		{"StringEquals", []string{"a", "c"}, false},
		{"StringNotEquals", []string{"a", "b"}, false}, // none of them may match
		{"StringNotEquals", []string{"a", "c"}, true},
		{"StringNotLike", []string{"a*", "?"}, false},
	} {
		if got := test(t, tt.operator, "x:key", tt.values...).Eval(ctx, false); got != tt.want {
			t.Errorf("%s %v = %v", tt.operator, tt.values, got)
		}
	}
}

// TestEmptyTextIsNullSet: a single empty text is a set without values to the
// qualifiers, and a value to everything else.
func TestEmptyTextIsNullSet(t *testing.T) {
	one, two := condition.One(""), condition.Many("", "")
	for _, tt := range []struct {
		operator, policy string
		values           condition.Values
		want             bool
	}{
		{"ForAllValues:StringEquals", "a", one, true},
		{"ForAllValues:StringNotEquals", "", one, true},
		{"ForAnyValue:StringEquals", "", one, false},
		{"ForAnyValue:StringNotEquals", "a", one, false},
		{"ForAnyValue:StringNotEqualsIfExists", "a", one, false},
		{"StringEquals", "", one, true},
		{"StringNotEquals", "a", one, true},
		{"Null", "false", one, true},
		{"ForAllValues:StringEquals", "a", two, false},
		{"ForAnyValue:StringEquals", "", two, true},
	} {
		c := test(t, tt.operator, "x:key", tt.policy)
		for _, deny := range []bool{false, true} {
			if got := c.Eval(condition.Map{"x:key": tt.values}, deny); got != tt.want {
				t.Errorf("%s %q on %d empty texts, in Deny %v: %v", tt.operator, tt.policy, tt.values.Len(), deny, got)
			}
		}
	}
}

func TestNull(t *testing.T) {
	present := condition.Map{"x:key": condition.One("")}
	empty := condition.Map{"x:key": condition.Many()}
	for _, tt := range []struct {
		value string
		ctx   condition.Context
		want  bool
	}{
		{"true", nil, true},
		{"true", condition.Map{}, true},
		{"true", empty, true},
		{"true", present, false},
		{"false", condition.Map{}, false},
		{"false", empty, false},
		{"FALSE", present, true},
	} {
		for _, deny := range []bool{false, true} {
			if got := test(t, "Null", "x:key", tt.value).Eval(tt.ctx, deny); got != tt.want {
				t.Errorf("Null %s on %v = %v", tt.value, tt.ctx, got)
			}
		}
	}
}

// TestAttack11UnknownOperators: what can't be understood is an error.
func TestAttack11UnknownOperators(t *testing.T) {
	for _, tt := range []struct {
		operator, key string
		values        []string
	}{
		{"", "x:key", []string{"a"}},
		{"stringEquals", "x:key", []string{"a"}},
		{"StringEqualsifexists", "x:key", []string{"a"}},
		{"StringEqualsIfExistsIfExists", "x:key", []string{"a"}},
		{"IfExists", "x:key", []string{"a"}},
		{"ForAllValues:", "x:key", []string{"a"}},
		{"ForAllValues:ForAnyValue:StringEquals", "x:key", []string{"a"}},
		{"forallvalues:StringEquals", "x:key", []string{"a"}},
		{"NotStringEquals", "x:key", []string{"a"}},
		{"NotBool", "x:key", []string{"true"}},
		{"NullIfExists", "x:key", []string{"true"}},
		{"ForAnyValue:Null", "x:key", []string{"true"}},
		{"StringEqual\u0455", "x:key", []string{"a"}}, // CYRILLIC SMALL LETTER DZE
		{"StringEquals", "", []string{"a"}},
		{"StringEquals", "x:key", nil},
		{"NumericEquals", "x:key", []string{"1", "one"}},
		{"NumericEquals", "x:key", []string{"NaN"}},
		{"NumericEquals", "x:key", []string{"${x:n}"}},
		{"DateEquals", "x:key", []string{"2026-1-1-1"}},
		{"DateEquals", "x:key", []string{""}},
		{"Bool", "x:key", []string{"1"}},
		{"Bool", "x:key", []string{"${x:b}"}},
		{"Null", "x:key", []string{"maybe"}},
		{"BinaryEquals", "x:key", []string{"not base64!"}},
		{"IpAddress", "x:key", []string{"10.0.0.0/33"}},
		{"IpAddress", "x:key", []string{"10.0.0"}},
		{"IpAddress", "x:key", []string{"fe80::1%eth0"}},
		{"IpAddress", "x:key", []string{"*"}},
		{"ArnLike", "x:key", []string{"role"}},
		{"StringEquals", "x:key", []string{"${"}},
		{"StringEquals", "x:key", []string{"${}"}},
		{"StringEquals", "x:key", []string{"${x:a, default}"}},
		{"StringEquals", "x:key", []string{"${x:a, 'default}"}},
		{"StringEquals", "x:key", []string{"${x:a, 'default' x}"}},
		{"StringEquals", "x:key", []string{"${x:${y}}"}},
	} {
		if _, err := condition.Compile(tt.operator, tt.key, tt.values, true); err == nil {
			t.Errorf("Compile(%q, %q, %q) succeeded", tt.operator, tt.key, tt.values)
		}
	}
}
