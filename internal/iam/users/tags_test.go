package users_test

import (
	"fmt"
	"strings"
	"testing"

	"sallyport/internal/api/iamapi"
	"sallyport/internal/iam/iamtest"
	"sallyport/internal/iam/users"
	"sallyport/internal/operation"
	"sallyport/policy/condition"
)

func tag(key, value string) iamapi.Tag { return iamapi.Tag{Key: &key, Value: &value} }

func listTags(f *iamtest.Fixture, in *iamapi.ListUserTagsRequest) *iamapi.ListUserTagsResponse {
	f.Helper()
	return iamtest.Do[iamapi.ListUserTagsResponse](f, f.Root(), "ListUserTags", in)
}

// Tagging inserts or replaces, without regard to the case of keys; untagging
// an absent key succeeds (row iam-087, of the same family).
func TestTagUser(t *testing.T) {
	f := iamtest.New(t, users.Operations)
	f.AddUser("alice")
	name := new("alice")
	none := listTags(f, &iamapi.ListUserTagsRequest{UserName: name})
	if none.Tags == nil || len(none.Tags) != 0 || *none.IsTruncated {
		t.Errorf("no tags: %+v", none)
	}
	f.WantChecks(operation.Check{Action: "iam:ListUserTags", Resource: f.ARN("user/alice"), Name: "user alice"})

	iamtest.Do[iamapi.TagUserResponse](f, f.Root(), "TagUser", &iamapi.TagUserRequest{
		UserName: name, Tags: []iamapi.Tag{tag("team", "blue"), tag("Department", "foo")},
	})
	f.WantChecks(operation.Check{
		Action: "iam:TagUser", Resource: f.ARN("user/alice"), Name: "user alice",
		RequestTags: []operation.Tag{{Key: "team", Value: "blue"}, {Key: "Department", Value: "foo"}},
	})
	iamtest.Do[iamapi.TagUserResponse](f, f.Root(), "TagUser", &iamapi.TagUserRequest{
		UserName: name, Tags: []iamapi.Tag{tag("department", "bar"), tag("area", "")},
	})
	before := []operation.Tag{{Key: "Department", Value: "foo"}, {Key: "team", Value: "blue"}}
	f.WantChecks(operation.Check{
		Action: "iam:TagUser", Resource: f.ARN("user/alice"), Name: "user alice", ResourceTags: before,
		RequestTags: []operation.Tag{{Key: "department", Value: "bar"}, {Key: "area"}},
	})
	want := []iamapi.Tag{tag("area", ""), tag("department", "bar"), tag("team", "blue")}
	iamtest.WantEqual(t, "tags", want, listTags(f, &iamapi.ListUserTagsRequest{UserName: name}).Tags)
	iamtest.WantEqual(t, "GetUser", want, get(f, "alice").Tags)

	page := listTags(f, &iamapi.ListUserTagsRequest{UserName: name, MaxItems: new(int64(2))})
	iamtest.WantEqual(t, "page 1", want[:2], page.Tags)
	page = listTags(f, &iamapi.ListUserTagsRequest{UserName: name, Marker: page.Marker})
	iamtest.WantEqual(t, "page 2", want[2:], page.Tags)
	f.Fails(f.Root(), "ListUserTags", &iamapi.ListUserTagsRequest{UserName: name, Marker: new("=")}, "ValidationError", "Invalid Marker.")

	iamtest.Do[iamapi.UntagUserResponse](f, f.Root(), "UntagUser", &iamapi.UntagUserRequest{
		UserName: name, TagKeys: []string{"AREA", "team", "unknown"},
	})
	if len(f.Checks) != 1 || f.Checks[0].Action != "iam:UntagUser" {
		t.Fatalf("checks %+v", f.Checks)
	}
	iamtest.WantEqual(t, "tag keys", []string{"AREA", "team", "unknown"}, f.Checks[0].TagKeys)
	iamtest.WantEqual(t, "untagged", want[1:2], get(f, "alice").Tags)
	iamtest.Do[iamapi.UntagUserResponse](f, f.Root(), "UntagUser", &iamapi.UntagUserRequest{UserName: name, TagKeys: []string{"department"}})
	if tags := get(f, "alice").Tags; tags != nil {
		t.Errorf("tags left: %v", tags)
	}
}

func TestTagUserRefused(t *testing.T) {
	f := iamtest.New(t, users.Operations)
	f.AddUser("alice")
	f.Fails(f.Root(), "TagUser", &iamapi.TagUserRequest{UserName: new("bob"), Tags: []iamapi.Tag{tag("a", "1"), tag("A", "1")}},
		"NoSuchEntity", "The user with name bob cannot be found.") // the user is looked up before the tags are judged
	f.Fails(f.Root(), "UntagUser", &iamapi.UntagUserRequest{UserName: new("bob"), TagKeys: []string{"a"}},
		"NoSuchEntity", "The user with name bob cannot be found.")
	f.Fails(f.Root(), "ListUserTags", &iamapi.ListUserTagsRequest{UserName: new("bob")},
		"NoSuchEntity", "The user with name bob cannot be found.")
	f.Fails(f.Root(), "TagUser", &iamapi.TagUserRequest{UserName: new("alice"), Tags: []iamapi.Tag{tag("a", "1"), tag("A", "1")}},
		"InvalidInput", "Duplicate tag keys found. Please note that Tag keys are case insensitive.") // iam-227
	f.Fails(f.Root(), "TagUser", &iamapi.TagUserRequest{UserName: new("alice"), Tags: []iamapi.Tag{tag("a", "Aws:x")}},
		"InvalidInput", "Tag keys and values must not begin with the reserved prefix aws:")
	f.Fails(f.Root(), "TagUser", &iamapi.TagUserRequest{UserName: new("alice"), Tags: []iamapi.Tag{tag("NOWAY!", "1")}}, "ValidationError", // iam-230
		`1 validation error detected: Value at 'tags.1.member.key' failed to satisfy constraint: Member must satisfy regular expression pattern: [\p{L}\p{Z}\p{N}_.:/=+\-@]+`)
	tooMany := make([]iamapi.Tag, 51)
	for i := range tooMany {
		tooMany[i] = tag(fmt.Sprintf("k%d", i), "v")
	}
	f.Fails(f.Root(), "TagUser", &iamapi.TagUserRequest{UserName: new("alice"), Tags: tooMany}, "ValidationError", // iam-228
		"1 validation error detected: Value at 'tags' failed to satisfy constraint: Member must have length less than or equal to 50")
	f.Fails(f.Root(), "TagUser", &iamapi.TagUserRequest{UserName: new("alice"), Tags: []iamapi.Tag{tag(strings.Repeat("k", 129), "v")}}, "ValidationError", // iam-229
		"1 validation error detected: Value at 'tags.1.member.key' failed to satisfy constraint: Member must have length less than or equal to 128")
	iamtest.Do[iamapi.TagUserResponse](f, f.Root(), "TagUser", &iamapi.TagUserRequest{UserName: new("alice"), Tags: tooMany[:50]})
	f.Fails(f.Root(), "TagUser", &iamapi.TagUserRequest{UserName: new("alice"), Tags: tooMany[50:]},
		"LimitExceeded", "Cannot exceed quota for TagsPerUser: 50")
}

// The boundary comes and goes (row iam-005).
func TestUserPermissionsBoundary(t *testing.T) {
	f := iamtest.New(t, users.Operations)
	f.AddUser("alice")
	own := f.AddPolicy("limit", `{"Version":"2012-10-17","Statement":[]}`)
	for _, arn := range []string{boundary, own} {
		iamtest.Do[iamapi.PutUserPermissionsBoundaryResponse](f, f.Root(), "PutUserPermissionsBoundary",
			&iamapi.PutUserPermissionsBoundaryRequest{UserName: new("alice"), PermissionsBoundary: new(arn)})
		f.WantChecks(operation.Check{
			Action: "iam:PutUserPermissionsBoundary", Resource: f.ARN("user/alice"), Name: "user alice",
			Keys: condition.Map{"iam:permissionsboundary": condition.One(arn)},
		})
		if got := get(f, "alice").PermissionsBoundary; got == nil || *got.PermissionsBoundaryArn != arn {
			t.Errorf("boundary %v, want %s", got, arn)
		}
	}
	remove := &iamapi.DeleteUserPermissionsBoundaryRequest{UserName: new("alice")}
	iamtest.Do[iamapi.DeleteUserPermissionsBoundaryResponse](f, f.Root(), "DeleteUserPermissionsBoundary", remove)
	f.WantChecks(operation.Check{
		Action: "iam:DeleteUserPermissionsBoundary", Resource: f.ARN("user/alice"), Name: "user alice",
		Keys: condition.Map{"iam:permissionsboundary": condition.One(own)},
	})
	if got := get(f, "alice").PermissionsBoundary; got != nil {
		t.Errorf("boundary left: %v", got)
	}
	iamtest.Do[iamapi.DeleteUserPermissionsBoundaryResponse](f, f.Root(), "DeleteUserPermissionsBoundary", remove)
	f.WantChecks(operation.Check{Action: "iam:DeleteUserPermissionsBoundary", Resource: f.ARN("user/alice"), Name: "user alice"})

	f.Fails(f.Root(), "PutUserPermissionsBoundary", &iamapi.PutUserPermissionsBoundaryRequest{UserName: new("alice"), PermissionsBoundary: new(f.ARN("policy/none"))},
		"NoSuchEntity", "Scope ARN: "+f.ARN("policy/none")+" does not exist or is not attachable.")
	f.Fails(f.Root(), "PutUserPermissionsBoundary", &iamapi.PutUserPermissionsBoundaryRequest{UserName: new("bob"), PermissionsBoundary: new(boundary)},
		"NoSuchEntity", "The user with name bob cannot be found.")
	f.Fails(f.Root(), "DeleteUserPermissionsBoundary", &iamapi.DeleteUserPermissionsBoundaryRequest{UserName: new("bob")},
		"NoSuchEntity", "The user with name bob cannot be found.")
}
