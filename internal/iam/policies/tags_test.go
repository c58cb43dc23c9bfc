package policies_test

import (
	"fmt"
	"testing"

	"sallyport/internal/api/iamapi"
	"sallyport/internal/iam/iamtest"
	"sallyport/internal/operation"
)

func TestPolicyTags(t *testing.T) {
	f := fixture(t)
	arn := create(f, &iamapi.CreatePolicyRequest{PolicyName: new("p"), Tags: []iamapi.Tag{{Key: new("team"), Value: new("red")}}}).Arn
	tag := func(key, value string) iamapi.Tag { return iamapi.Tag{Key: new(key), Value: new(value)} }
	list := func() []iamapi.Tag {
		return iamtest.Do[iamapi.ListPolicyTagsResponse](f, f.Root(), "ListPolicyTags", &iamapi.ListPolicyTagsRequest{PolicyArn: arn}).Tags
	}
	old := []operation.Tag{{Key: "team", Value: "red"}}

	iamtest.Do[iamapi.TagPolicyResponse](f, f.Root(), "TagPolicy", &iamapi.TagPolicyRequest{PolicyArn: arn, Tags: []iamapi.Tag{tag("Team", "blue"), tag("a", "1")}})
	f.WantChecks(operation.Check{
		Action: "iam:TagPolicy", Resource: *arn, Name: "policy p", ResourceTags: old,
		RequestTags: []operation.Tag{{Key: "Team", Value: "blue"}, {Key: "a", Value: "1"}},
	})
	iamtest.WantEqual(t, "tags", []iamapi.Tag{tag("a", "1"), tag("Team", "blue"), tag("team", "red")}, list())
	now := []operation.Tag{{Key: "a", Value: "1"}, {Key: "Team", Value: "blue"}, {Key: "team", Value: "red"}}
	f.WantChecks(operation.Check{Action: "iam:ListPolicyTags", Resource: *arn, Name: "policy " + *arn, ResourceTags: now})

	// Row iam-087: keys that are not there are no error.
	iamtest.Do[iamapi.UntagPolicyResponse](f, f.Root(), "UntagPolicy", &iamapi.UntagPolicyRequest{PolicyArn: arn, TagKeys: []string{"TEAM", "team", "Team"}})
	f.WantChecks(operation.Check{Action: "iam:UntagPolicy", Resource: *arn, Name: "policy " + *arn, ResourceTags: now, TagKeys: []string{"TEAM", "team", "Team"}})
	iamtest.WantEqual(t, "tags", []iamapi.Tag{tag("a", "1")}, list())

	first := iamtest.Do[iamapi.ListPolicyTagsResponse](f, f.Root(), "ListPolicyTags", &iamapi.ListPolicyTagsRequest{PolicyArn: arn, MaxItems: new(int64(1))})
	iamtest.WantEqual(t, "truncated", false, *first.IsTruncated)

	missing := f.ARN("policy/missing")
	const text = "Policy arn:aws:iam::111122223333:policy/missing was not found."
	f.Fails(f.Root(), "TagPolicy", &iamapi.TagPolicyRequest{PolicyArn: new(missing), Tags: []iamapi.Tag{tag("a", "1")}}, "NoSuchEntity", text)
	f.Fails(f.Root(), "UntagPolicy", &iamapi.UntagPolicyRequest{PolicyArn: new(missing), TagKeys: []string{"a"}}, "NoSuchEntity", text)
	f.Fails(f.Root(), "ListPolicyTags", &iamapi.ListPolicyTagsRequest{PolicyArn: new(missing)}, "NoSuchEntity", text)

	many := make([]iamapi.Tag, 50)
	for i := range many {
		many[i] = tag(fmt.Sprintf("k%d", i), "v")
	}
	f.Fails(f.Root(), "TagPolicy", &iamapi.TagPolicyRequest{PolicyArn: arn, Tags: many}, "LimitExceeded", "Cannot exceed quota for TagsPerPolicy: 50")
	iamtest.WantEqual(t, "tags", []iamapi.Tag{tag("a", "1")}, list())
	// Rows iam-228 and iam-230.
	f.Fails(f.Root(), "TagPolicy", &iamapi.TagPolicyRequest{PolicyArn: arn, Tags: append(many, tag("k50", "v"))}, "ValidationError",
		"1 validation error detected: Value at 'tags' failed to satisfy constraint: Member must have length less than or equal to 50")
	f.Fails(f.Root(), "TagPolicy", &iamapi.TagPolicyRequest{PolicyArn: arn, Tags: []iamapi.Tag{tag("NOWAY!", "v")}}, "ValidationError",
		`1 validation error detected: Value at 'tags.1.member.key' failed to satisfy constraint: Member must satisfy regular expression pattern: [\p{L}\p{Z}\p{N}_.:/=+\-@]+`)
}
