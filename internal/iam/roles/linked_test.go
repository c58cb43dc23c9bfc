package roles_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"sallyport/internal/api/iamapi"
	"sallyport/internal/iam"
	"sallyport/internal/iam/iamtest"
	"sallyport/internal/iam/roles"
	"sallyport/internal/operation"
	"sallyport/internal/state"
	"sallyport/policy"
	"sallyport/policy/condition"
)

const (
	batch     = "batch.amazonaws.com"
	batchRole = "AWSServiceRoleForBatch"
	batchPath = "/aws-service-role/batch.amazonaws.com/"
)

func createLinked(f *iamtest.Fixture, in *iamapi.CreateServiceLinkedRoleRequest) *iamapi.Role {
	f.Helper()
	return iamtest.Do[iamapi.CreateServiceLinkedRoleResponse](f, f.Root(), "CreateServiceLinkedRole", in).Role
}

func deleteLinked(f *iamtest.Fixture, name string) (task string) {
	f.Helper()
	return *iamtest.Do[iamapi.DeleteServiceLinkedRoleResponse](f, f.Root(), "DeleteServiceLinkedRole",
		&iamapi.DeleteServiceLinkedRoleRequest{RoleName: new(name)}).DeletionTaskId
}

func statusOf(task string) *iamapi.GetServiceLinkedRoleDeletionStatusRequest {
	return &iamapi.GetServiceLinkedRoleDeletionStatusRequest{DeletionTaskId: new(task)}
}

// attachments are the rows of an entity's attached policies.
func attachments(f *iamtest.Fixture, id string) (arns []string) {
	f.Helper()
	iam.Attachments.AscendPrefix(f.View(), iam.AttachmentKey(id, ""), func(_ string, a *iam.Attachment) bool {
		arns = append(arns, a.Policy)
		return true
	})
	return arns
}

// Row iam-231.
func TestCreateServiceLinkedRole(t *testing.T) {
	f := fixture(t)
	made := createLinked(f, &iamapi.CreateServiceLinkedRoleRequest{AWSServiceName: new(batch)})
	f.WantChecks(operation.Check{
		Action: "iam:CreateServiceLinkedRole", Resource: f.ARN("role" + batchPath + batchRole),
		Keys: condition.Map{"iam:awsservicename": condition.One(batch)},
	})
	want := &iamapi.Role{
		Path: new(batchPath), RoleName: new(batchRole), RoleId: made.RoleId, CreateDate: made.CreateDate,
		Arn: new(f.ARN("role" + batchPath + batchRole)), AssumeRolePolicyDocument: made.AssumeRolePolicyDocument,
	}
	iamtest.WantEqual(t, "what was made", want, made)
	want.MaxSessionDuration, want.RoleLastUsed = new(int64(3600)), &iamapi.RoleLastUsed{}
	iamtest.WantEqual(t, "GetRole", want, get(f, strings.ToLower(batchRole)))
	iamtest.WantEqual(t, "trust", strings.Replace(ec2, "ec2.amazonaws.com", batch, 1), shownTrust(f, batchRole))
	iamtest.WantEqual(t, "policies", []string{"arn:aws:iam::aws:policy/aws-service-role/BatchServiceRolePolicy"}, attachments(f, *made.RoleId))

	second := createLinked(f, &iamapi.CreateServiceLinkedRoleRequest{
		AWSServiceName: new("autoscaling.amazonaws.com"), CustomSuffix: new("web-1"), Description: new("scales the web"),
	})
	iamtest.WantEqual(t, "with a suffix", []string{"AWSServiceRoleForAutoScaling_web-1", "scales the web"}, []string{*second.RoleName, *second.Description})
	iamtest.WantEqual(t, "with a suffix", f.ARN("role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling_web-1"), f.Checks[0].Resource)
	createLinked(f, &iamapi.CreateServiceLinkedRoleRequest{AWSServiceName: new("autoscaling.amazonaws.com")})
}

// Row iam-233, and what AWS's users quote.
func TestCreateServiceLinkedRoleRefusals(t *testing.T) {
	f := fixture(t)
	createLinked(f, &iamapi.CreateServiceLinkedRoleRequest{AWSServiceName: new("ecs.amazonaws.com")})
	create(f, &iamapi.CreateRoleRequest{RoleName: new("awsserviceroleforbatch")})
	long := strings.Repeat("x", 64)
	for _, c := range []struct {
		service      string
		suffix       *string
		code, reason string
	}{
		{"account.amazonaws.com", nil, "AccessDenied", "Cannot find Service Linked Role template for account.amazonaws.com"},
		{"account.amazonaws.com", new("x"), "AccessDenied", "Cannot find Service Linked Role template for account.amazonaws.com"},
		{"ECS.amazonaws.com", nil, "AccessDenied", "Cannot find Service Linked Role template for ECS.amazonaws.com"},
		{"ecs.amazonaws.com", new("x"), "InvalidInput", "Custom suffix is not allowed for ecs.amazonaws.com"},
		{"ecs.amazonaws.com", nil, "InvalidInput", "Service role name AWSServiceRoleForECS has been taken in this account, please try a different suffix."},
		{batch, nil, "InvalidInput", "Service role name AWSServiceRoleForBatch has been taken in this account, please try a different suffix."},
		{"connect.amazonaws.com", &long, "InvalidInput", "Service role name AWSServiceRoleForAmazonConnect_" + long + " is longer than 64 characters, please try a shorter suffix."},
	} {
		f.Fails(f.Root(), "CreateServiceLinkedRole", &iamapi.CreateServiceLinkedRoleRequest{AWSServiceName: &c.service, CustomSuffix: c.suffix}, c.code, c.reason)
		if name := "AWSServiceRoleFor"; c.code == "AccessDenied" && !strings.HasPrefix(f.Checks[0].Resource, f.ARN("role/aws-service-role/"+c.service+"/"+name)) {
			t.Errorf("%s is asked on %s", c.service, f.Checks[0].Resource)
		}
	}
	f.Env.Limits[iam.RolesPerAccount] = 2
	f.Fails(f.Root(), "CreateServiceLinkedRole", &iamapi.CreateServiceLinkedRoleRequest{AWSServiceName: new("rds.amazonaws.com")},
		"LimitExceeded", "Cannot exceed quota for RolesPerAccount: 2")
}

// Line 10: a service-linked role is the service's, whoever may assume every role.
func TestAttack10ServiceLinkedRoleIsTheServices(t *testing.T) {
	f := fixture(t)
	createLinked(f, &iamapi.CreateServiceLinkedRoleRequest{AWSServiceName: new(batch)})
	other := create(f, &iamapi.CreateRoleRequest{RoleName: new("other")})
	otherRole, err := iam.FindRole(f.View(), *other.RoleName)
	if err != nil {
		t.Fatal(err)
	}
	for _, caller := range []*operation.Caller{
		f.Root(), f.RootOf(iamtest.OtherAccount), iam.UserCaller(iamtest.Account, f.AddUser("alice")), iam.RoleCaller(iamtest.Account, otherRole, "s"),
		{Principal: policy.Principal{Kind: policy.Service, Service: "ec2.amazonaws.com"}},
	} {
		if trusts(f, batchRole, caller) {
			t.Errorf("%+v is trusted", caller.Principal)
		}
	}
	if !trusts(f, batchRole, &operation.Caller{Principal: policy.Principal{Kind: policy.Service, Service: batch}}) {
		t.Error("the service is not trusted")
	}
}

// Rows iam-235 and iam-236. A role of the same name that is made later is another
// one, and for another account there was none.
func TestDeleteServiceLinkedRole(t *testing.T) {
	f := fixture(t)
	made := createLinked(f, &iamapi.CreateServiceLinkedRoleRequest{AWSServiceName: new(batch)})
	iamtest.Do[iamapi.TagRoleResponse](f, f.Root(), "TagRole", &iamapi.TagRoleRequest{RoleName: new(batchRole), Tags: []iamapi.Tag{{Key: new("a"), Value: new("b")}}})
	linked := check(f, "iam:DeleteServiceLinkedRole", batchPath, batchRole)
	linked.ResourceTags = []operation.Tag{{Key: "a", Value: "b"}}
	task := deleteLinked(f, batchRole)
	f.WantChecks(linked)
	if !regexp.MustCompile(`^task/aws-service-role/batch\.amazonaws\.com/AWSServiceRoleForBatch/[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`).MatchString(task) {
		t.Errorf("the task is %s", task)
	}
	const gone = "The role with name AWSServiceRoleForBatch cannot be found."
	f.Fails(f.Root(), "GetRole", &iamapi.GetRoleRequest{RoleName: new(batchRole)}, "NoSuchEntity", gone)
	f.Fails(f.Root(), "DeleteServiceLinkedRole", &iamapi.DeleteServiceLinkedRoleRequest{RoleName: new(batchRole)}, "NoSuchEntity", gone)
	if left := attachments(f, *made.RoleId); len(left) > 0 {
		t.Errorf("%v are still attached", left)
	}

	succeeded := &iamapi.GetServiceLinkedRoleDeletionStatusResponse{Status: new("SUCCEEDED")}
	status := func() *iamapi.GetServiceLinkedRoleDeletionStatusResponse {
		t.Helper()
		return iamtest.Do[iamapi.GetServiceLinkedRoleDeletionStatusResponse](f, f.Root(), "GetServiceLinkedRoleDeletionStatus", statusOf(task))
	}
	iamtest.WantEqual(t, "status", succeeded, status())
	asked := operation.Check{Action: "iam:GetServiceLinkedRoleDeletionStatus", Resource: f.ARN("role" + batchPath + batchRole)}
	f.WantChecks(asked)
	missing := "The deletion task with ID " + task + " cannot be found."
	f.Fails(f.RootOf(iamtest.OtherAccount), "GetServiceLinkedRoleDeletionStatus", statusOf(task), "NoSuchEntity", missing)

	createLinked(f, &iamapi.CreateServiceLinkedRoleRequest{AWSServiceName: new(batch)})
	iamtest.Do[iamapi.TagRoleResponse](f, f.Root(), "TagRole", &iamapi.TagRoleRequest{RoleName: new(batchRole), Tags: []iamapi.Tag{{Key: new("c"), Value: new("d")}}})
	iamtest.WantEqual(t, "status of the first", succeeded, status())
	asked.ResourceTags = []operation.Tag{{Key: "c", Value: "d"}}
	f.WantChecks(asked)
	if again := get(f, batchRole); *again.RoleId == *made.RoleId {
		t.Error("the new role has the id of the old one")
	}
	f.Advance(24 * time.Hour)
	f.Fails(f.Root(), "GetServiceLinkedRoleDeletionStatus", statusOf(task), "NoSuchEntity", missing)
	deleteLinked(f, batchRole)
	if n := iam.RoleDeletions.Len(f.View()); n != 1 {
		t.Errorf("%d tasks are kept", n)
	}
}

func TestDeleteServiceLinkedRoleRefusals(t *testing.T) {
	f := fixture(t)
	create(f, &iamapi.CreateRoleRequest{RoleName: new("AWSServiceRoleForX"), Path: new("/aws-service-roles/")})
	addProtected(f, "/aws-reserved/sso.amazonaws.com/", "AWSReservedSSO_Admin_0123456789abcdef")
	for _, name := range []string{"AWSServiceRoleForX", "AWSReservedSSO_Admin_0123456789abcdef"} {
		f.Fails(f.Root(), "DeleteServiceLinkedRole", &iamapi.DeleteServiceLinkedRoleRequest{RoleName: &name}, "NoSuchEntity", "The service-linked role with name "+name+" cannot be found.")
		get(f, name)
	}
	const uuid = "/ec720f7a-c0ba-4838-be33-f72e1873dd52"
	for _, id := range []string{
		"task", "task" + batchPath + batchRole, "task" + batchPath + uuid, "Task" + batchPath + batchRole + uuid, "task" + batchPath + batchRole + uuid + "\n",
		"task/aws-service-role/" + batchRole + uuid, "task/aws-service-role/a/b/" + batchRole + uuid, "task" + batchPath + "*" + uuid, "task" + batchPath + batchRole + strings.ToUpper(uuid),
		"task" + batchPath + strings.Repeat("x", 65) + uuid,
	} {
		f.Fails(f.Root(), "GetServiceLinkedRoleDeletionStatus", statusOf(id), "InvalidInput", "The deletion task ID is not valid.")
		f.WantChecks(operation.Check{Action: "iam:GetServiceLinkedRoleDeletionStatus", Resource: f.ARN("role/aws-service-role/")})
	}
}

// However many roles are deleted in a day, the latest thousand tasks are kept.
func TestServiceLinkedRoleDeletionsAreBounded(t *testing.T) {
	f := fixture(t)
	f.Change(func(tx *state.Tx) error {
		for i := range 1200 {
			iam.RoleDeletions.Put(tx, fmt.Sprintf("task/%04d", i), &iam.RoleDeletion{At: tx.Now().Add(-time.Duration(i) * time.Minute)})
		}
		return nil
	})
	createLinked(f, &iamapi.CreateServiceLinkedRoleRequest{AWSServiceName: new(batch)})
	task := deleteLinked(f, batchRole)
	view := f.View()
	if n := iam.RoleDeletions.Len(view); n != 1000 {
		t.Errorf("%d tasks are kept", n)
	}
	for id, want := range map[string]bool{task: true, "task/0000": true, "task/0998": true, "task/0999": false, "task/1199": false} {
		if iam.RoleDeletions.Has(view, id) != want {
			t.Errorf("%s is kept: %v", id, !want)
		}
	}
}

// FuzzDeletionTask: what a task's id says of a role is an ARN of a service-linked
// role, which the id can be written from again.
func FuzzDeletionTask(f *testing.F) {
	const uuid = "/ec720f7a-c0ba-4838-be33-f72e1873dd52"
	for _, seed := range []string{
		"task" + batchPath + batchRole + uuid, "task/aws-service-role/x/y" + uuid, "task/aws-service-role/../y" + uuid, "task/aws-service-role/x/*" + uuid, "task", "",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, id string) {
		path, name, ok := roles.TaskRole(id)
		if !ok {
			return
		}
		if id[:len(id)-len(uuid)] != "task"+path+name {
			t.Fatalf("%q is of %q %q", id, path, name)
		}
		role := iam.Role{Path: path, Name: name}
		if !iam.ServiceLinked(&role) || strings.ContainsAny(name, "/:*?") || strings.ContainsAny(path, ":*?") || strings.Count(path, "/") != 3 {
			t.Fatalf("%q is of %q %q", id, path, name)
		}
	})
}
