package policies_test

import (
	"fmt"
	"testing"

	"sallyport/catalog/managed"
	"sallyport/internal/api/iamapi"
	"sallyport/internal/iam"
	"sallyport/internal/iam/iamtest"
	"sallyport/internal/operation"
	"sallyport/internal/state"
	"sallyport/policy/condition"
)

func TestAttachments(t *testing.T) {
	eachKind(t, func(t *testing.T, f *iamtest.Fixture, s *subject) {
		mine := *create(f, &iamapi.CreatePolicyRequest{PolicyName: new("administratoraccess"), Path: new("/a/")}).Arn
		none, _, _, err := s.listAttached(s.name, nil, nil, nil)
		ok(t, "list", err)
		f.WantChecks(s.check("iam:ListAttached" + title(s.noun) + "Policies"))
		if none == nil || len(none) != 0 {
			t.Errorf("a list of none = %#v, want an empty one", none)
		}

		ok(t, "attach", s.attach(s.name, mine))
		check := s.check("iam:Attach" + title(s.noun) + "Policy")
		check.Keys = condition.Map{"iam:policyarn": condition.One(mine)}
		f.WantChecks(check)
		ok(t, "attach AWS's", s.attach(s.name, administrator))
		revision := f.View().Revision()
		ok(t, "attach again", s.attach(s.name, mine))
		if f.View().Revision() != revision {
			t.Errorf("attaching again changed something")
		}
		arns, truncated, _, err := s.listAttached(s.name, nil, nil, nil)
		ok(t, "list", err)
		iamtest.WantEqual(t, "attached", []string{administrator, mine}, arns)
		iamtest.WantEqual(t, "truncated", false, *truncated)
		arns, _, _, _ = s.listAttached(s.name, new("/a/"), nil, nil)
		iamtest.WantEqual(t, "under /a/", []string{mine}, arns)
		first, truncated, marker, _ := s.listAttached(s.name, nil, nil, new(int64(1)))
		rest, _, _, _ := s.listAttached(s.name, nil, marker, new(int64(1)))
		iamtest.WantEqual(t, "pages", []string{administrator, mine}, append(first, rest...))
		iamtest.WantEqual(t, "truncated", true, *truncated)
		iamtest.WantEqual(t, "attachments", int64(1), *get(f, mine).AttachmentCount)

		ok(t, "detach", s.detach(s.name, mine))
		check.Action = "iam:Detach" + title(s.noun) + "Policy"
		f.WantChecks(check)
		// Row iam-098.
		wantError(t, "detach again", s.detach(s.name, mine), "NoSuchEntity", "Policy "+mine+" was not found.")
		iamtest.WantEqual(t, "attachments", int64(0), *get(f, mine).AttachmentCount)
	})
}

func TestAttachRefusals(t *testing.T) {
	eachKind(t, func(t *testing.T, f *iamtest.Fixture, s *subject) {
		missing := f.ARN("policy/missing")
		wantError(t, "attach", s.attach("nobody", missing), "NoSuchEntity", s.missing)
		wantError(t, "detach", s.detach("nobody", missing), "NoSuchEntity", s.missing)
		_, _, _, err := s.listAttached("nobody", nil, nil, nil)
		wantError(t, "list", err, "NoSuchEntity", s.missing)
		for _, arn := range []string{missing, "arn:aws:iam::aws:policy/NoSuchPolicy", "arn:aws:iam::" + iamtest.OtherAccount + ":policy/p"} {
			wantError(t, "attach", s.attach(s.name, arn), "NoSuchEntity", "Policy "+arn+" does not exist or is not attachable.")
			wantError(t, "detach", s.detach(s.name, arn), "NoSuchEntity", "Policy "+arn+" was not found.")
		}
		const bad = "arn:aws:s3:::a-bucket-of-mine"
		wantError(t, "attach", s.attach(s.name, bad), "InvalidInput", "ARN "+bad+" is not valid.")
		wantError(t, "detach", s.detach(s.name, bad), "InvalidInput", "ARN "+bad+" is not valid.")
		wantError(t, "attach", s.attach(s.name, serviceLinked), "PolicyNotAttachable", "Cannot attach a Service Role Policy to a Customer Role.")

		f.Env.Limits[s.attached] = 2
		n := 0
		for p := range managed.All() {
			if n == 2 {
				wantError(t, "third", s.attach(s.name, administrator), "LimitExceeded", "Cannot exceed quota for "+s.attached+": 2")
				break
			}
			if p.Path == "/" && p.ARN != administrator {
				ok(t, "attach", s.attach(s.name, p.ARN))
				ok(t, "attach again at the quota", s.attach(s.name, p.ARN))
				n++
			}
		}
	})
}

// Roles that only AWS may change keep their policies (row iam-054).
func TestProtectedRoles(t *testing.T) {
	f := fixture(t)
	for path, name := range map[string]string{
		"/aws-service-role/support.amazonaws.com/": "AWSServiceRoleForSupport",
		"/aws-reserved/sso.amazonaws.com/":         "AWSReservedSSO_Admin_0123456789abcdef",
	} {
		role := addRole(f, path, name, "")
		f.Change(func(tx *state.Tx) error {
			iam.InlinePolicies.Put(tx, iam.InlineKey(role.ID, "p"), &iam.InlinePolicy{Name: "p", Document: readOne})
			iam.Attachments.Put(tx, iam.AttachmentKey(role.ID, administrator), &iam.Attachment{Entity: role.ID, Policy: administrator})
			return nil
		})
		want := fmt.Sprintf("Cannot perform the operation on the protected role '%s' - this role is only modifiable by AWS", name)
		s := roleCalls(f)
		wantError(t, "put", s.put(name, "p", listOne), "UnmodifiableEntity", want)
		wantError(t, "delete", s.remove(name, "p"), "UnmodifiableEntity", want)
		wantError(t, "attach", s.attach(name, administrator), "UnmodifiableEntity", want)
		wantError(t, "detach", s.detach(name, administrator), "UnmodifiableEntity", want)
		_, _, _, err := s.get(name, "p")
		ok(t, "get", err)
	}
}

func TestListEntitiesForPolicy(t *testing.T) {
	f := fixture(t)
	arn := f.AddPolicy("p", readOne)
	users := []*iam.User{f.AddUser("bob"), f.AddUser("Alice")}
	group := f.AddGroup("devops")
	role := addRole(f, "/a/", "builder", arn)
	bounded := addRole(f, "/", "bounded", arn)
	f.Change(func(tx *state.Tx) error {
		for _, id := range []string{users[0].ID, users[1].ID, group.ID, role.ID} {
			iam.Attachments.Put(tx, iam.AttachmentKey(id, arn), &iam.Attachment{Entity: id, Policy: arn})
		}
		return nil
	})
	groupsWant := []iamapi.PolicyGroup{{GroupName: new("devops"), GroupId: new(group.ID)}}
	alice := iamapi.PolicyUser{UserName: new("Alice"), UserId: new(users[1].ID)}
	bob := iamapi.PolicyUser{UserName: new("bob"), UserId: new(users[0].ID)}
	builder := iamapi.PolicyRole{RoleName: new("builder"), RoleId: new(role.ID)}
	limited := iamapi.PolicyRole{RoleName: new("bounded"), RoleId: new(bounded.ID)}
	type result = iamapi.ListEntitiesForPolicyResponse
	list := func(in iamapi.ListEntitiesForPolicyRequest) *result {
		in.PolicyArn = new(arn)
		return iamtest.Do[result](f, f.Root(), "ListEntitiesForPolicy", &in)
	}
	page := func(truncated bool, g []iamapi.PolicyGroup, u []iamapi.PolicyUser, r []iamapi.PolicyRole) *result {
		return &result{
			PolicyGroups: append([]iamapi.PolicyGroup{}, g...), PolicyUsers: append([]iamapi.PolicyUser{}, u...),
			PolicyRoles: append([]iamapi.PolicyRole{}, r...), IsTruncated: new(truncated),
		}
	}
	iamtest.WantEqual(t, "all", page(false, groupsWant, []iamapi.PolicyUser{alice, bob}, []iamapi.PolicyRole{limited, builder}), list(iamapi.ListEntitiesForPolicyRequest{}))
	f.WantChecks(operation.Check{Action: "iam:ListEntitiesForPolicy", Resource: arn, Name: "policy " + arn})
	iamtest.WantEqual(t, "users", page(false, nil, []iamapi.PolicyUser{alice, bob}, nil), list(iamapi.ListEntitiesForPolicyRequest{EntityFilter: new("User")}))
	iamtest.WantEqual(t, "groups", page(false, groupsWant, nil, nil), list(iamapi.ListEntitiesForPolicyRequest{EntityFilter: new("Group")}))
	iamtest.WantEqual(t, "path", page(false, nil, nil, []iamapi.PolicyRole{builder}), list(iamapi.ListEntitiesForPolicyRequest{PathPrefix: new("/a/")}))
	iamtest.WantEqual(t, "boundaries", page(false, nil, nil, []iamapi.PolicyRole{limited, builder}), list(iamapi.ListEntitiesForPolicyRequest{PolicyUsageFilter: new("PermissionsBoundary")}))
	iamtest.WantEqual(t, "permissions", page(false, nil, nil, []iamapi.PolicyRole{builder}),
		list(iamapi.ListEntitiesForPolicyRequest{PolicyUsageFilter: new("PermissionsPolicy"), EntityFilter: new("Role")}))

	first := list(iamapi.ListEntitiesForPolicyRequest{MaxItems: new(int64(2))})
	second := list(iamapi.ListEntitiesForPolicyRequest{MaxItems: new(int64(3)), Marker: first.Marker})
	first.Marker = nil
	iamtest.WantEqual(t, "first page", page(true, groupsWant, []iamapi.PolicyUser{alice}, nil), first)
	iamtest.WantEqual(t, "second page", page(false, nil, []iamapi.PolicyUser{bob}, []iamapi.PolicyRole{limited, builder}), second)

	missing := f.ARN("policy/missing")
	f.Fails(f.Root(), "ListEntitiesForPolicy", &iamapi.ListEntitiesForPolicyRequest{PolicyArn: new(missing)}, "NoSuchEntity", "Policy "+missing+" does not exist or is not attachable.")
	f.Fails(f.Root(), "ListEntitiesForPolicy", &iamapi.ListEntitiesForPolicyRequest{PolicyArn: new("arn:aws:s3:::a-bucket-of-mine")}, "InvalidInput", "ARN arn:aws:s3:::a-bucket-of-mine is not valid.")
	iamtest.WantEqual(t, "of AWS's", page(false, nil, nil, nil), iamtest.Do[result](f, f.Root(), "ListEntitiesForPolicy", &iamapi.ListEntitiesForPolicyRequest{PolicyArn: new(administrator)}))
}
