package instanceprofiles_test

import (
	"fmt"
	"strings"
	"testing"

	"sallyport/internal/api/iamapi"
	"sallyport/internal/iam"
	"sallyport/internal/iam/iamtest"
	"sallyport/internal/iam/instanceprofiles"
	"sallyport/internal/iam/roles"
	"sallyport/internal/operation"
	"sallyport/internal/protocol/awsquery"
	"sallyport/policy/condition"
)

const trust = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}`

func fixture(t *testing.T) *iamtest.Fixture {
	return iamtest.New(t, instanceprofiles.Operations, roles.Operations)
}

func create(f *iamtest.Fixture, in *iamapi.CreateInstanceProfileRequest) *iamapi.InstanceProfile {
	f.Helper()
	return iamtest.Do[iamapi.CreateInstanceProfileResponse](f, f.Root(), "CreateInstanceProfile", in).InstanceProfile
}

func get(f *iamtest.Fixture, name string) *iamapi.InstanceProfile {
	f.Helper()
	return iamtest.Do[iamapi.GetInstanceProfileResponse](f, f.Root(), "GetInstanceProfile",
		&iamapi.GetInstanceProfileRequest{InstanceProfileName: &name}).InstanceProfile
}

func addRoleTo(f *iamtest.Fixture, profile, role string) {
	f.Helper()
	iamtest.Do[iamapi.AddRoleToInstanceProfileResponse](f, f.Root(), "AddRoleToInstanceProfile",
		&iamapi.AddRoleToInstanceProfileRequest{InstanceProfileName: &profile, RoleName: &role})
}

func createRole(f *iamtest.Fixture, name string) *iamapi.Role {
	f.Helper()
	return iamtest.Do[iamapi.CreateRoleResponse](f, f.Root(), "CreateRole",
		&iamapi.CreateRoleRequest{RoleName: &name, AssumeRolePolicyDocument: new(trust), Description: new("runs " + name)}).Role
}

func check(f *iamtest.Fixture, action, path, name string) operation.Check {
	return operation.Check{Action: action, Resource: f.ARN("instance-profile" + path + name), Name: "instance profile " + name}
}

func tag(key, value string) iamapi.Tag { return iamapi.Tag{Key: new(key), Value: new(value)} }

// A new profile has an empty list of roles and no list of tags; GetInstanceProfile
// has an empty one.
func TestCreateInstanceProfile(t *testing.T) {
	f := fixture(t)
	got := create(f, &iamapi.CreateInstanceProfileRequest{InstanceProfileName: new("web")})
	f.WantChecks(operation.Check{Action: "iam:CreateInstanceProfile", Resource: f.ARN("instance-profile/web")})
	if !strings.HasPrefix(*got.InstanceProfileId, "AIPA") || len(*got.InstanceProfileId) != 21 {
		t.Errorf("InstanceProfileId = %s", *got.InstanceProfileId)
	}
	want := &iamapi.InstanceProfile{
		Path: new("/"), InstanceProfileName: new("web"), InstanceProfileId: got.InstanceProfileId,
		Arn: new(f.ARN("instance-profile/web")), CreateDate: got.CreateDate, Roles: []iamapi.Role{},
	}
	iamtest.WantEqual(t, "CreateInstanceProfile", want, got)
	want.Tags = []iamapi.Tag{}
	iamtest.WantEqual(t, "GetInstanceProfile", want, get(f, "WEB"))
	f.WantChecks(operation.Check{Action: "iam:GetInstanceProfile", Resource: f.ARN("instance-profile/web"), Name: "instance profile WEB"})

	got = create(f, &iamapi.CreateInstanceProfileRequest{InstanceProfileName: new("app"), Path: new("/a/b/"), Tags: []iamapi.Tag{tag("team", "red")}})
	asked := []operation.Tag{{Key: "team", Value: "red"}}
	f.WantChecks(
		operation.Check{Action: "iam:CreateInstanceProfile", Resource: f.ARN("instance-profile/a/b/app"), RequestTags: asked},
		operation.Check{Action: "iam:TagInstanceProfile", Resource: f.ARN("instance-profile/a/b/app"), RequestTags: asked})
	iamtest.WantEqual(t, "tags", []iamapi.Tag{tag("team", "red")}, got.Tags)
	iamtest.WantEqual(t, "in full", got, get(f, "app"))
	withTags := check(f, "iam:GetInstanceProfile", "/a/b/", "app")
	withTags.ResourceTags = asked
	f.WantChecks(withTags)
}

func TestCreateInstanceProfileRefusals(t *testing.T) {
	f := fixture(t)
	create(f, &iamapi.CreateInstanceProfileRequest{InstanceProfileName: new("web")})
	for _, tt := range []struct {
		in            iamapi.CreateInstanceProfileRequest
		code, message string
	}{
		{iamapi.CreateInstanceProfileRequest{InstanceProfileName: new("WEB"), Path: new("/x/")}, "EntityAlreadyExists", "Instance Profile WEB already exists."},
		{iamapi.CreateInstanceProfileRequest{InstanceProfileName: new("n"), Tags: []iamapi.Tag{tag("a", "1"), tag("a", "2")}},
			"InvalidInput", "Duplicate tag keys found."},
		{iamapi.CreateInstanceProfileRequest{InstanceProfileName: new(strings.Repeat("n", 129))},
			"ValidationError", "1 validation error detected: Value at 'instanceProfileName' failed to satisfy constraint: Member must have length less than or equal to 128"},
	} {
		f.Fails(f.Root(), "CreateInstanceProfile", &tt.in, tt.code, tt.message)
	}
	f.Env.Limits[iam.InstanceProfilesQuota] = 1
	f.Fails(f.Root(), "CreateInstanceProfile", &iamapi.CreateInstanceProfileRequest{InstanceProfileName: new("n")},
		"LimitExceeded", "Cannot exceed quota for InstanceProfiles: 1")
}

// Row iam-082, for every operation that names a profile.
func TestMissingInstanceProfile(t *testing.T) {
	f := fixture(t)
	createRole(f, "deploy")
	name := new("test")
	for op, in := range map[string]any{
		"GetInstanceProfile":            &iamapi.GetInstanceProfileRequest{InstanceProfileName: name},
		"DeleteInstanceProfile":         &iamapi.DeleteInstanceProfileRequest{InstanceProfileName: name},
		"AddRoleToInstanceProfile":      &iamapi.AddRoleToInstanceProfileRequest{InstanceProfileName: name, RoleName: new("deploy")},
		"RemoveRoleFromInstanceProfile": &iamapi.RemoveRoleFromInstanceProfileRequest{InstanceProfileName: name, RoleName: new("deploy")},
		"TagInstanceProfile":            &iamapi.TagInstanceProfileRequest{InstanceProfileName: name, Tags: []iamapi.Tag{tag("a", "b")}},
		"UntagInstanceProfile":          &iamapi.UntagInstanceProfileRequest{InstanceProfileName: name, TagKeys: []string{"a"}},
		"ListInstanceProfileTags":       &iamapi.ListInstanceProfileTagsRequest{InstanceProfileName: name},
	} {
		f.Fails(f.Root(), op, in, "NoSuchEntity", "Instance Profile test cannot be found.")
		if got := f.Checks[0]; got.Resource != f.ARN("instance-profile/test") || got.Action != "iam:"+op || got.Name != "instance profile test" {
			t.Errorf("%s asked for %+v", op, got)
		}
	}
}

// Rows iam-053 and iam-084: a profile holds one role; neither of the two can be
// deleted until they part.
func TestRoleOfInstanceProfile(t *testing.T) {
	f := fixture(t)
	create(f, &iamapi.CreateInstanceProfileRequest{InstanceProfileName: new("web")})
	role := createRole(f, "deploy")
	createRole(f, "other")
	addRoleTo(f, "WEB", "DEPLOY")
	f.WantChecks(
		operation.Check{Action: "iam:AddRoleToInstanceProfile", Resource: f.ARN("instance-profile/web"), Name: "instance profile WEB"},
		operation.Check{Action: "iam:PassRole", Resource: f.ARN("role/deploy"), Keys: condition.Map{
			"iam:passedtoservice":       condition.One("ec2.amazonaws.com"),
			"iam:associatedresourcearn": condition.One("arn:aws:ec2:*:" + iamtest.Account + ":instance/*"),
		}})
	iamtest.WantEqual(t, "roles", []iamapi.Role{{
		Path: new("/"), RoleName: new("deploy"), RoleId: role.RoleId, Arn: new(f.ARN("role/deploy")), CreateDate: role.CreateDate,
		AssumeRolePolicyDocument: new(awsquery.EncodeDocument(trust)), Description: new("runs deploy"),
	}}, get(f, "web").Roles)

	for _, second := range []string{"other", "deploy"} {
		f.Fails(f.Root(), "AddRoleToInstanceProfile", &iamapi.AddRoleToInstanceProfileRequest{InstanceProfileName: new("web"), RoleName: &second},
			"LimitExceeded", "Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1")
	}
	const first = "Cannot delete entity, must remove roles from instance profile first."
	f.Fails(f.Root(), "DeleteInstanceProfile", &iamapi.DeleteInstanceProfileRequest{InstanceProfileName: new("web")}, "DeleteConflict", first)
	f.Fails(f.Root(), "DeleteRole", &iamapi.DeleteRoleRequest{RoleName: new("deploy")}, "DeleteConflict", first)

	remove := func(profile, role string) any {
		return &iamapi.RemoveRoleFromInstanceProfileRequest{InstanceProfileName: &profile, RoleName: &role}
	}
	f.Fails(f.Root(), "RemoveRoleFromInstanceProfile", remove("web", "other"), "NoSuchEntity", "Role other in Instance Profile web cannot be found.")
	f.Fails(f.Root(), "RemoveRoleFromInstanceProfile", remove("web", "nobody"), "NoSuchEntity", "The role with name nobody cannot be found.")
	f.Fails(f.Root(), "AddRoleToInstanceProfile", &iamapi.AddRoleToInstanceProfileRequest{InstanceProfileName: new("web"), RoleName: new("nobody")},
		"NoSuchEntity", "The role with name nobody cannot be found.")
	iamtest.Do[iamapi.RemoveRoleFromInstanceProfileResponse](f, f.Root(), "RemoveRoleFromInstanceProfile", remove("Web", "Deploy"))
	f.WantChecks(operation.Check{Action: "iam:RemoveRoleFromInstanceProfile", Resource: f.ARN("instance-profile/web"), Name: "instance profile Web"})
	iamtest.WantEqual(t, "roles", []iamapi.Role{}, get(f, "web").Roles)
	iamtest.Do[iamapi.DeleteInstanceProfileResponse](f, f.Root(), "DeleteInstanceProfile", &iamapi.DeleteInstanceProfileRequest{InstanceProfileName: new("web")})
	f.WantChecks(check(f, "iam:DeleteInstanceProfile", "/", "web"))
	iamtest.Do[iamapi.DeleteRoleResponse](f, f.Root(), "DeleteRole", &iamapi.DeleteRoleRequest{RoleName: new("deploy")})
	iamtest.WantEqual(t, "profiles", 0, iam.InstanceProfiles.Len(f.View()))
}

// A role that is not there is passed under the ARN it would have, so that who
// may not pass it does not learn that it is missing; its tags and path count.
func TestPassRoleChecks(t *testing.T) {
	f := fixture(t)
	create(f, &iamapi.CreateInstanceProfileRequest{InstanceProfileName: new("web")})
	iamtest.Do[iamapi.CreateRoleResponse](f, f.Root(), "CreateRole", &iamapi.CreateRoleRequest{
		RoleName: new("deploy"), Path: new("/app/"), AssumeRolePolicyDocument: new(trust), Tags: []iamapi.Tag{tag("team", "red")}})
	for role, want := range map[string]operation.Check{
		"nobody": {Resource: f.ARN("role/nobody")},
		"deploy": {Resource: f.ARN("role/app/deploy"), ResourceTags: []operation.Tag{{Key: "team", Value: "red"}}},
	} {
		_, _ = f.Call(f.Root(), "AddRoleToInstanceProfile", &iamapi.AddRoleToInstanceProfileRequest{InstanceProfileName: new("web"), RoleName: &role})
		got := f.Checks[1]
		if got.Action != "iam:PassRole" || got.Resource != want.Resource || len(got.ResourceTags) != len(want.ResourceTags) {
			t.Errorf("%s: %+v", role, got)
		}
	}
}

func TestListInstanceProfiles(t *testing.T) {
	f := fixture(t)
	createRole(f, "deploy")
	createRole(f, "none")
	for i, path := range []string{"/", "/a/", "/a/b/", "/ab/", "/a/"} {
		create(f, &iamapi.CreateInstanceProfileRequest{InstanceProfileName: new(fmt.Sprintf("%c%d", "pP"[i%2], i)), Path: new(path), Tags: []iamapi.Tag{tag("a", "b")}})
	}
	names := func(of []iamapi.InstanceProfile) (out []string) {
		for _, p := range of {
			if p.Tags != nil {
				t.Errorf("a list shows tags of %s", *p.InstanceProfileName)
			}
			out = append(out, *p.InstanceProfileName)
		}
		return out
	}
	list := func(in iamapi.ListInstanceProfilesRequest) (all []string) {
		for {
			out := iamtest.Do[iamapi.ListInstanceProfilesResponse](f, f.Root(), "ListInstanceProfiles", &in)
			all = append(all, names(out.InstanceProfiles)...)
			if !*out.IsTruncated {
				return all
			}
			in.Marker = out.Marker
		}
	}
	iamtest.WantEqual(t, "all", []string{"p0", "P1", "p2", "P3", "p4"}, list(iamapi.ListInstanceProfilesRequest{MaxItems: new(int64(2))}))
	f.WantChecks(operation.Check{Action: "iam:ListInstanceProfiles", Resource: f.ARN("instance-profile/")})
	iamtest.WantEqual(t, "/a/", []string{"P1", "p2", "p4"}, list(iamapi.ListInstanceProfilesRequest{PathPrefix: new("/a/"), MaxItems: new(int64(1))}))
	f.WantChecks(operation.Check{Action: "iam:ListInstanceProfiles", Resource: f.ARN("instance-profile/a/")})
	none := iamtest.Do[iamapi.ListInstanceProfilesResponse](f, f.Root(), "ListInstanceProfiles", &iamapi.ListInstanceProfilesRequest{PathPrefix: new("/none/")})
	iamtest.WantEqual(t, "none", []iamapi.InstanceProfile{}, none.InstanceProfiles)
	f.Fails(f.Root(), "ListInstanceProfiles", &iamapi.ListInstanceProfilesRequest{Marker: new("!")}, "ValidationError", "Invalid Marker.")

	for _, profile := range []string{"p4", "P1", "p2"} {
		addRoleTo(f, profile, "deploy")
	}
	of := func(in iamapi.ListInstanceProfilesForRoleRequest) *iamapi.ListInstanceProfilesForRoleResponse {
		return iamtest.Do[iamapi.ListInstanceProfilesForRoleResponse](f, f.Root(), "ListInstanceProfilesForRole", &in)
	}
	page := of(iamapi.ListInstanceProfilesForRoleRequest{RoleName: new("deploy"), MaxItems: new(int64(2))})
	f.WantChecks(operation.Check{Action: "iam:ListInstanceProfilesForRole", Resource: f.ARN("role/deploy"), Name: "role deploy"})
	iamtest.WantEqual(t, "first page", []string{"P1", "p2"}, names(page.InstanceProfiles))
	iamtest.WantEqual(t, "role", "deploy", *page.InstanceProfiles[0].Roles[0].RoleName)
	page = of(iamapi.ListInstanceProfilesForRoleRequest{RoleName: new("deploy"), Marker: page.Marker})
	iamtest.WantEqual(t, "second page", []string{"p4"}, names(page.InstanceProfiles))
	iamtest.WantEqual(t, "no profile", &iamapi.ListInstanceProfilesForRoleResponse{
		InstanceProfiles: []iamapi.InstanceProfile{}, IsTruncated: new(false),
	}, of(iamapi.ListInstanceProfilesForRoleRequest{RoleName: new("none")}))
	f.Fails(f.Root(), "ListInstanceProfilesForRole", &iamapi.ListInstanceProfilesForRoleRequest{RoleName: new("gone")},
		"NoSuchEntity", "The role with name gone cannot be found.")
	f.Fails(f.Root(), "ListInstanceProfilesForRole", &iamapi.ListInstanceProfilesForRoleRequest{RoleName: new("deploy"), Marker: new("!")},
		"ValidationError", "Invalid Marker.")
}

// Row iam-087: tagging replaces, untagging ignores what is not there.
func TestInstanceProfileTags(t *testing.T) {
	f := fixture(t)
	create(f, &iamapi.CreateInstanceProfileRequest{InstanceProfileName: new("web"), Tags: []iamapi.Tag{tag("team", "red")}})
	list := func() *iamapi.ListInstanceProfileTagsResponse {
		return iamtest.Do[iamapi.ListInstanceProfileTagsResponse](f, f.Root(), "ListInstanceProfileTags", &iamapi.ListInstanceProfileTagsRequest{InstanceProfileName: new("web")})
	}
	iamtest.Do[iamapi.TagInstanceProfileResponse](f, f.Root(), "TagInstanceProfile",
		&iamapi.TagInstanceProfileRequest{InstanceProfileName: new("web"), Tags: []iamapi.Tag{tag("Team", "blue"), tag("a", "1")}})
	want := check(f, "iam:TagInstanceProfile", "/", "web")
	want.ResourceTags = []operation.Tag{{Key: "team", Value: "red"}}
	want.RequestTags = []operation.Tag{{Key: "Team", Value: "blue"}, {Key: "a", Value: "1"}}
	f.WantChecks(want)
	iamtest.WantEqual(t, "tags", []iamapi.Tag{tag("a", "1"), tag("Team", "blue"), tag("team", "red")}, list().Tags)

	iamtest.Do[iamapi.UntagInstanceProfileResponse](f, f.Root(), "UntagInstanceProfile",
		&iamapi.UntagInstanceProfileRequest{InstanceProfileName: new("web"), TagKeys: []string{"a", "TEAM"}})
	want = check(f, "iam:UntagInstanceProfile", "/", "web")
	want.ResourceTags = []operation.Tag{{Key: "a", Value: "1"}, {Key: "Team", Value: "blue"}, {Key: "team", Value: "red"}}
	want.TagKeys = []string{"a", "TEAM"}
	f.WantChecks(want)
	iamtest.WantEqual(t, "tags", []iamapi.Tag{tag("Team", "blue"), tag("team", "red")}, list().Tags)
	iamtest.WantEqual(t, "GetInstanceProfile", []iamapi.Tag{tag("Team", "blue"), tag("team", "red")}, get(f, "web").Tags)

	many := make([]iamapi.Tag, 50)
	for i := range many {
		many[i] = tag(fmt.Sprintf("k%d", i), "v")
	}
	f.Fails(f.Root(), "TagInstanceProfile", &iamapi.TagInstanceProfileRequest{InstanceProfileName: new("web"), Tags: many},
		"LimitExceeded", "Cannot exceed quota for TagsPerInstanceProfile: 50")
	iamtest.Do[iamapi.UntagInstanceProfileResponse](f, f.Root(), "UntagInstanceProfile",
		&iamapi.UntagInstanceProfileRequest{InstanceProfileName: new("web"), TagKeys: []string{"team", "Team"}})
	iamtest.WantEqual(t, "no tags", &iamapi.ListInstanceProfileTagsResponse{Tags: []iamapi.Tag{}, IsTruncated: new(false)}, list())
}
