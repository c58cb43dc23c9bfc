package iam_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"sallyport/internal/api/iamapi"
	"sallyport/internal/iam"
	"sallyport/internal/iam/iamtest"
	"sallyport/internal/operation"
)

func TestNewTags(t *testing.T) {
	in := []iamapi.Tag{{Key: new("b"), Value: new("2")}, {Key: new("A"), Value: new("1")}, {Key: new("c"), Value: new("")}}
	tags, err := iam.CaseInsensitiveTags.New(in)
	if err != nil {
		t.Fatal(err)
	}
	want := []operation.Tag{{Key: "A", Value: "1"}, {Key: "b", Value: "2"}, {Key: "c"}}
	iamtest.WantEqual(t, "tags", want, tags)
	iamtest.WantEqual(t, "as requested", []operation.Tag{want[1], want[0], want[2]}, iam.RequestTags(in))
	iamtest.WantEqual(t, "reply", []iamapi.Tag{in[1], in[0], in[2]}, iam.APITags(tags))
	if none, err := iam.CaseInsensitiveTags.New(nil); none != nil || err != nil {
		t.Errorf("no tags: %v, %v", none, err)
	}
	if iam.APITags(nil) != nil {
		t.Error("no tags are an element")
	}
}

// Row iam-227: keys of users, roles and sessions are the same whatever their
// case, in every script; those of other entities are as they are written.
func TestNewTagsRefused(t *testing.T) {
	const duplicate = "InvalidInput: Duplicate tag keys found. Please note that Tag keys are case insensitive."
	const reserved = "InvalidInput: Tag keys and values must not begin with the reserved prefix aws:"
	for _, test := range []struct{ first, second, value, want string }{
		{"a", "a", "", duplicate},
		{"a", "A", "", duplicate},
		{"straße", "STRAßE", "", duplicate},
		{"Σ", "ς", "", duplicate},
		{"kelvin", "\u212Aelvin", "", duplicate},
		{"ſ", "S", "", duplicate},
		{"aws:x", "b", "", reserved},
		{"Aws:", "b", "", reserved},
		{"a", "b", "aws:v", reserved},
		{"a", "b", "AWS:", reserved},
	} {
		_, err := iam.CaseInsensitiveTags.New([]iamapi.Tag{{Key: &test.first, Value: &test.value}, {Key: &test.second, Value: new("")}})
		if err == nil || err.Error() != test.want {
			t.Errorf("%s, %s: %v", test.first, test.second, err)
		}
		want := test.want
		switch {
		case want == duplicate && test.first == test.second:
			want = "InvalidInput: Duplicate tag keys found."
		case want == duplicate:
			want = "<nil>"
		}
		_, err = iam.CaseSensitiveTags.New([]iamapi.Tag{{Key: &test.second, Value: new("")}, {Key: &test.first, Value: &test.value}})
		if got := fmt.Sprint(err); got != want {
			t.Errorf("%s, %s, in their case: %s", test.first, test.second, got)
		}
	}
	for _, key := range []string{"aws", "awsx:", "x-aws:", " aws:"} {
		if _, err := iam.CaseInsensitiveTags.New([]iamapi.Tag{{Key: &key, Value: new("aws")}}); err != nil {
			t.Errorf("%q: %v", key, err)
		}
	}
}

// A caseRule is one of the two, with the form of keys that its model compares.
type caseRule struct {
	tags iam.CaseSensitivity
	form func(string) string
}

var caseRules = []caseRule{
	{iam.CaseInsensitiveTags, strings.ToLower},
	{iam.CaseSensitiveTags, strings.Clone},
}

func drawTags(t *rapid.T, rule caseRule, label string) []operation.Tag {
	keys := rapid.SliceOfNDistinct(rapid.StringMatching(`[a-dA-D]{1,2}`), 0, 6, rule.form).Draw(t, label)
	in := make([]iamapi.Tag, len(keys))
	for i, k := range keys {
		in[i] = iamapi.Tag{Key: new(k), Value: new(fmt.Sprint(label, i))}
	}
	tags, err := rule.tags.New(in)
	if err != nil {
		t.Fatal(err)
	}
	return tags
}

// Merging and untagging are what a map does, with or without regard to case, and
// leave what they are given as it is.
func TestMergeAndUntag(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rule := rapid.SampledFrom(caseRules).Draw(t, "rule")
		old, added := drawTags(t, rule, "old"), drawTags(t, rule, "added")
		before := fmt.Sprint(old, added)
		model := map[string]operation.Tag{}
		for _, tag := range append(append([]operation.Tag(nil), old...), added...) {
			model[rule.form(tag.Key)] = tag
		}
		merged := rule.tags.Merge(old, added)
		checkTags(t, rule, model, merged)

		gone := rapid.SliceOfN(rapid.StringMatching(`[a-dA-D]{1,2}`), 0, 4).Draw(t, "gone")
		for _, k := range gone {
			delete(model, rule.form(k))
		}
		checkTags(t, rule, model, rule.tags.Without(merged, gone))
		if after := fmt.Sprint(old, added); after != before {
			t.Errorf("inputs changed from %s to %s", before, after)
		}
	})
}

func checkTags(t *rapid.T, rule caseRule, model map[string]operation.Tag, tags []operation.Tag) {
	got := map[string]operation.Tag{}
	last := ""
	for _, tag := range tags {
		key := strings.ToLower(tag.Key) + " " + tag.Key
		if key <= last {
			t.Errorf("%q comes after %q", key, last)
		}
		got[rule.form(tag.Key)], last = tag, key
	}
	if diff := cmp.Diff(model, got); diff != "" {
		t.Errorf("tags (-want +got):\n%s", diff)
	}
}
