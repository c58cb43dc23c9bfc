package roles_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"sallyport/internal/api/iamapi"
	"sallyport/internal/iam"
	"sallyport/internal/iam/iamtest"
	"sallyport/internal/journal"
	"sallyport/internal/operation"
	"sallyport/internal/protocol/awsquery"
	"sallyport/internal/state"
	"sallyport/policy/condition"
)

// Row iam-036: what CreateRole answers without options, and what GetRole adds.
func TestCreateRole(t *testing.T) {
	f := fixture(t)
	got := create(f, &iamapi.CreateRoleRequest{RoleName: new("r")})
	f.WantChecks(operation.Check{Action: "iam:CreateRole", Resource: f.ARN("role/r")})
	if !strings.HasPrefix(*got.RoleId, "AROA") || len(*got.RoleId) != 21 {
		t.Errorf("RoleId = %s", *got.RoleId)
	}
	want := &iamapi.Role{
		Path: new("/"), RoleName: new("r"), RoleId: got.RoleId, Arn: new(f.ARN("role/r")),
		CreateDate: got.CreateDate, AssumeRolePolicyDocument: new(awsquery.EncodeDocument(ec2)),
	}
	iamtest.WantEqual(t, "CreateRole", want, got)
	want.MaxSessionDuration, want.RoleLastUsed = new(int64(3600)), &iamapi.RoleLastUsed{}
	iamtest.WantEqual(t, "GetRole", want, get(f, "R"))
	f.WantChecks(operation.Check{Action: "iam:GetRole", Resource: f.ARN("role/r"), Name: "role R"})
}

// TestRoleLastUsedUnreadable: making a role asks nobody when it was last used;
// GetRole says that it can't be told.
func TestRoleLastUsedUnreadable(t *testing.T) {
	f := fixture(t)
	f.Usage.Err = journal.ErrUnavailable
	create(f, &iamapi.CreateRoleRequest{RoleName: new("r")})
	if f.Usage.Reads != 0 {
		t.Errorf("CreateRole asked %d times when roles were last used", f.Usage.Reads)
	}
	if out, err := f.Call(f.Root(), "GetRole", &iamapi.GetRoleRequest{RoleName: new("r")}); !errors.Is(err, journal.ErrUnavailable) {
		t.Errorf("GetRole: %+v, %v", out, err)
	}
}

func TestCreateRoleWithOptions(t *testing.T) {
	f := fixture(t)
	boundary := f.AddPolicy("limit", document)
	tags := []iamapi.Tag{{Key: new("team"), Value: new("red")}}
	// Row iam-041: the document comes back as submitted, white space and all.
	spaced := "\n" + strings.ReplaceAll(ec2, `":`, `" : `)
	got := create(f, &iamapi.CreateRoleRequest{
		RoleName: new("r"), Path: new("/a/"), AssumeRolePolicyDocument: new(spaced), Description: new("builds"),
		MaxSessionDuration: new(int64(43200)), PermissionsBoundary: new(boundary), Tags: tags,
	})
	asked := []operation.Tag{{Key: "team", Value: "red"}}
	arn, keys := f.ARN("role/a/r"), condition.Map{"iam:permissionsboundary": condition.One(boundary)}
	f.WantChecks(
		operation.Check{Action: "iam:CreateRole", Resource: arn, Keys: keys, RequestTags: asked},
		operation.Check{Action: "iam:TagRole", Resource: arn, RequestTags: asked},
	)
	want := &iamapi.Role{
		Path: new("/a/"), RoleName: new("r"), RoleId: got.RoleId, Arn: new(arn), CreateDate: got.CreateDate,
		AssumeRolePolicyDocument: new(awsquery.EncodeDocument(spaced)), Description: new("builds"),
		PermissionsBoundary: &iamapi.AttachedPermissionsBoundary{PermissionsBoundaryType: new("Policy"), PermissionsBoundaryArn: new(boundary)},
		Tags:                tags,
	}
	iamtest.WantEqual(t, "CreateRole", want, got)

	used := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	f.Usage.Roles[*got.RoleId] = iam.LastUsed{At: used, Service: "sts", Region: "eu-west-1"}
	want.MaxSessionDuration = new(int64(43200))
	want.RoleLastUsed = &iamapi.RoleLastUsed{LastUsedDate: new(used), Region: new("eu-west-1")}
	iamtest.WantEqual(t, "GetRole", want, get(f, "r"))
	f.WantChecks(operation.Check{Action: "iam:GetRole", Resource: arn, Name: "role r", Keys: keys, ResourceTags: asked})

	// Lists leave out what only GetRole shows.
	want.PermissionsBoundary, want.Tags, want.RoleLastUsed = nil, nil, nil
	listed := iamtest.Do[iamapi.ListRolesResponse](f, f.Root(), "ListRoles", &iamapi.ListRolesRequest{})
	f.WantChecks(operation.Check{Action: "iam:ListRoles", Resource: f.ARN("role/")})
	iamtest.WantEqual(t, "ListRoles", []iamapi.Role{*want}, listed.Roles)
}

func TestCreateRoleRefusals(t *testing.T) {
	f := fixture(t)
	create(f, &iamapi.CreateRoleRequest{RoleName: new("my-role")})
	in := func(change func(*iamapi.CreateRoleRequest)) *iamapi.CreateRoleRequest {
		req := &iamapi.CreateRoleRequest{RoleName: new("r"), AssumeRolePolicyDocument: new(ec2)}
		change(req)
		return req
	}
	const missing = "arn:aws:iam::111122223333:policy/missing"
	for _, tt := range []struct {
		row           string
		change        func(*iamapi.CreateRoleRequest)
		code, message string
	}{
		{"iam-045", func(r *iamapi.CreateRoleRequest) { r.RoleName = new("MY-ROLE") }, "EntityAlreadyExists", "Role with name MY-ROLE already exists."},
		{"other path", func(r *iamapi.CreateRoleRequest) { r.RoleName, r.Path = new("my-role"), new("/x/") }, "EntityAlreadyExists", "Role with name my-role already exists."},
		{"iam-049", func(r *iamapi.CreateRoleRequest) { r.MaxSessionDuration = new(int64(3599)) }, "ValidationError", "1 validation error detected: Value at 'maxSessionDuration' failed to satisfy constraint: Member must have value greater than or equal to 3600"},
		{"iam-049", func(r *iamapi.CreateRoleRequest) { r.MaxSessionDuration = new(int64(43201)) }, "ValidationError", "1 validation error detected: Value at 'maxSessionDuration' failed to satisfy constraint: Member must have value less than or equal to 43200"},
		{"boundary", func(r *iamapi.CreateRoleRequest) { r.PermissionsBoundary = new(missing) }, "NoSuchEntity", "Scope ARN: " + missing + " does not exist or is not attachable."},
		{"iam-227", func(r *iamapi.CreateRoleRequest) {
			r.Tags = []iamapi.Tag{{Key: new("a"), Value: new("1")}, {Key: new("A"), Value: new("2")}}
		}, "InvalidInput", "Duplicate tag keys found. Please note that Tag keys are case insensitive."},
		{"reserved path", func(r *iamapi.CreateRoleRequest) { r.Path = new("/aws-service-role/x.amazonaws.com/") }, "InvalidInput", "The path /aws-service-role/x.amazonaws.com/ is reserved for roles that only AWS creates."},
		{"reserved path", func(r *iamapi.CreateRoleRequest) { r.Path = new("/aws-reserved/sso.amazonaws.com/") }, "InvalidInput", "The path /aws-reserved/sso.amazonaws.com/ is reserved for roles that only AWS creates."},
		// A malformed document is reported before the name that is taken.
		{"order", func(r *iamapi.CreateRoleRequest) { r.RoleName, r.AssumeRolePolicyDocument = new("my-role"), new("{") }, "MalformedPolicyDocument", "This policy contains invalid Json"},
	} {
		t.Run(tt.row, func(t *testing.T) {
			f.Fails(f.Root(), "CreateRole", in(tt.change), tt.code, tt.message)
		})
	}
	f.Env.Limits[iam.RolesPerAccount] = 1
	f.Fails(f.Root(), "CreateRole", in(func(*iamapi.CreateRoleRequest) {}), "LimitExceeded", "Cannot exceed quota for RolesPerAccount: 1")
}

func TestMissingRole(t *testing.T) {
	f := fixture(t)
	name, doc := new("nobody"), new(ec2)
	policyARN := new(f.AddPolicy("p", document))
	for op, in := range map[string]any{
		"GetRole":                       &iamapi.GetRoleRequest{RoleName: name},
		"DeleteRole":                    &iamapi.DeleteRoleRequest{RoleName: name},
		"UpdateRole":                    &iamapi.UpdateRoleRequest{RoleName: name},
		"UpdateRoleDescription":         &iamapi.UpdateRoleDescriptionRequest{RoleName: name, Description: new("d")},
		"UpdateAssumeRolePolicy":        &iamapi.UpdateAssumeRolePolicyRequest{RoleName: name, PolicyDocument: doc},
		"PutRolePermissionsBoundary":    &iamapi.PutRolePermissionsBoundaryRequest{RoleName: name, PermissionsBoundary: policyARN},
		"DeleteRolePermissionsBoundary": &iamapi.DeleteRolePermissionsBoundaryRequest{RoleName: name},
		"TagRole":                       &iamapi.TagRoleRequest{RoleName: name, Tags: []iamapi.Tag{{Key: new("a"), Value: new("b")}}},
		"UntagRole":                     &iamapi.UntagRoleRequest{RoleName: name, TagKeys: []string{"a"}},
		"ListRoleTags":                  &iamapi.ListRoleTagsRequest{RoleName: name},
	} {
		f.Fails(f.Root(), op, in, "NoSuchEntity", "The role with name nobody cannot be found.")
		if len(f.Checks) != 1 || f.Checks[0].Resource != f.ARN("role/nobody") || f.Checks[0].Action != "iam:"+op || f.Checks[0].Name != "role nobody" {
			t.Errorf("%s asked for %+v", op, f.Checks)
		}
	}
}

func TestListRoles(t *testing.T) {
	f := fixture(t)
	for i, path := range []string{"/", "/a/", "/a/b/", "/ab/", "/a/"} {
		create(f, &iamapi.CreateRoleRequest{RoleName: new(fmt.Sprintf("%c%d", "rR"[i%2], i)), Path: new(path)})
	}
	list := func(in iamapi.ListRolesRequest) (names []string) {
		for {
			out := iamtest.Do[iamapi.ListRolesResponse](f, f.Root(), "ListRoles", &in)
			for _, r := range out.Roles {
				names = append(names, *r.RoleName)
			}
			if !*out.IsTruncated {
				return names
			}
			in.Marker = out.Marker
		}
	}
	iamtest.WantEqual(t, "all", []string{"r0", "R1", "r2", "R3", "r4"}, list(iamapi.ListRolesRequest{MaxItems: new(int64(2))}))
	iamtest.WantEqual(t, "/a/", []string{"R1", "r2", "r4"}, list(iamapi.ListRolesRequest{PathPrefix: new("/a/"), MaxItems: new(int64(1))}))
	f.WantChecks(operation.Check{Action: "iam:ListRoles", Resource: f.ARN("role/a/")})
	out := iamtest.Do[iamapi.ListRolesResponse](f, f.Root(), "ListRoles", &iamapi.ListRolesRequest{PathPrefix: new("/none/")})
	if out.Roles == nil || len(out.Roles) != 0 {
		t.Errorf("a list of none = %#v, want an empty one", out.Roles)
	}
}

func TestDeleteRole(t *testing.T) {
	f := fixture(t)
	id := *create(f, &iamapi.CreateRoleRequest{RoleName: new("r")}).RoleId
	attachment, inline := iam.AttachmentKey(id, "arn:aws:iam::aws:policy/ReadOnlyAccess"), iam.InlineKey(id, "p")
	f.Change(func(tx *state.Tx) error {
		iam.Attachments.Put(tx, attachment, &iam.Attachment{Entity: id, Policy: "arn:aws:iam::aws:policy/ReadOnlyAccess"})
		iam.InlinePolicies.Put(tx, inline, &iam.InlinePolicy{Name: "p", Document: document})
		return nil
	})
	in := &iamapi.DeleteRoleRequest{RoleName: new("r")}
	f.Fails(f.Root(), "DeleteRole", in, "DeleteConflict", "Cannot delete entity, must delete policies first.")
	f.WantChecks(check(f, "iam:DeleteRole", "/", "r"))
	f.Change(func(tx *state.Tx) error { iam.InlinePolicies.Delete(tx, inline); return nil })
	f.Fails(f.Root(), "DeleteRole", in, "DeleteConflict", "Cannot delete entity, must detach all policies first.")
	f.Change(func(tx *state.Tx) error { iam.Attachments.Delete(tx, attachment); return nil })
	iamtest.Do[iamapi.DeleteRoleResponse](f, f.Root(), "DeleteRole", in)
	iamtest.WantEqual(t, "roles", 0, iam.Roles.Len(f.View()))
	if again := create(f, &iamapi.CreateRoleRequest{RoleName: new("r")}); *again.RoleId == id {
		t.Errorf("the role created again has the old id")
	}
}

func TestUpdateRole(t *testing.T) {
	f := fixture(t)
	create(f, &iamapi.CreateRoleRequest{RoleName: new("r"), Description: new("old")})
	update := func(in iamapi.UpdateRoleRequest) *iamapi.Role {
		in.RoleName = new("r")
		iamtest.Do[iamapi.UpdateRoleResponse](f, f.Root(), "UpdateRole", &in)
		f.WantChecks(check(f, "iam:UpdateRole", "/", "r"))
		return get(f, "r")
	}
	got := update(iamapi.UpdateRoleRequest{MaxSessionDuration: new(int64(7200))})
	iamtest.WantEqual(t, "description", new("old"), got.Description)
	iamtest.WantEqual(t, "session", new(int64(7200)), got.MaxSessionDuration)
	got = update(iamapi.UpdateRoleRequest{Description: new("")})
	iamtest.WantEqual(t, "description", new(""), got.Description)
	iamtest.WantEqual(t, "session", new(int64(7200)), got.MaxSessionDuration)

	out := iamtest.Do[iamapi.UpdateRoleDescriptionResponse](f, f.Root(), "UpdateRoleDescription",
		&iamapi.UpdateRoleDescriptionRequest{RoleName: new("r"), Description: new("new")})
	f.WantChecks(check(f, "iam:UpdateRoleDescription", "/", "r"))
	iamtest.WantEqual(t, "description", new("new"), out.Role.Description)
	iamtest.WantEqual(t, "document", new(awsquery.EncodeDocument(ec2)), out.Role.AssumeRolePolicyDocument)
}

func TestRolePermissionsBoundary(t *testing.T) {
	f := fixture(t)
	create(f, &iamapi.CreateRoleRequest{RoleName: new("r")})
	first, second := f.AddPolicy("first", document), "arn:aws:iam::aws:policy/ReadOnlyAccess"
	put := func(arn string) {
		iamtest.Do[iamapi.PutRolePermissionsBoundaryResponse](f, f.Root(), "PutRolePermissionsBoundary",
			&iamapi.PutRolePermissionsBoundaryRequest{RoleName: new("r"), PermissionsBoundary: new(arn)})
		// The key is the boundary to be, not the one there is.
		want := check(f, "iam:PutRolePermissionsBoundary", "/", "r")
		want.Keys = condition.Map{"iam:permissionsboundary": condition.One(arn)}
		f.WantChecks(want)
		iamtest.WantEqual(t, "boundary", new(arn), get(f, "r").PermissionsBoundary.PermissionsBoundaryArn)
	}
	put(first)
	put(second)
	const missing = "arn:aws:iam::111122223333:policy/missing"
	f.Fails(f.Root(), "PutRolePermissionsBoundary", &iamapi.PutRolePermissionsBoundaryRequest{RoleName: new("r"), PermissionsBoundary: new(missing)},
		"NoSuchEntity", "Scope ARN: "+missing+" does not exist or is not attachable.")
	for _, keys := range []condition.Map{{"iam:permissionsboundary": condition.One(second)}, nil} {
		iamtest.Do[iamapi.DeleteRolePermissionsBoundaryResponse](f, f.Root(), "DeleteRolePermissionsBoundary", &iamapi.DeleteRolePermissionsBoundaryRequest{RoleName: new("r")})
		want := check(f, "iam:DeleteRolePermissionsBoundary", "/", "r")
		want.Keys = keys
		f.WantChecks(want)
	}
	if b := get(f, "r").PermissionsBoundary; b != nil {
		t.Errorf("boundary = %+v", b)
	}
}

func TestRoleTags(t *testing.T) {
	f := fixture(t)
	tag := func(key, value string) iamapi.Tag { return iamapi.Tag{Key: new(key), Value: new(value)} }
	create(f, &iamapi.CreateRoleRequest{RoleName: new("r"), Tags: []iamapi.Tag{tag("team", "red")}})
	list := func() []iamapi.Tag {
		return iamtest.Do[iamapi.ListRoleTagsResponse](f, f.Root(), "ListRoleTags", &iamapi.ListRoleTagsRequest{RoleName: new("r")}).Tags
	}
	iamtest.Do[iamapi.TagRoleResponse](f, f.Root(), "TagRole", &iamapi.TagRoleRequest{RoleName: new("r"), Tags: []iamapi.Tag{tag("Team", "blue"), tag("a", "1")}})
	want := check(f, "iam:TagRole", "/", "r")
	want.ResourceTags = []operation.Tag{{Key: "team", Value: "red"}}
	want.RequestTags = []operation.Tag{{Key: "Team", Value: "blue"}, {Key: "a", Value: "1"}}
	f.WantChecks(want)
	iamtest.WantEqual(t, "tags", []iamapi.Tag{tag("a", "1"), tag("Team", "blue")}, list())

	iamtest.Do[iamapi.UntagRoleResponse](f, f.Root(), "UntagRole", &iamapi.UntagRoleRequest{RoleName: new("r"), TagKeys: []string{"A", "none"}})
	want = check(f, "iam:UntagRole", "/", "r")
	want.ResourceTags = []operation.Tag{{Key: "a", Value: "1"}, {Key: "Team", Value: "blue"}}
	want.TagKeys = []string{"A", "none"}
	f.WantChecks(want)
	iamtest.WantEqual(t, "tags", []iamapi.Tag{tag("Team", "blue")}, list())
	iamtest.WantEqual(t, "GetRole", []iamapi.Tag{tag("Team", "blue")}, get(f, "r").Tags)

	many := make([]iamapi.Tag, 50)
	for i := range many {
		many[i] = tag(fmt.Sprintf("k%d", i), "v")
	}
	f.Fails(f.Root(), "TagRole", &iamapi.TagRoleRequest{RoleName: new("r"), Tags: many}, "LimitExceeded", "Cannot exceed quota for TagsPerRole: 50")
}

// Row iam-054: roles that only AWS may change. Service-linked roles can be
// described and tagged.
func TestProtectedRoles(t *testing.T) {
	f := fixture(t)
	const linked, reserved = "AWSServiceRoleForSupport", "AWSReservedSSO_Admin_0123456789abcdef"
	addProtected(f, "/aws-service-role/support.amazonaws.com/", linked)
	addProtected(f, "/aws-reserved/sso.amazonaws.com/", reserved)
	policyARN := new(f.AddPolicy("p", document))
	tags := []iamapi.Tag{{Key: new("a"), Value: new("b")}}
	for _, name := range []string{linked, reserved} {
		want := fmt.Sprintf("Cannot perform the operation on the protected role '%s' - this role is only modifiable by AWS", name)
		refused := map[string]any{
			"DeleteRole":                    &iamapi.DeleteRoleRequest{RoleName: new(name)},
			"UpdateRole":                    &iamapi.UpdateRoleRequest{RoleName: new(name), MaxSessionDuration: new(int64(7200))},
			"UpdateAssumeRolePolicy":        &iamapi.UpdateAssumeRolePolicyRequest{RoleName: new(name), PolicyDocument: new(ec2)},
			"PutRolePermissionsBoundary":    &iamapi.PutRolePermissionsBoundaryRequest{RoleName: new(name), PermissionsBoundary: policyARN},
			"DeleteRolePermissionsBoundary": &iamapi.DeleteRolePermissionsBoundaryRequest{RoleName: new(name)},
		}
		if name == reserved {
			refused["UpdateRole "] = &iamapi.UpdateRoleRequest{RoleName: new(name), Description: new("d")}
			refused["UpdateRoleDescription"] = &iamapi.UpdateRoleDescriptionRequest{RoleName: new(name), Description: new("d")}
			refused["TagRole"] = &iamapi.TagRoleRequest{RoleName: new(name), Tags: tags}
			refused["UntagRole"] = &iamapi.UntagRoleRequest{RoleName: new(name), TagKeys: []string{"a"}}
		}
		for op, in := range refused {
			f.Fails(f.Root(), strings.TrimSpace(op), in, "UnmodifiableEntity", want)
		}
	}
	iamtest.Do[iamapi.UpdateRoleDescriptionResponse](f, f.Root(), "UpdateRoleDescription", &iamapi.UpdateRoleDescriptionRequest{RoleName: new(linked), Description: new("d")})
	iamtest.Do[iamapi.UpdateRoleResponse](f, f.Root(), "UpdateRole", &iamapi.UpdateRoleRequest{RoleName: new(linked), Description: new("e")})
	iamtest.WantEqual(t, "description", "e", *get(f, linked).Description)
	f.Fails(f.Root(), "UpdateRole", &iamapi.UpdateRoleRequest{RoleName: new(linked), Description: new("f"), MaxSessionDuration: new(int64(3600))}, "UnmodifiableEntity",
		"Cannot perform the operation on the protected role 'AWSServiceRoleForSupport' - this role is only modifiable by AWS")
	iamtest.Do[iamapi.TagRoleResponse](f, f.Root(), "TagRole", &iamapi.TagRoleRequest{RoleName: new(linked), Tags: tags})
	iamtest.WantEqual(t, "tags", tags, get(f, linked).Tags)
	iamtest.Do[iamapi.UntagRoleResponse](f, f.Root(), "UntagRole", &iamapi.UntagRoleRequest{RoleName: new(linked), TagKeys: []string{"a"}})
	iamtest.WantEqual(t, "description and tags", []any{"e", 0}, []any{*get(f, linked).Description, len(get(f, linked).Tags)})
}
