package authorize

import (
	"net/http"
	"strings"
	"testing"

	"sallyport/test/inprocess"
)

// TestAttack15ServiceLinkedRoles: who may make the role of one service makes no
// other's, and nobody, not even root, becomes or changes the role: its service has
// chosen whom it trusts and what it may do.
func TestAttack15ServiceLinkedRoles(t *testing.T) {
	s := inprocess.New(t)
	linker := member(s, "linker", allow("iam:CreateServiceLinkedRole", iamARN+"role/aws-service-role/*", `"StringEquals":{"iam:AWSServiceName":"`+batchService+`"}`),
		allow("iam:DeleteServiceLinkedRole", iamARN+"role/*"))
	for _, service := range []string{"ecs.amazonaws.com", "BATCH.amazonaws.com", "nope.amazonaws.com"} {
		onRecord(t, s, linker.Denied(makeBatch.call, p{"AWSServiceName": service}, makeBatch.call), "CreateServiceLinkedRole", "linker")
	}
	denied := linker.Denied(makeBatch.call, p{"AWSServiceName": "ecs.amazonaws.com"}, makeBatch.call)
	if want := "on resource: " + iamARN + "role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS because"; !strings.Contains(denied.Message, want) {
		t.Errorf("the denial is %q, without %q", denied.Message, want)
	}
	linker.Do(makeBatch.call, makeBatch.in)

	s.Root.Do(makeWeb.call, makeWeb.in)
	in := p{"RoleName": batchName}
	before := s.Dump()
	for _, caller := range []*inprocess.Client{s.Root, s.Admin} {
		for call, more := range map[string][]string{
			"iam:DeleteRole":                    nil,
			"iam:UpdateRole":                    {"MaxSessionDuration", "43200"},
			"iam:UpdateAssumeRolePolicy":        {"PolicyDocument", trust},
			"iam:PutRolePolicy":                 {"PolicyName", "own", "PolicyDocument", document},
			"iam:DeleteRolePolicy":              {"PolicyName", "own"},
			"iam:AttachRolePolicy":              {"PolicyArn", administrator},
			"iam:DetachRolePolicy":              {"PolicyArn", "arn:aws:iam::aws:policy/aws-service-role/BatchServiceRolePolicy"},
			"iam:PutRolePermissionsBoundary":    {"PermissionsBoundary", readOnly},
			"iam:DeleteRolePermissionsBoundary": nil,
			"iam:AddRoleToInstanceProfile":      {"InstanceProfileName", "web"},
		} {
			reply := caller.Refused(call, with(in, more...), http.StatusBadRequest, "UnmodifiableEntity")
			reply.WantMessage("Cannot perform the operation on the protected role 'AWSServiceRoleForBatch' - this role is only modifiable by AWS")
		}
		caller.Refused("sts:AssumeRole", p{"RoleArn": batchRole, "RoleSessionName": "s1"}, http.StatusForbidden, "AccessDenied")
	}
	for _, path := range []string{"/aws-service-role/", "/aws-service-role/" + batchService + "/", "/aws-reserved/x/"} {
		s.Root.Refused("iam:CreateRole", p{"RoleName": "AWSServiceRoleForX", "Path": path, "AssumeRolePolicyDocument": trust}, http.StatusBadRequest, "InvalidInput")
	}
	// Who may delete service-linked roles deletes no others so.
	if s.Dump() != before {
		t.Error("a refused change changed the state")
	}
	s.Root.Do(makeDeploy.call, makeDeploy.in)
	linker.Refused(deleteBatch.call, p{"RoleName": "deploy"}, http.StatusNotFound, "NoSuchEntity")
	linker.Denied("iam:DeleteRole", p{"RoleName": "deploy"}, "iam:DeleteRole")
	linker.Do(deleteBatch.call, deleteBatch.in)
	s.Root.Do("iam:GetRole", p{"RoleName": "deploy"})
}
