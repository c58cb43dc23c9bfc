package condition_test

import (
	"testing"

	"sallyport/policy/condition"
)

func TestExpand(t *testing.T) {
	ctx := condition.Map{"aws:username": condition.One("a*"), "aws:tagkeys": condition.Many("x", "y")}
	tests := []struct {
		text, want string
		ok         bool
	}{
		{"plain $ { } text", "plain $ { } text", true},
		{"home/${aws:UserName}/${aws:username}", "home/a*/a*", true},
		{"${aws:userid, 'nobody'}-x", "nobody-x", true},
		{"a${aws:userid}b${aws:username}", "a${aws:userid}ba*", false},
		{"${aws:TagKeys}", "${aws:TagKeys}", false}, // several values are no value
		{"${*}${?}${$}{aws:username}", "${*}${?}${$}{aws:username}", true},
		{"${open", "${open", true},
		{"${}${aws:username}", "${}a*", true},
	}
	for _, tt := range tests {
		if got, ok := condition.Expand(tt.text, ctx); got != tt.want || ok != tt.ok {
			t.Errorf("%q: %q %v, want %q %v", tt.text, got, ok, tt.want, tt.ok)
		}
	}
	if got, ok := condition.Expand("${aws:username}", nil); got != "${aws:username}" || ok {
		t.Errorf("without a context: %q %v", got, ok)
	}
}
