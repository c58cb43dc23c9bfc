package reports_test

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"sallyport/internal/api/iamapi"
	"sallyport/internal/iam"
	"sallyport/internal/iam/iamtest"
	"sallyport/internal/iam/reports"
	"sallyport/internal/journal"
	"sallyport/internal/operation"
	"sallyport/internal/state"
)

const (
	readOnly  = "arn:aws:iam::aws:policy/ReadOnlyAccess"
	viewOnly  = "arn:aws:iam::aws:policy/job-function/ViewOnlyAccess"
	document  = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}`
	document2 = `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"s3:*","Resource":"*"}]}`
)

// encoded is a document as replies show it: percent-encoded by RFC 3986.
func encoded(document string) *string {
	return new(strings.ReplaceAll(url.PathEscape(document), ":", "%3A"))
}

func details(f *iamtest.Fixture, in *iamapi.GetAccountAuthorizationDetailsRequest) *iamapi.GetAccountAuthorizationDetailsResponse {
	f.Helper()
	out := iamtest.Do[iamapi.GetAccountAuthorizationDetailsResponse](f, f.Root(), "GetAccountAuthorizationDetails", in)
	f.WantChecks(operation.Check{Action: "iam:GetAccountAuthorizationDetails", Resource: "*"})
	return out
}

// populate gives the account one user, group and role with everything they can
// have, and a second of each with nothing.
func populate(f *iamtest.Fixture) (alice *iam.User, devops *iam.Group, app *iam.Role) {
	f.Helper()
	alice, devops = f.AddUser("alice"), f.AddGroup("devops")
	f.AddUser("bob")
	f.AddGroup("empty")
	own := f.AddPolicy("own", document)
	app = &iam.Role{ID: f.Env.Ident.RoleID(), Name: "app", Path: "/service/", Created: iamtest.Start, Trust: document, MaxSession: 3600,
		Description: new("runs the app"), Boundary: own, Tags: []operation.Tag{{Key: "team", Value: "blue"}}}
	f.Change(func(tx *state.Tx) error {
		bare := &iam.Role{ID: f.Env.Ident.RoleID(), Name: "bare", Path: "/", Created: iamtest.Start, Trust: document, MaxSession: 3600}
		iam.Roles.Put(tx, app.ID, app)
		iam.Roles.Put(tx, bare.ID, bare)
		changed := *alice
		changed.Boundary, changed.Tags = viewOnly, []operation.Tag{{Key: "cost", Value: ""}}
		iam.Users.Put(tx, alice.ID, &changed)
		iam.Memberships.Put(tx, iam.MembershipKey(alice.ID, devops.ID), &iam.Membership{User: alice.ID, Group: devops.ID})
		for _, id := range []string{alice.ID, devops.ID, app.ID} {
			iam.InlinePolicies.Put(tx, iam.InlineKey(id, "inline"), &iam.InlinePolicy{Name: "inline", Document: document})
			for _, arn := range []string{own, readOnly} {
				iam.Attachments.Put(tx, iam.AttachmentKey(id, arn), &iam.Attachment{Entity: id, Policy: arn})
			}
		}
		for _, name := range []string{"web", "App"} {
			iam.InstanceProfiles.Put(tx, "AIPA"+name, &iam.InstanceProfile{ID: "AIPA" + name, Name: name, Path: "/", Created: iamtest.Start,
				Role: app.ID, Tags: []operation.Tag{{Key: "never", Value: "listed"}}})
		}
		iam.InstanceProfiles.Put(tx, "AIPAnone", &iam.InstanceProfile{ID: "AIPAnone", Name: "none", Path: "/", Created: iamtest.Start})
		_, p, _ := iam.PoliciesByName.First(tx, "own")
		second := *p
		second.Latest, second.Description = 2, "never shown in lists"
		iam.Policies.Put(tx, p.ID, &second)
		iam.PolicyVersions.Put(tx, iam.VersionKey(p.ID, 2), &iam.PolicyVersion{Number: 2, Document: document2, Created: iamtest.Start})
		return nil
	})
	return alice, devops, app
}

func TestAuthorizationDetails(t *testing.T) {
	f := iamtest.New(t, reports.Operations)
	alice, devops, app := populate(f)
	at := time.Date(2026, 3, 13, 10, 45, 0, 0, time.UTC)
	f.Usage.Roles[app.ID] = iam.LastUsed{At: at, Service: "sts", Region: "eu-west-1"}
	out := details(f, &iamapi.GetAccountAuthorizationDetailsRequest{})
	if *out.IsTruncated || out.Marker != nil {
		t.Errorf("truncated %t, marker %v", *out.IsTruncated, out.Marker)
	}

	inline := []iamapi.PolicyDetail{{PolicyName: new("inline"), PolicyDocument: encoded(document)}}
	attached := []iamapi.AttachedPolicy{
		{PolicyName: new("own"), PolicyArn: new(f.ARN("policy/own"))}, {PolicyName: new("ReadOnlyAccess"), PolicyArn: new(readOnly)},
	}
	boundary := func(arn string) *iamapi.AttachedPermissionsBoundary {
		return &iamapi.AttachedPermissionsBoundary{PermissionsBoundaryType: new("Policy"), PermissionsBoundaryArn: &arn}
	}
	bob, _ := iam.FindUser(f.View(), "bob")
	iamtest.WantEqual(t, "users", []iamapi.UserDetail{{
		Path: new("/"), UserName: new("alice"), UserId: &alice.ID, Arn: new(f.ARN("user/alice")), CreateDate: new(iamtest.Start),
		UserPolicyList: inline, GroupList: []string{"devops"}, AttachedManagedPolicies: attached,
		PermissionsBoundary: boundary(viewOnly), Tags: []iamapi.Tag{{Key: new("cost"), Value: new("")}},
	}, {
		// A user without inline policies has no list of them; every other list
		// is empty.
		Path: new("/"), UserName: new("bob"), UserId: &bob.ID, Arn: new(f.ARN("user/bob")), CreateDate: new(iamtest.Start),
		GroupList: []string{}, AttachedManagedPolicies: []iamapi.AttachedPolicy{}, Tags: []iamapi.Tag{},
	}}, out.UserDetailList)
	empty, _ := iam.FindGroup(f.View(), "empty")
	iamtest.WantEqual(t, "groups", []iamapi.GroupDetail{{
		Path: new("/"), GroupName: new("devops"), GroupId: &devops.ID, Arn: new(f.ARN("group/devops")), CreateDate: new(iamtest.Start),
		GroupPolicyList: inline, AttachedManagedPolicies: attached,
	}, {
		Path: new("/"), GroupName: new("empty"), GroupId: &empty.ID, Arn: new(f.ARN("group/empty")), CreateDate: new(iamtest.Start),
		GroupPolicyList: []iamapi.PolicyDetail{}, AttachedManagedPolicies: []iamapi.AttachedPolicy{},
	}}, out.GroupDetailList)
	bare, _ := iam.FindRole(f.View(), "bare")
	held := iamapi.Role{Path: new("/service/"), RoleName: new("app"), RoleId: &app.ID, Arn: new(f.ARN("role/service/app")),
		CreateDate: new(iamtest.Start), AssumeRolePolicyDocument: encoded(document), Description: new("runs the app")}
	profile := func(name string) iamapi.InstanceProfile {
		return iamapi.InstanceProfile{Path: new("/"), InstanceProfileName: &name, InstanceProfileId: new("AIPA" + name),
			Arn: new(f.ARN("instance-profile/" + name)), CreateDate: new(iamtest.Start), Roles: []iamapi.Role{held}}
	}
	iamtest.WantEqual(t, "roles", []iamapi.RoleDetail{{
		Path: new("/service/"), RoleName: new("app"), RoleId: &app.ID, Arn: new(f.ARN("role/service/app")), CreateDate: new(iamtest.Start),
		AssumeRolePolicyDocument: encoded(document), InstanceProfileList: []iamapi.InstanceProfile{profile("App"), profile("web")},
		RolePolicyList: inline, AttachedManagedPolicies: attached, PermissionsBoundary: boundary(f.ARN("policy/own")),
		Tags:         []iamapi.Tag{{Key: new("team"), Value: new("blue")}},
		RoleLastUsed: &iamapi.RoleLastUsed{LastUsedDate: &at, Region: new("eu-west-1")},
	}, {
		Path: new("/"), RoleName: new("bare"), RoleId: &bare.ID, Arn: new(f.ARN("role/bare")), CreateDate: new(iamtest.Start),
		AssumeRolePolicyDocument: encoded(document), InstanceProfileList: []iamapi.InstanceProfile{},
		RolePolicyList: []iamapi.PolicyDetail{}, AttachedManagedPolicies: []iamapi.AttachedPolicy{},
		Tags: []iamapi.Tag{}, RoleLastUsed: &iamapi.RoleLastUsed{},
	}}, out.RoleDetailList)
	wantPolicies(f, out.Policies)
}

// TestAuthorizationDetailsUnreadable: the first last use that can't be read ends
// the call.
func TestAuthorizationDetailsUnreadable(t *testing.T) {
	f := iamtest.New(t, reports.Operations)
	populate(f)
	f.Usage.Err = journal.ErrUnavailable
	out, err := f.Call(f.Root(), "GetAccountAuthorizationDetails", &iamapi.GetAccountAuthorizationDetailsRequest{})
	if !errors.Is(err, journal.ErrUnavailable) {
		t.Errorf("%+v, %v", out, err)
	}
	if f.Usage.Reads != 1 {
		t.Errorf("it read %d times after the store was found unreadable", f.Usage.Reads-1)
	}
}

// wantPolicies: the account's own with every version, the newest first, and of
// AWS's those that are attached or somebody's boundary.
func wantPolicies(f *iamtest.Fixture, got []iamapi.ManagedPolicyDetail) {
	f.Helper()
	_, own, _ := iam.PoliciesByName.First(f.View(), "own")
	if len(got) != 3 || *got[1].Arn != readOnly || *got[2].Arn != viewOnly {
		f.Fatalf("%d policies: %+v", len(got), got)
	}
	iamtest.WantEqual(f, "own policy", iamapi.ManagedPolicyDetail{
		PolicyName: new("own"), PolicyId: &own.ID, Arn: new(f.ARN("policy/own")), Path: new("/"), DefaultVersionId: new("v1"),
		AttachmentCount: new(int64(3)), PermissionsBoundaryUsageCount: new(int64(1)), IsAttachable: new(true),
		CreateDate: new(iamtest.Start), UpdateDate: new(iamtest.Start),
		PolicyVersionList: []iamapi.PolicyVersion{
			{Document: encoded(document2), VersionId: new("v2"), IsDefaultVersion: new(false), CreateDate: new(iamtest.Start)},
			{Document: encoded(document), VersionId: new("v1"), IsDefaultVersion: new(true), CreateDate: new(iamtest.Start)},
		},
	}, got[0])
	for i, want := range map[int][2]int64{1: {3, 0}, 2: {0, 1}} {
		p := got[i]
		if *p.AttachmentCount != want[0] || *p.PermissionsBoundaryUsageCount != want[1] {
			f.Errorf("%s is attached %d times and a boundary %d times, want %v", *p.PolicyName, *p.AttachmentCount, *p.PermissionsBoundaryUsageCount, want)
		}
		if len(p.PolicyVersionList) != 1 || *p.PolicyVersionList[0].VersionId != *p.DefaultVersionId || len(*p.PolicyVersionList[0].Document) < 1000 {
			f.Errorf("%s has the versions %+v", *p.PolicyName, p.PolicyVersionList)
		}
	}
}

// names lists what a page holds, in its order through the kinds.
func names(out *iamapi.GetAccountAuthorizationDetailsResponse) []string {
	all := []string{}
	for _, u := range out.UserDetailList {
		all = append(all, "user "+*u.UserName)
	}
	for _, g := range out.GroupDetailList {
		all = append(all, "group "+*g.GroupName)
	}
	for _, r := range out.RoleDetailList {
		all = append(all, "role "+*r.RoleName)
	}
	for _, p := range out.Policies {
		all = append(all, "policy "+*p.PolicyName)
	}
	return all
}

// Pages of any size, under any filter, hold together what one page does; a
// reply's lists are never absent.
func TestAuthorizationDetailsPages(t *testing.T) {
	f := iamtest.New(t, reports.Operations)
	populate(f)
	kinds := map[string][]string{
		"User": {"user alice", "user bob"}, "Group": {"group devops", "group empty"}, "Role": {"role app", "role bare"},
		"LocalManagedPolicy": {"policy own"}, "AWSManagedPolicy": {"policy ReadOnlyAccess", "policy ViewOnlyAccess"},
	}
	order := []string{"User", "Group", "Role", "LocalManagedPolicy", "AWSManagedPolicy"}
	filters := [][]string{nil, {"AWSManagedPolicy", "User"}, {"Role", "Role"}}
	for _, kind := range order {
		filters = append(filters, []string{kind})
	}
	for _, filter := range filters {
		want := []string{}
		for _, kind := range order {
			if len(filter) == 0 || slices.Contains(filter, kind) {
				want = append(want, kinds[kind]...)
			}
		}
		for size := range int64(len(want)) {
			got := []string{}
			in := &iamapi.GetAccountAuthorizationDetailsRequest{Filter: filter, MaxItems: new(size + 1)}
			for more := true; more; more = in.Marker != nil {
				out := details(f, in)
				page := names(out)
				if out.UserDetailList == nil || out.GroupDetailList == nil || out.RoleDetailList == nil || out.Policies == nil ||
					*out.IsTruncated != (out.Marker != nil) || len(page) == 0 || len(page) > int(size)+1 {
					t.Fatalf("page of %d: %v, %t, %v", size+1, page, *out.IsTruncated, out.Marker)
				}
				got = append(got, page...)
				in.Marker = out.Marker
			}
			iamtest.WantEqual(t, fmt.Sprintf("%v by %d", filter, size+1), want, got)
		}
	}
}

func TestAuthorizationDetailsRefusals(t *testing.T) {
	f := iamtest.New(t, reports.Operations)
	for _, marker := range []string{"!", "YWxpY2U", "OQ"} { // no base64, "alice", "9"
		f.Fails(f.Root(), "GetAccountAuthorizationDetails", &iamapi.GetAccountAuthorizationDetailsRequest{Marker: &marker}, "ValidationError", "Invalid Marker.")
	}
	for _, in := range []*iamapi.GetAccountAuthorizationDetailsRequest{
		{Filter: []string{"Users"}}, {MaxItems: new(int64(0))}, {MaxItems: new(int64(1001))},
	} {
		if _, err := f.Call(f.Root(), "GetAccountAuthorizationDetails", in); err == nil {
			t.Errorf("%+v was taken", in)
		}
	}
	got := details(f, &iamapi.GetAccountAuthorizationDetailsRequest{})
	iamtest.WantEqual(t, "an empty account", []string{}, names(got))
}

// BenchmarkAuthorizationDetails takes the first, a middle and the last page of
// 100 of an account with 10,000 users and roles: they cost the same.
func BenchmarkAuthorizationDetails(b *testing.B) {
	f := iamtest.New(b, reports.Operations)
	for first := 0; first < 5000; first += 500 {
		f.Change(func(tx *state.Tx) error {
			for i := first; i < first+500; i++ {
				u := &iam.User{ID: f.Env.Ident.UserID(), Name: fmt.Sprintf("user-%05d", i), Path: "/", Created: iamtest.Start}
				role := &iam.Role{ID: f.Env.Ident.RoleID(), Name: fmt.Sprintf("role-%05d", i), Path: "/", Created: iamtest.Start, Trust: document}
				iam.Users.Put(tx, u.ID, u)
				iam.Roles.Put(tx, role.ID, role)
				for _, id := range []string{u.ID, role.ID} {
					iam.InlinePolicies.Put(tx, iam.InlineKey(id, "inline"), &iam.InlinePolicy{Name: "inline", Document: document})
					iam.Attachments.Put(tx, iam.AttachmentKey(id, readOnly), &iam.Attachment{Entity: id, Policy: readOnly})
				}
			}
			return nil
		})
	}
	markers := map[string]*string{"first": nil}
	in := &iamapi.GetAccountAuthorizationDetailsRequest{MaxItems: new(int64(1000))}
	for pages := 1; pages < 10; pages++ {
		out := details(f, in)
		in.Marker = out.Marker
		markers["middle"] = markers["last"]
		markers["last"] = out.Marker
	}
	for _, page := range []string{"first", "middle", "last"} {
		b.Run(page, func(b *testing.B) {
			in := &iamapi.GetAccountAuthorizationDetailsRequest{Marker: markers[page]}
			for b.Loop() {
				if got := names(details(f, in)); len(got) != 100 {
					b.Fatalf("%d entities", len(got))
				}
			}
		})
	}
}
