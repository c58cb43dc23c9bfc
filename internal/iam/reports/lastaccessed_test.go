package reports_test

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"sallyport/internal/api/iamapi"
	"sallyport/internal/iam"
	"sallyport/internal/iam/iamtest"
	"sallyport/internal/iam/reports"
	"sallyport/internal/operation"
	"sallyport/internal/state"
)

const (
	sharedDocument = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["sqs:SendMessage","s3:GetObject"],"Resource":"*"}]}`
	directDocument = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:GetObject","iam:GetUser","iam:PassRole","ec2:DescribeInstances"],"Resource":"*"},{"Effect":"Deny","Action":"sqs:*","Resource":"*"}]}`
	lambdaDocument = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"lambda:ListFunctions","Resource":"*"}]}`
	getUserPolicy  = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:GetUser","Resource":"*"}]}`
	roleDocument   = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["iam:GetRole","iam:TagRole","sallyport:Evaluate"],"Resource":"*"}]}`
)

// A graph is who has which policies: target and member are in zgroup, target in
// agroup too; target, zgroup and the role have the shared policy.
type graph struct {
	target, member *iam.User
	zgroup         *iam.Group
	role           *iam.Role
	shared         string
}

func newGraph(f *iamtest.Fixture) (g graph) {
	f.Helper()
	g.target, g.member, g.zgroup = f.AddUser("target"), f.AddUser("member"), f.AddGroup("zgroup")
	agroup := f.AddGroup("agroup")
	g.shared = f.AddPolicy("shared", sharedDocument)
	g.role = &iam.Role{ID: f.Env.Ident.RoleID(), Name: "app", Path: "/service/", Created: iamtest.Start, Trust: document}
	f.Change(func(tx *state.Tx) error {
		iam.Roles.Put(tx, g.role.ID, g.role)
		for id, inline := range map[string]iam.InlinePolicy{
			g.target.ID: {Name: "z-direct", Document: directDocument}, g.zgroup.ID: {Name: "a-group", Document: lambdaDocument},
			agroup.ID: {Name: "z-group", Document: getUserPolicy}, g.role.ID: {Name: "role-inline", Document: roleDocument},
		} {
			iam.InlinePolicies.Put(tx, iam.InlineKey(id, inline.Name), &inline)
		}
		for _, m := range []iam.Membership{{User: g.target.ID, Group: g.zgroup.ID}, {User: g.member.ID, Group: g.zgroup.ID}, {User: g.target.ID, Group: agroup.ID}} {
			iam.Memberships.Put(tx, iam.MembershipKey(m.User, m.Group), &m)
		}
		for _, id := range []string{g.target.ID, g.zgroup.ID, g.role.ID} {
			iam.Attachments.Put(tx, iam.AttachmentKey(id, g.shared), &iam.Attachment{Entity: id, Policy: g.shared})
		}
		return nil
	})
	return g
}

// begin begins a job; granularity may be empty.
func begin(f *iamtest.Fixture, caller *operation.Caller, arn, granularity string) string {
	f.Helper()
	in := &iamapi.GenerateServiceLastAccessedDetailsRequest{Arn: &arn}
	if granularity != "" {
		in.Granularity = &granularity
	}
	return *iamtest.Do[iamapi.GenerateServiceLastAccessedDetailsResponse](f, caller, "GenerateServiceLastAccessedDetails", in).JobId
}

// finished begins a job and runs it.
func finished(f *iamtest.Fixture, arn, granularity string) string {
	f.Helper()
	id := begin(f, f.Root(), arn, granularity)
	if err := f.RunTasks(); err != nil {
		f.Fatal(err)
	}
	return id
}

func got(f *iamtest.Fixture, id string) *iamapi.GetServiceLastAccessedDetailsResponse {
	f.Helper()
	return iamtest.Do[iamapi.GetServiceLastAccessedDetailsResponse](f, f.Root(), "GetServiceLastAccessedDetails",
		&iamapi.GetServiceLastAccessedDetailsRequest{JobId: &id})
}

func entities(f *iamtest.Fixture, id, namespace string) *iamapi.GetServiceLastAccessedDetailsWithEntitiesResponse {
	f.Helper()
	return iamtest.Do[iamapi.GetServiceLastAccessedDetailsWithEntitiesResponse](f, f.Root(), "GetServiceLastAccessedDetailsWithEntities",
		&iamapi.GetServiceLastAccessedDetailsWithEntitiesRequest{JobId: &id, ServiceNamespace: &namespace})
}

// text writes services with their actions: "iam(GetUser) s3".
func text(services []iamapi.ServiceLastAccessed) string {
	var all []string
	for _, s := range services {
		name := *s.ServiceNamespace
		var actions []string
		for _, a := range s.TrackedActionsLastAccessed {
			actions = append(actions, *a.ActionName)
		}
		if len(actions) > 0 {
			name += "(" + strings.Join(actions, " ") + ")"
		}
		all = append(all, name)
	}
	return strings.Join(all, " ")
}

func entityNames(list []iamapi.EntityDetails) string {
	var all []string
	for _, e := range list {
		name := *e.EntityInfo.Type + " " + *e.EntityInfo.Name
		if e.LastAuthenticated != nil {
			name += " " + e.LastAuthenticated.Format(time.DateOnly)
		}
		all = append(all, name)
	}
	return strings.Join(all, ", ")
}

// TestServiceLastAccessedServices: the services that AWS lists for the same users,
// groups, roles and policies.
func TestServiceLastAccessedServices(t *testing.T) {
	f := iamtest.New(t, reports.Operations)
	g := newGraph(f)
	f.AddUser("empty")
	unused := f.AddPolicy("unused", lambdaDocument)
	for arn, want := range map[string]string{
		f.ARN("user/target"):       "ec2 iam(GetUser) lambda s3",
		f.ARN("user/other/target"): "ec2 iam(GetUser) lambda s3",
		f.ARN("user/empty"):        "",
		f.ARN("group/zgroup"):      "lambda s3 sqs",
		f.ARN("role/service/app"):  "iam(GetRole) s3 sallyport(Evaluate) sqs",
		g.shared:                   "s3 sqs",
		unused:                     "lambda",
	} {
		out := got(f, finished(f, arn, "ACTION_LEVEL"))
		if *out.JobStatus != "COMPLETED" || *out.JobType != "ACTION_LEVEL" || *out.IsTruncated || out.Marker != nil || out.ServicesLastAccessed == nil || text(out.ServicesLastAccessed) != want {
			t.Errorf("%s: %s %s", arn, *out.JobStatus, text(out.ServicesLastAccessed))
		}
	}
	out := got(f, finished(f, f.ARN("user/target"), ""))
	if *out.JobType != "SERVICE_LEVEL" || text(out.ServicesLastAccessed) != "ec2 iam lambda s3" || !out.JobCompletionDate.After(*out.JobCreationDate) {
		t.Errorf("without granularity: %s %s", *out.JobType, text(out.ServicesLastAccessed))
	}
	iamtest.WantEqual(t, "an unused service", iamapi.ServiceLastAccessed{
		ServiceName: new("AWS Identity and Access Management"), ServiceNamespace: new("iam"), TotalAuthenticatedEntities: new(int64(0)),
	}, out.ServicesLastAccessed[1])
	// AWS's own policies have reports too.
	out = got(f, finished(f, "arn:aws:iam::aws:policy/AmazonS3FullAccess", ""))
	if text(out.ServicesLastAccessed) != "s3 s3-object-lambda" {
		t.Errorf("an AWS managed policy: %s", text(out.ServicesLastAccessed))
	}
}

// TestServiceLastAccessedActivity: attempts of those whom a report is about, within
// the tracking period, by service, action and entity.
func TestServiceLastAccessedActivity(t *testing.T) {
	f := iamtest.New(t, reports.Operations)
	g := newGraph(f)
	at := func(days int) iam.Access {
		return iam.Access{At: iamtest.Start.AddDate(0, 0, -days).Truncate(time.Second), Region: fmt.Sprint("region-", days)}
	}
	f.Usage.Accessed = map[string]iam.Accessed{
		g.target.ID: {
			"iam":    {Access: at(2), Actions: map[string]iam.Access{"GetUser": at(3), "CreateUser": at(2)}},
			"s3":     {Access: at(9)},
			"lambda": {Access: at(401)},
			"rds":    {Access: at(1)}, // none of the policies' business
		},
		g.member.ID: {"s3": {Access: at(5)}, "sqs": {Access: at(399)}},
		g.role.ID:   {"s3": {Access: at(7)}},
	}
	user := got(f, finished(f, f.ARN("user/target"), "ACTION_LEVEL"))
	iamtest.WantEqual(t, "a used service", iamapi.ServiceLastAccessed{
		ServiceName: new("AWS Identity and Access Management"), ServiceNamespace: new("iam"), TotalAuthenticatedEntities: new(int64(1)),
		LastAuthenticated: new(at(2).At), LastAuthenticatedEntity: new(f.ARN("user/target")), LastAuthenticatedRegion: new("region-2"),
		TrackedActionsLastAccessed: []iamapi.TrackedActionLastAccessed{{
			ActionName: new("GetUser"), LastAccessedTime: new(at(3).At), LastAccessedEntity: new(f.ARN("user/target")), LastAccessedRegion: new("region-3"),
		}},
	}, user.ServicesLastAccessed[1])
	if lambda := user.ServicesLastAccessed[2]; lambda.LastAuthenticated != nil || *lambda.TotalAuthenticatedEntities != 0 {
		t.Errorf("before the tracking period: %v", lambda.LastAuthenticated)
	}

	id := finished(f, g.shared, "")
	policy := got(f, id)
	if s3 := policy.ServicesLastAccessed[0]; *s3.LastAuthenticatedEntity != f.ARN("user/member") || *s3.TotalAuthenticatedEntities != 3 || *s3.LastAuthenticatedRegion != "region-5" {
		t.Errorf("s3 of the policy: %s of %d", *s3.LastAuthenticatedEntity, *s3.TotalAuthenticatedEntities)
	}
	for namespace, want := range map[string]string{
		"s3":  "USER member 2025-12-28, ROLE app 2025-12-26, USER target 2025-12-24",
		"sqs": "USER member 2024-11-29, USER target, ROLE app",
		"iam": "",
	} {
		if e := entities(f, id, namespace); *e.JobStatus != "COMPLETED" || e.EntityDetailsList == nil || entityNames(e.EntityDetailsList) != want {
			t.Errorf("%s: %s %q", namespace, *e.JobStatus, entityNames(e.EntityDetailsList))
		}
	}
	iamtest.WantEqual(t, "a role", &iamapi.EntityInfo{
		Arn: new(f.ARN("role/service/app")), Name: new("app"), Type: new("ROLE"), Id: &g.role.ID, Path: new("/service/"),
	}, entities(f, id, "s3").EntityDetailsList[1].EntityInfo)

	// A report names entities by what they are called now, leaves out those that
	// are gone, and does not take in who came later.
	f.Change(func(tx *state.Tx) error {
		renamed := *g.member
		renamed.Name, renamed.Path = "renamed", "/new/"
		iam.Users.Put(tx, renamed.ID, &renamed)
		iam.Users.Delete(tx, g.target.ID)
		iam.Roles.Delete(tx, g.role.ID)
		return nil
	})
	again := f.AddUser("target")
	if e := entityNames(entities(f, id, "s3").EntityDetailsList); e != "USER renamed 2025-12-28" {
		t.Errorf("later: %s", e)
	}
	// The new target has nothing of the old one's.
	f.Change(func(tx *state.Tx) error {
		iam.Attachments.Put(tx, iam.AttachmentKey(again.ID, g.shared), &iam.Attachment{Entity: again.ID, Policy: g.shared})
		return nil
	})
	if s3 := got(f, finished(f, f.ARN("user/target"), "")).ServicesLastAccessed[0]; *s3.TotalAuthenticatedEntities != 0 {
		t.Error("a user made again has the old one's attempts")
	}
}

// TestServiceLastAccessedJob: what a job shows while it is under way, that it is as
// of its beginning, and when it fails or is given up.
func TestServiceLastAccessedJob(t *testing.T) {
	f := iamtest.New(t, reports.Operations)
	g := newGraph(f)
	id := begin(f, f.Root(), f.ARN("user/target"), "ACTION_LEVEL")
	underWay := got(f, id)
	iamtest.WantEqual(t, "under way", &iamapi.GetServiceLastAccessedDetailsResponse{
		JobStatus: new("IN_PROGRESS"), JobCreationDate: underWay.JobCreationDate, IsTruncated: new(false),
	}, underWay)
	iamtest.WantEqual(t, "under way", &iamapi.GetServiceLastAccessedDetailsWithEntitiesResponse{
		JobStatus: new("IN_PROGRESS"), JobCreationDate: underWay.JobCreationDate, IsTruncated: new(false),
	}, entities(f, id, "s3"))
	f.Change(func(tx *state.Tx) error {
		iam.InlinePolicies.Delete(tx, iam.InlineKey(g.target.ID, "z-direct"))
		return nil
	})
	if err := f.RunTasks(); err != nil {
		t.Fatal(err)
	}
	if out := got(f, id); text(out.ServicesLastAccessed) != "ec2 iam(GetUser) lambda s3" || !out.JobCreationDate.Equal(*underWay.JobCreationDate) {
		t.Errorf("as of the beginning: %s", text(out.ServicesLastAccessed))
	}

	f.Usage.Err = errors.New("the disk is gone")
	id = begin(f, f.Root(), f.ARN("user/target"), "")
	if err := f.RunTasks(); !errors.Is(err, f.Usage.Err) {
		t.Errorf("the failure is %v", err)
	}
	f.Usage.Err = nil
	failed := got(f, id)
	if *failed.JobStatus != "FAILED" || *failed.Error.Code != "ServiceFailure" || strings.Contains(*failed.Error.Message, "disk") || failed.ServicesLastAccessed != nil || failed.JobCompletionDate == nil {
		t.Errorf("failed: %+v", failed)
	}

	lost := begin(f, f.Root(), f.ARN("user/target"), "")
	f.Tasks = nil // the node stopped
	f.Advance(5 * time.Minute)
	if out := got(f, lost); *out.JobStatus != "FAILED" || *entities(f, lost, "s3").JobStatus != "FAILED" {
		t.Errorf("given up: %s", *out.JobStatus)
	}

	var patterns []string
	for n := range 700 {
		patterns = append(patterns, fmt.Sprintf(`"arn:?ws:zz%d%s"`, n, strings.Repeat("a*b*", 60)))
	}
	huge := f.AddPolicy("huge", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":[`+strings.Join(patterns, ",")+`]}]}`)
	if out := got(f, finished(f, huge, "")); *out.JobStatus != "FAILED" || *out.Error.Code != "LimitExceeded" {
		t.Errorf("a policy made to be slow: %s", *out.JobStatus)
	}

	f.Advance(24 * time.Hour)
	f.Fails(f.Root(), "GetServiceLastAccessedDetails", &iamapi.GetServiceLastAccessedDetailsRequest{JobId: &id}, "NoSuchEntity", "Job "+id+" does not exist.")
}

// TestAttackJobsOfOthers: a report is for who asked for it: a user by any of its
// keys, a role's session only by itself, and never another account.
func TestAttackJobsOfOthers(t *testing.T) {
	f := iamtest.New(t, reports.Operations)
	newGraph(f)
	one, two := f.Session("app", "one"), f.Session("app", "two")
	two.EntityID, two.Principal.ID = one.EntityID, one.EntityID+":two"
	other := f.RootOf(iamtest.OtherAccount)
	for name, c := range map[string]struct {
		owner        *operation.Caller
		sees, others []*operation.Caller
	}{
		"user": {f.As("target"), []*operation.Caller{f.As("target"), f.Temporary("target")}, []*operation.Caller{f.As("member"), f.Root(), one, other}},
		"role": {one, []*operation.Caller{one}, []*operation.Caller{two, f.Root(), f.As("target"), other}},
		"root": {f.Root(), []*operation.Caller{f.Root()}, []*operation.Caller{f.As("target"), one, other}},
	} {
		id := begin(f, c.owner, f.ARN("user/target"), "")
		if err := f.RunTasks(); err != nil {
			t.Fatal(err)
		}
		requests := map[string]any{
			"GetServiceLastAccessedDetails":             &iamapi.GetServiceLastAccessedDetailsRequest{JobId: &id},
			"GetServiceLastAccessedDetailsWithEntities": &iamapi.GetServiceLastAccessedDetailsWithEntitiesRequest{JobId: &id, ServiceNamespace: new("s3")},
		}
		for operation, in := range requests {
			for _, caller := range c.sees {
				if _, err := f.Call(caller, operation, in); err != nil {
					t.Errorf("%s: %s by its owner: %v", name, operation, err)
				}
				f.WantChecks(iam.AccountCheck("iam:" + operation))
			}
			for _, caller := range c.others {
				f.Fails(caller, operation, in, "NoSuchEntity", "Job "+id+" does not exist.")
			}
		}
	}
}

// TestAttackJobIDs: no text of a job id reaches another fact.
func TestAttackJobIDs(t *testing.T) {
	f := iamtest.New(t, reports.Operations)
	newGraph(f)
	id := finished(f, f.ARN("user/target"), "")
	for _, bad := range []string{
		"00000000-0000-0000-0000-000000000000", strings.Repeat("x", 36), strings.ToUpper(id), id[:34] + "/0", strings.Repeat("../", 12),
	} {
		f.Fails(f.Root(), "GetServiceLastAccessedDetails", &iamapi.GetServiceLastAccessedDetailsRequest{JobId: &bad}, "NoSuchEntity", "Job "+bad+" does not exist.")
	}
}

// TestServiceLastAccessedWaiting: an account has so many jobs under way on a node,
// and another's are not held up by them.
func TestServiceLastAccessedWaiting(t *testing.T) {
	f := iamtest.New(t, reports.Operations)
	newGraph(f)
	in := &iamapi.GenerateServiceLastAccessedDetailsRequest{Arn: new(f.ARN("user/target"))}
	for range 50 {
		begin(f, f.Root(), *in.Arn, "")
	}
	f.Fails(f.Root(), "GenerateServiceLastAccessedDetails", in, "Throttling", "Rate exceeded")
	begin(f, f.RootOf(iamtest.OtherAccount), "arn:aws:iam::aws:policy/AdministratorAccess", "")
	if err := f.RunTasks(); err != nil {
		t.Fatal(err)
	}
	begin(f, f.Root(), *in.Arn, "")
}

// TestServiceLastAccessedPages: pages of services and of entities, and markers that
// belong to another job or list.
func TestServiceLastAccessedPages(t *testing.T) {
	f := iamtest.New(t, reports.Operations)
	g := newGraph(f)
	all := finished(f, "arn:aws:iam::aws:policy/AdministratorAccess", "")
	first := got(f, all)
	if len(first.ServicesLastAccessed) != 200 || !*first.IsTruncated || text(first.ServicesLastAccessed[199:]) != "healthlake" {
		t.Errorf("a page has %d services", len(first.ServicesLastAccessed))
	}
	walk := func(id string, maxItems int64) (pages []string) {
		var marker *string
		for {
			out := iamtest.Do[iamapi.GetServiceLastAccessedDetailsResponse](f, f.Root(), "GetServiceLastAccessedDetails",
				&iamapi.GetServiceLastAccessedDetailsRequest{JobId: &id, MaxItems: &maxItems, Marker: marker})
			pages = append(pages, text(out.ServicesLastAccessed))
			if marker = out.Marker; marker == nil {
				return pages
			}
		}
	}
	if pages := walk(all, 300); len(pages) != 2 || len(strings.Fields(pages[0])) != 300 || len(strings.Fields(pages[1])) < 150 {
		t.Errorf("%d pages", len(pages))
	}
	user, policy := finished(f, f.ARN("user/target"), ""), finished(f, g.shared, "")
	iamtest.WantEqual(t, "pages", []string{"ec2 iam lambda", "s3"}, walk(user, 3))

	page := func(id string, marker *string) (*iamapi.GetServiceLastAccessedDetailsWithEntitiesResponse, error) {
		out, err := f.Call(f.Root(), "GetServiceLastAccessedDetailsWithEntities", &iamapi.GetServiceLastAccessedDetailsWithEntitiesRequest{
			JobId: &id, ServiceNamespace: new("s3"), MaxItems: new(int64(2)), Marker: marker,
		})
		if err != nil {
			return nil, err
		}
		return out.(*iamapi.GetServiceLastAccessedDetailsWithEntitiesResponse), nil
	}
	one, err := page(policy, nil)
	if err != nil || entityNames(one.EntityDetailsList) != "USER member, USER target" || !*one.IsTruncated {
		t.Fatalf("first page: %v", err)
	}
	two, err := page(policy, one.Marker)
	if err != nil || entityNames(two.EntityDetailsList) != "ROLE app" || *two.IsTruncated || two.Marker != nil {
		t.Fatalf("second page: %v", err)
	}
	services := iamtest.Do[iamapi.GetServiceLastAccessedDetailsResponse](f, f.Root(), "GetServiceLastAccessedDetails",
		&iamapi.GetServiceLastAccessedDetailsRequest{JobId: &policy, MaxItems: new(int64(1))}).Marker
	const invalid = "The marker passed in the request was invalid."
	f.Fails(f.Root(), "GetServiceLastAccessedDetails", &iamapi.GetServiceLastAccessedDetailsRequest{JobId: &user, Marker: services}, "InvalidInput", invalid)
	f.Fails(f.Root(), "GetServiceLastAccessedDetails", &iamapi.GetServiceLastAccessedDetailsRequest{JobId: &policy, Marker: new("invalid")}, "ValidationError", "Invalid Marker.")
	for _, marker := range []*string{services, new(base64.RawURLEncoding.EncodeToString([]byte(policy + "/entities/-1")))} {
		f.Fails(f.Root(), "GetServiceLastAccessedDetailsWithEntities", &iamapi.GetServiceLastAccessedDetailsWithEntitiesRequest{
			JobId: &policy, ServiceNamespace: new("s3"), Marker: marker,
		}, "InvalidInput", invalid)
	}
}
